/* newton.c: see newton.h. Each lane works on one start and takes up the next when it is done, so
   that the evaluations, which are batched, stay full. */
#include "num/newton.h"

#include <math.h>
#include <string.h>

#include "num/linalg.h"
#include "num/lu.h"

enum { POLISH = 5, HALVINGS = 8, REJECTED_MOST = 20, STALLED_MOST = 3 };

static const double ROUNDING = 1e-14; /* of F, relative to the state */
static const double FLAT = 1e-6;      /* a slope of q, relative to |J| |F|, that leads nowhere */

/* Below the tolerance a step that brings q down to this part of itself is made again with the same
   factors: each then gains as many digits as the last one (Shamanskii's method; Kelley, Iterative
   Methods for Linear and Nonlinear Equations, 1995, section 5.4). */
static const double GAIN = 1e-4;

typedef struct Lane {
  int64_t start; /* which one, or -1: idle */
  double q, damping;
  int iterations, rejected, polished;
  int stalled;   /* damped steps in a row that hardly changed q: a minimum that is no zero */
  int halvings;  /* of the Newton step, before damping takes over */
  bool fresh;    /* the Jacobian at x is still to be computed */
  bool factored; /* its factors stand in its place */
} Lane;

typedef struct Newton {
  const ZeroProblem *p;
  const ZeroOptions *o;
  Lane *lane;
  double *x, *f, *jac;   /* of the lanes, where they are; Jacobians are transposed */
  double *x_new, *f_new; /* where they try to go */
  double *jac_new;       /* scratch of an evaluation */
  double *step;          /* Newton's, of the lanes */
  double *normal;        /* a matrix to be factored */
  int *pivot;            /* of the lanes */
  double *result, *q;    /* the caller's */
  int64_t next, done, count;
  Arena *arena;
} Newton;

static double half_square(const double *f, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += f[i] * f[i];
  return isfinite(sum) ? 0.5 * sum : INFINITY;
}

static void take_next(Newton *w, int64_t l) {
  int64_t n = w->p->n;
  Lane *lane = &w->lane[l];
  *lane = (Lane){.start = -1};
  if (w->next >= w->count) return;
  lane->start = w->next++;
  lane->fresh = true;
  lane->q = INFINITY;
  memcpy(w->x + l * n, w->result + lane->start * n, (size_t)n * sizeof(double));
}

static void finish(Newton *w, int64_t l) {
  int64_t n = w->p->n;
  memcpy(w->result + w->lane[l].start * n, w->x + l * n, (size_t)n * sizeof(double));
  w->q[w->lane[l].start] = w->lane[l].q;
  w->done++;
  take_next(w, l);
}

/* Newton's full step -J^-1 F of a lane. False: J is singular. */
static bool newton_step(Newton *w, int64_t l) {
  int64_t n = w->p->n;
  double *step = w->step + l * n, *jac = w->jac + l * n * n;
  Lane *lane = &w->lane[l];
  for (int64_t i = 0; i < n; i++) step[i] = -w->f[l * n + i];
  bool regular = lane->factored || lu_factor(n, jac, w->pivot + l * n);
  lane->factored = true;
  if (regular) lu_solve_transposed(n, jac, w->pivot + l * n, step);
  return regular;
}

/* J'F of a lane. */
static void gradient(const Newton *w, int64_t l, double *g) {
  int64_t n = w->p->n;
  const double *jac = w->jac + l * n * n, *f = w->f + l * n;
  for (int64_t i = 0; i < n; i++) {
    g[i] = 0;
    for (int64_t r = 0; r < n; r++) g[i] += jac[i * n + r] * f[r];
  }
}

/* The step that solves (J'J + damping * mean of its diagonal) d = -J'F. False: there is none, or
   q is at a minimum that is no zero. */
static bool damped_step(Newton *w, int64_t l) {
  int64_t n = w->p->n;
  double trace = 0, slope = 0, *step = w->step + l * n;
  gradient(w, l, step);
  la_gram(n, w->jac + l * n * n, w->normal);
  for (int64_t i = 0; i < n; i++) {
    trace += w->normal[i * n + i];
    slope += step[i] * step[i];
    step[i] = -step[i];
  }
  if (slope <= pow(FLAT, 2) * trace * 2 * w->lane[l].q) return false;
  for (int64_t i = 0; i < n; i++) w->normal[i * n + i] += w->lane[l].damping * trace / (double)n;
  return cholesky_solve(n, w->normal, step);
}

/* Where a lane tries to go, into x_new: along Newton's step, halved after each failure, then along
   damped ones, which need the Jacobian again if it has been factored. False: nowhere. */
static bool propose(Newton *w, int64_t l) {
  int64_t n = w->p->n;
  Lane *lane = &w->lane[l];
  if (lane->damping == 0 && lane->halvings == 0 && !newton_step(w, l)) lane->damping = 1e-3;
  lane->fresh = lane->damping > 0 && lane->factored;
  if (lane->fresh) return true;
  if (lane->damping > 0 && !damped_step(w, l)) return false;
  double scale = lane->damping > 0 ? 1 : ldexp(1, -lane->halvings);
  for (int64_t i = 0; i < n; i++)
    w->x_new[l * n + i] = w->x[l * n + i] + scale * w->step[l * n + i];
  return true;
}

/* Is F as small as its rounding errors let it be? */
static bool is_exact(const Newton *w, int64_t l) {
  double size = 1;
  for (int64_t i = 0; i < w->p->n; i++) size = fmax(size, fabs(w->x[l * w->p->n + i]));
  return w->lane[l].q <= (double)w->p->n * pow(ROUNDING * size, 2);
}

