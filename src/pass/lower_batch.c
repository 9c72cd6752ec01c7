/* lower_batch.c: ops that work on one element at a time. Where loops cannot be ordinary axes of
   their arguments, all loops together become one batch axis in front (see op.def). */
#include "pass/lower.h"
#include "pass/rules.h"

/* Argument k as [all of loops as one axis, element]. */
static NodeId as_batch(const Lower *l, int k, LoopSet loops) {
  Shape batch = shape_vec(shape_count(lower_loop_shape(l->from, loops)));
  NodeId x = lower_full(l, k, loops);
  return rule_reshape(l->to, x, shape_concat(batch, lower_arg(l, k)->shape));
}

/* The batch axis of the result as loops again. */
static NodeId from_batch(const Lower *l, NodeId x) {
  Shape s = lower_loop_shape(l->from, l->n->loops);
  return rule_reshape(l->to, x, shape_concat(s, l->n->shape));
}

static NodeId unchanged(const Lower *l) {
  return rule_add(l->to, l->n->op, l->in, l->n->nin, l->n->attr, false);
}

/* Every argument gets the batch axis. */
NodeId lower_batched(const Lower *l) {
  enum { MOST = 16 };
  NodeId in[MOST];
  if (!l->n->loops) return unchanged(l);
  for (int k = 0; k < l->n->nin; k++) in[k] = as_batch(l, k, l->n->loops);
  OpAttr attr = l->n->attr ? *l->n->attr : (OpAttr){0};
  attr.axis += 1;
  attr.axis2 = 1;
  return from_batch(l, graph_add(l->to, l->n->op, in, l->n->nin, &attr));
}

/* The op as it is, along an axis that moves behind the loops of the first argument. */
static NodeId shifted(const Lower *l) {
  OpAttr attr = *l->n->attr;
  attr.axis += lower_rank(lower_arg(l, 0)->loops);
  return rule_add(l->to, l->n->op, l->in, l->n->nin, &attr, false);
}

/* The result of a gather whose index has loops, [loops of x, pre, loops of index, rest]: the loops
   of the index move to the front, and all in order. */
static NodeId order_gathered(const Lower *l, NodeId y) {
  const Node *x = lower_arg(l, 0), *index = lower_arg(l, 1);
  int perm[SHAPE_MAX_AXES], labels[SHAPE_MAX_AXES], n = 0;
  int nx = lower_rank(x->loops), ni = lower_rank(index->loops), pre = l->n->attr->axis;
  int rank = graph_node(l->to, y)->shape.rank;
  for (int k = 0; k < nx; k++) perm[n++] = k;
  for (int k = 0; k < ni; k++) perm[n++] = nx + pre + k;
  for (int k = nx; k < rank; k++)
    if (k < nx + pre || k >= nx + pre + ni) perm[n++] = k;
  n = 0;
  for (int k = 0; k < l->from->nloops; k++)
    if (x->loops >> k & 1) labels[n++] = k;
  for (int k = 0; k < l->from->nloops; k++)
    if (index->loops >> k & 1) labels[n++] = k;
  return lower_sort_axes(l->to, rule_transpose(l->to, y, perm), labels, n);
}

NodeId lower_gather(const Lower *l) {
  const Node *x = lower_arg(l, 0), *index = lower_arg(l, 1);
  if (x->loops & index->loops) return lower_batched(l);
  return index->loops ? order_gathered(l, shifted(l)) : shifted(l);
}

NodeId lower_scatter_add(const Lower *l) {
  return lower_arg(l, 1)->loops ? lower_batched(l) : shifted(l);
}

NodeId lower_convolve(const Lower *l) {
  return lower_arg(l, 1)->loops ? lower_batched(l) : shifted(l);
}

/* With a fixed table all loops are axes of the times asked for. */
NodeId lower_lookup(const Lower *l) {
  bool fixed_table = !lower_arg(l, 1)->loops && !lower_arg(l, 2)->loops;
  return fixed_table ? unchanged(l) : lower_batched(l);
}

NodeId lower_random(const Lower *l) {
  if (!l->n->loops) return unchanged(l);
  enum { MOST = 16 };
  NodeId in[MOST];
  OpAttr attr = *l->n->attr;
  Shape batch = shape_vec(shape_count(lower_loop_shape(l->from, l->n->loops)));
  Shape s = shape_concat(batch, l->n->shape);
  for (int k = 0; k < l->n->nin; k++) in[k] = as_batch(l, k, l->n->loops);
  attr.axis2 = 1;
  attr.n = s.rank;
  for (int k = 0; k < s.rank; k++) attr.i[k] = s.n[k];
  return from_batch(l, graph_add(l->to, OP_random, in, l->n->nin, &attr));
}

/* Products with a sparse matrix: only what has loops is batched. */
static NodeId sparse_product(const Lower *l) {
  LoopSet a = lower_arg(l, 0)->loops, b = lower_arg(l, 1)->loops;
  if (!(a | b)) return unchanged(l);
  OpAttr attr = *l->n->attr;
  NodeId in[2] = {l->in[0], l->in[1]};
  if (a) in[0] = as_batch(l, 0, a | b);
  if (b) in[1] = as_batch(l, 1, a | b);
  attr.axis = (a ? 1 : 0) | (b ? 2 : 0);
  return from_batch(l, graph_add(l->to, l->n->op, in, 2, &attr));
}

NodeId lower_spmm(const Lower *l) {
  return sparse_product(l);
}

NodeId lower_sddmm(const Lower *l) {
  return sparse_product(l);
}

/* One matrix and many right-hand sides: these become its columns, so that the matrix is decomposed
   once. b is [batch, n] or [batch, n, m]. */
static NodeId solve_columns(const Lower *l) {
  const Node *b = lower_arg(l, 1);
  NodeId rhs = as_batch(l, 1, b->loops);
  Shape s = graph_node(l->to, rhs)->shape;
  int64_t columns = s.n[0] * (s.rank == 3 ? s.n[2] : 1);
  const int to_front[] = {1, 0, 2};
  Shape wide = s;
  wide.n[0] = s.n[1];
  wide.n[1] = s.n[0];
  rhs = rule_reshape(l->to, rule_transpose(l->to, rhs, to_front), shape_mat(s.n[1], columns));
  NodeId x = rule_op2(l->to, OP_solve, l->in[0], rhs);
  x = rule_transpose(l->to, rule_reshape(l->to, x, wide), to_front);
  return from_batch(l, x);
}

NodeId lower_solve(const Lower *l) {
  bool one_matrix = !lower_arg(l, 0)->loops && lower_arg(l, 1)->loops;
  return one_matrix ? solve_columns(l) : lower_batched(l);
}
