/* comprehension.c: `[expr for i < N, g in values]`. The body is written for one element and traced
   once, with a loop of the graph for each clause; the graph then computes all elements in one pass.
   Where the body needs numbers that are traced (verbs, sizes, recursion), that attempt is dropped
   with all its messages and the elements are computed one by one. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "lang/form.h"
#include "run/run.h"

enum {
  REHEARSED_WORK = 1 << 16, /* in rehearsal, a graph with more work than this is not run */
  REHEARSED_EACH = 16,      /* in rehearsal, more elements than this are represented by one */
  NANS_CHECKED = 64,        /* elements looked at to find out whether an index was out of range */
};

/* ---- the attempt: one pass ---- */

typedef struct Attempt {
  const Ast *x;
  Graph *g;
  int loop[GRAPH_MAX_LOOPS];
  int nloops;
} Attempt;

static Value *unstacked(Ev *ev, Graph *g, Value *v, int loop, Where at) {
  if (v->kind == V_UNKNOWN || v->kind == V_ERROR) return v;
  if (v->kind == V_RECORD) {
    Value *r = value_record(ev, v->type, v->nfields);
    for (int k = 0; k < v->nfields; k++)
      value_set(r, k, v->fields[k].name, unstacked(ev, g, v->fields[k].value, loop, at));
    return r;
  }
  if (v->kind == V_LIST) return ev_needs_value(ev, at, "the elements of a list");
  v = ev_dense(ev, v, at);
  if (v->kind != V_ARRAY) return v;
  if (v->graph && v->graph != g)
    return ev_needs_value(ev, at, "a value from outside of the function");
  Value *e = value_node(ev, g, graph_unstack(g, ev_node(ev, g, v), loop), v->dim);
  e->logical = v->logical;
  e->at = at;
  return e;
}

/* The number of elements of a clause: -1 if unknown; false if reported. */
static bool clause_extent(Ev *ev, const Ast *clause, Value *v, int64_t *n) {
  Where at = ast_where(clause->kids[0]);
  if (v->kind == V_ERROR) return false;
  if (clause->op == AOP_IN) {
    *n = rows_of(ev, v, at);
    return *n != -2;
  }
  bool known;
  if (!ev_to_whole(ev, v, n, &known, at, "the number of elements")) return false;
  if (!known) *n = EXTENT_UNKNOWN;
  if (!known || *n >= 0) return true;
  ev_error(ev, E0220, at, "the number of elements must not be negative: %lld", (long long)*n);
  return false;
}

static bool open_loop(Ev *ev, Scope *sc, Attempt *t, const Ast *clause) {
  int64_t n;
  Value *v = ev_expr(ev, sc, clause->kids[0]);
  if (!clause_extent(ev, clause, v, &n)) return false;
  Where at = ast_where(clause->kids[0]);
  int loop = graph_add_loop(t->g, clause->name, n);
  if (loop < 0) {
    ev_needs_value(ev, at, "an index");
    return false;
  }
  t->loop[t->nloops++] = loop;
  t->g->at = at;
  Value *element = clause->op == AOP_IN ? unstacked(ev, t->g, v, loop, at)
                                        : value_node(ev, t->g, graph_iota(t->g, loop), DIM_ONE);
  scope_set(sc, clause->name, element);
  return element->kind != V_ERROR;
}

static Value *stack_loops(Ev *ev, const Attempt *t, Value *v) {
  Where at = ast_where(t->x->kids[0]);
  if (v->kind == V_UNKNOWN || v->kind == V_ERROR) return v;
  if (v->kind == V_RECORD) {
    Value *r = value_record(ev, v->type, v->nfields);
    for (int k = 0; k < v->nfields; k++)
      value_set(r, k, v->fields[k].name, stack_loops(ev, t, v->fields[k].value));
    return r;
  }
  v = ev_dense(ev, v, at);
  if (v->kind != V_ARRAY || (v->graph && v->graph != t->g))
    return v->kind == V_ERROR ? v : ev_needs_value(ev, at, "an element");
  if (value_shape(v).rank + t->nloops > SHAPE_MAX_RANK)
    return ev_error(ev, E0408, at, "an array has at most %d axes", SHAPE_MAX_RANK);
  t->g->at = at;
  NodeId n = ev_node(ev, t->g, v);
  for (int k = t->nloops - 1; k >= 0; k--) n = graph_stack(t->g, n, t->loop[k]);
  Value *r = value_node(ev, t->g, n, v->dim);
  r->logical = v->logical;
  r->at = ast_where(t->x);
  return shape_affordable(ev, value_shape(r), r->at) ? r : &VALUE_ERROR;
}

/* ---- running it ---- */

/* What the outputs need of the graph. */
typedef struct Need {
  bool inputs;   /* they depend on a state, time, weight or a surrounding loop */
  bool abstract; /* ... on an array without numbers */
  bool gathers;  /* ... on an index that may be out of range */
  double work;   /* about how many numbers are computed */
} Need;

static double node_work(const Graph *g, const Node *n) {
  double work = 1;
  for (int k = 0; k < n->shape.rank; k++) work *= fabs((double)n->shape.n[k]);
  for (int k = 0; k < g->nloops; k++)
    if (n->loops >> k & 1) work *= fabs((double)g->loops[k].extent);
  return work;
}