static bool is_done(const Newton *w, int64_t l) {
  const Lane *lane = &w->lane[l];
  return lane->iterations >= w->o->max_iter || lane->rejected >= REJECTED_MOST ||
         lane->stalled >= STALLED_MOST ||
         (lane->q < w->o->tol && (lane->polished >= POLISH || is_exact(w, l)));
}

static bool needs_jacobian(const Lane *lane) {
  return lane->start >= 0 && lane->fresh;
}

/* Jacobians where they are needed, then a step of each lane. Lanes without a start may lose theirs.
 */
static Status prepare(Newton *w) {
  int64_t n = w->p->n, fresh = 0, kept = 0;
  for (int64_t l = 0; l < w->p->lanes; l++) {
    fresh += needs_jacobian(&w->lane[l]);
    kept += w->lane[l].start >= 0 && !w->lane[l].fresh;
  }
  if (!fresh) return STATUS_FINE;
  Status st = w->p->eval(w->p->ctx, w->x, w->f_new, w->jac_new);
  if (!kept) {
    double *old = w->jac;
    w->jac = w->jac_new;
    w->jac_new = old;
  }
  for (int64_t l = 0; l < w->p->lanes; l++) {
    Lane *lane = &w->lane[l];
    if (!needs_jacobian(lane)) continue;
    memcpy(w->f + l * n, w->f_new + l * n, (size_t)n * sizeof(double));
    if (kept) memcpy(w->jac + l * n * n, w->jac_new + l * n * n, (size_t)(n * n) * sizeof(double));
    lane->q = half_square(w->f + l * n, n);
    lane->fresh = lane->factored = false;
    lane->iterations++;
  }
  return st;
}

static void accept_or_reject(Newton *w, int64_t l) {
  int64_t n = w->p->n;
  Lane *lane = &w->lane[l];
  double q = half_square(w->f_new + l * n, n);
  bool better = q < lane->q * (1 - 1e-10);
  if (lane->q < w->o->tol) lane->polished++;
  if (!better && lane->q < w->o->tol) lane->polished = POLISH;
  if (!better) {
    lane->rejected++;
    if (lane->damping > 0)
      lane->damping *= 4;
    else if (++lane->halvings > HALVINGS)
      lane->damping = 1e-3;
    return;
  }
  memcpy(w->x + l * n, w->x_new + l * n, (size_t)n * sizeof(double));
  memcpy(w->f + l * n, w->f_new + l * n, (size_t)n * sizeof(double));
  bool stalls = lane->damping > 0 && q > 0.99 * lane->q;
  lane->stalled = stalls ? lane->stalled + 1 : 0;
  lane->fresh = !lane->factored || q >= w->o->tol || q > GAIN * lane->q;
  lane->q = q;
  lane->rejected = lane->halvings = 0;
  lane->damping = lane->damping < 1e-6 ? 0 : lane->damping / 10;
}

static Status step_all(Newton *w) {
  int64_t n = w->p->n;
  Status st = prepare(w);
  if (st.code != STATUS_OK) return st;
  for (int64_t l = 0; l < w->p->lanes; l++) {
    Lane *lane = &w->lane[l];
    if (lane->start >= 0 && (is_done(w, l) || !isfinite(lane->q))) finish(w, l);
    if (lane->start >= 0 && !lane->fresh && !propose(w, l)) lane->rejected = REJECTED_MOST;
    if (lane->start < 0 || lane->fresh || lane->rejected >= REJECTED_MOST)
      memcpy(w->x_new + l * n, w->x + l * n, (size_t)n * sizeof(double));
  }
  st = w->p->eval(w->p->ctx, w->x_new, w->f_new, NULL);
  for (int64_t l = 0; l < w->p->lanes; l++)
    if (w->lane[l].start >= 0 && !w->lane[l].fresh) accept_or_reject(w, l);
  return st;
}

static void set_up(Newton *w) {
  size_t n = (size_t)w->p->n, lanes = (size_t)w->p->lanes;
  Arena *a = w->arena;
  w->lane = ARENA_ARRAY(a, Lane, lanes);
  w->x = ARENA_ARRAY(a, double, lanes *n);
  w->f = ARENA_ARRAY(a, double, lanes *n);
  w->x_new = ARENA_ARRAY(a, double, lanes *n);
  w->f_new = ARENA_ARRAY(a, double, lanes *n);
  w->jac = ARENA_ARRAY(a, double, lanes *n *n);
  w->jac_new = ARENA_ARRAY(a, double, lanes *n *n);
  w->normal = ARENA_ARRAY(a, double, n *n);
  w->step = ARENA_ARRAY(a, double, lanes *n);
  w->pivot = ARENA_ARRAY(a, int, lanes *n);
  for (int64_t l = 0; l < w->p->lanes; l++) take_next(w, l);
}

Status newton_many(const ZeroProblem *p, const ZeroOptions *o, int64_t count, double *x,
                   double *q) {
  Newton w = {.p = p, .o = o, .result = x, .q = q, .count = count, .arena = arena_new()};
  Status st = STATUS_FINE;
  set_up(&w);
  while (w.done < count && st.code == STATUS_OK) {
    st = step_all(&w);
    if (p->tick && !p->tick(p->ctx, (double)w.done / (double)count))
      st = (Status){STATUS_CANCELLED, 0, -1, NULL};
  }
  arena_free(w.arena);
  return st;
}
