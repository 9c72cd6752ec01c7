/* jvp.c: forward derivatives. One sweep from arguments to users; a node's tangent follows from
   those of its arguments, by its row of elementwise.def, because the op is linear, or by
   jvp_<name>. */
#include <assert.h>

#include "pass/deriv.h"
#include "pass/pass.h"
#include "pass/rebuild.h"
#include "pass/rules.h"

/* Lowered forms are made after derivatives were taken. */
#define HAS_JVP(arity, flags) \
  ((arity) != 0 && !((flags) & (OP_LINEAR | OP_BILINEAR | OP_NOGRAD | OP_EAGER | OP_FUSED)))

static JvpFn *const jvps[OP_COUNT] = {
#define OP(name, arity, flags, dims, doc) [OP_##name] = HAS_JVP(arity, flags) ? jvp_##name : NULL,
#include "op/op.def"
#undef OP
};

static NodeId plus(Graph *g, NodeId a, NodeId b) {
  if (a == NODE_NONE) return b;
  return b == NODE_NONE ? a : rule_op2(g, OP_add, a, b);
}

static NodeId or_zero(Graph *g, NodeId x) {
  return x == NODE_NONE ? graph_num(g, 0) : x;
}

/* A branch that was not taken reaches no tangent, not even as NaN: no factor is multiplied here. */
static NodeId jvp_select(const Jvp *j) {
  if (j->dt[1] == NODE_NONE && j->dt[2] == NODE_NONE) return NODE_NONE;
  return rule_op3(j->g, OP_select, j->n->in[0], or_zero(j->g, j->dt[1]), or_zero(j->g, j->dt[2]));
}

static NodeId jvp_elementwise(const Jvp *j) {
  NodeId sum = NODE_NONE;
  if (j->n->op == OP_select) {
    sum = jvp_select(j);
  } else {
    for (int k = 0; k < j->n->nin; k++) {
      if (j->dt[k] == NODE_NONE) continue;
      NodeId p = deriv_partial(j->g, j->id, k);
      if (p != NODE_NONE) sum = plus(j->g, sum, deriv_times(j->g, p, j->dt[k]));
    }
  }
  return sum == NODE_NONE ? sum : rule_broadcast(j->g, sum, j->n->shape);
}

/* The op on the tangents, zeros where there is none. */
static NodeId jvp_linear(const Jvp *j) {
  NodeId *dt = mem_alloc(j->n->nin * sizeof *dt);
  for (int k = 0; k < j->n->nin; k++)
    dt[k] =
        j->dt[k] == NODE_NONE ? rule_zeros(j->g, graph_node(j->g, j->n->in[k])->shape) : j->dt[k];
  NodeId t = rule_add(j->g, j->n->op, dt, j->n->nin, j->n->attr, false);
  mem_free(dt);
  return t;
}

static NodeId jvp_bilinear(const Jvp *j) {
  NodeId sum = NODE_NONE;
  for (int k = 0; k < 2; k++) {
    if (j->dt[k] == NODE_NONE) continue;
    NodeId in[2] = {j->n->in[0], j->n->in[1]};
    in[k] = j->dt[k];
    sum = plus(j->g, sum, rule_add(j->g, j->n->op, in, 2, j->n->attr, false));
  }
  return sum;
}

static NodeId tangent_of(const Jvp *j) {
  unsigned flags = op_table[j->n->op].flags;
  assert(!(flags & OP_EAGER));
  if (flags & OP_NOGRAD) return NODE_NONE;
  if (flags & OP_ELEMENTWISE) return jvp_elementwise(j);
  if (flags & OP_LINEAR) return jvp_linear(j);
  if (flags & OP_BILINEAR) return jvp_bilinear(j);
  return jvps[j->n->op](j);
}

void graph_jvp(Graph *g, const NodeId *nodes, const NodeId *tangents, int n, const NodeId *outs,
               NodeId *douts, int nouts) {
  size_t count = g->nodes.n, most = 1;
  Where at = g->at;
  uint8_t *live = graph_live(g, outs, nouts);
  NodeId *all = mem_alloc(count * sizeof *all);
  for (size_t id = 0; id < count; id++) {
    all[id] = NODE_NONE;
    if (g->nodes.at[id].nin > most) most = g->nodes.at[id].nin;
  }
  NodeId *dt = mem_alloc(most * sizeof *dt);
  for (int k = 0; k < n; k++) all[nodes[k]] = tangents[k];
  for (size_t id = 0; id < count; id++) {
    const Node *node = graph_node(g, (NodeId)id);
    bool moves = false;
    for (int k = 0; k < node->nin; k++) moves |= (dt[k] = all[node->in[k]]) != NODE_NONE;
    if (!live[id] || !moves || all[id] != NODE_NONE) continue;
    g->at = node->at;
    all[id] = tangent_of(&(Jvp){g, (NodeId)id, node, dt});
  }
  for (int k = 0; k < nouts; k++) douts[k] = all[outs[k]];
  g->at = at;
  mem_free(dt);
  mem_free(all);
  mem_free(live);
}

GraphFn *pass_jvp(Arena *a, const GraphFn *f, const bool *wrt) {
  GraphFn *s = rebuild_simplified(a, f, false);
  Graph *g = s->g;
  int nwrt = 0;
  for (int k = 0; k < s->nin; k++) nwrt += wrt[k];
  GraphFn *to = graph_fn_new(a, g, s->nin + nwrt, 2 * s->nout);
  NodeId *nodes = mem_alloc((size_t)nwrt * sizeof *nodes);
  for (int k = 0, m = 0; k < s->nin; k++) {
    to->in[k] = s->in[k];
    if (!wrt[k]) continue;
    const Node *n = graph_node(g, s->in[k]);
    nodes[m] = s->in[k];
    to->in[s->nin + m++] = graph_input(g, arena_printf(a, "d%s", n->name), n->shape, n->loops);
  }
  NodeId *douts = to->out + s->nout;
  graph_jvp(g, nodes, to->in + s->nin, nwrt, s->out, douts, s->nout);
  for (int k = 0; k < s->nout; k++) {
    const Node *n = graph_node(g, s->out[k]);
    to->out[k] = s->out[k];
    if (douts[k] == NODE_NONE) douts[k] = rule_zeros(g, n->shape);
    douts[k] = graph_spread(g, douts[k], n->loops);
  }
  mem_free(nodes);
  graph_compact(to);
  return to;
}
