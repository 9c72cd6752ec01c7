/* sim_ring.c: delays in runs with a fixed step: the size of the rings, their start, and the delayed
   values at the start of a step for the programs of quantities. */
#include <math.h>
#include <string.h>

#include "verb/sim_delay.h"

/* A delay in steps: whole where it is but for rounding. */
static double in_steps(double length, double dt) {
  double steps = length / dt;
  return fabs(steps - round(steps)) <= 1e-9 * fmax(1, steps) ? round(steps) : steps;
}

/* The rows of a check more than the longest delay, so that its steps can be run again. */
static SysRing ring_of(const Sim *m, const Tensor *length) {
  double most = 0;
  if (!length) return (SysRing){NULL, m->steps + 1};
  Tensor *steps = tensor_new(m->arena, length->shape);
  for (int64_t k = 0; k < shape_count(length->shape); k++) {
    steps->data[k] = in_steps(length->data[k], m->s.dt);
    most = fmax(most, steps->data[k]);
  }
  double rows = fmin(ceil(most) + 2 + SIM_CHECK_EVERY, (double)m->steps + 1);
  return (SysRing){steps, (int64_t)rows};
}

static bool fits(Sim *m, double numbers) {
  if (mem_fits(numbers, sizeof(double))) return true;
  const System *s = m->s.sys;
  Diag *d = setup_report(&m->s, E0610, m->s.c->at, "the past of what is delayed would take %s",
                         mem_text(m->s.ev->arena, numbers * sizeof(double)));
  for (size_t i = 0; d && i < s->delays.n; i++)
    if (!m->delays->length[i])
      diag_note(m->s.ev->diag, d, s->delays.at[i].q.at,
                "this delay changes during the run, so that all steps are kept");
  return false;
}

static bool make_rings(Sim *m) {
  SimDelays *d = m->delays;
  int nodes;
  SysRing *rings = ARENA_ARRAY(m->arena, SysRing, d->n);
  d->step = (SystemStep){.method = m->s.method, .dt = m->s.dt, .rings = rings};
  system_ring_nodes(&d->step, &nodes);
  d->ring = ARENA_ARRAY(m->arena, double *, d->n);
  d->watch = ARENA_ARRAY(m->arena, double, sim_lanes(m));
  double total = 0;
  for (int i = 0; i < d->n; i++) {
    rings[i] = ring_of(m, d->length[i]);
    total += (double)(rings[i].rows + 1) * nodes * (double)(sim_delay_values(m, i) * sim_lanes(m));
  }
  if (!fits(m, total)) return false;
  for (int i = 0; i < d->n; i++) {
    int64_t row = nodes * sim_delay_values(m, i);
    d->ring[i] = mem_alloc((size_t)((rings[i].rows + 1) * row * sim_lanes(m)) * sizeof(double) + 1);
    arena_defer(m->arena, mem_free, d->ring[i]);
  }
  return true;
}

/* The value at the start, at every node of the last row. */
static void fill_last_row(Sim *m, int i, const double *value) {
  const SysRing *ring = &m->delays->step.rings[i];
  int nodes;
  system_ring_nodes(&m->delays->step, &nodes);
  int64_t n = sim_delay_values(m, i), row = nodes * n;
  for (int64_t lane = 0; lane < sim_lanes(m); lane++) {
    double *to = m->delays->ring[i] + (lane * (ring->rows + 1) + ring->rows) * row;
    for (int k = 0; k < nodes; k++) memcpy(to + k * n, value + lane * n, (size_t)n * sizeof *to);
  }
}

Status sim_rings_look(Sim *m, int64_t step, double *const *x) {
  SimDelays *d = m->delays;
  SimProgram *p = d->at_start;
  p->step = (double)step;
  sim_bind_states(m, p, x);
  sim_bind_inputs(m, p, step < m->steps ? step : m->steps - 1, (double)step * m->s.dt);
  for (int i = 0; i < d->n; i++) p->in[sim_first_delay(m) + i] = d->ring[i];
  return program_run(p->p, p->in, (void *const *)d->now);
}

/* What is delayed may read other delayed values: after as many rounds as there are delays, all that
   can be known is. */
bool sim_rings_start(Sim *m) {
  SimDelays *d = m->delays;
  if (!make_rings(m)) return false;
  d->at_start =
      sim_plan(m, sim_batch(m, system_delayed(m->arena, m->s.sys, &d->step)), sim_lanes(m));
  SimProgram *values = sim_program(m, sim_delay_nodes(m), d->n, true, true);
  double **out = ARENA_ARRAY(m->arena, double *, d->n);
  for (int i = 0; i < d->n; i++)
    out[i] = ARENA_ARRAY(m->arena, double, sim_delay_values(m, i) * sim_lanes(m) + 1);
  Status st = STATUS_FINE;
  for (int round = 0; round <= d->n && !st.code; round++) {
    st = sim_rings_look(m, 0, m->x);
    if (st.code) break;
    sim_bind_states(m, values, m->x);
    sim_bind_inputs(m, values, 0, 0);
    sim_bind_delays(m, values, 0);
    st = program_run(values->p, values->in, (void *const *)out);
    for (int i = 0; i < d->n && !st.code; i++) fill_last_row(m, i, out[i]);
  }
  if (st.code) sim_failed(m, st, 0, 0, m->x);
  return !st.code;
}
