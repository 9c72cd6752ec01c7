/* copy.c: what depends on what, and copies of parts of a graph. Node ids ascend from arguments to
   users, so one sweep over them is enough; nothing recurses. */
#include <assert.h>

#include "graph/attr.h"
#include "graph/graph.h"

uint8_t *graph_live(const Graph *g, const NodeId *outs, int nouts) {
  uint8_t *live = mem_alloc(g->nodes.n);
  for (int k = 0; k < nouts; k++) live[outs[k]] = 1;
  for (size_t id = g->nodes.n; id-- > 0;) {
    if (!live[id]) continue;
    const Node *n = &g->nodes.at[id];
    for (int k = 0; k < n->nin; k++) live[n->in[k]] = 1;
  }
  return live;
}

bool graph_depends(const Graph *g, NodeId on, const NodeId *outs, int nouts) {
  uint8_t *live = graph_live(g, outs, nouts);
  bool depends = live[on];
  mem_free(live);
  return depends;
}

LoopSet graph_map_loops(LoopSet loops, const int *loop_map) {
  if (!loop_map) return loops;
  LoopSet mapped = 0;
  for (int k = 0; k < GRAPH_MAX_LOOPS; k++)
    if (loops >> k & 1) mapped |= (LoopSet)1 << loop_map[k];
  return mapped;
}

NodeId graph_copy_node(Graph *to, const Node *n, const NodeId *map, const int *loop_map) {
  enum { FEW = 16 };
  NodeId few[FEW], *in = few;
  to->at = n->at;
  if (n->op == OP_input)
    return graph_input(to, n->name, n->shape, graph_map_loops(n->loops, loop_map));
  if (n->nin > FEW) in = mem_alloc(n->nin * sizeof *in);
  for (int k = 0; k < n->nin; k++) in[k] = map[n->in[k]];
  OpAttr attr = attr_clean(n->op, n->attr);
  if (loop_map && attr_reads_loop(n->op)) attr.axis = loop_map[attr.axis];
  NodeId id = graph_add(to, n->op, in, n->nin, n->attr ? &attr : NULL);
  if (in != few) mem_free(in);
  return id;
}

/* Nodes that are replaced do not need what they were made from. */
static uint8_t *needed(const Graph *from, const NodeId *map, const NodeId *outs, int nouts) {
  uint8_t *live = mem_alloc(from->nodes.n);
  for (int k = 0; k < nouts; k++) live[outs[k]] = 1;
  for (size_t id = from->nodes.n; id-- > 0;) {
    if (!live[id] || map[id] != NODE_NONE) continue;
    const Node *n = &from->nodes.at[id];
    for (int k = 0; k < n->nin; k++) live[n->in[k]] = 1;
  }
  return live;
}

void graph_copy(Graph *to, const Graph *from, const NodeId *map_in, const NodeId *map_to, int nmap,
                const int *loop_map, const NodeId *outs, NodeId *outs_to, int nouts) {
  size_t count = from->nodes.n;
  NodeId *map = mem_alloc(count * sizeof *map);
  for (size_t id = 0; id < count; id++) map[id] = NODE_NONE;
  for (int k = 0; k < nmap; k++) map[map_in[k]] = map_to[k];
  uint8_t *live = needed(from, map, outs, nouts);
  Where at = to->at;
  for (size_t id = 0; id < count; id++)
    if (live[id] && map[id] == NODE_NONE)
      map[id] = graph_copy_node(to, &from->nodes.at[id], map, loop_map);
  to->at = at;
  for (int k = 0; k < nouts; k++) outs_to[k] = map[outs[k]];
  mem_free(live);
  mem_free(map);
}
