/* plan_group.c: which nodes are computed together, and in which order. Every computed node gets a
   stage: even ones hold elementwise groups, odd ones kernels and copies. Within an even stage
   groups run in the order of their size, and a node may read smaller arrays of its own stage (a
   broadcast) but equal ones only within its group; anything else takes it two stages on. So units
   never wait for each other in a circle, and a node stands in the earliest group that can hold it:
   the elementwise work between two products is one group. */
#include <stdlib.h>

#include "run/plan.h"

/* The iteration space of nodes of one size that broadcast: the first such shape is variant 0, which
   nodes without broadcasts join. */
typedef struct Space {
  Shape shape; /* without axes of one element */
  int variant;
} Space;

typedef struct Spaces {
  VEC(Space) all;
} Spaces;

/* Are all arguments whole dense arrays or single numbers? Then the space is but a count. */
static bool is_flat(const Plan *p, NodeId id) {
  const Node *node = plan_node(p, id);
  for (int k = 0; k < node->nin; k++) {
    const PlanNode *in = &p->nodes[node->in[k]];
    if (in->count != 1 && (in->count != p->nodes[id].count || !in->dense)) return false;
  }
  return true;
}

static int variant_of(Plan *p, Spaces *spaces, NodeId id) {
  Shape s = plan_squeeze(plan_node(p, id)->shape);
  int variant = 0;
  if (is_flat(p, id)) return 0;
  for (size_t k = 0; k < spaces->all.n; k++) {
    const Space *have = &spaces->all.at[k];
    if (shape_count(have->shape) != shape_count(s)) continue;
    if (shape_equal(have->shape, s)) return have->variant;
    variant++;
  }
  *vec_push(p->arena, &spaces->all) = (Space){s, variant};
  return variant;
}

static bool is_computed(const PlanNode *n) {
  return n->kind == PLAN_ELEMENT || n->kind == PLAN_CALL || n->kind == PLAN_COPY;
}

/* The earliest stage at which elementwise node n can read its argument `in`. */
static int stage_after(const Plan *p, const PlanNode *n, const PlanNode *in) {
  const PlanNode *root = &p->nodes[in->root];
  if (!is_computed(root)) return 0;
  if (root->kind != PLAN_ELEMENT) return root->stage + 1;
  if (root->count < n->count) return root->stage;
  bool same_group =
      root->count == n->count && in->count == n->count && in->dense && root->variant == n->variant;
  return same_group ? root->stage : root->stage + 2;
}

static int stage_of_element(const Plan *p, NodeId id) {
  const Node *node = plan_node(p, id);
  int stage = 0;
  for (int k = 0; k < node->nin; k++) {
    int after = stage_after(p, &p->nodes[id], &p->nodes[node->in[k]]);
    if (after > stage) stage = after;
  }
  return stage;
}

static int stage_past(const Plan *p, NodeId root, int stage) {
  const PlanNode *n = &p->nodes[root];
  int after = !is_computed(n) ? 1 : n->kind == PLAN_ELEMENT ? n->stage + 1 : n->stage;
  return after > stage ? after : stage;
}

static int stage_of_kernel(const Plan *p, NodeId id) {
  const Node *node = plan_node(p, id);
  int stage = 1;
  if (p->nodes[id].kind == PLAN_COPY) return stage_past(p, p->nodes[id].source->root, stage);
  for (int k = 0; k < node->nin; k++) stage = stage_past(p, p->nodes[node->in[k]].root, stage);
  return stage;
}

/* ---- Order ---- */

typedef struct Entry {
  int stage, variant;
  int64_t count; /* of elementwise nodes */
  NodeId id;
} Entry;

static int by_order(const void *p, const void *q) {
  const Entry *a = p, *b = q;
  if (a->stage != b->stage) return a->stage < b->stage ? -1 : 1;
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  if (a->variant != b->variant) return a->variant < b->variant ? -1 : 1;
  return a->id < b->id ? -1 : a->id > b->id;
}

