/* simulate.c: simulate(net, ...): reads the arguments, runs, and makes the result. In rehearsal the
   result has shapes and dimensions only. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "verb/sim_delay.h"
#include "verb/sim_rows.h"
#include "verb/verb.h"

enum {
  A_NET,
  A_FOR,
  A_METHOD,
  A_DT,
  A_EVERY,
  A_INPUT,
  A_INIT,
  A_RECORD,
  A_TRIALS,
  A_SEED,
  A_INTERPOLATE,
  A_PATH
};

enum {
  EVEN_ROWS = 1001, /* of adaptive methods, unless `every` says otherwise */
  MOST_HALVINGS = 30
};

/* ---- how long, how often --------------------------------------------------------------------- */

static bool read_length(Sim *m) {
  Call *c = m->s.c;
  m->length_known = true;
  if (arg_given(c, A_FOR)) {
    if (!setup_time(&m->s, A_FOR, &m->length, &m->length_known)) return false;
    if (!m->length_known || (m->length > 0 && isfinite(m->length))) return true;
    setup_report(&m->s, E0611, c->arg_at[A_FOR], "`for` must be above zero, not %s",
                 setup_time_text(&m->s, m->length));
    return false;
  }
  if (m->in.length == 0) {
    setup_report(&m->s, E0611, c->at, "how long? Say `for = %s`",
                 m->s.sys->kind == SYSTEM_MAP     ? "100"
                 : m->s.sys->time == TIME_SECONDS ? "1 s"
                                                  : "100");
    return false;
  }
  m->length = m->in.length;
  m->length_known = m->in.length > 0;
  return true;
}

static bool read_steps(Sim *m) {
  Call *c = m->s.c;
  bool every_known = true;
  m->stride = 1;
  m->steps = m->rows = -1;
  m->every = m->s.dt;
  if (arg_given(c, A_EVERY) && !setup_time(&m->s, A_EVERY, &m->every, &every_known)) return false;
  if (!m->s.dt_known || !every_known) return true;
  if (arg_given(c, A_EVERY)) {
    m->stride = setup_steps(&m->s, m->every, c->arg_at[A_EVERY], "`every`");
    if (m->stride < 0) return false;
    if (m->stride < 1) {
      setup_report(&m->s, E0605, c->arg_at[A_EVERY], "`every` must be above zero");
      return false;
    }
    m->every = (double)m->stride * m->s.dt;
  }
  if (!m->length_known) return true;
  Where at = arg_given(c, A_FOR) ? c->arg_at[A_FOR] : c->at;
  m->steps = setup_steps(&m->s, m->length, at, "`for`");
  if (m->steps < 0) return false;
  m->rows = m->steps / m->stride + 1;
  return input_covers(&m->s, &m->in, m->steps);
}

static bool read_times(Sim *m) {
  Call *c = m->s.c;
  bool known = true;
  m->rows = -1;
  if (arg_given(c, A_DT) && m->in.length == 0) {
    Diag *d = setup_report(&m->s, E0606, c->arg_at[A_DT],
                           "`%s` chooses its steps itself: it takes no `dt`", m->s.method->name);
    if (d) diag_note(m->s.ev->diag, d, c->arg_at[A_DT], "a method with a fixed step is `rk4`");
    return false;
  }
  if (!arg_given(c, A_EVERY)) {
    m->every = m->length / (EVEN_ROWS - 1);
    m->rows = EVEN_ROWS;
    return true;
  }
  if (!setup_time(&m->s, A_EVERY, &m->every, &known)) return false;
  if (!known || !m->length_known) return true;
  if (m->every > 0 && m->length / m->every < 1e15) {
    m->rows = (int64_t)floor(m->length / m->every * (1 + 1e-12) + 1e-9) + 1;
    return true;
  }
  setup_report(&m->s, E0605, c->arg_at[A_EVERY], "`every` must be above zero");
  return false;
}

/* The steps of the noise's path: dt, or dt times a power of two. */
static bool read_path(Sim *m) {
  Call *c = m->s.c;
  double path;
  bool known;
  if (!arg_given(c, A_PATH)) return true;
  Where at = c->arg_at[A_PATH];
  if (!m->s.sys->has_noise || m->s.sys->kind == SYSTEM_MAP) {
    setup_report(&m->s, E0615, at, "`%s` has no white noise, whose path could be refined",
                 m->s.sys->name);
    return false;
  }
  if (!setup_time(&m->s, A_PATH, &path, &known)) return false;
  if (!known || !m->s.dt_known) return true;
  double halvings = path > 0 ? round(log2(path / m->s.dt)) : -1;
  bool whole = fabs(path - ldexp(m->s.dt, (int)halvings)) <= 1e-9 * path;
  if (halvings >= 0 && halvings <= MOST_HALVINGS && whole) {
    m->halvings = (int)halvings;
    return true;
  }
  setup_report(&m->s, E0615, at, "`path` is `dt` times a power of two: %s, %s, %s; not %s",
               setup_time_text(&m->s, m->s.dt), setup_time_text(&m->s, 2 * m->s.dt),
               setup_time_text(&m->s, 4 * m->s.dt), setup_time_text(&m->s, path));
  return false;
}

