/* isa_elementwise.c: tile kernels of all elementwise ops in double and in float, generated from
   elementwise.def. The scalar functions of isa_math.inc are inlined into the loops. */
#include "run/isa_kernels.h"

#include "run/isa.h"
#include "run/isa_real.h"

#ifdef __clang__
#define IVDEP _Pragma("clang loop vectorize(assume_safety)")
#else
/* A tile is but eight vectors long: four at a time saves a third of what the cheap ops cost. */
#define IVDEP _Pragma("GCC ivdep") _Pragma("GCC unroll 4")
#endif

#define PRECISION double
#include "run/isa_math.inc"
#include "run/isa_tiles.inc"
#undef PRECISION

#define PRECISION float
#include "run/isa_math.inc"
#include "run/isa_tiles.inc"
#undef PRECISION

TileFn *ISA_NAME(tile_find)(OpId op, unsigned scalars, bool single) {
  return single ? find_float(op, scalars) : find_double(op, scalars);
}