static void need_node(const Graph *g, NodeId id, Need *need) {
  const Node *n = graph_node(g, id);
  const Tensor *t = n->op == OP_const ? n->attr->p : NULL;
  need->inputs = need->inputs || n->op == OP_input || n->op == OP_random;
  need->abstract = need->abstract || (t && !t->data) || !shape_known(n->shape);
  need->gathers = need->gathers || n->op == OP_gather;
  for (int k = 0; k < g->nloops; k++)
    if (n->loops >> k & 1 && g->loops[k].extent < 0) need->abstract = true;
  if (!t) need->work += node_work(g, n);
}

static Need needs_of(Ev *ev, const Graph *g, const NodeId *outs, int n) {
  Need need = {0};
  bool *seen = ARENA_ARRAY(ev->arena, bool, g->nodes.n);
  NodeId top = 0;
  for (int i = 0; i < n; i++) {
    seen[outs[i]] = true;
    if (outs[i] > top) top = outs[i];
    need.inputs = need.inputs || graph_node(g, outs[i])->loops;
  }
  for (NodeId id = top + 1; id-- > 0;) {
    if (!seen[id]) continue;
    const Node *node = graph_node(g, id);
    need_node(g, id, &need);
    for (int k = 0; k < node->nin; k++) seen[node->in[k]] = true;
  }
  return need;
}

/* The arrays of a value, in order. */
typedef struct Leaves {
  VEC(Value *) of;
} Leaves;

static void find_leaves(Ev *ev, Value *v, Leaves *out) {
  if (v->kind == V_ARRAY) *vec_push(ev->arena, &out->of) = v;
  for (int k = 0; v->kind == V_RECORD && k < v->nfields; k++)
    find_leaves(ev, v->fields[k].value, out);
}

/* Each array leaf becomes concrete, in place: these values were made by stack_loops for us alone.
 */
static void settle(Leaves *l, Tensor **t) {
  for (size_t i = 0; i < l->of.n; i++) {
    l->of.at[i]->tensor = t[i];
    l->of.at[i]->graph = NULL;
    l->of.at[i]->node = NODE_NONE;
  }
}

static bool all_empty(const Leaves *l) {
  for (size_t i = 0; i < l->of.n; i++)
    if (shape_count(value_shape(l->of.at[i])) != 0) return false;
  return true;
}

/* Fills t; *need says what for. */
static Status run_leaves(Ev *ev, Graph *g, const Leaves *l, const Need *need, const NodeId *outs,
                         Tensor **t) {
  int n = (int)l->of.n;
  bool large = need->work > REHEARSED_WORK;
  bool empty = all_empty(l);
  if (!empty && (need->abstract || (ev->rehearse && large))) {
    for (int i = 0; i < n; i++) t[i] = tensor_abstract(ev->arena, value_shape(l->of.at[i]));
    return STATUS_FINE;
  }
  if (empty) {
    for (int i = 0; i < n; i++) t[i] = tensor_new(ev->arena, value_shape(l->of.at[i]));
    return STATUS_FINE;
  }
  GraphFn f = {.g = g, .out = (NodeId *)outs, .nout = n};
  return run_graph(ev->arena, &f, NULL, t);
}

static Value *eval_at(Ev *ev, Scope *sc, const Ast *x, const int64_t *index);

/* An index out of range gives NaN in a graph: where one comes out, the element is computed again by
   itself, which reports it. */
static bool sound(Ev *ev, Scope *sc, const Attempt *t, const Tensor *r) {
  int64_t count = shape_count(r->shape), per = 1;
  for (int k = t->nloops; k < r->shape.rank; k++) per *= r->shape.n[k];
  int checked = 0;
  for (int64_t i = 0; i < count && checked < NANS_CHECKED; i++) {
    if (!isnan(r->data[i])) continue;
    int64_t index[GRAPH_MAX_LOOPS], rest = i / per;
    for (int k = t->nloops - 1; k >= 0; rest /= r->shape.n[k], k--) index[k] = rest % r->shape.n[k];
    if (eval_at(ev, sc, t->x, index)->kind == V_ERROR) return false;
    checked++;
    i = (i / per + 1) * per - 1;
  }
  return true;
}

/* Computes what does not depend on anything traced around this comprehension. */
static Value *run_attempt(Ev *ev, Scope *sc, const Attempt *t, Value *v) {
  Leaves l = {0};
  find_leaves(ev, v, &l);
  int n = (int)l.of.n;
  if (n == 0) return v;
  NodeId *outs = ARENA_ARRAY(ev->arena, NodeId, n);
  for (int i = 0; i < n; i++) outs[i] = l.of.at[i]->node;
  Need need = needs_of(ev, t->g, outs, n);
  if (need.inputs) return v;
  Tensor **out = ARENA_ARRAY(ev->arena, Tensor *, n);
  Status s = run_leaves(ev, t->g, &l, &need, outs, out);
  if (s.code != STATUS_OK)
    return ev_fail(ev, ast_where(t->x), s, "%s", s.what ? s.what : "an element cannot be computed");
  settle(&l, out);
  for (int i = 0; i < n && need.gathers && !ev->undecided; i++)
    if (out[i]->data && !sound(ev, sc, t, out[i])) return &VALUE_ERROR;
  return v;
}

