/* isa_scalar.c: the interpreter of register code, by threaded jumps: each instruction holds the
   address of its code and ends with a jump to the next one's (Bell 1973, "Threaded code", Comm. ACM
   16, 370). The functions are those of the tile kernels. */
#include "run/isa.h"
#include "run/isa_kernels.h"
#include "run/isa_real.h"
#include "run/scalar.h"

#define PRECISION double
#include "run/isa_math.inc"

/* A jump over the whole table is what this function is for: it stays in one piece. */
const void *const *ISA_NAME(scalar_interpret)(const ScalarCode *code, double *reg, int64_t steps) {
  static const void *const labels[SCALAR_CODES] = {
#define UNARY(name, value, da, dims, lo, hi, doc) [OP_##name] = &&do_##name,
#define BINARY(name, value, da, db, dims, lo, hi, doc) [OP_##name] = &&do_##name,
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) [OP_##name] = &&do_##name,
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
      [SCALAR_MOVE] = &&do_move,
      [SCALAR_NEXT] = &&do_next,
      [SCALAR_PUT] = &&do_put,
      [SCALAR_END] = &&do_end,
  };
  if (!code) return labels;
  const ScalarInstr *i = code->at;
  goto * i->code;

#define JUMP \
  i++;       \
  goto * i->code;
#define UNARY(name, value, da, dims, lo, hi, doc) \
  do_##name : {                                   \
    double a = reg[i->a];                         \
    reg[i->out] = value;                          \
    JUMP                                          \
  }
#define BINARY(name, value, da, db, dims, lo, hi, doc) \
  do_##name : {                                        \
    double a = reg[i->a], b = reg[i->b];               \
    reg[i->out] = value;                               \
    JUMP                                               \
  }
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) \
  do_##name : {                                             \
    double a = reg[i->a], b = reg[i->b], c = reg[i->c];     \
    reg[i->out] = value;                                    \
    JUMP                                                    \
  }
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
do_move:
  reg[i->out] = reg[i->a];
  JUMP do_next : reg[i->out] = *code->cursor[i->a]++;
  JUMP do_put : *code->cursor[i->b]++ = reg[i->a];
  JUMP do_end : if (--steps <= 0) return labels;
  i = code->at;
  goto * i->code;
}

#define UNARY(name, value, da, dims, lo, hi, doc)           \
  static double call_##name(double a, double b, double c) { \
    (void)b, (void)c;                                       \
    return value;                                           \
  }
#define BINARY(name, value, da, db, dims, lo, hi, doc)      \
  static double call_##name(double a, double b, double c) { \
    (void)c;                                                \
    return value;                                           \
  }
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) \
  static double call_##name(double a, double b, double c) { \
    return value;                                           \
  }
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY

ScalarFn *ISA_NAME(scalar_function)(OpId op) {
  static ScalarFn *const table[OP_COUNT] = {
#define UNARY(name, value, da, dims, lo, hi, doc) [OP_##name] = call_##name,
#define BINARY(name, value, da, db, dims, lo, hi, doc) [OP_##name] = call_##name,
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) [OP_##name] = call_##name,
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
  };
  return table[op];
}