static Entry entry_of(const Plan *p, NodeId id) {
  const PlanNode *n = &p->nodes[id];
  bool element = n->kind == PLAN_ELEMENT;
  return (Entry){n->stage, element ? n->variant : 0, element ? n->count : 0, id};
}

static bool same_unit(const Entry *a, const Entry *b) {
  return a->stage % 2 == 0 && a->stage == b->stage && a->count == b->count &&
         a->variant == b->variant;
}

static void cut_units(Plan *p, Entry *entries) {
  p->order = ARENA_ARRAY(p->arena, NodeId, p->norder + 1);
  p->units = ARENA_ARRAY(p->arena, PlanUnit, p->norder + 1);
  for (int i = 0; i < p->norder; i++) {
    if (i == 0 || !same_unit(&entries[i - 1], &entries[i]))
      p->units[p->nunits++] = (PlanUnit){.first = i};
    p->units[p->nunits - 1].n++;
    p->order[i] = entries[i].id;
    p->nodes[entries[i].id].unit = p->nunits - 1;
  }
}

/* ---- What is kept in memory, and until when ---- */

static void note_reader(Plan *p, NodeId root, int unit, bool in_tile) {
  PlanNode *n = &p->nodes[root];
  if (n->last < unit) n->last = unit;
  if (!in_tile) n->stored = true;
}

/* Within a group, whole dense arrays are handed on in the tile. */
static bool stays_in_tile(const Plan *p, const PlanNode *n, const PlanNode *in) {
  const PlanNode *root = &p->nodes[in->root];
  return n->kind == PLAN_ELEMENT && root->kind == PLAN_ELEMENT && root->unit == n->unit &&
         in->dense && in->count == root->count;
}

static void note_readers(Plan *p) {
  for (int i = 0; i < p->norder; i++) {
    NodeId id = p->order[i];
    const Node *node = plan_node(p, id);
    PlanNode *n = &p->nodes[id];
    if (n->last < n->unit) n->last = n->unit;
    if (n->kind != PLAN_ELEMENT) n->stored = true;
    if (n->kind == PLAN_COPY) {
      note_reader(p, n->source->root, n->unit, false);
      continue;
    }
    for (int k = 0; k < node->nin; k++) {
      const PlanNode *in = &p->nodes[node->in[k]];
      note_reader(p, in->root, n->unit, stays_in_tile(p, n, in));
    }
  }
  for (int k = 0; k < p->f->nout; k++) {
    NodeId root = p->nodes[p->f->out[k]].root;
    p->nodes[root].is_output = true;
    note_reader(p, root, p->nunits, false);
  }
}

/* Nodes that only others' views or dead views read are left out. */
static uint8_t *find_needed(const Plan *p) {
  uint8_t *need = mem_alloc(p->g->nodes.n + 1);
  for (int k = 0; k < p->f->nout; k++) need[p->nodes[p->f->out[k]].root] = 1;
  for (NodeId id = (NodeId)p->g->nodes.n; id-- > 0;) {
    const Node *node = plan_node(p, id);
    const PlanNode *n = &p->nodes[id];
    if (!need[id] || !is_computed(n)) continue;
    if (n->kind == PLAN_COPY) need[n->source->root] = 1;
    for (int k = 0; n->kind != PLAN_COPY && k < node->nin; k++)
      need[p->nodes[node->in[k]].root] = 1;
  }
  return need;
}

void plan_groups(Plan *p) {
  Spaces spaces = {0};
  uint8_t *need = find_needed(p);
  Entry *entries = mem_alloc((p->g->nodes.n + 1) * sizeof *entries);
  for (NodeId id = 0; id < p->g->nodes.n; id++) {
    PlanNode *n = &p->nodes[id];
    if (!need[id] || !is_computed(n)) continue;
    bool element = n->kind == PLAN_ELEMENT;
    if (element) n->variant = variant_of(p, &spaces, id);
    n->stage = element ? stage_of_element(p, id) : stage_of_kernel(p, id);
    entries[p->norder++] = entry_of(p, id);
  }
  qsort(entries, (size_t)p->norder, sizeof *entries, by_order);
  cut_units(p, entries);
  note_readers(p);
  mem_free(entries);
  mem_free(need);
}
