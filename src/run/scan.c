/* scan.c: runs a program many times in a row. Carries have two arrays each, which change places
   after every step. At each check the carries are saved; when one turns out not finite, the steps
   since are run again from there, one by one, until the first bad one. */
#include "run/scan.h"

#include <math.h>
#include <string.h>

typedef struct Carry {
  const Port *port;
  int64_t count;
  size_t bytes;
  bool direct; /* the program writes straight into `next`; else it is copied there */
  char *now, *next, *saved;
} Carry;

/* A port of sums. */
typedef struct Sum {
  const Port *port;
  CallUnit *product; /* that adds to the sum by itself, or NULL */
} Sum;

typedef struct Scan {
  Program *p;
  const ScanSpec *s;
  Arena *arena;
  Carry *carries;
  int ncarries;
  Sum *sums;
  int nsums;
  char **sink; /* [nout]: where an output goes that no carry takes */
  double step_number;
  float step_number_single;
  bool replaying; /* no stacks, no sums */
} Scan;

static size_t bytes_of(const Scan *sc, Shape s) {
  return (size_t)shape_count(s) * real_size(sc->p->single);
}

static char *block(Scan *sc, size_t bytes) {
  char *data = mem_alloc(bytes + 1);
  arena_defer(sc->arena, mem_free, data);
  return data;
}

static bool taken(const Scan *sc, int out) {
  for (int k = 0; k < sc->ncarries; k++)
    if (sc->carries[k].port->from == out) return true;
  return false;
}

static void add_carry(Scan *sc, const Port *port) {
  Carry c = {.port = port, .direct = !taken(sc, port->from)};
  c.count = shape_count(sc->p->in_shape[port->index]);
  c.bytes = (size_t)c.count * real_size(sc->p->single);
  c.now = block(sc, c.bytes);
  c.next = block(sc, c.bytes);
  c.saved = block(sc, c.bytes);
  memcpy(c.now, port->data, c.bytes);
  memcpy(c.saved, port->data, c.bytes);
  sc->carries[sc->ncarries++] = c;
}

static bool is_at(Place at, int base) {
  return at.base == base;
}

static bool reads_base(const Unit *u, int base) {
  bool found = false;
  switch (u->kind) {
    case UNIT_TILES:
      for (int k = 0; k < u->as.tiles.nexternals; k++)
        found |= is_at(u->as.tiles.externals[k].at, base);
      return found;
    case UNIT_SCALARS:
      for (int k = 0; k < u->as.scalars.nload; k++) found |= u->as.scalars.load[k].base == base;
      return found;
    case UNIT_CALL:
      for (int k = 0; k < u->as.call.call.nin; k++) found |= is_at(u->as.call.in[k], base);
      return found;
    case UNIT_PRODUCT: return is_at(u->as.product.a, base);
    case UNIT_COPY: return is_at(u->as.copy.from, base);
  }
  return true;
}

/* The product that makes an output which nothing else reads: it can add to the sum itself. */
static CallUnit *only_product(const Scan *sc, const Port *port) {
  int base = sc->p->nin + port->index;
  CallUnit *found = NULL;
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *other = &sc->s->ports[k];
    int out = other->kind == PORT_CARRY ? other->from : other->index;
    bool takes = other->kind == PORT_CARRY || other->kind >= PORT_STACK;
    if (other != port && takes && out == port->index) return NULL;
  }
  for (int k = 0; k < sc->p->nunits; k++) {
    Unit *u = &sc->p->units[k];
    if (u->kind == UNIT_CALL && u->as.call.op == OP_gemm && is_at(u->as.call.out, base))
      found = &u->as.call;
    else if (reads_base(u, base))
      return NULL;
  }
  return found;
}

