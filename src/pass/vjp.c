/* vjp.c: reverse derivatives. One sweep from users to arguments; each node hands its cotangent on
   to its arguments, by its row of elementwise.def or by vjp_<name>. What was repeated forward,
   along broadcast axes or loops, is summed in reverse. */
#include <assert.h>

#include "pass/deriv.h"
#include "pass/pass.h"
#include "pass/rebuild.h"
#include "pass/rules.h"

#define HAS_VJP(arity, flags) ((arity) != 0 && !((flags) & (OP_NOGRAD | OP_EAGER | OP_FUSED)))

static VjpFn *const vjps[OP_COUNT] = {
#define OP(name, arity, flags, dims, doc) [OP_##name] = HAS_VJP(arity, flags) ? vjp_##name : NULL,
#include "op/op.def"
#undef OP
};

/* ---- handing on
 * ----------------------------------------------------------------------------------- */

bool vjp_wants(const Vjp *v, int k) {
  return v->active[v->n->in[k]];
}

NodeId vjp_arg(const Vjp *v, int k) {
  return v->n->in[k];
}

Shape vjp_shape(const Vjp *v, int k) {
  return graph_node(v->g, v->n->in[k])->shape;
}

/* What does not depend on the loop counts once for each of its indices. */
NodeId vjp_sum_loop(const Vjp *v, NodeId x, int loop) {
  if (graph_node(v->g, x)->loops >> loop & 1)
    return rule_axis(v->g, OP_sum, rule_stack(v->g, x, loop), 0);
  return rule_op2(v->g, OP_mul, x, graph_num(v->g, (double)v->g->loops[loop].extent));
}

static NodeId sum_loops(const Vjp *v, NodeId x, LoopSet loops) {
  for (int k = 0; k < v->g->nloops; k++)
    if (loops >> k & 1) x = vjp_sum_loop(v, x, k);
  return x;
}

/* Sums over axes that broadcasting has added or stretched. */
static NodeId sum_to_shape(Graph *g, NodeId x, Shape want) {
  Shape s = graph_node(g, x)->shape;
  for (; s.rank > want.rank; s = graph_node(g, x)->shape) x = rule_axis(g, OP_sum, x, 0);
  for (int k = 0; k < want.rank; k++) {
    if (want.n[k] != 1 || s.n[k] == 1) continue;
    s.n[k] = 1;
    x = rule_reshape(g, rule_axis(g, OP_sum, x, k), s);
  }
  return x;
}

LoopSet vjp_summed(const Vjp *v, int k) {
  return v->n->loops & ~(graph_node(v->g, v->n->in[k])->loops | v->extra);
}

void vjp_give_over(const Vjp *v, int k, NodeId x, LoopSet loops) {
  NodeId to = v->n->in[k];
  const Node *n = graph_node(v->g, to);
  x = sum_loops(v, x, (loops | graph_node(v->g, x)->loops) & ~(n->loops | v->extra));
  x = sum_to_shape(v->g, x, n->shape);
  assert(shape_equal(graph_node(v->g, x)->shape, n->shape));
  v->cots[to] = v->cots[to] == NODE_NONE ? x : rule_op2(v->g, OP_add, v->cots[to], x);
}

void vjp_give(const Vjp *v, int k, NodeId x) {
  vjp_give_over(v, k, x, v->n->loops);
}

/* ---- guards
 * ---------------------------------------------------------------------------------------- */

NodeId vjp_times(const Vjp *v, NodeId x, NodeId p) {
  double known;
  NodeId product = deriv_times(v->g, p, x);
  if (!v->guarded[v->id] || (graph_is_num(v->g, p, &known))) return product;
  NodeId zero = graph_num(v->g, 0);
  return rule_op3(v->g, OP_select, rule_op2(v->g, OP_eq, x, zero), zero, product);
}

NodeId vjp_factor(const Vjp *v, int k) {
  NodeId x = v->n->in[k];
  OpId op = graph_node(v->g, x)->op;
  if (!v->guarded[v->id] || op == OP_input || op == OP_const) return x;
  return rule_op3(v->g, OP_select, rule_op1(v->g, OP_is_finite, x), x, graph_num(v->g, 0));
}

/* ---- the sweep
 * ------------------------------------------------------------------------------------- */

static void vjp_select(const Vjp *v) {
  NodeId zero = graph_num(v->g, 0), cond = v->n->in[0];
  if (vjp_wants(v, 1)) vjp_give(v, 1, rule_op3(v->g, OP_select, cond, v->cot, zero));
  if (vjp_wants(v, 2)) vjp_give(v, 2, rule_op3(v->g, OP_select, cond, zero, v->cot));
}

