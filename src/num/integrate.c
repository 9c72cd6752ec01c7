/* integrate.c: the parts that integrators share. */
#include "num/integrate.h"

#include <float.h>
#include <math.h>

#include "num/flat.h"

static double first_after(const double *times, int64_t n, double t, double otherwise) {
  int64_t low = 0, high = n; /* the first time above t is in [low, high] */
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (times[middle] > t)
      high = middle;
    else
      low = middle + 1;
  }
  return low < n ? times[low] : otherwise;
}

Limit limit_next(const OdeOptions *o, double t, double t1) {
  double stop = first_after(o->stops, o->nstops, t, INFINITY);
  double mark = fmin(t1, first_after(o->marks, o->nmarks, t, t1));
  return stop <= mark ? (Limit){stop, true} : (Limit){mark, false};
}

/* Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, section II.4: from the sizes
   of y, y' and y''. */
Status first_step(const OdeProblem *p, const OdeOptions *o, OdeStats *stats, int order, double t,
                  const double *y, const double *f0, double *y1, double *f1, double room,
                  double *h) {
  const int64_t n = p->n;
  double d0 = sqrt(flat_mean_square(n, y, y, y, o->atol, o->rtol));
  double d1 = sqrt(flat_mean_square(n, f0, y, y, o->atol, o->rtol));
  double try = fmin(d0 < 1e-5 || d1 < 1e-5 ? 1e-6 * fmin(1, room) : 0.01 * d0 / d1, room);
  for (int64_t i = 0; i < n; i++) y1[i] = y[i] + try * f0[i];
  stats->rhs++;
  Status st = p->rhs(p->ctx, t + try, y1, f1);
  if (st.code) return st;
  for (int64_t i = 0; i < n; i++) f1[i] -= f0[i];
  double d2 = sqrt(flat_mean_square(n, f1, y, y, o->atol, o->rtol)) / try;
  double d = fmax(d1, d2), guess = d <= 1e-15 ? fmax(1e-6, try * 1e-3) : pow(0.01 / d, 1.0 / order);
  *h = fmin(isfinite(guess) ? fmin(100 * try, guess) : try, room);
  return STATUS_FINE;
}

double step_floor(double t) {
  return fmax(16 * DBL_EPSILON * fabs(t), DBL_MIN);
}

double state_size(int64_t n, const double *y, const OdeOptions *o) {
  double noise = o->rtol > 0 ? o->atol / o->rtol : o->atol;
  return fmax(flat_max_abs(n, y), noise);
}

/* A million-fold growth, or a component that would double within a million of the smallest steps.
 */
Status judge_underflow(int64_t n, double t, const double *y, const double *f, double start) {
  const double much = 1e6;
  int64_t worst = -1;
  double most = 0;
  for (int64_t i = 0; i < n; i++) {
    bool away = isfinite(f[i]) && y[i] * f[i] > 0 && fabs(y[i]) < much * step_floor(t) * fabs(f[i]);
    bool large = fabs(y[i]) > much * start;
    if ((!away && !large) || fabs(y[i]) <= most) continue;
    most = fabs(y[i]);
    worst = i;
  }
  if (worst >= 0) return (Status){STATUS_DIVERGES, t, worst, "grows without bound"};
  return (Status){STATUS_STEP_UNDERFLOW, t, -1, "the step became too small"};
}

int64_t max_steps(const OdeOptions *o) {
  return o->max_steps > 0 ? o->max_steps : 10000000;
}

/* Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, section II.6. */
void hermite(const OdeStep *s, const double *f0, const double *f1, double t, double *y) {
  double h = s->t1 - s->t0, x = (t - s->t0) / h, u = 1 - x;
  for (int64_t i = 0; i < s->n; i++) {
    double d = s->y1[i] - s->y0[i], r = h * f0[i] - d;
    y[i] = s->y0[i] + x * (d + u * (r + x * (d - h * f1[i] - r)));
  }
}
