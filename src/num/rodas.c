/* rodas.c: the stiffly accurate Rosenbrock method RODAS of order 4 with an error estimate of order
   3 and an interpolant (Hairer & Wanner, Solving Ordinary Differential Equations II (1996), section
   IV.7 and VI.4; coefficients in rodas_table.h). In the transformed stages u
   (section IV.7): (I / (gamma h) - J) u_i = f(y + sum a_ij u_j) + sum c_ij / h u_j + d_i h f_t. */
#include "num/integrate.h"

#include <math.h>
#include <string.h>

#include "num/flat.h"
#include "num/lu.h"
#include "num/onestep.h"
#include "num/rodas_table.h"

enum { STAGES = RODAS_STAGES };

static const double at[STAGES] = {0, 0.386, 0.21, 0.63, 1, 1};
static const double d[STAGES] = {0.25, -0.1043, 0.1035, -0.0362000000000002};
static const double dense2[STAGES] = {10.12623508344586, -7.487995877610167, -34.80091861555747,
                                      -7.992771707568823, 1.025137723295662};
static const double dense3[STAGES] = {-0.6762803392801253, 6.087714651680015, 16.43084320892478,
                                      24.76722511418386, -6.594389125716872};

typedef struct Rodas {
  double *jac, *lu, *dfdt, *u[STAGES], *r2, *r3;
  double *fast, *image; /* the direction that grows fastest, and what the Jacobian makes of it */
  int *pivot;
  bool jac_fresh; /* at the present (t, y) */
} Rodas;

static Status begin(OneStep *s) {
  ((Rodas *)s->own)->jac_fresh = false;
  return onestep_rhs(s, s->t, s->y, s->f);
}

static void advance(OneStep *s) {
  double *f = s->f;
  s->f = s->f_new;
  s->f_new = f;
  ((Rodas *)s->own)->jac_fresh = false;
}

/* Row and time of an entry that is not finite go to s->bad. */
static Status make_jacobian(OneStep *s, bool *finite) {
  Rodas *r = s->own;
  s->stats->jac++;
  Status st = s->p->jac(s->p->ctx, fmin(s->t, s->latest), s->y, r->jac, r->dfdt);
  if (st.code) return st;
  int64_t bad = flat_first_nonfinite(s->n * s->n, r->jac);
  if (bad >= 0) s->bad = (Status){STATUS_NONFINITE, s->t, bad / s->n, NULL};
  *finite = bad < 0 && onestep_finite(s, s->t, r->dfdt);
  r->jac_fresh = *finite;
  return STATUS_FINE;
}

static bool factor(OneStep *s, double h) {
  Rodas *r = s->own;
  for (int64_t i = 0; i < s->n * s->n; i++) r->lu[i] = -r->jac[i];
  for (int64_t i = 0; i < s->n; i++) r->lu[i * s->n + i] += 1 / (rodas_gamma * h);
  if (lu_factor(s->n, r->lu, r->pivot)) return true;
  s->bad = (Status){STATUS_SINGULAR, s->t, -1, NULL};
  return false;
}

/* Stage i; the state at which the last is taken is the new state but for the stage itself. */
static Status stage(OneStep *s, int i, double h, bool *finite) {
  Rodas *r = s->own;
  double *u = r->u[i], *y = i == STAGES - 1 ? s->y_new : s->work;
  Status st = STATUS_FINE;
  if (i == 0) memcpy(u, s->f, (size_t)s->n * sizeof *u);
  if (i > 0) {
    flat_combine(s->n, s->y, 1, i, rodas_a[i], r->u, y);
    st = onestep_rhs(s, s->t + at[i] * h, y, u);
  }
  *finite = !st.code && onestep_finite(s, s->t + at[i] * h, u);
  if (!*finite) return st;
  flat_combine(s->n, u, 1 / h, i, rodas_c[i], r->u, u);
  flat_combine(s->n, u, h, 1, &d[i], &r->dfdt, u);
  lu_solve(s->n, r->lu, r->pivot, u);
  return STATUS_FINE;
}

static Status attempt(OneStep *s, double h, double *error) {
  Rodas *r = s->own;
  bool finite = true;
  Status st = r->jac_fresh ? STATUS_FINE : make_jacobian(s, &finite);
  *error = NAN;
  if (st.code || !finite || !factor(s, h)) return st;
  for (int i = 0; i < STAGES; i++) {
    st = stage(s, i, h, &finite);
    if (!finite) return st;
  }
  double *last = r->u[STAGES - 1];
  for (int64_t i = 0; i < s->n; i++) s->y_new[i] += last[i];
  *error = sqrt(flat_mean_square(s->n, last, s->y, s->y_new, s->o->atol, s->o->rtol));
  if (*error > 1) return STATUS_FINE;
  st = onestep_rhs(s, s->t + h, s->y_new, s->f_new);
  if (!st.code && !onestep_finite(s, s->t + h, s->f_new)) *error = NAN;
  return st;
}

static void dense(const OdeStep *step, double t, double *y) {
  OneStep *s = step->state;
  Rodas *r = s->own;
  if (onestep_at_end(step, t, y)) return;
  if (!s->dense_ready) {
    flat_combine(s->n, NULL, 1, STAGES, dense2, r->u, r->r2);
    flat_combine(s->n, NULL, 1, STAGES, dense3, r->u, r->r3);
    s->dense_ready = true;
  }
  double x = (t - step->t0) / (step->t1 - step->t0), v = 1 - x;
  for (int64_t i = 0; i < s->n; i++)
    y[i] = v * step->y0[i] + x * (step->y1[i] + v * (r->r2[i] + x * r->r3[i]));
}

/* By the power method on the Jacobian of the step, from where the last step left it. */
static double stretch(OneStep *s, double h) {
  Rodas *r = s->own;
  return h * flat_spectral_size(s->n, r->jac, r->fast, r->image);
}

static const OneStepMethod rodas_method = {begin, attempt, advance, dense, stretch};

Status rodas_solve(const Stepper *stepper, const OdeProblem *p, const OdeOptions *o, double *t,
                   double t1, double *y, const OdeObserver *obs, OdeStats *stats) {
  Rodas r = {0};
  OneStep s = {.method = &rodas_method, .own = &r, .order = stepper->order, .adaptive = true};
  const size_t n = (size_t)p->n;
  double *memory = mem_alloc((2 * n * n + (STAGES + 8) * n + 1) * sizeof *memory);
  r.jac = memory;
  r.lu = r.jac + n * n;
  r.dfdt = r.lu + n * n;
  r.r2 = r.dfdt + n;
  r.r3 = r.r2 + n;
  s.work = r.r3 + n;
  s.f = s.work + n;
  s.f_new = s.f + n;
  for (int i = 0; i < STAGES; i++) r.u[i] = s.f_new + n * (size_t)(i + 1);
  r.fast = r.u[STAGES - 1] + n;
  r.image = r.fast + n;
  flat_generic(p->n, r.fast);
  r.pivot = mem_alloc((n + 1) * sizeof *r.pivot);
  Status st = onestep_solve(&s, p, o, t, t1, y, obs, stats);
  mem_free(r.pivot);
  mem_free(memory);
  return st;
}
