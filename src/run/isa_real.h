/* isa_real.h: what isa_math.inc and isa_tiles.inc need to know of the two precisions. A file says
   `#define PRECISION double` (or float) before including the fragments and undefines it afterwards.
 */
#ifndef DYN_RUN_ISA_REAL_H
#define DYN_RUN_ISA_REAL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "run/isa_sleef.h"
#include "run/special.h"

#define REAL_CAT_(a, b) a##_##b
#define REAL_CAT(a, b) REAL_CAT_(a, b)
#define REAL_CALL_(a, b, ...) a##b(__VA_ARGS__)
#define REAL_CALL(a, b, ...) REAL_CALL_(a, b, __VA_ARGS__)

#define REAL PRECISION
#define R(name) REAL_CAT(name, PRECISION)
#define SLEEF_ONE(f, u) REAL_CALL(SLEEF_ONE_, PRECISION, f, u)
#define SLEEF_VEC(f, u) REAL_CALL(SLEEF_VEC_, PRECISION, f, u)
#define SLEEF_VECTOR REAL_CAT(SleefVector, PRECISION)
typedef SleefDouble SleefVector_double;
typedef SleefFloat SleefVector_float;

#define BITS REAL_CAT(Bits, PRECISION)
typedef uint64_t Bits_double;
typedef uint32_t Bits_float;

/* The arithmetic that elementwise.def is written in. */
#define NUM(x) ((REAL)(x))
#define ADD(x, y) ((x) + (y))
#define SUB(x, y) ((x) - (y))
#define MUL(x, y) ((x) * (y))
#define DIV(x, y) ((x) / (y))
#define NEG(x) (-(x))
#define F1(op, x) R(k_##op)(x)
#define F2(op, x, y) R(k_##op)(x, y)
#define F3(op, x, y, z) R(k_##op)(x, y, z)

#define BUILTIN_double(fn, ...) __builtin_##fn(__VA_ARGS__)
#define BUILTIN_float(fn, ...) __builtin_##fn##f(__VA_ARGS__)
#define FMA(a, b, c) REAL_CAT(BUILTIN, PRECISION)(fma, a, b, c)
#define FABS(a) REAL_CAT(BUILTIN, PRECISION)(fabs, a)
#define COPYSIGN(a, b) REAL_CAT(BUILTIN, PRECISION)(copysign, a, b)
#define SQRT(a) REAL_CAT(BUILTIN, PRECISION)(sqrt, a)
#define FLOOR(a) REAL_CAT(BUILTIN, PRECISION)(floor, a)
#define CEIL(a) REAL_CAT(BUILTIN, PRECISION)(ceil, a)
#define RINT(a) REAL_CAT(BUILTIN, PRECISION)(rint, a)
#define FMOD(a, b) REAL_CAT(BUILTIN, PRECISION)(fmod, a, b)

/* Constants of the exponential. */
#define TANH_MAX REAL_CAT(TANH_MAX, PRECISION)
#define EXP_MAX REAL_CAT(EXP_MAX, PRECISION)
#define EXP_MIN REAL_CAT(EXP_MIN, PRECISION)
#define EXP_ROUNDER REAL_CAT(EXP_ROUNDER, PRECISION)
#define EXP_LN2_HIGH REAL_CAT(EXP_LN2_HIGH, PRECISION)
#define EXP_LN2_LOW REAL_CAT(EXP_LN2_LOW, PRECISION)
#define EXP_SHIFT REAL_CAT(EXP_SHIFT, PRECISION)
#define EXP_POLYNOMIAL(r) REAL_CAT(exp_polynomial, PRECISION)(r)
#define WHOLE_LARGEST REAL_CAT(WHOLE_LARGEST, PRECISION) /* quotients up to it are whole */

#define TANH_MAX_double 20.0
#define TANH_MAX_float 10.0f
#define EXP_MAX_double 710.0
#define EXP_MIN_double -708.5
#define EXP_ROUNDER_double (0x1.8p52 + 1022)
#define EXP_LN2_HIGH_double 0x1.62e42feep-1 /* k times it is exact */
#define EXP_LN2_LOW_double 0x1.a39ef35793c76p-33
#define EXP_SHIFT_double 52
#define EXP_MAX_float 89.0f
#define EXP_MIN_float -87.5f
#define EXP_ROUNDER_float (0x1.8p23f + 126)
#define EXP_LN2_HIGH_float 0x1.62e4p-1f
#define EXP_LN2_LOW_float 0x1.7f7d1cp-20f
#define EXP_SHIFT_float 23
#define WHOLE_LARGEST_double 0x1p51
#define WHOLE_LARGEST_float 0x1p22f

enum { POWER_LARGEST = 16 };

/* 2 (exp(r) - 1 - r) / r^2. Even and odd powers apart: half the depth of Horner's scheme, which is
   what a single number waits for, at the price of one more product. */
static inline double exp_polynomial_double(double r) {
  double r2 = r * r;
  double even = __builtin_fma(5.524040318206309e-07, r2, 4.960304211573641e-05);
  double odd = __builtin_fma(5.020094501138999e-08, r2, 5.511453655381139e-06);
  even = __builtin_fma(even, r2, 0.0027777777834734163);
  odd = __builtin_fma(odd, r2, 0.00039682539726343115);
  even = __builtin_fma(even, r2, 0.08333333333324765);
  odd = __builtin_fma(odd, r2, 0.016666666666660078);
  even = __builtin_fma(even, r2, 1.0000000000000002);
  odd = __builtin_fma(odd, r2, 0.33333333333333337);
  return __builtin_fma(odd, r, even);
}

static inline float exp_polynomial_float(float r) {
  float r2 = r * r;
  float even = __builtin_fmaf(0.0027852501662995223f, r2, 0.0833331084259683f);
  float odd = __builtin_fmaf(0.016726465767365237f, r2, 0.33333153332239857f);
  even = __builtin_fmaf(even, r2, 1.0f);
  return __builtin_fmaf(odd, r, even);
}

#endif
