/* lower_pack.c: a product with a matrix that no input changes uses a packed copy of it, which the
   planner makes once. */
#include "pass/lower.h"

enum {
  GEMM_BATCHED = 3,
  GEMM_A_TRANSPOSED = 4,
  GEMM_C_TRANSPOSED = 8,
  LARGEST = 1 << 22 /* elements: beyond the caches every form waits for memory alike */
};

static bool varies(const Graph *g, NodeId id, const uint8_t *known) {
  const Node *n = graph_node(g, id);
  if (n->op == OP_input) return true;
  for (int k = 0; k < n->nin; k++)
    if (known[n->in[k]]) return true;
  return false;
}

static NodeId pack_node(const Rebuild *r, NodeId id, const NodeId *in) {
  const uint8_t *changes = r->ctx; /* nodes of the old graph that depend on an input */
  const Node *n = graph_node(r->from, id);
  if (n->op != OP_gemm || n->attr->axis & (GEMM_BATCHED | GEMM_A_TRANSPOSED) || changes[n->in[1]] ||
      !changes[n->in[0]])
    return rebuild_copy(r, id, in);
  int transposed = n->attr->axis & GEMM_C_TRANSPOSED;
  Shape c = graph_node(r->from, n->in[1])->shape;
  if (shape_count(c) > LARGEST) return rebuild_copy(r, id, in);
  NodeId packed = graph_add(r->to, OP_pack, &in[1], 1, &(OpAttr){.axis = transposed});
  OpAttr attr = {.i = {c.n[transposed ? 1 : 0], c.n[transposed ? 0 : 1]}};
  return graph_add(r->to, OP_gemm_packed, (NodeId[]){in[0], packed}, 2, &attr);
}

GraphFn *lower_pack(Arena *a, const GraphFn *f) {
  uint8_t *changes = mem_alloc(f->g->nodes.n);
  for (size_t id = 0; id < f->g->nodes.n; id++) changes[id] = varies(f->g, (NodeId)id, changes);
  Rebuild r = {f->g, graph_new(a), pack_node, changes};
  GraphFn *packed = rebuild(a, f, &r);
  mem_free(changes);
  return packed;
}
