/* scan_scalar.c: program_scan for programs of single numbers, each the element of some port's
   array. Carries stay in their registers: the code of one step is completed with what the ports
   need between two steps, and runs without a return until a stack that is not written at every step
   is due, or a check. The program keeps it for the next scan with ports of the same kind. */
#include <math.h>
#include <string.h>

#include "run/jit.h"
#include "run/scan.h"

enum { WORTH_TRANSLATING = 1000 }; /* steps: below, the interpreter is done before */

/* One element of a port. */
typedef struct Lane {
  int port;
  PortKind kind;
  int64_t every, place, count; /* which of the port's `count` elements */
  uint16_t in, from;           /* places in the tables of registers: of the input; of the output */
  uint16_t reg;                /* of its own: the sum, a carry on its way, the one of a count */
  int cursor;                  /* of the port's array: all elements move the same */
} Lane;

struct ScalarScan {
  Program *p;
  const ScanSpec *s;
  Port *ports; /* for which the code was made */
  int nports;
  Arena *arena; /* of all that is kept; NULL: nothing is */
  ScalarCode code;
  int64_t ran;         /* steps, until the code is worth translating */
  double *reg, *saved; /* saved: at the last check */
  int nreg, ncursors;
  uint16_t *in, *out; /* registers of all elements of inputs and outputs; the code may have renamed
                         the latter */
  Lane *lanes;        /* the elements of all ports, in their order */
  int nlanes;
};
typedef struct ScalarScan ScalarScan;

static uint16_t new_register(ScalarScan *sc) {
  return (uint16_t)sc->nreg++;
}

static void emit(ScalarScan *sc, int code, uint16_t out, uint16_t a, uint16_t b) {
  scalar_emit(sc->arena, &sc->code, code, (uint16_t[4]){out, a, b, 0});
}

static double *data_of(const ScalarScan *sc, const Lane *l) {
  return sc->s->ports[l->port].data;
}

/* ---- The code of a step ---- */

/* The elements of an array are read and written in their order, by one cursor. */
static uint16_t cursor_of(ScalarScan *sc, Lane *l) {
  l->cursor = l->place == 0 ? sc->ncursors++ : l[-1].cursor;
  return (uint16_t)l->cursor;
}

static bool has_cursor(const Lane *l) {
  return l->kind == PORT_SLICE || (l->kind == PORT_STACK && l->every == 1);
}

static void aim_cursors(const ScalarScan *sc, int64_t step) {
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++)
    if (has_cursor(l) && l->place == 0)
      sc->code.cursor[l->cursor] = data_of(sc, l) + step * l->count;
}

static void emit_slices(ScalarScan *sc) {
  for (Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++)
    if (l->kind == PORT_SLICE) emit(sc, SCALAR_NEXT, sc->in[l->in], cursor_of(sc, l), 0);
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
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
    bool moved = l->kind == PORT_CARRY && sc->out[l->from] != sc->in[l->in];
    if ((moved || l->kind == PORT_STEP) && sc->in[l->in] == reg) return true;
  }
  return false;
}

/* Where a stack that is not written at every step finds its value after the code has returned. */
static uint16_t stack_register(const ScalarScan *sc, const Lane *l) {
  uint16_t reg = sc->out[l->from];
  return is_overwritten(sc, reg) ? l->reg : reg;
}

static void emit_outputs(ScalarScan *sc) {
  for (Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
    if (l->kind == PORT_SUM) emit(sc, OP_add, l->reg, l->reg, sc->out[l->from]);
    if (l->kind != PORT_STACK) continue;
    if (has_cursor(l))
      emit(sc, SCALAR_PUT, 0, sc->out[l->from], cursor_of(sc, l));
    else if (is_overwritten(sc, sc->out[l->from]))
      emit(sc, SCALAR_MOVE, l->reg, sc->out[l->from], 0);
  }
}

static bool reads(const ScalarInstr *i, uint16_t reg) {
  return i->a == reg || i->b == reg || i->c == reg;
}

