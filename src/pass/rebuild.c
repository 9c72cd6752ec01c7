/* rebuild.c: see rebuild.h. */
#include "pass/rebuild.h"

#include <assert.h>

#include "pass/rules.h"

void rebuild_copy_loops(Graph *to, const Graph *from) {
  for (int k = 0; k < from->nloops; k++)
    graph_add_loop(to, from->loops[k].name, from->loops[k].extent);
}

GraphFn *rebuild(Arena *a, const GraphFn *f, const Rebuild *r) {
  size_t count = f->g->nodes.n, most = 1;
  uint8_t *live = graph_live(f->g, f->out, f->nout);
  graph_reserve(r->to, count);
  for (int k = 0; k < f->nin; k++) live[f->in[k]] = 1;
  for (size_t id = 0; id < count; id++)
    if (f->g->nodes.at[id].nin > most) most = f->g->nodes.at[id].nin;
  NodeId *map = mem_alloc(count * sizeof *map), *in = mem_alloc(most * sizeof *in);
  for (size_t id = 0; id < count; id++) {
    const Node *n = &f->g->nodes.at[id];
    if (!live[id]) continue;
    for (int k = 0; k < n->nin; k++) in[k] = map[n->in[k]];
    r->to->at = n->at;
    map[id] = r->make(r, (NodeId)id, in);
  }
  GraphFn *made = graph_fn_new(a, r->to, f->nin, f->nout);
  for (int k = 0; k < f->nin; k++) made->in[k] = map[f->in[k]];
  for (int k = 0; k < f->nout; k++) made->out[k] = map[f->out[k]];
  r->to->at = (Where){0};
  mem_free(in);
  mem_free(map);
  mem_free(live);
  return made;
}

NodeId rebuild_copy(const Rebuild *r, NodeId id, const NodeId *in) {
  const Node *n = graph_node(r->from, id);
  if (n->op == OP_input) return graph_input(r->to, n->name, n->shape, n->loops);
  return graph_add(r->to, n->op, in, n->nin, n->attr);
}

static NodeId simplify_node(const Rebuild *r, NodeId id, const NodeId *in) {
  const Node *n = graph_node(r->from, id);
  if (n->op == OP_input) return rebuild_copy(r, id, in);
  const bool *fast = r->ctx;
  return rule_add(r->to, n->op, in, n->nin, n->attr, *fast);
}

GraphFn *rebuild_simplified(Arena *a, const GraphFn *f, bool fast) {
  Rebuild simplify = {f->g, graph_new(a), simplify_node, &fast};
  rebuild_copy_loops(simplify.to, f->g);
  GraphFn *s = rebuild(a, f, &simplify);
  for (int k = 0; k < s->nout; k++) {
    const Node *was = graph_node(f->g, f->out[k]);
    s->out[k] = graph_spread(s->g, s->out[k], was->loops);
    assert(shape_equal(graph_node(s->g, s->out[k])->shape, was->shape));
  }
  graph_compact(s); /* rules leave behind what they replaced */
  return s;
}
