/* bdf.c: numerical differentiation formulas of orders 1 to 5, in backward differences of constant
   step (Shampine & Reichelt, "The MATLAB ODE suite", SIAM J. Sci. Comput. 18 (1997) 1, section 2).
   The Jacobian and its factors are kept as long as Newton's iteration converges with them; order
   and step change together, and not before a step was taken order + 1 times. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "num/flat.h"
#include "num/integrate.h"
#include "num/lu.h"

enum { ORDERS = 5, NEWTON_MOST = 4, DIFFERENCES = ORDERS + 3 };

/* Of the formulas (table 1 of the paper): their coefficient kappa, that of the implicit term
   (1 - kappa) gamma with gamma the sums of 1 / j, and the constant of the error. */
static const double kappa[ORDERS + 1] = {0, -0.1850, -1.0 / 9, -0.0823, -0.0415, 0};
static const double gamma_of[ORDERS + 1] = {0, 1, 1.5, 11.0 / 6, 25.0 / 12, 137.0 / 60};

static double implicit(int order) {
  return (1 - kappa[order]) * gamma_of[order];
}

static double error_constant(int order) {
  double kept = order <= ORDERS ? kappa[order] * gamma_of[order] : 0;
  return kept + 1.0 / (order + 1);
}

typedef struct Bdf {
  const OdeProblem *p;
  const OdeOptions *o;
  OdeStats *stats;
  int64_t n, steps_left;
  double t, h, t1, latest, size;
  int order;
  int64_t equal;          /* steps since step or order changed */
  double *D[DIFFERENCES]; /* D[k]: the k-th backward difference of the state */
  double *y, *f, *sum, *step, *d, *work;
  double *jac, *dfdt, *lu;
  int *pivot;
  bool factored, current; /* are there factors; is the Jacobian that of the present step? */
  double *fast, *image;   /* of the power method on the Jacobian */
  double *before;         /* the state at the start of the step, for the observer */
  bool left;              /* the watch ended the integration */
  Status bad;
} Bdf;

/* ---- step and order -------------------------------------------------------------------------- */

/* The matrix of equation 2 there, cumulated: M[0] = 1, M[i, j] the product of (k - 1 - factor j) /
   k over k to i. */
static void interpolation(int order, double factor, double m[ORDERS + 1][ORDERS + 1]) {
  for (int j = 0; j <= order; j++) m[0][j] = 1;
  for (int i = 1; i <= order; i++)
    for (int j = 0; j <= order; j++) m[i][j] = j == 0 ? 0 : m[i - 1][j] * (i - 1 - factor * j) / i;
}

/* The differences for a step of factor times the present one. */
static void change_step(Bdf *b, double factor) {
  double to[ORDERS + 1][ORDERS + 1], one[ORDERS + 1][ORDERS + 1], both[ORDERS + 1][ORDERS + 1];
  int q = b->order;
  interpolation(q, factor, to);
  interpolation(q, 1, one);
  for (int i = 0; i <= q; i++)
    for (int j = 0; j <= q; j++) {
      both[i][j] = 0;
      for (int k = 0; k <= q; k++) both[i][j] += to[i][k] * one[k][j];
    }
  for (int64_t x = 0; x < b->n; x++) {
    double old[ORDERS + 1];
    for (int i = 0; i <= q; i++) old[i] = b->D[i][x];
    for (int j = 0; j <= q; j++) {
      double s = 0;
      for (int i = 0; i <= q; i++) s += both[i][j] * old[i];
      b->D[j][x] = s;
    }
  }
  b->h *= factor;
  b->equal = 0;
  b->factored = false;
}

static double size_of_error(const Bdf *b, int order, const double *difference, const double *y) {
  double square = flat_mean_square(b->n, difference, y, y, b->o->atol, b->o->rtol);
  return fabs(error_constant(order)) * sqrt(square);
}

