/* cycle.c: see cycle.h. */
#include "verb/cycle.h"

#include <math.h>
#include <string.h>

#include "num/lu.h"

enum { NEWTON_MOST = 40 };

static const double RTOL = 1e-11, ATOL = 1e-12;
static const double CONVERGED = 1e-9;      /* a Newton step, in units of the orbit's size */
static const double LONGEST_STEP = 0.5;    /* the same */
static const double LONGEST_CHANGE = 0.25; /* of the period, as a part of it */

void cycle_start(Cycle *c) {
  c->n = c->f.dim;
  c->map = c->f.s.sys->kind == SYSTEM_MAP;
  c->solver = stepper_find("dop853");
  c->field = flow_plan(&c->f, flow_function(&c->f, false, 0), 0);
  c->jacobian = flow_plan(&c->f, flow_jacobian(&c->f, false), 0);
  flow_bind_inputs(&c->f, c->field, -1, 0);
  flow_bind_inputs(&c->f, c->jacobian, -1, 0);
  c->scale = ARENA_ARRAY(c->arena, double, c->n);
  c->x = ARENA_ARRAY(c->arena, double, c->n);
  c->y = ARENA_ARRAY(c->arena, double, c->n *(c->n + 1) + 1);
  c->jac = ARENA_ARRAY(c->arena, double, c->n * c->n);
  for (int64_t i = 0; i < c->n; i++) c->scale[i] = 1;
}

void cycle_segments(Cycle *c, int64_t m) {
  int64_t n = c->n;
  c->m = m;
  c->z = ARENA_ARRAY(c->arena, double, m *n);
  c->end = ARENA_ARRAY(c->arena, double, m *n);
  c->speed = ARENA_ARRAY(c->arena, double, m *n);
  c->g = ARENA_ARRAY(c->arena, double, m *n *n);
}

/* ---- along the orbit ------------------------------------------------------------------------- */

static void to_states(Cycle *c, const double *z) {
  for (int64_t i = 0; i < c->n; i++) c->x[i] = z[i] * c->scale[i];
}

Status cycle_field(Cycle *c, const double *z, double *f) {
  to_states(c, z);
  c->field->in[FLOW_X] = c->x;
  Status st = program_run(c->field->p, c->field->in, (void *[]){f});
  for (int64_t i = 0; i < c->n; i++) f[i] /= c->scale[i];
  return st;
}

/* The field and its Jacobian. */
static Status field_and_jacobian(Cycle *c, const double *z, double *f) {
  int64_t n = c->n;
  to_states(c, z);
  c->jacobian->in[FLOW_X] = c->x;
  Status st = program_run(c->jacobian->p, c->jacobian->in, (void *[]){f, c->jac});
  for (int64_t i = 0; i < n; i++) {
    f[i] /= c->scale[i];
    for (int64_t j = 0; j < n; j++) c->jac[i * n + j] *= c->scale[j] / c->scale[i];
  }
  return st;
}

static Status plain_rhs(void *ctx, double t, const double *y, double *dydt) {
  (void)t;
  return cycle_field(ctx, y, dydt);
}

/* State, derivative by the start, integral of the trace. */
static Status tangent_rhs(void *ctx, double t, const double *y, double *dydt) {
  Cycle *c = ctx;
  int64_t n = c->n;
  (void)t;
  Status st = field_and_jacobian(c, y, dydt);
  const double *g = y + n;
  double *dg = dydt + n, *trace = dydt + n + n * n;
  memset(dg, 0, (size_t)(n * n + 1) * sizeof *dg);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t k = 0; k < n; k++)
      for (int64_t j = 0; j < n; j++) dg[i * n + j] += c->jac[i * n + k] * g[k * n + j];
    *trace += c->jac[i * n + i];
  }
  return st;
}

static Status integrate(Cycle *c, const OdeProblem *p, double time, double *y) {
  OdeOptions o = {.rtol = RTOL, .atol = ATOL, .max_steps = 1000000};
  double t = 0;
  return c->solver->solve(c->solver, p, &o, &t, time, y, NULL, NULL);
}

Status cycle_advance(Cycle *c, double time, double *z) {
  if (!c->map) return integrate(c, &(OdeProblem){c->n, plain_rhs, NULL, c}, time, z);
  Status st = STATUS_FINE;
  for (int64_t k = 0; k < (int64_t)time && st.code == STATUS_OK; k++) {
    st = cycle_field(c, z, c->y);
    memcpy(z, c->y, (size_t)c->n * sizeof *z);
  }
  return st;
}

