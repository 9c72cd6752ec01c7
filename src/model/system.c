/* system.c: questions about a System, and its vector field as a function. */
#include "model/system.h"

#include <math.h>
#include <string.h>

#include "model/place.h"

/* ---- what depends on what -------------------------------------------------------------------- */

static bool is_weight(const System *s, NodeId n) {
  for (size_t i = 0; i < s->weights.n; i++)
    if (s->weights.at[i].q.node == n) return true;
  return false;
}

/* Are all inputs that `n` depends on weights, or also the places of random streams? */
static bool depends_on_weights(const Graph *g, const System *s, NodeId n, bool streams) {
  uint8_t *live = graph_live(g, &n, 1);
  bool ok = true;
  for (NodeId i = 0; i <= n && ok; i++) {
    if (!live[i] || graph_node(g, i)->op != OP_input) continue;
    ok = s && (is_weight(s, i) || (streams && (i == s->trial || i == s->update)));
  }
  mem_free(live);
  return ok;
}

bool system_is_fixed(const Graph *g, NodeId n) {
  return depends_on_weights(g, NULL, n, false);
}

bool system_is_parameter(const System *s, NodeId n) {
  return depends_on_weights(s->g, s, n, false);
}

bool system_is_start(const System *s, NodeId n) {
  return depends_on_weights(s->g, s, n, true);
}

static const Quantity *among(const Quantity *q, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(q[i].name, name) == 0) return &q[i];
  return NULL;
}

const Quantity *system_find(const System *s, const char *name) {
  for (size_t i = 0; i < s->states.n; i++)
    if (strcmp(s->states.at[i].q.name, name) == 0) return &s->states.at[i].q;
  for (size_t i = 0; i < s->inputs.n; i++)
    if (strcmp(s->inputs.at[i].q.name, name) == 0) return &s->inputs.at[i].q;
  const Quantity *q = among(s->outputs.at, s->outputs.n, name);
  return q ? q : among(s->readable.at, s->readable.n, name);
}

/* ---- edges ----------------------------------------------------------------------------------- */

/* A node as a * t + b: b a node (NODE_NONE: zero), a a number; with a period, that and what t a
   number of periods earlier or later makes of it. */
typedef struct Affine {
  bool known;
  double a;
  NodeId b;
  double period; /* 0: none */
} Affine;

static NodeId minus(Graph *g, NodeId a, NodeId b) {
  if (b == NODE_NONE) return a;
  return a == NODE_NONE ? graph_op1(g, OP_neg, b) : graph_op2(g, OP_sub, a, b);
}

static NodeId plus(Graph *g, NodeId a, NodeId b) {
  if (a == NODE_NONE || b == NODE_NONE) return a == NODE_NONE ? b : a;
  return graph_op2(g, OP_add, a, b);
}

static NodeId times(Graph *g, NodeId a, double k) {
  return a == NODE_NONE ? a : graph_op2(g, OP_mul, a, graph_num(g, k));
}

/* Does a node depend on nothing but constants and weights? */
static bool is_constant(const Affine *of, const Node *x) {
  if (x->op == OP_input || x->op == OP_random) return false;
  for (int k = 0; k < x->nin; k++)
    if (!of[x->in[k]].known || of[x->in[k]].a != 0) return false;
  return true;
}

/* Of two, one of which may change with t in periods: the other must be constant, or have the same.
 */
static bool keep_time(const Affine *p, const Affine *q) {
  return p->period == q->period || p->a == 0 || q->a == 0;
}

static Affine sum_of(Graph *g, const Affine *p, const Affine *q, double sign) {
  if (!q->known || !keep_time(p, q)) return (Affine){.b = NODE_NONE};
  NodeId b = sign > 0 ? plus(g, p->b, q->b) : minus(g, p->b, q->b);
  return (Affine){true, p->a + sign * q->a, b, fmax(p->period, q->period)};
}

static Affine scaled(Graph *g, const Affine *p, double k) {
  return (Affine){true, p->a * k, times(g, p->b, k), p->period};
}

