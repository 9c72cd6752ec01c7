/* step_gsl.c: GSL's integrators (gsl_odeiv2) behind our interface. What GSL leaves to its user is
   done here: values that are not finite stop it (GSL itself reports success), a failing step is
   retried with a smaller one from a reset state, history is dropped where the right-hand side may
   jump. */
#include "num/integrate.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <string.h>

#include "num/flat.h"
#include "num/gsl_glue.h"
#include "num/tableau.h"

typedef struct GslRun {
  const OdeProblem *p;
  const OdeOptions *o;
  OdeStats *stats;
  gsl_odeiv2_driver *driver;
  gsl_odeiv2_system system;
  double t, h, latest, size;
  double *y, *y0, *f0, *f1; /* f0 and f1: derivatives at the ends of a step, when asked for */
  bool stiff, dense_ready;
  Status bad; /* the last value that was not finite */
  Status end; /* a failure of the right-hand side itself: it ends the run */
} GslRun;

static double no_later(const GslRun *g, double t) {
  return fmin(t, g->latest);
}

/* To GSL any code of ours would mean "try a smaller step"; GSL_EBADFUNC makes it return at once. */
static int note(GslRun *g, Status st, double t, int64_t nonfinite) {
  if (st.code) g->end = st;
  if (nonfinite >= 0) g->bad = (Status){STATUS_NONFINITE, t, nonfinite, NULL};
  return st.code || nonfinite >= 0 ? GSL_EBADFUNC : GSL_SUCCESS;
}

static int call_rhs(double t, const double *y, double *dydt, void *ctx) {
  GslRun *g = ctx;
  if (g->end.code) return GSL_EBADFUNC;
  g->stats->rhs++;
  Status st = g->p->rhs(g->p->ctx, no_later(g, t), y, dydt);
  return note(g, st, t, st.code ? -1 : flat_first_nonfinite(g->p->n, dydt));
}

static int call_jac(double t, const double *y, double *dfdy, double *dfdt, void *ctx) {
  GslRun *g = ctx;
  int64_t n = g->p->n;
  if (g->end.code) return GSL_EBADFUNC;
  g->stats->jac++;
  Status st = g->p->jac(g->p->ctx, no_later(g, t), y, dfdy, dfdt);
  if (st.code) return note(g, st, t, -1);
  int64_t bad = flat_first_nonfinite(n * n, dfdy);
  return note(g, st, t, bad >= 0 ? bad / n : flat_first_nonfinite(n, dfdt));
}

/* GSL has no interpolants. Where it is safe, one explicit step of order 8 from the start of the
   step gives the value; the long steps of stiff methods only allow Hermite's cubic. */
static void dense(const OdeStep *step, double t, double *y) {
  GslRun *g = step->state;
  if (t <= step->t0 || t >= step->t1) {
    memcpy(y, t <= step->t0 ? step->y0 : step->y1, (size_t)step->n * sizeof *y);
    return;
  }
  if (!g->stiff) {
    memcpy(y, step->y0, (size_t)step->n * sizeof *y);
    Status st = ode_fixed(&tableau_dop853, g->p, step->t0, t - step->t0, 1, y);
    if (!st.code) return;
  }
  if (!g->dense_ready) {
    call_rhs(step->t0, step->y0, g->f0, g);
    call_rhs(step->t1, step->y1, g->f1, g);
    g->dense_ready = true;
  }
  hermite(step, g->f0, g->f1, t, y);
}

static void forget_history(GslRun *g) {
  gsl_odeiv2_evolve_reset(g->driver->e);
  gsl_odeiv2_step_reset(g->driver->s);
}

/* One accepted step to limit at most, from (t, y). */
static Status take_step(GslRun *g, double limit) {
  gsl_odeiv2_driver *d = g->driver;
  const size_t bytes = (size_t)g->p->n * sizeof *g->y;
  for (;;) {
    double t = g->t, h = g->o->hmax > 0 ? fmin(g->h, g->o->hmax) : g->h;
    double tried = fmin(h, limit - t);
    unsigned long failed = d->e->failed_steps;
    gsl_glue_begin();
    int code = gsl_odeiv2_evolve_apply(d->e, d->c, d->s, &g->system, &t, limit, &h, g->y);
    g->stats->rejected += (int64_t)(d->e->failed_steps - failed);
    int64_t bad = code ? -1 : flat_first_nonfinite(g->p->n, g->y);
    if (code == GSL_SUCCESS && bad < 0) {
      g->t = t;
      g->h = h;
      return STATUS_FINE;
    }
    memcpy(g->y, g->y0, bytes);
    forget_history(g);
    if (g->end.code) return g->end;
    if (bad >= 0) note(g, STATUS_FINE, t, bad);
    g->stats->rejected++;
    g->h = 0.1 * tried;
    if (g->h < step_floor(g->t))
      return g->bad.code ? g->bad : (Status){STATUS_STEP_UNDERFLOW, g->t, -1, NULL};
  }
}

