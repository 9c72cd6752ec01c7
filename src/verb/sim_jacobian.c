/* sim_jacobian.c: the Jacobian of the vector field for stiff methods, and its derivative by time.
 */
#include <string.h>

#include "pass/pass.h"
#include "verb/sim.h"

struct SimJacobian {
  SimProgram *rows; /* output: [D, D] */
  SimProgram *time; /* outputs: for each state, the derivative by t; NULL: there is none */
  double **time_out;
};

enum { IN_TIME = 0, IN_STATES = 4 };

static GraphFn *jacobian_function(Sim *m) {
  const System *s = m->s.sys;
  GraphFn *f = system_fn(m->arena, s, &(SystemFnOptions){0});
  Graph *g = graph_new(m->arena);
  int *directions = system_jacobian_loops(m->arena, g, s);
  int *loops = ARENA_ARRAY(m->arena, int, f->g->nloops + 1);
  NodeId *outs = ARENA_ARRAY(m->arena, NodeId, s->states.n);
  GraphFn *to = graph_fn_new(m->arena, g, f->nin, 1);
  for (int k = 0; k < f->g->nloops; k++)
    loops[k] = graph_add_loop(g, f->g->loops[k].name, f->g->loops[k].extent);
  for (int k = 0; k < f->nin; k++) {
    const Node *in = graph_node(f->g, f->in[k]);
    to->in[k] = graph_input(g, in->name, in->shape, graph_map_loops(in->loops, loops));
  }
  graph_copy(g, f->g, f->in, to->in, f->nin, loops, f->out, outs, f->nout);
  to->out[0] = system_jacobian(m->arena, g, s, directions, to->in + IN_STATES, outs);
  return to;
}

/* The forward derivative by time, without the values themselves. */
static GraphFn *time_function(Sim *m) {
  GraphFn *f = system_fn(m->arena, m->s.sys, &(SystemFnOptions){0});
  bool *wrt = ARENA_ARRAY(m->arena, bool, f->nin);
  wrt[IN_TIME] = true;
  GraphFn *d = pass_jvp(m->arena, f, wrt);
  d->out += f->nout;
  d->nout -= f->nout;
  return d;
}

static double **outputs_of(Sim *m, const SimProgram *p) {
  double **out = ARENA_ARRAY(m->arena, double *, m->s.sys->states.n + 1);
  for (size_t i = 0; i < m->s.sys->states.n; i++)
    out[i] = ARENA_ARRAY(m->arena, double, shape_count(program_out_shape(p->p, (int)i)) + 1);
  return out;
}

static void plan_time(Sim *m, SimJacobian *j) {
  if (!m->s.sys->uses_t) return;
  j->time = sim_plan(m, time_function(m), 1);
  j->time_out = outputs_of(m, j->time);
  *(double *)j->time->in[j->time->nin - 1] = 1;
}

SimJacobian *sim_jacobian(Sim *m) {
  SimJacobian *j = ARENA_NEW(m->arena, SimJacobian);
  j->rows = sim_plan(m, jacobian_function(m), 1);
  plan_time(m, j);
  if (m->delays) sim_bind_delays(m, j->rows, 0);
  if (m->delays && j->time) sim_bind_delays(m, j->time, 0);
  return j;
}

void sim_jacobian_inputs(const Sim *m, SimJacobian *j, double t) {
  sim_bind_inputs(m, j->rows, -1, t);
  if (j->time) sim_bind_inputs(m, j->time, -1, t);
}

static Status time_derivative(Sim *m, SimJacobian *j, double t, double *const *x, double *dfdt) {
  const System *s = m->s.sys;
  memset(dfdt, 0, (size_t)s->dim * sizeof *dfdt);
  if (!j->time) return STATUS_FINE;
  j->time->t = t;
  sim_bind_states(m, j->time, x);
  Status st = program_run(j->time->p, j->time->in, (void *const *)j->time_out);
  for (size_t i = 0; i < s->states.n; i++)
    memcpy(dfdt + s->states.at[i].offset, j->time_out[i],
           (size_t)shape_count(s->states.at[i].q.shape) * sizeof *dfdt);
  return st;
}

Status sim_jacobian_at(Sim *m, SimJacobian *j, double t, double *const *x, double *dfdy,
                       double *dfdt) {
  j->rows->t = t;
  sim_bind_states(m, j->rows, x);
  Status st = program_run(j->rows->p, j->rows->in, (void *[]){dfdy});
  return st.code == STATUS_OK ? time_derivative(m, j, t, x, dfdt) : st;
}