static Affine affine_of(Graph *g, const Affine *of, NodeId n) {
  const Node x = *graph_node(g, n);
  Affine none = {.b = NODE_NONE};
  if (is_constant(of, &x)) return (Affine){true, 0, n, 0};
  if (x.nin < 1 || !of[x.in[0]].known) return none;
  Affine p = of[x.in[0]], q = x.nin > 1 ? of[x.in[1]] : none;
  double k;
  switch (x.op) {
    case OP_neg: return scaled(g, &p, -1);
    case OP_add: return sum_of(g, &p, &q, 1);
    case OP_sub: return sum_of(g, &p, &q, -1);
    case OP_mul:
      if (graph_is_num(g, x.in[1], &k)) return scaled(g, &p, k);
      if (graph_is_num(g, x.in[0], &k) && q.known) return scaled(g, &q, k);
      return none;
    case OP_div: return graph_is_num(g, x.in[1], &k) && k != 0 ? scaled(g, &p, 1 / k) : none;
    case OP_mod:
      if (!graph_is_num(g, x.in[1], &k) || k == 0 || p.a == 0 || p.period != 0) return none;
      p.period = fabs(k / p.a);
      return p;
    case OP_broadcast: return p;
    default: return none;
  }
}

/* Where p and q cross as functions of t, if one of them changes, and `period` later again: -b / a
   of their difference. */
static void add_crossing(Arena *arena, System *s, const Affine *p, const Affine *q, double period) {
  double a = p->a - q->a;
  if (!p->known || !q->known || a == 0 || !keep_time(p, q)) return;
  NodeId at = times(s->g, minus(s->g, p->b, q->b), -1 / a);
  if (at == NODE_NONE) at = graph_num(s->g, 0);
  for (int k = 0; k < s->g->nloops; k++)
    if (graph_node(s->g, at)->loops >> k & 1) at = graph_stack(s->g, at, k);
  for (size_t i = 0; i < s->edges.n; i++)
    if (s->edges.at[i].at == at && s->edges.at[i].period == period) return;
  *vec_push(arena, &s->edges) = (SysEdge){at, period};
}

static void add_edge(Arena *arena, System *s, const Affine *of, NodeId x, NodeId y) {
  add_crossing(arena, s, &of[x], &of[y], fmax(of[x].period, of[y].period));
}

/* Where x, not periodic itself, passes `from` and then every `step` more. */
static void add_ladder(Arena *arena, System *s, const Affine *of, NodeId x, double from,
                       double step) {
  Affine level = {true, 0, graph_num(s->g, from), 0};
  if (of[x].known && of[x].period == 0 && of[x].a != 0)
    add_crossing(arena, s, &of[x], &level, fabs(step / of[x].a));
}

/* Ops that jump or bend where their arguments cross. */
static void edges_of_node(Arena *a, System *s, const Affine *of, NodeId n) {
  const Node x = *graph_node(s->g, n);
  double step;
  switch (x.op) {
    case OP_lt:
    case OP_le:
    case OP_eq:
    case OP_ne:
    case OP_minimum:
    case OP_maximum: add_edge(a, s, of, x.in[0], x.in[1]); break;
    case OP_clip:
      add_edge(a, s, of, x.in[0], x.in[1]);
      add_edge(a, s, of, x.in[0], x.in[2]);
      break;
    case OP_lookup: add_edge(a, s, of, x.in[0], x.in[1]); break;
    case OP_abs:
    case OP_sign:
    case OP_relu: add_edge(a, s, of, x.in[0], graph_num(s->g, 0)); break;
    case OP_mod:
      if (graph_is_num(s->g, x.in[1], &step) && step != 0) add_ladder(a, s, of, x.in[0], 0, step);
      break;
    case OP_floor:
    case OP_ceil: add_ladder(a, s, of, x.in[0], 0, 1); break;
    case OP_round: add_ladder(a, s, of, x.in[0], 0.5, 1); break;
    default: break;
  }
}

/* What the vector field needs, bound inputs included. */
static uint8_t *live_nodes(Arena *scratch, const System *s) {
  NodeId *outs = ARENA_ARRAY(scratch, NodeId, s->states.n + s->inputs.n + 2 * s->delays.n + 1);
  int n = 0;
  for (size_t i = 0; i < s->states.n; i++)
    if (s->states.at[i].next != NODE_NONE) outs[n++] = s->states.at[i].next;
  for (size_t i = 0; i < s->inputs.n; i++)
    if (s->inputs.at[i].of_time != NODE_NONE) outs[n++] = s->inputs.at[i].of_time;
  for (size_t i = 0; i < s->delays.n; i++) {
    outs[n++] = s->delays.at[i].value;
    outs[n++] = s->delays.at[i].delay;
  }
  return graph_live(s->g, outs, n);
}

