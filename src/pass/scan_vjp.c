/* scan_vjp.c: see scan_vjp.h. What is kept: the reverse part of the step reads values of the
   forward part. Each of these is followed through operations that cost less than the memory they
   would take (sums and products of elements, changes of form) to inputs, which the reverse step has
   as well; to next values of carries, which the following step kept as its beginning; or else to
   something dear, such as a product of matrices or a transcendental function, which is kept. */
#include "pass/scan_vjp.h"

#include "pass/pass.h"
#include "pass/rebuild.h"
#include "pass/rules.h"

enum { NOT_SEEN, GIVEN, COMPUTED, KEPT }; /* what becomes of a forward value */

typedef struct Split {
  Arena *a;
  const GraphFn *f; /* the step, simplified; its graph also gets the reverse part */
  Graph *g;
  int ncarry;
  uint8_t *varies;  /* by node: does it differ from step to step? */
  uint8_t *reverse; /* by node: does it depend on a cotangent? */
  uint8_t *fate;    /* by node */
  VEC(NodeId) kept; /* with their loops as they are in the step */
} Split;

static bool is_cheap(OpId op) {
  switch (op) {
    case OP_add:
    case OP_sub:
    case OP_mul:
    case OP_neg:
    case OP_square:
    case OP_eq:
    case OP_ne:
    case OP_lt:
    case OP_le:
    case OP_and:
    case OP_or:
    case OP_not:
    case OP_select:
    case OP_iota:
    case OP_stack:
    case OP_unstack:
    case OP_reshape:
    case OP_broadcast: return true;
    default: return false;
  }
}

/* The node with its loops as leading axes. */
static NodeId whole(Graph *g, NodeId x) {
  LoopSet loops = graph_node(g, x)->loops;
  for (int k = g->nloops - 1; k >= 0; k--)
    if (loops >> k & 1) x = graph_stack(g, x, k);
  return x;
}

static NodeId apart(Graph *g, NodeId x, LoopSet loops) {
  for (int k = 0; k < g->nloops; k++)
    if (loops >> k & 1) x = graph_unstack(g, x, k);
  return x;
}

/* The carry whose next value this is, or -1. */
static int next_of(const Split *s, NodeId id) {
  NodeId all = whole(s->g, id);
  for (int k = 0; k < s->ncarry; k++)
    if (s->f->out[k] == all) return k;
  return -1;
}

static void keep(Split *s, NodeId id) {
  const Node n = *graph_node(s->g, id);
  if (s->fate[id] != NOT_SEEN) return;
  if (n.op == OP_input || n.op == OP_const) {
    s->fate[id] = GIVEN;
  } else if (s->varies[id] && (next_of(s, id) >= 0 || !is_cheap((OpId)n.op))) {
    s->fate[id] = KEPT;
    *vec_push(s->a, &s->kept) = id;
  } else {
    s->fate[id] = COMPUTED;
    for (int k = 0; k < n.nin; k++) keep(s, n.in[k]);
  }
}

/* 1 for what depends on a node that is marked already. */
static void spread_marks(const Graph *g, size_t n, uint8_t *mark) {
  for (size_t id = 0; id < n; id++)
    for (int k = 0; k < g->nodes.at[id].nin; k++) mark[id] |= mark[g->nodes.at[id].in[k]];
}

/* Goes through the arguments of the reverse part. */
static void choose(Split *s, const NodeId *cots, const bool *fixed, const NodeId *outs, int nouts) {
  size_t n = s->g->nodes.n;
  s->varies = ARENA_ARRAY(s->a, uint8_t, n + 1);
  s->reverse = ARENA_ARRAY(s->a, uint8_t, n + 1);
  s->fate = ARENA_ARRAY(s->a, uint8_t, n + 1);
  for (int k = 0; k < s->f->nin; k++) s->varies[s->f->in[k]] = !fixed[k];
  for (int k = 0; k < s->f->nout; k++) s->reverse[cots[k]] = 1;
  spread_marks(s->g, n, s->varies);
  spread_marks(s->g, n, s->reverse);
  uint8_t *live = graph_live(s->g, outs, nouts);
  for (size_t id = 0; id < n; id++) {
    const Node node = s->g->nodes.at[id];
    for (int k = 0; live[id] && s->reverse[id] && k < node.nin; k++)
      if (!s->reverse[node.in[k]]) keep(s, node.in[k]);
  }
  for (int k = 0; k < nouts; k++)
    if (!s->reverse[outs[k]]) keep(s, outs[k]);
  mem_free(live);
}

/* Values that are next values of carries need no place of their own. */
static int count_kept(Split *s, int *next) {
  int n = 0;
  for (size_t i = 0; i < s->kept.n; i++) {
    next[i] = next_of(s, s->kept.at[i]);
    n += next[i] < 0;
  }
  return n;
}

