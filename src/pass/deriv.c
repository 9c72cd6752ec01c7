/* deriv.c: small builders for derivatives. */
#include "pass/deriv.h"

#include "pass/rules.h"

/* The extents of `whole` with 1 for all axes but one. */
static Shape only_axis(Shape whole, int axis) {
  Shape s = {whole.rank, {0}};
  for (int k = 0; k < s.rank; k++) s.n[k] = k == axis ? whole.n[k] : 1;
  return s;
}

NodeId deriv_expand(Graph *g, NodeId x, int axis, Shape whole) {
  Shape one = whole;
  one.n[axis] = 1;
  return rule_broadcast(g, rule_reshape(g, x, one), whole);
}

NodeId deriv_along(Graph *g, NodeId index, int axis, Shape whole) {
  NodeId places = rule_reshape(g, rule_arange(g, whole.n[axis]), only_axis(whole, axis));
  Shape one = whole;
  one.n[axis] = 1;
  return rule_op2(g, OP_eq, rule_reshape(g, index, one), places);
}

NodeId deriv_triangle(Graph *g, int64_t n) {
  NodeId col = rule_arange(g, n), row = rule_reshape(g, col, shape_mat(n, 1));
  NodeId half = rule_op2(g, OP_mul, graph_num(g, 0.5), rule_op2(g, OP_eq, row, col));
  return rule_op2(g, OP_add, rule_op2(g, OP_lt, col, row), half);
}

/* Moves an axis to the end, or (`back`) the last axis to its place. */
static NodeId axis_to_end(Graph *g, NodeId x, int axis, bool back) {
  int perm[SHAPE_MAX_AXES], rank = graph_node(g, x)->shape.rank;
  for (int k = 0; k < rank; k++) {
    if (back) {
      perm[k] = k == axis ? rank - 1 : k > axis ? k - 1 : k;
    } else {
      perm[k] = k == rank - 1 ? axis : k >= axis ? k + 1 : k;
    }
  }
  return rule_transpose(g, x, perm);
}

NodeId deriv_flat(Graph *g, NodeId x, int axis) {
  Shape s = graph_node(g, x)->shape;
  return rule_reshape(g, axis_to_end(g, x, axis, false), shape_vec(shape_count(s)));
}

NodeId deriv_unflat(Graph *g, NodeId flat, int axis, Shape whole) {
  Shape moved = whole;
  for (int k = axis; k + 1 < whole.rank; k++) moved.n[k] = whole.n[k + 1];
  moved.n[whole.rank - 1] = whole.n[axis];
  return axis_to_end(g, rule_reshape(g, flat, moved), axis, true);
}

NodeId deriv_sort_places(Graph *g, NodeId x, int axis) {
  Shape s = graph_node(g, x)->shape;
  int64_t n = s.n[axis], lines = n ? shape_count(s) / n : 0;
  NodeId order = deriv_flat(g, rule_axis(g, OP_argsort, x, axis), axis);
  NodeId start = rule_op2(g, OP_mul, rule_arange(g, lines), graph_num(g, (double)n));
  start = rule_broadcast(g, rule_reshape(g, start, shape_mat(lines, 1)), shape_mat(lines, n));
  return rule_op2(g, OP_add, order, rule_reshape(g, start, shape_vec(lines * n)));
}

NodeId deriv_inverse_transpose(Graph *g, NodeId a) {
  return rule_flip_axes(g, rule_op1(g, OP_inv, a));
}

/* x gets one more axis behind `axis`: element [.., i, j, ..] is x_j, but `by`_i where i = j. */
NodeId deriv_prod_replaced(Graph *g, NodeId x, int axis, NodeId by) {
  Shape s = graph_node(g, x)->shape, rows = s, cols = s;
  int64_t n = s.n[axis];
  rows.rank = cols.rank = s.rank + 1;
  for (int k = s.rank; k > axis; k--) rows.n[k] = cols.n[k] = s.n[k - 1];
  rows.n[axis] = n, rows.n[axis + 1] = 1; /* of what depends on i */
  cols.n[axis] = 1, cols.n[axis + 1] = n; /* on j */
  NodeId i = rule_reshape(g, rule_arange(g, n), only_axis(rows, axis));
  NodeId j = rule_reshape(g, rule_arange(g, n), only_axis(cols, axis + 1));
  NodeId own = rule_op2(g, OP_eq, i, j);
  NodeId new = graph_node(g, by)->shape.rank ? rule_reshape(g, by, rows) : by;
  NodeId all = rule_op3(g, OP_select, own, new, rule_reshape(g, x, cols));
  return rule_axis(g, OP_prod, all, axis + 1);
}
