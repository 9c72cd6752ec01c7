/* scalars.c: small arrays taken apart. Every element of every node becomes a node of its own, what
   only rearranges elements vanishes, and the whole runs as register code. Elementwise values stay
   the same to the bit. */
#include "pass/pass.h"

#include <string.h>

enum { ELEMENTS_MOST = 16, ALL_MOST = 4096, ARGUMENTS_MOST = 3 };

typedef struct Scalars {
  const Graph *from;
  Graph *to;
  NodeId **elements; /* of each node of `from` that is live */
} Scalars;

typedef NodeId Element(const Scalars *s, const Node *n, const int64_t *at);

static int64_t flat_index(Shape s, const int64_t *at) {
  int64_t k = 0;
  for (int i = 0; i < s.rank; i++) k = k * s.n[i] + at[i];
  return k;
}

static void index_of(Shape s, int64_t k, int64_t *at) {
  for (int i = s.rank - 1; i >= 0; i--) {
    at[i] = k % s.n[i];
    k /= s.n[i];
  }
}

static NodeId element(const Scalars *s, NodeId id, const int64_t *at) {
  return s->elements[id][flat_index(graph_node(s->from, id)->shape, at)];
}

/* Of an argument that broadcasts to the place `at` of an array of this rank. */
static NodeId spread(const Scalars *s, NodeId id, const int64_t *at, int rank) {
  Shape shape = graph_node(s->from, id)->shape;
  int64_t own[SHAPE_MAX_AXES];
  for (int i = 0; i < shape.rank; i++) own[i] = shape.n[i] == 1 ? 0 : at[rank - shape.rank + i];
  return element(s, id, own);
}

/* ---- elements by op -------------------------------------------------------------------------- */

static NodeId of_elementwise(const Scalars *s, const Node *n, const int64_t *at) {
  NodeId in[ARGUMENTS_MOST];
  for (int k = 0; k < n->nin; k++) in[k] = spread(s, n->in[k], at, n->shape.rank);
  return graph_add(s->to, n->op, in, n->nin, n->attr);
}

static NodeId of_broadcast(const Scalars *s, const Node *n, const int64_t *at) {
  return spread(s, n->in[0], at, n->shape.rank);
}

static NodeId of_reshape(const Scalars *s, const Node *n, const int64_t *at) {
  return s->elements[n->in[0]][flat_index(n->shape, at)];
}

static NodeId of_transpose(const Scalars *s, const Node *n, const int64_t *at) {
  int64_t own[SHAPE_MAX_AXES];
  for (int k = 0; k < n->shape.rank; k++) own[n->attr->i[k]] = at[k];
  return element(s, n->in[0], own);
}

static NodeId of_slice(const Scalars *s, const Node *n, const int64_t *at) {
  int64_t own[SHAPE_MAX_AXES];
  for (int k = 0; k < n->shape.rank; k++) own[k] = at[k] + n->attr->i[k];
  return element(s, n->in[0], own);
}

static NodeId of_concat(const Scalars *s, const Node *n, const int64_t *at) {
  int64_t own[SHAPE_MAX_AXES];
  int axis = n->attr->axis, k = 0;
  memcpy(own, at, (size_t)n->shape.rank * sizeof *own);
  for (; own[axis] >= graph_node(s->from, n->in[k])->shape.n[axis]; k++)
    own[axis] -= graph_node(s->from, n->in[k])->shape.n[axis];
  return element(s, n->in[k], own);
}

static NodeId of_const(const Scalars *s, const Node *n, const int64_t *at) {
  const Tensor *t = n->attr->p;
  return graph_num(s->to, t->data[flat_index(n->shape, at)]);
}

static Element *element_of(const Node *n) {
  if (op_table[n->op].flags & OP_ELEMENTWISE) return of_elementwise;
  switch (n->op) {
    case OP_broadcast: return of_broadcast;
    case OP_reshape: return of_reshape;
    case OP_transpose: return of_transpose;
    case OP_slice: return of_slice;
    case OP_concat: return of_concat;
    case OP_const: return ((const Tensor *)n->attr->p)->data ? of_const : NULL;
    default: return NULL;
  }
}