/* Goes through the graph as it stands: nodes that are added on the way are not looked at again. */
static void find_edges(Arena *arena, System *s) {
  Arena *scratch = arena_new();
  graph_num(s->g, 0);
  NodeId n = (NodeId)s->g->nodes.n;
  uint8_t *live = live_nodes(scratch, s);
  Affine *of = ARENA_ARRAY(scratch, Affine, n);
  for (NodeId i = 0; i < n; i++) {
    if (i == s->t)
      of[i] = (Affine){true, 1, NODE_NONE, 0};
    else if (is_weight(s, i))
      of[i] = (Affine){true, 0, i, 0};
    else
      of[i] = affine_of(s->g, of, i);
    if (live[i]) edges_of_node(arena, s, of, i);
  }
  mem_free(live);
  arena_free(scratch);
}

/* ---- completion ------------------------------------------------------------------------------ */

static bool depends_on(const System *s, NodeId on) {
  for (size_t i = 0; i < s->states.n; i++) {
    const SysState *x = &s->states.at[i];
    if (x->next != NODE_NONE && graph_depends(s->g, on, &x->next, 1)) return true;
  }
  for (size_t i = 0; i < s->outputs.n; i++)
    if (graph_depends(s->g, on, &s->outputs.at[i].node, 1)) return true;
  for (size_t i = 0; i < s->inputs.n; i++)
    if (s->inputs.at[i].of_time != NODE_NONE) return true;
  for (size_t i = 0; i < s->delays.n; i++)
    if (graph_depends(s->g, on, (NodeId[]){s->delays.at[i].value, s->delays.at[i].delay}, 2))
      return true;
  return false;
}

void system_complete(Arena *a, System *s) {
  s->uses_t = depends_on(s, s->t);
  memset(&s->edges, 0, sizeof s->edges);
  if (s->uses_t && s->kind == SYSTEM_CONTINUOUS) find_edges(a, s);
}

double system_stream(uint64_t seed, uint64_t update) {
  if (seed == 0) return (double)update;
  const uint64_t mask = ((uint64_t)1 << 52) - 1; /* exact in a double */
  return (double)(hash_mix(hash_mix(0x64796e, seed), update) & mask);
}

/* ---- the vector field as a function ---------------------------------------------------------- */

GraphFn *system_fn(Arena *a, const System *s, const SystemFnOptions *o) {
  Place p;
  GraphFn *f = place_open(&p, a, s, o->weights);
  if (o->draw) place_draw_noise(&p, o->dt, o->halvings);
  f->nout = o->outs ? o->nouts : (int)s->states.n;
  f->out = ARENA_ARRAY(a, NodeId, f->nout + 1);
  NodeId *what = ARENA_ARRAY(a, NodeId, f->nout + 1), *got = ARENA_ARRAY(a, NodeId, f->nout + 1);
  int n = 0;
  for (int i = 0; i < f->nout; i++) {
    NodeId out = o->outs ? o->outs[i] : s->states.at[i].next;
    f->out[i] = out;
    if (out != NODE_NONE) what[n++] = out;
  }
  place_copy(&p, f->in[PLACE_TIME], NULL, what, got, n);
  n = 0;
  for (int i = 0; i < f->nout; i++)
    f->out[i] = f->out[i] != NODE_NONE
                    ? got[n++] /* a state that only events change stands still */
                    : graph_broadcast(p.g, graph_num(p.g, 0), s->states.at[i].q.shape);
  return f;
}

bool system_stops(const System *s) {
  for (size_t i = 0; i < s->events.n; i++)
    if (s->events.at[i].stop) return true;
  return false;
}

bool system_is_state(const System *s, NodeId n) {
  for (size_t i = 0; i < s->states.n; i++)
    if (s->states.at[i].q.node == n) return true;
  return false;
}

GraphFn *system_event(Arena *a, const System *s, int event) {
  const SysEvent *e = &s->events.at[event];
  Place p;
  GraphFn *f = place_open(&p, a, s, false);
  NodeId *in = ARENA_ARRAY(a, NodeId, f->nin + 1);
  memcpy(in, f->in, (size_t)f->nin * sizeof *in);
  const Node *fired = graph_node(s->g, e->fired);
  p.from[p.n] = e->fired;
  p.to[p.n++] = in[f->nin++] = graph_input(p.g, fired->name, fired->shape, 0);
  f->in = in;
  f->nout = (int)s->states.n;
  f->out = ARENA_ARRAY(a, NodeId, f->nout + 1);
  memcpy(f->out, in + PLACE_STATES, s->states.n * sizeof *in);
  NodeId *set = ARENA_ARRAY(a, NodeId, e->nassign + 1);
  place_copy(&p, in[PLACE_TIME], NULL, e->value, set, e->nassign);
  for (int i = 0; i < e->nassign; i++) f->out[e->state[i]] = set[i];
  return f;
}
