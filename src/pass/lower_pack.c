/* lower_pack.c: a product with a matrix that stays uses a packed copy of it, which the planner
   makes once, or of an input that is held, whenever a run or a scan begins. */
#include "pass/lower.h"
#include "pass/pass.h"

enum { LARGEST = 1 << 22 }; /* elements: beyond the caches every form waits for memory alike */

/* What a node depends on. */
typedef enum Change {
  CHANGE_NEVER,
  CHANGE_ALWAYS,
  CHANGE_HELD /* an input that is held, itself */
} Change;

static Change change_of(const Graph *g, NodeId id, const uint8_t *known) {
  const Node *n = graph_node(g, id);
  if (n->op == OP_input) return known[id] == CHANGE_HELD ? CHANGE_HELD : CHANGE_ALWAYS;
  for (int k = 0; k < n->nin; k++)
    if (known[n->in[k]] != CHANGE_NEVER) return CHANGE_ALWAYS;
  return CHANGE_NEVER;
}

/* A product of something that changes with something that does not. */
static bool packs(const Graph *g, const Node *n, const uint8_t *changes) {
  return n->op == OP_gemm &&
         !(n->attr->axis & (GEMM_A_BATCHED | GEMM_C_BATCHED | GEMM_A_TRANSPOSED)) &&
         changes[n->in[0]] != CHANGE_NEVER && changes[n->in[1]] != CHANGE_ALWAYS &&
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

GraphFn *pass_pack(Arena *a, GraphFn *f, const bool *held) {
  uint8_t *changes = mem_alloc(f->g->nodes.n); /* a Change of each node */
  bool any = false;
  for (int k = 0; held && k < f->nin; k++)
    if (held[k]) changes[f->in[k]] = CHANGE_HELD;
  for (size_t id = 0; id < f->g->nodes.n; id++) {
    changes[id] = (uint8_t)change_of(f->g, (NodeId)id, changes);
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
