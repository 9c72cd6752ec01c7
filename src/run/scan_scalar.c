/* scan_scalar.c: program_scan for programs of single numbers. Carries stay in their registers: the
   code of one step is completed with what the ports need between two steps, and runs without a
   return until a stack that is not written at every step is due, or a check. */
#include <math.h>
#include <string.h>

#include "run/jit.h"
#include "run/scan.h"

enum { WORTH_TRANSLATING = 1000 }; /* steps: below, the interpreter is done before */

typedef struct ScalarScan {
  Program *p;
  const ScanSpec *s;
  Arena *arena;
  ScalarCode code;
  double *reg, *saved; /* saved: at the last check */
  int nreg, ncursors;
  uint16_t *in, *out; /* registers of inputs and outputs; the code may have renamed the latter */
  uint16_t *port;     /* of ports: the sum, a carry on its way, the one of a count */
} ScalarScan;

static uint16_t new_register(ScalarScan *sc, double x) {
  sc->reg[sc->nreg] = x;
  return (uint16_t)sc->nreg++;
}

static void emit(ScalarScan *sc, int code, uint16_t out, uint16_t a, uint16_t b) {
  scalar_emit(sc->arena, &sc->code, code, (uint16_t[4]){out, a, b, 0});
}

static uint16_t add_cursor(ScalarScan *sc, void *data) {
  sc->code.cursor[sc->ncursors] = data;
  return (uint16_t)sc->ncursors++;
}

/* ---- The code of a step ---- */

static void emit_slices(ScalarScan *sc, int64_t step) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind == PORT_SLICE)
      emit(sc, SCALAR_NEXT, sc->in[port->index], add_cursor(sc, (double *)port->data + step), 0);
  }
}

static void emit_body(ScalarScan *sc) {
  const ScalarCode *body = &sc->p->units[0].as.scalars.code;
  for (int i = 0; i < body->n - 1; i++) { /* all but its end */
    const ScalarInstr *b = &body->at[i];
    scalar_emit(sc->arena, &sc->code, body->op[i], (uint16_t[4]){b->out, b->a, b->b, b->c});
  }
}

/* Is a register that holds an output given its next value before the code returns? */
static bool is_overwritten(const ScalarScan *sc, uint16_t reg) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    bool moved = port->kind == PORT_CARRY && sc->out[port->from] != sc->in[port->index];
    if ((moved || port->kind == PORT_STEP) && sc->in[port->index] == reg) return true;
  }
  return false;
}

/* Where a stack that is not written at every step finds its value after the code has returned. */
static uint16_t stack_register(const ScalarScan *sc, int k) {
  uint16_t reg = sc->out[sc->s->ports[k].index];
  return is_overwritten(sc, reg) ? sc->port[k] : reg;
}

static void emit_outputs(ScalarScan *sc) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind == PORT_STACK && port->every == 1)
      emit(sc, SCALAR_PUT, 0, sc->out[port->index], add_cursor(sc, port->data));
    if (port->kind == PORT_STACK && port->every != 1 && is_overwritten(sc, sc->out[port->index]))
      emit(sc, SCALAR_MOVE, sc->port[k], sc->out[port->index], 0);
    if (port->kind == PORT_SUM) emit(sc, OP_add, sc->port[k], sc->port[k], sc->out[port->index]);
  }
}

static bool reads(const ScalarInstr *i, uint16_t reg) {
  return i->a == reg || i->b == reg || i->c == reg;
}

static bool is_output(const ScalarScan *sc, uint16_t reg) {
  for (int k = 0; k < sc->p->nout; k++)
    if (sc->out[k] == reg) return true;
  return false;
}

/* Lets the code compute what is in register `from` in an input's register `to` itself, if nobody
   needs the old value any more by then. (Operands that an instruction does not have are register 0,
   which can only make this refuse.) */
static void rename_register(ScalarScan *sc, uint16_t from, uint16_t to) {
  ScalarInstr *def = NULL, *end = sc->code.at + sc->code.n;
  if (is_output(sc, to)) return;
  for (ScalarInstr *i = sc->code.at; i < end; i++) {
    if (def && (reads(i, to) || i->out == to)) return;
    if (i->out == from) def = i;
  }
  if (!def) return;
  def->out = to;
  for (ScalarInstr *i = def + 1; i < end; i++) {
    if (i->a == from) i->a = to;
    if (i->b == from) i->b = to;
    if (i->c == from) i->c = to;
  }
  for (int k = 0; k < sc->p->nout; k++)
    if (sc->out[k] == from) sc->out[k] = to;
}

static bool is_carry(const ScalarScan *sc, int port) {
  return sc->s->ports[port].kind == PORT_CARRY;
}

/* Before any instruction that holds cursors reads an output. */
static void rename_carries(ScalarScan *sc) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (!is_carry(sc, k)) continue;
    uint16_t from = sc->out[port->from], to = sc->in[port->index];
    if (from != to) rename_register(sc, from, to);
  }
}

/* What could not be renamed is moved, by way of registers of its own: all carries change at once.
 */
static void move_carries(ScalarScan *sc) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (is_carry(sc, k) && sc->out[port->from] != sc->in[port->index])
      emit(sc, SCALAR_MOVE, sc->port[k], sc->out[port->from], 0);
  }
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (is_carry(sc, k) && sc->out[port->from] != sc->in[port->index])
      emit(sc, SCALAR_MOVE, sc->in[port->index], sc->port[k], 0);
  }
}

static void emit_count(ScalarScan *sc) {
  for (int k = 0; k < sc->s->nports; k++) {
    if (sc->s->ports[k].kind != PORT_STEP) continue;
    uint16_t reg = sc->in[sc->s->ports[k].index];
    emit(sc, OP_add, reg, reg, sc->port[k]);
  }
}