/* The order of which the error allows the largest next step. */
static void choose(Bdf *b, double error, double safety) {
  static const double most = 10;
  int q = b->order;
  double errors[3] = {INFINITY, error, INFINITY}, best = 0;
  if (q > 1) errors[0] = size_of_error(b, q - 1, b->D[q], b->D[0]);
  if (q < ORDERS) errors[2] = size_of_error(b, q + 1, b->D[q + 2], b->D[0]);
  for (int k = 0; k < 3; k++) {
    double factor = errors[k] > 0 ? pow(errors[k], -1.0 / (q + k)) : 2 * most;
    if (factor <= best) continue;
    best = factor;
    b->order = q + k - 1;
  }
  change_step(b, fmin(most, safety * best));
}

/* ---- one step -------------------------------------------------------------------------------- */

static Status rhs(Bdf *b, double t, const double *y, double *f) {
  b->stats->rhs++;
  return b->p->rhs(b->p->ctx, fmin(t, b->latest), y, f);
}

static bool note_bad(Bdf *b, double t, int64_t element) {
  b->bad = (Status){STATUS_NONFINITE, t, element, NULL};
  return false;
}

static Status make_jacobian(Bdf *b, double t, const double *y, bool *finite) {
  b->stats->jac++;
  Status st = b->p->jac(b->p->ctx, fmin(t, b->latest), y, b->jac, b->dfdt);
  int64_t bad = flat_first_nonfinite(b->n * b->n, b->jac);
  *finite = bad < 0 || note_bad(b, t, bad / b->n);
  b->current = true;
  b->factored = false;
  return st;
}

static bool factor(Bdf *b, double c) {
  for (int64_t i = 0; i < b->n * b->n; i++) b->lu[i] = -c * b->jac[i];
  for (int64_t i = 0; i < b->n; i++) b->lu[i * b->n + i] += 1;
  b->factored = lu_factor(b->n, b->lu, b->pivot);
  if (!b->factored) b->bad = (Status){STATUS_SINGULAR, b->t, -1, NULL};
  return b->factored;
}

/* Newton's iteration for y = D0 + ... + Dq + d, from d = 0. *count: how many it took; 0: it does
   not converge. */
static Status iterate(Bdf *b, double t, double c, int *count) {
  double limit = fmax(10 * DBL_EPSILON / b->o->rtol, fmin(0.03, sqrt(b->o->rtol))), last = 0;
  *count = 0;
  memset(b->d, 0, (size_t)b->n * sizeof *b->d);
  memcpy(b->y, b->work, (size_t)b->n * sizeof *b->y);
  for (int k = 0; k < NEWTON_MOST; k++) {
    Status st = rhs(b, t, b->y, b->f);
    int64_t bad = st.code ? 0 : flat_first_nonfinite(b->n, b->f);
    if (st.code || bad >= 0) return note_bad(b, t, bad), st;
    for (int64_t i = 0; i < b->n; i++) b->step[i] = c * b->f[i] - b->sum[i] - b->d[i];
    lu_solve(b->n, b->lu, b->pivot, b->step);
    double size = sqrt(flat_mean_square(b->n, b->step, b->work, b->work, b->o->atol, b->o->rtol));
    double rate = k > 0 ? size / last : 0;
    if (!isfinite(size) || rate >= 1) return STATUS_FINE;
    if (k > 0 && pow(rate, NEWTON_MOST - k) / (1 - rate) * size > limit) return STATUS_FINE;
    for (int64_t i = 0; i < b->n; i++) {
      b->y[i] += b->step[i];
      b->d[i] += b->step[i];
    }
    *count = size == 0 || (k > 0 && rate / (1 - rate) * size < limit) ? k + 1 : 0;
    if (*count) return STATUS_FINE;
    last = size;
  }
  return STATUS_FINE;
}

/* The prediction to work, and what of the differences stands in the formula to sum. */
static void predict(Bdf *b) {
  double weight[ORDERS];
  for (int k = 0; k < b->order; k++) weight[k] = gamma_of[k + 1] / implicit(b->order);
  static const double ones[ORDERS] = {1, 1, 1, 1, 1};
  flat_combine(b->n, b->D[0], 1, b->order, ones, b->D + 1, b->work);
  flat_combine(b->n, NULL, 1, b->order, weight, b->D + 1, b->sum);
}

