/* setup.c: see setup.h. */
#include "verb/setup.h"

#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/method.h"
#include "lang/network.h"
#include "lang/task.h"

Diag *setup_report(const Setup *s, DiagCode code, Where at, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  if (!s->ev->rehearse) s->ev->failed = true;
  Diag *d = diag_vadd(s->ev->diag, code, at, fmt, ap);
  va_end(ap);
  return d;
}

/* ---- times ----------------------------------------------------------------------------------- */

Dim setup_time_dim(const Setup *s) {
  return s->sys->time == TIME_SECONDS ? dim_seconds() : DIM_ONE;
}

Dim setup_task_dim(const Setup *s) {
  return dim_resolve(dim_time(), s->task_time);
}

const char *setup_time_text(const Setup *s, double t) {
  Arena *a = s->ev->arena;
  if (isnan(t)) return "nan"; /* without the sign that printf shows */
  if (s->sys->kind == SYSTEM_MAP) return arena_printf(a, "%g steps", t);
  double factor = 1;
  const char *unit =
      s->sys->time == TIME_SECONDS ? unit_suited(a, dim_seconds(), fabs(t), &factor) : "";
  return arena_printf(a, *unit ? "%.6g %s" : "%.6g%s", t / factor, unit);
}

const char *setup_when(const Setup *s, double t) {
  if (s->sys->kind == SYSTEM_MAP) return arena_printf(s->ev->arena, "step %.0f", t);
  return arena_printf(s->ev->arena, "t = %s", setup_time_text(s, t));
}

static bool right_time(const Setup *s, const Value *v, Where at, const char *what) {
  TimeKind none = TIME_PLAIN;
  if (v->kind != V_ARRAY || dim_agree(v->dim, setup_time_dim(s), &none, NULL)) return true;
  const char *kind = s->sys->kind == SYSTEM_MAP     ? "its number of steps"
                     : s->sys->time == TIME_SECONDS ? "in seconds"
                                                    : "a plain number";
  const char *mend = s->sys->time == TIME_SECONDS ? "`2 s`" : "`100`";
  Diag *d = setup_report(s, E0604, at, "the time of `%s` is %s, but %s is %s", s->sys->name, kind,
                         what, value_kind_name(s->ev, v));
  if (d) diag_note(s->ev->diag, d, at, "say it as in %s", mend);
  return false;
}

bool setup_time_value(const Setup *s, Value *v, Where at, const char *what, double *x,
                      bool *known) {
  if (!right_time(s, v, at, what)) return false;
  return ev_to_number(s->ev, v, setup_time_dim(s), x, known, at, what);
}

bool setup_time(const Setup *s, int i, double *x, bool *known) {
  const char *what = arena_printf(s->ev->arena, "`%s`", builtin_param_name(s->ev, s->c->fn, i));
  return setup_time_value(s, s->c->arg[i], s->c->arg_at[i], what, x, known);
}

int64_t setup_steps(const Setup *s, double length, Where at, const char *what) {
  double n = length / s->dt, whole = round(n);
  if (fabs(n - whole) <= 1e-6 * fmax(1, fabs(n)) && whole < 9e15) return (int64_t)whole;
  if (s->sys->kind == SYSTEM_MAP)
    setup_report(s, E0605, at, "%s is a number of steps, not %g", what, length);
  else
    setup_report(s, E0605, at, "%s is %s, which is not a whole number of steps of %s", what,
                 setup_time_text(s, length), setup_time_text(s, s->dt));
  return -1;
}

/* ---- the method ------------------------------------------------------------------------------ */

static const char *near_method(Ev *ev, const char *name) {
  VEC(const char *) names = {0};
  for (int i = 0; stepper_at(i); i++) *vec_push(ev->arena, &names) = stepper_at(i)->name;
  return nearest_name(name, names.at, names.n);
}