static void begin(Scan *sc) {
  Program *p = sc->p;
  sc->sums = ARENA_ARRAY(sc->arena, Sum, sc->s->nports + 1);
  sc->carries = ARENA_ARRAY(sc->arena, Carry, sc->s->nports + 1);
  sc->sink = ARENA_ARRAY(sc->arena, char *, p->nout + 1);
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind == PORT_CARRY) add_carry(sc, port);
    if (port->kind == PORT_SUM) sc->sums[sc->nsums++] = (Sum){port, only_product(sc, port)};
    if (port->kind == PORT_FIXED) p->base[port->index] = port->data;
    if (port->kind == PORT_STEP)
      p->base[port->index] = p->single ? (char *)&sc->step_number_single : (char *)&sc->step_number;
  }
  exec_pack_held(p);
  for (int k = 0; k < p->nout; k++) {
    if (!taken(sc, k)) sc->sink[k] = block(sc, bytes_of(sc, p->out_shape[k]));
    p->base[p->nin + k] = sc->sink[k];
  }
}

/* ---- One step ---- */

/* Where the port wants the output of this step; NULL: nowhere. */
static char *row_of(const Scan *sc, const Port *port, int64_t step) {
  if ((step + 1) % port->every != 0) return NULL;
  return (char *)port->data +
         ((step + 1) / port->every - 1) * (int64_t)bytes_of(sc, sc->p->out_shape[port->index]);
}

static void enter(Scan *sc, int64_t step) {
  Program *p = sc->p;
  sc->step_number = (double)(sc->s->first + step);
  sc->step_number_single = (float)sc->step_number;
  for (int k = 0; k < sc->s->nports; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind != PORT_SLICE) continue;
    int64_t row = port->every < 0 ? -step : step;
    p->base[port->index] =
        (char *)port->data + row * (int64_t)bytes_of(sc, p->in_shape[port->index]);
  }
  for (int k = 0; k < sc->ncarries; k++) {
    Carry *c = &sc->carries[k];
    p->base[c->port->index] = c->now;
    if (c->direct) p->base[p->nin + c->port->from] = c->next;
  }
  for (int k = 0; k < sc->nsums; k++) {
    Sum *s = &sc->sums[k];
    if (!s->product) continue;
    s->product->call.add = !sc->replaying;
    p->base[p->nin + s->port->index] =
        sc->replaying ? sc->sink[s->port->index] : (char *)s->port->data;
  }
}

static void add_to(const Scan *sc, const Port *port) {
  int64_t n = shape_count(sc->p->out_shape[port->index]);
  const void *x = sc->p->base[sc->p->nin + port->index];
  tile_kernel(OP_add, 0, sc->p->single)(port->data, port->data, x, NULL, n);
}

static void write_ring(const Scan *sc, const Port *port, int64_t step) {
  size_t row = bytes_of(sc, sc->p->out_shape[port->index]) / (size_t)port->from;
  const char *from = sc->p->base[sc->p->nin + port->index];
  char *to = (char *)port->data + (size_t)((sc->s->first + step) % port->every) * row;
  for (int64_t k = 0; k < port->from; k++, from += row, to += (size_t)(port->every + 1) * row)
    memcpy(to, from, row);
}

static void leave(Scan *sc, int64_t step) {
  Program *p = sc->p;
  for (int k = 0; k < sc->s->nports && !sc->replaying; k++) {
    const Port *port = &sc->s->ports[k];
    if (port->kind == PORT_RING) write_ring(sc, port, step);
    char *row = port->kind == PORT_STACK ? row_of(sc, port, step) : NULL;
    if (row) memcpy(row, p->base[p->nin + port->index], bytes_of(sc, p->out_shape[port->index]));
  }
  for (int k = 0; k < sc->nsums && !sc->replaying; k++)
    if (!sc->sums[k].product) add_to(sc, sc->sums[k].port);
  for (int k = 0; k < sc->ncarries; k++) {
    Carry *c = &sc->carries[k];
    if (!c->direct) memcpy(c->next, p->base[p->nin + c->port->from], c->bytes);
  }
  for (int k = 0; k < sc->ncarries; k++) {
    Carry *c = &sc->carries[k];
    char *t = c->now;
    c->now = c->next;
    c->next = t;
  }
}

static Status step(Scan *sc, int64_t number) {
  enter(sc, number);
  Status st = exec_units(sc->p);
  if (st.code == STATUS_OK) leave(sc, number);
  return st;
}

/* ---- Checks ---- */

