/* sim_jacobian.c: the Jacobian of the vector field for stiff methods: the forward derivative of its
   program, batched over the unit vectors of the state. */
#include <string.h>

#include "pass/pass.h"
#include "verb/sim.h"

struct SimJacobian {
  SimProgram *rows; /* outputs: for each state [n, ...], the derivative along each unit vector */
  SimProgram *time; /* outputs: for each state, the derivative by t; NULL: there is none */
  double **row_out, **time_out;
};

enum { IN_TIME = 0, IN_STATES = 4 };

/* The forward derivative by the inputs in wrt, without the values themselves. */
static GraphFn *derivative(Sim *m, const bool *wrt) {
  GraphFn *f = system_fn(m->arena, m->s.sys, &(SystemFnOptions){0});
  GraphFn *d = pass_jvp(m->arena, f, wrt);
  d->out += f->nout;
  d->nout -= f->nout;
  return d;
}

/* How many inputs system_fn has. */
static int inputs_of(const System *s) {
  return IN_STATES + (int)(s->states.n + s->inputs.n + s->noises.n + s->delays.n);
}

static double **outputs_of(Sim *m, const SimProgram *p) {
  double **out = ARENA_ARRAY(m->arena, double *, m->s.sys->states.n + 1);
  for (size_t i = 0; i < m->s.sys->states.n; i++)
    out[i] = ARENA_ARRAY(m->arena, double, shape_count(program_out_shape(p->p, (int)i)) + 1);
  return out;
}

/* Unit vector k of the flat state, as tangents of all states: one in row k of one of them. */
static void set_unit_vectors(Sim *m, SimProgram *p, int first) {
  const System *s = m->s.sys;
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = shape_count(s->states.at[i].q.shape);
    double *seed = (double *)p->in[first + (int)i];
    for (int64_t k = 0; k < n; k++) seed[(s->states.at[i].offset + k) * n + k] = 1;
  }
}

static void plan_rows(Sim *m, SimJacobian *j) {
  const System *s = m->s.sys;
  int nin = inputs_of(s), nstates = (int)s->states.n;
  bool *wrt = ARENA_ARRAY(m->arena, bool, nin);
  bool *batched = ARENA_ARRAY(m->arena, bool, nin + nstates);
  for (int i = 0; i < nstates; i++) wrt[IN_STATES + i] = batched[nin + i] = true;
  GraphFn *f = pass_batch(m->arena, derivative(m, wrt), "direction", s->dim, batched, true);
  j->rows = sim_plan(m, f, 1);
  j->row_out = outputs_of(m, j->rows);
  set_unit_vectors(m, j->rows, nin);
}

static void plan_time(Sim *m, SimJacobian *j) {
  const System *s = m->s.sys;
  if (!s->uses_t) return;
  int nin = inputs_of(s);
  bool *wrt = ARENA_ARRAY(m->arena, bool, nin);
  wrt[IN_TIME] = true;
  j->time = sim_plan(m, derivative(m, wrt), 1);
  j->time_out = outputs_of(m, j->time);
  *(double *)j->time->in[nin] = 1;
}

SimJacobian *sim_jacobian(Sim *m) {
  SimJacobian *j = ARENA_NEW(m->arena, SimJacobian);
  plan_rows(m, j);
  plan_time(m, j);
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
  const System *s = m->s.sys;
  j->rows->t = t;
  sim_bind_states(m, j->rows, x);
  Status st = program_run(j->rows->p, j->rows->in, (void *const *)j->row_out);
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = shape_count(s->states.at[i].q.shape);
    for (int64_t k = 0; k < s->dim; k++)
      for (int64_t r = 0; r < n; r++)
        dfdy[(s->states.at[i].offset + r) * s->dim + k] = j->row_out[i][k * n + r];
  }
  return st.code == STATUS_OK ? time_derivative(m, j, t, x, dfdt) : st;
}
