/* plan_scalar.c: register code for elementwise nodes that are single numbers. Each argument from
   outside and each result has a register of its own; constants are there from the start. */
#include "run/plan.h"

typedef struct Registers {
  Plan *p;
  ScalarUnit *u;
  VEC(ScalarPort) outside; /* what is read from memory, constants too */
  VEC(int) next;           /* another one on the same base */
  VEC(double) start;       /* what each register holds at first */
  uint16_t *of_node;       /* of members of the unit, by node; SCALAR_NONE for others */
} Registers;

static uint16_t new_register(Registers *r, double x) {
  *vec_push(r->p->arena, &r->start) = x;
  return (uint16_t)(r->start.n - 1);
}

static uint16_t outside_register(Registers *r, Place at, bool constant) {
  int *first = &r->p->on_base[at.base];
  for (int k = *first; k >= 0; k = r->next.at[k])
    if (r->outside.at[k].offset == at.offset) return r->outside.at[k].reg;
  const double *data = (const double *)(void *)r->p->bases.at[at.base];
  uint16_t reg = new_register(r, constant ? data[at.offset] : 0);
  *vec_push(r->p->arena, &r->outside) = (ScalarPort){reg, at.base, at.offset};
  *vec_push(r->p->arena, &r->next) = *first;
  *first = (int)r->outside.n - 1;
  return reg;
}

static uint16_t register_of(Registers *r, NodeId id) {
  NodeId root = r->p->nodes[id].root;
  if (r->of_node[root] != SCALAR_NONE) return r->of_node[root];
  return outside_register(r, plan_place(r->p, id), !r->p->nodes[root].varies);
}

static void emit_member(Registers *r, NodeId id) {
  const Node *node = plan_node(r->p, id);
  uint16_t reg[4] = {0};
  for (int k = 0; k < node->nin; k++) reg[k + 1] = register_of(r, node->in[k]);
  reg[0] = r->of_node[id] = new_register(r, 0);
  scalar_emit(r->p->arena, &r->u->code, node->op, reg);
}

static void add_store(Registers *r, uint16_t reg, Place at) {
  r->u->store[r->u->nstore++] = (ScalarPort){reg, at.base, at.offset};
}

/* A program that is one scalar unit stores all outputs by itself, whatever they are. */
static void store_outputs(Registers *r) {
  Program *p = r->p->p;
  int64_t n = p->out_first[p->nout];
  r->u->store = ARENA_ARRAY(r->p->arena, ScalarPort, n + 1);
  p->out_reg = ARENA_ARRAY(r->p->arena, uint16_t, n + 1);
  for (int k = 0; k < p->nout; k++)
    for (int64_t i = p->out_first[k]; i < p->out_first[k + 1]; i++) {
      p->out_reg[i] = register_of(r, r->p->f->out[i]);
      add_store(r, p->out_reg[i], (Place){p->nin + k, i - p->out_first[k]});
      r->p->out_done[i] = true;
    }
}

static void store_members(Registers *r, const PlanUnit *pu) {
  r->u->store = ARENA_ARRAY(r->p->arena, ScalarPort, pu->n + 1);
  for (int i = 0; i < pu->n; i++) {
    NodeId id = r->p->order[pu->first + i];
    if (r->p->nodes[id].stored) add_store(r, r->of_node[id], plan_place(r->p, id));
  }
}

/* Constants need no load; the inputs of a program that is one unit are noted. */
static void find_loads(Registers *r) {
  Program *p = r->p->p;
  int64_t n = p->all_scalar ? p->in_first[p->nin] : 0;
  p->in_reg = ARENA_ARRAY(r->p->arena, uint16_t, n + 1);
  for (int64_t k = 0; k < n; k++) p->in_reg[k] = SCALAR_NONE;
  r->u->load = ARENA_ARRAY(r->p->arena, ScalarPort, r->outside.n + 1);
  for (size_t k = 0; k < r->outside.n; k++) {
    ScalarPort o = r->outside.at[k];
    r->p->on_base[o.base] = -1;
    if (o.base >= r->p->constant_base && o.base < r->p->buffer_base) continue;
    if (p->all_scalar && o.base < p->nin) p->in_reg[p->in_first[o.base] + o.offset] = o.reg;
    r->u->load[r->u->nload++] = o;
  }
}

void plan_scalar_unit(Plan *p, const PlanUnit *pu, ScalarUnit *out) {
  Registers r = {.p = p, .u = out, .of_node = mem_alloc((p->g->nodes.n + 1) * sizeof(uint16_t))};
  for (size_t k = 0; k < p->g->nodes.n; k++) r.of_node[k] = SCALAR_NONE;
  for (int i = 0; i < pu->n; i++) emit_member(&r, p->order[pu->first + i]);
  if (p->p->all_scalar)
    store_outputs(&r);
  else
    store_members(&r, pu);
  scalar_emit(p->arena, &out->code, SCALAR_END, (uint16_t[4]){0});
  find_loads(&r);
  out->reg = r.start.at;
  out->nreg = (int)r.start.n;
  mem_free(r.of_node);
}
