/* build.c: builders for what C code writes often. */
#include <string.h>

#include "graph/graph.h"

NodeId graph_op1(Graph *g, OpId op, NodeId a) {
  return graph_add(g, op, &a, 1, NULL);
}

NodeId graph_op2(Graph *g, OpId op, NodeId a, NodeId b) {
  return graph_add(g, op, (NodeId[]){a, b}, 2, NULL);
}

NodeId graph_op3(Graph *g, OpId op, NodeId a, NodeId b, NodeId c) {
  return graph_add(g, op, (NodeId[]){a, b, c}, 3, NULL);
}

NodeId graph_iota(Graph *g, int loop) {
  return graph_add(g, OP_iota, NULL, 0, &(OpAttr){.axis = loop});
}

NodeId graph_unstack(Graph *g, NodeId x, int loop) {
  return graph_add(g, OP_unstack, &x, 1, &(OpAttr){.axis = loop});
}

NodeId graph_stack(Graph *g, NodeId x, int loop) {
  return graph_add(g, OP_stack, &x, 1, &(OpAttr){.axis = loop});
}

static NodeId with_shape(Graph *g, OpId op, NodeId x, Shape s) {
  if (shape_equal(graph_node(g, x)->shape, s)) return x;
  OpAttr attr = {.n = s.rank};
  memcpy(attr.i, s.n, (size_t)s.rank * sizeof s.n[0]);
  return graph_add(g, op, &x, 1, &attr);
}

NodeId graph_broadcast(Graph *g, NodeId x, Shape s) {
  return with_shape(g, OP_broadcast, x, s);
}

NodeId graph_reshape(Graph *g, NodeId x, Shape s) {
  return with_shape(g, OP_reshape, x, s);
}

NodeId graph_spread(Graph *g, NodeId x, LoopSet loops) {
  LoopSet missing = loops & ~graph_node(g, x)->loops;
  for (int k = 0; k < g->nloops; k++)
    if (missing >> k & 1) x = graph_unstack(g, graph_stack(g, x, k), k);
  return x;
}

GraphFn *graph_fn_new(Arena *a, Graph *g, int nin, int nout) {
  GraphFn *f = ARENA_NEW(a, GraphFn);
  *f = (GraphFn){g, ARENA_ARRAY(a, NodeId, nin), nin, ARENA_ARRAY(a, NodeId, nout), nout};
  return f;
}
