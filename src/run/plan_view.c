/* plan_view.c: which nodes are computed and which are mere views of another node's array. A
   reshape, a broadcast, a slice and a transpose that keeps the last axis cost nothing where the
   reader follows strides (elementwise nodes do); where it cannot, the view is written out. */
#include <string.h>

#include "run/plan.h"

Shape plan_squeeze(Shape s) {
  Shape r = {.rank = 0};
  for (int k = 0; k < s.rank; k++)
    if (s.n[k] != 1) r.n[r.rank++] = s.n[k];
  return r;
}

static bool is_dense(Shape s, const int64_t *stride) {
  int64_t step = 1;
  for (int k = s.rank - 1; k >= 0; k--) {
    if (s.n[k] != 1 && stride[k] != step) return false;
    step *= s.n[k];
  }
  return true;
}

static void view_of_itself(const Plan *p, NodeId id) {
  PlanNode *n = &p->nodes[id];
  n->root = id;
  n->offset = 0;
  n->dense = true;
  strides_dense(plan_node(p, id)->shape, n->stride);
}

/* A view that somebody needs dense becomes an array of its own. Views that were already taken
   through it stay as they are. */
static void write_out(const Plan *p, NodeId id) {
  PlanNode *n = &p->nodes[id];
  if (n->dense || n->kind != PLAN_VIEW) return;
  n->source = ARENA_NEW(p->arena, PlanSource);
  n->source->root = n->root;
  n->source->offset = n->offset;
  memcpy(n->source->stride, n->stride, sizeof n->stride);
  n->kind = n->varies ? PLAN_COPY : PLAN_CONST;
  view_of_itself(p, id);
}

/* Axes of one element may come and go; anything else needs a dense array. */
static void view_reshape(const Plan *p, const Node *node, PlanNode *n) {
  PlanNode *from = &p->nodes[node->in[0]];
  Shape old = plan_node(p, node->in[0])->shape;
  if (!from->dense && shape_equal(plan_squeeze(old), plan_squeeze(node->shape))) {
    int64_t kept[SHAPE_MAX_AXES];
    int r = 0;
    for (int k = 0; k < old.rank; k++)
      if (old.n[k] != 1) kept[r++] = from->stride[k];
    r = 0;
    for (int k = 0; k < node->shape.rank; k++) n->stride[k] = node->shape.n[k] != 1 ? kept[r++] : 0;
    return;
  }
  write_out(p, node->in[0]);
  n->root = from->root;
  n->offset = from->offset;
  strides_dense(node->shape, n->stride);
}

static void view_slice(const Node *node, const PlanNode *from, PlanNode *n) {
  for (int k = 0; k < node->shape.rank; k++) {
    n->stride[k] = from->stride[k];
    n->offset += node->attr->i[k] * from->stride[k];
  }
}

static void view_transpose(const Node *node, const PlanNode *from, PlanNode *n) {
  for (int k = 0; k < node->shape.rank; k++) n->stride[k] = from->stride[node->attr->i[k]];
}

static void view_flip(const Node *node, const PlanNode *from, PlanNode *n) {
  int axis = node->attr->axis;
  memcpy(n->stride, from->stride, sizeof n->stride);
  n->offset += (node->shape.n[axis] - 1) * from->stride[axis];
  n->stride[axis] = -from->stride[axis];
}

static bool is_view_op(OpId op) {
  return op == OP_reshape || op == OP_broadcast || op == OP_slice || op == OP_transpose ||
         op == OP_flip;
}

/* Reading against the grain of memory is left to the blocked copy. */
static bool runs_along(const Node *node, const PlanNode *n) {
  for (int k = node->shape.rank - 1; k >= 0; k--)
    if (node->shape.n[k] != 1) return n->stride[k] == 0 || n->stride[k] == 1;
  return true;
}

static void make_view(Plan *p, NodeId id) {
  const Node *node = plan_node(p, id);
  PlanNode *n = &p->nodes[id], *from = &p->nodes[node->in[0]];
  n->kind = PLAN_VIEW;
  n->root = from->root;
  n->offset = from->offset;
  if (node->op == OP_reshape) view_reshape(p, node, n);
  if (node->op == OP_slice) view_slice(node, from, n);
  if (node->op == OP_transpose) view_transpose(node, from, n);
  if (node->op == OP_flip) view_flip(node, from, n);
  if (node->op == OP_broadcast)
    strides_broadcast(plan_node(p, node->in[0])->shape, from->stride, node->shape, n->stride);
  n->dense = is_dense(node->shape, n->stride);
  if (!runs_along(node, n)) write_out(p, id);
}

static bool depends_on_input(const Plan *p, const Node *node) {
  if (node->op == OP_input) return true;
  for (int k = 0; k < node->nin; k++)
    if (p->nodes[node->in[k]].varies) return true;
  return false;
}

/* Only inputs that are held have packed copies (pass_pack). */
static bool is_held(const Plan *p, const Node *node) {
  return node->op == OP_pack && p->nodes[node->in[0]].kind == PLAN_INPUT;
}

static void classify(Plan *p, NodeId id) {
  const Node *node = plan_node(p, id);
  PlanNode *n = &p->nodes[id];
  n->count = shape_count(node->shape);
  n->varies = depends_on_input(p, node);
  if (is_view_op(node->op)) {
    make_view(p, id);
    return;
  }
  view_of_itself(p, id);
  bool elementwise = op_table[node->op].flags & OP_ELEMENTWISE;
  n->kind = node->op == OP_input ? PLAN_INPUT
            : !n->varies         ? PLAN_CONST
            : is_held(p, node)   ? PLAN_HELD
            : elementwise        ? PLAN_ELEMENT
                                 : PLAN_CALL;
  for (int k = 0; n->kind == PLAN_CALL && k < node->nin; k++) write_out(p, node->in[k]);
}

void plan_views(Plan *p) {
  for (NodeId id = 0; id < p->g->nodes.n; id++) classify(p, id);
}
