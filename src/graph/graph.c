/* graph.c: making nodes. Equal nodes are one: a hash table finds a node by its op, arguments and
   attributes. Arguments of commutative ops are compared in both orders but kept as they came. */
#include "graph/graph.h"

#include <assert.h>
#include <string.h>

#include "base/map.h"
#include "graph/attr.h"
#include "graph/fold.h"

enum { FIRST_SLOTS = 256, INPUTS_ON_STACK = 16 };

Graph *graph_new(Arena *a) {
  Graph *g = ARENA_NEW(a, Graph);
  g->arena = a;
  return g;
}

const Node *graph_node(const Graph *g, NodeId id) {
  assert(id < g->nodes.n);
  return &g->nodes.at[id];
}

int graph_add_loop(Graph *g, const char *name, int64_t extent) {
  if (g->nloops == GRAPH_MAX_LOOPS) return -1;
  g->loops[g->nloops] = (Loop){extent, arena_strdup(g->arena, name)};
  return g->nloops++;
}

/* ---- finding equal nodes --------------------------------------------------------------------- */

static bool swaps(const Node *n) {
  return n->nin == 2 && op_table[n->op].flags & OP_COMMUTES;
}

static uint64_t node_hash(const Node *n) {
  uint64_t h = hash_mix(n->op, n->nin);
  if (swaps(n)) {
    uint64_t low = n->in[0] < n->in[1] ? 0 : 1;
    h = hash_mix(h, (uint64_t)n->in[low] << 32 | n->in[1 - low]);
  } else {
    for (int k = 0; k < n->nin; k++) h = hash_mix(h, n->in[k]);
  }
  return n->attr ? attr_hash(n->op, n->attr, h) : h;
}

static bool same_inputs(const Node *a, const Node *b) {
  if (a->nin != b->nin) return false;
  if (a->nin == 0 || memcmp(a->in, b->in, a->nin * sizeof a->in[0]) == 0) return true;
  return swaps(a) && a->in[0] == b->in[1] && a->in[1] == b->in[0];
}

static bool node_equal(const Node *a, const Node *b) {
  if (a->hash != b->hash || a->op != b->op || !same_inputs(a, b)) return false;
  if (!a->attr || !b->attr) return a->attr == b->attr;
  return attr_equal(a->op, a->attr, b->attr);
}

/* The node equal to n, or NODE_NONE. */
static NodeId find(const Graph *g, const Node *n) {
  if (!g->nslots) return NODE_NONE;
  for (size_t s = n->hash & (g->nslots - 1); g->slots[s]; s = (s + 1) & (g->nslots - 1)) {
    NodeId id = g->slots[s] - 1;
    if (node_equal(&g->nodes.at[id], n)) return id;
  }
  return NODE_NONE;
}

static void put_in_slot(Graph *g, NodeId id) {
  size_t s = g->nodes.at[id].hash & (g->nslots - 1);
  while (g->slots[s]) s = (s + 1) & (g->nslots - 1);
  g->slots[s] = id + 1;
}

static void fill_slots(Graph *g) {
  for (size_t id = 0; id < g->nodes.n; id++)
    if (g->nodes.at[id].op != OP_input) put_in_slot(g, (NodeId)id);
}

/* At most half of the slots are taken. */
static void reserve_slots(Graph *g, size_t nodes) {
  if (2 * nodes <= g->nslots) return;
  if (!g->nslots) g->nslots = FIRST_SLOTS;
  while (g->nslots < 2 * nodes) g->nslots *= 2;
  g->slots = ARENA_ARRAY(g->arena, uint32_t, g->nslots);
  fill_slots(g);
}

void graph_reserve(Graph *g, size_t nodes) {
  if (nodes <= g->nodes.cap) return;
  Node *grown = ARENA_ARRAY(g->arena, Node, nodes);
  if (g->nodes.n) memcpy(grown, g->nodes.at, g->nodes.n * sizeof *grown);
  g->nodes.at = grown;
  g->nodes.cap = nodes;
  reserve_slots(g, nodes);
}

Graph *graph_fork(Arena *a, const Graph *g) {
  Graph *fork = ARENA_NEW(a, Graph);
  *fork = *g;
  fork->arena = a;
  fork->nodes.at = NULL;
  fork->nodes.n = fork->nodes.cap = fork->nslots = 0;
  graph_reserve(fork, g->nodes.n + 1);
  if (g->nodes.n) memcpy(fork->nodes.at, g->nodes.at, g->nodes.n * sizeof *g->nodes.at);
  fork->nodes.n = g->nodes.n;
  fill_slots(fork);
  return fork;
}

