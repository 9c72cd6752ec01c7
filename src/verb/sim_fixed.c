/* sim_fixed.c: maps and methods with a fixed step. One program is one step of all trials; it is run
   again and again with the states as carries, and the recorded quantities are stacked. */
#include <math.h>
#include <string.h>

#include "verb/sim_delay.h"
#include "verb/sim_rows.h"

typedef struct FixedRun {
  Sim *m;
  Program *p;
  SimProgram *places; /* values of the inputs that stay as they are */
  VEC(Port) ports;
  VEC(void *) data; /* of the ports, where the run begins */
  size_t rows;      /* the first port of recorded rows */
  Quantities outs;  /* those of the program: what is recorded, and where an event may end the run
                       what `.final` holds */
  double **held;    /* where an event may end the run: the values of `outs`, [lanes, ...] */
  double *stopped;  /* then: after how many steps, of each lane; 0: not yet */
} FixedRun;

enum { IN_TIME, IN_STEP, IN_TRIAL, IN_UPDATE, IN_STATES };
enum { STOP_EVERY = 4096 }; /* steps between two looks for runs that an event has ended */

static Port *add_port(FixedRun *r, PortKind kind, int index, const void *data) {
  Port *p = vec_push(r->m->arena, &r->ports);
  *p = (Port){.kind = kind, .index = index, .data = (void *)data, .every = 1};
  *vec_push(r->m->arena, &r->data) = (void *)data;
  return p;
}

static void add_input_ports(FixedRun *r) {
  Sim *m = r->m;
  const System *s = m->s.sys;
  int k = IN_STATES + (int)s->states.n;
  for (size_t i = 0; i < s->inputs.n; i++, k++) {
    if (m->in.at[i].kind == INPUT_ROWS)
      add_port(r, PORT_SLICE, k, input_steps(&m->s, &m->in, i, m->steps, m->arena));
    else
      add_port(r, PORT_FIXED, k, r->places->in[k]);
  }
  for (; k < sim_first_delay(m); k++) add_port(r, PORT_FIXED, k, r->places->in[k]);
}

/* The rings are read in place, and each step writes its row. */
static void add_ring_ports(FixedRun *r) {
  Sim *m = r->m;
  SimDelays *d = m->delays;
  if (!d) return;
  int in = sim_first_delay(m), row = (int)(m->s.sys->states.n + r->outs.n + m->s.sys->events.n);
  for (int i = 0; i < d->n; i++, in++, row++) {
    add_port(r, PORT_FIXED, in, d->ring[i]);
    Port *p = add_port(r, PORT_RING, row, d->ring[i]);
    p->every = d->step.rings[i].rows;
    p->from = (int)sim_lanes(m);
  }
  if (sim_delays_vary(d)) add_port(r, PORT_CARRY, in, d->watch)->from = row;
}

/* What is held may be NaN: it is not checked. */
static void add_stop_ports(FixedRun *r) {
  Sim *m = r->m;
  const System *s = m->s.sys;
  if (!r->stopped) return;
  bool varies = m->delays && sim_delays_vary(m->delays);
  int ndelays = (int)s->delays.n + varies, in = sim_first_delay(m) + ndelays;
  int out = (int)(s->states.n + r->outs.n + s->events.n) + ndelays;
  add_port(r, PORT_CARRY, in++, r->stopped)->from = out;
  for (size_t i = 0; i < r->outs.n; i++) {
    if (system_is_state(s, r->outs.at[i].node)) continue;
    Port *p = add_port(r, PORT_CARRY, in++, r->held[i]);
    p->from = (int)(s->states.n + i);
    p->every = -1;
  }
}

static void add_ports(FixedRun *r) {
  Sim *m = r->m;
  int nstates = (int)m->s.sys->states.n;
  add_port(r, PORT_FIXED, IN_TIME, r->places->in[IN_TIME]);
  add_port(r, PORT_STEP, IN_STEP, NULL);
  add_port(r, PORT_FIXED, IN_TRIAL, r->places->in[IN_TRIAL]);
  add_port(r, PORT_FIXED, IN_UPDATE, r->places->in[IN_UPDATE]);
  for (int i = 0; i < nstates; i++) add_port(r, PORT_CARRY, IN_STATES + i, m->x[i])->from = i;
  add_input_ports(r);
  add_ring_ports(r);
  add_stop_ports(r);
  r->rows = r->ports.n;
  for (size_t i = 0; i < m->recorded.n; i++)
    add_port(r, PORT_STACK, nstates + (int)i, NULL)->every = m->stride;
  for (size_t i = 0; i < m->events.n; i++) {
    int out = nstates + (int)r->outs.n + m->events.at[i].index;
    add_port(r, PORT_STACK, out, m->events.at[i].fired);
  }
}

