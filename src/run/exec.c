/* exec.c: runs the units of a program in their order. */
#include "run/jit.h"
#include "run/plan.h"

/* Machine code is made once, when a program has shown that it runs often. */
enum { WORTH_TRANSLATING = 100 };

static void exec_scalars(const Program *p, ScalarUnit *u) {
  if (u->runs < WORTH_TRANSLATING && ++u->runs == WORTH_TRANSLATING)
    u->code.native = jit_translate(p->arena, &u->code);
  for (int k = 0; k < u->nload; k++)
    u->reg[u->load[k].reg] = ((const double *)(void *)p->base[u->load[k].base])[u->load[k].offset];
  scalar_run(&u->code, u->reg, 1);
  for (int k = 0; k < u->nstore; k++)
    ((double *)(void *)p->base[u->store[k].base])[u->store[k].offset] = u->reg[u->store[k].reg];
}

static Status exec_call(const Program *p, CallUnit *u) {
  for (int k = 0; k < u->call.nin; k++) u->pointer[k] = program_address(p, u->in[k]);
  u->call.out = program_address(p, u->out);
  u->call.work = p->work;
  return kern_table[u->op](&u->call);
}

static void exec_product(const Program *p, ProductUnit *u) {
  u->call.a = program_address(p, u->a);
  u->call.out = program_address(p, u->out);
  panel_product(&u->call);
}

static Status exec_unit(const Program *p, Unit *u) {
  switch (u->kind) {
    case UNIT_TILES: exec_tiles(p, &u->as.tiles); break;
    case UNIT_SCALARS: exec_scalars(p, &u->as.scalars); break;
    case UNIT_CALL: return exec_call(p, &u->as.call);
    case UNIT_PRODUCT: exec_product(p, &u->as.product); break;
    case UNIT_COPY:
      strided_copy(&u->as.copy.strides, p->single, program_address(p, u->as.copy.to),
                   program_address(p, u->as.copy.from));
      break;
  }
  return STATUS_FINE;
}

Status exec_units(Program *p) {
  Status st = p->failed;
  for (int i = 0; i < p->nunits && st.code == STATUS_OK; i++) st = exec_unit(p, &p->units[i]);
  return st;
}

void exec_pack_held(const Program *p) {
  for (size_t k = 0; k < p->held.n; k++) {
    const HeldPack *h = &p->held.at[k];
    panel_pack(program_address(p, h->from), h->transposed, h->k, h->n, h->width, p->single,
               h->data);
  }
}

Status program_run(Program *p, const void *const *in, void *const *out) {
  for (int k = 0; k < p->nin; k++) p->base[k] = (char *)(uintptr_t)in[k];
  for (int k = 0; k < p->nout; k++) p->base[p->nin + k] = out[k];
  exec_pack_held(p);
  return exec_units(p);
}

Status run_graph(Arena *a, const GraphFn *f, const Tensor *const *in, Tensor **out) {
  Arena *scratch = arena_new();
  Program *p = program_plan(scratch, f, &(PlanOptions){.exact = true});
  const void **from = arena_array(scratch, (size_t)p->nin + 1, sizeof *from);
  void **to = arena_array(scratch, (size_t)p->nout + 1, sizeof *to);
  Status st = STATUS_FINE;
  for (int k = 0; k < p->nin; k++) from[k] = in[k]->data;
  for (int k = 0; k < p->nout; k++) {
    out[k] = tensor_new(a, p->out_shape[k]);
    if (!out[k]) st = (Status){STATUS_INVALID, 0, -1, "too large for memory"};
    to[k] = out[k] ? out[k]->data : NULL;
  }
  if (st.code == STATUS_OK) st = program_run(p, from, to);
  arena_free(scratch);
  return st;
}
