/* isa.h: one source, several instruction sets. Files named isa_*.c are compiled three times, with
   -DISA=plain, -DISA=avx2 and -DISA=avx512 and the matching -m flags; ISA_NAME(f) gives each copy
   its own symbol (f_plain, f_avx2, f_avx512), and run_isa_level says which one to call. */
#ifndef DYN_RUN_ISA_H
#define DYN_RUN_ISA_H

#define ISA_CAT_(a, b) a##_##b
#define ISA_CAT(a, b) ISA_CAT_(a, b)
#define ISA_NAME(f) ISA_CAT(f, ISA)

enum { ISA_PLAIN, ISA_AVX2, ISA_AVX512, ISA_LEVELS };

/* The best level that this processor has; the variable DYN_ISA=plain|avx2|avx512 may lower it. */
int run_isa_level(void);
const char *isa_level_name(int level);
/* Uses this level or a lower one from now on. */
void isa_limit(int level);

#endif
