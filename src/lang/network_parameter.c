/* network_parameter.c: a network as a function of numbers, fn(p) = net(g = p). The function is
   called once, with a placeholder for each; where these stand in the arguments of the network, the
   traced system has weights, its first, which analyses vary without tracing again. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"

typedef struct Adoption {
  Tracer *tr;
  const Graph *from;
  int n;
  NodeId *in, *to; /* the placeholders, and what stands for them */
  int *loops;      /* those of `from` in the system's graph */
} Adoption;

static Value *adopted(const Adoption *a, Value *v);

static Value *adopted_array(const Adoption *a, Value *v) {
  if (v->graph != a->from) return v;
  NodeId n;
  graph_copy(a->tr->g, a->from, a->in, a->to, a->n, a->loops, &v->node, &n, 1);
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

/* A value of the function with the system's nodes in the place of the placeholders'. */
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
  if (net->nparameters == 0) return;
  Adoption a = {.tr = tr, .from = net->parameters[0]->graph, .n = net->nparameters};
  a.in = ARENA_ARRAY(tr->ev->arena, NodeId, a.n);
  a.to = ARENA_ARRAY(tr->ev->arena, NodeId, a.n);
  for (int i = 0; i < a.n; i++) {
    a.in[i] = net->parameters[i]->node;
    a.to[i] = graph_input(tr->g, "parameter", SHAPE_SCALAR, 0);
  }
  a.loops = ARENA_ARRAY(tr->ev->arena, int, a.from->nloops + 1);
  for (int k = 0; k < a.from->nloops; k++)
    a.loops[k] = graph_add_loop(tr->g, a.from->loops[k].name, a.from->loops[k].extent);
  for (int i = 0; i < net->nargs; i++) net->args[i].value = adopted(&a, net->args[i].value);
  for (size_t i = 0; i < net->set.n; i++)
    net->set.items[i].value = adopted(&a, net->set.items[i].value);
  for (int i = 0; i < a.n; i++) {
    const Value *p = net->parameters[i];
    *vec_push(tr->ev->arena, &tr->sys->weights) =
        (SysWeight){.q = {"parameter", a.to[i], SHAPE_SCALAR, p->dim, p->at}, .value = p->tensor};
  }
}

bool parameter_sets(const Tracer *tr, const Value *v) {
  return tr->net->nparameters > 0 && v->graph == tr->g && !system_is_fixed(tr->g, v->node) &&
         system_is_parameter(tr->sys, v->node);
}

/* ---- making ---------------------------------------------------------------------------------- */

/* What f gives for placeholders that live in `g`. */
static Value *call_with_placeholders(Ev *ev, Graph *g, Value *f, Value **x, int n, Where at) {
  Graph *outer = ev->trace;
  ev->trace = g;
  Value *v = ev_call(ev, f, x, NULL, n, at);
  ev->trace = outer;
  return v;
}

static bool is_moved(const System *s, int parameter) {
  for (size_t i = 0; i < s->states.n; i++) {
    const SysState *x = &s->states.at[i];
    if (x->next != NODE_NONE && graph_depends(s->g, s->weights.at[parameter].q.node, &x->next, 1))
      return true;
  }
  return false;
}

static bool is_unplaced(const Value *v) {
  return v->kind == V_SPARSE && !v->pattern->start;
}

/* In rehearsal the entries of a sparse matrix have no places, and what they are made of is lost. */
static bool is_rehearsed_sparse(const Network *net) {
  bool any = false;
  for (int i = 0; i < net->nargs; i++) any |= is_unplaced(net->args[i].value);
  for (size_t i = 0; i < net->set.n; i++) any |= is_unplaced(net->set.items[i].value);
  return any;
}

/* Placeholders for the numbers p; once the network is made, they have the numbers too. */
static Value **placeholders(Ev *ev, Graph *g, Value *const *p, int n) {
  Value **x = ARENA_ARRAY(ev->arena, Value *, n);
  for (int i = 0; i < n; i++) {
    x[i] = value_node(ev, g, graph_input(g, "parameter", SHAPE_SCALAR, 0), p[i]->dim);
    x[i]->at = p[i]->at;
  }
  return x;
}

Value *network_of_parameters(Ev *ev, Value *f, Value *const *p, int n, Where at) {
  if (f->kind == V_ERROR || f->kind == V_UNKNOWN) return f;
  if (f->kind != V_FUNCTION || (f->fn && f->fn->kind == AST_NETWORK))
    return ev_error(ev, E0210, at,
                    "a function that gives a network is needed, such as "
                    "`fn(p) = net(g = p)`, not %s",
                    value_kind_name(ev, f));
  Graph *g = graph_new(ev->arena);
  Value **x = placeholders(ev, g, p, n);
  Value *v = call_with_placeholders(ev, g, f, x, n, at);
  if (!(v = network_of(ev, v, at))) return &VALUE_ERROR;
  v = network_with(ev, v, NULL, NULL, 0, at);
  if (v->kind != V_NETWORK) return v;
  v->network->parameters = ARENA_ARRAY(ev->arena, Value *, n);
  v->network->nparameters = n;
  for (int i = 0; i < n; i++) {
    Value *known = v->network->parameters[i] = ARENA_NEW(ev->arena, Value);
    *known = *x[i];
    known->tensor = p[i]->tensor;
  }
  const System *s = network_system(ev, v, at);
  if (!s) return &VALUE_ERROR;
  for (int i = 0; i < n && !is_rehearsed_sparse(v->network); i++)
    if (!is_moved(s, i))
      return ev_error(ev, E0225, at,
                      "the equations of `%s` do not depend on the %sargument of the function",
                      s->name,
                      n == 1   ? ""
                      : i == 0 ? "first "
                               : "second ");
  return v;
}
