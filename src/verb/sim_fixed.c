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
} FixedRun;

enum { IN_TIME, IN_STEP, IN_TRIAL, IN_UPDATE, IN_STATES };

static Port *add_port(FixedRun *r, PortKind kind, int index, const void *data) {
  Port *p = vec_push(r->m->arena, &r->ports);
  *p = (Port){.kind = kind, .index = index, .data = (void *)data, .every = 1};
  *vec_push(r->m->arena, &r->data) = (void *)data;
  return p;
}

/* Rows at given times become one row for each step. */
static const double *rows_of_steps(Sim *m, size_t i) {
  const RunInput *in = &m->in.at[i];
  if (!in->times) return in->data;
  size_t n = (size_t)shape_count(m->s.sys->inputs.at[i].q.shape);
  double *rows = mem_alloc(n * (size_t)m->steps * sizeof *rows + 1);
  arena_defer(m->arena, mem_free, rows);
  for (int64_t k = 0; k < m->steps; k++)
    memcpy(rows + (size_t)k * n, input_row(&m->s, &m->in, i, k), n * sizeof *rows);
  return rows;
}

static void add_input_ports(FixedRun *r) {
  Sim *m = r->m;
  const System *s = m->s.sys;
  int k = IN_STATES + (int)s->states.n;
  for (size_t i = 0; i < s->inputs.n; i++, k++) {
    if (m->in.at[i].kind == INPUT_ROWS)
      add_port(r, PORT_SLICE, k, rows_of_steps(m, i));
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
  int in = sim_first_delay(m), row = (int)(m->s.sys->states.n + m->recorded.n + m->s.sys->events.n);
  for (int i = 0; i < d->n; i++, in++, row++) {
    add_port(r, PORT_FIXED, in, d->ring[i]);
    Port *p = add_port(r, PORT_RING, row, d->ring[i]);
    p->every = d->step.rings[i].rows;
    p->from = (int)sim_lanes(m);
  }
  if (sim_delays_vary(d)) add_port(r, PORT_CARRY, in, d->watch)->from = row;
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
  r->rows = r->ports.n;
  for (size_t i = 0; i < m->recorded.n; i++)
    add_port(r, PORT_STACK, nstates + (int)i, NULL)->every = m->stride;
  for (size_t i = 0; i < m->events.n; i++) {
    int out = nstates + (int)m->recorded.n + m->events.at[i].index;
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

static Program *plan_step(Sim *m) {
  SystemStep o = {.method = m->s.method,
                  .dt = m->s.dt,
                  .halvings = m->halvings,
                  .outs = sim_nodes(m, &m->recorded),
                  .nouts = (int)m->recorded.n,
                  .rings = m->delays ? m->delays->step.rings : NULL};
  GraphFn *f = sim_batch(m, system_step(m->arena, m->s.sys, &o));
  return program_plan(m->arena, f, &(PlanOptions){0});
}

static double time_after(const Sim *m, int64_t steps) {
  return (double)steps * m->s.dt;
}

/* What the `steps` from `done` on gave, or those of them that went well. */
static bool keep_rows(Sim *m, int64_t done, int64_t steps, Status st) {
  int64_t good = st.code == STATUS_OK ? steps : (int64_t)st.t - done;
  if (st.code == STATUS_OK) sim_take_events(m, done, steps);
  return good < 0 || good > steps || sim_rows_keep(m, done / m->stride + 1, good / m->stride);
}

/* Piece by piece. */
static Status scan_all(FixedRun *r) {
  Sim *m = r->m;
  int64_t piece = m->rec->piece * m->stride;
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
  }
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
  FixedRun r = {.m = m, .p = plan_step(m), .places = sim_program(m, NULL, 0, true, false)};
  sim_bind_inputs(m, r.places, 0, 0);
  Status st = scan_all(&r);
  if (st.code == STATUS_OK) return take_final(m);
  if (m->delays && st.code == STATUS_NONFINITE) sim_rings_look(m, (int64_t)st.t, m->x);
  sim_failed(m, st, time_after(m, (int64_t)st.t + 1), -1, m->x);
  return false;
}
