/* rebuild.h: what the passes share: making a function anew, node by node. */
#ifndef DYN_PASS_REBUILD_H
#define DYN_PASS_REBUILD_H

#include "graph/graph.h"

/* Makes the new form of a node of `from`; `in` are the new forms of its arguments. */
typedef struct Rebuild Rebuild;
typedef NodeId RebuildNode(const Rebuild *r, NodeId id, const NodeId *in);

struct Rebuild {
  const Graph *from;
  Graph *to;
  RebuildNode *make;
  const void *ctx; /* of make */
};

/* Calls make for each input, and for each node that the outputs need, in ascending order. */
GraphFn *rebuild(Arena *a, const GraphFn *f, const Rebuild *r);

void rebuild_copy_loops(Graph *to, const Graph *from);
RebuildNode rebuild_copy; /* the node as it is */

/* f in a new graph, simplified; the outputs keep their loops. */
GraphFn *rebuild_simplified(Arena *a, const GraphFn *f, bool fast);

#endif
