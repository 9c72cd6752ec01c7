/* vjp_ops.c: reverse derivatives of ops that move, select or reduce elements, of tables and of
   matrix functions. Those of the latter are in Giles (2008) and Murray (2016), as in jvp_ops.c. */
#include "pass/deriv.h"
#include "pass/rules.h"

static NodeId add(const Vjp *v, OpId op, NodeId x, const OpAttr *attr) {
  return rule_add(v->g, op, &x, 1, attr, false);
}

/* ---- loops and form
 * --------------------------------------------------------------------------------- */

void vjp_unstack(const Vjp *v) {
  LoopSet own = (LoopSet)1 << v->n->attr->axis;
  vjp_give_over(v, 0, rule_stack(v->g, v->cot, v->n->attr->axis), v->n->loops & ~own);
}

void vjp_stack(const Vjp *v) {
  vjp_give(v, 0, rule_unstack(v->g, v->cot, v->n->attr->axis));
}

void vjp_broadcast(const Vjp *v) {
  vjp_give(v, 0, v->cot);
}

void vjp_reshape(const Vjp *v) {
  vjp_give(v, 0, rule_reshape(v->g, v->cot, vjp_shape(v, 0)));
}

void vjp_transpose(const Vjp *v) {
  int back[SHAPE_MAX_AXES];
  for (int k = 0; k < v->n->attr->n; k++) back[v->n->attr->i[k]] = k;
  vjp_give(v, 0, rule_transpose(v->g, v->cot, back));
}

void vjp_slice(const Vjp *v) {
  Shape s = vjp_shape(v, 0);
  OpAttr pad = {.n = s.rank};
  for (int k = 0; k < s.rank; k++) {
    pad.i[k] = v->n->attr->i[k];
    pad.j[k] = s.n[k] - v->n->attr->i[k] - v->n->attr->j[k];
  }
  vjp_give(v, 0, add(v, OP_pad, v->cot, &pad));
}

void vjp_pad(const Vjp *v) {
  Shape s = vjp_shape(v, 0);
  OpAttr slice = {.n = s.rank};
  for (int k = 0; k < s.rank; k++) {
    slice.i[k] = v->n->attr->i[k];
    slice.j[k] = s.n[k];
  }
  vjp_give(v, 0, add(v, OP_slice, v->cot, &slice));
}

void vjp_flip(const Vjp *v) {
  vjp_give(v, 0, add(v, OP_flip, v->cot, v->n->attr));
}

void vjp_concat(const Vjp *v) {
  int axis = v->n->attr->axis;
  OpAttr slice = {.n = v->n->shape.rank};
  for (int k = 0; k < v->n->nin; k++) {
    Shape s = vjp_shape(v, k);
    for (int d = 0; d < s.rank; d++) slice.j[d] = s.n[d];
    if (vjp_wants(v, k)) vjp_give(v, k, add(v, OP_slice, v->cot, &slice));
    slice.i[axis] += s.n[axis];
  }
}

void vjp_gather(const Vjp *v) {
  if (!vjp_wants(v, 0)) return;
  OpAttr attr = {.axis = v->n->attr->axis, .i = {vjp_shape(v, 0).n[v->n->attr->axis]}};
  NodeId in[2] = {v->cot, vjp_arg(v, 1)};
  vjp_give(v, 0, rule_add(v->g, OP_scatter_add, in, 2, &attr, false));
}

/* Indices out of range took nothing: there the cotangent is 0, not the NaN that gather gives. */
void vjp_scatter_add(const Vjp *v) {
  if (!vjp_wants(v, 0)) return;
  Graph *g = v->g;
  NodeId index = vjp_arg(v, 1), n = graph_num(g, (double)v->n->attr->i[0]);
  NodeId above = rule_op2(g, OP_le, rule_op1(g, OP_neg, n), index);
  NodeId inside = rule_op2(g, OP_and, above, rule_op2(g, OP_lt, index, n));
  NodeId safe = rule_op3(g, OP_select, inside, index, graph_num(g, 0));
  OpAttr attr = {.axis = v->n->attr->axis};
  NodeId taken = rule_add(g, OP_gather, (NodeId[]){v->cot, safe}, 2, &attr, false);
  Shape s = vjp_shape(v, 1), mask = s;
  while (attr.axis + mask.rank < vjp_shape(v, 0).rank) mask.n[mask.rank++] = 1;
  inside = rule_reshape(g, inside, mask);
  vjp_give(v, 0, rule_op3(g, OP_select, inside, taken, graph_num(g, 0)));
}

