/* dispatch.c: calls the copy of each kernel that suits this machine. */
#include "run/isa.h"
#include "run/isa_kernels.h"

#ifdef __x86_64__
#define CHOOSE(f) \
  (run_isa_level() == ISA_AVX512 ? f##_avx512 : run_isa_level() == ISA_AVX2 ? f##_avx2 : f##_plain)
#else
#define CHOOSE(f) f##_plain
#endif

TileFn *tile_kernel(OpId op, unsigned scalars, bool single) {
  return CHOOSE(tile_find)(op, scalars, single);
}

#define NUMERIC(name)                         \
  Status kern_##name(const KernCall *c) {     \
    return CHOOSE(numeric_run)(OP_##name, c); \
  }
#include "run/numeric.def"
#undef NUMERIC

int panel_lanes(bool single) {
  return CHOOSE(panel_lanes)(single);
}
void panel_product(const PanelCall *c) {
  CHOOSE(panel_product)(c);
}

const void *const *scalar_interpret(const ScalarCode *c, double *reg, int64_t steps) {
  return CHOOSE(scalar_interpret)(c, reg, steps);
}

ScalarFn *scalar_function(OpId op) {
  return CHOOSE(scalar_function)(op);
}
