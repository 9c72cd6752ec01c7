/* pass.h: graph to graph. Every pass makes a new graph and leaves its argument alone; graph_verify
   holds before and after. */
#ifndef DYN_PASS_PASS_H
#define DYN_PASS_PASS_H

#include "graph/graph.h"

/* Algebra that keeps values (x * 1, x^2, transposes, folding of scalars, dead nodes). With `fast`,
   also division by a constant becomes multiplication by its reciprocal, and constant factors are
   joined (a rounding more or less): used for the vector fields of networks, never for the values of
   expressions. */
GraphFn *pass_simplify(Arena *a, const GraphFn *f, bool fast);

/* Multiply-add forms and the fused kernels of the executor (sigmoid, a / (c ± exp(b))). */
GraphFn *pass_fuse(Arena *a, const GraphFn *f);

/* Adds an outermost loop of the given extent: the inputs marked in `batched` have it as a loop, the
   outputs that depend on them too. The new loop is number 0; others move up by one. With `lead`,
   batched inputs and all outputs have it as leading element axis instead. */
GraphFn *pass_batch(Arena *a, const GraphFn *f, const char *name, int64_t extent,
                    const bool *batched, bool lead);

/* Forward derivative: inputs of the result are those of f, then one tangent for each input i with
   wrt[i]; outputs are those of f, then the tangent of each output (zeros where it depends on none).
 */
GraphFn *pass_jvp(Arena *a, const GraphFn *f, const bool *wrt);

/* Tangents of `outs` in the same graph, given tangents of some nodes: dout[i] is NODE_NONE where
   the tangent is zero. Tangents may have loops of their own (the columns of a Jacobian), which
   spread to what depends on them; a loop along which a tangent does not change may be missing from
   it. */
void graph_jvp(Graph *g, const NodeId *nodes, const NodeId *tangents, int n, const NodeId *outs,
               NodeId *douts, int nouts);

/* Reverse derivative: inputs are those of f, then one cotangent for each output; outputs are those
   of f, then the cotangent of each input i with wrt[i]. */
GraphFn *pass_vjp(Arena *a, const GraphFn *f, const bool *wrt);
/* The cotangents of `wrt` in the same graph (NODE_NONE: zero), given those of `outs`, which may
   have loops of their own. What lies behind a node of `wrt` counts as fixed. */
void graph_vjp(Graph *g, const NodeId *outs, const NodeId *cots, int nouts, const NodeId *wrt,
               NodeId *dwrt, int nwrt);

/* Loops become leading axes, in their order; every op then has explicit axes. After this the graph
   has no iota, stack or unstack and no loops; matmul becomes gemm forms. */
GraphFn *pass_lower(Arena *a, const GraphFn *f);

/* Of a lowered function: products with a matrix that stays use a packed copy of it. Inputs that are
   `held` (NULL: none) stay for a whole run or scan. pass_lower ends with it, none held. */
GraphFn *pass_pack(Arena *a, GraphFn *f, const bool *held);

/* Takes small arrays apart: a lowered function of the same inputs, whose outputs are all elements
   of those of f, one after the other, each a number of its own. NULL: f is too large or has ops
   that are more than elementwise or a rearrangement. */
GraphFn *pass_scalars(Arena *a, const GraphFn *f);

typedef struct PassRow {
  const char *name;
  GraphFn *(*run)(Arena *a, const GraphFn *f);
  const char *doc;
} PassRow;
extern const PassRow pass_table[]; /* those that need no argument, by name, for tests; NULL ends */

#endif
