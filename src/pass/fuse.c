/* fuse.c: what one kernel computes better than several. Values are those of the separate ops: the
   fused kernels round twice. Fused are, where nothing else uses the inner result and it has the
   shape of the outer one, a * b + c, a * b - c, c - a * b     and     a / (c + exp(b)), a / (c -
   exp(b)). */
#include "pass/pass.h"
#include "pass/rebuild.h"
#include "pass/rules.h"

/* Argument k of node n of the old graph, if it is made by `op`, has no other user and the shape of
   n; else NULL. */
static const Node *inner(const Rebuild *r, const Node *n, int k, OpId op) {
  const uint32_t *uses = r->ctx; /* of each node of the old graph */
  const Node *m = graph_node(r->from, n->in[k]);
  bool fits =
      m->op == op && uses[n->in[k]] == 1 && shape_equal(m->shape, n->shape) && m->loops == n->loops;
  return fits ? m : NULL;
}

/* The factors of a product that argument k is, in the new graph: `in` are the new arguments. */
static bool factors(const Rebuild *r, const Node *n, int k, const NodeId *in, NodeId *a,
                    NodeId *b) {
  if (!inner(r, n, k, OP_mul) && !inner(r, n, k, OP_square)) return false;
  const Node *product = graph_node(r->to, in[k]);
  *a = product->in[0];
  *b = product->in[product->nin - 1];
  return true;
}

static NodeId fuse_add(const Rebuild *r, const Node *n, const NodeId *in) {
  NodeId a, b;
  for (int k = 0; k < 2; k++)
    if (factors(r, n, k, in, &a, &b)) return graph_op3(r->to, OP_muladd, a, b, in[1 - k]);
  return NODE_NONE;
}

static NodeId fuse_sub(const Rebuild *r, const Node *n, const NodeId *in) {
  NodeId a, b;
  if (factors(r, n, 0, in, &a, &b)) return graph_op3(r->to, OP_mulsub, a, b, in[1]);
  if (factors(r, n, 1, in, &a, &b)) return graph_op3(r->to, OP_submul, a, b, in[0]);
  return NODE_NONE;
}

/* a / (c + exp(b)), a / (c - exp(b)), and a / (exp(b) - c) as -a / (c - exp(b)). */
static NodeId fuse_div(const Rebuild *r, const Node *n, const NodeId *in) {
  const Node *add = inner(r, n, 1, OP_add), *sub = inner(r, n, 1, OP_sub);
  const Node *sum = add ? add : sub;
  if (!sum || graph_node(r->to, in[1])->op != sum->op) return NODE_NONE; /* fused otherwise */
  for (int k = 0; k < 2; k++) {
    if (!inner(r, sum, k, OP_exp)) continue;
    const Node *made = graph_node(r->to, in[1]);
    NodeId b = graph_node(r->to, made->in[k])->in[0], c = made->in[1 - k];
    NodeId a = sub && k == 0 ? rule_op1(r->to, OP_neg, in[0]) : in[0];
    return graph_op3(r->to, add ? OP_div_add_exp : OP_div_sub_exp, a, b, c);
  }
  return NODE_NONE;
}

static NodeId fuse_node(const Rebuild *r, NodeId id, const NodeId *in) {
  const Node *n = graph_node(r->from, id);
  NodeId fused = NODE_NONE;
  if (n->op == OP_add) fused = fuse_add(r, n, in);
  if (n->op == OP_sub) fused = fuse_sub(r, n, in);
  if (n->op == OP_div) fused = fuse_div(r, n, in);
  return fused == NODE_NONE ? rebuild_copy(r, id, in) : fused;
}

GraphFn *pass_fuse(Arena *a, const GraphFn *f) {
  size_t count = f->g->nodes.n;
  uint8_t *live = graph_live(f->g, f->out, f->nout);
  uint32_t *uses = mem_alloc(count * sizeof *uses);
  for (size_t id = 0; id < count; id++)
    for (int k = 0; live[id] && k < f->g->nodes.at[id].nin; k++) uses[f->g->nodes.at[id].in[k]]++;
  for (int k = 0; k < f->nout; k++) uses[f->out[k]]++;
  Rebuild r = {f->g, graph_new(a), fuse_node, uses};
  rebuild_copy_loops(r.to, f->g);
  GraphFn *fused = rebuild(a, f, &r);
  mem_free(uses);
  mem_free(live);
  graph_compact(fused);
  return fused;
}
