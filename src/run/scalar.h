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

typedef struct ScalarCode {
  ScalarInstr *at;
  int n, cap;
  double **cursor;
} ScalarCode;

/* A register and the number in memory that it is loaded from or stored to. */
typedef struct ScalarPort {
  uint16_t reg;
  int base;
  int64_t offset;
} ScalarPort;

void scalar_emit(Arena *a, ScalarCode *c, int code, const uint16_t reg[4]); /* out, a, b, c */

/* Runs the code, which ends with SCALAR_END, `steps` >= 1 times. The labels of all instructions are
   returned; with no code that is all that is done. */
const void *const *scalar_run(const ScalarCode *code, double *reg, int64_t steps);

#endif
