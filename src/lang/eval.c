/* eval.c: expressions over values, one function for each kind of tree. Calls, indices,
   comprehensions and sweeps have files of their own. */
#include <assert.h>
#include <string.h>

#include "lang/core.h"
#include "lang/lazy.h"
#include "lang/network.h"
#include "lang/task.h"

/* ---- literals and names ---- */

static Value *eval_number(Ev *ev, const Ast *x) {
  Dim dim = x->num == 0 ? DIM_ANY : DIM_ONE;
  const char *bad = NULL;
  double factor;
  if (x->unit) {
    bool sound = unit_parse(x->unit, strlen(x->unit), &dim, &factor, ev->arena, &bad);
    assert(sound && "the scanner has read it");
    (void)sound;
  }
  Value *v = value_quantity(ev, x->num, dim);
  v->at = ast_where(x);
  return v;
}

static Value *eval_string(Ev *ev, const Ast *x) {
  Value *v = value_string(ev, x->text);
  v->len = x->len;
  v->at = ast_where(x);
  return v;
}

static Value *eval_name(Ev *ev, Scope *sc, const Ast *x) {
  return value_force(ev, scope_lookup(ev, sc, x), ast_where(x));
}

static Value *eval_array(Ev *ev, Scope *sc, const Ast *x) {
  int n = (int)x->nkids;
  Value **v = ARENA_ARRAY(ev->arena, Value *, n ? n : 1);
  for (int i = 0; i < n; i++) v[i] = ev_expr(ev, sc, x->kids[i]);
  if (n == 0) return value_tensor(ev, tensor_new(ev->arena, shape_vec(0)), DIM_ANY);
  return stack_values(ev, v, n, ast_where(x));
}

static Value *eval_record(Ev *ev, Scope *sc, const Ast *x) {
  Value *r = value_record(ev, NULL, (int)x->nkids);
  r->at = ast_where(x);
  for (uint32_t i = 0; i < x->nkids; i++) {
    const Ast *arg = x->kids[i];
    for (uint32_t j = 0; j < i; j++)
      if (strcmp(arg->name, x->kids[j]->name) == 0)
        return ev_error(ev, E0203, ast_name_where(arg), "the field `%s` is given twice", arg->name);
    value_set(r, (int)i, arg->name, ev_expr(ev, sc, arg->kids[0]));
  }
  return r;
}

/* ---- operators ---- */

/* `and` and `or` leave their right side alone where a known left side decides. */
static bool decided(Ev *ev, const Ast *x, Value *left) {
  if (x->op != AOP_AND && x->op != AOP_OR) return false;
  if (!value_is_known(left) || !value_is_scalar(left)) return false;
  bool truth;
  if (!ev_to_bool(ev, left, &truth, NULL, ast_where(x->kids[0]), "the left side")) return false;
  return truth == (x->op == AOP_OR);
}

/* An operation on values that are there already; a == b +- tol is |a - b| <= tol. */
Value *ev_operation(Ev *ev, const Ast *x, Value *a, Value *b, Value *tol) {
  Where at = ast_where(x);
  const Ast *site = ev->site;
  ev->site = x;
  Value *v;
  if (tol) {
    Value *distance = ev_binary(ev, AOP_SUB, a, b, at);
    if (value_is_array(distance)) distance = ev_op1(ev, OP_abs, distance, at);
    v = ev_binary(ev, AOP_LE, distance, tol, at);
    if (x->op == AOP_NE) v = ev_unary(ev, AOP_NOT, v, at);
  } else {
    v = ev_binary(ev, (AstOp)x->op, a, b, at);
  }
  ev->site = site;
  return v;
}

static Value *eval_binary(Ev *ev, Scope *sc, const Ast *x) {
  Value *a = ev_expr(ev, sc, x->kids[0]);
  if (decided(ev, x, a)) return value_bool(ev, x->op == AOP_OR);
  Value *b = ev_expr(ev, sc, x->kids[1]);
  Value *v = ev_operation(ev, x, a, b, NULL);
  value_used(ev, x->kids[0], a, v);
  value_used(ev, x->kids[1], b, v);
  return v;
}

static Value *eval_unary(Ev *ev, Scope *sc, const Ast *x) {
  Value *a = ev_expr(ev, sc, x->kids[0]);
  Value *v = ev_unary(ev, (AstOp)x->op, a, ast_where(x));
  value_used(ev, x->kids[0], a, v);
  return v;
}

static Value *eval_approx(Ev *ev, Scope *sc, const Ast *x) {
  Value *a = ev_expr(ev, sc, x->kids[0]);
  Value *b = ev_expr(ev, sc, x->kids[1]);
  return ev_operation(ev, x, a, b, ev_expr(ev, sc, x->kids[2]));
}

/* ---- if ---- */

/* A branch whose condition may be false: what goes wrong with its numbers counts for nothing. */
static Value *eval_branch(Ev *ev, Scope *sc, const Ast *x, bool elementwise) {
  ev->undecided++;
  ev->elementwise += elementwise;
  Value *v = ev_expr(ev, sc, x);
  ev->elementwise -= elementwise;
  ev->undecided--;
  return v;
}

static Value *eval_if(Ev *ev, Scope *sc, const Ast *x) {
  Value *c = ev_expr(ev, sc, x->kids[0]);
  Where at = ast_where(x->kids[0]);
  if (c->kind == V_ERROR) return c;
  double known = 0;
  bool single = c->kind != V_ARRAY || value_shape(c).rank == 0;
  bool traced = c->kind == V_ARRAY && c->graph && !graph_is_num(c->graph, c->node, &known);
  bool is_known = true, truth = true;
  if (single && !traced && !ev_to_bool(ev, c, &truth, &is_known, at, "the condition of `if`"))
    return &VALUE_ERROR;
  if (single && !traced && is_known) return ev_expr(ev, sc, x->kids[truth ? 1 : 2]);
  bool elementwise = !single || traced;
  Value *a = eval_branch(ev, sc, x->kids[1], elementwise);
  Value *b = eval_branch(ev, sc, x->kids[2], elementwise);
  if (!elementwise) return ev_join(ev, a, b, ast_where(x));
  return ev_select(ev, c, a, b, ast_where(x));
}

