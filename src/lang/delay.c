/* delay.c: delay(x, d, history): the value of x a time d ago. The delayed value is an input of the
   graph, which the run fills from the past of x; the System says how. */
#include <string.h>

#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/network_body.h"

static bool delay_is_time(Body *b, const Value *d, Where at) {
  Ev *ev = b->tr->ev;
  if (d->kind != V_ARRAY) {
    if (d->kind != V_ERROR && d->kind != V_UNKNOWN)
      body_report(b, E0519, at, "a delay is a time, not %s", value_kind_name(ev, d));
    return false;
  }
  Dim want = b->tr->sys->kind == SYSTEM_MAP ? DIM_ONE : dim_time();
  TimeKind before = *ev->time;
  if (dim_agree(d->dim, want, ev->time, NULL)) {
    if (before == TIME_UNKNOWN && *ev->time != TIME_UNKNOWN) network_time_known(ev, at);
    return true;
  }
  body_report(b, E0519, at, "a delay is a time, not %s", value_kind_name(ev, d));
  return false;
}

/* One number for each element of `to`, the shape with ones in front that makes the rank equal. */
static Shape padded(Shape s, Shape to) {
  Shape out = to;
  for (int k = 0; k < to.rank; k++)
    out.n[k] = k < to.rank - s.rank ? 1 : s.n[k - (to.rank - s.rank)];
  return out;
}

static bool depends_on_state(const System *s, NodeId n) {
  uint8_t *live = graph_live(s->g, &n, 1);
  bool found = false;
  for (NodeId i = 0; i <= n && !found; i++)
    found = live[i] && graph_node(s->g, i)->op == OP_input && i != s->t && !system_is_start(s, i);
  mem_free(live);
  return found;
}

/* Loops over which a value is computed besides those of the body: of a comprehension around it. */
static LoopSet loops_around(const Body *b, NodeId n) {
  LoopSet loops = graph_node(b->tr->g, n)->loops;
  for (int i = 0; i < b->nloops; i++) loops &= ~((LoopSet)1 << b->loops[i]);
  return loops;
}

/* Such loops become leading axes, behind those of the body. With `stretch`, one along which n does
   not change becomes an axis of one element. */
static NodeId whole_of(const Body *b, NodeId n, LoopSet around, bool stretch) {
  Graph *g = b->tr->g;
  for (int k = g->nloops - 1; k >= 0; k--) {
    if (!(around >> k & 1)) continue;
    const Node *x = graph_node(g, n);
    if (stretch && !(x->loops >> k & 1))
      n = graph_reshape(g, n, shape_concat(shape_vec(1), x->shape));
    else
      n = graph_stack(g, n, k);
  }
  return body_whole(b, n);
}

static Shape around_shape(const Graph *g, LoopSet around) {
  Shape s = {.rank = 0};
  for (int k = 0; k < g->nloops; k++)
    if (around >> k & 1) s.n[s.rank++] = g->loops[k].extent;
  return s;
}

/* The history as a node of the shape of what is delayed; false: reported. */
static bool history_node(Body *b, const Value *x, Value *h, Shape unit, Where at, NodeId *out) {
  Ev *ev = b->tr->ev;
  *out = NODE_NONE;
  if (!h || h->kind == V_NONE) return true;
  h = ev_dense(ev, h, at);
  Shape joint;
  if (h->kind != V_ARRAY || !dim_agree(h->dim, x->dim, ev->time, NULL) ||
      !shape_broadcast(value_shape(h), value_shape(x), &joint) ||
      !shape_fits(joint, value_shape(x))) {
    if (h->kind != V_ERROR && h->kind != V_UNKNOWN)
      body_report(b, E0519, at, "the history is %s, but what is delayed is %s",
                  value_kind_name(ev, h), value_kind_name(ev, x));
    return false;
  }
  Graph *g = b->tr->g;
  *out = graph_reshape(g, graph_broadcast(g, ev_node(ev, g, h), joint), unit);
  if (!depends_on_state(b->tr->sys, *out)) return true;
  body_report(b, E0519, at,
              "the history is an expression of `t`: before the start, states and inputs have no "
              "value");
  return false;
}

