/* ring.c: see ring.h. Interpolation of degree p - 1 keeps a method of order p at that order: Bellen
   & Zennaro, Numerical Methods for Delay Differential Equations (2003), theorem 6.1.2. */
#include "model/ring.h"

#include <math.h>
#include <string.h>

#include "num/ode.h"

/* ---- form ------------------------------------------------------------------------------------ */

static const double nodes_of_map[] = {0}, nodes_of_line[] = {0, 1},
                    nodes_of_cubic[] = {0, 0.25, 0.5, 1};

const double *system_ring_nodes(const SystemStep *o, int *n) {
  *n = !o->method ? 1 : o->method->order >= 3 ? 4 : 2;
  return *n == 1 ? nodes_of_map : *n == 2 ? nodes_of_line : nodes_of_cubic;
}

static int node_count(const Rings *r) {
  int n;
  system_ring_nodes(r->o, &n);
  return n;
}

static const SysDelay *delay_at(const Rings *r, int i) {
  return &r->place->s->delays.at[i];
}

static int64_t value_count(const Rings *r, int i) {
  return shape_count(graph_node(r->place->s->g, delay_at(r, i)->value)->shape);
}

static int delay_inputs(const Place *p) {
  return PLACE_STATES + (int)(p->s->states.n + p->s->inputs.n + p->s->noises.n);
}

bool rings_vary(const SystemStep *o, const System *s) {
  for (size_t i = 0; i < s->delays.n; i++)
    if (!o->rings[i].steps) return true;
  return false;
}

void rings_open(Rings *r, Place *p, const SystemStep *o, GraphFn *f) {
  size_t n = p->s->delays.n;
  *r = (Rings){.place = p, .o = o, .t0 = f->in[PLACE_TIME], .step = f->in[PLACE_STEP]};
  r->ring = ARENA_ARRAY(p->a, NodeId, n + 1);
  r->loop = ARENA_ARRAY(p->a, int, n + 1);
  for (size_t i = 0; i < n; i++) {
    const SysDelay *d = &p->s->delays.at[i];
    Shape s = shape_make(3, o->rings[i].rows + 1, (int64_t)node_count(r), value_count(r, (int)i));
    p->g->at = d->q.at;
    r->ring[i] = f->in[delay_inputs(p) + (int)i] = graph_input(p->g, d->q.name, s, 0);
    r->loop[i] = -1;
  }
}

int64_t system_delay_place(const System *s, const SysDelay *d, int64_t e) {
  Shape from = graph_node(s->g, d->value)->shape, to = d->q.shape;
  int64_t place = 0, stride = 1;
  if (d->pattern) return d->pattern->col[e];
  for (int k = to.rank - 1; k >= 0; k--) {
    if (from.n[k] != 1) place += e % to.n[k] * stride;
    stride *= from.n[k];
    e /= to.n[k];
  }
  return place;
}

static NodeId places_of(const Rings *r, int i) {
  const SysDelay *d = delay_at(r, i);
  Tensor *t = tensor_new(r->place->a, d->q.shape);
  for (int64_t e = 0; e < shape_count(d->q.shape); e++)
    t->data[e] = (double)system_delay_place(r->place->s, d, e);
  return graph_const(r->place->g, t);
}

/* The value as one line [n] in the shape of the delayed value. */
static NodeId spread(const Rings *r, int i, NodeId line) {
  const SysDelay *d = delay_at(r, i);
  Graph *g = r->place->g;
  if (!d->pattern && shape_count(d->q.shape) == value_count(r, i))
    return graph_reshape(g, line, d->q.shape);
  return graph_op2(g, OP_gather, line, places_of(r, i));
}

/* ---- where a delayed value lies -------------------------------------------------------------- */

/* In step `row`, `theta` of a step after its start; scalars, or one for each element. */
typedef struct Look {
  NodeId row, theta, time;
} Look;

static NodeId op2(const Rings *r, OpId op, NodeId a, NodeId b) {
  return graph_op2(r->place->g, op, a, b);
}

static NodeId num(const Rings *r, double x) {
  return graph_num(r->place->g, x);
}

/* A tensor as a node: a number where all are the same. */
static NodeId numbers(const Rings *r, const Tensor *t) {
  int64_t n = shape_count(t->shape);
  for (int64_t i = 1; i < n; i++)
    if (t->data[i] != t->data[0]) return graph_const(r->place->g, t);
  return num(r, n ? t->data[0] : 0);
}

