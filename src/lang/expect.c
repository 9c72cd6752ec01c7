/* expect.c: claims. Each is evaluated in its parts, so that the summary can say what was expected
   and what was found; about an array, which elements fail. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "syntax/parse.h"

enum { SHOWN_FAILURES = 5 };

/* The parts of a condition: cond is the whole; left, right and tol where it has them. */
typedef struct Parts {
  Value *cond, *left, *right, *tol;
} Parts;

static bool compares(const Ast *x) {
  return x->kind == AST_BINARY && (x->op == AOP_EQ || x->op == AOP_NE || x->op == AOP_LT ||
                                   x->op == AOP_LE || x->op == AOP_GT || x->op == AOP_GE);
}

static Parts eval_parts(Ev *ev, Scope *sc, const Ast *x) {
  Parts p = {0};
  if (!compares(x) && x->kind != AST_APPROX) {
    p.cond = ev_expr(ev, sc, x);
    return p;
  }
  p.left = ev_expr(ev, sc, x->kids[0]);
  p.right = ev_expr(ev, sc, x->kids[1]);
  if (x->kind == AST_APPROX) p.tol = ev_expr(ev, sc, x->kids[2]);
  p.cond = ev_operation(ev, x, p.left, p.right, p.tol);
  return p;
}

/* ---- texts ---- */

static const char *expected_text(Ev *ev, const Ast *x, const Parts *p) {
  if (!p->left) return "true";
  const char *right = value_text(ev, p->right);
  if (p->tol) {
    const char *not = x->op == AOP_NE ? "not " : "";
    return arena_printf(ev->arena, "%s%s +- %s", not, right, value_text(ev, p->tol));
  }
  if (x->op == AOP_EQ) return right;
  return arena_printf(ev->arena, "%s %s", ast_op_text((AstOp)x->op), right);
}

/* "[2, 0]" for element k of an array of this shape. */
static const char *place_text(Ev *ev, Shape s, int64_t k) {
  const char *text = "]";
  for (int axis = s.rank - 1; axis >= 0; k /= s.n[axis], axis--)
    text = arena_printf(ev->arena, "%s%lld%s", axis ? ", " : "[", (long long)(k % s.n[axis]), text);
  return text;
}

/* Element k of the broadcast of v to the shape s. */
static Value *broadcast_element(Ev *ev, const Value *v, Shape s, int64_t k) {
  Shape own = value_shape(v);
  int64_t at = 0, stride = 1;
  for (int axis = s.rank - 1, mine = own.rank - 1; axis >= 0; k /= s.n[axis], axis--, mine--) {
    if (mine < 0) continue;
    if (own.n[mine] != 1) at += k % s.n[axis] * stride;
    stride *= own.n[mine];
  }
  Value *e = value_quantity(ev, v->tensor->data[at], v->dim);
  e->logical = v->logical;
  return e;
}

static const char *failing_elements(Ev *ev, const Parts *p) {
  Shape s = value_shape(p->cond);
  int64_t count = shape_count(s), failing = 0;
  const char *list = "";
  for (int64_t k = 0; k < count; k++) {
    if (p->cond->tensor->data[k] != 0) continue;
    if (++failing > SHOWN_FAILURES) continue;
    const char *value = "";
    if (p->left && value_is_known(p->left))
      value = arena_printf(ev->arena, " %s", value_text(ev, broadcast_element(ev, p->left, s, k)));
    list =
        arena_printf(ev->arena, "%s%s%s%s", list, *list ? ", " : "", place_text(ev, s, k), value);
  }
  return arena_printf(ev->arena, "%lld of %lld elements fail: %s%s", (long long)failing,
                      (long long)count, list, failing > SHOWN_FAILURES ? ", ..." : "");
}

static const char *margin_text(Ev *ev, const Parts *p) {
  const char *found = value_text(ev, p->left);
  if (!value_is_scalar(p->left) || !value_is_scalar(p->right)) return found;
  double off = fabs(p->left->tensor->data[0] - p->right->tensor->data[0]);
  return arena_printf(ev->arena, "%s (off by %s)", found,
                      value_text(ev, value_quantity(ev, off, p->left->dim)));
}

static const char *found_text(Ev *ev, const Parts *p, bool held) {
  if (value_shape(p->cond).rank && !held) return failing_elements(ev, p);
  if (p->tol && p->left->kind == V_ARRAY) return margin_text(ev, p);
  if (p->left) return value_text(ev, p->left);
  return held ? "true" : "false";
}

/* ---- checking ---- */

static bool all_true(const Value *v) {
  int64_t n = shape_count(value_shape(v));
  for (int64_t k = 0; k < n; k++)
    if (v->tensor->data[k] == 0) return false;
  return true;
}

static void claim(Ev *ev, const Ast *s, const Parts *p) {
  Arena *arena = ev->arena;
  ev->arena = ev->keep;
  Claim c = {.at = ast_where(s), .why = s->text};
  c.text = ast_print(ev->arena, s->kids[0]);
  if (p->cond->kind == V_ARRAY && value_is_known(p->cond)) {
    c.held = all_true(p->cond);
    c.expected = expected_text(ev, s->kids[0], p);
    c.found = found_text(ev, p, c.held);
  } else {
    c.expected = "a value to check";
    c.found = "none: what it needs could not be computed";
  }
  *vec_push(ev->arena, &ev->claims) = c;
  ev->arena = arena;
}

void claim_misplaced(Ev *ev, const Ast *s) {
  ev_error(ev, E0216, ast_where(s),
           "a claim stands in a file, an analysis or the block of a sweep, not here");
}

void ev_expect(Ev *ev, Scope *sc, const Ast *s) {
  if (!sc->file && !ev->claiming) {
    claim_misplaced(ev, s);
    return;
  }
  Parts p = eval_parts(ev, sc, s->kids[0]);
  bool condition = p.cond->kind == V_ARRAY || p.cond->kind == V_UNKNOWN || p.cond->kind == V_ERROR;
  if (!condition)
    p.cond = ev_error(ev, E0210, ast_where(s->kids[0]), "a claim must be a condition, not %s",
                      value_kind_name(ev, p.cond));
  if (!ev->rehearse && !ev->cancelled && !ev->abort_trace) claim(ev, s, &p);
}
