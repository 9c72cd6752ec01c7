/* random_graph.h: random sound functions for differential tests: inputs of small shapes with random
   loops, then random ops with random attributes, kept where op_shape allows them. Values stay of
   moderate size. Everything follows from the seed. */
#ifndef DYN_TESTS_RANDOM_GRAPH_H
#define DYN_TESTS_RANDOM_GRAPH_H

#include <stdint.h>

#include "graph/graph.h"

typedef struct Rng {
  uint64_t state;
} Rng;

static inline uint64_t rng_next(Rng *r) {
  r->state ^= r->state << 13;
  r->state ^= r->state >> 7;
  r->state ^= r->state << 17;
  return r->state;
}

static inline int64_t rng_below(Rng *r, int64_t n) {
  return (int64_t)((rng_next(r) >> 11) % (uint64_t)n);
}

static inline double rng_uniform(Rng *r, double lo, double hi) {
  return lo + (hi - lo) * (double)(rng_next(r) >> 11) * 0x1p-53;
}

static inline Shape rng_shape(Rng *r, int rank) {
  Shape s = {rank, {0}};
  for (int k = 0; k < rank; k++) s.n[k] = 1 + rng_below(r, 4);
  return s;
}

static inline Tensor *rng_tensor(Rng *r, Arena *a, Shape s, double lo, double hi) {
  Tensor *t = tensor_new(a, s);
  for (int64_t k = 0; k < shape_count(s); k++) t->data[k] = rng_uniform(r, lo, hi);
  return t;
}

/* A pattern with each place taken by chance. */
static inline SparsePattern *rng_pattern(Rng *r, Arena *a, int64_t rows, int64_t cols) {
  uint8_t taken[64] = {0};
  int64_t nnz = 0;
  for (int64_t k = 0; k < rows * cols && k < 64; k++) nnz += taken[k] = rng_below(r, 2) == 0;
  SparsePattern *p = sparse_pattern_new(a, rows, cols, nnz);
  int64_t *start = (int64_t *)p->start, e = 0;
  for (int64_t k = 0; k < rows * cols && k < 64; k++) {
    if (!taken[k]) continue;
    ((int32_t *)p->col)[e++] = (int32_t)(k % cols);
    start[k / cols + 1] = e;
  }
  for (int64_t k = 0; k < rows; k++)
    if (start[k + 1] < start[k]) start[k + 1] = start[k];
  return p;
}

/* Attributes that have a fair chance of being sound for these arguments. */
static inline OpAttr rng_attr(Rng *r, Arena *a, OpId op, const Shape *in) {
  OpAttr attr = {0};
  Shape x = in[0];
  if (x.rank) attr.axis = (int32_t)rng_below(r, x.rank);
  attr.n = x.rank;
  for (int k = 0; k < x.rank; k++) {
    int64_t n = x.n[k];
    attr.i[k] = op == OP_transpose ? k
                : op == OP_reshape ? x.n[x.rank - 1 - k]
                                   : rng_below(r, n + 1);
    attr.j[k] = op == OP_slice ? rng_below(r, n - attr.i[k] + 1) : rng_below(r, 3);
    if (op == OP_broadcast) attr.i[k] = n == 1 ? 1 + rng_below(r, 3) : n;
  }
  if (op == OP_transpose) {
    for (int k = x.rank - 1; k > 0; k--) {
      int64_t j = rng_below(r, k + 1), swap = attr.i[k];
      attr.i[k] = attr.i[j];
      attr.i[j] = swap;
    }
  }
  if (op == OP_convolve) attr.i[0] = rng_below(r, 3);
  if (op == OP_scatter_add) attr.i[0] = 1 + rng_below(r, 4);
  if (op == OP_spmm || op == OP_sddmm || op == OP_sparse_fill || op == OP_sparse_take) {
    attr.axis = 0;
    attr.p = rng_pattern(r, a, 1 + rng_below(r, 4), 1 + rng_below(r, 4));
  }
  return attr;
}

static const OpId rng_ops[] = {
    OP_add,   OP_sub,     OP_mul,         OP_neg,         OP_square,      OP_tanh,
    OP_sin,   OP_sigmoid, OP_lt,          OP_select,      OP_minimum,     OP_add,
    OP_sub,   OP_mul,     OP_broadcast,   OP_reshape,     OP_transpose,   OP_slice,
    OP_pad,   OP_flip,    OP_concat,      OP_gather,      OP_scatter_add, OP_sum,
    OP_prod,  OP_min_of,  OP_max_of,      OP_argmin,      OP_argmax,      OP_cumsum,
    OP_sort,  OP_argsort, OP_matmul,      OP_matmul,      OP_matmul,      OP_convolve,
    OP_spmm,  OP_sddmm,   OP_sparse_fill, OP_sparse_take, OP_lookup,      OP_unstack,
    OP_stack, OP_unstack, OP_stack,       OP_iota,
};

