/* continuation_cycle.c: where a branch of limit cycles begins: at a result of `limit_cycle`, or at
   a Hopf point of a branch of fixed points, `start = rest.hopfs[0]`. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/linalg.h"
#include "verb/continuation.h"

static const double IMAGINARY = 1e-5; /* the real part at a Hopf point, as a part of omega */

static bool is_type(const Value *v, const char *type) {
  return v->kind == V_RECORD && v->type && strcmp(v->type, type) == 0;
}

bool continuation_of_cycles(const Call *c) {
  const Value *v = c->arg[CONTINUATION_START];
  return v && (is_type(v, "limit_cycle") || is_type(v, "hopf"));
}

/* ---- the argument ---------------------------------------------------------------------------- */

static const Value *field(const Continuation *k, const char *name) {
  return value_field(k->w.f.s.c->arg[CONTINUATION_START], name);
}

static double number(const Continuation *k, const char *name) {
  return field(k, name)->tensor->data[0];
}

bool continuation_read_cycle(Continuation *k) {
  const Flow *f = &k->w.f;
  bool hopf = is_type(f->s.c->arg[CONTINUATION_START], "hopf");
  Shape x = value_shape(field(k, "x"));
  TimeKind none = TIME_PLAIN;
  if (f->s.sys->kind == SYSTEM_MAP)
    return continuation_bad_start(
        k, "the closed curve that is born at a Neimark-Sacker point is not followed");
  if (hopf && x.rank != 1)
    return continuation_bad_start(
        k, "a branch begins at one Hopf point: choose it by its index, `hopfs[0]`");
  if (x.n[x.rank - 1] != f->dim && x.n[x.rank - 1] >= 0)
    return continuation_bad_start(k, "this is a start of a network with another number of states");
  if (hopf && !dim_agree(field(k, "p")->dim, k->dim, &none, NULL))
    return continuation_bad_start(
        k, "the parameter has another dimension than that of the Hopf point");
  if (f->s.ev->rehearse || hopf || number(k, "found") != 0) return true;
  return continuation_bad_start(k, "no limit cycle was found here");
}

/* ---- Hopf points ----------------------------------------------------------------------------- */

typedef struct Birth {
  double *x, p, omega;
  double *re, *im; /* the eigenvector, [D] */
} Birth;

/* The eigenvector of the eigenvalue i omega. False: there is no such. */
static bool find_eigenvector(Walker *w, Birth *h) {
  Arena *a = w->arena;
  int64_t n = w->n, best = 0;
  double *re = ARENA_ARRAY(a, double, 2 * n), *im = re + n, least = INFINITY;
  double *vr = ARENA_ARRAY(a, double, n *n), *vi = ARENA_ARRAY(a, double, n *n);
  double *y = ARENA_ARRAY(a, double, n + 1);
  memcpy(y, h->x, (size_t)n * sizeof *y);
  y[n] = h->p;
  if (w->problem.eval(w, y, w->b->f, w->b->jac).code != STATUS_OK) return false;
  if (la_eig(n, w->jac, re, im, vr, vi).code != STATUS_OK) return false;
  for (int64_t i = 0; i < n; i++) {
    double off = hypot(re[i], im[i] - h->omega);
    if (off < least) least = off, best = i;
  }
  for (int64_t i = 0; i < n; i++) {
    h->re[i] = vr[i * n + best];
    h->im[i] = vi[i * n + best];
  }
  return least < IMAGINARY * h->omega;
}

/* A state counts for what it is; one that is zero moves as much as the others do. */
static void units_at(const Birth *h, int64_t n, double *unit) {
  double part = INFINITY, most = 0;
  for (int64_t i = 0; i < n; i++) {
    double moves = hypot(h->re[i], h->im[i]);
    most = fmax(most, moves);
    if (h->x[i] != 0 && moves > 0) part = fmin(part, fabs(h->x[i]) / moves);
  }
  for (int64_t i = 0; i < n; i++) {
    double moves = hypot(h->re[i], h->im[i]);
    unit[i] = fabs(h->x[i]) > 0 ? fabs(h->x[i]) : moves * (isfinite(part) ? part : 1 / most);
    if (!(unit[i] > 1e-12)) unit[i] = 1;
  }
}

static bool start_at_hopf(Continuation *k, BranchPoint *first, Status *st) {
  Walker *w = &k->w;
  int64_t n = w->f.dim;
  double *all = ARENA_ARRAY(w->arena, double, 3 * n), *unit = ARENA_ARRAY(w->arena, double, n);
  Birth h = {all, number(k, "p"), number(k, "omega"), all + n, all + 2 * n};
  memcpy(h.x, field(k, "x")->tensor->data, (size_t)n * sizeof *h.x);
  if (h.p < fmin(w->from, w->to) || h.p > fmax(w->from, w->to))
    return continuation_bad_start(k, "the Hopf point lies beyond the range of the parameter");
  walker_start(w);
  if (!find_eigenvector(w, &h))
    return continuation_bad_start(k, "this network has no Hopf point here");
  units_at(&h, n, unit);
  cycle_walker_start(w, unit);
  *st = cycle_walker_from_hopf(w, h.x, h.p, h.omega, h.re, h.im, first);
  return true;
}

/* ---- all ------------------------------------------------------------------------------------- */

static Status start_at_orbit(Continuation *k, BranchPoint *first) {
  Walker *w = &k->w;
  int64_t n = w->f.dim, rows = value_shape(field(k, "x")).n[0];
  const double *x = field(k, "x")->tensor->data;
  double *unit = ARENA_ARRAY(w->arena, double, n);
  for (int64_t i = 0; i < rows * n; i++) unit[i % n] = fmax(unit[i % n], fabs(x[i]));
  for (int64_t i = 0; i < n; i++) unit[i] = unit[i] > 1e-12 ? unit[i] : 1;
  cycle_walker_start(w, unit);
  return cycle_walker_from_orbit(w, x, rows, number(k, "period"), first);
}

bool continuation_start_cycle(Continuation *k, BranchPoint *first) {
  const Setup *s = &k->w.f.s;
  Status st = STATUS_FINE;
  if (is_type(s->c->arg[CONTINUATION_START], "hopf")) {
    if (!start_at_hopf(k, first, &st)) return false;
  } else {
    st = start_at_orbit(k, first);
  }
  if (st.code == STATUS_OK || st.code == STATUS_CANCELLED) return st.code == STATUS_OK;
  ev_fail(s->ev, s->c->arg_at[CONTINUATION_START], st,
          "no limit cycle of `%s` is found from the start: is it one at this parameter?",
          s->sys->name);
  return false;
}
