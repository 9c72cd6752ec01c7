/* isa_kernels.h: what each instruction set's copy of the kernels offers. The rest of src/run calls
   through the functions without suffix, which choose by run_isa_level. */
#ifndef DYN_RUN_ISA_KERNELS_H
#define DYN_RUN_ISA_KERNELS_H

#include "run/kernel.h"
#include "run/panel.h"
#include "run/scalar.h"

#define ISA_KERNELS(isa)                                                                      \
  TileFn *tile_find_##isa(OpId op, unsigned scalars, bool single);                            \
  Status numeric_run_##isa(OpId op, const KernCall *c);                                       \
  int panel_lanes_##isa(bool single);                                                         \
  void panel_product_##isa(const PanelCall *c);                                               \
  const void *const *scalar_interpret_##isa(const ScalarCode *c, double *reg, int64_t steps); \
  ScalarFn *scalar_function_##isa(OpId op);

ISA_KERNELS(plain)
ISA_KERNELS(avx2)
ISA_KERNELS(avx512)

#endif
