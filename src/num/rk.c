/* rk.c: explicit Runge-Kutta methods over callbacks (Hairer, Norsett & Wanner, Solving Ordinary
   Differential Equations I, sections II.4 to II.6 and II.10). k[0] is the derivative at the start
   of a step and k[end] that at its end, which the next step takes over. The interpolant is made
   only when a value inside the step is asked for. */
#include "num/integrate.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "num/flat.h"
#include "num/onestep.h"
#include "num/tableau.h"

enum { MAX_K = TABLEAU_MAX_STAGES + 4 };

typedef struct Rk {
  const Tableau *m;
  int end; /* index of the derivative at the end of a step */
  double *k[MAX_K];
  double *argument; /* of the last stage but one, where stiffness is watched; else NULL */
  double *r;        /* coefficients of the interpolant beyond Hermite's [nd, n] */
} Rk;

static const TableauExtras none = {0};

static const TableauExtras *extras(const Tableau *m) {
  return m->extras ? m->extras : &none;
}

/* All stages and the new state. Where the last stage is the first of the next step, its argument is
   the new state already. */
static Status run_stages(OneStep *s, double h) {
  Rk *rk = s->own;
  const Tableau *m = rk->m;
  for (int i = 1; i < m->stages; i++) {
    double *at = m->fsal && i == m->stages - 1 ? s->y_new : s->work;
    flat_combine(s->n, s->y, h, i, m->a + i * m->stages, rk->k, at);
    Status st = onestep_rhs(s, s->t + m->c[i] * h, at, rk->k[i]);
    if (st.code) return st;
    if (rk->argument && i == m->stages - 2) memcpy(rk->argument, at, (size_t)s->n * sizeof *at);
  }
  if (!m->fsal) flat_combine(s->n, s->y, h, m->stages, m->b, rk->k, s->y_new);
  return STATUS_FINE;
}

static double mean_square(OneStep *s, double h, const double *weights) {
  Rk *rk = s->own;
  flat_combine(s->n, NULL, h, rk->m->stages, weights, rk->k, s->work);
  return flat_mean_square(s->n, s->work, s->y, s->y_new, s->o->atol, s->o->rtol);
}

/* With two estimates, the one of DOP853: section II.10, equation 10.17. */
static double error_of_step(OneStep *s, double h) {
  const Tableau *m = ((Rk *)s->own)->m;
  if (!m->e) return 0;
  double e = mean_square(s, h, m->e);
  if (!m->extras->e_low) return sqrt(e);
  double low = mean_square(s, h, m->extras->e_low), both = e + 0.01 * low;
  return both > 0 ? e / sqrt(both) : both;
}

static Status attempt(OneStep *s, double h, double *error) {
  Rk *rk = s->own;
  Status st = run_stages(s, h);
  if (st.code) return st;
  *error = error_of_step(s, h);
  if (*error > 1 && isfinite(*error)) return STATUS_FINE;
  for (int i = 1; !isfinite(*error) && i < rk->m->stages; i++)
    if (!onestep_finite(s, s->t + rk->m->c[i] * h, rk->k[i])) return STATUS_FINE;
  if (!rk->m->fsal) st = onestep_rhs(s, s->t + h, s->y_new, rk->k[rk->end]);
  if (st.code) return st;
  if (!onestep_finite(s, s->t + h, s->y_new) || !onestep_finite(s, s->t + h, rk->k[rk->end]))
    *error = NAN;
  return STATUS_FINE;
}

static Status begin(OneStep *s) {
  return onestep_rhs(s, s->t, s->y, s->f);
}

static void advance(OneStep *s) {
  Rk *rk = s->own;
  double *f = rk->k[0];
  s->f = rk->k[0] = rk->k[rk->end];
  s->f_new = rk->k[rk->end] = f;
}

static Status prepare_dense(OneStep *s, double h) {
  Rk *rk = s->own;
  const TableauExtras *x = extras(rk->m);
  for (int i = 0; i < x->stages; i++) {
    int known = rk->end + 1 + i;
    flat_combine(s->n, s->y, h, known, x->a + i * (x->width - 1), rk->k, s->work);
    Status st = onestep_rhs(s, s->t + x->c[i] * h, s->work, rk->k[known]);
    if (st.code) return st;
  }
  for (int i = 0; i < x->nd; i++)
    flat_combine(s->n, NULL, h, x->width, x->d + i * x->width, rk->k, rk->r + i * s->n);
  return STATUS_FINE;
}

/* The terms with the powers x^2 u^2, x^3 u^2, x^3 u^3, x^4 u^3, where u = 1 - x. */
static void add_beyond_hermite(const OneStep *s, double x, double *y) {
  const Rk *rk = s->own;
  double power = x * (1 - x) * x;
  for (int j = 0; j < extras(rk->m)->nd; j++) {
    power *= j % 2 ? x : 1 - x;
    for (int64_t i = 0; i < s->n; i++) y[i] += power * rk->r[j * s->n + i];
  }
}

static void dense(const OdeStep *step, double t, double *y) {
  OneStep *s = step->state;
  const Rk *rk = s->own;
  double h = step->t1 - step->t0;
  if (onestep_at_end(step, t, y)) return;
  if (!s->dense_ready) s->dense_status = prepare_dense(s, h);
  s->dense_ready = true;
  hermite(step, rk->k[0], rk->k[rk->end], t, y);
  if (!s->dense_status.code) add_beyond_hermite(s, (t - step->t0) / h, y);
}

/* Where the last two stages are at the same time: how much their derivatives differ for what their
   arguments do (Hairer & Wanner, section IV.2). */
static double stretch(OneStep *s, double h) {
  const Rk *rk = s->own;
  double rates = 0, states = 0;
  for (int64_t i = 0; rk->argument && i < s->n; i++) {
    double df = rk->k[rk->end][i] - rk->k[rk->end - 1][i], dy = s->y_new[i] - rk->argument[i];
    rates += df * df;
    states += dy * dy;
  }
  return states > 0 ? h * sqrt(rates / states) : 0;
}

static const OneStepMethod rk_method = {begin, attempt, advance, dense, stretch};

Status tableau_solve(const Stepper *stepper, const OdeProblem *p, const OdeOptions *o, double *t,
                     double t1, double *y, const OdeObserver *obs, OdeStats *stats) {
  const Tableau *m = stepper->data;
  const TableauExtras *x = extras(m);
  Rk rk = {.m = m, .end = m->fsal ? m->stages - 1 : m->stages};
  OneStep s = {.method = &rk_method, .own = &rk, .order = m->order, .beta = x->beta};
  const int nk = rk.end + 1 + x->stages;
  const size_t n = (size_t)p->n;
  assert(nk <= MAX_K);
  double *memory = mem_alloc(n * (size_t)(2 + nk + x->nd) * sizeof *memory + 1);
  s.adaptive = m->e != NULL;
  s.work = memory;
  for (int i = 0; i < nk; i++) rk.k[i] = memory + n * (size_t)(1 + i);
  rk.r = memory + n * (size_t)(1 + nk);
  bool same_time = m->fsal && m->c[m->stages - 2] == 1;
  if (o->watch && same_time) rk.argument = rk.r + n * (size_t)x->nd;
  s.f = rk.k[0];
  s.f_new = rk.k[rk.end];
  Status st = onestep_solve(&s, p, o, t, t1, y, obs, stats);
  mem_free(memory);
  return st;
}
