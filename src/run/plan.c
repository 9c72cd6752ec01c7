/* plan.c: from a function to a program. The graph is simplified, lowered and fused; nodes become
   views, constants, or members of units (plan_view.c, plan_group.c); constants are computed
   (plan_const.c), arrays placed (plan_place.c), and each unit is made ready to run. */
#include "run/plan.h"

#include <string.h>

#include "pass/pass.h"

static bool fits_registers(const PlanUnit *u) {
  return u->n < SCALAR_MAX_REGISTERS / 4;
}

static bool is_scalar_unit(const Plan *p, const PlanUnit *u) {
  const PlanNode *n = &p->nodes[p->order[u->first]];
  return n->kind == PLAN_ELEMENT && n->count == 1 && !p->p->single && fits_registers(u);
}

/* ---- Kernels and copies ---- */

static void need_work(Plan *p, size_t bytes) {
  if (p->work < bytes) p->work = bytes;
}

static void plan_kernel(Plan *p, NodeId id, CallUnit *u) {
  static const OpAttr none;
  const Node *node = plan_node(p, id);
  Shape *shapes = ARENA_ARRAY(p->arena, Shape, node->nin + 1);
  u->op = node->op;
  u->in = ARENA_ARRAY(p->arena, Place, node->nin + 1);
  u->pointer = ARENA_ARRAY(p->arena, const void *, node->nin + 1);
  for (int k = 0; k < node->nin; k++) {
    u->in[k] = plan_place(p, node->in[k]);
    shapes[k] = plan_node(p, node->in[k])->shape;
  }
  u->out = plan_place(p, id);
  u->call = (KernCall){.attr = node->attr ? node->attr : &none,
                       .nin = node->nin,
                       .single = p->p->single,
                       .in = u->pointer,
                       .shape = shapes,
                       .out_shape = node->shape};
  need_work(p, kern_work_bytes(u->op, &u->call));
}

static void pack_matrix(const Plan *p, const Node *pack, int width, void *to) {
  NodeId id = plan_unpacked(p, (NodeId)(pack - p->g->nodes.at));
  bool transposed = pack->attr->axis & 8, single = p->p->single;
  Shape s = plan_node(p, pack->in[0])->shape;
  int64_t offset = id == pack->in[0] ? 0 : p->nodes[pack->in[0]].offset;
  const char *data = p->bases.at[p->nodes[id].place.base];
  if (!data || p->p->failed.code != STATUS_OK) return; /* a rehearsed matrix has no numbers */
  panel_pack(data + offset * (int64_t)real_size(single), transposed, s.n[transposed],
             s.n[!transposed], width, single, to);
}

/* The packed copy of a constant matrix is shared by all products of that width with it. */
static const void *packed_matrix(Plan *p, NodeId pack, int width) {
  for (size_t k = 0; k < p->packed.n; k++)
    if (p->packed.at[k].pack == pack && p->packed.at[k].width == width) return p->packed.at[k].data;
  const Node *node = plan_node(p, pack);
  Shape s = plan_node(p, node->in[0])->shape;
  bool transposed = node->attr->axis & 8;
  void *data = plan_owned(p, panel_bytes(s.n[transposed], s.n[!transposed], p->p->single));
  if (p->nodes[pack].kind == PLAN_HELD)
    *vec_push(p->arena, &p->p->held) = (HeldPack){
        plan_place(p, node->in[0]), transposed, s.n[transposed], s.n[!transposed], width, data};
  else
    pack_matrix(p, node, width, data);
  *vec_push(p->arena, &p->packed) = (PlanPacked){pack, width, data};
  return data;
}

static void plan_product(Plan *p, NodeId id, ProductUnit *u) {
  const Node *node = plan_node(p, id);
  const Shape a = plan_node(p, node->in[0])->shape;
  int width = panel_width(a.n[0]);
  u->call = (PanelCall){.packed = packed_matrix(p, node->in[1], width),
                        .m = a.n[0],
                        .k = node->attr->i[0],
                        .n = node->attr->i[1],
                        .width = width,
                        .single = p->p->single};
  u->a = plan_place(p, node->in[0]);
  u->out = plan_place(p, id);
}

static bool is_packed_product(const Plan *p, NodeId id) {
  const Node *node = plan_node(p, id);
  PlanKind kind = node->nin > 1 ? p->nodes[node->in[1]].kind : PLAN_CALL;
  return node->op == OP_gemm_packed && (kind == PLAN_CONST || kind == PLAN_HELD) &&
         plan_node(p, node->in[1])->op == OP_pack;
}

static void plan_call(Plan *p, NodeId id, Unit *u) {
  if (is_packed_product(p, id)) {
    u->kind = UNIT_PRODUCT;
    plan_product(p, id, &u->as.product);
  } else {
    u->kind = UNIT_CALL;
    plan_kernel(p, id, &u->as.call);
  }
}

