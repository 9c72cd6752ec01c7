/* continuation_curve.c: curves of folds, Hopf points and period doublings in two parameters:
   continuation(fn(p, q) = net, from = (p = .., q = ..), to = (p = .., q = ..), start = b.folds[0]).
 */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/network.h"
#include "verb/continuation.h"

bool continuation_of_specials(const Call *c) {
  return c->arg[CONTINUATION_FROM]->kind == V_RECORD;
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* The field of `from` or `to`, a number. NULL: reported. */
static Value *number_of(Ev *ev, Call *c, int i, const char *name) {
  Value *v = c->arg[i]->kind == V_RECORD ? (Value *)value_field(c->arg[i], name) : NULL;
  if (v && v->kind == V_ARRAY && value_shape(v).rank == 0) return v;
  if (!v || (v->kind != V_UNKNOWN && v->kind != V_ERROR))
    arg_bad(ev, c, i, "must be a record of two numbers here, called p and q: (p = 0, q = 1)");
  return NULL;
}

Value *continuation_two_parameters(Continuation *k, Ev *ev, Call *c) {
  Value *p[2] = {number_of(ev, c, CONTINUATION_FROM, "p"), NULL};
  if (!p[0] || !(p[1] = number_of(ev, c, CONTINUATION_FROM, "q"))) return NULL;
  k->of = OF_SPECIALS;
  k->dim = p[0]->dim;
  k->second = p[1]->dim;
  return network_of_parameters(ev, c->arg[CONTINUATION_NET], p, 2, c->arg_at[CONTINUATION_NET]);
}

/* The bounds of one parameter. */
static bool read_bounds(Ev *ev, Call *c, const char *name, double *from, double *to) {
  Value *a = number_of(ev, c, CONTINUATION_FROM, name);
  Value *b = a ? number_of(ev, c, CONTINUATION_TO, name) : NULL;
  if (!b) return false;
  if (!dims_agree(ev, a->dim, b->dim, NULL)) {
    arg_bad(ev, c, CONTINUATION_TO, "has a `%s` of another dimension than `from`", name);
    return false;
  }
  if (ev->rehearse) return true;
  *from = a->tensor->data[0];
  *to = b->tensor->data[0];
  if (isfinite(*to - *from) && *from != *to) return true;
  arg_bad(ev, c, CONTINUATION_TO, "must differ from `from` in `%s`, and both be finite", name);
  return false;
}

bool continuation_read_bounds(Continuation *k, Ev *ev, Call *c) {
  double from = 0, to = 0;
  if (!read_bounds(ev, c, "p", &from, &to)) return false;
  k->low = fmin(from, to);
  k->high = fmax(from, to);
  return read_bounds(ev, c, "q", &k->w.from, &k->w.to);
}

bool continuation_read_special(Continuation *k) {
  static const struct {
    const char *type;
    SpecialKind kind;
  } kinds[] = {{"fold", SPECIAL_FOLD}, {"hopf", SPECIAL_HOPF}, {"flip", SPECIAL_FLIP}};
  const Value *v = k->w.f.s.c->arg[CONTINUATION_START];
  bool known = false;
  for (size_t i = 0; v && v->kind == V_RECORD && v->type && i < 3; i++)
    if (strcmp(v->type, kinds[i].type) == 0) k->kind = kinds[i].kind, known = true;
  if (!known)
    return continuation_bad_start(
        k,
        "a curve in two parameters begins at a special point of a branch in one, "
        "such as `start = branch.folds[0]`");
  Shape x = value_shape(value_field(v, "x"));
  if (x.rank != 1)
    return continuation_bad_start(k, "a curve begins at one point: choose it by its index");
  if (x.n[0] != k->w.f.dim)
    return continuation_bad_start(k, "this is a point of a network with another number of states");
  if (!dims_agree(k->w.f.s.ev, value_field(v, "p")->dim, k->dim, NULL))
    return continuation_bad_start(k, "`p` has another dimension than the parameter of this point");
  const Value *period = value_field(v, "period");
  if (!period || k->w.f.s.ev->rehearse) return true;
  return continuation_read_rounds(k, (int64_t)period->tensor->data[0]);
}

/* ---- the start ------------------------------------------------------------------------------- */

bool continuation_start_curve(Continuation *k, BranchPoint *first) {
  const Setup *s = &k->w.f.s;
  const Value *v = s->c->arg[CONTINUATION_START];
  double p = value_field(v, "p")->tensor->data[0];
  bool hopf = k->kind == SPECIAL_HOPF;
  double omega = hopf ? value_field(v, "omega")->tensor->data[0] : 0;
  if (p < k->low || p > k->high)
    return continuation_bad_start(k, "this point lies beyond the range of p");
  curve_walker_start(&k->w, k->kind, k->low, k->high);
  Status st = curve_walker_from(&k->w, value_field(v, "x")->tensor->data, p, omega, first);
  if (st.code != STATUS_OK)
    ev_fail(s->ev, s->c->arg_at[CONTINUATION_START], st,
            "`%s` has no such point here at q = `from.q`: does it belong to another q?",
            s->sys->name);
  return st.code == STATUS_OK;
}