/* The integrator that a value names, with its options; NULL: reported. */
static const Stepper *method_of(Setup *s, Value *v, Where at) {
  const char *name = NULL;
  if (v->kind == V_METHOD) name = v->type;
  if (v->kind == V_FUNCTION && v->builtin) name = v->builtin->name;
  if (!name) {
    if (v->kind != V_ERROR && v->kind != V_UNKNOWN)
      setup_report(s, E0606, at, "`method` is an integrator by name, such as `rk4`, not %s",
                   value_kind_name(s->ev, v));
    return NULL;
  }
  const Stepper *m = stepper_find(name);
  if (m) return m;
  const char *near = near_method(s->ev, name);
  Diag *d = setup_report(s, E0606, at, "`%s` is no integrator", name);
  if (d && near) diag_note(s->ev->diag, d, at, "did you mean `%s`?", near);
  return NULL;
}

static bool suits_noise(const Setup *s, Where at) {
  const System *sys = s->sys;
  int state;
  bool diagonal = s->method->flags & STEPPER_DIAGONAL;
  const char *why = sys->has_noise ? system_noise_fault(s->ev->arena, sys, diagonal, &state) : NULL;
  if (!why) return true;
  Diag *d = setup_report(s, E0606, sys->states.at[state].eq_at,
                         "`%s` cannot integrate this noise: %s", s->method->name, why);
  if (!d) return false;
  if (diagonal && !system_noise_fault(s->ev->arena, sys, false, &state))
    diag_note(s->ev->diag, d, at, "`%s` is asked for here; `euler_maruyama` takes any factor",
              s->method->name);
  return false;
}

static bool suits_network(const Setup *s, Where at) {
  const System *sys = s->sys;
  if (sys->has_noise && !(s->method->flags & STEPPER_NOISE)) {
    Diag *d = setup_report(s, E0606, at, "`%s` has noise, which `%s` cannot integrate", sys->name,
                           s->method->name);
    if (d)
      diag_note(s->ev->diag, d, sys->noises.at[0].q.at,
                "use `euler_maruyama`, `milstein` or `stochastic_heun`");
    return false;
  }
  if (sys->delays.n && !(s->method->flags & (STEPPER_FIXED | STEPPER_DENSE))) {
    Diag *d = setup_report(
        s, E0612, at, "`%s` gives no values between its steps, which delays need", s->method->name);
    if (d) diag_note(s->ev->diag, d, sys->delays.at[0].q.at, "`dopri5` and `rodas4` do");
    return false;
  }
  if (sys->events.n && !(s->method->flags & (STEPPER_FIXED | STEPPER_DENSE))) {
    Diag *d = setup_report(s, E0612, at, "`%s` cannot locate events in time", s->method->name);
    if (d)
      diag_note(
          s->ev->diag, d, sys->events.at[0].at,
          "`dopri5` and `dop853` can; methods with a fixed step apply it at the end of its step");
    return false;
  }
  return suits_noise(s, at);
}

/* A trained network goes on as it was trained. */
static const Stepper *default_method(const Setup *s) {
  const char *trained = s->net->network->method;
  return stepper_find(trained ? trained : s->sys->has_noise ? "euler_maruyama" : "auto");
}

void setup_prefer_steps(Ev *ev, Call *c, const SetupArgs *at) {
  int i = at->method;
  Value *net = arg_given(c, i) ? NULL : network_of(ev, c->arg[at->net], c->arg_at[at->net]);
  const System *s = net ? network_system(ev, net, c->arg_at[at->net]) : NULL;
  if (!s || s->kind == SYSTEM_MAP || net->network->method) return;
  Value *v = value_record(ev, s->has_noise ? "euler_maruyama" : "euler", 0);
  v->kind = V_METHOD;
  v->at = c->at;
  c->arg[i] = v;
  c->arg_at[i] = c->at;
}

static bool choose_tolerances(Setup *s, Value *method, Where at) {
  if (!method_option(s->ev, method, "rtol", DIM_ONE, s->rtol, &s->rtol) ||
      !method_option(s->ev, method, "atol", DIM_ONE, s->atol, &s->atol))
    return false;
  if (s->rtol >= 0 && s->atol >= 0 && s->rtol + s->atol > 0) return true;
  setup_report(s, E0606, at,
               "`rtol` = %g and `atol` = %g: neither is negative, and one is above zero", s->rtol,
               s->atol);
  return false;
}