static GraphFn *forward_part(Split *s, const int *next, int nkept) {
  const GraphFn *f = s->f;
  GraphFn *to = graph_fn_new(s->a, graph_new(s->a), f->nin, f->nout + nkept);
  NodeId *outs = ARENA_ARRAY(s->a, NodeId, to->nout + 1);
  int n = 0;
  for (int k = 0; k < f->nout; k++) outs[n++] = f->out[k];
  for (size_t i = 0; i < s->kept.n; i++)
    if (next[i] < 0) outs[n++] = whole(s->g, s->kept.at[i]);
  rebuild_copy_loops(to->g, s->g);
  for (int k = 0; k < f->nin; k++)
    to->in[k] = graph_copy_node(to->g, graph_node(s->g, f->in[k]), NULL, NULL);
  graph_copy(to->g, s->g, f->in, to->in, f->nin, NULL, outs, to->out, n);
  return to;
}

static GraphFn *reverse_part(Split *s, const int *next, int nkept, const NodeId *cots,
                             const NodeId *outs, int nouts) {
  const GraphFn *f = s->f;
  int nin = f->nin + nkept + s->ncarry + f->nout;
  GraphFn *to = graph_fn_new(s->a, graph_new(s->a), nin, nouts);
  VEC(NodeId) from = {0}, by = {0};
  rebuild_copy_loops(to->g, s->g);
  int n = 0;
  for (int k = 0; k < f->nin; k++) {
    to->in[n] = graph_copy_node(to->g, graph_node(s->g, f->in[k]), NULL, NULL);
    *vec_push(s->a, &from) = f->in[k];
    *vec_push(s->a, &by) = to->in[n++];
  }
  int first_next = n + nkept;
  for (int k = 0; k < s->ncarry; k++)
    to->in[first_next + k] = graph_input(to->g, "next", graph_node(s->g, f->out[k])->shape, 0);
  for (size_t i = 0; i < s->kept.n; i++) {
    const Node *node = graph_node(s->g, whole(s->g, s->kept.at[i]));
    if (next[i] < 0) to->in[n++] = graph_input(to->g, "kept", node->shape, 0);
    NodeId in = next[i] < 0 ? to->in[n - 1] : to->in[first_next + next[i]];
    *vec_push(s->a, &from) = s->kept.at[i];
    *vec_push(s->a, &by) = apart(to->g, in, graph_node(s->g, s->kept.at[i])->loops);
  }
  n = first_next + s->ncarry;
  for (int k = 0; k < f->nout; k++) {
    to->in[n] = graph_copy_node(to->g, graph_node(s->g, cots[k]), NULL, NULL);
    *vec_push(s->a, &from) = cots[k];
    *vec_push(s->a, &by) = to->in[n++];
  }
  graph_copy(to->g, s->g, from.at, by.at, (int)from.n, NULL, outs, to->out, nouts);
  return to;
}

/* The cotangents of the carries and of what is wanted, as nodes of the step's graph. */
static NodeId *derive(Split *s, const int *carry, const bool *wrt, NodeId *cots, int *nouts) {
  const GraphFn *f = s->f;
  NodeId *nodes = ARENA_ARRAY(s->a, NodeId, s->ncarry + f->nin + 1);
  int n = 0;
  for (int k = 0; k < s->ncarry; k++) nodes[n++] = f->in[carry[k]];
  for (int k = 0; k < f->nin; k++)
    if (wrt[k]) nodes[n++] = f->in[k];
  for (int k = 0; k < f->nout; k++)
    cots[k] = graph_input(s->g, "cotangent", graph_node(s->g, f->out[k])->shape, 0);
  NodeId *outs = ARENA_ARRAY(s->a, NodeId, n + 1);
  graph_vjp(s->g, f->out, cots, f->nout, nodes, outs, n);
  for (int k = 0; k < n; k++)
    if (outs[k] == NODE_NONE) outs[k] = rule_zeros(s->g, graph_node(s->g, nodes[k])->shape);
  *nouts = n;
  return outs;
}

ScanVjp pass_scan_vjp(Arena *a, const GraphFn *f, const int *carry, int ncarry, const bool *fixed,
                      const bool *wrt) {
  Split s = {.a = a, .f = rebuild_simplified(a, f, true), .ncarry = ncarry};
  int nouts;
  s.g = s.f->g;
  NodeId *cots = ARENA_ARRAY(a, NodeId, f->nout + 1);
  NodeId *outs = derive(&s, carry, wrt, cots, &nouts);
  choose(&s, cots, fixed, outs, nouts);
  int *next = ARENA_ARRAY(a, int, s.kept.n + 1), nkept = count_kept(&s, next);
  return (ScanVjp){.forward = forward_part(&s, next, nkept),
                   .reverse = reverse_part(&s, next, nkept, cots, outs, nouts),
                   .nkept = nkept};
}
