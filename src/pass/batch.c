/* batch.c: one more loop outside of all others. Which nodes depend on it follows by itself when the
   graph is built again. */
#include "pass/pass.h"

/* The input of the batched function that stands for input k, and what f sees of it. */
static NodeId batched_input(GraphFn *to, const GraphFn *f, int k, bool batched, bool lead,
                            const int *loop_map) {
  const Node *n = graph_node(f->g, f->in[k]);
  LoopSet loops = graph_map_loops(n->loops, loop_map);
  Shape s = n->shape;
  to->g->at = n->at;
  if (batched && lead) {
    s = shape_concat(shape_vec(to->g->loops[0].extent), s);
    to->in[k] = graph_input(to->g, n->name, s, loops);
    return graph_unstack(to->g, to->in[k], 0);
  }
  to->in[k] = graph_input(to->g, n->name, s, batched ? loops | 1 : loops);
  return to->in[k];
}

GraphFn *pass_batch(Arena *a, const GraphFn *f, const char *name, int64_t extent,
                    const bool *batched, bool lead) {
  int loop_map[GRAPH_MAX_LOOPS];
  GraphFn *to = graph_fn_new(a, graph_new(a), f->nin, f->nout);
  NodeId *seen = mem_alloc((size_t)f->nin * sizeof *seen);
  graph_add_loop(to->g, name, extent);
  for (int k = 0; k < f->g->nloops; k++)
    loop_map[k] = graph_add_loop(to->g, f->g->loops[k].name, f->g->loops[k].extent);
  for (int k = 0; k < f->nin; k++) seen[k] = batched_input(to, f, k, batched[k], lead, loop_map);
  graph_copy(to->g, f->g, f->in, seen, f->nin, loop_map, f->out, to->out, f->nout);
  for (int k = 0; k < f->nout && lead; k++) to->out[k] = graph_stack(to->g, to->out[k], 0);
  to->g->at = (Where){0};
  mem_free(seen);
  return to;
}
