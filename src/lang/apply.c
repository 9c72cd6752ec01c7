/* apply.c: where an op meets its arguments. Dimensions and shapes are checked first; then the op is
   computed, or becomes a node of the graph under construction, or (in rehearsal) yields an array
   without numbers. Every operation of the language comes through here. */
#include "lang/core.h"
#include "lang/network.h"
#include "run/run.h"

bool value_is_scalar(const Value *v) {
  return v->kind == V_ARRAY && value_shape(v).rank == 0;
}

Value *value_with_dim(Ev *ev, const Value *v, Dim d) {
  Value *w = ARENA_NEW(ev->arena, Value);
  *w = *v;
  w->dim = d;
  return w;
}

Value *value_with_tensor(Ev *ev, const Value *v, const Tensor *t) {
  Value *w = value_with_dim(ev, v, v->dim);
  w->tensor = t;
  return w;
}

Value *value_abstract_like(Ev *ev, const Value *v, Shape s) {
  return value_with_tensor(ev, v, tensor_abstract(ev->arena, s));
}

Value *value_as_logical(Ev *ev, Value *v) {
  if (v->kind != V_ARRAY || v->logical) return v;
  Value *w = value_with_dim(ev, v, v->dim);
  w->logical = true;
  return w;
}

bool shape_affordable(Ev *ev, Shape s, Where at) {
  double count = 1;
  for (int i = 0; i < s.rank; i++) count *= s.n[i] == EXTENT_UNKNOWN ? 1 : (double)s.n[i];
  if (mem_fits(count, sizeof(double))) return true;
  ev_error(ev, E0405, at, "an array %s would take %s of memory", shape_text(ev->arena, s),
           mem_text(ev->arena, count * sizeof(double)));
  return false;
}

NodeId ev_node(Ev *ev, Graph *g, Value *v) {
  (void)ev;
  return v->graph ? v->node : graph_const(g, v->tensor);
}

/* ---- messages ---- */

/* The i-th operand in the text of the operation being applied, or NULL. */
static const Ast *operand(const Ev *ev, Where at, int i, int n) {
  const Ast *s = ev->site;
  if (!s || s->src != at.src || s->span.start != at.span.start || s->span.end != at.span.end)
    return NULL;
  if (s->kind == AST_CALL) i++, n++;
  if (s->kind == AST_BINARY && (s->op == AOP_GT || s->op == AOP_GE)) i = 1 - i;
  if ((int)s->nkids != n) return NULL;
  const Ast *kid = s->kids[i];
  return kid->kind == AST_ARG ? kid->kids[0] : kid;
}

static bool is_plain(const Value *v) {
  return v->kind == V_ARRAY && !v->dim.any && dim_is_one(v->dim);
}

/* `units`: it is about dimensions, so that a number without a unit is worth mentioning, and the
   condition of a choice is not. */
static void note_operands(Ev *ev, Diag *d, OpId op, Value *const *args, int n, Where at,
                          bool units) {
  for (int i = op == OP_select && units; i < n && n > 1; i++) {
    const Ast *x = operand(ev, at, i, n);
    Where place = x ? ast_where(x) : args[i]->at;
    if (!place.src) continue;
    diag_note(ev->diag, d, place, "this is %s%s", value_kind_name(ev, args[i]),
              units && is_plain(args[i]) ? " without a unit" : "");
  }
}

static Value *no_array(Ev *ev, OpId op, Value *const *args, int i, int n, Where at) {
  const char *what = value_kind_name(ev, args[i]);
  Diag *d = ev_report(ev, E0210, at, "`%s` takes numbers, not %s", op_table[op].name, what);
  if (args[i]->kind == V_FUNCTION)
    diag_note(ev->diag, d, at, "a function is used by calling it: `f(x)`");
  note_operands(ev, d, op, args, n, at, false);
  return &VALUE_ERROR;
}

/* ---- the three ways ---- */

