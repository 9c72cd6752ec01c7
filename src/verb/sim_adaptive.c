/* sim_adaptive.c: adaptive methods. The vector field is a program behind a callback; the run goes
   from edge to edge of its inputs, so that no step crosses one and each side sees its own values.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/flat.h"
#include "verb/sim_past.h"
#include "verb/sim_rows.h"

enum { TICK_EVERY = 1000 }; /* evaluations between two looks at the user */

/* ---- edges ----------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef VEC(double) Times;

static void add_time(Sim *m, Times *all, double t) {
  if (t > 0 && t < m->length) *vec_push(m->arena, all) = t;
}

/* An edge and, if it comes back, all others of its kind; steps by the million end the run anyway.
 */
static void add_times(Sim *m, Times *all, double t, double period) {
  const double most = 1e7;
  if (period == 0 || m->length / period > most) {
    add_time(m, all, t);
    return;
  }
  double first = t - floor(t / period) * period;
  for (int64_t k = 0; first + (double)k * period < m->length; k++)
    add_time(m, all, first + (double)k * period);
}

static bool edges_of_graph(Sim *m, Times *all) {
  const System *s = m->s.sys;
  if (s->edges.n == 0) return true;
  NodeId *at = ARENA_ARRAY(m->arena, NodeId, s->edges.n);
  for (size_t i = 0; i < s->edges.n; i++) at[i] = s->edges.at[i].at;
  SimProgram *p = sim_program(m, at, (int)s->edges.n, false, false);
  double **out = ARENA_ARRAY(m->arena, double *, s->edges.n);
  for (size_t i = 0; i < s->edges.n; i++)
    out[i] = ARENA_ARRAY(m->arena, double, shape_count(program_out_shape(p->p, (int)i)) + 1);
  Status st = program_run(p->p, p->in, (void *const *)out);
  for (size_t i = 0; i < s->edges.n && st.code == STATUS_OK; i++)
    for (int64_t k = 0; k < shape_count(program_out_shape(p->p, (int)i)); k++)
      add_times(m, all, out[i][k], s->edges.at[i].period);
  if (st.code != STATUS_OK) sim_failed(m, st, 0, 0, m->x);
  return st.code == STATUS_OK;
}

static void edges_of_rows(Sim *m, Times *all) {
  for (size_t i = 0; i < m->s.sys->inputs.n; i++) {
    const RunInput *in = &m->in.at[i];
    for (int64_t k = 0; in->kind == INPUT_ROWS && k < in->rows; k++)
      add_time(m, all, in->times ? in->times[k] : (double)k * m->s.dt);
  }
}

double adaptive_moment(const AdaptiveRun *r) {
  return 1e-12 * r->m->length;
}

/* All edges inside of the run in ascending order, then its end. */
static bool find_edges(AdaptiveRun *r) {
  Sim *m = r->m;
  Times all = {0};
  if (!edges_of_graph(m, &all)) return false;
  edges_of_rows(m, &all);
  *vec_push(m->arena, &all) = m->length;
  qsort(all.at, all.n, sizeof *all.at, by_size);
  r->edges = all.at;
  for (size_t i = 0; i < all.n; i++)
    if (r->nedges == 0 || all.at[i] - r->edges[r->nedges - 1] > adaptive_moment(r))
      r->edges[r->nedges++] = all.at[i];
  r->edges[r->nedges - 1] = m->length;
  return true;
}

/* ---- callbacks ------------------------------------------------------------------------------- */

/* At the ends of a segment the equations are those inside of it: farther inside than an edge that
   comes back, or an expression that jumps there, can be off by rounding. */
double adaptive_inside(const AdaptiveRun *r, double t) {
  if (r->nedges == 1) return t;
  double rounding = 16 * DBL_EPSILON * r->m->length;
  return fmin(fmax(t, r->from + rounding), r->to - rounding);
}

/* The states are looked at where the solver has them. */
static void point_at(AdaptiveRun *r, const double *y) {
  const System *s = r->m->s.sys;
  for (size_t i = 0; i < s->states.n; i++) r->x[i] = (double *)y + s->states.at[i].offset;
}

