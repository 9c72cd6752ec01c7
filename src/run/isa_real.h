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
#define SQRT(a) REAL_CAT(BUILTIN, PRECISION)(sqrt, a)
#define FLOOR(a) REAL_CAT(BUILTIN, PRECISION)(floor, a)
#define CEIL(a) REAL_CAT(BUILTIN, PRECISION)(ceil, a)
#define RINT(a) REAL_CAT(BUILTIN, PRECISION)(rint, a)
#define FMOD(a, b) REAL_CAT(BUILTIN, PRECISION)(fmod, a, b)

/* Constants of the exponential. */
#define EXP_MAX REAL_CAT(EXP_MAX, PRECISION)
#define EXP_MIN REAL_CAT(EXP_MIN, PRECISION)
#define EXP_ROUNDER REAL_CAT(EXP_ROUNDER, PRECISION)
#define EXP_LN2_HIGH REAL_CAT(EXP_LN2_HIGH, PRECISION)
#define EXP_LN2_LOW REAL_CAT(EXP_LN2_LOW, PRECISION)
#define EXP_BIAS REAL_CAT(EXP_BIAS, PRECISION)
#define EXP_SHIFT REAL_CAT(EXP_SHIFT, PRECISION)
#define EXP_POLYNOMIAL(r, r2) REAL_CAT(exp_polynomial, PRECISION)(r, r2)

#define EXP_MAX_double 710.0
#define EXP_MIN_double -708.5
#define EXP_ROUNDER_double 0x1.8p52
#define EXP_LN2_HIGH_double 0x1.62e42feep-1 /* k times it is exact */
#define EXP_LN2_LOW_double 0x1.a39ef35793c76p-33
#define EXP_BIAS_double 1022u
#define EXP_SHIFT_double 52
#define EXP_MAX_float 89.0f
#define EXP_MIN_float -87.5f
#define EXP_ROUNDER_float 0x1.8p23f
#define EXP_LN2_HIGH_float 0x1.62e4p-1f
#define EXP_LN2_LOW_float 0x1.7f7d1cp-20f
#define EXP_BIAS_float 126u
#define EXP_SHIFT_float 23

enum { POWER_LARGEST = 16 };

/* Estrin's scheme: half the depth of Horner's, which is what a single number waits for. */
static inline double exp_polynomial_double(double r, double r2) {
  double r4 = r2 * r2;
  double p01 = __builtin_fma(0.16666666666666669, r, 0.5000000000000001);
  double p23 = __builtin_fma(0.008333333333330039, r, 0.041666666666623824);
  double p45 = __builtin_fma(0.00019841269863171557, r, 0.0013888888917367081);
  double p67 = __builtin_fma(2.7557268276905696e-06, r, 2.4801521057868204e-05);
  double p89 = __builtin_fma(2.5100472505694996e-08, r, 2.7620201591031547e-07);
  double low = __builtin_fma(p23, r2, p01), high = __builtin_fma(p67, r2, p45);
  return __builtin_fma(__builtin_fma(p89, r4, high), r4, low);
}

static inline float exp_polynomial_float(float r, float r2) {
  float p01 = __builtin_fmaf(0.16666576666119928f, r, 0.5f);
  float p23 = __builtin_fmaf(0.008363232883682618f, r, 0.04166655421298415f);
  return __builtin_fmaf(__builtin_fmaf(0.0013926250831497611f, r2, p23), r2, p01);
}

#endif