/* Shows the step from (t0, y0). */
static OdeAction show(GslRun *g, double t0, const OdeObserver *obs, double *y_out) {
  OdeStep step = {t0, g->t, g->y0, g->y, dense, g, g->p->n};
  if (!obs) return ODE_GO;
  const size_t bytes = (size_t)g->p->n * sizeof *g->y;
  memcpy(y_out, g->y, bytes);
  g->dense_ready = false;
  double t = g->t;
  OdeAction action = obs->step(obs->ctx, &step, &t, y_out);
  if (action == ODE_GO) return action;
  memcpy(g->y, y_out, bytes);
  g->t = t;
  return action;
}

static Status judge(GslRun *g, Status st) {
  if (st.code != STATUS_STEP_UNDERFLOW && st.code != STATUS_NONFINITE) return st;
  Status failed = g->p->rhs(g->p->ctx, g->t, g->y, g->f0);
  if (failed.code) return failed;
  Status why = judge_underflow(g->p->n, g->t, g->y, g->f0, g->size);
  return st.code == STATUS_STEP_UNDERFLOW || why.code == STATUS_DIVERGES ? why : st;
}

static Status integrate(GslRun *g, double t1, const OdeObserver *obs, double *y_out) {
  const size_t bytes = (size_t)g->p->n * sizeof *g->y;
  OdeAction action = ODE_GO;
  for (int64_t left = max_steps(g->o); action != ODE_STOP && g->t < t1; left--) {
    if (left == 0) return (Status){STATUS_TOO_MANY_STEPS, g->t, -1, NULL};
    Limit limit = limit_next(g->o, g->t, t1);
    double t0 = g->t;
    g->latest = limit.edge ? nextafter(limit.t, -INFINITY) : INFINITY;
    memcpy(g->y0, g->y, bytes);
    Status st = take_step(g, limit.t);
    if (st.code) return st;
    g->stats->steps++;
    g->bad = STATUS_FINE;
    bool jump = limit.edge && g->t == limit.t;
    action = show(g, t0, obs, y_out);
    if (g->end.code) return g->end;
    if (action == ODE_RESTART || jump) forget_history(g);
    if (g->t == t0 && action != ODE_RESTART) return (Status){STATUS_STEP_UNDERFLOW, g->t, -1, NULL};
  }
  return STATUS_FINE;
}

static Status begin(GslRun *g, const Stepper *s, double t1) {
  const gsl_odeiv2_step_type *const *type = s->data;
  double room = limit_next(g->o, g->t, t1).t - g->t;
  g->h = g->o->h0;
  if (call_rhs(g->t, g->y, g->f0, g)) return g->end.code ? g->end : g->bad;
  Status st = STATUS_FINE;
  if (!(g->h > 0))
    st = first_step(g->p, g->o, g->stats, 2, g->t, g->y, g->f0, g->y0, g->f1, room, &g->h);
  if (st.code) return st;
  g->driver = gsl_odeiv2_driver_alloc_y_new(&g->system, *type, g->h, g->o->atol, g->o->rtol);
  return g->driver ? STATUS_FINE : (Status){STATUS_INVALID, g->t, -1, "GSL refuses the tolerances"};
}

Status gsl_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                 double *y, const OdeObserver *obs, OdeStats *stats) {
  const size_t n = (size_t)p->n;
  OdeStats unused = {0};
  if (n == 0) {
    *t = t1;
    return STATUS_FINE;
  }
  double *memory = mem_alloc(5 * n * sizeof *memory);
  GslRun g = {.p = p, .o = o, .t = *t, .latest = INFINITY, .bad = STATUS_FINE, .end = STATUS_FINE};
  g.stats = stats ? stats : &unused;
  g.stiff = (s->flags & STEPPER_STIFF) != 0;
  g.system = (gsl_odeiv2_system){call_rhs, p->jac ? call_jac : NULL, n, &g};
  g.size = state_size(p->n, y, o);
  g.y = memory;
  g.y0 = g.y + n;
  g.f0 = g.y0 + n;
  g.f1 = g.f0 + n;
  memcpy(g.y, y, n * sizeof *y);
  Status st = begin(&g, s, t1);
  if (!st.code) st = judge(&g, integrate(&g, t1, obs, memory + 4 * n));
  *t = g.t;
  memcpy(y, g.y, n * sizeof *y);
  if (g.driver) gsl_odeiv2_driver_free(g.driver);
  mem_free(memory);
  return st;
}
