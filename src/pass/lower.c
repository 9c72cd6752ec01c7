/* lower.c: loops become leading axes. What an op does with them is a row of the table at the end;
   products and ops that work on one element at a time have files of their own. */
#include "pass/lower.h"

#include <assert.h>
#include <string.h>

#include "graph/attr.h"
#include "pass/pass.h"
#include "pass/rules.h"

/* ---- helpers --------------------------------------------------------------------------------- */

const Node *lower_arg(const Lower *l, int k) {
  return graph_node(l->from, l->n->in[k]);
}

Shape lower_loop_shape(const Graph *g, LoopSet loops) {
  Shape s = SHAPE_SCALAR;
  for (int k = 0; k < g->nloops; k++)
    if (loops >> k & 1) s.n[s.rank++] = g->loops[k].extent;
  return s;
}

NodeId lower_align(const Lower *l, int k, LoopSet loops, int rank, bool trim) {
  const Node *n = lower_arg(l, k);
  Shape s = SHAPE_SCALAR;
  for (int j = 0; j < l->from->nloops; j++) {
    bool has = n->loops >> j & 1;
    if (!(loops >> j & 1) || (trim && !has && s.rank == 0)) continue;
    s.n[s.rank++] = has ? l->from->loops[j].extent : 1;
  }
  for (int j = n->shape.rank; j < rank; j++)
    if (!trim || s.rank > 0) s.n[s.rank++] = 1;
  return rule_reshape(l->to, l->in[k], shape_concat(s, n->shape));
}

NodeId lower_full(const Lower *l, int k, LoopSet loops) {
  Shape element = lower_arg(l, k)->shape;
  NodeId x = lower_align(l, k, loops, element.rank, false);
  return rule_broadcast(l->to, x, shape_concat(lower_loop_shape(l->from, loops), element));
}

NodeId lower_sort_axes(Graph *g, NodeId x, const int *labels, int nlabels) {
  int perm[SHAPE_MAX_AXES], rank = graph_node(g, x)->shape.rank;
  for (int k = 0; k < rank; k++) perm[k] = k;
  for (int k = 1; k < nlabels; k++) /* insertion sort by label */
    for (int j = k; j > 0 && labels[perm[j]] < labels[perm[j - 1]]; j--) {
      int swap = perm[j];
      perm[j] = perm[j - 1];
      perm[j - 1] = swap;
    }
  return rule_transpose(g, x, perm);
}

static NodeId add(const Lower *l, NodeId x, const OpAttr *attr) {
  return rule_add(l->to, l->n->op, &x, 1, attr, false);
}

/* ---- leaves and loops ------------------------------------------------------------------------ */

static NodeId lower_input(const Lower *l) {
  Shape s = shape_concat(lower_loop_shape(l->from, l->n->loops), l->n->shape);
  return graph_input(l->to, l->n->name, s, 0);
}

static NodeId lower_iota(const Lower *l) {
  return rule_arange(l->to, l->from->loops[l->n->attr->axis].extent);
}

/* How many of a node's loops lie outside of loop `loop`. */
static int place_of(LoopSet loops, int loop) {
  return lower_rank(loops & (((LoopSet)1 << loop) - 1));
}

/* [outer, inner, L, ...] becomes [outer, L, inner, ...]. */
static NodeId lower_unstack(const Lower *l) {
  const Node *x = lower_arg(l, 0);
  int perm[SHAPE_MAX_AXES], to = place_of(x->loops, l->n->attr->axis), from = lower_rank(x->loops);
  for (int k = 0; k < from + x->shape.rank; k++)
    perm[k] = k == to ? from : k > to && k <= from ? k - 1 : k;
  return rule_transpose(l->to, l->in[0], perm);
}

/* [outer, L, inner, ...] becomes [outer, inner, L, ...]. */
static NodeId lower_stack(const Lower *l) {
  const Node *n = l->n;
  LoopSet whole = n->loops | (LoopSet)1 << n->attr->axis;
  NodeId x = lower_full(l, 0, whole);
  int perm[SHAPE_MAX_AXES], from = place_of(n->loops, n->attr->axis), to = lower_rank(n->loops);
  for (int k = 0; k < to + n->shape.rank; k++)
    perm[k] = k == to ? from : k >= from && k < to ? k + 1 : k;
  return rule_transpose(l->to, x, perm);
}

/* ---- elementwise ----------------------------------------------------------------------------- */

static NodeId lower_elementwise(const Lower *l) {
  NodeId in[3];
  for (int k = 0; k < l->n->nin; k++)
    in[k] = lower_align(l, k, l->n->loops, l->n->shape.rank, true);
  return rule_add(l->to, l->n->op, in, l->n->nin, NULL, false);
}

/* ---- form ------------------------------------------------------------------------------------ */

