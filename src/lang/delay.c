/* delay.c: delay(x, d, history): the value of x a time d ago. The delayed value is an input of the
   graph, which the run fills from the past of x; the System says how. */
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
  if (dim_agree(d->dim, want, ev->time, NULL)) return true;
  body_report(b, E0519, at, "a delay is a time, not %s", value_kind_name(ev, d));
  return false;
}

Value *delay_make(Body *b, Value *x, Value *d, Value *history, Where at) {
  Ev *ev = b->tr->ev;
  Graph *g = b->tr->g;
  x = ev_dense(ev, x, at);
  if (x->kind != V_ARRAY || !delay_is_time(b, d, at)) return &VALUE_ERROR;
  Dim dim = x->dim;
  if (history && history->kind == V_ARRAY && !dim_agree(history->dim, dim, ev->time, &dim)) {
    body_report(b, E0519, at, "the history is %s, but what is delayed is %s",
                value_kind_name(ev, history), value_kind_name(ev, x));
    return &VALUE_ERROR;
  }
  Shape unit = value_shape(x);
  SysDelay out = {.history = NODE_NONE};
  out.value = body_whole(b, ev_node(ev, g, x));
  out.delay = body_whole(b, ev_node(ev, g, d));
  if (history && history->kind == V_ARRAY) out.history = body_whole(b, ev_node(ev, g, history));
  const char *name = arena_printf(ev->arena, "delayed %d", (int)b->tr->sys->delays.n);
  g->at = at;
  out.input = graph_input(g, name, body_shape(b, unit), 0);
  out.q = (Quantity){name, out.input, body_shape(b, unit), dim, at};
  *vec_push(ev->arena, &b->tr->sys->delays) = out;
  return body_unit(b, value_node(ev, g, out.input, dim));
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