static bool choose_method(Setup *s, int i) {
  Call *c = s->c;
  Where at = arg_given(c, i) ? c->arg_at[i] : c->at;
  if (s->sys->kind == SYSTEM_MAP) {
    s->fixed = true;
    if (arg_given(c, i))
      setup_report(s, E0606, at, "`%s` is a map: it has no integrator", s->sys->name);
    else
      return true;
    return false;
  }
  s->method = arg_given(c, i) ? method_of(s, c->arg[i], at) : default_method(s);
  if (!s->method) return false;
  /* Steps between the times at which jumps come back are chosen by one method. */
  if (s->sys->delays.n && strcmp(s->method->name, "auto") == 0) s->method = stepper_find("dopri5");
  if (!suits_network(s, at)) return false;
  s->fixed = (s->method->flags & STEPPER_FIXED) != 0;
  s->rtol = 1e-6;
  s->atol = 1e-9;
  return !arg_given(c, i) || c->arg[i]->kind != V_METHOD || choose_tolerances(s, c->arg[i], at);
}

static bool positive(const Setup *s, double x, Where at, const char *what) {
  if (x > 0 && isfinite(x)) return true;
  setup_report(s, E0611, at, "%s must be above zero, not %s", what, setup_time_text(s, x));
  return false;
}

/* Also one that is a function of the update. */
static bool has_task(Ev *ev, const Call *c) {
  for (int i = 0; i < BUILTIN_MAX_ARGS; i++)
    if (arg_given(c, i) &&
        (value_is_task(c->arg[i]) || strcmp(builtin_param_name(ev, c->fn, i), "task") == 0))
      return true;
  return false;
}

/* `dt` of a map: how long a step is in the time of a task. */
static bool choose_task_step(Setup *s, int i) {
  Call *c = s->c;
  if (!has_task(s->ev, c)) {
    setup_report(s, E0606, c->arg_at[i], "`%s` is a map: its step is 1, without `dt`",
                 s->sys->name);
    return false;
  }
  Value *v = c->arg[i];
  TimeKind none = TIME_PLAIN;
  bool seconds = v->kind == V_ARRAY && dim_agree(v->dim, dim_seconds(), &none, NULL);
  s->task_time = seconds ? TIME_SECONDS : TIME_PLAIN;
  if (!ev_to_number(s->ev, v, dim_resolve(dim_time(), s->task_time), &s->task_dt, &s->dt_known,
                    c->arg_at[i], "`dt`"))
    return false;
  return !s->dt_known || positive(s, s->task_dt, c->arg_at[i], "`dt`");
}

static bool choose_step(Setup *s, int i, int method) {
  Call *c = s->c;
  s->dt_known = true;
  if (s->sys->kind == SYSTEM_MAP) {
    s->dt = 1;
    return !arg_given(c, i) || choose_task_step(s, i);
  }
  if (arg_given(c, i))
    return setup_time(s, i, &s->dt, &s->dt_known) &&
           (!s->dt_known || positive(s, s->dt, c->arg_at[i], "`dt`"));
  s->dt = s->fixed ? s->net->network->dt : 0;
  if (!s->fixed || s->dt > 0) return true;
  const char *noisy = s->sys->has_noise && !arg_given(c, method)
                          ? arena_printf(s->ev->arena, "`%s` has noise, and ", s->sys->name)
                          : "";
  setup_report(s, E0603, c->at, "%s`%s` has a fixed step: say how long it is, `dt = %s`", noisy,
               s->method->name, s->sys->time == TIME_SECONDS ? "0.1 ms" : "0.01");
  return false;
}