enum { FEW = 3 }; /* arguments for which the stack has room */

typedef struct Applied {
  OpId op;
  const OpAttr *attr;
  Value **args;
  int n;
  Where at;
  Dim dim;
  Shape shape;
} Applied;

static Graph *graph_of(Value *const *args, int n, bool *mixed) {
  Graph *g = NULL;
  for (int i = 0; i < n; i++) {
    if (!args[i]->graph) continue;
    if (g && g != args[i]->graph) *mixed = true;
    g = args[i]->graph;
  }
  return g;
}

static Value *trace(Ev *ev, const Applied *p, Graph *g) {
  if (op_table[p->op].flags & OP_EAGER)
    return ev_needs_value(ev, p->at,
                          arena_printf(ev->arena, "the argument of `%s`", op_table[p->op].name));
  NodeId *in = ARENA_ARRAY(ev->arena, NodeId, p->n ? p->n : 1);
  for (int i = 0; i < p->n; i++) in[i] = ev_node(ev, g, p->args[i]);
  g->at = p->at;
  return value_node(ev, g, graph_add(g, p->op, in, p->n, p->attr), p->dim);
}

static Value *compute(Ev *ev, const Applied *p) {
  const Tensor *few[FEW];
  const Tensor **in = p->n > FEW ? ARENA_ARRAY(ev->arena, const Tensor *, p->n) : few;
  for (int i = 0; i < p->n; i++) in[i] = p->args[i]->tensor;
  Tensor *out = NULL;
  Status s = run_op(ev->arena, p->op, p->attr, in, p->n, &out);
  if (s.code == STATUS_OK) return value_tensor(ev, out, p->dim);
  if (ev->rehearse || ev->undecided) return value_abstract(ev, p->shape, p->dim);
  return ev_fail(ev, p->at, s, "`%s` failed: %s", op_table[p->op].name,
                 s.what ? s.what : "the matrix is singular");
}

static bool is_abstract(Value *const *args, int n) {
  for (int i = 0; i < n; i++)
    if (!args[i]->graph && !args[i]->tensor->data) return true;
  return false;
}

static Value *perform(Ev *ev, const Applied *p) {
  bool mixed = false;
  Graph *g = graph_of(p->args, p->n, &mixed);
  if (mixed) return ev_needs_value(ev, p->at, "a value from outside of the function");
  if (g) return trace(ev, p, g);
  int64_t count = shape_count(p->shape);
  bool large = ev->rehearse && (count < 0 || count > REHEARSED_MAX);
  bool eager = op_table[p->op].flags & OP_EAGER;
  if (is_abstract(p->args, p->n) || (large && !eager)) return value_abstract(ev, p->shape, p->dim);
  return compute(ev, p);
}

/* Sparse matrices are filled; what is no array is reported. NULL: go on with `args`. */
static Value *refuse_others(Ev *ev, OpId op, Value **args, int n, Where at) {
  Value *found = NULL;
  for (int i = 0; i < n; i++) {
    if (args[i]->kind == V_ERROR) return &VALUE_ERROR;
    if (args[i]->kind == V_UNKNOWN) found = &VALUE_UNKNOWN;
  }
  if (found) return found;
  for (int i = 0; i < n; i++) {
    args[i] = ev_dense(ev, args[i], at);
    if (args[i]->kind == V_ERROR) return &VALUE_ERROR;
    if (args[i]->kind != V_ARRAY) return no_array(ev, op, args, i, n, at);
  }
  return NULL;
}

/* How operands that do not fit are made to. */
static const char *mend(const Applied *p, DiagCode code) {
  if (code == E0302) return "divide by a scale of the same unit, as in `exp(V / 10 mV)`";
  if (code == E0401 && p->op == OP_matmul)
    return "`@` needs as many columns on its left as rows on its right";
  if (code == E0401 && op_table[p->op].flags & OP_ELEMENTWISE)
    return "axes align from the last one; each is as long as the other's, or 1";
  for (int i = 0; i < p->n && code == E0301; i++)
    if (is_plain(p->args[i])) return "a unit stands behind its number, as in `65 mV`";
  return NULL;
}

