/* plan_place.c: where arrays are. Outputs are written where the caller wants them, if one node
   makes the whole of one; all else shares buffers by lifetime, smallest fit first. */
#include <string.h>

#include "run/plan.h"

typedef struct Block {
  size_t bytes;
  int base;
  int until; /* the last unit that reads what is in it */
} Block;

typedef VEC(Block) Blocks;

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
  return -1;
}

static int find_block(Plan *p, Blocks *blocks, size_t bytes, int unit) {
  Block *best = NULL;
  for (size_t k = 0; k < blocks->n; k++) {
    Block *b = &blocks->at[k];
    if (b->until < unit && b->bytes >= bytes && (!best || b->bytes < best->bytes)) best = b;
  }
  if (!best) {
    best = vec_push(p->arena, blocks);
    *best = (Block){bytes, plan_add_base(p, plan_owned(p, bytes)), 0};
  }
  return (int)(best - blocks->at);
}

static void place_computed(Plan *p) {
  Blocks blocks = {0};
  for (int i = 0; i < p->norder; i++) {
    PlanNode *n = &p->nodes[p->order[i]];
    int k = n->is_output ? whole_output(p, p->order[i]) : -1;
    if (!n->stored) continue;
    if (k >= 0) {
      n->place = (Place){p->f->nin + k, 0};
      p->out_done[k] = true;
      continue;
    }
    size_t bytes = (size_t)n->count * real_size(p->p->single);
    int b = find_block(p, &blocks, bytes, n->unit);
    blocks.at[b].until = n->last;
    n->place = (Place){blocks.at[b].base, 0};
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
}
