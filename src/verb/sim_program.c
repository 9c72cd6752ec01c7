/* sim_program.c: quantities of a system as programs, and what their inputs are during a run. */
#include "verb/sim.h"

#include "pass/pass.h"

int64_t sim_lanes(const Sim *m) {
  return m->trials == RECORD_NO_AXIS ? 1 : m->trials;
}

bool sim_may_be_short(const Sim *m) {
  return m->trials == RECORD_NO_AXIS && system_stops(m->s.sys);
}

/* Order of the inputs: t, step, trial, update, states, inputs, noises, delays. */
enum { IN_TIME, IN_STEP, IN_TRIAL, IN_UPDATE, IN_STATES };

bool *sim_batched(const Sim *m, int nin) {
  bool *batched = ARENA_ARRAY(m->arena, bool, nin);
  batched[IN_TRIAL] = true;
  size_t n = m->s.sys->states.n;
  for (int i = sim_first_delay(m); i < nin; i++) batched[i] = true;
  for (size_t i = 0; i < n; i++) batched[IN_STATES + i] = true;
  for (size_t i = 0; i < m->s.sys->inputs.n; i++)
    batched[IN_STATES + n + i] = m->in.at[i].lanes > 0;
  return batched;
}

GraphFn *sim_batch(Sim *m, GraphFn *f) {
  if (m->trials == RECORD_NO_AXIS) return f;
  return pass_batch(m->arena, f, "trial", m->trials, sim_batched(m, f->nin), true);
}

NodeId *sim_nodes(Sim *m, const Quantities *q) {
  NodeId *nodes = ARENA_ARRAY(m->arena, NodeId, q->n + 1);
  for (size_t i = 0; i < q->n; i++) nodes[i] = q->at[i].node;
  return nodes;
}

/* Zeros for inputs that are not read. */
static void *unused_input(Sim *m, Shape s) {
  int64_t n = shape_count(s);
  return ARENA_ARRAY(m->arena, double, n > 0 ? n : 1);
}

SimProgram *sim_around(Sim *m, Program *program, int nin, int64_t lanes) {
  SimProgram *p = ARENA_NEW(m->arena, SimProgram);
  p->p = program;
  p->nin = nin;
  p->in = ARENA_ARRAY(m->arena, const void *, nin);
  p->trial = ARENA_ARRAY(m->arena, double, lanes);
  for (int64_t i = 0; i < lanes; i++) p->trial[i] = (double)i;
  p->update = system_stream(m->s.seed, 0);
  for (int i = IN_STATES; i < p->nin; i++) p->in[i] = unused_input(m, program_in_shape(p->p, i));
  p->in[IN_TIME] = &p->t;
  p->in[IN_STEP] = &p->step;
  p->in[IN_TRIAL] = p->trial;
  p->in[IN_UPDATE] = &p->update;
  return p;
}

SimProgram *sim_plan(Sim *m, const GraphFn *f, int64_t lanes) {
  return sim_around(m, program_plan(m->arena, f, &(PlanOptions){0}), f->nin, lanes);
}

SimProgram *sim_program(Sim *m, const NodeId *outs, int nouts, bool batch, bool draw) {
  SystemFnOptions o = {.outs = outs,
                       .nouts = nouts,
                       .draw = draw,
                       .dt = m->s.dt > 0 ? m->s.dt : 1,
                       .halvings = m->halvings};
  GraphFn *f = system_fn(m->arena, m->s.sys, &o);
  return sim_plan(m, batch ? sim_batch(m, f) : f, batch ? sim_lanes(m) : 1);
}

void sim_bind_states(const Sim *m, SimProgram *p, double *const *x) {
  for (size_t i = 0; i < m->s.sys->states.n; i++) p->in[IN_STATES + i] = x[i];
}

static int64_t input_size(const Sim *m, size_t i) {
  return shape_count(m->s.sys->inputs.at[i].q.shape);
}

/* Held rows: those of a step, or where it is negative those at time t. */
void sim_bind_inputs(const Sim *m, SimProgram *p, int64_t step, double t) {
  size_t first = IN_STATES + m->s.sys->states.n;
  for (size_t i = 0; i < m->s.sys->inputs.n; i++) {
    if (m->in.at[i].kind == INPUT_BOUND) continue;
    const double *row =
        step >= 0 ? input_row(&m->s, &m->in, i, step) : input_held(&m->s, &m->in, i, t);
    p->in[first + i] = row + (m->in.at[i].lanes ? m->lane * input_size(m, i) : 0);
  }
}

void sim_bind_lane(const Sim *m, SimProgram *p, int64_t lane) {
  const double **in = (const double **)p->in + IN_STATES + m->s.sys->states.n;
  for (size_t i = 0; i < m->s.sys->inputs.n; i++)
    if (m->in.at[i].lanes) in[i] += lane * input_size(m, i);
}

bool sim_tick(Sim *m, double done) {
  Ev *ev = m->s.ev;
  if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, m->s.verb, done, m->s.sys->name);
  if (!ev->hooks.cancelled || !ev->hooks.cancelled(ev->hooks.ctx)) return true;
  ev->cancelled = true;
  return false;
}