static Value *unfit(Ev *ev, DiagCode code, const Applied *p, const char *why) {
  Diag *d = ev_report(ev, code, p->at, "%s", why);
  const char *help = mend(p, code);
  if (help) diag_note(ev->diag, d, p->at, "%s", help);
  note_operands(ev, d, p->op, p->args, p->n, p->at, code == E0301);
  return &VALUE_ERROR;
}

/* Checks dimensions and shapes; fills in those of the result. NULL: go on. */
static Value *check(Ev *ev, Applied *p, const Dim *dims, const Shape *shapes) {
  const char *why = NULL;
  TimeKind none = TIME_PLAIN;
  TimeKind *time = ev->time ? ev->time : &none;
  TimeKind before = *time;
  DimRule rule = op_table[p->op].dims;
  if (!op_dim(p->op, p->attr, dims, p->n, time, &p->dim, ev->arena, &why))
    return unfit(ev, rule == DIM_RULE_PLAIN ? E0302 : E0301, p, why);
  if (before == TIME_UNKNOWN && *time != TIME_UNKNOWN) network_time_known(ev, p->at);
  if (!op_shape(p->op, p->attr, shapes, p->n, &p->shape, ev->arena, &why))
    return unfit(ev, E0401, p, why);
  return shape_affordable(ev, p->shape, p->at) ? NULL : &VALUE_ERROR;
}

Value *ev_op(Ev *ev, OpId op, const OpAttr *attr, Value *const *given, int n, Where at) {
  Value *few_args[FEW], **args = few_args;
  Dim few_dims[FEW], *dims = few_dims;
  Shape few_shapes[FEW], *shapes = few_shapes;
  if (n > FEW) {
    args = ARENA_ARRAY(ev->arena, Value *, n);
    dims = ARENA_ARRAY(ev->arena, Dim, n);
    shapes = ARENA_ARRAY(ev->arena, Shape, n);
  }
  for (int i = 0; i < n; i++) args[i] = given[i];
  Value *other = refuse_others(ev, op, args, n, at);
  if (other) return other;
  for (int i = 0; i < n; i++) {
    dims[i] = args[i]->dim;
    shapes[i] = value_shape(args[i]);
  }
  Applied p = {.op = op, .attr = attr, .args = args, .n = n, .at = at};
  other = check(ev, &p, dims, shapes);
  if (other) return other;
  Value *v = perform(ev, &p);
  if (v->kind != V_ARRAY) return v;
  v->at = at;
  v->logical = (op_table[op].flags & OP_LOGICAL) != 0;
  return v;
}

Value *ev_op1(Ev *ev, OpId op, Value *a, Where at) {
  return ev_op(ev, op, NULL, &a, 1, at);
}

Value *ev_op2(Ev *ev, OpId op, Value *a, Value *b, Where at) {
  return ev_op(ev, op, NULL, (Value *[]){a, b}, 2, at);
}

/* ---- a body of its own ----------------------------------------------------------------------- */

void ev_trace_begin(Ev *ev, Graph *g, TimeKind *time) {
  ev->trace = g;
  ev->point = NULL;
  ev->time = time;
  ev->tracer = NULL;
  ev->lazy = NULL;
  ev->attempts = ev->undecided = ev->elementwise = 0;
  ev->abort_trace = NULL;
}

void ev_trace_end(Ev *ev, const Ev *saved) {
  ev->trace = saved->trace;
  ev->point = saved->point;
  ev->time = saved->time;
  ev->tracer = saved->tracer;
  ev->lazy = saved->lazy;
  ev->attempts = saved->attempts;
  ev->undecided = saved->undecided;
  ev->elementwise = saved->elementwise;
  ev->abort_trace = saved->abort_trace;
}
