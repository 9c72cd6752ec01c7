/* sim_event.c: recorded events. A step gives for each event zeros and ones; those of many steps are
   stacked, and the ones among them become entries (time, unit, trial). */
#include <stdlib.h>

#include "verb/sim.h"

/* Events with a name are recorded, unless nothing is: `record = []`. */
void sim_choose_events(Sim *m, const Value *names) {
  const System *s = m->s.sys;
  bool none = names && names->kind == V_ARRAY;
  for (size_t i = 0; i < s->events.n && !none; i++) {
    const SysEvent *e = &s->events.at[i];
    if (!e->name) continue;
    *vec_push(m->s.ev->arena, &m->events) =
        (SimEvent){.name = e->name, .index = (int)i, .units = e->units};
  }
}

void sim_open_events(Sim *m, int64_t steps) {
  for (size_t i = 0; i < m->events.n; i++) {
    SimEvent *e = &m->events.at[i];
    size_t n = (size_t)(steps * sim_lanes(m) * e->units);
    e->fired = mem_alloc(n * sizeof *e->fired + 1);
    arena_defer(m->arena, mem_free, e->fired);
  }
}

static void take(Sim *m, SimEvent *e, int64_t first, int64_t steps) {
  int64_t row = sim_lanes(m) * e->units;
  for (int64_t i = 0; i < steps * row; i++)
    if (e->fired[i] != 0)
      *vec_push(m->arena, &e->entries) =
          (SimEntry){(double)(first + i / row + 1) * m->s.dt, i % row / e->units, i % e->units};
}

void sim_take_events(Sim *m, int64_t first, int64_t steps) {
  for (size_t i = 0; i < m->events.n; i++) take(m, &m->events.at[i], first, steps);
}

void sim_add_events(Sim *m, int event, double t, const double *fired) {
  for (size_t i = 0; i < m->events.n; i++) {
    SimEvent *e = &m->events.at[i];
    for (int64_t k = 0; e->index == event && k < e->units; k++)
      if (fired[k] != 0) *vec_push(m->arena, &e->entries) = (SimEntry){t, m->lane, k};
  }
}

/* ---- the result ------------------------------------------------------------------------------ */

static int by_time(const void *pa, const void *pb) {
  const SimEntry *a = pa, *b = pb;
  if (a->t != b->t) return a->t < b->t ? -1 : 1;
  if (a->trial != b->trial) return a->trial < b->trial ? -1 : 1;
  return a->unit < b->unit ? -1 : a->unit > b->unit;
}

enum { COLUMN_T, COLUMN_UNIT, COLUMN_TRIAL };

static Value *column(Sim *m, const SimEvent *e, int which, Dim d, bool known) {
  if (!known) return value_abstract(m->s.ev, shape_vec(EXTENT_UNKNOWN), d);
  Tensor *t = tensor_new(m->s.ev->arena, shape_vec((int64_t)e->entries.n));
  for (size_t i = 0; i < e->entries.n; i++) {
    const SimEntry *x = &e->entries.at[i];
    t->data[i] = which == COLUMN_T ? x->t : (double)(which == COLUMN_UNIT ? x->unit : x->trial);
  }
  return value_tensor(m->s.ev, t, d);
}

Value *sim_event_value(Sim *m, const SimEvent *e, bool known) {
  bool trials = m->trials != RECORD_NO_AXIS;
  if (known && e->entries.n) qsort(e->entries.at, e->entries.n, sizeof *e->entries.at, by_time);
  Value *r = value_record(m->s.ev, NULL, trials ? 3 : 2);
  value_set(r, 0, "t", column(m, e, COLUMN_T, setup_time_dim(&m->s), known));
  value_set(r, 1, "unit", column(m, e, COLUMN_UNIT, DIM_ONE, known));
  if (trials) value_set(r, 2, "trial", column(m, e, COLUMN_TRIAL, DIM_ONE, known));
  return r;
}
