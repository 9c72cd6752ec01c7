/* print.c: a program as text: one line for each unit. */
#include <string.h>

#include "run/plan.h"

/* "4 add, exp": each op with how often it stands in the list. */
static const char *op_counts(Arena *a, const uint16_t *ops, int n) {
  int count[OP_COUNT] = {0};
  const char *text = "";
  for (int i = 0; i < n; i++) count[ops[i]]++;
  for (int i = 0; i < n; i++) {
    int times = count[ops[i]];
    const char *comma = text[0] ? ", " : "", *name = op_table[ops[i]].name;
    if (times > 1) text = arena_printf(a, "%s%s%d %s", text, comma, times, name);
    if (times == 1) text = arena_printf(a, "%s%s%s", text, comma, name);
    count[ops[i]] = 0;
  }
  return text;
}

static const char *place_text(Arena *a, const Program *p, Place at) {
  const char *kind = at.base < p->nin ? "in" : at.base < p->nin + p->nout ? "out" : "at";
  int number = at.base < p->nin             ? at.base
               : at.base < p->nin + p->nout ? at.base - p->nin
                                            : at.base - p->nin - p->nout;
  return at.offset ? arena_printf(a, "%s%d+%lld", kind, number, (long long)at.offset)
                   : arena_printf(a, "%s%d", kind, number);
}

static Shape unit_space(const TileUnit *u) {
  Shape s = {.rank = u->rank};
  memcpy(s.n, u->n, sizeof s.n);
  return s;
}

static const char *call_text(Arena *a, const Program *p, const CallUnit *u) {
  const char *text = arena_printf(a, "%s %s =", op_table[u->op].name, place_text(a, p, u->out));
  for (int k = 0; k < u->call.nin; k++)
    text = arena_printf(a, "%s %s%s", text, place_text(a, p, u->in[k]),
                        shape_text(a, u->call.shape[k]));
  return text;
}

static const char *unit_text(Arena *a, const Program *p, const Unit *u) {
  switch (u->kind) {
    case UNIT_TILES:
      return arena_printf(a, "tiles of %d over %s, %d slots: %s", u->as.tiles.width,
                          shape_text(a, unit_space(&u->as.tiles)), u->as.tiles.nslots,
                          op_counts(a, u->as.tiles.names, u->as.tiles.nops));
    case UNIT_SCALARS:
      return arena_printf(a, "%d registers: %s", u->as.scalars.nreg,
                          op_counts(a, u->as.scalars.code.op, u->as.scalars.code.n - 1));
    case UNIT_CALL: return call_text(a, p, &u->as.call);
    case UNIT_PRODUCT:
      return arena_printf(a, "packed product %s = %s[%lld, %lld] [%lld, %lld]",
                          place_text(a, p, u->as.product.out), place_text(a, p, u->as.product.a),
                          (long long)u->as.product.call.m, (long long)u->as.product.call.k,
                          (long long)u->as.product.call.k, (long long)u->as.product.call.n);
    case UNIT_COPY:
      return arena_printf(a, "copy %s = %s", place_text(a, p, u->as.copy.to),
                          place_text(a, p, u->as.copy.from));
  }
  return "";
}

const char *program_print(Arena *a, const Program *p) {
  const char *text = "";
  for (int i = 0; i < p->nunits; i++)
    text = arena_printf(a, "%s%s\n", text, unit_text(a, p, &p->units[i]));
  return text;
}