#define FINITE(type)                                      \
  static bool finite_##type(const type *x, int64_t n) {   \
    type acc[4] = {0};                                    \
    int64_t i = 0;                                        \
    for (; i + 4 <= n; i += 4)                            \
      for (int l = 0; l < 4; l++) acc[l] += x[i + l] * 0; \
    for (; i < n; i++) acc[0] += x[i] * 0;                \
    return (acc[0] + acc[1]) + (acc[2] + acc[3]) == 0;    \
  }
FINITE(double)
FINITE(float)

static bool is_finite(const Scan *sc, const char *x, int64_t n) {
  return sc->p->single ? finite_float((const float *)(const void *)x, n)
                       : finite_double((const double *)(const void *)x, n);
}

/* The first element that is not finite, counted through those that are checked; -1 if there is
 * none. */
static int64_t first_bad(const Scan *sc) {
  int64_t before = 0;
  for (int k = 0; k < sc->ncarries; k++) {
    const Carry *c = &sc->carries[k];
    if (c->port->every < 0) continue;
    for (int64_t i = 0; !is_finite(sc, c->now, c->count) && i < c->count; i++)
      if (!is_finite(sc, c->now + (size_t)i * real_size(sc->p->single), 1)) return before + i;
    before += c->count;
  }
  return -1;
}

static void swap_back(Scan *sc) {
  for (int k = 0; k < sc->ncarries; k++) {
    char *t = sc->carries[k].now;
    sc->carries[k].now = sc->carries[k].next;
    sc->carries[k].next = t;
  }
}

/* Something went wrong between `from` and `to`: the carries end as they were before it did. */
static Status find_bad_step(Scan *sc, int64_t from, int64_t to) {
  for (int k = 0; k < sc->ncarries; k++)
    memcpy(sc->carries[k].now, sc->carries[k].saved, sc->carries[k].bytes);
  sc->replaying = true;
  for (int64_t k = from; k < to; k++) {
    Status st = step(sc, k);
    if (st.code != STATUS_OK) return st;
    int64_t bad = first_bad(sc);
    if (bad < 0) continue;
    swap_back(sc);
    return (Status){STATUS_NONFINITE, (double)(sc->s->first + k), bad, NULL};
  }
  return STATUS_FINE;
}

static Status check(Scan *sc, int64_t from, int64_t done) {
  if (first_bad(sc) >= 0) return find_bad_step(sc, from, done);
  for (int k = 0; k < sc->ncarries; k++)
    memcpy(sc->carries[k].saved, sc->carries[k].now, sc->carries[k].bytes);
  if (sc->s->tick && !sc->s->tick(sc->s->ctx, sc->s->first + done))
    return (Status){STATUS_CANCELLED, (double)(sc->s->first + done), -1, NULL};
  return STATUS_FINE;
}

static Status run_steps(Scan *sc) {
  Status st = STATUS_FINE;
  for (int64_t done = 0; done < sc->s->steps && st.code == STATUS_OK;) {
    int64_t from = done, to = scan_next_check(sc->s, done);
    for (; done < to && st.code == STATUS_OK; done++) st = step(sc, done);
    if (sc->s->check > 0 && st.code == STATUS_OK) st = check(sc, from, done);
  }
  return st;
}

Status scan_arrays(Program *p, const ScanSpec *s) {
  Scan sc = {.p = p, .s = s, .arena = arena_new()};
  begin(&sc);
  Status st = run_steps(&sc);
  for (int k = 0; k < sc.ncarries; k++)
    memcpy(sc.carries[k].port->data, sc.carries[k].now, sc.carries[k].bytes);
  for (int k = 0; k < sc.nsums; k++)
    if (sc.sums[k].product) sc.sums[k].product->call.add = false;
  arena_free(sc.arena);
  return st;
}

/* Rows that go backwards, and rings, are for arrays only. */
static bool needs_arrays(const ScanSpec *s) {
  for (int k = 0; k < s->nports; k++)
    if ((s->ports[k].kind == PORT_SLICE && s->ports[k].every < 0) || s->ports[k].kind == PORT_RING)
      return true;
  return false;
}

Status program_scan(Program *p, const ScanSpec *s) {
  if (p->failed.code != STATUS_OK) return p->failed;
  return p->all_scalar && !needs_arrays(s) ? scan_scalars(p, s) : scan_arrays(p, s);
}
