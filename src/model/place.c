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

static int place_noises(const Place *p) {
  return place_inputs(p) + (int)p->s->inputs.n;
}

/* Unit normals of a step: over sqrt(dt) they are white noise in continuous time. */
static NodeId noise_node(Place *p, const SysNoise *noise, double dt) {
  Shape s = noise->q.shape;
  OpAttr attr = {.axis = RANDOM_NORMAL, .key = noise->key, .n = s.rank};
  memcpy(attr.i, s.n, sizeof attr.i);
  p->g->at = noise->q.at;
  NodeId in[] = {p->to[PLACE_STEP], p->to[PLACE_TRIAL], p->to[PLACE_UPDATE]};
  NodeId z = graph_add(p->g, OP_random, in, 3, &attr);
  if (p->s->kind == SYSTEM_MAP) return z;
  return graph_op2(p->g, OP_mul, z, graph_num(p->g, 1 / sqrt(dt)));
}

void place_draw_noise(Place *p, double dt) {
  for (size_t i = 0; i < p->s->noises.n; i++)
    p->to[place_noises(p) + (int)i] = noise_node(p, &p->s->noises.at[i], dt);
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