/* Solves for the state at t, with a new Jacobian where the old one does not do. */
static Status solve(Bdf *b, double t, int *count) {
  double c = b->h / implicit(b->order);
  bool finite = true;
  predict(b);
  for (;;) {
    *count = 0;
    if (b->factored || factor(b, c)) {
      Status st = iterate(b, t, c, count);
      if (st.code || *count) return st;
    }
    if (b->current) return STATUS_FINE;
    Status st = make_jacobian(b, t, b->work, &finite);
    if (st.code || !finite) return st;
  }
}

/* Tries steps until one is good enough; *error and *count are its. */
static Status attempt(Bdf *b, Limit limit, double *error, int *count, double *t) {
  b->current = false;
  for (; b->steps_left > 0; b->steps_left--) {
    if (b->o->hmax > 0 && b->h > b->o->hmax) change_step(b, b->o->hmax / b->h);
    bool cut = b->t + 1.000001 * b->h >= limit.t;
    if (cut && b->h != limit.t - b->t) change_step(b, (limit.t - b->t) / b->h);
    if (!cut && b->h < step_floor(b->t)) break;
    *t = cut ? limit.t : b->t + b->h;
    Status st = solve(b, *t, count);
    if (st.code) return st;
    *error = *count ? size_of_error(b, b->order, b->d, b->y) : INFINITY;
    if (*error <= 1) return STATUS_FINE;
    b->stats->rejected++;
    if (!*count)
      change_step(b, 0.5);
    else
      change_step(b, fmax(0.2, 0.9 * pow(*error, -1.0 / (b->order + 1))));
  }
  if (b->steps_left <= 0) return (Status){STATUS_TOO_MANY_STEPS, b->t, -1, NULL};
  return b->bad.code ? b->bad : (Status){STATUS_STEP_UNDERFLOW, b->t, -1, NULL};
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The polynomial through the last order + 1 states (equation 1 of section 2.1). */
static void dense(const OdeStep *step, double t, double *y) {
  const Bdf *b = step->state;
  const double *end = t <= step->t0 ? step->y0 : step->y1;
  if (t <= step->t0 || t >= step->t1) {
    memcpy(y, end, (size_t)b->n * sizeof *y);
    return;
  }
  double weight[ORDERS], product = 1, s = (t - step->t1) / b->h;
  for (int k = 0; k < b->order; k++) weight[k] = product *= (s + k) / (k + 1);
  flat_combine(b->n, b->D[0], 1, b->order, weight, b->D + 1, y);
}

/* From the state at t alone: order 1. */
static Status begin(Bdf *b) {
  b->latest = INFINITY;
  b->bad = STATUS_FINE;
  int64_t bad = flat_first_nonfinite(b->n, b->D[0]);
  if (bad >= 0) return note_bad(b, b->t, bad), b->bad;
  Status st = rhs(b, b->t, b->D[0], b->f);
  bad = st.code ? -1 : flat_first_nonfinite(b->n, b->f);
  if (bad >= 0) return note_bad(b, b->t, bad), b->bad;
  double room = limit_next(b->o, b->t, b->t1).t - b->t;
  b->h = b->o->h0;
  if (!st.code && !(b->h > 0))
    st = first_step(b->p, b->o, b->stats, 2, b->t, b->D[0], b->f, b->y, b->work, room, &b->h);
  if (st.code) return st;
  bool finite;
  b->order = 1;
  b->equal = 0;
  for (int64_t i = 0; i < b->n; i++) b->D[1][i] = b->h * b->f[i];
  st = make_jacobian(b, b->t, b->D[0], &finite);
  return st.code || finite ? st : b->bad;
}

/* The differences after a step with the correction d. */
static void update(Bdf *b) {
  int q = b->order;
  for (int64_t i = 0; i < b->n; i++) {
    b->D[q + 2][i] = b->d[i] - b->D[q + 1][i];
    b->D[q + 1][i] = b->d[i];
    for (int k = q; k >= 0; k--) b->D[k][i] += b->D[k + 1][i];
  }
}

/* Shows how stiff the step was; false: the watch ends the integration. */
static bool watched(Bdf *b, double t) {
  const OdeWatch *w = b->o->watch;
  if (!w) return true;
  double rate = flat_spectral_size(b->n, b->jac, b->fast, b->image);
  b->left = !w->step(w->ctx, t, b->h, b->h * rate);
  return !b->left;
}

static Status take_step(Bdf *b, const OdeObserver *obs, double *out, OdeAction *action) {
  Limit limit = limit_next(b->o, b->t, b->t1);
  double error, t, t_out;
  int count;
  b->latest = limit.edge ? nextafter(limit.t, -INFINITY) : INFINITY;
  b->bad = STATUS_FINE;
  Status st = attempt(b, limit, &error, &count, &t);
  if (st.code) return st;
  double safety = 0.9 * (2 * NEWTON_MOST + 1) / (2 * NEWTON_MOST + count);
  memcpy(b->before, b->D[0], (size_t)b->n * sizeof *b->before);
  update(b);
  OdeStep step = {b->t, t, b->before, b->D[0], dense, b, b->n};
  b->stats->steps++;
  b->steps_left--;
  b->t = t_out = t;
  memcpy(out, b->D[0], (size_t)b->n * sizeof *out);
  *action = obs ? obs->step(obs->ctx, &step, &t_out, out) : ODE_GO;
  if (*action != ODE_GO) {
    b->t = t_out;
    memcpy(b->D[0], out, (size_t)b->n * sizeof *out);
    return *action == ODE_STOP ? STATUS_FINE : begin(b);
  }
  if (!watched(b, t)) return STATUS_FINE;
  if (limit.edge && t == limit.t && t < b->t1) return begin(b);
  if (++b->equal > b->order) choose(b, error, safety);
  return STATUS_FINE;
}

static Status run(Bdf *b, const OdeObserver *obs, double *out) {
  OdeAction action = ODE_GO;
  Status st = begin(b);
  while (!st.code && action != ODE_STOP && !b->left && b->t < b->t1)
    st = take_step(b, obs, out, &action);
  if (st.code != STATUS_STEP_UNDERFLOW && st.code != STATUS_NONFINITE) return st;
  Status why = judge_underflow(b->n, b->t, b->D[0], b->f, b->size);
  return st.code == STATUS_STEP_UNDERFLOW || why.code == STATUS_DIVERGES ? why : st;
}

Status bdf_solve(const Stepper *stepper, const OdeProblem *p, const OdeOptions *o, double *t,
                 double t1, double *y, const OdeObserver *obs, OdeStats *stats) {
  (void)stepper;
  OdeStats unused = {0};
  const size_t n = (size_t)p->n;
  Bdf b = {.p = p, .o = o, .stats = stats ? stats : &unused, .n = p->n, .t = *t, .t1 = t1};
  double **vectors[] = {&b.y,    &b.f,    &b.sum,  &b.step,  &b.d,
                        &b.work, &b.dfdt, &b.fast, &b.image, &b.before};
  enum { VECTORS = sizeof vectors / sizeof *vectors };
  double *memory = mem_alloc((2 * n * n + (VECTORS + DIFFERENCES) * n + 1) * sizeof *memory);
  b.jac = memory;
  b.lu = b.jac + n * n;
  for (int k = 0; k < VECTORS; k++) *vectors[k] = b.lu + n * n + n * (size_t)k;
  for (int k = 0; k < DIFFERENCES; k++) b.D[k] = b.before + n * (size_t)(k + 1);
  b.pivot = mem_alloc((n + 1) * sizeof *b.pivot);
  b.steps_left = max_steps(o);
  flat_generic(p->n, b.fast);
  b.size = state_size(p->n, y, o);
  memcpy(b.D[0], y, n * sizeof *y);
  Status st = run(&b, obs, y);
  *t = b.t;
  memcpy(y, b.D[0], n * sizeof *y);
  mem_free(b.pivot);
  mem_free(memory);
  return st;
}
