/* continuation_orbit.c: where a branch of periodic orbits of a map begins: at a result of
   `limit_cycle`, or at a period doubling of a branch, `start = rest.flips[0]`, which two branches
   cross: there the orbit of twice the period sets out along the eigenvector of -1 (Kuznetsov,
   Elements of Applied Bifurcation Theory, 3rd ed., section 4.5). */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/linalg.h"
#include "verb/continuation.h"

enum { ROUNDS_MOST = 64 };

static const double DOUBLES = 1e-5; /* how far a multiplier of the doubled orbit may be from 1 */
static const double SAME = 1e-6;    /* states nearer to each other are one, as a part of them */

static const Value *start_of(const Continuation *k) {
  return k->w.f.s.c->arg[CONTINUATION_START];
}

bool continuation_of_orbits(const Continuation *k) {
  const Value *v = k->w.f.s.c->arg[CONTINUATION_START];
  bool known = v && v->kind == V_RECORD && v->type;
  return k->w.f.s.sys->kind == SYSTEM_MAP && known &&
         (strcmp(v->type, "limit_cycle") == 0 || strcmp(v->type, "flip") == 0);
}

static bool is_flip(const Continuation *k) {
  return strcmp(start_of(k)->type, "flip") == 0;
}

static const Value *field(const Continuation *k, const char *name) {
  return value_field(start_of(k), name);
}

bool continuation_read_rounds(Continuation *k, int64_t rounds) {
  if (rounds <= ROUNDS_MOST) {
    k->w.f.rounds = rounds;
    return true;
  }
  setup_report(&k->w.f.s, E0621, k->w.f.s.c->arg_at[CONTINUATION_START],
               "orbits of up to %d steps are followed, not of %lld", ROUNDS_MOST,
               (long long)rounds);
  return false;
}

bool continuation_read_orbit(Continuation *k) {
  const Flow *f = &k->w.f;
  Shape x = value_shape(field(k, "x"));
  k->w.f.rounds = EXTENT_UNKNOWN;
  if (is_flip(k) && x.rank != 1)
    return continuation_bad_start(
        k, "a branch begins at one period doubling: choose it by its index, `flips[0]`");
  if (x.n[x.rank - 1] != f->dim && x.n[x.rank - 1] >= 0)
    return continuation_bad_start(k, "this is a start of a network with another number of states");
  if (is_flip(k) && !dims_agree(f->s.ev, field(k, "p")->dim, k->dim, NULL))
    return continuation_bad_start(
        k, "the parameter has another dimension than that of the period doubling");
  if (f->s.ev->rehearse) return true;
  if (is_flip(k))
    return continuation_read_rounds(k, 2 * (int64_t)field(k, "period")->tensor->data[0]);
  if (field(k, "found")->tensor->data[0] == 0)
    return continuation_bad_start(k, "no periodic orbit was found here");
  return continuation_read_rounds(k, x.n[0]);
}

void continuation_orbit_state(const Continuation *k, double *x) {
  memcpy(x, field(k, "x")->tensor->data, (size_t)k->w.f.dim * sizeof *x);
}

/* Do the states repeat themselves before the round is over? */
bool continuation_orbit_is_shorter(const Continuation *k, const BranchPoint *p) {
  int64_t n = k->w.f.dim;
  for (int64_t i = 1; i < k->w.f.rounds; i++) {
    double most = 0;
    for (int64_t j = 0; j < n; j++)
      most = fmax(most, fabs(p->round[i * n + j] - p->round[j]) / k->w.b->scale[j]);
    if (most < SAME) return true;
  }
  return false;
}

/* ---- period doublings ------------------------------------------------------------------------ */

bool continuation_at_flip(const Continuation *k) {
  return continuation_of_orbits(k) && is_flip(k);
}

/* The direction in which nothing grows or shrinks over the doubled round, and the singular value
   that says so. */
static Status doubled_direction(Walker *w, const double *y, double *t, double *least) {
  int64_t n = w->n;
  double *a = ARENA_ARRAY(w->arena, double, n *n), *vt = ARENA_ARRAY(w->arena, double, n *n);
  double *u = ARENA_ARRAY(w->arena, double, n *n), *s = ARENA_ARRAY(w->arena, double, n);
  Status st = w->problem.eval(w, y, w->b->f, w->b->jac);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) a[i * n + j] = w->b->jac[i * (n + 1) + j];
  if (st.code == STATUS_OK) st = la_svd(n, n, a, u, s, vt);
  memcpy(t, vt + (n - 1) * n, (size_t)n * sizeof *t);
  t[n] = 0;
  *least = s[n - 1];
  return st;
}

bool continuation_start_flip(Continuation *k, BranchPoint *first) {
  Walker *w = &k->w;
  int64_t n = w->n;
  double p = field(k, "p")->tensor->data[0], least = INFINITY;
  double *y = ARENA_ARRAY(w->arena, double, n + 1), *t = ARENA_ARRAY(w->arena, double, n + 1);
  if (p < fmin(w->from, w->to) || p > fmax(w->from, w->to))
    return continuation_bad_start(k, "the period doubling lies beyond the range of the parameter");
  continuation_orbit_state(k, y);
  y[n] = p;
  w->b->scale[n] = fabs(w->to - w->from);
  for (int64_t i = 0; i < n; i++) w->b->scale[i] = fabs(y[i]) > 1e-12 ? fabs(y[i]) : 1;
  Status st = doubled_direction(w, y, t, &least);
  if (st.code != STATUS_OK || !(least < DOUBLES))
    return continuation_bad_start(k, "this network has no period doubling here");
  double length = sqrt(branch_dot(w->b, t, t));
  for (int64_t i = 0; i <= n; i++) t[i] /= length;
  *first = (BranchPoint){.y = y, .t = t};
  first->re = ARENA_ARRAY(w->arena, double, 2 * n);
  first->im = first->re + n;
  st = w->kind->describe(w, first);
  first->unstable = -1;
  return st.code == STATUS_OK;
}
