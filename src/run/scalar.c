/* scalar.c: building and running register code. */
#include "run/scalar.h"

#include "base/vec.h"

static void grow(Arena *a, ScalarCode *c) {
  size_t at_cap = (size_t)c->cap, op_cap = at_cap;
  c->at = vec_grow(a, c->at, &at_cap, sizeof *c->at);
  c->op = vec_grow(a, c->op, &op_cap, sizeof *c->op);
  c->cap = (int)at_cap;
}

void scalar_emit(Arena *a, ScalarCode *c, int op, const uint16_t reg[4]) {
  if (c->n == c->cap) grow(a, c);
  const void *code = scalar_interpret(NULL, NULL, 0)[op];
  c->op[c->n] = (uint16_t)op;
  c->at[c->n++] = (ScalarInstr){code, reg[0], reg[1], reg[2], reg[3]};
}

void scalar_run(const ScalarCode *c, double *reg, int64_t steps) {
  if (c->native)
    c->native(reg, c->cursor, steps);
  else
    scalar_interpret(c, reg, steps);
}
