/* isa_sleef.h: the names of SLEEF's functions for the instruction set that is being compiled. The
   deterministic variants give the same bits for one number and for vectors of any width, given
   fused multiply-add; without it (the plain build on x86-64) the last bit may differ. */
#ifndef DYN_RUN_ISA_SLEEF_H
#define DYN_RUN_ISA_SLEEF_H

#include <sleef.h>

/* f: function, u: its error bound as SLEEF writes it. SLEEF_VEC is of a vector, SLEEF_ONE of one
   number; SleefDouble and SleefFloat are the vectors. */
#if defined(__AVX512F__)
typedef __m512d SleefDouble;
typedef __m512 SleefFloat;
#define SLEEF_VEC_double(f, u) Sleef_finz_##f##d8_##u##avx512f
#define SLEEF_VEC_float(f, u) Sleef_finz_##f##f16_##u##avx512f
#elif defined(__AVX2__)
typedef __m256d SleefDouble;
typedef __m256 SleefFloat;
#define SLEEF_VEC_double(f, u) Sleef_finz_##f##d4_##u##avx2
#define SLEEF_VEC_float(f, u) Sleef_finz_##f##f8_##u##avx2
#else
typedef double SleefDouble;
typedef float SleefFloat;
#define SLEEF_VEC_double SLEEF_ONE_double
#define SLEEF_VEC_float SLEEF_ONE_float
#endif

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#define SLEEF_ONE_double(f, u) Sleef_finz_##f##d1_##u##purecfma
#define SLEEF_ONE_float(f, u) Sleef_finz_##f##f1_##u##purecfma
#else
#define SLEEF_ONE_double(f, u) Sleef_cinz_##f##d1_##u##purec
#define SLEEF_ONE_float(f, u) Sleef_cinz_##f##f1_##u##purec
#endif

#endif
