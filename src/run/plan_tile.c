/* plan_tile.c: one group of elementwise nodes as a tile program. The group's axes are collapsed as
   far as all arrays allow; tiles are cut from the last axis. Arrays that lie along it are read in
   place, single numbers per line become scalar arguments, all else is copied into a slot tile by
   tile. Where lines are short, the group runs over all elements as one line. */
#include <assert.h>
#include <string.h>

#include "run/plan.h"

enum {
  SHORT_LINE = 32,
  TILE_LARGE = 256,
  TILE_MEDIUM = 128,
  TILE_SMALL = 64,
  TILE_BYTES = 28 * 1024, /* live temporaries should stay in the first cache */
  FREE_SLOT = -1
};

typedef struct Tiling {
  Plan *p;
  const PlanUnit *u;
  TileUnit *t;
  Shape space;           /* before collapsing */
  VEC(TileExternal) ext; /* strides along `space`, later along the collapsed axes */
  VEC(int) ext_node;     /* position in the unit of the node that is stored there; -1: read */
  VEC(int) ext_next;     /* another external on the same base */
  VEC(int) slot_until;   /* position of the last reader */
  int *result;           /* of each position: its slot, or ~external */
  int *last;             /* of each position: the last reader in the tile */
  uint32_t (*arg)[3];    /* of each position: slot or external + EXTERNAL */
} Tiling;

enum { EXTERNAL = 1 << 30 };

static NodeId member(const Tiling *t, int i) {
  return t->p->order[t->u->first + i];
}

/* ---- The space ---- */

static bool reads_flat(const Plan *p, NodeId id, NodeId arg) {
  const PlanNode *in = &p->nodes[arg];
  return in->count == 1 || (in->dense && in->count == p->nodes[id].count);
}

/* The shape of the first member that broadcasts, or all elements in one line. */
static Shape find_space(const Tiling *t) {
  for (int i = 0; i < t->u->n; i++) {
    const Node *node = plan_node(t->p, member(t, i));
    for (int k = 0; k < node->nin; k++)
      if (!reads_flat(t->p, member(t, i), node->in[k])) return plan_squeeze(node->shape);
  }
  return shape_vec(t->p->nodes[member(t, 0)].count);
}

/* The strides of an argument along the space. */
static void space_strides(const Tiling *t, const Node *node, NodeId arg, int64_t *stride) {
  const PlanNode *in = &t->p->nodes[arg];
  int64_t wide[SHAPE_MAX_AXES];
  memset(stride, 0, sizeof *stride * SHAPE_MAX_AXES);
  if (in->count == 1) return;
  if (in->dense && in->count == t->p->nodes[member(t, 0)].count) {
    strides_dense(t->space, stride);
    return;
  }
  strides_broadcast(plan_node(t->p, arg)->shape, in->stride, node->shape, wide);
  for (int k = 0, r = 0; k < node->shape.rank; k++)
    if (node->shape.n[k] != 1) stride[r++] = wide[k];
}

static bool is_read_of(const Tiling *t, int k, Place at, const int64_t *stride) {
  const TileExternal *e = &t->ext.at[k];
  return e->at.offset == at.offset && t->ext_node.at[k] < 0 &&
         memcmp(e->stride, stride, (size_t)t->space.rank * sizeof *stride) == 0;
}

/* node: the position of the node that is stored there, or -1 for an array that is read. */
static int add_external(Tiling *t, Place at, const int64_t *stride, int node) {
  int first = t->p->on_base[at.base], k = first;
  while (node < 0 && k >= 0 && !is_read_of(t, k, at, stride)) k = t->ext_next.at[k];
  if (node < 0 && k >= 0) return k;
  TileExternal *e = vec_push(t->p->arena, &t->ext);
  *e = (TileExternal){.at = at, .load = FREE_SLOT};
  memcpy(e->stride, stride, sizeof e->stride);
  *vec_push(t->p->arena, &t->ext_node) = node;
  *vec_push(t->p->arena, &t->ext_next) = first;
  return t->p->on_base[at.base] = (int)t->ext.n - 1;
}

static void forget_externals(const Tiling *t) {
  for (size_t k = 0; k < t->ext.n; k++) t->p->on_base[t->ext.at[k].at.base] = -1;
}