static void vjp_elementwise(const Vjp *v) {
  for (int k = 0; k < v->n->nin; k++) {
    if (!vjp_wants(v, k)) continue;
    NodeId p = deriv_partial(v->g, v->id, k);
    if (p != NODE_NONE) vjp_give(v, k, vjp_times(v, v->cot, p));
  }
}

static void hand_on(const Vjp *v) {
  unsigned flags = op_table[v->n->op].flags;
  assert(!(flags & (OP_EAGER | OP_FUSED)) || flags & OP_ELEMENTWISE);
  if (flags & OP_NOGRAD) return;
  if (v->n->op == OP_select) {
    vjp_select(v);
  } else if (flags & OP_ELEMENTWISE) {
    vjp_elementwise(v);
  } else {
    vjps[v->n->op](v);
  }
}

/* 1 for nodes that depend on one of these. */
static uint8_t *dependents(const Graph *g, size_t count, const NodeId *on, int n) {
  uint8_t *active = mem_alloc(count);
  for (int k = 0; k < n; k++) active[on[k]] = 1;
  for (size_t id = 0; id < count; id++)
    for (int k = 0; k < g->nodes.at[id].nin; k++) active[id] |= active[g->nodes.at[id].in[k]];
  return active;
}

/* What a branch of a select needs is guarded: marked by users before their arguments are reached.
 */
static void mark_guarded(const Node *n, bool guarded, uint8_t *marks) {
  for (int k = 0; k < n->nin; k++)
    if (guarded || (n->op == OP_select && k > 0)) marks[n->in[k]] = 1;
}

/* The cotangents with which the sweep begins. */
static LoopSet seed(Graph *g, const NodeId *outs, const NodeId *cots, int n, NodeId *all) {
  LoopSet extra = 0;
  for (int k = 0; k < n; k++) {
    if (cots[k] == NODE_NONE) continue;
    const Node *out = graph_node(g, outs[k]);
    extra |= graph_node(g, cots[k])->loops & ~out->loops;
    NodeId c = rule_broadcast(g, cots[k], out->shape);
    all[outs[k]] = all[outs[k]] == NODE_NONE ? c : rule_op2(g, OP_add, all[outs[k]], c);
  }
  return extra;
}

void graph_vjp(Graph *g, const NodeId *outs, const NodeId *cots, int nouts, const NodeId *wrt,
               NodeId *dwrt, int nwrt) {
  size_t count = g->nodes.n;
  Where at = g->at;
  uint8_t *active = dependents(g, count, wrt, nwrt), *guarded = mem_alloc(count);
  NodeId *all = mem_alloc(count * sizeof *all);
  uint8_t *wanted = mem_alloc(count);
  for (size_t id = 0; id < count; id++) all[id] = NODE_NONE;
  for (int k = 0; k < nwrt; k++) wanted[wrt[k]] = 1;
  LoopSet extra = seed(g, outs, cots, nouts, all);
  for (size_t id = count; id-- > 0;) {
    const Node *n = graph_node(g, (NodeId)id);
    mark_guarded(n, guarded[id], guarded);
    if (!active[id] || all[id] == NODE_NONE || wanted[id]) continue;
    g->at = n->at;
    hand_on(&(Vjp){g, (NodeId)id, n, all[id], all, active, guarded, extra});
  }
  for (int k = 0; k < nwrt; k++) dwrt[k] = all[wrt[k]];
  g->at = at;
  mem_free(wanted);
  mem_free(all);
  mem_free(guarded);
  mem_free(active);
}

GraphFn *pass_vjp(Arena *a, const GraphFn *f, const bool *wrt) {
  GraphFn *s = rebuild_simplified(a, f, false);
  Graph *g = s->g;
  int nwrt = 0;
  for (int k = 0; k < s->nin; k++) nwrt += wrt[k];
  GraphFn *to = graph_fn_new(a, g, s->nin + s->nout, s->nout + nwrt);
  NodeId *nodes = mem_alloc((size_t)nwrt * sizeof *nodes);
  for (int k = 0, m = 0; k < s->nin; k++) {
    to->in[k] = s->in[k];
    if (wrt[k]) nodes[m++] = s->in[k];
  }
  for (int k = 0; k < s->nout; k++) {
    const Node *n = graph_node(g, s->out[k]);
    to->out[k] = s->out[k];
    to->in[s->nin + k] = graph_input(g, arena_printf(a, "c%d", k), n->shape, n->loops);
  }
  NodeId *dwrt = to->out + s->nout;
  graph_vjp(g, s->out, to->in + s->nin, s->nout, nodes, dwrt, nwrt);
  for (int k = 0; k < nwrt; k++) {
    const Node *n = graph_node(g, nodes[k]);
    if (dwrt[k] == NODE_NONE) dwrt[k] = rule_zeros(g, n->shape);
    dwrt[k] = graph_spread(g, dwrt[k], n->loops);
  }
  mem_free(nodes);
  graph_compact(to);
  return to;
}