static Status rhs(void *ctx, double t, const double *y, double *dydt) {
  AdaptiveRun *r = ctx;
  const System *s = r->m->s.sys;
  if (++r->calls % TICK_EVERY == 0) {
    double done = ((double)r->lane + t / r->m->length) / (double)sim_lanes(r->m);
    if (!sim_tick(r->m, done)) return (Status){STATUS_CANCELLED, t, -1, NULL};
  }
  if (flat_first_nonfinite(s->dim, y) < 0) memcpy(r->last, y, (size_t)s->dim * sizeof *y);
  bool known = true;
  Status st = r->past ? past_look(r, t, y, &known) : STATUS_FINE;
  for (int64_t i = 0; i < s->dim && !known; i++) dydt[i] = NAN; /* the step was too long */
  if (st.code || !known) return st;
  r->field->t = adaptive_inside(r, t);
  point_at(r, y);
  for (size_t i = 0; i < s->states.n; i++) r->dx[i] = dydt + s->states.at[i].offset;
  sim_bind_states(r->m, r->field, r->x);
  return program_run(r->field->p, r->field->in, r->dx);
}

/* Through delayed values the field depends on time, and where a delay changes on the state, in a
   way that its graph does not hold: the differences of it do. `shifted` and `there` are [dim]. */
static Status past_derivatives(AdaptiveRun *r, double t, const double *y, double *dfdy,
                               double *dfdt) {
  const int64_t n = r->m->s.sys->dim;
  const double root = 1.5e-8; /* of the rounding error */
  double *here = r->work, *shifted = here + n, *there = shifted + n;
  double dt = root * fmax(fabs(t), 1e-3 * r->m->length);
  if (t + dt >= r->to) dt = -dt;
  memcpy(shifted, y, (size_t)n * sizeof *y);
  Status st = rhs(r, t, y, here);
  if (!st.code) st = rhs(r, t + dt, y, there);
  for (int64_t i = 0; i < n; i++) dfdt[i] = (there[i] - here[i]) / dt;
  for (int64_t k = 0; past_varies(r->past) && k < n && !st.code; k++) {
    double dy = root * fmax(fabs(y[k]), r->m->s.atol / r->m->s.rtol);
    shifted[k] = y[k] + dy;
    st = rhs(r, t, shifted, there);
    for (int64_t i = 0; i < n; i++) dfdy[i * n + k] = (there[i] - here[i]) / dy;
    shifted[k] = y[k];
  }
  return st;
}

static Status jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  AdaptiveRun *r = ctx;
  bool known;
  Status st = r->past ? past_look(r, t, y, &known) : STATUS_FINE;
  if (st.code) return st;
  point_at(r, y);
  if (!r->jacobian) {
    r->jacobian = sim_jacobian(r->m);
    sim_jacobian_inputs(r->m, r->jacobian, r->from + 0.5 * (r->to - r->from));
  }
  st = sim_jacobian_at(r->m, r->jacobian, adaptive_inside(r, t), r->x, dfdy, dfdt);
  return st.code || !r->past ? st : past_derivatives(r, t, y, dfdy, dfdt);
}

/* A method that needs the Jacobian is refused where it does not fit into memory. */
static bool may_take_jacobian(const Sim *m, bool *takes) {
  double n = (double)m->s.sys->dim;
  bool fits = mem_fits(4 * n * n, sizeof(double));
  bool needs = (m->s.method->flags & STEPPER_NEEDS_JAC) != 0;
  *takes = fits && (needs || (m->s.method->flags & STEPPER_TAKES_JAC));
  if (!needs || fits) return true;
  setup_report(&m->s, E0612, m->s.c->at, "the Jacobian of %lld states does not fit into memory",
               (long long)m->s.sys->dim);
  return false;
}

