/* network_loops.c: between the value of one unit and that of all. A population is a loop of the
   graph: its units' values are unstacked from arrays and stacked when they are read from outside.
 */
#include <string.h>

#include "lang/core.h"
#include "lang/dist.h"
#include "lang/network_body.h"
#include "run/random.h"
#include "run/run.h"

Shape body_shape(const Body *b, Shape unit) {
  Shape loops = {.rank = b->nloops};
  for (int i = 0; i < b->nloops; i++) loops.n[i] = b->tr->g->loops[b->loops[i]].extent;
  return shape_concat(loops, unit);
}

static LoopSet own_loops(const Body *b) {
  LoopSet set = 0;
  for (int i = 0; i < b->nloops; i++) set |= (LoopSet)1 << b->loops[i];
  return set;
}

static NodeId stacked(Graph *g, NodeId n, int loop) {
  const Node *x = graph_node(g, n);
  if (x->op == OP_unstack && x->attr->axis == loop) return x->in[0];
  return graph_stack(g, n, loop);
}

NodeId body_whole(const Body *b, NodeId unit) {
  for (int i = b->nloops - 1; i >= 0; i--) unit = stacked(b->tr->g, unit, b->loops[i]);
  return unit;
}

Value *body_unit(const Body *b, Value *whole) {
  if (b->nloops == 0 || whole->kind != V_ARRAY) return whole;
  Ev *ev = b->tr->ev;
  NodeId n = ev_node(ev, b->tr->g, whole);
  for (int i = 0; i < b->nloops; i++) n = graph_unstack(b->tr->g, n, b->loops[i]);
  return value_node(ev, b->tr->g, n, whole->dim);
}

Value *body_given(const Body *b, Value *v) {
  if (!b->has_loop || v->kind != V_ARRAY) return v;
  Ev *ev = b->tr->ev;
  NodeId n = graph_unstack(b->tr->g, ev_node(ev, b->tr->g, v), b->loops[b->nloops - 1]);
  return value_node(ev, b->tr->g, n, v->dim);
}

static Value *stacked_fields(const Body *b, Value *v) {
  Value *r = value_record(b->tr->ev, v->type, v->nfields);
  for (int i = 0; i < v->nfields; i++)
    value_set(r, i, v->fields[i].name, body_stacked(b, v->fields[i].value));
  return r;
}

Value *body_stacked(const Body *b, Value *v) {
  if (!b->has_loop) return v;
  if (v->kind == V_RECORD) return stacked_fields(b, v);
  if (v->kind != V_ARRAY) return v;
  Graph *g = b->tr->g;
  int loop = b->loops[b->nloops - 1];
  NodeId n = stacked(g, ev_node(b->tr->ev, g, v), loop);
  Value *s = value_node(b->tr->ev, g, n, v->dim);
  s->logical = v->logical;
  return s;
}

/* ---- fixed values ---------------------------------------------------------------------------- */

const Tensor *body_fixed(Body *b, Value *v, Where at, const char *what) {
  Ev *ev = b->tr->ev;
  if (v->kind != V_ARRAY) {
    if (v->kind == V_UNKNOWN) return tensor_abstract(ev->arena, SHAPE_SCALAR);
    if (v->kind != V_ERROR)
      body_report(b, E0210, at, "%s is a number or an array, not %s", what, value_kind_name(ev, v));
    return NULL;
  }
  if (!v->graph) return v->tensor;
  if (!system_is_fixed(v->graph, v->node)) {
    body_report(b, E0512, at, "%s depends on a state, an input or the time", what);
    return NULL;
  }
  NodeId out = v->node;
  GraphFn f = {.g = v->graph, .in = NULL, .nin = 0, .out = &out, .nout = 1};
  Shape s = graph_node(v->graph, out)->shape;
  Tensor *t = NULL;
  if (ev->rehearse) return tensor_abstract(ev->arena, s);
  Status st = run_graph(ev->arena, &f, NULL, &t);
  if (st.code == STATUS_OK) return t;
  body_report(b, E0225, at, "%s cannot be computed: %s", what, st.what ? st.what : "not finite");
  return NULL;
}

/* ---- draws ----------------------------------------------------------------------------------- */

/* A parameter that differs between units, stacked, with axes that align with those of the draw. */
static Value *spread_parameter(const Body *b, Value *v, int rank) {
  if (v->kind != V_ARRAY || !v->graph) return v;
  Graph *g = b->tr->g;
  if (!(graph_node(g, v->node)->loops & own_loops(b))) return v;
  Shape s = graph_node(g, v->node)->shape, ones = {.rank = rank - s.rank};
  for (int i = 0; i < ones.rank; i++) ones.n[i] = 1;
  NodeId n = graph_reshape(g, v->node, shape_concat(ones, s));
  return value_node(b->tr->ev, g, body_whole(b, n), v->dim);
}

static Value *spread_dist(const Body *b, Value *v, int rank) {
  if (b->nloops == 0) return v;
  if (v->kind != V_DIST) return spread_parameter(b, v, rank);
  Ev *ev = b->tr->ev;
  Value *w = ARENA_NEW(ev->arena, Value);
  *w = *v;
  w->dist = ARENA_NEW(ev->arena, Dist);
  *w->dist = *v->dist;
  for (int i = 0; i < v->dist->n; i++)
    if (v->dist->arg[i]) w->dist->arg[i] = spread_dist(b, v->dist->arg[i], rank);
  return w;
}

static bool is_traced(const Value *v) {
  if (v->kind != V_DIST) return value_is_traced(v);
  for (int i = 0; i < v->dist->n; i++)
    if (v->dist->arg[i] && is_traced(v->dist->arg[i])) return true;
  return false;
}

static const char *path_of(const Body *b, const char *name) {
  return arena_printf(b->tr->ev->arena, "%s.%s", b->path, name);
}

Value *body_draw_at(Body *b, Value *dist, Shape unit, const char *name, NodeId step, NodeId trial,
                    NodeId update, Where at) {
  Ev *ev = b->tr->ev;
  dist = spread_dist(b, dist, unit.rank);
  uint64_t key = random_key(ev->seed, path_of(b, name));
  b->tr->g->at = at;
  return dist_trace(ev, b->tr->g, dist, body_shape(b, unit), key, step, trial, update, at);
}

Value *body_draw(Body *b, Value *dist, Shape unit, const char *name, Where at) {
  Ev *ev = b->tr->ev;
  Value *all = spread_dist(b, dist, unit.rank);
  if (!is_traced(all)) return dist_draw(ev, all, body_shape(b, unit), path_of(b, name), at);
  NodeId zero = graph_num(b->tr->g, 0);
  Value *v = body_draw_at(b, dist, unit, name, zero, zero, zero, at);
  if (v->kind != V_ARRAY || !v->graph || system_is_fixed(v->graph, v->node)) return v;
  if (parameter_sets(b->tr, v)) return v;
  body_report(b, E0512, at, "a fixed draw depends on a state, an input or the time");
  return &VALUE_ERROR;
}
