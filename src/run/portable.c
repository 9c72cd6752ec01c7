/* portable.c: the same bits on any machine that has AVX2 and fused multiply-add (x86-64-v3, of the
   x86-64 psABI). Our kernels are held to that level, OpenBLAS to the kernels that it has for it:
   these it chooses when it is loaded, by the processor or by the variable OPENBLAS_CORETYPE. The C
   library's mathematics has the same variant on all such machines, chosen by AVX2 and FMA alone. */
#include <cblas.h>
#include <string.h>

#include "run/isa.h"
#include "run/run.h"

static const char *const blas_core = "Haswell"; /* the first x86-64-v3 machine */
static bool portable;

bool run_make_portable(const char **why) {
  if (run_isa_level() < ISA_AVX2)
    *why = "the processor has no AVX2 with fused multiply-add (x86-64-v3)";
  else if (strcmp(openblas_get_corename(), blas_core) != 0)
    *why = "OpenBLAS was loaded for this very processor; start with OPENBLAS_CORETYPE=Haswell";
  else
    portable = true;
  if (portable) isa_limit(ISA_AVX2);
  return portable;
}

void run_limit_kernels(const char *name) {
  for (int level = 0; level < ISA_LEVELS; level++)
    if (strcmp(isa_level_name(level), name) == 0) isa_limit(level);
}

bool run_is_portable(void) {
  return portable;
}