/* The recorded quantities at a time, written to row k of this trial. */
static Status write_row(AdaptiveRun *r, int64_t k, double t, const double *y) {
  Sim *m = r->m;
  const System *s = m->s.sys;
  if (m->recorded.n == 0) return STATUS_FINE;
  bool known;
  Status st = r->past ? past_look(r, t, y, &known) : STATUS_FINE;
  if (st.code) return st;
  point_at(r, y);
  for (size_t i = 0; i < m->recorded.n; i++) r->dx[s->states.n + i] = sim_row_at(m, i, k);
  r->row->t = adaptive_inside(r, t);
  sim_bind_states(m, r->row, r->x);
  return program_run(r->row->p, r->row->in, r->dx + s->states.n);
}

static bool take_row(AdaptiveRun *r, int64_t k, double t, const double *y) {
  r->row_status = write_row(r, k, t, y);
  if (!r->row_status.code && !sim_row_keep(r->m))
    r->row_status = (Status){STATUS_CANCELLED, t, -1, NULL};
  return r->row_status.code == STATUS_OK;
}

bool adaptive_row(void *ctx, int64_t k, double t, const double *y) {
  AdaptiveRun *r = ctx;
  return (k == r->ntimes - 1 && !r->end_is_row) || take_row(r, r->first + k, t, y);
}

/* ---- the run --------------------------------------------------------------------------------- */

static double row_time(const Sim *m, int64_t k) {
  double t = (double)k * m->every;
  return k > 0 && fabs(t - m->length) < 1e-9 * m->length ? m->length : t;
}

bool adaptive_last_rows(AdaptiveRun *r, int64_t k, double t, const double *y) {
  Sim *m = r->m;
  bool alone = sim_may_be_short(m);
  k += r->first;
  if (alone && row_time(m, k - 1) > t - adaptive_moment(r)) { /* it happened at an edge */
    sim_row_back(m);
    k--;
  }
  int64_t end = alone ? k + 1 : m->rows;
  for (; k < end; k++)
    if (!take_row(r, k, t, y)) return false;
  m->rows = end;
  return true;
}

/* The rows of the segment and its end. */
static void list_times(AdaptiveRun *r) {
  Sim *m = r->m;
  r->first += r->ntimes - (r->ntimes > 0 && !r->end_is_row);
  r->ntimes = 0;
  int64_t k = r->first;
  while (k < m->rows && row_time(m, k) <= r->to) r->times[r->ntimes++] = row_time(m, k++);
  r->end_is_row = r->ntimes > 0 && r->times[r->ntimes - 1] == r->to;
  if (!r->end_is_row) r->times[r->ntimes++] = r->to;
}

/* The past begins with the run; an edge is one of the jumps that come back. */
static bool enter_segment(AdaptiveRun *r, int64_t e, double middle) {
  past_inputs(r, middle);
  if (e > 0) {
    past_jump(r, r->from);
    return true;
  }
  Status st = past_start(r);
  if (st.code == STATUS_OK) return true;
  point_at(r, r->flat);
  sim_failed(r->m, st, 0, 0, r->x);
  return false;
}

static bool run_lane(AdaptiveRun *r) {
  Sim *m = r->m;
  OdeProblem problem = {
      .n = m->s.sys->dim, .rhs = rhs, .jac = r->takes_jacobian ? jac : NULL, .ctx = r};
  r->field->trial[0] = r->row->trial[0] = (double)r->lane;
  memcpy(r->last, r->flat, (size_t)m->s.sys->dim * sizeof *r->last);
  r->first = r->ntimes = 0;
  r->end_is_row = r->over = false;
  r->row_status = STATUS_FINE;
  r->end = m->length;
  r->m->stats.stiff = false;
  double t = 0;
  for (int64_t e = 0; e < r->nedges && !r->over; e++) {
    r->from = e ? r->edges[e - 1] : 0;
    r->to = r->edges[e];
    double middle = r->from + 0.5 * (r->to - r->from);
    sim_bind_inputs(m, r->field, -1, middle);
    sim_bind_inputs(m, r->row, -1, middle);
    if (r->jacobian) sim_jacobian_inputs(m, r->jacobian, middle);
    if (r->locator) locator_inputs(r, middle);
    if (r->past && !enter_segment(r, e, middle)) return false;
    list_times(r);
    if (e == 0 && r->locator && !locator_start(r)) return false;
    Status st = r->locator ? locator_solve(r, &problem, &r->options, &t)
                           : ode_solve(m->s.method, &problem, &r->options, &t, r->flat, r->times,
                                       r->ntimes, adaptive_row, r, &r->m->stats);
    if (r->row_status.code) st = r->row_status;
    if (st.code == STATUS_OK) continue;
    if (r->past && st.code != STATUS_CANCELLED && past_failed(r, t)) return false;
    if (r->locator && locator_failed(r)) return false;
    point_at(r, r->last); /* the solver's own memory is gone */
    sim_failed(m, st, t, 0, r->x);
    return false;
  }
  return true;
}

