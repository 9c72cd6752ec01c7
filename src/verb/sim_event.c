/* sim_event.c: recorded events. A step gives for each event zeros and ones; those of many steps are
   stacked, and the ones among them become entries (time, unit, trial). */
#include <string.h>

#include "verb/sim.h"

enum { PIECE_NUMBERS = 1 << 20 }; /* of conditions in one piece of a scan */

static bool is_named(const Value *names, const char *name) {
  if (names->kind == V_STRING) return strcmp(names->text, name) == 0;
  for (int i = 0; i < names->nfields; i++) {
    const Value *v = names->fields[i].value;
    if (v->kind == V_STRING && strcmp(v->text, name) == 0) return true;
  }
  return false;
}

void sim_choose_events(Sim *m, const Value *names) {
  const System *s = m->s.sys;
  for (size_t i = 0; i < s->events.n; i++) {
    const SysEvent *e = &s->events.at[i];
    bool all = !names || names->kind == V_NONE;
    if (!e->name || (!all && !is_named(names, e->name))) continue;
    *vec_push(m->s.ev->arena, &m->events) =
        (SimEvent){.name = e->name, .index = (int)i, .units = e->units};
  }
}

int64_t sim_event_steps(Sim *m) {
  int64_t most = 1;
  for (size_t i = 0; i < m->events.n; i++)
    if (m->events.at[i].units > most) most = m->events.at[i].units;
  int64_t pieces = PIECE_NUMBERS / (most * sim_lanes(m) * m->stride);
  int64_t steps = m->stride * (pieces > 1 ? pieces : 1);
  if (steps > m->steps) steps = m->steps;
  for (size_t i = 0; i < m->events.n; i++) {
    SimEvent *e = &m->events.at[i];
    size_t n = (size_t)(steps * sim_lanes(m) * e->units);
    e->fired = mem_alloc(n * sizeof *e->fired + 1);
    arena_defer(m->arena, mem_free, e->fired);
  }
  return steps;
}

static void take(Sim *m, SimEvent *e, int64_t first, int64_t steps) {
  int64_t row = sim_lanes(m) * e->units;
  for (int64_t i = 0; i < steps * row; i++) {
    if (e->fired[i] == 0) continue;
    *vec_push(m->arena, &e->t) = (double)(first + i / row + 1) * m->s.dt;
    *vec_push(m->arena, &e->unit) = (double)(i % e->units);
    *vec_push(m->arena, &e->trial) = (double)(i % row / e->units);
  }
}

void sim_take_events(Sim *m, int64_t first, int64_t steps) {
  for (size_t i = 0; i < m->events.n; i++) take(m, &m->events.at[i], first, steps);
}

static Value *column(Sim *m, const double *x, size_t n, Dim d, bool known) {
  if (!known) return value_abstract(m->s.ev, shape_vec(EXTENT_UNKNOWN), d);
  Tensor *t = tensor_new(m->s.ev->arena, shape_vec((int64_t)n));
  if (n) memcpy(t->data, x, n * sizeof *x);
  return value_tensor(m->s.ev, t, d);
}

Value *sim_event_value(Sim *m, const SimEvent *e, bool known) {
  bool trials = m->trials != RECORD_NO_AXIS;
  Value *r = value_record(m->s.ev, NULL, trials ? 3 : 2);
  value_set(r, 0, "t", column(m, e->t.at, e->t.n, setup_time_dim(&m->s), known));
  value_set(r, 1, "unit", column(m, e->unit.at, e->unit.n, DIM_ONE, known));
  if (trials) value_set(r, 2, "trial", column(m, e->trial.at, e->trial.n, DIM_ONE, known));
  return r;
}
