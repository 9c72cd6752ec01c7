/* plan_place.c: where arrays are. Outputs are written where the caller wants them, if one node
   makes the whole of one; all else shares buffers by lifetime, smallest fit first. */
#include <string.h>

#include "run/plan.h"

typedef struct Block {
  size_t bytes;
  int base;
  int next; /* another block that is read last by the same unit; NONE ends */
} Block;

enum { NONE = -1 };

typedef struct Blocks {
  VEC(Block) all;
  VEC(int) free;
  int *ending; /* of each unit: the first block that it is the last to read */
  int unit;    /* blocks that ended before it are free */
} Blocks;

int plan_add_base(Plan *p, const void *data) {
  *vec_push(p->arena, &p->bases) = (char *)(uintptr_t)data;
  return (int)p->bases.n - 1;
}

void *plan_owned(Plan *p, size_t bytes) {
  void *data = mem_alloc(bytes + 1);
  arena_defer(p->arena, mem_free, data);
  p->p->bytes += bytes;
  return data;
}

Place plan_place(const Plan *p, NodeId id) {
  const PlanNode *n = &p->nodes[id];
  Place at = p->nodes[n->root].place;
  at.offset += n->offset;
  return at;
}

static const void *as_floats(Plan *p, const Tensor *t) {
  int64_t n = shape_count(t->shape);
  float *f = plan_owned(p, (size_t)n * sizeof *f);
  for (int64_t i = 0; i < n; i++) f[i] = (float)t->data[i];
  return f;
}

static void place_constants(Plan *p) {
  for (NodeId id = 0; id < p->g->nodes.n; id++) {
    const Tensor *t = p->value[id];
    if (!t) continue;
    const void *data = p->p->single ? as_floats(p, t) : t->data;
    p->nodes[id].place = (Place){plan_add_base(p, data), 0};
  }
}

static void place_inputs(Plan *p) {
  for (int k = 0; k < p->f->nin; k++) p->nodes[p->f->in[k]].place = (Place){k, 0};
}

/* Which output is this node, as it is? -1: none. */
static int whole_output(const Plan *p, NodeId id) {
  for (int k = 0; k < p->f->nout; k++) {
    const PlanNode *out = &p->nodes[p->f->out[k]];
    if (out->root == id && out->dense && out->offset == 0 && out->count == p->nodes[id].count)
      return k;
  }
  return NONE;
}

static void release_blocks(Plan *p, Blocks *b, int unit) {
  for (; b->unit < unit; b->unit++)
    for (int k = b->ending[b->unit]; k != NONE; k = b->all.at[k].next)
      *vec_push(p->arena, &b->free) = k;
}

/* The smallest free block that is large enough, or a new one. */
static int take_block(Plan *p, Blocks *b, size_t bytes) {
  int best = NONE;
  for (size_t k = 0; k < b->free.n; k++) {
    size_t have = b->all.at[b->free.at[k]].bytes;
    if (have >= bytes && (best == NONE || have < b->all.at[b->free.at[best]].bytes)) best = (int)k;
  }
  if (best != NONE) {
    int block = b->free.at[best];
    b->free.at[best] = b->free.at[--b->free.n];
    return block;
  }
  *vec_push(p->arena, &b->all) = (Block){bytes, plan_add_base(p, plan_owned(p, bytes)), NONE};
  return (int)b->all.n - 1;
}

static void place_in_block(Plan *p, Blocks *b, PlanNode *n) {
  release_blocks(p, b, n->unit);
  int k = take_block(p, b, (size_t)n->count * real_size(p->p->single));
  b->all.at[k].next = b->ending[n->last];
  b->ending[n->last] = k;
  n->place = (Place){b->all.at[k].base, 0};
}

static void place_computed(Plan *p) {
  Blocks blocks = {.ending = ARENA_ARRAY(p->arena, int, p->nunits + 1)};
  for (int k = 0; k <= p->nunits; k++) blocks.ending[k] = NONE;
  for (int i = 0; i < p->norder; i++) {
    PlanNode *n = &p->nodes[p->order[i]];
    int k = n->is_output ? whole_output(p, p->order[i]) : NONE;
    if (!n->stored) continue;
    if (k == NONE) {
      place_in_block(p, &blocks, n);
    } else {
      n->place = (Place){p->f->nin + k, 0};
      p->out_done[k] = true;
    }
  }
}

void plan_places(Plan *p) {
  for (int k = 0; k < p->f->nin + p->f->nout; k++) plan_add_base(p, NULL);
  p->out_done = ARENA_ARRAY(p->arena, bool, p->f->nout + 1);
  place_inputs(p);
  p->constant_base = (int)p->bases.n;
  place_constants(p);
  p->buffer_base = (int)p->bases.n;
  place_computed(p);
  p->on_base = ARENA_ARRAY(p->arena, int, p->bases.n + 1);
  for (size_t k = 0; k < p->bases.n; k++) p->on_base[k] = NONE;
}
