/* sim_pace.c: is a fixed step short enough for the fastest motion at the start? The size of the
   largest eigenvalue of the Jacobian comes from the power method, in products of the Jacobian with
   a vector, at the cost of a few dozen steps. Maps, noise, delays and a method that is exact for
   the leak are left out, and so are single steps. */
#include <math.h>
#include <string.h>

#include "lang/network.h"
#include "num/flat.h"
#include "pass/pass.h"
#include "verb/sim.h"

enum { IN_STATES = 4, SETTLE = 12, MEASURE = 8 }; /* powers before the size is measured, then */

static const double SHORT = 0.2;   /* steps up to this part of a time constant are */
static const double MARGIN = 1.05; /* of the measure */

typedef struct Pace {
  Sim *m;
  SimProgram *p;
  int tangents; /* the first of those inputs */
  void **out;   /* of each state: where the derivative along the tangents goes */
  double *v, *w;
} Pace;

static bool is_measured(const Sim *m) {
  const System *s = m->s.sys;
  bool trained = m->s.net->network->method || m->in.trials; /* the step is part of such a model */
  return s->kind == SYSTEM_CONTINUOUS && m->steps > 1 && !trained && !s->has_noise &&
         s->delays.n == 0 && s->dim > 0 && strcmp(m->s.method->name, "exponential_euler") != 0;
}

static void plan(Pace *a) {
  Sim *m = a->m;
  const System *s = m->s.sys;
  GraphFn *f = system_fn(m->arena, s, &(SystemFnOptions){0});
  bool *wrt = ARENA_ARRAY(m->arena, bool, f->nin);
  for (size_t i = 0; i < s->states.n; i++) wrt[IN_STATES + i] = true;
  GraphFn *d = pass_jvp(m->arena, f, wrt);
  d->out += f->nout;
  d->nout -= f->nout;
  a->tangents = f->nin;
  a->p = sim_plan(m, d, 1);
  a->out = ARENA_ARRAY(m->arena, void *, s->states.n + 1);
  a->v = ARENA_ARRAY(m->arena, double, s->dim);
  a->w = ARENA_ARRAY(m->arena, double, s->dim);
  sim_at_lane(m, a->p, 0, 0, m->x);
  for (size_t i = 0; i < s->states.n; i++) {
    a->p->in[a->tangents + (int)i] = a->v + s->states.at[i].offset;
    a->out[i] = a->w + s->states.at[i].offset;
  }
}

/* v becomes J v, of length 1; what it grew by, or 0 where that is no number above zero. */
static double power(Pace *a) {
  int64_t n = a->m->s.sys->dim;
  double square = 0;
  if (program_run(a->p->p, a->p->in, a->out).code != STATUS_OK) return 0;
  for (int64_t i = 0; i < n; i++) square += a->w[i] * a->w[i];
  if (!(square > 0) || !isfinite(square)) return 0;
  for (int64_t i = 0; i < n; i++) a->v[i] = a->w[i] / sqrt(square);
  return sqrt(square);
}

/* The rate of the fastest motion, as the mean growth of many powers, and the state that takes part
   in it most; 0: unknown. */
static double fastest(Pace *a, int *state) {
  const System *s = a->m->s.sys;
  double log_rate = 0, most = 0;
  flat_generic(s->dim, a->v);
  for (int k = 0; k < SETTLE + MEASURE; k++) {
    double grown = power(a);
    if (grown == 0) return 0;
    if (k >= SETTLE) log_rate += log(grown) / MEASURE;
  }
  for (size_t i = 0; i < s->states.n; i++) {
    double part = flat_max_abs(shape_count(s->states.at[i].q.shape), a->out[i]);
    if (part > most) *state = (int)i;
    most = fmax(most, part);
  }
  return exp(log_rate);
}

/* The largest of 1, 2 and 5 times a power of ten that is not above x. */
static double round_down(double x) {
  double decade = pow(10, floor(log10(x) + 1e-9)), digits = x / decade * (1 + 1e-9);
  return decade * (digits >= 5 ? 5 : digits >= 2 ? 2 : 1);
}

SimPace sim_pace(Sim *m) {
  Pace a = {.m = m};
  SimPace pace = {0};
  if (!m->s.fixed || !is_measured(m)) return pace;
  plan(&a);
  pace.rate = fastest(&a, &pace.state);
  return pace;
}

void sim_check_pace(Sim *m, SimPace pace) {
  double rate = pace.rate;
  if (!(m->s.dt * rate > MARGIN * SHORT)) return;
  Setup *s = &m->s;
  Diag *d = diag_add(s->ev->diag, W0618, s->c->at,
                     "`dt = %s` is long: the fastest motion at the start has a time constant of %s",
                     setup_time_text(s, s->dt), setup_time_text(s, 1 / rate));
  if (!d) return;
  const SysState *x = &s->sys->states.at[pace.state];
  diag_note(s->ev->diag, d, x->eq_at, "it is mostly that of `%s`", x->q.name);
  diag_note(s->ev->diag, d, s->c->at,
            "a fifth of it, such as `dt = %s`, suits; `exponential_euler` is exact for a leak, and "
            "`auto` chooses its steps itself",
            setup_time_text(s, round_down(SHORT / rate)));
}