static bool read_trials(Sim *m) {
  Call *c = m->s.c;
  m->trials = RECORD_NO_AXIS;
  if (arg_given(c, A_TRIALS)) {
    int64_t n;
    bool known;
    Where at = c->arg_at[A_TRIALS];
    if (!ev_to_whole(m->s.ev, c->arg[A_TRIALS], &n, &known, at, "`trials`")) return false;
    if (known && n < 1) {
      setup_report(&m->s, E0614, at, "`trials` must be at least 1, not %lld", (long long)n);
      return false;
    }
    m->trials = known ? n : EXTENT_UNKNOWN;
  }
  return sim_start_shapes(m, c->arg[A_INIT], c->arg_at[A_INIT]);
}

/* Room for where an event may end the run, unless the last row is at its end. */
static void add_spare(Sim *m) {
  if (m->rows < 0 || !sim_may_be_short(m)) return;
  double left =
      m->s.fixed ? (double)(m->steps % m->stride) : m->length - (double)(m->rows - 1) * m->every;
  m->spare = fabs(left) > 1e-9 * m->length;
  m->rows += m->spare;
}

static const SetupArgs places = {A_NET, A_METHOD, A_DT, A_SEED, true};

bool sim_read(Sim *m, Ev *ev, Call *c) {
  bool interpolate;
  if (!setup_run(ev, c, &places, &m->s)) return false;
  if (!arg_flag(ev, c, A_INTERPOLATE, false, &interpolate)) return false;
  if (!input_read(&m->s, c->arg[A_INPUT], c->arg_at[A_INPUT], interpolate, &m->in)) return false;
  if (!read_length(m) || !(m->s.fixed ? read_steps(m) : read_times(m)) || !read_path(m) ||
      !read_trials(m))
    return false;
  if (!record_choose(&m->s, c->arg[A_RECORD], c->arg_at[A_RECORD], &m->recorded)) return false;
  sim_choose_events(m, c->arg[A_RECORD]);
  record_all(&m->s, &m->last);
  add_spare(m);
  return sim_rows_fit(m);
}

/* ---- the result ------------------------------------------------------------------------------ */

static Value *quantity_value(Sim *m, const Quantity *q, int64_t rows, const double *data) {
  Ev *ev = m->s.ev;
  Shape s = record_shape(q->shape, m->trials, rows);
  if (!data) return value_abstract(ev, s, q->dim);
  Tensor *t = tensor_new(ev->arena, s);
  memcpy(t->data, data, (size_t)shape_count(s) * sizeof *data);
  return value_tensor(ev, t, q->dim);
}

/* What its rows will number, as far as the rehearsal knows. */
static int64_t rows_ahead(const Sim *m) {
  return sim_may_be_short(m) ? EXTENT_UNKNOWN : m->rows;
}

static Dim time_dim(const Sim *m) {
  return m->in.trials ? setup_task_dim(&m->s) : setup_time_dim(&m->s);
}

static Value *times_value(Sim *m, bool known) {
  if (known) return sim_rows_value(m, &m->rec->times);
  return value_abstract(m->s.ev, shape_vec(rows_ahead(m)), time_dim(m));
}

static Value *stopped_value(Sim *m, bool known) {
  Shape s = record_shape(SHAPE_SCALAR, m->trials, RECORD_NO_AXIS);
  if (!known) return value_abstract(m->s.ev, s, time_dim(m));
  Tensor *t = tensor_new(m->s.ev->arena, s);
  memcpy(t->data, m->stopped, (size_t)sim_lanes(m) * sizeof *t->data);
  return value_tensor(m->s.ev, t, time_dim(m));
}

static Value *final_value(Sim *m, bool known) {
  Field *f = ARENA_ARRAY(m->s.ev->arena, Field, m->last.n + 1);
  for (size_t i = 0; i < m->last.n; i++)
    f[i] = (Field){m->last.at[i].name,
                   quantity_value(m, &m->last.at[i], RECORD_NO_AXIS, known ? m->final[i] : NULL)};
  return record_nested(m->s.ev, NULL, f, (int)m->last.n);
}

static Value *targets_value(Sim *m) {
  return input_targets(&m->s, &m->in, record_shape(SHAPE_SCALAR, m->trials, m->rows), m->every);
}