/* An input stays whole: its elements are views of it. */
static void take_input_apart(const Scalars *s, const Node *n, NodeId input, NodeId *elements) {
  int64_t count = shape_count(n->shape);
  NodeId flat = graph_reshape(s->to, input, shape_vec(count));
  for (int64_t k = 0; k < count; k++) {
    OpAttr one = {.n = 1, .i = {k}, .j = {1}};
    elements[k] =
        n->shape.rank == 0
            ? input
            : graph_reshape(s->to, graph_add(s->to, OP_slice, &flat, 1, &one), SHAPE_SCALAR);
  }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Is every node small, of a kind that can be taken apart, and is there anything to compute? */
static bool is_suitable(const GraphFn *f, const uint8_t *live) {
  int64_t all = 0, computed = 0;
  for (int k = 0; k < f->nin; k++) {
    int64_t count = shape_count(graph_node(f->g, f->in[k])->shape); /* those not read, too */
    if (count < 0 || (all += count) > ALL_MOST) return false;
  }
  for (size_t id = 0; id < f->g->nodes.n; id++) {
    const Node *n = &f->g->nodes.at[id];
    bool elementwise = op_table[n->op].flags & OP_ELEMENTWISE;
    if (!live[id]) continue;
    if (n->op != OP_input && !element_of(n)) return false;
    int64_t count = shape_count(n->shape);
    if (count < 0 || count > (elementwise ? ELEMENTS_MOST : ALL_MOST)) return false;
    all += count;
    computed += elementwise;
  }
  return computed > 0 && all <= ALL_MOST;
}

static void take_apart(const Scalars *s, NodeId id) {
  const Node *n = graph_node(s->from, id);
  Element *make = element_of(n);
  int64_t at[SHAPE_MAX_AXES];
  s->to->at = n->at;
  for (int64_t k = 0; k < shape_count(n->shape); k++) {
    index_of(n->shape, k, at);
    s->elements[id][k] = make(s, n, at);
  }
}

static GraphFn *collect(Arena *a, const Scalars *s, const GraphFn *f, const NodeId *inputs) {
  int nout = 0;
  for (int k = 0; k < f->nout; k++) nout += (int)shape_count(graph_node(f->g, f->out[k])->shape);
  GraphFn *to = graph_fn_new(a, s->to, f->nin, nout);
  if (f->nin) memcpy(to->in, inputs, (size_t)f->nin * sizeof *inputs);
  for (int k = 0, m = 0; k < f->nout; k++)
    for (int64_t i = 0; i < shape_count(graph_node(f->g, f->out[k])->shape); i++)
      to->out[m++] = s->elements[f->out[k]][i];
  return to;
}

GraphFn *pass_scalars(Arena *a, const GraphFn *f) {
  uint8_t *live = graph_live(f->g, f->out, f->nout);
  GraphFn *result = NULL;
  if (f->g->nloops == 0 && is_suitable(f, live)) {
    Scalars s = {f->g, graph_new(a), ARENA_ARRAY(a, NodeId *, f->g->nodes.n + 1)};
    NodeId *inputs = ARENA_ARRAY(a, NodeId, f->nin + 1);
    for (size_t id = 0; id < f->g->nodes.n; id++)
      s.elements[id] = ARENA_ARRAY(a, NodeId, shape_count(f->g->nodes.at[id].shape) + 1);
    for (int k = 0; k < f->nin; k++) {
      const Node *n = graph_node(f->g, f->in[k]);
      inputs[k] = graph_input(s.to, n->name, n->shape, 0);
      if (live[f->in[k]]) take_input_apart(&s, n, inputs[k], s.elements[f->in[k]]);
    }
    for (size_t id = 0; id < f->g->nodes.n; id++)
      if (live[id] && f->g->nodes.at[id].op != OP_input) take_apart(&s, (NodeId)id);
    result = collect(a, &s, f, inputs);
  }
  mem_free(live);
  return result;
}
