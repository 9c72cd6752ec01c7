/* lower.h: what the files of pass_lower share. The new form of a node has the axes
   [loops of the old node, ascending; axes of its element]. */
#ifndef DYN_PASS_LOWER_H
#define DYN_PASS_LOWER_H

#include "pass/rebuild.h"

typedef struct Lower {
  const Graph *from;
  Graph *to;
  const Node *n;    /* the old node */
  const NodeId *in; /* the new forms of its arguments */
} Lower;

typedef NodeId LowerFn(const Lower *l);

LowerFn lower_matmul;                    /* lower_matmul.c */
LowerFn lower_gather, lower_scatter_add; /* lower_batch.c */
LowerFn lower_spmm, lower_sddmm, lower_solve, lower_lookup, lower_convolve, lower_random;
LowerFn lower_batched;

const Node *lower_arg(const Lower *l, int k);          /* the old argument */
Shape lower_loop_shape(const Graph *g, LoopSet loops); /* their extents */

static inline int lower_rank(LoopSet loops) {
  return __builtin_popcountll(loops);
}

/* The new form of argument k with a size of 1 for those of `loops` that it lacks, and its element
   filled up in front to `rank` axes; sizes of 1 in front of everything are left out if `trim`. */
NodeId lower_align(const Lower *l, int k, LoopSet loops, int rank, bool trim);
/* The same, repeated over the loops that it lacks; the element as it is. */
NodeId lower_full(const Lower *l, int k, LoopSet loops);
/* x is [loops in any order as listed, rest]: puts the loops in ascending order. */
NodeId lower_sort_axes(Graph *g, NodeId x, const int *labels, int nlabels);

#endif
