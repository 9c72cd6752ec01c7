/* readout.c: outputs that are linear in a weight, such as `w @ r`: what stands behind the weight is
   found by walking down sums, factors and changes of shape to the product. */
#include <string.h>

#include "pass/rules.h"
#include "verb/train_force.h"

typedef struct Search {
  Graph *g;
  NodeId weight;
} Search;

static bool reads(const Search *s, NodeId n) {
  return graph_depends(s->g, s->weight, &n, 1);
}

/* weight @ r, or sum(weight * r) of two vectors, over the last axis. */
static bool product(const Search *s, const Node *n, Readout *r) {
  bool first = n->in[0] == s->weight;
  NodeId other = n->in[first];
  if ((!first && n->in[1] != s->weight) || reads(s, other)) return false;
  Shape shape = graph_node(s->g, other)->shape;
  if (shape.rank != 1 || (!first && graph_node(s->g, s->weight)->shape.rank != 1)) return false;
  r->regressor = other;
  r->rest = NODE_NONE;
  return true;
}

static NodeId joined(Graph *g, OpId op, NodeId a, NodeId b) {
  if (a != NODE_NONE) return rule_op2(g, op, a, b);
  return op == OP_sub ? rule_op1(g, OP_neg, b) : b;
}

static bool split(const Search *s, NodeId id, Readout *r);

static void negate(Graph *g, Readout *r) {
  r->regressor = rule_op1(g, OP_neg, r->regressor);
  if (r->rest != NODE_NONE) r->rest = rule_op1(g, OP_neg, r->rest);
}

/* a + b and a - b, of which one side reads the weight. */
static bool split_sum(const Search *s, OpId op, NodeId a, NodeId b, Readout *r) {
  bool left = reads(s, a);
  if (left == reads(s, b) || !split(s, left ? a : b, r)) return false;
  if (!left && op == OP_sub) {
    negate(s->g, r);
    op = OP_add;
  }
  r->rest = joined(s->g, op, r->rest, left ? b : a);
  return true;
}

/* A scalar times, or what reads the weight over a scalar. */
static bool split_factor(const Search *s, OpId op, NodeId a, NodeId b, Readout *r) {
  bool left = reads(s, a);
  NodeId factor = left ? b : a;
  if (left == reads(s, b) || (op == OP_div && !left)) return false;
  if (graph_node(s->g, factor)->shape.rank != 0 || !split(s, left ? a : b, r)) return false;
  r->regressor = rule_op2(s->g, op, r->regressor, factor);
  if (r->rest != NODE_NONE) r->rest = rule_op2(s->g, op, r->rest, factor);
  return true;
}

/* The same numbers in another shape. */
static bool split_reshape(const Search *s, NodeId a, Shape shape, Readout *r) {
  if (shape_count(shape) != shape_count(graph_node(s->g, a)->shape) || !split(s, a, r))
    return false;
  if (r->rest != NODE_NONE) r->rest = rule_reshape(s->g, r->rest, shape);
  return true;
}

static bool split(const Search *s, NodeId id, Readout *r) {
  const Node *n = graph_node(s->g, id);
  NodeId a = n->nin > 0 ? n->in[0] : NODE_NONE, b = n->nin > 1 ? n->in[1] : NODE_NONE;
  OpId op = (OpId)n->op;
  if (n->loops) return false;
  switch (op) {
    case OP_matmul: return product(s, n, r);
    case OP_sum: {
      const Node *m = graph_node(s->g, a);
      return m->op == OP_mul && m->shape.rank == 1 && product(s, m, r);
    }
    case OP_add:
    case OP_sub: return split_sum(s, op, a, b, r);
    case OP_mul:
    case OP_div: return split_factor(s, op, a, b, r);
    case OP_broadcast:
    case OP_reshape: return split_reshape(s, a, n->shape, r);
    case OP_neg:
      if (!split(s, a, r)) return false;
      negate(s->g, r);
      return true;
    default: return false;
  }
}

bool readout_find(Train *m, const Quantity *out, Readout *r) {
  const System *sys = m->s.sys;
  int64_t size = shape_count(out->shape);
  for (size_t i = 0; i < sys->weights.n; i++) {
    const SysWeight *w = &sys->weights.at[i];
    Search s = {sys->g, w->q.node};
    if (!m->trained[i] || w->pattern || w->q.shape.rank < 1 || w->q.shape.rank > 2) continue;
    if (!reads(&s, out->node) || !split(&s, out->node, r)) continue;
    r->out = out;
    r->weight = (int)i;
    r->n = w->q.shape.n[w->q.shape.rank - 1];
    r->rows = w->q.shape.rank == 2 ? w->q.shape.n[0] : 1;
    if (r->rest != NODE_NONE) r->rest = rule_broadcast(sys->g, r->rest, out->shape);
    if (r->rows == size || size < 0 || r->rows < 0) return true;
  }
  return false;
}