/* Inputs are traced into the copy's graph, and live no longer than this call. */
static System *own_copy(Ev *ev, const System *s) {
  System *copy = ARENA_NEW(ev->arena, System);
  *copy = *s;
  copy->g = graph_fork(ev->arena, s->g);
  copy->inputs.at = ARENA_ARRAY(ev->arena, SysInput, s->inputs.n + 1);
  for (size_t i = 0; i < s->inputs.n; i++) copy->inputs.at[i] = s->inputs.at[i];
  copy->inputs.cap = s->inputs.n + 1;
  return copy;
}

/* ---- the account ----------------------------------------------------------------------------- */

/* "1e-6" */
static const char *tolerance_text(Arena *a, double x) {
  char *text = arena_printf(a, "%g", x), *zero = strstr(text, "e-0");
  if (zero) memmove(zero + 2, zero + 3, strlen(zero + 3) + 1);
  return text;
}

static const char *method_text(const Setup *s) {
  Arena *a = s->ev->arena;
  if (s->sys->kind == SYSTEM_MAP) return "steps of the map";
  if (!s->fixed)
    return arena_printf(a, "%s, adaptive, rtol = %s, atol = %s", s->method->name,
                        tolerance_text(a, s->rtol), tolerance_text(a, s->atol));
  return s->dt_known ? arena_printf(a, "%s, dt = %s", s->method->name, setup_time_text(s, s->dt))
                     : s->method->name;
}

/* Whose choice the method was. */
static const char *method_reason(const Setup *s, int i) {
  const Call *c = s->c;
  bool steps = arg_given(c, i) && c->arg_at[i].src == c->at.src &&
               c->arg_at[i].span.start == c->at.span.start; /* see setup_prefer_steps */
  if (s->sys->kind == SYSTEM_MAP) return "";
  if (steps) return arena_printf(s->ev->arena, "the default of %s", s->verb);
  if (arg_given(c, i)) return "as given";
  if (s->net->network->method) return "as the network was trained";
  return s->sys->has_noise ? "the default with noise" : "the default without noise";
}

static void account(const Setup *s, const SetupArgs *at) {
  account_solve(s->ev, (Solve){s->verb, s->net->network->name, method_text(s),
                               method_reason(s, at->method), s->c->at});
}

/* Of verbs that run neither delays nor events which end the run: has the network none? */
static bool is_plain(Setup *s) {
  const System *sys = s->sys;
  if (sys->delays.n) {
    setup_report(s, E0612, sys->delays.at[0].q.at, "`%s` cannot run a network with delays",
                 s->verb);
    return false;
  }
  for (size_t i = 0; i < sys->events.n; i++) {
    if (!sys->events.at[i].stop) continue;
    setup_report(s, E0612, sys->events.at[i].at,
                 "`%s` cannot run a network with an event that ends the run", s->verb);
    return false;
  }
  return true;
}

bool setup_run(Ev *ev, Call *c, const SetupArgs *at, Setup *out) {
  *out = (Setup){.ev = ev, .c = c, .verb = c->fn->name};
  out->net = network_of(ev, c->arg[at->net], c->arg_at[at->net]);
  const System *sys = out->net ? network_system(ev, out->net, c->arg_at[at->net]) : NULL;
  if (!sys) return false;
  out->sys = own_copy(ev, sys);
  int64_t seed;
  if (!arg_whole(ev, c, at->seed, 0, &seed)) return false;
  out->seed = (uint64_t)seed;
  if (!at->all && !is_plain(out)) return false;
  if (!choose_method(out, at->method) || !choose_step(out, at->dt, at->method)) return false;
  if (out->task_dt == 0) out->task_dt = out->dt, out->task_time = sys->time;
  account(out, at);
  return true;
}

Value *setup_traced(const Setup *s, Graph *g, Value *fn, Value *const *args, int n, Where at,
                    const char *what, DiagCode code) {
  Ev *ev = s->ev;
  Graph *outer = ev->trace;
  ev->trace = g;
  Value *y = ev_call(ev, fn, args, NULL, n, at);
  ev->trace = outer;
  if (!ev->abort_trace) return y;
  setup_report(s, code, at, "%s cannot be derived: it needs the numbers of %s", what,
               ev->abort_trace);
  ev->abort_trace = NULL;
  return NULL;
}
