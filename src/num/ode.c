/* ode.c: the table of methods, and integration to a list of times. */
#include "num/ode.h"

#include <gsl/gsl_odeiv2.h>
#include <string.h>

#include "num/flat.h"
#include "num/integrate.h"
#include "num/tableau.h"

/* Explicit Runge-Kutta methods come from their tableaux, the others from stepper.def. */
static const Stepper steppers[] = {
#define FIXED(name, stages, order, doc, c, a, b) \
  {#name, doc, order, STEPPER_FIXED | STEPPER_TRACED, tableau_solve, &tableau_##name},
#define PAIR(name, stages, order, fsal, doc, c, a, b, e, extras) \
  {#name, doc, order, STEPPER_ADAPTIVE | STEPPER_DENSE, tableau_solve, &tableau_##name},
#include "num/butcher.def"
#undef FIXED
#undef PAIR
#define STEPPER(name, order, flags, solve, data, doc) {#name, doc, order, flags, solve, data},
#include "num/stepper.def"
#undef STEPPER
};

enum { STEPPERS = sizeof steppers / sizeof steppers[0] };

const Stepper *stepper_at(int i) {
  return i >= 0 && i < STEPPERS ? &steppers[i] : NULL;
}

const Stepper *stepper_find(const char *name) {
  for (int i = 0; i < STEPPERS; i++)
    if (strcmp(steppers[i].name, name) == 0) return &steppers[i];
  return NULL;
}

typedef struct Rows {
  const double *times;
  int64_t next, n;
  double *y; /* for values between steps */
  bool (*row)(void *ctx, int64_t k, double t, const double *y);
  void *ctx;
} Rows;

static bool give(Rows *r, const double *y) {
  int64_t k = r->next++;
  return r->row(r->ctx, k, r->times[k], y);
}

/* Gives all rows that fall into the step. */
static OdeAction give_rows(void *ctx, const OdeStep *s, double *t, double *y) {
  Rows *r = ctx;
  (void)t;
  (void)y;
  while (r->next < r->n && r->times[r->next] <= s->t1) {
    s->dense(s, r->times[r->next], r->y);
    if (!give(r, r->y)) return ODE_STOP;
  }
  return ODE_GO;
}

static Status refuse(const Stepper *s, const OdeProblem *p) {
  if (!s->solve) return (Status){STATUS_INVALID, 0, -1, "this method only runs traced"};
  if ((s->flags & STEPPER_NEEDS_JAC) && !p->jac)
    return (Status){STATUS_INVALID, 0, -1, "this method needs the Jacobian"};
  return STATUS_FINE;
}

Status ode_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double *y,
                 const double *times, int64_t ntimes,
                 bool (*row)(void *ctx, int64_t k, double t, const double *y), void *ctx,
                 OdeStats *stats) {
  const Status cancelled = {STATUS_CANCELLED, *t, -1, NULL};
  OdeOptions options = *o;
  OdeStats unused = {0};
  Status st = refuse(s, p);
  if (st.code || ntimes == 0) return st;
  Rows r = {times, 0, ntimes, NULL, row, ctx};
  while (r.next < ntimes && times[r.next] <= *t)
    if (!give(&r, y)) return cancelled;
  if (r.next == ntimes) return st;
  if (!(s->flags & STEPPER_DENSE)) {
    options.marks = times;
    options.nmarks = ntimes;
  }
  r.y = mem_alloc(((size_t)p->n + 1) * sizeof *r.y);
  OdeObserver observer = {give_rows, &r};
  st = s->solve(s, p, &options, t, times[ntimes - 1], y, &observer, stats ? stats : &unused);
  mem_free(r.y);
  return st.code || r.next == ntimes ? st : cancelled;
}

static Status fixed_step(const Tableau *m, const OdeProblem *p, double t, double dt, double *y,
                         double *const *k, double *work) {
  for (int i = 0; i < m->stages; i++) {
    flat_combine(p->n, y, dt, i, m->a + i * m->stages, k, work);
    Status st = p->rhs(p->ctx, t + m->c[i] * dt, work, k[i]);
    if (st.code) return st;
  }
  flat_combine(p->n, y, dt, m->stages, m->b, k, y);
  return STATUS_FINE;
}

Status ode_fixed(const Tableau *m, const OdeProblem *p, double t0, double dt, int64_t steps,
                 double *y) {
  double *k[TABLEAU_MAX_STAGES];
  double *memory = mem_alloc(((size_t)p->n * (size_t)(m->stages + 1) + 1) * sizeof *memory);
  for (int i = 0; i < m->stages; i++) k[i] = memory + p->n * i;
  Status st = STATUS_FINE;
  for (int64_t i = 0; i < steps && !st.code; i++) {
    double t = t0 + (double)i * dt;
    st = fixed_step(m, p, t, dt, y, k, memory + p->n * m->stages);
    int64_t bad = st.code ? -1 : flat_first_nonfinite(p->n, y);
    if (bad >= 0) st = (Status){STATUS_NONFINITE, t + dt, bad, NULL};
  }
  mem_free(memory);
  return st;
}
