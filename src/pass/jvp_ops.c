/* jvp_ops.c: forward derivatives of ops that are neither elementwise nor (bi)linear. Those of
   matrix functions are in Giles, "An extended collection of matrix derivative results for forward
   and reverse mode algorithmic differentiation" (2008), section 2; of the Cholesky factor in
   Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527 (2016), eq. 8. */
#include "pass/deriv.h"
#include "pass/rules.h"

static Shape arg_shape(const Jvp *j, int k) {
  return graph_node(j->g, j->n->in[k])->shape;
}

/* Linear in the first argument; the second has no derivative. */
static NodeId linear_in_first(const Jvp *j) {
  if (j->dt[0] == NODE_NONE) return NODE_NONE;
  return rule_add(j->g, j->n->op, (NodeId[]){j->dt[0], j->n->in[1]}, 2, j->n->attr, false);
}

NodeId jvp_gather(const Jvp *j) {
  return linear_in_first(j);
}

NodeId jvp_scatter_add(const Jvp *j) {
  return linear_in_first(j);
}

NodeId jvp_prod(const Jvp *j) {
  NodeId each = deriv_prod_replaced(j->g, j->n->in[0], j->n->attr->axis, j->dt[0]);
  return rule_axis(j->g, OP_sum, each, j->n->attr->axis);
}

/* The tangent at the place of the extreme. */
static NodeId extreme(const Jvp *j, OpId place) {
  int axis = j->n->attr->axis;
  NodeId index = rule_axis(j->g, place, j->n->in[0], axis);
  NodeId here = deriv_along(j->g, index, axis, arg_shape(j, 0));
  NodeId t = rule_op3(j->g, OP_select, here, j->dt[0], graph_num(j->g, 0));
  return rule_axis(j->g, OP_sum, t, axis);
}

NodeId jvp_min_of(const Jvp *j) {
  return extreme(j, OP_argmin);
}

NodeId jvp_max_of(const Jvp *j) {
  return extreme(j, OP_argmax);
}

NodeId jvp_sort(const Jvp *j) {
  int axis = j->n->attr->axis;
  NodeId places = deriv_sort_places(j->g, j->n->in[0], axis);
  NodeId flat = rule_op2(j->g, OP_gather, deriv_flat(j->g, j->dt[0], axis), places);
  return deriv_unflat(j->g, flat, axis, j->n->shape);
}

/* A dx = db - dA x */
NodeId jvp_solve(const Jvp *j) {
  NodeId rhs = j->dt[1];
  if (j->dt[0] != NODE_NONE) {
    NodeId change = rule_matmul(j->g, j->dt[0], j->id);
    rhs = rhs == NODE_NONE ? rule_op1(j->g, OP_neg, change) : rule_op2(j->g, OP_sub, rhs, change);
  }
  return rule_op2(j->g, OP_solve, j->n->in[0], rhs);
}

/* d(A^-1) = -A^-1 dA A^-1 */
NodeId jvp_inv(const Jvp *j) {
  NodeId right = rule_matmul(j->g, j->dt[0], j->id);
  return rule_op1(j->g, OP_neg, rule_matmul(j->g, j->id, right));
}

/* dL = L phi(L^-1 dA L^-T), where phi is the lower triangle with half of the diagonal. The op reads
   the lower triangle of A only. */
NodeId jvp_cholesky(const Jvp *j) {
  Graph *g = j->g;
  NodeId phi = deriv_triangle(g, j->n->shape.n[0]);
  NodeId low = rule_op2(g, OP_mul, phi, j->dt[0]);
  NodeId whole = rule_op2(g, OP_add, low, rule_flip_axes(g, low));
  NodeId half = rule_flip_axes(g, rule_op2(g, OP_solve, j->id, whole));
  NodeId inner = rule_flip_axes(g, rule_op2(g, OP_solve, j->id, half));
  return rule_matmul(g, j->id, rule_op2(g, OP_mul, phi, inner));
}

/* d det A = det A tr(A^-1 dA) */
NodeId jvp_det(const Jvp *j) {
  NodeId product = rule_op2(j->g, OP_mul, deriv_inverse_transpose(j->g, j->n->in[0]), j->dt[0]);
  NodeId trace = rule_axis(j->g, OP_sum, rule_axis(j->g, OP_sum, product, 0), 0);
  return rule_op2(j->g, OP_mul, j->id, trace);
}

/* x [t...] against the result [t..., value...]. */
static NodeId with_value_axes(const Jvp *j, NodeId x) {
  Shape s = graph_node(j->g, x)->shape;
  while (s.rank < j->n->shape.rank) s.n[s.rank++] = 1;
  return rule_reshape(j->g, x, s);
}

/* Moving t by dt is like moving the table's times by -dt around it. */
NodeId jvp_lookup(const Jvp *j) {
  Graph *g = j->g;
  NodeId t = j->n->in[0], times = j->n->in[1], values = j->n->in[2], shift = j->dt[0];
  NodeId sum = NODE_NONE;
  if (j->dt[1] != NODE_NONE) {
    NodeId moved = rule_op3(g, OP_lookup, t, times, j->dt[1]);
    shift = shift == NODE_NONE ? rule_op1(g, OP_neg, moved) : rule_op2(g, OP_sub, shift, moved);
  }
  if (shift != NODE_NONE) {
    NodeId slope = rule_op3(g, OP_lookup_slope, t, times, values);
    sum = rule_op2(g, OP_mul, slope, with_value_axes(j, shift));
  }
  if (j->dt[2] == NODE_NONE) return sum;
  NodeId own = rule_op3(g, OP_lookup, t, times, j->dt[2]);
  return sum == NODE_NONE ? own : rule_op2(g, OP_add, sum, own);
}

/* The slope is (v1 - v0) / (t1 - t0): linear in the values, and constant between two times. */
NodeId jvp_lookup_slope(const Jvp *j) {
  Graph *g = j->g;
  NodeId t = j->n->in[0], times = j->n->in[1], sum = NODE_NONE;
  if (j->dt[1] != NODE_NONE) {
    NodeId stretch = rule_op1(g, OP_neg, rule_op3(g, OP_lookup_slope, t, times, j->dt[1]));
    sum = rule_op2(g, OP_mul, j->id, with_value_axes(j, stretch));
  }
  if (j->dt[2] == NODE_NONE) return sum;
  NodeId own = rule_op3(g, OP_lookup_slope, t, times, j->dt[2]);
  return sum == NODE_NONE ? own : rule_op2(g, OP_add, sum, own);
}