static bool is_output(const ScalarScan *sc, uint16_t reg) {
  for (int64_t k = 0; k < sc->p->out_first[sc->p->nout]; k++)
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
  for (int64_t k = 0; k < sc->p->out_first[sc->p->nout]; k++)
    if (sc->out[k] == from) sc->out[k] = to;
}

/* Before any instruction that holds cursors reads an output. */
static void rename_carries(ScalarScan *sc) {
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
    if (l->kind != PORT_CARRY) continue;
    uint16_t from = sc->out[l->from], to = sc->in[l->in];
    if (from != to) rename_register(sc, from, to);
  }
}

/* What could not be renamed is moved, by way of registers of its own: all carries change at once.
 */
static void move_carries(ScalarScan *sc) {
  for (int pass = 0; pass < 2; pass++)
    for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
      if (l->kind != PORT_CARRY || sc->out[l->from] == sc->in[l->in]) continue;
      if (pass == 0)
        emit(sc, SCALAR_MOVE, l->reg, sc->out[l->from], 0);
      else
        emit(sc, SCALAR_MOVE, sc->in[l->in], l->reg, 0);
    }
}

static void emit_count(ScalarScan *sc) {
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++)
    if (l->kind == PORT_STEP) emit(sc, OP_add, sc->in[l->in], sc->in[l->in], l->reg);
}

/* Without outputs the code only carries on. */
static void make_code(ScalarScan *sc, bool outputs) {
  sc->code.n = sc->ncursors = 0;
  sc->code.native = NULL;
  memcpy(sc->out, sc->p->out_reg, (size_t)sc->p->out_first[sc->p->nout] * sizeof *sc->out);
  emit_slices(sc);
  emit_body(sc);
  rename_carries(sc);
  if (outputs) emit_outputs(sc);
  move_carries(sc);
  emit_count(sc);
  emit(sc, SCALAR_END, 0, 0, 0);
}

/* ---- What is kept ---- */

static bool takes_input(PortKind kind) {
  return kind <= PORT_STEP;
}

static int64_t count_of(const ScalarScan *sc, const Port *port) {
  const int64_t *first = takes_input(port->kind) ? sc->p->in_first : sc->p->out_first;
  return first[port->index + 1] - first[port->index];
}

static void add_lanes(ScalarScan *sc, int k) {
  const Program *p = sc->p;
  const Port *port = &sc->ports[k];
  int out = port->kind == PORT_CARRY ? port->from : port->index;
  for (int64_t i = 0, count = count_of(sc, port); i < count; i++) {
    Lane *l = &sc->lanes[sc->nlanes++];
    *l = (Lane){.port = k, .kind = port->kind, .every = port->every, .place = i, .count = count};
    if (takes_input(port->kind)) l->in = (uint16_t)(p->in_first[port->index] + i);
    if (port->kind == PORT_CARRY || !takes_input(port->kind))
      l->from = (uint16_t)(p->out_first[out] + i);
    l->reg = new_register(sc);
  }
}

static void add_registers(ScalarScan *sc) {
  const Program *p = sc->p;
  sc->nreg = p->units[0].as.scalars.nreg;
  for (int64_t k = 0; k < p->in_first[p->nin]; k++)
    sc->in[k] = p->in_reg[k] == SCALAR_NONE ? new_register(sc) : p->in_reg[k];
  for (int k = 0; k < sc->nports; k++) add_lanes(sc, k);
}

static void prepare(ScalarScan *sc, const ScanSpec *s) {
  Program *p = sc->p;
  int64_t lanes = 0, nin = p->in_first[p->nin];
  Arena *a = arena_new();
  *sc = (ScalarScan){.p = p, .arena = a, .nports = s->nports};
  sc->ports = ARENA_ARRAY(a, Port, s->nports + 1);
  for (int k = 0; k < s->nports; k++) {
    sc->ports[k] = s->ports[k];
    lanes += count_of(sc, &sc->ports[k]);
  }
  sc->in = ARENA_ARRAY(a, uint16_t, nin + 1);
  sc->out = ARENA_ARRAY(a, uint16_t, p->out_first[p->nout] + 1);
  sc->lanes = ARENA_ARRAY(a, Lane, lanes + 1);
  sc->code.cursor = ARENA_ARRAY(a, double *, s->nports + 1);
  add_registers(sc);
  sc->reg = ARENA_ARRAY(a, double, sc->nreg);
  sc->saved = ARENA_ARRAY(a, double, sc->nreg);
  make_code(sc, true);
}