/* ---- fields ---- */

static Value *no_field(Ev *ev, const Value *v, const Ast *x) {
  VEC(const char *) names = {0};
  if (v->kind == V_MODULE)
    for (size_t i = 0; i < v->scope->names.n; i++)
      *vec_push(ev->arena, &names) = v->scope->names.items[i].key;
  for (int i = 0; i < v->nfields; i++)
    if (v->fields[i].name) *vec_push(ev->arena, &names) = v->fields[i].name; /* not of a list */
  Where at = ast_name_where(x);
  Diag *d = ev_report(ev, v->kind == V_MODULE ? E0219 : E0211, at, "%s has no field `%s`",
                      value_kind_name(ev, v), x->name);
  const char *near = nearest_name(x->name, names.at, names.n);
  if (v->kind == V_FUNCTION && v->builtin && strcmp(v->builtin->name, "std") == 0) {
    diag_note(ev->diag, d, at, "a module is imported first: `import std.%s`, then `%s...`", x->name,
              x->name);
  } else if (v->kind == V_ARRAY && builtin_find(x->name)) {
    diag_note(ev->diag, d, at, "it is a function: `%s(...)`", x->name);
  } else if (v->kind == V_ARRAY && foreign_hint(x->name)) {
    diag_note(ev->diag, d, at, "%s", foreign_hint(x->name));
  } else if (near) {
    diag_note(ev->diag, d, at, "did you mean `%s`?", near);
  } else if (names.n && v->kind == V_RECORD) {
    const char *all = names.at[0];
    for (size_t i = 1; i < names.n && i < 12; i++)
      all = arena_printf(ev->arena, "%s, %s", all, names.at[i]);
    diag_note(ev->diag, d, at, "it has %s", all);
  }
  return &VALUE_ERROR;
}

static Value *record_field(Ev *ev, const Value *v, const Ast *x) {
  const Value *f = value_field(v, x->name);
  if (!f) return no_field(ev, v, x);
  return value_force(ev, (Value *)f, ast_where(x));
}

static Value *declaration_field(Ev *ev, Value *v, const Ast *x) {
  Where at = ast_name_where(x);
  if (v->fn && v->fn->kind == AST_NETWORK) {
    Value *net = network_make(ev, v, NULL, NULL, 0, ast_where(x));
    return net->kind == V_NETWORK ? network_field(ev, net, x->name, at) : net;
  }
  if (v->fn && v->fn->kind == AST_TASK) {
    Value *task = task_make(ev, v, NULL, NULL, 0, ast_where(x));
    return task->kind == V_TASK ? task_field(ev, task, x->name, at) : task;
  }
  return no_field(ev, v, x);
}

/* Of `np.diff`, `np` has just been said to be unknown: what stands for `diff`. */
static void note_member(Ev *ev, const Ast *x) {
  const Ast *module = x->kids[0];
  Diag *d = ev->diag->last;
  if (module->kind != AST_NAME || !foreign_hint(module->name) || !foreign_hint(x->name)) return;
  if (d && d->code == E0201 && d->at.src == module->src && d->at.span.start == module->span.start)
    diag_note(ev->diag, d, ast_name_where(x), "%s", foreign_hint(x->name));
}

static Value *eval_field(Ev *ev, Scope *sc, const Ast *x) {
  Value *v = ev_expr(ev, sc, x->kids[0]);
  switch (v->kind) {
    case V_ERROR: note_member(ev, x); return v;
    case V_UNKNOWN: return v;
    case V_NETWORK:
      return value_force(ev, network_field(ev, v, x->name, ast_name_where(x)), ast_where(x));
    case V_TASK: return task_field(ev, v, x->name, ast_name_where(x));
    case V_FUNCTION: return declaration_field(ev, v, x);
    default: return record_field(ev, v, x);
  }
}

/* ---- all ---- */

Value *ev_expr(Ev *ev, Scope *sc, const Ast *x) {
  if (ev->abort_trace || ev->cancelled) return &VALUE_ERROR;
  switch ((AstKind)x->kind) {
    case AST_NUMBER: return eval_number(ev, x);
    case AST_STRING: return eval_string(ev, x);
    case AST_BOOL: return value_bool(ev, x->num != 0);
    case AST_NAME: return eval_name(ev, sc, x);
    case AST_UNARY: return eval_unary(ev, sc, x);
    case AST_BINARY: return eval_binary(ev, sc, x);
    case AST_APPROX: return eval_approx(ev, sc, x);
    case AST_IF: return eval_if(ev, sc, x);
    case AST_LAMBDA: return closure_make(ev, sc, x);
    case AST_CALL: return ev_call_ast(ev, sc, x);
    case AST_INDEX: return ev_index_ast(ev, sc, x);
    case AST_FIELD: return eval_field(ev, sc, x);
    case AST_ARRAY: return eval_array(ev, sc, x);
    case AST_COMPREHENSION: return ev_comprehension(ev, sc, x);
    case AST_RECORD: return eval_record(ev, sc, x);
    case AST_BLOCK: return ev_block(ev, sc, x);
    case AST_SWEEP: return ev_sweep(ev, sc, x);
    default: break;
  }
  return ev_error(ev, E0216, ast_where(x), "a %s is no value", ast_kind_name((AstKind)x->kind));
}