/* ---- reductions
 * --------------------------------------------------------------------------------------- */

static NodeId expanded(const Vjp *v) {
  return deriv_expand(v->g, v->cot, v->n->attr->axis, vjp_shape(v, 0));
}

void vjp_sum(const Vjp *v) {
  vjp_give(v, 0, expanded(v));
}

void vjp_prod(const Vjp *v) {
  NodeId others = deriv_prod_replaced(v->g, vjp_arg(v, 0), v->n->attr->axis, graph_num(v->g, 1));
  vjp_give(v, 0, vjp_times(v, expanded(v), others));
}

/* All of it to the first of equal ones. */
static void extreme(const Vjp *v, OpId place) {
  int axis = v->n->attr->axis;
  NodeId index = rule_axis(v->g, place, vjp_arg(v, 0), axis);
  NodeId here = deriv_along(v->g, index, axis, vjp_shape(v, 0));
  vjp_give(v, 0, rule_op3(v->g, OP_select, here, expanded(v), graph_num(v->g, 0)));
}

void vjp_min_of(const Vjp *v) {
  extreme(v, OP_argmin);
}

void vjp_max_of(const Vjp *v) {
  extreme(v, OP_argmax);
}

void vjp_cumsum(const Vjp *v) {
  int axis = v->n->attr->axis;
  NodeId turned = rule_axis(v->g, OP_flip, v->cot, axis);
  vjp_give(v, 0, rule_axis(v->g, OP_flip, rule_axis(v->g, OP_cumsum, turned, axis), axis));
}

void vjp_sort(const Vjp *v) {
  int axis = v->n->attr->axis;
  NodeId in[2] = {deriv_flat(v->g, v->cot, axis), deriv_sort_places(v->g, vjp_arg(v, 0), axis)};
  OpAttr attr = {.i = {shape_count(v->n->shape)}};
  NodeId flat = rule_add(v->g, OP_scatter_add, in, 2, &attr, false);
  vjp_give(v, 0, deriv_unflat(v->g, flat, axis, v->n->shape));
}

/* ---- matrix functions
 * --------------------------------------------------------------------------------- */

/* -A^-T C A^-T */
void vjp_inv(const Vjp *v) {
  NodeId t = rule_flip_axes(v->g, v->id);
  NodeId inner = rule_matmul(v->g, v->cot, t);
  vjp_give(v, 0, rule_op1(v->g, OP_neg, rule_matmul(v->g, t, inner)));
}

/* phi(S + S') with S = L^-T phi(L' C) L^-1; phi as in jvp_cholesky: the op reads the lower
 * triangle. */
void vjp_cholesky(const Vjp *v) {
  Graph *g = v->g;
  NodeId lt = rule_flip_axes(g, v->id), phi = deriv_triangle(g, v->n->shape.n[0]);
  NodeId inner = rule_op2(g, OP_mul, phi, rule_matmul(g, lt, v->cot));
  NodeId left = rule_op2(g, OP_solve, lt, inner);
  NodeId s = rule_op2(g, OP_solve, lt, rule_flip_axes(g, left)); /* the transpose of S */
  vjp_give(v, 0, rule_op2(g, OP_mul, phi, rule_op2(g, OP_add, s, rule_flip_axes(g, s))));
}

void vjp_det(const Vjp *v) {
  NodeId scale = rule_op2(v->g, OP_mul, v->cot, v->id);
  NodeId matrix = deriv_inverse_transpose(v->g, vjp_arg(v, 0));
  vjp_give(v, 0, rule_op2(v->g, OP_mul, scale, matrix));
}

/* ---- tables
 * ---------------------------------------------------------------------------------------------- */

/* The rows of a table between which each t falls. */
typedef struct Rows {
  NodeId first;        /* number of the lower one, [t...] */
  NodeId lower, upper; /* what they weigh in the result, [t...] */
} Rows;

