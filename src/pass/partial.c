/* partial.c: the rows of elementwise.def read as builders of nodes: one function for each
 * derivative. */
#include "pass/deriv.h"
#include "pass/rules.h"

#define ZERO NODE_NONE
#define NUM(x) graph_num(g, x)
#define ADD(x, y) rule_op2(g, OP_add, x, y)
#define SUB(x, y) rule_op2(g, OP_sub, x, y)
#define MUL(x, y) rule_op2(g, OP_mul, x, y)
#define DIV(x, y) rule_op2(g, OP_div, x, y)
#define NEG(x) rule_op1(g, OP_neg, x)
#define F1(op, x) rule_op1(g, OP_##op, x)
#define F2(op, x, y) rule_op2(g, OP_##op, x, y)
#define F3(op, x, y, z) rule_op3(g, OP_##op, x, y, z)

#define PARTIAL(name, k, expr)                                                          \
  static NodeId partial##k##_##name(Graph *g, NodeId a, NodeId b, NodeId c, NodeId r) { \
    (void)g, (void)a, (void)b, (void)c, (void)r;                                        \
    return expr;                                                                        \
  }
#define UNARY(name, value, da, dims, lo, hi, doc) PARTIAL(name, 0, da)
#define BINARY(name, value, da, db, dims, lo, hi, doc) PARTIAL(name, 0, da) PARTIAL(name, 1, db)
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) \
  PARTIAL(name, 0, da) PARTIAL(name, 1, db) PARTIAL(name, 2, dc)
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY

typedef NodeId PartialFn(Graph *g, NodeId a, NodeId b, NodeId c, NodeId r);

static PartialFn *const partials[OP_COUNT][3] = {
#define UNARY(name, value, da, dims, lo, hi, doc) [OP_##name] = {partial0_##name},
#define BINARY(name, value, da, db, dims, lo, hi, doc) \
  [OP_##name] = {partial0_##name, partial1_##name},
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) \
  [OP_##name] = {partial0_##name, partial1_##name, partial2_##name},
#include "op/elementwise.def"
};

NodeId deriv_partial(Graph *g, NodeId id, int k) {
  const Node *n = graph_node(g, id);
  NodeId a = n->in[0], b = n->nin > 1 ? n->in[1] : NODE_NONE, c = n->nin > 2 ? n->in[2] : NODE_NONE;
  return partials[n->op][k](g, a, b, c, id);
}

NodeId deriv_times(Graph *g, NodeId p, NodeId x) {
  bool is_mask = op_table[graph_node(g, p)->op].flags & OP_LOGICAL;
  return is_mask ? rule_op3(g, OP_select, p, x, graph_num(g, 0)) : rule_op2(g, OP_mul, p, x);
}
