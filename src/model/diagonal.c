/* diagonal.c: how each element of an expression changes with the same element of a variable, along
   elementwise operations only. Whatever mixes elements (products, sums, gathers) counts as
   constant. */
#include "model/system.h"
#include "pass/pass.h"

static bool keeps_elements(OpId op) {
  if (op_table[op].flags & OP_ELEMENTWISE) return true;
  return op == OP_stack || op == OP_unstack || op == OP_broadcast || op == OP_reshape;
}

/* Marks what depends on x along elementwise operations, x itself included. */
static uint8_t *reached_from(Arena *a, const Graph *g, NodeId x, NodeId last) {
  uint8_t *mark = arena_alloc(a, (size_t)last + 1);
  mark[x] = 1;
  for (NodeId i = x + 1; i <= last; i++) {
    const Node *n = graph_node(g, i);
    for (int k = 0; k < n->nin && !mark[i]; k++) mark[i] = mark[n->in[k]] && keeps_elements(n->op);
  }
  return mark;
}

/* Nodes off the path that nodes on it use: inputs of the copy that is differentiated. */
static int border_of(const Graph *g, const uint8_t *mark, NodeId last, NodeId *border) {
  int n = 0;
  for (NodeId i = 0; i <= last; i++) {
    if (!mark[i]) continue;
    const Node *node = graph_node(g, i);
    for (int k = 0; k < node->nin; k++) {
      bool known = mark[node->in[k]];
      for (int j = 0; j < n && !known; j++) known = border[j] == node->in[k];
      if (!known) border[n++] = node->in[k];
    }
  }
  return n;
}

static GraphFn *path_fn(Arena *a, const Graph *g, const NodeId *border, int n, NodeId f) {
  GraphFn *fn = ARENA_NEW(a, GraphFn);
  Graph *copy = graph_new(a);
  for (int k = 0; k < g->nloops; k++) graph_add_loop(copy, g->loops[k].name, g->loops[k].extent);
  *fn = (GraphFn){copy, ARENA_ARRAY(a, NodeId, n), n, ARENA_ARRAY(a, NodeId, 1), 1};
  for (int i = 0; i < n; i++) {
    const Node *x = graph_node(g, border[i]);
    double k;
    fn->in[i] = graph_is_num(g, border[i], &k) ? graph_num(copy, k)
                                               : graph_input(copy, "part", x->shape, x->loops);
  }
  graph_copy(copy, g, border, fn->in, n, NULL, &f, fn->out, 1);
  return fn;
}

NodeId system_diagonal(Arena *a, Graph *g, NodeId x, NodeId f) {
  Arena *scratch = arena_new();
  NodeId last = f > x ? f : x;
  const uint8_t *mark = reached_from(scratch, g, x, last);
  NodeId result = NODE_NONE;
  if (mark[f]) {
    size_t room = 1;
    for (NodeId i = 0; i <= last; i++) room += graph_node(g, i)->nin;
    NodeId *border = ARENA_ARRAY(scratch, NodeId, room + 1);
    border[0] = x;
    int n = 1 + border_of(g, mark, last, border + 1);
    GraphFn *path = path_fn(a, g, border, n, f);
    NodeId ones = graph_broadcast(path->g, graph_num(path->g, 1), graph_node(g, x)->shape);
    NodeId slope;
    graph_jvp(path->g, path->in, &ones, 1, path->out, &slope, 1);
    if (slope != NODE_NONE) graph_copy(g, path->g, path->in, border, n, NULL, &slope, &result, 1);
  }
  arena_free(scratch);
  return result;
}