/* A delay of whole steps leads to the same place in an earlier step, its end included. */
static Look look_fixed(const Rings *r, const Tensor *steps, double c) {
  Arena *a = r->place->a;
  Tensor *row = tensor_new(a, steps->shape), *theta = tensor_new(a, steps->shape);
  Tensor *back = tensor_new(a, steps->shape);
  for (int64_t i = 0; i < shape_count(steps->shape); i++) {
    double d = steps->data[i], q = c - d;
    bool whole = d == round(d) && r->o->method;
    row->data[i] = whole ? -d : floor(q);
    theta->data[i] = q - row->data[i];
    back->data[i] = q;
  }
  return (Look){op2(r, OP_add, r->step, numbers(r, row)), numbers(r, theta),
                op2(r, OP_add, r->step, numbers(r, back))};
}

/* Of the delay at time t with states x, which may have changed in the step; it reads no later step
   than the last one. */
static Look look_varying(const Rings *r, int i, double c, NodeId t, const NodeId *x) {
  NodeId d, now = c == 0 ? r->step : op2(r, OP_add, r->step, num(r, c));
  place_copy(r->place, t, x, &delay_at(r, i)->delay, &d, 1);
  d = op2(r, OP_mul, d, num(r, 1 / r->o->dt));
  if (!r->o->method) d = graph_op1(r->place->g, OP_round, d);
  NodeId q = op2(r, OP_sub, now, d), row = graph_op1(r->place->g, OP_floor, q);
  if (r->o->method) row = op2(r, OP_minimum, row, op2(r, OP_sub, r->step, num(r, 1)));
  return (Look){row, op2(r, OP_sub, q, row), q};
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Lagrange's polynomial of node k; exactly 1 or 0 at the nodes. */
static NodeId weight(const Rings *r, NodeId theta, int k) {
  int n;
  const double *at = system_ring_nodes(r->o, &n);
  NodeId w = num(r, 1);
  for (int j = 0; j < n; j++) {
    if (j == k) continue;
    NodeId part = op2(r, OP_sub, theta, num(r, at[j]));
    w = op2(r, OP_mul, w, op2(r, OP_div, part, num(r, at[k] - at[j])));
  }
  return w;
}

/* Node k of the rows `slot`. */
static NodeId gathered(const Rings *r, int i, NodeId slot, int k) {
  Graph *g = r->place->g;
  int64_t n = value_count(r, i), nodes = node_count(r), rows = (r->o->rings[i].rows + 1) * nodes;
  if (graph_node(g, slot)->shape.rank == 0 && delay_at(r, i)->q.shape.rank > 0) {
    NodeId lines = graph_reshape(g, r->ring[i], shape_mat(rows, n));
    NodeId at = op2(r, OP_add, op2(r, OP_mul, slot, num(r, (double)nodes)), num(r, k));
    return spread(r, i, graph_op2(g, OP_gather, lines, at));
  }
  NodeId all = graph_reshape(g, r->ring[i], shape_vec(rows * n));
  NodeId at = op2(r, OP_mul, slot, num(r, (double)(nodes * n)));
  NodeId in_row = op2(r, OP_add, places_of(r, i), num(r, (double)(k * n)));
  return graph_op2(g, OP_gather, all, op2(r, OP_add, at, in_row));
}

static NodeId interpolated(const Rings *r, int i, NodeId slot, NodeId theta) {
  NodeId sum = NODE_NONE;
  double fixed;
  for (int k = 0; k < node_count(r); k++) {
    NodeId w = weight(r, theta, k);
    bool known = graph_is_num(r->place->g, w, &fixed);
    if (known && fixed == 0) continue;
    NodeId x = gathered(r, i, slot, k);
    NodeId term = known && fixed == 1 ? x : op2(r, OP_mul, x, w);
    sum = sum == NODE_NONE ? term : op2(r, OP_add, sum, term);
  }
  return sum;
}

/* A loop over n elements, shared by all delayed values of this size. */
static int element_loop(Rings *r, int i) {
  int64_t n = shape_count(delay_at(r, i)->q.shape);
  for (size_t k = 0; k < r->place->s->delays.n && r->loop[i] < 0; k++)
    if (r->loop[k] >= 0 && r->place->g->loops[r->loop[k]].extent == n) r->loop[i] = r->loop[k];
  if (r->loop[i] < 0) r->loop[i] = graph_add_loop(r->place->g, "delayed", n);
  return r->loop[i];
}

/* The history at times that differ between the elements: each takes its own element of the history
   at its own time. */
static NodeId history_of_each(Rings *r, int i, NodeId time) {
  const SysDelay *d = delay_at(r, i);
  Graph *g = r->place->g;
  int loop = element_loop(r, i);
  Shape line = shape_vec(shape_count(d->q.shape));
  NodeId t = graph_unstack(g, graph_reshape(g, time, line), loop), all;
  place_copy(r->place, t, NULL, &d->history, &all, 1);
  all = graph_reshape(g, all, shape_vec(value_count(r, i)));
  NodeId own = graph_unstack(g, graph_reshape(g, places_of(r, i), line), loop);
  return graph_reshape(g, graph_stack(g, graph_op2(g, OP_gather, all, own), loop), d->q.shape);
}

static NodeId history_at(Rings *r, int i, NodeId steps) {
  const SysDelay *d = delay_at(r, i);
  Graph *g = r->place->g;
  NodeId t = op2(r, OP_add, r->t0, op2(r, OP_mul, steps, num(r, r->o->dt))), h;
  bool moves = graph_depends(r->place->s->g, r->place->s->t, &d->history, 1);
  if (moves && graph_node(g, t)->shape.rank > 0) return history_of_each(r, i, t);
  place_copy(r->place, t, NULL, &d->history, &h, 1);
  return spread(r, i, graph_reshape(g, h, shape_vec(value_count(r, i))));
}

/* A map may read what is not in its ring yet: the value of this very step. */
static NodeId or_now(const Rings *r, int i, NodeId row, NodeId z) {
  if (r->o->method || !r->now) return z;
  NodeId line = graph_reshape(r->place->g, r->now[i], shape_vec(value_count(r, i)));
  NodeId is_now = op2(r, OP_le, r->step, row);
  return graph_op3(r->place->g, OP_select, is_now, spread(r, i, line), z);
}

void rings_read(Rings *r, double c, NodeId t, const NodeId *x) {
  Graph *g = r->place->g;
  for (int i = 0; i < (int)r->place->s->delays.n; i++) {
    const SysDelay *d = delay_at(r, i);
    const SysRing *ring = &r->o->rings[i];
    g->at = d->q.at;
    Look look = ring->steps ? look_fixed(r, ring->steps, c) : look_varying(r, i, c, t, x);
    NodeId before = op2(r, OP_lt, look.row, num(r, 0));
    NodeId slot = graph_op3(g, OP_select, before, num(r, (double)ring->rows),
                            op2(r, OP_mod, look.row, num(r, (double)ring->rows)));
    NodeId z = or_now(r, i, look.row, interpolated(r, i, slot, look.theta));
    if (d->history != NODE_NONE)
      z = graph_op3(g, OP_select, before, history_at(r, i, look.time), z);
    r->place->to[delay_inputs(r->place) + i] = graph_broadcast(g, z, d->q.shape);
  }
}

/* ---- writing, watching ----------------------------------------------------------------------- */

NodeId rings_row(const Rings *r, int i, const NodeId *values) {
  Graph *g = r->place->g;
  NodeId lines[4];
  int n = node_count(r);
  for (int k = 0; k < n; k++)
    lines[k] = graph_reshape(g, values[k], shape_mat(1, value_count(r, i)));
  OpAttr attr = {.axis = 0};
  return n == 1 ? lines[0] : graph_add(g, OP_concat, lines, n, &attr);
}

/* The delay in steps is too short, NaN or (of a map) not whole. */
static NodeId is_bad(Rings *r, int i, NodeId t, const NodeId *x) {
  const double tiny = 1e-9;
  Graph *g = r->place->g;
  const SysDelay *d = delay_at(r, i);
  NodeId steps;
  place_copy(r->place, t, x, &d->delay, &steps, 1);
  steps = op2(r, OP_mul, steps, num(r, 1 / r->o->dt));
  NodeId good = op2(r, OP_le, num(r, 1 - tiny), steps);
  if (!r->o->method) {
    NodeId off = op2(r, OP_sub, steps, graph_op1(g, OP_round, steps));
    good = op2(r, OP_and, good, op2(r, OP_le, graph_op1(g, OP_abs, off), num(r, tiny)));
  }
  OpAttr attr = {.axis = 0};
  good = graph_reshape(g, good, shape_vec(shape_count(d->q.shape)));
  NodeId fewest = graph_add(g, OP_min_of, &good, 1, &attr);
  return graph_op1(g, OP_not, fewest);
}

NodeId rings_watch(Rings *r, NodeId t, const NodeId *x) {
  NodeId bad = num(r, 0);
  for (int i = 0; i < (int)r->place->s->delays.n; i++)
    if (!r->o->rings[i].steps) bad = op2(r, OP_or, bad, is_bad(r, i, t, x));
  return graph_op3(r->place->g, OP_select, bad, num(r, INFINITY), num(r, 0));
}