/* ---- Arguments: results within the tile and arrays outside ---- */

static int position(const Tiling *t, NodeId root) {
  for (int lo = 0, hi = t->u->n - 1; lo <= hi;) {
    int mid = (lo + hi) / 2;
    if (member(t, mid) == root) return mid;
    if (member(t, mid) < root)
      lo = mid + 1;
    else
      hi = mid - 1;
  }
  return -1;
}

static bool made_in_tile(const Tiling *t, NodeId arg, int *at) {
  const PlanNode *in = &t->p->nodes[arg];
  *at = position(t, in->root);
  return *at >= 0 && in->dense && in->count == t->p->nodes[in->root].count;
}

/* First every argument and stored result is found or entered as an external ... */
static void find_arguments(Tiling *t) {
  for (int i = 0; i < t->u->n; i++) {
    NodeId id = member(t, i);
    const Node *node = plan_node(t->p, id);
    for (int k = 0; k < node->nin; k++) {
      int at;
      int64_t stride[SHAPE_MAX_AXES];
      if (made_in_tile(t, node->in[k], &at)) {
        t->arg[i][k] = (uint32_t)at;
        t->last[at] = i;
        continue;
      }
      space_strides(t, node, node->in[k], stride);
      t->arg[i][k] =
          (uint32_t)(EXTERNAL + add_external(t, plan_place(t->p, node->in[k]), stride, -1));
    }
    t->result[i] = 0;
    if (t->p->nodes[id].stored) {
      int64_t dense[SHAPE_MAX_AXES] = {0};
      strides_dense(t->space, dense);
      t->result[i] = ~add_external(t, plan_place(t->p, id), dense, i);
    }
  }
}

/* ... then the axes are joined where all externals allow it ... */
static void collapse(Tiling *t) {
  TileUnit *u = t->t;
  for (int k = 0; k < t->space.rank; k++) {
    bool joins = u->rank > 0;
    for (size_t e = 0; e < t->ext.n && joins; e++)
      joins = t->ext.at[e].stride[u->rank - 1] == t->ext.at[e].stride[k] * t->space.n[k];
    int to = joins ? u->rank - 1 : u->rank++;
    u->n[to] = joins ? u->n[to] * t->space.n[k] : t->space.n[k];
    for (size_t e = 0; e < t->ext.n; e++) t->ext.at[e].stride[to] = t->ext.at[e].stride[k];
  }
  u->by_line = u->rank == 1 || u->n[u->rank - 1] >= SHORT_LINE;
}

/* ... and what the kernels cannot read in place gets a slot that is filled for each tile. */

static bool is_one_number(const Tiling *t, const TileExternal *e) {
  for (int k = t->t->by_line ? t->t->rank - 1 : 0; k < t->t->rank; k++)
    if (e->stride[k] != 0) return false;
  return true;
}

static bool is_in_place(const Tiling *t, const TileExternal *e) {
  int64_t step = 1;
  if (t->t->by_line) return e->stride[t->t->rank - 1] == 1;
  for (int k = t->t->rank - 1; k >= 0; k--) {
    if (e->stride[k] != step) return false;
    step *= t->t->n[k];
  }
  return true;
}

static int new_slot(Tiling *t, int from, int until) {
  for (size_t s = 0; s < t->slot_until.n; s++)
    if (t->slot_until.at[s] <= from) {
      t->slot_until.at[s] = until;
      return (int)s;
    }
  *vec_push(t->p->arena, &t->slot_until) = until;
  return (int)t->slot_until.n - 1;
}

static void load(Tiling *t, TileExternal *e) {
  t->t->loads = true;
  if (e->load == FREE_SLOT) e->load = new_slot(t, -1, t->u->n);
}

