/* place.c: see place.h. */
#include "model/place.h"

#include <math.h>
#include <string.h>

#include "run/random.h"

static NodeId *system_inputs(Arena *a, const System *s, int *n) {
  size_t room = PLACE_STATES + s->states.n + s->inputs.n + s->noises.n + s->delays.n + s->weights.n;
  NodeId *in = ARENA_ARRAY(a, NodeId, room + 1); /* one more: see apply_event */
  int k = 0;
  in[k++] = s->t;
  in[k++] = s->step;
  in[k++] = s->trial;
  in[k++] = s->update;
  for (size_t i = 0; i < s->states.n; i++) in[k++] = s->states.at[i].q.node;
  for (size_t i = 0; i < s->inputs.n; i++) in[k++] = s->inputs.at[i].q.node;
  for (size_t i = 0; i < s->noises.n; i++) in[k++] = s->noises.at[i].q.node;
  for (size_t i = 0; i < s->delays.n; i++) in[k++] = s->delays.at[i].input;
  for (size_t i = 0; i < s->weights.n; i++) in[k++] = s->weights.at[i].q.node;
  *n = k;
  return in;
}

GraphFn *place_open(Place *p, Arena *a, const System *s, bool weights) {
  *p = (Place){.a = a, .s = s, .g = graph_new(a)};
  p->from = system_inputs(a, s, &p->n);
  p->to = ARENA_ARRAY(a, NodeId, p->n + 1);
  int nin = p->n - (weights ? 0 : (int)s->weights.n);
  GraphFn *f = ARENA_NEW(a, GraphFn);
  *f = (GraphFn){.g = p->g, .in = ARENA_ARRAY(a, NodeId, nin + 1), .nin = nin};
  for (int k = 0; k < s->g->nloops; k++)
    graph_add_loop(p->g, s->g->loops[k].name, s->g->loops[k].extent);
  for (int i = 0; i < p->n; i++) {
    const Node *x = graph_node(s->g, p->from[i]);
    p->g->at = x->at;
    if (i < nin)
      p->to[i] = f->in[i] = graph_input(p->g, x->name, x->shape, 0);
    else
      p->to[i] = graph_const(p->g, s->weights.at[i - nin].value);
  }
  return f;
}

static int place_inputs(const Place *p) {
  return PLACE_STATES + (int)p->s->states.n;
}

int place_noises(const Place *p) {
  return place_inputs(p) + (int)p->s->inputs.n;
}

static NodeId normals(Place *p, const SysNoise *noise, uint64_t key, NodeId step) {
  Shape s = noise->q.shape;
  OpAttr attr = {.axis = RANDOM_NORMAL, .key = key, .n = s.rank};
  memcpy(attr.i, s.n, sizeof attr.i);
  NodeId in[] = {step, p->to[PLACE_TRIAL], p->to[PLACE_UPDATE]};
  return graph_add(p->g, OP_random, in, 3, &attr);
}

/* The number of the step of dt 2^halvings in which a step of dt lies. */
static NodeId wider_step(Place *p, int halvings) {
  NodeId step = p->to[PLACE_STEP];
  if (halvings == 0) return step;
  NodeId scaled = graph_op2(p->g, OP_mul, step, graph_num(p->g, ldexp(1, -halvings)));
  return graph_op1(p->g, OP_floor, scaled);
}

/* 1 in the first half of the next wider step, -1 in the second. */
static NodeId half_sign(Place *p, NodeId half, NodeId whole) {
  NodeId odd = graph_op2(p->g, OP_sub, half, graph_op2(p->g, OP_mul, whole, graph_num(p->g, 2)));
  return graph_op2(p->g, OP_sub, graph_num(p->g, 1),
                   graph_op2(p->g, OP_mul, odd, graph_num(p->g, 2)));
}

/* Unit normals of a step: over sqrt(dt) they are white noise in continuous time. A step's increment
   is split by a Brownian bridge: with unit normals z of the step and y of the bridge, those of its
   halves are (z + y) / sqrt(2) and (z - y) / sqrt(2). Each level of halves has a stream of its own,
   so that a path is the same however far it is refined (Gaines & Lyons, "Variable step size control
   in the numerical solution of stochastic differential equations", SIAM J. Appl. Math. 57 (1997)
   1455, section 4). */
static NodeId noise_node(Place *p, const SysNoise *noise, double dt, int halvings) {
  Graph *g = p->g;
  g->at = noise->q.at;
  NodeId whole = wider_step(p, halvings), z = normals(p, noise, noise->key, whole);
  for (int level = 1; level <= halvings; level++) {
    NodeId half = wider_step(p, halvings - level);
    NodeId y = normals(p, noise, hash_mix(noise->key, (uint64_t)level), whole);
    z = graph_op2(g, OP_add, z, graph_op2(g, OP_mul, y, half_sign(p, half, whole)));
    z = graph_op2(g, OP_mul, z, graph_num(g, sqrt(0.5)));
    whole = half;
  }
  if (p->s->kind == SYSTEM_MAP) return z;
  return graph_op2(g, OP_mul, z, graph_num(g, 1 / sqrt(dt)));
}

void place_draw_noise(Place *p, double dt, int halvings) {
  for (size_t i = 0; i < p->s->noises.n; i++)
    p->to[place_noises(p) + (int)i] = noise_node(p, &p->s->noises.at[i], dt, halvings);
}

/* Inputs that are functions of time, at the time that stands now. */
static void place_functions(Place *p) {
  for (size_t i = 0; i < p->s->inputs.n; i++) {
    NodeId f = p->s->inputs.at[i].of_time;
    if (f == NODE_NONE) continue;
    graph_copy(p->g, p->s->g, p->from, p->to, 1, NULL, &f, &p->to[place_inputs(p) + (int)i], 1);
  }
}

void place_copy(Place *p, NodeId t, const NodeId *x, const NodeId *what, NodeId *out, int n) {
  p->to[PLACE_TIME] = t;
  if (x) memcpy(p->to + PLACE_STATES, x, p->s->states.n * sizeof *x);
  place_functions(p);
  graph_copy(p->g, p->s->g, p->from, p->to, p->n, NULL, what, out, n);
}