static Value *trace_body(Ev *ev, Scope *sc, Attempt *t) {
  Scope *inner = scope_new(ev, sc);
  for (uint32_t k = 1; k < t->x->nkids; k++)
    if (!open_loop(ev, inner, t, t->x->kids[k])) return &VALUE_ERROR;
  return stack_loops(ev, t, ev_expr(ev, inner, t->x->kids[0]));
}

/* NULL: it needs numbers that are traced. */
static Value *attempt(Ev *ev, Scope *sc, const Ast *x) {
  DiagMark mark = diag_mark(ev->diag);
  bool failed = ev->failed;
  Graph *outer = ev->trace;
  Arena *scratch = outer ? NULL : arena_new();
  if (!outer) ev->trace = graph_new(scratch);
  Attempt t = {.x = x, .g = ev->trace};
  ev->attempts++;
  Value *v = trace_body(ev, sc, &t);
  ev->attempts--;
  ev->trace = outer;
  if (ev->abort_trace) {
    ev->abort_trace = NULL;
    diag_rewind(ev->diag, mark);
    ev->failed = failed;
    v = NULL;
  } else {
    v = run_attempt(ev, sc, &t, v);
  }
  arena_free(scratch);
  return v;
}

/* ---- one by one ---- */

static Value *clause_element(Ev *ev, const Ast *clause, Value *v, int64_t i) {
  if (clause->op == AOP_IN) return ev_element(ev, v, i, ast_where(clause->kids[0]));
  return value_num(ev, (double)i);
}

/* The body at one place, everything known. */
static Value *eval_at(Ev *ev, Scope *sc, const Ast *x, const int64_t *index) {
  Scope *inner = scope_new(ev, sc);
  for (uint32_t k = 1; k < x->nkids; k++) {
    const Ast *clause = x->kids[k];
    Value *v = clause->op == AOP_IN ? ev_expr(ev, inner, clause->kids[0]) : NULL;
    if (v && v->kind == V_ERROR) return v;
    scope_set(inner, clause->name, clause_element(ev, clause, v, index[k - 1]));
  }
  return ev_expr(ev, inner, x->kids[0]);
}

static Value *each(Ev *ev, Scope *sc, const Ast *x, uint32_t k) {
  if (k == x->nkids) return ev_expr(ev, sc, x->kids[0]);
  const Ast *clause = x->kids[k];
  int64_t n;
  Value *values = ev_expr(ev, sc, clause->kids[0]);
  if (!clause_extent(ev, clause, values, &n)) return &VALUE_ERROR;
  Scope *inner = scope_new(ev, sc);
  if (n < 0 || (ev->rehearse && n > REHEARSED_EACH)) {
    Value *any = clause->op == AOP_IN ? any_row(ev, values, ast_where(clause))
                                      : value_abstract(ev, SHAPE_SCALAR, DIM_ONE);
    Arena *outer = scratch_begin(ev); /* as the elements have one when it is run */
    scope_set(inner, clause->name, any);
    Value *row = scratch_end(ev, outer, each(ev, inner, x, k + 1));
    return repeat_rows(ev, row, n, ast_where(x));
  }
  if (!shape_affordable(ev, shape_vec(n), ast_where(x))) return &VALUE_ERROR;
  Value **v = ARENA_ARRAY(ev->arena, Value *, n + 1);
  for (int64_t i = 0; i < n; i++) {
    Arena *outer = scratch_begin(ev);
    inner = scope_new(ev, sc);
    scope_set(inner, clause->name, clause_element(ev, clause, values, i));
    v[i] = scratch_end(ev, outer, each(ev, inner, x, k + 1));
    if (v[i]->kind == V_ERROR || ev_stopped(ev)) return &VALUE_ERROR;
  }
  return stack_values(ev, v, (int)n, ast_where(x));
}

/* ---- which way ---- */

/* Does the text call a verb or an analysis? Then it need not be traced first. */
static bool calls_verb(const Scope *sc, const Ast *x) {
  const unsigned effects = BUILTIN_VERB | BUILTIN_FIGURE | BUILTIN_EFFECT;
  if (!x) return false;
  if (x->kind == AST_SWEEP) return true;
  if (x->kind == AST_CALL && x->kids[0]->kind == AST_NAME) {
    const Value *fn = scope_find(sc, x->kids[0]->name);
    if (fn && fn->builtin && fn->builtin->flags & effects) return true;
    if (fn && fn->fn && fn->fn->kind == AST_ANALYSIS) return true;
  }
  for (uint32_t k = 0; k < x->nkids; k++)
    if (calls_verb(sc, x->kids[k])) return true;
  return false;
}

Value *ev_comprehension(Ev *ev, Scope *sc, const Ast *x) {
  Value *v = calls_verb(sc, x->kids[0]) ? NULL : attempt(ev, sc, x);
  return v ? v : each(ev, sc, x, 1);
}