/* Ops whose second argument must be whole numbers or ascending get such constants. */
static inline NodeId rng_special_arg(Rng *r, Graph *g, OpId op, int k, NodeId id) {
  const Node *n = graph_node(g, id);
  if ((op == OP_gather || op == OP_scatter_add) && k == 1) {
    id = graph_op1(g, OP_floor, graph_op2(g, OP_mul, id, graph_num(g, 1.5)));
  } else if (op == OP_lookup && k == 1) {
    Tensor *t = tensor_new(g->arena, shape_vec(1 + rng_below(r, 4)));
    for (int64_t j = 0; j < t->shape.n[0]; j++) t->data[j] = (double)j - 1.5;
    id = graph_const(g, t);
  } else if (op == OP_matmul || op == OP_sum || op == OP_prod || op == OP_convolve ||
             op == OP_mul) {
    if (n->shape.rank > 3) id = graph_num(g, 0.5);
  }
  return id;
}

/* Adds one node; NODE_NONE if the dice did not allow one. */
static inline NodeId rng_node(Rng *r, Graph *g, const NodeId *pool, int npool) {
  OpId op = rng_ops[rng_below(r, (int64_t)(sizeof rng_ops / sizeof rng_ops[0]))];
  int nin = op_table[op].arity >= 0 ? op_table[op].arity : 1 + (int)rng_below(r, 3);
  NodeId in[3] = {0};
  Shape shapes[3] = {SHAPE_SCALAR}, out;
  LoopSet loops = 0;
  for (int k = 0; k < nin; k++) {
    in[k] = rng_special_arg(r, g, op, k, pool[rng_below(r, npool)]);
    shapes[k] = graph_node(g, in[k])->shape;
    loops |= graph_node(g, in[k])->loops;
  }
  OpAttr attr = rng_attr(r, g->arena, op, shapes);
  if (op == OP_iota || op == OP_unstack || op == OP_stack) {
    attr.axis = (int32_t)rng_below(r, g->nloops);
    attr.i[0] = g->loops[attr.axis].extent;
    if (op == OP_unstack && loops >> attr.axis & 1) return NODE_NONE;
  }
  const char *why;
  if (!op_shape(op, &attr, shapes, nin, &out, g->arena, &why)) return NODE_NONE;
  if (out.rank > 4 || shape_count(out) > 100) return NODE_NONE;
  return graph_add(g, op, in, nin, &attr);
}

static inline GraphFn *rng_graph(Rng *r, Arena *a, int nodes) {
  enum { INPUTS = 5, OUTPUTS = 3, MOST = 200 };
  Graph *g = graph_new(a);
  NodeId pool[MOST];
  int npool = 0;
  static const char *const names[] = {"i", "j", "k"};
  for (int k = 0; k < 3; k++) graph_add_loop(g, names[k], 1 + rng_below(r, 4));
  GraphFn *f = graph_fn_new(a, g, INPUTS, OUTPUTS);
  for (int k = 0; k < INPUTS; k++)
    pool[npool++] = f->in[k] =
        graph_input(g, "x", rng_shape(r, (int)rng_below(r, 4)), (LoopSet)rng_below(r, 8));
  pool[npool++] = graph_num(g, rng_below(r, 2) ? 1 : 2);
  pool[npool++] = graph_const(g, rng_tensor(r, a, rng_shape(r, 2), -1, 1));
  for (int tries = 0; npool < nodes && npool < MOST && tries < 100 * nodes; tries++) {
    NodeId id = rng_node(r, g, pool, npool);
    if (id == NODE_NONE) continue;
    /* Keep magnitudes moderate, so that rounding is not blown up. */
    if (npool % 4 == 0 && !(op_table[graph_node(g, id)->op].flags & OP_NOGRAD))
      id = graph_op1(g, OP_tanh, id);
    pool[npool++] = id;
  }
  for (int k = 0; k < OUTPUTS; k++) f->out[k] = pool[npool - 1 - k];
  return f;
}

#endif