static void plan_copy(Shape s, Place from, const int64_t *stride, Place to, Unit *u) {
  CopyUnit *c = &u->as.copy;
  u->kind = UNIT_COPY;
  c->from = from;
  c->to = to;
  c->strides.rank = s.rank;
  memcpy(c->strides.n, s.n, sizeof s.n);
  memcpy(c->strides.from, stride, sizeof c->strides.from);
  strides_dense(s, c->strides.to);
}

static void plan_written_view(Plan *p, NodeId id, Unit *u) {
  const PlanSource *source = p->nodes[id].source;
  Place from = p->nodes[source->root].place;
  from.offset += source->offset;
  plan_copy(plan_node(p, id)->shape, from, source->stride, plan_place(p, id), u);
}

/* ---- The whole ---- */

static void make_unit(Plan *p, const PlanUnit *pu) {
  Unit *u = &p->p->units[p->p->nunits++];
  NodeId first = p->order[pu->first];
  if (p->nodes[first].kind == PLAN_COPY) {
    plan_written_view(p, first, u);
  } else if (p->nodes[first].kind == PLAN_CALL) {
    plan_call(p, first, u);
  } else if (is_scalar_unit(p, pu)) {
    u->kind = UNIT_SCALARS;
    plan_scalar_unit(p, pu, &u->as.scalars);
  } else {
    u->kind = UNIT_TILES;
    plan_tile_unit(p, pu, &u->as.tiles);
  }
}

/* Outputs that are inputs, constants, views, or a node that is another output already. */
static void copy_outputs(Plan *p) {
  for (int k = 0; k < p->f->nout; k++) {
    NodeId id = p->f->out[k];
    if (p->out_done[k]) continue;
    plan_copy(plan_node(p, id)->shape, plan_place(p, id), p->nodes[id].stride,
              (Place){p->f->nin + k, 0}, &p->p->units[p->p->nunits++]);
  }
}

static void make_units(Plan *p) {
  Program *prog = p->p;
  prog->units = ARENA_ARRAY(p->arena, Unit, p->nunits + p->f->nout + 1);
  for (int i = 0; i < p->nunits; i++) make_unit(p, &p->units[i]);
  copy_outputs(p);
  prog->work = plan_owned(p, p->work);
  prog->base = p->bases.at;
  prog->nbase = (int)p->bases.n;
}

static int64_t *note_shapes(Arena *a, const GraphFn *f, const NodeId *ids, int n, Shape *shapes) {
  int64_t *first = ARENA_ARRAY(a, int64_t, n + 1);
  for (int k = 0; k < n; k++) {
    shapes[k] = graph_node(f->g, ids[k])->shape;
    first[k + 1] = first[k] + shape_count(shapes[k]);
  }
  return first;
}

static Program *new_program(Arena *a, const GraphFn *f, const PlanOptions *o) {
  Program *p = ARENA_NEW(a, Program);
  p->arena = a;
  p->single = o->single;
  p->failed = STATUS_FINE;
  p->nin = f->nin;
  p->nout = f->nout;
  p->in_shape = ARENA_ARRAY(a, Shape, p->nin + 1);
  p->out_shape = ARENA_ARRAY(a, Shape, p->nout + 1);
  p->in_first = note_shapes(a, f, f->in, f->nin, p->in_shape);
  p->out_first = note_shapes(a, f, f->out, f->nout, p->out_shape);
  return p;
}

/* Plans f, which is what prog is to compute, or that element by element. False: it was to become
   one scalar unit, and does not. */
static bool plan(Program *prog, const GraphFn *f, bool scalars) {
  Plan p = {.arena = prog->arena, .f = f, .g = f->g, .p = prog};
  p.nodes = ARENA_ARRAY(prog->arena, PlanNode, f->g->nodes.n + 1);
  plan_views(&p);
  plan_groups(&p);
  if (scalars && (p.nunits != 1 || !is_scalar_unit(&p, &p.units[0]))) return false;
  plan_constants(&p);
  plan_places(&p);
  prog->all_scalar = scalars;
  make_units(&p);
  return true;
}

Program *program_plan(Arena *a, const GraphFn *f, const PlanOptions *o) {
  GraphFn *lowered = pass_lower(a, pass_simplify(a, f, !o->exact));
  lowered = pass_fuse(a, pass_simplify(a, lowered, !o->exact));
  if (o->held) lowered = pass_pack(a, lowered, o->held);
  Program *prog = new_program(a, lowered, o);
  const GraphFn *scalars = o->single ? NULL : pass_scalars(a, lowered);
  if (!scalars || !plan(prog, scalars, true)) plan(prog, lowered, false);
  return prog;
}

Shape program_in_shape(const Program *p, int i) {
  return p->in_shape[i];
}
Shape program_out_shape(const Program *p, int i) {
  return p->out_shape[i];
}
size_t program_bytes(const Program *p) {
  return p->bytes;
}