/* `out` holds the nodes of one unit; its delayed value is of shape `unit`. */
static Value *add_delay(Body *b, SysDelay out, Shape unit, Dim dim, Where at) {
  Ev *ev = b->tr->ev;
  Graph *g = b->tr->g;
  bool stretch = out.history == NODE_NONE && !out.pattern;
  LoopSet around = loops_around(b, out.value) | loops_around(b, out.delay);
  if (out.history != NODE_NONE) around |= loops_around(b, out.history);
  const char *name = arena_printf(ev->arena, "delayed %d", (int)b->tr->sys->delays.n);
  Shape s = body_shape(b, shape_concat(around_shape(g, around), unit));
  g->at = at;
  out.value = whole_of(b, out.value, around, stretch);
  out.delay = whole_of(b, out.delay, around, false);
  if (out.history != NODE_NONE) out.history = whole_of(b, out.history, around, false);
  out.input = graph_input(g, name, s, 0);
  out.q = (Quantity){name, out.input, s, dim, at};
  *vec_push(ev->arena, &b->tr->sys->delays) = out;
  Value *v = body_unit(b, value_node(ev, g, out.input, dim));
  NodeId n = ev_node(ev, g, v);
  for (int k = 0; k < g->nloops; k++)
    if (around >> k & 1) n = graph_unstack(g, n, k);
  return value_node(ev, g, n, dim);
}

Value *delay_make(Body *b, Value *x, Value *d, Value *history, Where at) {
  Ev *ev = b->tr->ev;
  Graph *g = b->tr->g;
  x = ev_dense(ev, x, at);
  d = ev_dense(ev, d, at);
  if (x->kind != V_ARRAY || !delay_is_time(b, d, at)) return &VALUE_ERROR;
  Shape shape;
  if (!shape_broadcast(value_shape(x), value_shape(d), &shape)) {
    body_report(b, E0519, at, "the delay has the shape %s, but what is delayed has the shape %s",
                shape_text(ev->arena, value_shape(d)), shape_text(ev->arena, value_shape(x)));
    return &VALUE_ERROR;
  }
  SysDelay out = {.history = NODE_NONE};
  Shape unit = padded(value_shape(x), shape);
  if (!history_node(b, x, history, unit, at, &out.history)) return &VALUE_ERROR;
  g->at = at;
  out.value = graph_reshape(g, ev_node(ev, g, x), unit);
  out.delay = graph_broadcast(g, ev_node(ev, g, d), shape);
  return add_delay(b, out, shape, x->dim, at);
}

Value *delay_entries(Body *b, Value *x, const SparsePattern *p, Value *d, Where at) {
  Ev *ev = b->tr->ev;
  if (!delay_is_time(b, d, at)) return &VALUE_ERROR;
  SysDelay out = {.history = NODE_NONE, .pattern = p};
  out.value = ev_node(ev, b->tr->g, x);
  out.delay = ev_node(ev, b->tr->g, d);
  return add_delay(b, out, shape_vec(p->nnz), x->dim, at);
}

Value *bi_delay(Ev *ev, Call *c) {
  Body *b = ev->tracer ? ev->tracer->body : NULL;
  if (!b) return ev_error(ev, E0519, c->at, "`delay` stands in the body of a network or a neuron");
  for (int i = 0; i < 2; i++)
    if (c->arg[i]->kind != V_ARRAY && c->arg[i]->kind != V_SPARSE)
      return c->arg[i]->kind == V_UNKNOWN
                 ? c->arg[i]
                 : ev_error(ev, E0519, c->arg_at[i], "`delay` takes numbers, not %s",
                            value_kind_name(ev, c->arg[i]));
  return delay_make(b, c->arg[0], c->arg[1], c->arg[2], c->at);
}
