/* vjp_products.c: reverse derivatives of products. The cotangent of a factor that does not depend
   on a loop is a sum over it; where both other factors do, the loop joins the contracted axis, so
   that a weight's gradient over a batch is one product and no stack of outer products. */
#include "pass/deriv.h"
#include "pass/rules.h"

static Shape shape_of(const Vjp *v, NodeId x) {
  return graph_node(v->g, x)->shape;
}

static bool depends(const Vjp *v, NodeId x, int loop) {
  return graph_node(v->g, x)->loops >> loop & 1;
}

/* [..., p, n] over a loop of extent L becomes [..., p, L n]. */
static NodeId join_loop(const Vjp *v, NodeId x, int loop) {
  Shape s = shape_of(v, x), joined = s;
  int perm[SHAPE_MAX_AXES], last = s.rank - 1;
  bool vector = s.rank == 2 && s.n[1] == 1;
  if (vector)
    return rule_flip_axes(v->g, rule_stack(v->g, rule_reshape(v->g, x, shape_vec(s.n[0])), loop));
  for (int k = 0; k <= s.rank; k++) perm[k] = k < last ? k + 1 : k == last ? 0 : s.rank;
  joined.n[last] *= v->g->loops[loop].extent;
  return rule_reshape(v->g, rule_transpose(v->g, rule_stack(v->g, x, loop), perm), joined);
}

/* x [..., p, n] times y' [..., n, q], summed over loops: over those of one factor only beforehand,
   over those of both as part of the product. */
static NodeId times_transposed(const Vjp *v, NodeId x, NodeId y, LoopSet over) {
  for (int k = 0; k < v->g->nloops; k++) {
    if (!(over >> k & 1)) continue;
    if (depends(v, x, k) && depends(v, y, k)) {
      x = join_loop(v, x, k);
      y = join_loop(v, y, k);
    } else if (depends(v, y, k)) {
      y = vjp_sum_loop(v, y, k);
    } else {
      x = vjp_sum_loop(v, x, k);
    }
  }
  return rule_matmul(v->g, x, rule_flip_axes(v->g, y));
}

/* A factor as matrix (vectors become a row or a column). */
static NodeId as_matrix(const Vjp *v, NodeId x, bool as_row) {
  Shape s = shape_of(v, x);
  if (s.rank > 1) return x;
  return rule_reshape(v->g, x, as_row ? shape_mat(1, s.n[0]) : shape_mat(s.n[0], 1));
}

/* The cotangent with both axes of the product of matrices. */
static NodeId matrix_cot(const Vjp *v, bool a_vector, bool b_vector) {
  Shape s = v->n->shape;
  if (b_vector) s.n[s.rank++] = 1;
  if (a_vector) {
    for (int k = s.rank++; k > s.rank - 2; k--) s.n[k] = s.n[k - 1];
    s.n[s.rank - 2] = 1;
  }
  return rule_reshape(v->g, v->cot, s);
}

/* The sum over batch axes that a stack of matrices was spread along, then the argument's own shape.
 */
static void give_matrix(const Vjp *v, int k, NodeId x, Shape matrix) {
  Shape s = shape_of(v, x);
  while (s.rank > matrix.rank) {
    x = rule_axis(v->g, OP_sum, x, 0);
    s = shape_of(v, x);
  }
  for (int d = 0; d + 2 < matrix.rank; d++) {
    if (matrix.n[d] != 1 || s.n[d] == 1) continue;
    s.n[d] = 1;
    x = rule_reshape(v->g, rule_axis(v->g, OP_sum, x, d), s);
  }
  vjp_give_over(v, k, rule_reshape(v->g, x, vjp_shape(v, k)), 0);
}

void vjp_matmul(const Vjp *v) {
  bool a_vector = vjp_shape(v, 0).rank == 1, b_vector = vjp_shape(v, 1).rank == 1;
  NodeId c = matrix_cot(v, a_vector, b_vector);
  if (vjp_wants(v, 0)) {
    NodeId b = as_matrix(v, vjp_factor(v, 1), false);
    Shape matrix = a_vector ? shape_mat(1, vjp_shape(v, 0).n[0]) : vjp_shape(v, 0);
    give_matrix(v, 0, times_transposed(v, c, b, vjp_summed(v, 0)), matrix);
  }
  if (!vjp_wants(v, 1)) return;
  if (b_vector && v->n->shape.rank == 1 && !vjp_summed(v, 1)) { /* A' c of a vector */
    NodeId at = rule_flip_axes(v->g, vjp_factor(v, 0));
    vjp_give(v, 1, rule_matmul(v->g, at, v->cot));
    return;
  }
  NodeId at = rule_flip_axes(v->g, as_matrix(v, vjp_factor(v, 0), true));
  Shape matrix = b_vector ? shape_mat(vjp_shape(v, 1).n[0], 1) : vjp_shape(v, 1);
  give_matrix(v, 1, times_transposed(v, at, rule_flip_axes(v->g, c), vjp_summed(v, 1)), matrix);
}

