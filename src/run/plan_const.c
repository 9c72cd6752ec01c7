/* plan_const.c: what depends on no input is computed when planning, with the kernels of single ops.
 */
#include <string.h>

#include "run/plan.h"

/* Packed matrices are made by the units that use them, from the dense value that they pack. */
NodeId plan_unpacked(const Plan *p, NodeId pack) {
  NodeId matrix = plan_node(p, pack)->in[0];
  return p->nodes[matrix].dense ? p->nodes[matrix].root : matrix;
}

enum { NEEDED = 1, KEPT = 2 }; /* kept: read by a unit or an output */

static void mark_root(const Plan *p, NodeId root, uint8_t *mark) {
  if (p->nodes[root].varies) return;
  mark[plan_node(p, root)->op == OP_pack ? plan_unpacked(p, root) : root] = NEEDED | KEPT;
}

static void mark_needed(const Plan *p, uint8_t *mark) {
  for (int i = 0; i < p->norder; i++) {
    const Node *node = plan_node(p, p->order[i]);
    for (int k = 0; k < node->nin; k++) mark_root(p, p->nodes[node->in[k]].root, mark);
  }
  for (int k = 0; k < p->f->nout; k++) mark_root(p, p->nodes[p->f->out[k]].root, mark);
  for (NodeId id = (NodeId)p->g->nodes.n; id-- > 0;) {
    const Node *node = plan_node(p, id);
    for (int k = 0; mark[id] && k < node->nin; k++) mark[node->in[k]] |= NEEDED;
  }
}

static Status compute(Plan *p, Arena *a, NodeId id) {
  const Node *node = plan_node(p, id);
  const Tensor **in = arena_array(a, (size_t)node->nin + 1, sizeof *in);
  for (int k = 0; k < node->nin; k++) in[k] = p->value[node->in[k]];
  return run_op(a, node->op, node->attr, in, node->nin, &p->value[id]);
}

void plan_constants(Plan *p) {
  Arena *scratch = arena_new();
  uint8_t *mark = mem_alloc(p->g->nodes.n + 1);
  mark_needed(p, mark);
  p->value = ARENA_ARRAY(p->arena, Tensor *, p->g->nodes.n + 1);
  for (NodeId id = 0; id < p->g->nodes.n && p->p->failed.code == STATUS_OK; id++) {
    const Node *node = plan_node(p, id);
    if (!mark[id]) continue;
    if (node->op == OP_const)
      p->value[id] = (Tensor *)(uintptr_t)node->attr->p;
    else
      p->p->failed = compute(p, mark[id] & KEPT ? p->arena : scratch, id);
  }
  for (NodeId id = 0; id < p->g->nodes.n; id++)
    if (!(mark[id] & KEPT)) p->value[id] = NULL;
  mem_free(mark);
  arena_free(scratch);
}