void graph_compact(GraphFn *f) {
  Graph *g = f->g;
  uint8_t *live = graph_live(g, f->out, f->nout);
  for (int k = 0; k < f->nin; k++) live[f->in[k]] = 1;
  NodeId *map = mem_alloc(g->nodes.n * sizeof *map), next = 0;
  for (size_t id = 0; id < g->nodes.n; id++) {
    Node n = g->nodes.at[id];
    if (!live[id]) continue;
    for (int k = 0; k < n.nin; k++) ((NodeId *)n.in)[k] = map[n.in[k]]; /* the graph's own array */
    n.hash = n.op == OP_input ? 0 : node_hash(&n);
    map[id] = next;
    g->nodes.at[next++] = n;
  }
  for (int k = 0; k < f->nin; k++) f->in[k] = map[f->in[k]];
  for (int k = 0; k < f->nout; k++) f->out[k] = map[f->out[k]];
  g->nodes.n = next;
  if (g->nslots) memset(g->slots, 0, g->nslots * sizeof *g->slots);
  fill_slots(g);
  mem_free(map);
  mem_free(live);
}

/* ---- making nodes ---------------------------------------------------------------------------- */

static Shape result_shape(const Graph *g, const Node *n) {
  Shape few[INPUTS_ON_STACK], *in = few, out = SHAPE_SCALAR;
  if (n->nin > INPUTS_ON_STACK) in = mem_alloc(n->nin * sizeof *in);
  for (int k = 0; k < n->nin; k++) in[k] = graph_node(g, n->in[k])->shape;
  const char *why = NULL;
  bool sound = op_shape(n->op, n->attr, in, n->nin, &out, g->arena, &why);
  assert(sound);
  (void)sound;
  if (in != few) mem_free(in);
  return out;
}

static LoopSet result_loops(const Graph *g, const Node *n) {
  LoopSet loops = 0;
  for (int k = 0; k < n->nin; k++) loops |= graph_node(g, n->in[k])->loops;
  if (!attr_reads_loop(n->op)) return loops;
  LoopSet own = (LoopSet)1 << n->attr->axis;
  assert(n->attr->axis >= 0 && n->attr->axis < g->nloops);
  assert(n->op != OP_unstack || !(loops & own));
  return n->op == OP_stack ? loops & ~own : loops | own;
}

static NodeId insert(Graph *g, const Node *proto) {
  Node n = *proto;
  NodeId *in = ARENA_ARRAY(g->arena, NodeId, n.nin);
  if (n.nin) memcpy(in, n.in, n.nin * sizeof *in);
  n.in = in;
  if (n.attr) {
    OpAttr *attr = ARENA_NEW(g->arena, OpAttr);
    *attr = *n.attr;
    n.attr = attr;
  }
  n.at = g->at;
  reserve_slots(g, g->nodes.n + 1);
  *vec_push(g->arena, &g->nodes) = n;
  NodeId id = (NodeId)(g->nodes.n - 1);
  if (n.op != OP_input) put_in_slot(g, id);
  return id;
}

/* Elementwise ops of constants are constants. */
static bool folded(Graph *g, OpId op, const NodeId *in, int nin, NodeId *out) {
  double x[3], value;
  if (!(op_table[op].flags & OP_ELEMENTWISE)) return false;
  for (int k = 0; k < nin; k++)
    if (!graph_is_num(g, in[k], &x[k])) return false;
  if (!fold_op(op, x, &value)) return false;
  *out = graph_num(g, value);
  return true;
}

NodeId graph_add(Graph *g, OpId op, const NodeId *in, int nin, const OpAttr *attr) {
  NodeId id;
  assert(nin <= UINT16_MAX);
  if (folded(g, op, in, nin, &id)) return id;
  Node n = {.op = (uint16_t)op, .nin = (uint16_t)nin, .in = in};
  OpAttr clean;
  if (attr_rows(op)) {
    clean = attr_clean(op, attr);
    if (op == OP_stack || op == OP_unstack) clean.i[0] = g->loops[clean.axis].extent;
    n.attr = &clean;
  }
  n.hash = node_hash(&n);
  id = find(g, &n);
  if (id != NODE_NONE) return id;
  n.shape = result_shape(g, &n);
  n.loops = result_loops(g, &n);
  return insert(g, &n);
}

NodeId graph_input(Graph *g, const char *name, Shape s, LoopSet loops) {
  OpAttr attr = {.n = s.rank};
  memcpy(attr.i, s.n, (size_t)s.rank * sizeof s.n[0]);
  Node n = {.op = OP_input, .attr = &attr, .shape = s, .loops = loops};
  n.name = arena_strdup(g->arena, name);
  return insert(g, &n);
}

NodeId graph_const(Graph *g, const Tensor *t) {
  return graph_add(g, OP_const, NULL, 0, &(OpAttr){.p = t});
}

NodeId graph_num(Graph *g, double x) {
  Tensor t = {.shape = SHAPE_SCALAR, .data = &x};
  OpAttr attr = attr_clean(OP_const, &(OpAttr){.p = &t});
  Node n = {.op = OP_const, .attr = &attr, .shape = SHAPE_SCALAR};
  n.hash = node_hash(&n);
  NodeId id = find(g, &n);
  if (id != NODE_NONE) return id;
  attr.p = tensor_scalar(g->arena, x);
  return insert(g, &n);
}

bool graph_is_num(const Graph *g, NodeId id, double *x) {
  const Node *n = graph_node(g, id);
  if (n->op != OP_const || n->shape.rank != 0) return false;
  const Tensor *t = n->attr->p;
  if (t->data) *x = t->data[0];
  return t->data != NULL;
}