/* A scan that begins after `done` steps: its rows begin there too. Carries go on from where they
   are, and the buffers of events are filled anew. */
static void move_ports(FixedRun *r, int64_t done) {
  Sim *m = r->m;
  for (size_t k = 0; k < r->ports.n; k++) {
    Port *p = &r->ports.at[k];
    if (p->kind != PORT_SLICE) continue;
    p->data = (double *)r->data.at[k] + done * shape_count(program_in_shape(r->p, p->index));
  }
  for (size_t i = 0; i < m->recorded.n; i++)
    r->ports.at[r->rows + i].data = sim_rows_at(m, i, done / m->stride + 1);
}

static bool tick(void *ctx, int64_t step) {
  FixedRun *r = ctx;
  return sim_tick(r->m, r->m->steps ? (double)step / (double)r->m->steps : 1);
}

/* ---- the ends -------------------------------------------------------------------------------- */

/* Quantities in the state as it is, `step` being the step just made. */
static bool take_row(Sim *m, const Quantities *q, int64_t step, double t, double *const *out) {
  if (q->n == 0) return true;
  SimProgram *p = sim_program(m, sim_nodes(m, q), (int)q->n, true, true);
  p->t = t;
  /* Before the first step, noise is that of a step which no run has. */
  p->step = step < 0 ? (double)UINT32_MAX : (double)step;
  sim_bind_states(m, p, m->x);
  sim_bind_inputs(m, p, step < 0 ? 0 : step, t);
  if (m->delays) sim_bind_delays(m, p, 0);
  Status st = program_run(p->p, p->in, (void *const *)out);
  if (st.code != STATUS_OK) sim_failed(m, st, t, 0, m->x);
  return st.code == STATUS_OK;
}

static bool take_start(Sim *m) {
  double **row = ARENA_ARRAY(m->arena, double *, m->recorded.n + 1);
  for (size_t i = 0; i < m->recorded.n; i++) row[i] = sim_rows_at(m, i, 0);
  return take_row(m, &m->recorded, -1, 0, row) && sim_rows_keep(m, 0, 1);
}

static Program *plan_step(Sim *m, const Quantities *outs) {
  SystemStep o = {.method = m->s.method,
                  .dt = m->s.dt,
                  .halvings = m->halvings,
                  .outs = sim_nodes(m, outs),
                  .nouts = (int)outs->n,
                  .rings = m->delays ? m->delays->step.rings : NULL};
  GraphFn *f = sim_batch(m, system_step(m->arena, m->s.sys, &o));
  return program_plan(m->arena, f, &(PlanOptions){0});
}

static double time_after(const Sim *m, int64_t steps) {
  return (double)steps * m->s.dt;
}

/* ---- an event that ends the run -------------------------------------------------------------- */

static double *lanes_of(Sim *m, int64_t n) {
  double *data = mem_alloc((size_t)(sim_lanes(m) * n) * sizeof *data + 1);
  memset(data, 0, (size_t)(sim_lanes(m) * n) * sizeof *data);
  arena_defer(m->arena, mem_free, data);
  return data;
}

/* The state that has the node. */
static double *state_of(const Sim *m, NodeId node) {
  const System *s = m->s.sys;
  size_t i = 0;
  while (s->states.at[i].q.node != node) i++;
  return m->x[i];
}

static void choose_outs(FixedRun *r) {
  Sim *m = r->m;
  r->outs = m->recorded;
  if (!m->stopped) return;
  r->outs = (Quantities){0};
  for (size_t i = 0; i < m->recorded.n; i++) *vec_push(m->arena, &r->outs) = m->recorded.at[i];
  for (size_t i = 0; i < m->last.n; i++) *vec_push(m->arena, &r->outs) = m->last.at[i];
  r->stopped = lanes_of(m, 1);
  r->held = ARENA_ARRAY(m->arena, double *, r->outs.n + 1);
  for (size_t i = 0; i < r->outs.n; i++) {
    const Quantity *q = &r->outs.at[i];
    bool state = system_is_state(m->s.sys, q->node);
    r->held[i] = state ? state_of(m, q->node) : lanes_of(m, shape_count(q->shape));
  }
}

static size_t held_size(const FixedRun *r, size_t i) {
  return (size_t)(sim_lanes(r->m) * shape_count(r->outs.at[i].shape));
}