static NodeId row_places(const Vjp *v, OpId op) {
  NodeId number = rule_arange(v->g, vjp_shape(v, 1).n[0]);
  return rule_op3(v->g, op, vjp_arg(v, 0), vjp_arg(v, 1), number);
}

static Rows rows_of(const Vjp *v) {
  Graph *g = v->g;
  int64_t n = vjp_shape(v, 1).n[0];
  NodeId place = row_places(v, OP_lookup), last = graph_num(g, n > 1 ? (double)(n - 2) : 0);
  Rows r = {.first = rule_op2(g, OP_minimum, rule_op1(g, OP_floor, place), last)};
  r.upper = rule_op2(g, OP_sub, place, r.first);
  r.lower = rule_op2(g, OP_sub, graph_num(g, 1), r.upper);
  return r;
}

/* Of the slope, the weights are minus and plus one over the distance of the times. */
static Rows slope_rows_of(const Vjp *v) {
  Rows r = rows_of(v);
  r.upper = row_places(v, OP_lookup_slope);
  r.lower = rule_op1(v->g, OP_neg, r.upper);
  return r;
}

/* Adds x [t..., value...] to the rows of a table [n, value...] with their weights. */
static NodeId spread_to_rows(const Vjp *v, const Rows *r, NodeId x, Shape value) {
  Graph *g = v->g;
  Shape t = vjp_shape(v, 0), wide = t;
  while (wide.rank < t.rank + value.rank) wide.n[wide.rank++] = 1;
  OpAttr attr = {.i = {vjp_shape(v, 1).n[0]}};
  Shape flat = shape_concat(shape_vec(shape_count(t)), value);
  NodeId index = rule_reshape(g, r->first, shape_vec(flat.n[0])), sum = NODE_NONE;
  for (int k = 0; k < 2; k++) {
    NodeId weight = rule_reshape(g, k ? r->upper : r->lower, wide);
    NodeId part = rule_reshape(g, rule_op2(g, OP_mul, x, weight), flat);
    NodeId at = k ? rule_op2(g, OP_add, index, graph_num(g, 1)) : index;
    NodeId rows = rule_add(g, OP_scatter_add, (NodeId[]){part, at}, 2, &attr, false);
    sum = k ? rule_op2(g, OP_add, sum, rows) : rows;
  }
  return sum;
}

static NodeId sum_values(const Vjp *v, NodeId x) {
  int rank = vjp_shape(v, 0).rank;
  while (graph_node(v->g, x)->shape.rank > rank) x = rule_axis(v->g, OP_sum, x, rank);
  return x;
}

void vjp_lookup(const Vjp *v) {
  Graph *g = v->g;
  Rows rows = rows_of(v);
  if (vjp_wants(v, 2))
    vjp_give(v, 2, spread_to_rows(v, &rows, v->cot, shape_tail(vjp_shape(v, 2), 1)));
  if (!vjp_wants(v, 0) && !vjp_wants(v, 1)) return;
  NodeId slope = rule_op3(g, OP_lookup_slope, vjp_arg(v, 0), vjp_arg(v, 1), vjp_arg(v, 2));
  NodeId shift = sum_values(v, vjp_times(v, v->cot, slope));
  if (vjp_wants(v, 0)) vjp_give(v, 0, shift);
  if (!vjp_wants(v, 1)) return;
  NodeId back = rule_op1(g, OP_neg, shift);
  vjp_give(v, 1, spread_to_rows(v, &rows, back, SHAPE_SCALAR));
}

void vjp_lookup_slope(const Vjp *v) {
  Rows rows = slope_rows_of(v);
  if (vjp_wants(v, 2))
    vjp_give(v, 2, spread_to_rows(v, &rows, v->cot, shape_tail(vjp_shape(v, 2), 1)));
  if (!vjp_wants(v, 1)) return;
  NodeId stretch = rule_op1(v->g, OP_neg, sum_values(v, vjp_times(v, v->cot, v->id)));
  vjp_give(v, 1, spread_to_rows(v, &rows, stretch, SHAPE_SCALAR));
}