static Value *result(Sim *m, bool known) {
  Field *f = ARENA_ARRAY(m->s.ev->arena, Field, m->recorded.n + m->events.n + 4);
  int n = 0;
  f[n++] = (Field){"t", times_value(m, known)};
  for (size_t i = 0; i < m->recorded.n; i++) {
    const Quantity *q = &m->recorded.at[i];
    f[n++] = (Field){q->name, known ? sim_rows_value(m, &m->rec->column[i])
                                    : quantity_value(m, q, rows_ahead(m), NULL)};
  }
  for (size_t i = 0; i < m->events.n; i++)
    f[n++] = (Field){m->events.at[i].name, sim_event_value(m, &m->events.at[i], known)};
  if (m->in.trials) f[n++] = (Field){"target", targets_value(m)};
  if (system_stops(m->s.sys)) f[n++] = (Field){"stopped", stopped_value(m, known)};
  f[n++] = (Field){"final", final_value(m, known)};
  return record_nested(m->s.ev, "simulate", f, n);
}

/* ---- all ------------------------------------------------------------------------------------- */

static double *buffer(Sim *m, const Quantity *q) {
  size_t n = (size_t)(shape_count(q->shape) * sim_lanes(m));
  double *data = mem_alloc(n * sizeof *data + 1);
  arena_defer(m->arena, mem_free, data);
  return data;
}

static void nudge_start(Sim *m) {
  const System *s = m->s.sys;
  for (size_t i = 0; i < s->states.n; i++)
    for (int64_t k = 0; k < shape_count(s->states.at[i].q.shape) * sim_lanes(m); k++)
      m->x[i][k] = ev_nudged(m->s.ev, k, m->x[i][k] * (1 + m->nudge));
}

static void open_stops(Sim *m) {
  if (!system_stops(m->s.sys)) return;
  m->stopped = ARENA_ARRAY(m->arena, double, sim_lanes(m));
  for (int64_t i = 0; i < sim_lanes(m); i++) m->stopped[i] = NAN;
}

bool sim_run(Sim *m) {
  Call *c = m->s.c;
  open_stops(m);
  m->final = ARENA_ARRAY(m->arena, double *, m->last.n + 1);
  for (size_t i = 0; i < m->last.n; i++) m->final[i] = buffer(m, &m->last.at[i]);
  if (!sim_rows_open(m)) return false;
  if (!input_draw(&m->s, &m->in, sim_lanes(m), m->arena)) return false;
  if (!sim_start(m, c->arg[A_INIT], c->arg_at[A_INIT])) return false;
  SimPace pace = sim_pace(m);
  nudge_start(m);
  if (!sim_delays_open(m)) return false;
  if (!(m->s.fixed ? sim_fixed(m) : sim_adaptive(m)) || !sim_rows_times(m)) return false;
  sim_check_pace(m, pace); /* one that ran off says more by its error */
  sim_check_outputs(m);
  return true;
}

/* How it went: the method and its steps. NULL: there is nothing to say. */
static const char *method_text(const Sim *m) {
  const Setup *s = &m->s;
  const char *name = s->method ? s->method->name : NULL;
  long long steps = (long long)(s->fixed ? m->steps : m->stats.steps);
  Arena *a = s->ev->arena;
  if (!name) return m->rec->streamed ? arena_printf(a, "%lld steps", steps) : NULL;
  if (s->fixed)
    return arena_printf(a, "%s, %lld steps of %s", name, steps, setup_time_text(s, s->dt));
  const OdeStats *k = &m->stats;
  const char *jacobians = k->jac ? arena_printf(a, ", %lld Jacobians", (long long)k->jac) : "";
  const char *changes = strcmp(name, "auto") == 0 ? ", all of dopri5" : "";
  if (k->changes)
    changes = arena_printf(a, ", %lld change%s between dopri5 and %s", (long long)k->changes,
                           k->changes == 1 ? "" : "s", auto_stiff_method(s->sys->dim));
  return arena_printf(a, "%s, %lld steps, %lld evaluations%s%s", name, steps, (long long)k->rhs,
                      jacobians, changes);
}

static void account_for(const Sim *m) {
  Ev *ev = m->s.ev;
  const char *how = method_text(m);
  if (how && m->rec->streamed) how = arena_printf(ev->arena, "%s, streamed to results.h5", how);
  if (how) account_solver(ev, m->s.verb, m->s.c->at, how);
}

Value *verb_simulate(Ev *ev, Call *c) {
  Sim m = {.trials = RECORD_NO_AXIS};
  if (!sim_read(&m, ev, c)) return ev->rehearse ? &VALUE_UNKNOWN : &VALUE_ERROR;
  if (ev->rehearse) return result(&m, false);
  m.arena = arena_new();
  m.home = ev->arena;
  bool ok = sim_run(&m);
  Value *v = ok ? result(&m, true) : &VALUE_ERROR;
  if (!ok) sim_rows_part(&m);
  account_for(&m);
  if (ok && ev->converge) sim_converge(&m);
  arena_free(m.arena);
  return v;
}