static void forget(void *scan) {
  ScalarScan *sc = scan;
  arena_free(sc->arena);
  sc->arena = NULL;
}

static bool fits(const ScalarScan *sc, const ScanSpec *s) {
  if (!sc->arena || sc->nports != s->nports) return false;
  for (int k = 0; k < s->nports; k++) {
    const Port *a = &sc->ports[k], *b = &s->ports[k];
    if (a->kind != b->kind || a->index != b->index || a->from != b->from || a->every != b->every)
      return false;
  }
  return true;
}

/* ---- Running ---- */

/* The values that registers have at first. */
static void start(ScalarScan *sc) {
  const ScalarUnit *u = &sc->p->units[0].as.scalars;
  memcpy(sc->reg, u->reg, (size_t)u->nreg * sizeof *sc->reg);
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
    const double *data = data_of(sc, l);
    sc->reg[l->reg] = l->kind == PORT_STEP ? 1 : l->kind == PORT_SUM ? data[l->place] : 0;
    if (l->kind == PORT_STEP) sc->reg[sc->in[l->in]] = (double)sc->s->first;
    if (l->kind == PORT_CARRY || (l->kind == PORT_FIXED && sc->p->in_reg[l->in] != SCALAR_NONE))
      sc->reg[sc->in[l->in]] = data[l->place];
  }
}

/* Up to where may the code run without a return? */
static int64_t next_stop(const ScalarScan *sc, int64_t done, int64_t stop) {
  for (int k = 0; k < sc->nports; k++) {
    const Port *port = &sc->ports[k];
    if (port->kind != PORT_STACK || port->every == 1) continue;
    int64_t due = done + port->every - done % port->every;
    if (due < stop) stop = due;
  }
  return stop;
}

static void write_stacks(const ScalarScan *sc, int64_t done) {
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++)
    if (l->kind == PORT_STACK && !has_cursor(l) && done % l->every == 0)
      data_of(sc, l)[(done / l->every - 1) * l->count + l->place] = sc->reg[stack_register(sc, l)];
}

/* The first element that is not finite, counted through those that are checked; -1 if there is
 * none. */
static int64_t first_bad(const ScalarScan *sc) {
  int64_t before = 0;
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
    if (l->kind != PORT_CARRY || l->every < 0) continue;
    if (!isfinite(sc->reg[sc->in[l->in]])) return before;
    before++;
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
  make_code(sc, false);
  aim_cursors(sc, from);
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
  aim_cursors(sc, 0);
  if (sc->ran < WORTH_TRANSLATING && (sc->ran += sc->s->steps) >= WORTH_TRANSLATING)
    sc->code.native = jit_translate(sc->arena, &sc->code);
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
  ScalarScan *sc = p->scan;
  if (!sc) {
    sc = p->scan = ARENA_NEW(p->arena, ScalarScan);
    sc->p = p;
    arena_defer(p->arena, forget, sc);
  }
  if (!fits(sc, s)) {
    forget(sc);
    prepare(sc, s);
  }
  sc->s = s;
  start(sc);
  Status st = run_steps(sc);
  for (const Lane *l = sc->lanes; l < sc->lanes + sc->nlanes; l++) {
    double *data = data_of(sc, l);
    if (l->kind == PORT_CARRY) data[l->place] = sc->reg[sc->in[l->in]];
    if (l->kind == PORT_SUM) data[l->place] = sc->reg[l->reg];
  }
  if (st.code != STATUS_OK) forget(sc); /* the code may be the one of a replay */
  return st;
}
