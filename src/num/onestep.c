/* onestep.c: step-size control as in the codes of Hairer, Norsett & Wanner (Solving Ordinary
   Differential Equations I, section II.4; II, section IV.2). */
#include "num/onestep.h"

#include <math.h>
#include <string.h>

#include "num/flat.h"
#include "num/integrate.h"

static const double safety = 0.9, least_factor = 0.2, most_factor = 10;

Status onestep_rhs(OneStep *s, double t, const double *y, double *dydt) {
  s->stats->rhs++;
  return s->p->rhs(s->p->ctx, fmin(t, s->latest), y, dydt);
}

bool onestep_finite(OneStep *s, double t, const double *x) {
  int64_t i = flat_first_nonfinite(s->n, x);
  if (i >= 0) s->bad = (Status){STATUS_NONFINITE, t, i, NULL};
  return i < 0;
}

bool onestep_at_end(const OdeStep *step, double t, double *y) {
  if (t > step->t0 && t < step->t1) return false;
  memcpy(y, t <= step->t0 ? step->y0 : step->y1, (size_t)step->n * sizeof *y);
  return true;
}

/* The step follows the error of this and of the last step (IV.2, equation 2.43c). */
static double next_step(OneStep *s, double h, double error) {
  double power = 1.0 / s->order - 0.75 * s->beta;
  double factor = safety * pow(fmax(error, 1e-12), -power) * pow(s->last_error, s->beta);
  s->last_error = fmax(error, 1e-4);
  double most = s->rejected ? 1 : most_factor;
  return h * fmin(most, fmax(least_factor, factor));
}

static double smaller_step(const OneStep *s, double h, double error) {
  if (!isfinite(error)) return 0.1 * h;
  return h * fmax(least_factor, safety * pow(error, -1.0 / s->order));
}

/* At the start, after an edge and after a change from outside. */
static Status begin_at(OneStep *s) {
  s->latest = INFINITY;
  s->last_error = 1e-4;
  if (!onestep_finite(s, s->t, s->y)) return s->bad;
  Status st = s->method->begin(s);
  if (st.code) return st;
  return onestep_finite(s, s->t, s->f) ? STATUS_FINE : s->bad;
}

static OdeAction show(OneStep *s, const OdeStep *step, const OdeObserver *obs, double *t,
                      double *y_out) {
  if (!obs) return ODE_GO;
  memcpy(y_out, s->y_new, (size_t)s->n * sizeof *y_out);
  s->dense_ready = false;
  return obs->step(obs->ctx, step, t, y_out);
}

/* Shows how stiff the step was. */
static void watch(OneStep *s, double t, double h) {
  if (s->o->watch && s->method->stretch)
    s->left = !s->o->watch->step(s->o->watch->ctx, t, h, s->method->stretch(s, h));
}

/* Shows the step and takes it. */
static Status accept(OneStep *s, Limit limit, double t_new, const OdeObserver *obs, double *y_out,
                     OdeAction *action) {
  OdeStep step = {s->t, t_new, s->y, s->y_new, s->method->dense, s, s->n};
  double t_out = t_new;
  s->stats->steps++;
  *action = show(s, &step, obs, &t_out, y_out);
  if (s->dense_status.code) return s->dense_status;
  if (*action == ODE_GO) watch(s, t_new, t_new - s->t);
  double *y = s->y;
  s->y = s->y_new;
  s->y_new = y;
  s->t = t_new;
  s->method->advance(s);
  bool at_edge = limit.edge && t_new == limit.t && t_new < s->t1;
  if (*action == ODE_GO && !at_edge) return STATUS_FINE;
  if (*action != ODE_GO) {
    s->t = t_out;
    memcpy(s->y, y_out, (size_t)s->n * sizeof *y_out);
  }
  return *action == ODE_STOP ? STATUS_FINE : begin_at(s);
}

static Status status_at(const OneStep *s, StatusCode code) {
  return (Status){code, s->t, -1, NULL};
}

/* One accepted step, after as many attempts as it takes. A step cut short by a limit says little
   about the size of the next. */
static Status take_step(OneStep *s, const OdeObserver *obs, double *y_out, OdeAction *action) {
  Limit limit = limit_next(s->o, s->t, s->t1);
  s->latest = limit.edge ? nextafter(limit.t, -INFINITY) : INFINITY;
  s->bad = STATUS_FINE;
  s->rejected = false;
  for (; s->steps_left > 0; s->steps_left--) {
    double h = s->o->hmax > 0 ? fmin(s->h, s->o->hmax) : s->h, error = 0;
    bool cut = s->t + 1.000001 * h >= limit.t;
    double step = cut ? limit.t - s->t : h;
    if (!cut && h < step_floor(s->t))
      return s->bad.code ? s->bad : status_at(s, STATUS_STEP_UNDERFLOW);
    Status st = s->method->attempt(s, step, &error);
    if (st.code) return st;
    if (error <= 1) {
      double next = s->adaptive ? next_step(s, step, error) : h;
      s->h = cut ? fmax(next, h) : next;
      s->steps_left--;
      return accept(s, limit, cut ? limit.t : s->t + step, obs, y_out, action);
    }
    if (!s->adaptive) return s->bad;
    s->h = smaller_step(s, step, error);
    s->rejected = true;
    s->stats->rejected++;
  }
  return status_at(s, STATUS_TOO_MANY_STEPS);
}

/* Steps ran out, or a value was not finite however small the step: is it that the state runs off?
 */
static Status judge(const OneStep *s, Status st) {
  if (st.code != STATUS_STEP_UNDERFLOW && st.code != STATUS_NONFINITE) return st;
  Status why = judge_underflow(s->n, s->t, s->y, s->f, s->size);
  return st.code == STATUS_STEP_UNDERFLOW || why.code == STATUS_DIVERGES ? why : st;
}

static Status integrate(OneStep *s, double *y_out, const OdeObserver *obs) {
  if (!s->adaptive && !(s->h > 0))
    return (Status){STATUS_INVALID, s->t, -1, "a fixed step is needed"};
  Status st = begin_at(s);
  double room = limit_next(s->o, s->t, s->t1).t - s->t;
  if (!st.code && !(s->h > 0))
    st = first_step(s->p, s->o, s->stats, s->order, s->t, s->y, s->f, s->f_new, s->work, room,
                    &s->h);
  OdeAction action = ODE_GO;
  while (!st.code && action != ODE_STOP && !s->left && s->t < s->t1)
    st = take_step(s, obs, y_out, &action);
  return judge(s, st);
}

Status onestep_solve(OneStep *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                     double *y, const OdeObserver *obs, OdeStats *stats) {
  OdeStats unused = {0};
  const size_t n = (size_t)p->n, bytes = n * sizeof *y;
  double *memory = mem_alloc(2 * bytes + 1);
  s->p = p;
  s->o = o;
  s->stats = stats ? stats : &unused;
  s->n = p->n;
  s->steps_left = max_steps(o);
  s->t = *t;
  s->t1 = t1;
  s->h = o->h0;
  s->y = memory;
  s->y_new = memory + n;
  s->size = state_size(p->n, y, o);
  s->dense_status = s->bad = STATUS_FINE;
  memcpy(s->y, y, bytes);
  Status st = integrate(s, y, obs);
  *t = s->t;
  memcpy(y, s->y, bytes);
  mem_free(memory);
  return st;
}