/* The list of the attribute is the shape of the result. */
static NodeId lower_to_shape(const Lower *l) {
  Shape s = shape_concat(lower_loop_shape(l->from, l->n->loops), l->n->shape);
  bool spreads = l->n->op == OP_broadcast;
  NodeId x = spreads ? lower_align(l, 0, l->n->loops, l->n->shape.rank, false) : l->in[0];
  return spreads ? rule_broadcast(l->to, x, s) : rule_reshape(l->to, x, s);
}

/* Lists with one entry for each axis get `first` (and `second`) for each loop. */
static NodeId lower_lists(const Lower *l) {
  int nloops = lower_rank(l->n->loops);
  Shape s = graph_node(l->to, l->in[0])->shape;
  OpAttr attr = {.n = s.rank};
  bool is_slice = l->n->op == OP_slice, is_order = l->n->op == OP_transpose;
  for (int k = 0; k < s.rank; k++) {
    if (k < nloops) {
      attr.i[k] = is_order ? k : 0;
      attr.j[k] = is_slice ? s.n[k] : 0;
    } else {
      attr.i[k] = l->n->attr->i[k - nloops] + (is_order ? nloops : 0);
      attr.j[k] = l->n->attr->j[k - nloops];
    }
  }
  return add(l, l->in[0], &attr);
}

static NodeId lower_axis(const Lower *l) {
  OpAttr attr = *l->n->attr;
  attr.axis += lower_rank(l->n->loops);
  return add(l, l->in[0], &attr);
}

static NodeId lower_concat(const Lower *l) {
  NodeId *in = mem_alloc(l->n->nin * sizeof *in);
  for (int k = 0; k < l->n->nin; k++) in[k] = lower_full(l, k, l->n->loops);
  OpAttr attr = {.axis = l->n->attr->axis + lower_rank(l->n->loops)};
  NodeId x = rule_add(l->to, OP_concat, in, l->n->nin, &attr, false);
  mem_free(in);
  return x;
}

/* What has no loops stays as it is: constants, eager ops, and whatever is lowered already. */
static NodeId lower_nothing(const Lower *l) {
  assert(l->n->loops == 0);
  return graph_add(l->to, l->n->op, l->in, l->n->nin, l->n->attr);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static LowerFn *const lowerings[OP_COUNT] = {
    [OP_input] = lower_input,         [OP_const] = lower_nothing,
    [OP_iota] = lower_iota,           [OP_unstack] = lower_unstack,
    [OP_stack] = lower_stack,         [OP_broadcast] = lower_to_shape,
    [OP_reshape] = lower_to_shape,    [OP_transpose] = lower_lists,
    [OP_slice] = lower_lists,         [OP_pad] = lower_lists,
    [OP_flip] = lower_axis,           [OP_concat] = lower_concat,
    [OP_gather] = lower_gather,       [OP_scatter_add] = lower_scatter_add,
    [OP_take_mask] = lower_nothing,   [OP_where] = lower_nothing,
    [OP_unique] = lower_nothing,      [OP_sum] = lower_axis,
    [OP_prod] = lower_axis,           [OP_min_of] = lower_axis,
    [OP_max_of] = lower_axis,         [OP_argmin] = lower_axis,
    [OP_argmax] = lower_axis,         [OP_cumsum] = lower_axis,
    [OP_sort] = lower_axis,           [OP_argsort] = lower_axis,
    [OP_matmul] = lower_matmul,       [OP_convolve] = lower_convolve,
    [OP_spmm] = lower_spmm,           [OP_sddmm] = lower_sddmm,
    [OP_sparse_fill] = lower_batched, [OP_sparse_take] = lower_batched,
    [OP_solve] = lower_solve,         [OP_inv] = lower_batched,
    [OP_cholesky] = lower_batched,    [OP_det] = lower_batched,
    [OP_lookup] = lower_lookup,       [OP_lookup_slope] = lower_lookup,
    [OP_random] = lower_random,       [OP_gemm] = lower_nothing,
    [OP_pack] = lower_nothing,        [OP_gemm_packed] = lower_nothing,
};

static NodeId lower_node(const Rebuild *r, NodeId id, const NodeId *in) {
  const Node *n = graph_node(r->from, id);
  Lower l = {r->from, r->to, n, in};
  bool elementwise = op_table[n->op].flags & OP_ELEMENTWISE;
  NodeId x = elementwise ? lower_elementwise(&l) : lowerings[n->op](&l);
  assert(graph_node(r->to, x)->shape.rank == n->shape.rank + lower_rank(n->loops));
  return x;
}

GraphFn *pass_lower(Arena *a, const GraphFn *f) {
  Rebuild r = {f->g, graph_new(a), lower_node, NULL};
  return pass_pack(a, rebuild(a, f, &r), NULL);
}
