/* lower_pack.c: a product with a matrix that no input changes uses a packed copy of it, which the
   planner makes once. */
#include "pass/lower.h"

enum { LARGEST = 1 << 22 }; /* elements: beyond the caches every form waits for memory alike */

static bool varies(const Graph *g, NodeId id, const uint8_t *known) {
  const Node *n = graph_node(g, id);
  if (n->op == OP_input) return true;
  for (int k = 0; k < n->nin; k++)
    if (known[n->in[k]]) return true;
  return false;
}

/* A product of something that changes with something that does not. */
static bool packs(const Graph *g, const Node *n, const uint8_t *changes) {
  return n->op == OP_gemm &&
         !(n->attr->axis & (GEMM_A_BATCHED | GEMM_C_BATCHED | GEMM_A_TRANSPOSED)) &&
         changes[n->in[0]] && !changes[n->in[1]] &&
         shape_count(graph_node(g, n->in[1])->shape) <= LARGEST;
}

static NodeId pack_node(const Rebuild *r, NodeId id, const NodeId *in) {
  const Node *n = graph_node(r->from, id);
  if (!packs(r->from, n, r->ctx)) return rebuild_copy(r, id, in);
  int transposed = n->attr->axis & GEMM_C_TRANSPOSED;
  Shape c = graph_node(r->from, n->in[1])->shape;
  NodeId packed = graph_add(r->to, OP_pack, &in[1], 1, &(OpAttr){.axis = transposed});
  OpAttr attr = {.i = {c.n[transposed ? 1 : 0], c.n[transposed ? 0 : 1]}};
  return graph_add(r->to, OP_gemm_packed, (NodeId[]){in[0], packed}, 2, &attr);
}

GraphFn *lower_pack(Arena *a, GraphFn *f) {
  uint8_t *changes = mem_alloc(f->g->nodes.n); /* nodes that depend on an input */
  bool any = false;
  for (size_t id = 0; id < f->g->nodes.n; id++) {
    changes[id] = varies(f->g, (NodeId)id, changes);
    any |= packs(f->g, &f->g->nodes.at[id], changes);
  }
  Rebuild r = {f->g, any ? graph_new(a) : NULL, pack_node, changes};
  if (any) {
    f = rebuild(a, f, &r);
  } else {
    graph_compact(f);
  }
  mem_free(changes);
  return f;
}
