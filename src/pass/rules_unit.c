/* rules_unit.c: products with unit vectors. Along the loop of a Jacobian's columns the tangent of a
   state is a unit vector, times the elementwise derivatives that it went through; its product with
   a matrix is one of the matrix's columns, times a number. */
#include "pass/rules.h"

/* v[j] = factor[j] if j is the index in the loop, else 0. */
typedef struct Unit {
  int loop;
  NodeId factor; /* NODE_NONE: 1 */
} Unit;

static bool is_arange(const Node *n, int64_t count) {
  const Tensor *t = n->op == OP_const ? n->attr->p : NULL;
  if (!t || !t->data || t->shape.rank != 1 || t->shape.n[0] != count) return false;
  for (int64_t i = 0; i < count; i++)
    if (t->data[i] != (double)i) return false;
  return true;
}

/* iota(loop) == [0, 1, ...] */
static bool is_pure(const Graph *g, const Node *n, Unit *u) {
  for (int k = 0; n->op == OP_eq && k < 2; k++) {
    const Node *i = graph_node(g, n->in[k]);
    if (i->op != OP_iota) continue;
    *u = (Unit){i->attr->axis, NODE_NONE};
    return is_arange(graph_node(g, n->in[1 - k]), g->loops[u->loop].extent);
  }
  return false;
}

static NodeId times(Graph *g, NodeId a, NodeId b) {
  return a == NODE_NONE ? b : rule_op2(g, OP_mul, a, b);
}

static bool is_unit(Graph *g, NodeId id, Unit *u) {
  const Node *n = graph_node(g, id);
  if (n->shape.rank != 1) return false;
  if (is_pure(g, n, u)) return true;
  if (n->op == OP_neg && is_unit(g, n->in[0], u)) {
    u->factor = times(g, u->factor, graph_num(g, -1));
    return true;
  }
  for (int k = 0; (n->op == OP_mul && k < 2) || (n->op == OP_div && k < 1); k++) {
    NodeId other = n->in[1 - k];
    OpId op = n->op;
    if (!is_unit(g, n->in[k], u) || graph_node(g, other)->loops >> u->loop & 1) continue;
    if (op == OP_div) other = rule_op2(g, OP_div, graph_num(g, 1), other);
    u->factor = times(g, u->factor, other);
    return true;
  }
  return false;
}

/* Element `loop` of the leading axis of x, times the factor there. */
static NodeId picked(Graph *g, NodeId x, const Unit *u) {
  NodeId part = rule_unstack(g, x, u->loop);
  if (u->factor == NODE_NONE) return part;
  Shape all = {1, {g->loops[u->loop].extent}};
  NodeId factor = rule_unstack(g, rule_broadcast(g, u->factor, all), u->loop);
  return rule_op2(g, OP_mul, part, factor);
}

NodeId rule_unit_product(Graph *g, NodeId a, NodeId b) {
  Unit u;
  if (graph_node(g, a)->shape.rank > 2 || graph_node(g, b)->shape.rank > 2) return NODE_NONE;
  if (is_unit(g, b, &u) && !(graph_node(g, a)->loops >> u.loop & 1))
    return picked(g, graph_node(g, a)->shape.rank == 2 ? rule_flip_axes(g, a) : a, &u);
  if (is_unit(g, a, &u) && !(graph_node(g, b)->loops >> u.loop & 1)) return picked(g, b, &u);
  return NODE_NONE;
}