static void find_loads(Tiling *t) {
  for (size_t k = 0; k < t->ext.n; k++) {
    TileExternal *e = &t->ext.at[k];
    e->moves = !is_one_number(t, e);
    if (e->moves && !is_in_place(t, e)) load(t, e);
  }
  for (int i = 0; i < t->u->n; i++) { /* a kernel needs at least one array */
    const Node *node = plan_node(t->p, member(t, i));
    bool array = t->t->count == 1;
    for (int k = 0; k < node->nin; k++) {
      uint32_t arg = t->arg[i][k];
      const TileExternal *e = arg & EXTERNAL ? &t->ext.at[arg - EXTERNAL] : NULL;
      array |= !e || e->load != FREE_SLOT || !is_one_number(t, e);
    }
    if (!array) load(t, &t->ext.at[t->arg[i][0] - EXTERNAL]);
  }
}

/* ---- The code ---- */

static uint32_t operand(const Tiling *t, uint32_t arg, bool *one) {
  *one = false;
  int result = arg & EXTERNAL ? ~(int)(arg - EXTERNAL) : t->result[arg];
  if (result >= 0) return (uint32_t)result;
  const TileExternal *e = &t->ext.at[~result];
  if (e->load != FREE_SLOT) return (uint32_t)e->load;
  *one = arg & EXTERNAL && t->t->count != 1 && is_one_number(t, e);
  return (uint32_t)(EXTERNAL + ~result);
}

static void emit(Tiling *t) {
  t->t->ops = ARENA_ARRAY(t->p->arena, TileOp, t->u->n);
  t->t->names = ARENA_ARRAY(t->p->arena, uint16_t, t->u->n);
  for (int i = 0; i < t->u->n; i++) {
    const Node *node = plan_node(t->p, member(t, i));
    t->t->names[t->t->nops] = node->op;
    TileOp *op = &t->t->ops[t->t->nops++];
    uint32_t arg[3] = {0};
    unsigned ones = 0;
    for (int k = 0; k < node->nin; k++) {
      bool one;
      arg[k] = operand(t, t->arg[i][k], &one);
      ones |= (unsigned)one << k;
    }
    if (t->result[i] >= 0) t->result[i] = new_slot(t, i, t->last[i]);
    op->fn = tile_kernel(node->op, ones, t->p->p->single);
    assert(op->fn);
    op->out = (uint32_t)(t->result[i] >= 0 ? t->result[i] : EXTERNAL + ~t->result[i]);
    op->a = arg[0];
    op->b = arg[1];
    op->c = arg[2];
  }
}

static uint32_t resolve(const TileUnit *u, uint32_t at) {
  return at & EXTERNAL ? (uint32_t)(at - EXTERNAL + u->nslots) : at;
}

static void finish(Tiling *t) {
  TileUnit *u = t->t;
  size_t real = real_size(t->p->p->single);
  u->nslots = (int)t->slot_until.n;
  u->nexternals = (int)t->ext.n;
  u->externals = t->ext.at;
  for (int i = 0; i < u->nops; i++) {
    TileOp *op = &u->ops[i];
    op->out = resolve(u, op->out);
    op->a = resolve(u, op->a);
    op->b = resolve(u, op->b);
    op->c = resolve(u, op->c);
  }
  size_t slots = (size_t)u->nslots * real;
  u->width = slots * TILE_LARGE <= TILE_BYTES    ? TILE_LARGE
             : slots * TILE_MEDIUM <= TILE_BYTES ? TILE_MEDIUM
                                                 : TILE_SMALL;
  size_t bytes = slots * (size_t)u->width;
  char *memory = plan_owned(t->p, bytes);
  u->pointer = ARENA_ARRAY(t->p->arena, void *, u->nslots + u->nexternals + 1);
  for (int s = 0; s < u->nslots; s++) u->pointer[s] = memory + (size_t)(s * u->width) * real;
}

void plan_tile_unit(Plan *p, const PlanUnit *pu, TileUnit *out) {
  Tiling t = {.p = p, .u = pu, .t = out};
  *out = (TileUnit){.count = p->nodes[p->order[pu->first]].count};
  t.space = find_space(&t);
  t.result = ARENA_ARRAY(p->arena, int, pu->n);
  t.last = ARENA_ARRAY(p->arena, int, pu->n);
  t.arg = arena_array(p->arena, (size_t)pu->n, sizeof *t.arg);
  for (int i = 0; i < pu->n; i++) t.last[i] = i;
  find_arguments(&t);
  forget_externals(&t);
  collapse(&t);
  find_loads(&t);
  emit(&t);
  finish(&t);
}
