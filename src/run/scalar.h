/* scalar.h: register code for programs of single numbers. An instruction is the address of its
   code and four register numbers; running it costs one indirect jump. The operations and their
   order are those of the tile kernels, bit for bit. */
#ifndef DYN_RUN_SCALAR_H
#define DYN_RUN_SCALAR_H

#include "base/arena.h"
#include "op/op.h"

enum { SCALAR_NONE = UINT16_MAX, SCALAR_MAX_REGISTERS = UINT16_MAX - 1 };

typedef struct ScalarInstr {
  const void *code;
  uint16_t out, a, b, c;
} ScalarInstr;

/* Besides the elementwise ops: */
typedef enum ScalarControl {
  SCALAR_MOVE = OP_COUNT, /* out = a */
  SCALAR_NEXT,            /* out = *cursor[a]++ */
  SCALAR_PUT,             /* *cursor[b]++ = a */
  SCALAR_END,             /* one step less to do: from the beginning, or stop */
  SCALAR_CODES
} ScalarControl;

/* Runs it `steps` >= 1 times on a register file. */
typedef void ScalarNative(double *reg, double **cursor, int64_t steps);

typedef struct ScalarCode {
  ScalarInstr *at; /* the last one is SCALAR_END */
  uint16_t *op;    /* which op or control each is */
  int n, cap;
  double **cursor;
  ScalarNative *native; /* the same as machine code, or NULL */
} ScalarCode;

/* A register and the number in memory that it is loaded from or stored to. */
typedef struct ScalarPort {
  uint16_t reg;
  int base;
  int64_t offset;
} ScalarPort;

/* reg: out, a, b, c */
void scalar_emit(Arena *a, ScalarCode *c, int op, const uint16_t reg[4]);
void scalar_run(const ScalarCode *c, double *reg, int64_t steps);

/* The interpreter. It returns the addresses of all ops; given no code, it does nothing else. */
const void *const *scalar_interpret(const ScalarCode *c, double *reg, int64_t steps);

/* One op on single numbers. */
typedef double ScalarFn(double a, double b, double c);
ScalarFn *scalar_function(OpId op);

#endif