Status cycle_advance_with(Cycle *c, double time, double *z, double *g, double *trace) {
  int64_t n = c->n;
  double *y = c->y;
  memset(y, 0, (size_t)(n * (n + 1) + 1) * sizeof *y);
  Status st;
  if (c->map) {
    st = field_and_jacobian(c, z, y);
    memcpy(y + n, c->jac, (size_t)(n * n) * sizeof *y);
  } else {
    memcpy(y, z, (size_t)n * sizeof *y);
    for (int64_t i = 0; i < n; i++) y[n + i * n + i] = 1;
    st = integrate(c, &(OdeProblem){n * (n + 1) + 1, tangent_rhs, NULL, c}, time, y);
  }
  memcpy(z, y, (size_t)n * sizeof *y);
  memcpy(g, y + n, (size_t)(n * n) * sizeof *y);
  *trace += y[n + n * n];
  return st;
}

/* ---- Newton's method ------------------------------------------------------------------------- */

static Status run_segments(Cycle *c) {
  int64_t n = c->n;
  Status st = STATUS_FINE;
  c->trace = 0;
  memcpy(c->end, c->z, (size_t)(c->m * n) * sizeof *c->z);
  for (int64_t i = 0; i < c->m && st.code == STATUS_OK; i++) {
    double *end = c->end + i * n;
    st = cycle_advance_with(c, c->period / (double)c->m, end, c->g + i * n * n, &c->trace);
    if (st.code == STATUS_OK && !c->map) st = cycle_field(c, end, c->speed + i * n);
  }
  return st;
}

/* Rows of segment i: G_i dz_i - dz_(i+1) + speed_i / m dT = z_(i+1) - end_i; of a flow the last
   row keeps the first point on the plane across the field there. */
static bool newton_step(Cycle *c, double *a, int *pivot, const double *phase, double *step) {
  int64_t n = c->n, m = c->m, size = n * m + !c->map;
  memset(a, 0, (size_t)(size * size) * sizeof *a);
  for (int64_t i = 0; i < m; i++)
    for (int64_t r = 0; r < n; r++) {
      double *row = a + (i * n + r) * size;
      int64_t next = (i + 1) % m;
      for (int64_t k = 0; k < n; k++) row[i * n + k] = c->g[(i * n + r) * n + k];
      row[next * n + r] -= 1;
      if (!c->map) row[n * m] = c->speed[i * n + r] / (double)m;
      step[i * n + r] = c->z[next * n + r] - c->end[i * n + r];
    }
  for (int64_t k = 0; k < n && !c->map; k++) a[n * m * size + k] = phase[k];
  if (!c->map) step[n * m] = 0;
  if (!lu_factor(size, a, pivot)) return false;
  lu_solve(size, a, pivot, step);
  return true;
}

/* Goes along a step, or as far as is allowed; its length. */
static double take_step(Cycle *c, const double *step) {
  int64_t size = c->n * c->m;
  double most = 0, change = c->map ? 0 : fabs(step[size]) / c->period;
  for (int64_t i = 0; i < size; i++) most = fmax(most, fabs(step[i]));
  double part = 1 / fmax(1, fmax(most / LONGEST_STEP, change / LONGEST_CHANGE));
  for (int64_t i = 0; i < size; i++) c->z[i] += part * step[i];
  if (!c->map) c->period += part * step[size];
  return fmax(most, change);
}

static Status no_orbit(const char *why) {
  return (Status){STATUS_NO_CONVERGENCE, 0, -1, why};
}

Status cycle_solve(Cycle *c) {
  int64_t n = c->n, size = n * c->m + 1;
  double *a = ARENA_ARRAY(c->arena, double, size *size);
  double *step = ARENA_ARRAY(c->arena, double, size), *phase = ARENA_ARRAY(c->arena, double, n);
  int *pivot = ARENA_ARRAY(c->arena, int, size);
  double moved = INFINITY;
  for (int i = 0; i < NEWTON_MOST; i++) {
    Status st = run_segments(c);
    if (st.code != STATUS_OK) return no_orbit("the orbit cannot be integrated");
    if (moved < CONVERGED) return STATUS_FINE;
    if (!c->map && cycle_field(c, c->z, phase).code != STATUS_OK)
      return no_orbit("the orbit cannot be integrated");
    if (!newton_step(c, a, pivot, phase, step))
      return no_orbit("the search ended where orbits are not isolated");
    moved = take_step(c, step);
    if (!isfinite(moved)) break;
  }
  return no_orbit("Newton's method does not converge");
}
