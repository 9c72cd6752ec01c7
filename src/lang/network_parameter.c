/* network_parameter.c: a network as a function of a number, fn(p) = net(g = p). The function is
   called once, with a placeholder; where that stands in the arguments of the network, the traced
   system has a weight, its first, which analyses vary without tracing again. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"

typedef struct Adoption {
  Tracer *tr;
  const Graph *from;
  NodeId in, to; /* the placeholder, and what stands for it */
  int *loops;    /* those of `from` in the system's graph */
} Adoption;

static Value *adopted(const Adoption *a, Value *v);

static Value *adopted_array(const Adoption *a, Value *v) {
  if (v->graph != a->from) return v;
  NodeId n;
  graph_copy(a->tr->g, a->from, &a->in, &a->to, 1, a->loops, &v->node, &n, 1);
  Value *w = value_node(a->tr->ev, a->tr->g, n, v->dim);
  w->logical = v->logical;
  w->at = v->at;
  return w;
}

static Dist *adopted_dist(const Adoption *a, const Dist *d) {
  Dist *copy = ARENA_NEW(a->tr->ev->arena, Dist);
  *copy = *d;
  for (int i = 0; i < d->n; i++)
    if (d->arg[i]) copy->arg[i] = adopted(a, d->arg[i]);
  return copy;
}

/* A value of the function with the system's nodes in the place of the placeholder's. */
static Value *adopted(const Adoption *a, Value *v) {
  if (v->kind == V_ARRAY) return adopted_array(a, v);
  if (!v->nfields && !v->entries && !v->dist) return v;
  Arena *arena = a->tr->ev->arena;
  Value *w = ARENA_NEW(arena, Value);
  *w = *v;
  if (v->entries) w->entries = adopted(a, v->entries);
  if (v->dist) w->dist = adopted_dist(a, v->dist);
  w->fields = ARENA_ARRAY(arena, Field, v->nfields + 1);
  for (int i = 0; i < v->nfields; i++)
    w->fields[i] = (Field){v->fields[i].name, adopted(a, v->fields[i].value)};
  return w;
}

void parameter_adopt(Tracer *tr) {
  Network *net = tr->net;
  const Value *p = net->parameter;
  if (!p) return;
  Adoption a = {.tr = tr, .from = p->graph, .in = p->node};
  a.to = graph_input(tr->g, "parameter", SHAPE_SCALAR, 0);
  a.loops = ARENA_ARRAY(tr->ev->arena, int, a.from->nloops + 1);
  for (int k = 0; k < a.from->nloops; k++)
    a.loops[k] = graph_add_loop(tr->g, a.from->loops[k].name, a.from->loops[k].extent);
  for (int i = 0; i < net->nargs; i++) net->args[i].value = adopted(&a, net->args[i].value);
  for (size_t i = 0; i < net->set.n; i++)
    net->set.items[i].value = adopted(&a, net->set.items[i].value);
  *vec_push(tr->ev->arena, &tr->sys->weights) =
      (SysWeight){.q = {"parameter", a.to, SHAPE_SCALAR, p->dim, p->at}, .value = p->tensor};
}

bool parameter_sets(const Tracer *tr, const Value *v) {
  return tr->net->parameter && v->graph == tr->g && !system_is_fixed(tr->g, v->node) &&
         system_is_parameter(tr->sys, v->node);
}

/* ---- making ---------------------------------------------------------------------------------- */

/* What f gives for a placeholder that lives in `g`. */
static Value *call_with_placeholder(Ev *ev, Graph *g, Value *f, Value *x, Where at) {
  Graph *outer = ev->trace;
  ev->trace = g;
  Value *v = ev_call(ev, f, &x, NULL, 1, at);
  ev->trace = outer;
  return v;
}

static bool is_moved(const System *s) {
  for (size_t i = 0; i < s->states.n; i++) {
    const SysState *x = &s->states.at[i];
    if (x->next != NODE_NONE && graph_depends(s->g, s->weights.at[0].q.node, &x->next, 1))
      return true;
  }
  return false;
}

Value *network_of_parameter(Ev *ev, Value *f, Value *p, Where at) {
  if (f->kind == V_ERROR || f->kind == V_UNKNOWN) return f;
  if (f->kind != V_FUNCTION || (f->fn && f->fn->kind == AST_NETWORK))
    return ev_error(ev, E0210, at,
                    "a function that gives a network is needed, such as "
                    "`fn(p) = net(g = p)`, not %s",
                    value_kind_name(ev, f));
  Graph *g = graph_new(ev->arena);
  Value *x = value_node(ev, g, graph_input(g, "parameter", SHAPE_SCALAR, 0), p->dim);
  x->at = p->at;
  Value *v = call_with_placeholder(ev, g, f, x, at);
  if (!(v = network_of(ev, v, at))) return &VALUE_ERROR;
  v = network_with(ev, v, NULL, NULL, 0, at);
  if (v->kind != V_NETWORK) return v;
  Value *known = ARENA_NEW(ev->arena, Value);
  *known = *x;
  known->tensor = p->tensor;
  v->network->parameter = known;
  const System *s = network_system(ev, v, at);
  if (!s) return &VALUE_ERROR;
  if (is_moved(s)) return v;
  return ev_error(ev, E0225, at,
                  "the equations of `%s` do not depend on the argument of the function", s->name);
}
