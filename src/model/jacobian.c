/* jacobian.c: the Jacobian of a system as nodes of a graph: forward derivatives along unit vectors,
   for each state by itself, so that a state that is one number needs no loop, and a product with a
   matrix becomes its columns. */
#include "graph/graph.h"
#include "model/system.h"
#include "pass/pass.h"

static int64_t extent_of(const System *s, size_t i) {
  return shape_count(s->states.at[i].q.shape);
}

int *system_jacobian_loops(Arena *a, Graph *g, const System *s) {
  int *loops = ARENA_ARRAY(a, int, s->states.n);
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = extent_of(s, i);
    loops[i] = -1;
    for (size_t k = 0; k < i && n > 1; k++)
      if (extent_of(s, k) == n) loops[i] = loops[k];
    if (n > 1 && loops[i] < 0) loops[i] = graph_add_loop(g, "direction", n);
  }
  return loops;
}

static NodeId unit_vector(Arena *a, Graph *g, Shape shape, int loop) {
  if (loop < 0) return graph_broadcast(g, graph_num(g, 1), shape);
  int64_t n = shape_count(shape);
  Tensor *places = tensor_new(a, shape_vec(n));
  for (int64_t i = 0; i < n; i++) places->data[i] = (double)i;
  NodeId unit = graph_op2(g, OP_eq, graph_iota(g, loop), graph_const(g, places));
  return graph_reshape(g, unit, shape);
}

/* The derivatives of all of f by state i: [n_i, D]. */
static NodeId rows_of(Arena *a, Graph *g, const System *s, size_t i, int loop, NodeId x,
                      const NodeId *f) {
  size_t n = s->states.n;
  NodeId *d = ARENA_ARRAY(a, NodeId, n), unit = unit_vector(a, g, s->states.at[i].q.shape, loop);
  graph_jvp(g, &x, &unit, 1, f, d, (int)n);
  for (size_t k = 0; k < n; k++) {
    Shape flat = shape_vec(extent_of(s, k));
    d[k] = d[k] == NODE_NONE ? graph_broadcast(g, graph_num(g, 0), flat)
                             : graph_reshape(g, d[k], flat);
  }
  NodeId row = n == 1 ? d[0] : graph_add(g, OP_concat, d, (int)n, &(OpAttr){.axis = 0});
  return loop < 0 ? graph_reshape(g, row, shape_mat(1, s->dim)) : graph_stack(g, row, loop);
}

NodeId system_derivatives(Arena *a, Graph *g, const System *s, const int *loops, const NodeId *x,
                          const NodeId *f) {
  size_t n = s->states.n;
  NodeId *rows = ARENA_ARRAY(a, NodeId, n);
  for (size_t i = 0; i < n; i++) rows[i] = rows_of(a, g, s, i, loops[i], x[i], f);
  return n == 1 ? rows[0] : graph_add(g, OP_concat, rows, (int)n, &(OpAttr){.axis = 0});
}

NodeId system_jacobian(Arena *a, Graph *g, const System *s, const int *loops, const NodeId *x,
                       const NodeId *f) {
  NodeId all = system_derivatives(a, g, s, loops, x, f);
  return graph_add(g, OP_transpose, &all, 1, &(OpAttr){.n = 2, .i = {1, 0}});
}
