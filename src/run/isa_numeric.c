/* isa_numeric.c: kernels that compute over whole arrays, in both precisions; see numeric.def. */
#include <math.h>
#include <string.h>

#include "run/isa.h"
#include "run/isa_kernels.h"

#define REAL double
#define R(name) name##_double
#include "run/isa_numeric.inc"
#undef REAL
#undef R

#define REAL float
#define R(name) name##_float
#include "run/isa_numeric.inc"
#undef REAL
#undef R

Status ISA_NAME(numeric_run)(OpId op, const KernCall *c) {
  static KernFn *const table[OP_COUNT][2] = {
#define NUMERIC(name) [OP_##name] = {name##_double, name##_float},
#include "run/numeric.def"
#undef NUMERIC
  };
  return table[op][c->single](c);
}