/* A x = b: the cotangent of b is A^-T c, that of A minus it times x'. */
void vjp_solve(const Vjp *v) {
  NodeId at = rule_flip_axes(v->g, vjp_arg(v, 0));
  NodeId db = rule_op2(v->g, OP_solve, at, v->cot);
  if (vjp_wants(v, 1)) vjp_give(v, 1, db);
  if (!vjp_wants(v, 0)) return;
  NodeId minus = rule_op1(v->g, OP_neg, as_matrix(v, db, false));
  NodeId da = times_transposed(v, minus, as_matrix(v, v->id, false), vjp_summed(v, 0));
  vjp_give_over(v, 0, da, 0);
}

/* ---- sparse matrices
 * ---------------------------------------------------------------------------------- */

/* The transposed sparse matrix of these entries times x. */
static NodeId transposed_product(const Vjp *v, NodeId entries, NodeId x) {
  const SparsePattern *t = sparse_transpose(v->n->attr->p);
  entries = rule_op2(v->g, OP_gather, entries, graph_const(v->g, sparse_order(t)));
  return rule_add(v->g, OP_spmm, (NodeId[]){entries, x}, 2, &(OpAttr){.p = t}, false);
}

static NodeId product(const Vjp *v, OpId op, NodeId a, NodeId b) {
  return rule_add(v->g, op, (NodeId[]){a, b}, 2, &(OpAttr){.p = v->n->attr->p}, false);
}

/* Entries are products over rows of c and of x, so loops join the columns of both. */
void vjp_spmm(const Vjp *v) {
  if (vjp_wants(v, 1)) vjp_give(v, 1, transposed_product(v, vjp_factor(v, 0), v->cot));
  if (!vjp_wants(v, 0)) return;
  LoopSet over = vjp_summed(v, 0);
  NodeId c = as_matrix(v, v->cot, false), x = as_matrix(v, vjp_factor(v, 1), false);
  for (int k = 0; k < v->g->nloops; k++) {
    if (!(over >> k & 1) || !depends(v, c, k) || !depends(v, x, k)) continue;
    c = join_loop(v, c, k);
    x = join_loop(v, x, k);
    over &= ~((LoopSet)1 << k);
  }
  vjp_give_over(v, 0, product(v, OP_sddmm, c, x), over);
}

void vjp_sddmm(const Vjp *v) {
  if (vjp_wants(v, 0)) vjp_give(v, 0, product(v, OP_spmm, v->cot, vjp_factor(v, 1)));
  if (vjp_wants(v, 1)) vjp_give(v, 1, transposed_product(v, v->cot, vjp_factor(v, 0)));
}

static NodeId of_pattern(const Vjp *v, OpId op) {
  return rule_add(v->g, op, &v->cot, 1, &(OpAttr){.p = v->n->attr->p}, false);
}

void vjp_sparse_fill(const Vjp *v) {
  vjp_give(v, 0, of_pattern(v, OP_sparse_take));
}

void vjp_sparse_take(const Vjp *v) {
  vjp_give(v, 0, of_pattern(v, OP_sparse_fill));
}

/* ---- convolution
 * --------------------------------------------------------------------------------------- */

/* The cotangent of the full convolution, of which the result is a part. */
static NodeId full_cot(const Vjp *v, int64_t n, int64_t m) {
  int axis = v->n->attr->axis;
  int64_t mode = v->n->attr->i[0], first = mode == CONVOLVE_FULL   ? 0
                                           : mode == CONVOLVE_SAME ? (m - 1) / 2
                                                                   : m - 1;
  OpAttr pad = {.n = v->n->shape.rank};
  pad.i[axis] = first;
  pad.j[axis] = n + m - 1 - first - v->n->shape.n[axis];
  return rule_add(v->g, OP_pad, &v->cot, 1, &pad, false);
}

/* All m windows of length n of the lines of c, an array of whole lines: [m, lines n]. */
static NodeId windows(const Vjp *v, NodeId c, int64_t n, int64_t m) {
  Graph *g = v->g;
  int64_t length = n + m - 1, lines = shape_count(shape_of(v, c)) / length;
  NodeId from = rule_reshape(g, rule_arange(g, m), shape_mat(m, 1));
  NodeId index = rule_op2(g, OP_add, from, rule_arange(g, n));
  OpAttr along = {.axis = 1};
  NodeId lined = rule_reshape(g, c, shape_mat(lines, length));
  NodeId taken = rule_add(g, OP_gather, (NodeId[]){lined, index}, 2, &along, false);
  return rule_reshape(g, rule_transpose(g, taken, (const int[]){1, 0, 2}), shape_mat(m, lines * n));
}

void vjp_convolve(const Vjp *v) {
  Graph *g = v->g;
  int axis = v->n->attr->axis;
  int64_t n = vjp_shape(v, 0).n[axis], m = vjp_shape(v, 1).n[0];
  NodeId c = full_cot(v, n, m);
  if (vjp_wants(v, 0)) {
    OpAttr attr = {.axis = axis, .i = {CONVOLVE_VALID}};
    NodeId in[2] = {c, rule_axis(g, OP_flip, vjp_factor(v, 1), 0)};
    vjp_give(v, 0, rule_add(g, OP_convolve, in, 2, &attr, false));
  }
  if (!vjp_wants(v, 1)) return;
  NodeId lines = windows(v, deriv_flat(g, c, axis), n, m);
  vjp_give(v, 1, rule_matmul(g, lines, deriv_flat(g, vjp_factor(v, 0), axis)));
}
