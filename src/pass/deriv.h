/* deriv.h: what forward and reverse derivatives share. */
#ifndef DYN_PASS_DERIV_H
#define DYN_PASS_DERIV_H

#include "graph/graph.h"

/* The derivative of elementwise node `id` to its argument k, from its row of elementwise.def;
   NODE_NONE where it is zero everywhere. */
NodeId deriv_partial(Graph *g, NodeId id, int k);

/* partial times x: a mask of zeros and ones chooses instead, so that 0 times inf is 0. */
NodeId deriv_times(Graph *g, NodeId p, NodeId x);

/* One node of a forward derivative: n = graph_node(g, id), dt[k] the tangent of argument k or
   NODE_NONE. Functions give the tangent of the node, of its shape, or NODE_NONE. */
typedef struct Jvp {
  Graph *g;
  NodeId id;
  const Node *n;
  const NodeId *dt;
} Jvp;

/* One step of a reverse derivative: `cot` is the cotangent of node n, of its shape. Functions call
   vjp_give for each argument k that vjp_wants. */
typedef struct Vjp {
  Graph *g;
  NodeId id;
  const Node *n;
  NodeId cot;
  NodeId *cots;           /* of all nodes, so far; NODE_NONE: zero */
  const uint8_t *active;  /* nodes that depend on what the derivative is to */
  const uint8_t *guarded; /* nodes that a branch of a select needs: see vjp_times */
  LoopSet extra;          /* loops of the cotangents themselves */
} Vjp;

bool vjp_wants(const Vjp *v, int k);
NodeId vjp_arg(const Vjp *v, int k);
Shape vjp_shape(const Vjp *v, int k);
/* Adds x to the cotangent of argument k, summed over what that was repeated along: axes that were
   broadcast, and those of `loops` that it lacks. */
void vjp_give(const Vjp *v, int k, NodeId x);
void vjp_give_over(const Vjp *v, int k, NodeId x, LoopSet loops);
/* The loops over which a contribution to argument k must be summed. */
LoopSet vjp_summed(const Vjp *v, int k);
NodeId vjp_sum_loop(const Vjp *v, NodeId x, int loop);

/* p times x. Below a select, where x may be zero because the branch was not taken, p may be
   infinite or NaN: there 0 times anything is 0. */
NodeId vjp_times(const Vjp *v, NodeId x, NodeId p);
/* A factor of a product of arrays, likewise made harmless. */
NodeId vjp_factor(const Vjp *v, int k);

/* Small builders. */
NodeId deriv_expand(Graph *g, NodeId x, int axis, Shape whole); /* repeats x along a lost axis */
NodeId deriv_along(Graph *g, NodeId index, int axis,
                   Shape whole);            /* is it the place, along axis? */
NodeId deriv_triangle(Graph *g, int64_t n); /* 1 below the diagonal, 1/2 on it, 0 above */
/* The flat places in x, its axis last, of the indices that sort x; x as one vector, axis last. */
NodeId deriv_sort_places(Graph *g, NodeId x, int axis);
NodeId deriv_flat(Graph *g, NodeId x, int axis);
NodeId deriv_unflat(Graph *g, NodeId flat, int axis, Shape whole);
NodeId deriv_inverse_transpose(Graph *g, NodeId a);
/* All products of the others than element i along the axis, with element i replaced by x_i. */
NodeId deriv_prod_replaced(Graph *g, NodeId x, int axis, NodeId by);

typedef NodeId JvpFn(const Jvp *j);
typedef void VjpFn(const Vjp *v);
#define OP(name, arity, flags, dims, doc) \
  JvpFn jvp_##name;                       \
  VjpFn vjp_##name;
#include "op/op.def"
#undef OP

#endif
