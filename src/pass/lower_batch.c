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

static int list_loops(const Graph *g, LoopSet loops, int *list) {
  int n = 0;
  for (int k = 0; k < g->nloops; k++)
    if (loops >> k & 1) list[n++] = k;
  return n;
}

/* Argument k with its loops in the order shared, own; the shared ones as one axis if there are any.
 */
static NodeId shared_first(const Lower *l, int k, LoopSet shared) {
  const Node *n = lower_arg(l, k);
  int loops[SHAPE_MAX_AXES], perm[SHAPE_MAX_AXES], count = list_loops(l->from, n->loops, loops),
                                                   to = 0;
  for (int own = 0; own < 2; own++)
    for (int j = 0; j < count; j++)
      if ((shared >> loops[j] & 1) != (LoopSet)own) perm[to++] = j;
  for (; to < count + n->shape.rank; to++) perm[to] = to;
  NodeId x = rule_transpose(l->to, l->in[k], perm);
  if (!shared) return x;
  Shape batch = shape_vec(shape_count(lower_loop_shape(l->from, shared)));
  Shape own = lower_loop_shape(l->from, n->loops & ~shared);
  return rule_reshape(l->to, x, shape_concat(shape_concat(batch, own), n->shape));
}

/* Loops of both arguments are the batch; those of one alone are further axes of it, which then have
   to be moved: the result is [shared, loops of x, pre, loops of index, rest]. */
NodeId lower_gather(const Lower *l) {
  const Node *x = lower_arg(l, 0), *index = lower_arg(l, 1);
  LoopSet shared = x->loops & index->loops;
  int labels[SHAPE_MAX_AXES], perm[SHAPE_MAX_AXES], n = 0;
  int ns = lower_rank(shared), nx = lower_rank(x->loops), ni = lower_rank(index->loops) - ns;
  int first = nx + l->n->attr->axis, rank = nx + ni + l->n->shape.rank;
  OpAttr attr = {.axis = (shared ? first - ns + 1 : first), .axis2 = shared != 0};
  NodeId in[2] = {shared_first(l, 0, shared), shared_first(l, 1, shared)};
  NodeId y = rule_add(l->to, OP_gather, in, 2, &attr, false);
  Shape s = graph_node(l->to, y)->shape;
  y = rule_reshape(l->to, y,
                   shape_concat(lower_loop_shape(l->from, shared), shape_tail(s, shared != 0)));
  for (int k = 0; k < nx; k++) perm[n++] = k;
  for (int k = 0; k < ni; k++) perm[n++] = first + k;
  for (int k = nx; k < rank; k++)
    if (k < first || k >= first + ni) perm[n++] = k;
  n = list_loops(l->from, shared, labels);
  n += list_loops(l->from, x->loops & ~shared, labels + n);
  n += list_loops(l->from, index->loops & ~shared, labels + n);
  return lower_sort_axes(l->to, rule_transpose(l->to, y, perm), labels, n);
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