/* Code that begins at `step`; without outputs it only carries on. */
static void make_code(ScalarScan *sc, int64_t step, bool outputs) {
  sc->code.n = sc->ncursors = 0;
  sc->code.native = NULL;
  memcpy(sc->out, sc->p->out_reg, (size_t)sc->p->nout * sizeof *sc->out);
  emit_slices(sc, step);
  emit_body(sc);
  rename_carries(sc);
  if (outputs) emit_outputs(sc);
  move_carries(sc);
  emit_count(sc);
  emit(sc, SCALAR_END, 0, 0, 0);
}

/* ---- Running ---- */

static void begin(ScalarScan *sc) {
  const ScalarUnit *u = &sc->p->units[0].as.scalars;
  int most = u->nreg + sc->s->nports + sc->p->nin;
  sc->reg = ARENA_ARRAY(sc->arena, double, most);
  sc->saved = ARENA_ARRAY(sc->arena, double, most);
  sc->in = ARENA_ARRAY(sc->arena, uint16_t, sc->p->nin + 1);
  sc->out = ARENA_ARRAY(sc->arena, uint16_t, sc->p->nout + 1);
  sc->port = ARENA_ARRAY(sc->arena, uint16_t, sc->s->nports + 1);
  sc->code.cursor = ARENA_ARRAY(sc->arena, double *, sc->s->nports + 1);
  memcpy(sc->reg, u->reg, (size_t)u->nreg * sizeof *sc->reg);
  sc->nreg = u->nreg;
  for (int k = 0; k < sc->p->nin; k++)
    sc->in[k] = sc->p->in_reg[k] == SCALAR_NONE ? new_register(sc, 0) : sc->p->in_reg[k];
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    bool one = port->kind == PORT_STEP, sum = port->kind == PORT_SUM;
    sc->port[k] = new_register(sc, one ? 1 : sum ? *(const double *)port->data : 0);
    bool used = port->kind <= PORT_STEP && sc->p->in_reg[port->index] != SCALAR_NONE;
    if (one) sc->reg[sc->in[port->index]] = (double)sc->s->first;
    if (port->kind == PORT_CARRY || (port->kind == PORT_FIXED && used))
      sc->reg[sc->in[port->index]] = *(const double *)port->data;
  }
}

/* Up to where may the code run without a return? */
static int64_t next_stop(const ScalarScan *sc, int64_t done, int64_t stop) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind != PORT_STACK || port->every == 1) continue;
    int64_t due = done + port->every - done % port->every;
    if (due < stop) stop = due;
  }
  return stop;
}

static void write_stacks(const ScalarScan *sc, int64_t done) {
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind == PORT_STACK && port->every != 1 && done % port->every == 0)
      ((double *)port->data)[done / port->every - 1] = sc->reg[stack_register(sc, k)];
  }
}

/* The first carry that is not finite, -1 if there is none. */
static int64_t first_bad(const ScalarScan *sc) {
  int64_t carry = 0;
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind != PORT_CARRY) continue;
    if (!isfinite(sc->reg[sc->in[port->index]])) return carry;
    carry++;
  }
  return -1;
}

static void save(const ScalarScan *sc) {
  memcpy(sc->saved, sc->reg, (size_t)sc->nreg * sizeof *sc->reg);
}

static void restore(const ScalarScan *sc) {
  memcpy(sc->reg, sc->saved, (size_t)sc->nreg * sizeof *sc->reg);
}

static Status find_bad_step(ScalarScan *sc, int64_t from, int64_t to) {
  restore(sc);
  make_code(sc, from, false);
  for (int64_t k = from; k < to; k++) {
    scalar_run(&sc->code, sc->reg, 1);
    int64_t bad = first_bad(sc);
    if (bad >= 0) {
      restore(sc);
      return (Status){STATUS_NONFINITE, (double)(sc->s->first + k), bad, NULL};
    }
    save(sc);
  }
  return STATUS_FINE;
}

static Status check(ScalarScan *sc, int64_t from, int64_t done) {
  if (first_bad(sc) >= 0) return find_bad_step(sc, from, done);
  save(sc);
  if (sc->s->tick && !sc->s->tick(sc->s->ctx, sc->s->first + done))
    return (Status){STATUS_CANCELLED, (double)(sc->s->first + done), -1, NULL};
  return STATUS_FINE;
}

static Status run_steps(ScalarScan *sc) {
  Status st = STATUS_FINE;
  save(sc);
  make_code(sc, 0, true);
  if (sc->s->steps >= WORTH_TRANSLATING) sc->code.native = jit_translate(sc->arena, &sc->code);
  for (int64_t done = 0; done < sc->s->steps && st.code == STATUS_OK;) {
    int64_t from = done, to = scan_next_check(sc->s, done);
    while (done < to) {
      int64_t stop = next_stop(sc, done, to);
      scalar_run(&sc->code, sc->reg, stop - done);
      done = stop;
      write_stacks(sc, done);
    }
    if (sc->s->check > 0) st = check(sc, from, done);
  }
  return st;
}

Status scan_scalars(Program *p, const ScanSpec *s) {
  ScalarScan sc = {.p = p, .s = s, .arena = arena_new()};
  begin(&sc);
  Status st = run_steps(&sc);
  for (int k = 0; k < s->nports; k++) {
    const Port *port = &s->ports[k];
    if (port->kind == PORT_CARRY) *(double *)port->data = sc.reg[sc.in[port->index]];
    if (port->kind == PORT_SUM) *(double *)port->data = sc.reg[sc.port[k]];
  }
  arena_free(sc.arena);
  return st;
}