/* The rows from one to another are as things stand. */
static bool hold_rows(FixedRun *r, int64_t row, int64_t end) {
  Sim *m = r->m;
  for (int64_t n; row < end; row += n) {
    n = end - row < m->rec->piece ? end - row : m->rec->piece;
    for (size_t i = 0; i < m->recorded.n; i++)
      for (int64_t k = 0; k < n; k++)
        memcpy(sim_rows_at(m, i, row) + (size_t)k * held_size(r, i), r->held[i],
               held_size(r, i) * sizeof(double));
    if (!sim_rows_keep(m, row, n)) return false;
  }
  return true;
}

/* Have all trials ended before step `done`? */
static bool all_over(const FixedRun *r) {
  for (int64_t i = 0; i < sim_lanes(r->m); i++)
    if (r->stopped[i] == 0) return false;
  return true;
}

/* All trials have ended: the last row of a run is of that time, those of trials go on. */
static bool take_end(FixedRun *r, int64_t done) {
  Sim *m = r->m;
  if (!sim_may_be_short(m)) return hold_rows(r, done / m->stride + 1, m->rows);
  m->steps = (int64_t)r->stopped[0];
  m->rows = (m->steps + m->stride - 1) / m->stride + 1;
  return hold_rows(r, m->rows - 1, m->rows);
}

static void take_held(FixedRun *r) {
  Sim *m = r->m;
  double dt = m->in.trials ? m->s.task_dt : m->s.dt;
  for (int64_t i = 0; i < sim_lanes(m); i++)
    if (r->stopped[i] > 0) m->stopped[i] = r->stopped[i] * dt;
  for (size_t i = 0, first = m->recorded.n; i < m->last.n; i++)
    memcpy(m->final[i], r->held[first + i], held_size(r, first + i) * sizeof(double));
}

/* ---- all ------------------------------------------------------------------------------------- */

/* What the `steps` from `done` on gave, or those of them that went well. */
static bool keep_rows(Sim *m, int64_t done, int64_t steps, Status st) {
  int64_t good = st.code == STATUS_OK ? steps : (int64_t)st.t - done;
  if (st.code == STATUS_OK) sim_take_events(m, done, steps);
  return good < 0 || good > steps || sim_rows_keep(m, done / m->stride + 1, good / m->stride);
}

/* Piece by piece. */
static Status scan_all(FixedRun *r) {
  Sim *m = r->m;
  int64_t rows = m->rec->piece;
  if (m->stopped && rows > STOP_EVERY / m->stride + 1) rows = STOP_EVERY / m->stride + 1;
  int64_t piece = rows * m->stride;
  if (piece > m->steps) piece = m->steps;
  sim_open_events(m, piece);
  add_ports(r);
  Status st = STATUS_FINE;
  for (int64_t done = 0; done < m->steps && st.code == STATUS_OK; done += piece) {
    int64_t steps = done + piece < m->steps ? piece : m->steps - done;
    move_ports(r, done);
    ScanSpec spec = {.ports = r->ports.at,
                     .nports = (int)r->ports.n,
                     .first = done,
                     .steps = steps,
                     .check = SIM_CHECK_EVERY,
                     .tick = tick,
                     .ctx = r};
    st = program_scan(r->p, &spec);
    if (!keep_rows(m, done, steps, st)) return (Status){STATUS_CANCELLED, 0, -1, NULL};
    if (!m->stopped || st.code || !all_over(r)) continue;
    bool kept = take_end(r, done + steps);
    return kept ? STATUS_FINE : (Status){STATUS_CANCELLED, 0, -1, NULL};
  }
  m->rows -= m->spare;
  return st;
}

/* The quantities at the end, in the delayed values of that time. */
static bool take_final(Sim *m) {
  Status st = m->delays ? sim_rings_look(m, m->steps, m->x) : STATUS_FINE;
  if (st.code == STATUS_OK)
    return take_row(m, &m->last, m->steps - 1, time_after(m, m->steps), m->final);
  sim_failed(m, st, time_after(m, m->steps), -1, m->x);
  return false;
}

bool sim_fixed(Sim *m) {
  if (m->delays && !sim_rings_start(m)) return false;
  if (!take_start(m)) return false;
  FixedRun r = {.m = m};
  choose_outs(&r);
  r.p = plan_step(m, &r.outs);
  r.places = sim_around(m, r.p, sim_first_delay(m), sim_lanes(m));
  sim_bind_inputs(m, r.places, 0, 0);
  Status st = scan_all(&r);
  if (st.code == STATUS_OK && m->stopped) take_held(&r);
  if (st.code == STATUS_OK) return m->stopped || take_final(m);
  if (m->delays && st.code == STATUS_NONFINITE) sim_rings_look(m, (int64_t)st.t, m->x);
  sim_failed(m, st, time_after(m, (int64_t)st.t + 1), -1, m->x);
  return false;
}