/* The states of a trial into the flat vector, or back. */
static void move_states(AdaptiveRun *r, bool back) {
  const System *s = r->m->s.sys;
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = shape_count(s->states.at[i].q.shape);
    double *own = r->m->x[i] + r->lane * n, *part = r->flat + s->states.at[i].offset;
    memcpy(back ? own : part, back ? part : own, (size_t)n * sizeof *own);
  }
}

static bool write_final(AdaptiveRun *r, SimProgram *last) {
  Sim *m = r->m;
  bool known;
  double **out = ARENA_ARRAY(m->arena, double *, m->last.n + 1);
  for (size_t i = 0; i < m->last.n; i++)
    out[i] = m->final[i] + r->lane * shape_count(m->last.at[i].shape);
  Status st = r->past ? past_look(r, r->end, r->flat, &known) : STATUS_FINE;
  point_at(r, r->flat);
  last->t = adaptive_inside(r, r->end);
  last->trial[0] = (double)r->lane;
  sim_bind_states(m, last, r->x);
  sim_bind_inputs(m, last, -1, 0.5 * (r->from + r->to));
  if (!st.code) st = program_run(last->p, last->in, (void *const *)out);
  if (st.code != STATUS_OK) sim_failed(m, st, r->end, 0, r->x);
  return st.code == STATUS_OK;
}

bool sim_adaptive(Sim *m) {
  const System *s = m->s.sys;
  AdaptiveRun r = {.m = m};
  r.x = ARENA_ARRAY(m->arena, double *, s->states.n + 1);
  r.dx = ARENA_ARRAY(m->arena, void *, s->states.n + m->recorded.n + 1);
  r.flat = ARENA_ARRAY(m->arena, double, s->dim + 1);
  r.last = ARENA_ARRAY(m->arena, double, s->dim + 1);
  r.times = ARENA_ARRAY(m->arena, double, m->rows + 2);
  r.field = sim_program(m, NULL, 0, false, false);
  r.row = sim_program(m, sim_nodes(m, &m->recorded), (int)m->recorded.n, false, false);
  SimProgram *last = sim_program(m, sim_nodes(m, &m->last), (int)m->last.n, false, false);
  if (!may_take_jacobian(m, &r.takes_jacobian) || !find_edges(&r)) return false;
  r.options = (OdeOptions){.rtol = m->s.rtol, .atol = m->s.atol};
  r.past = past_make(&r);
  r.locator = locator_make(&r);
  if (r.past) {
    sim_bind_delays(m, r.field, 0);
    sim_bind_delays(m, r.row, 0);
    sim_bind_delays(m, last, 0);
    r.work = ARENA_ARRAY(m->arena, double, 3 * s->dim + 1);
  }
  for (r.lane = 0; r.lane < sim_lanes(m); r.lane++) {
    m->lane = r.lane;
    move_states(&r, false);
    if (!run_lane(&r) || !write_final(&r, last) || !sim_lane_keep(m)) return false;
    move_states(&r, true);
  }
  if (!r.over) m->rows -= m->spare;
  return true;
}
