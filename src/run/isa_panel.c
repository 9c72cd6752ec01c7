/* isa_panel.c: products with packed matrices; see panel.h. */
#include <string.h>

#include "run/isa.h"
#include "run/isa_kernels.h"

#if defined(__AVX512F__)
#include <immintrin.h>
typedef double VecDouble __attribute__((vector_size(64)));
typedef float VecFloat __attribute__((vector_size(64)));
#define SPLAT_double(x) ((VecDouble)_mm512_set1_pd(x))
#define SPLAT_float(x) ((VecFloat)_mm512_set1_ps(x))
#define FMA_double(a, b, c) ((VecDouble)_mm512_fmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define FMA_float(a, b, c) ((VecFloat)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
enum { PANEL_LARGEST = 3 };
#elif defined(__AVX2__)
#include <immintrin.h>
typedef double VecDouble __attribute__((vector_size(32)));
typedef float VecFloat __attribute__((vector_size(32)));
#define SPLAT_double(x) ((VecDouble)_mm256_set1_pd(x))
#define SPLAT_float(x) ((VecFloat)_mm256_set1_ps(x))
#define FMA_double(a, b, c) ((VecDouble)_mm256_fmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define FMA_float(a, b, c) ((VecFloat)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
enum { PANEL_LARGEST = 2 };
#else
/* Without a fused multiply-add the last bits differ. */
typedef double VecDouble __attribute__((vector_size(16)));
typedef float VecFloat __attribute__((vector_size(16)));
#define SPLAT_double(x) ((VecDouble){x, x})
#define SPLAT_float(x) ((VecFloat){x, x, x, x})
#if defined(__ARM_FEATURE_FMA)
#include <arm_neon.h>
#define FMA_double(a, b, c) \
  ((VecDouble)vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#define FMA_float(a, b, c) \
  ((VecFloat)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#else
#define FMA_double(a, b, c) ((a) * (b) + (c))
#define FMA_float(a, b, c) ((a) * (b) + (c))
#endif
enum { PANEL_LARGEST = 2 };
#endif

enum {
  PANEL_LISTED = 8192,      /* elements that are not zero, on the stack */
  PANEL_LISTED_ROWS = 256,  /* and their rows */
  PANEL_LISTED_COLUMNS = 64 /* fewer are not worth the looking */
};

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

#define REAL double
#define R(name) name##_double
#define VEC VecDouble
#define SPLAT SPLAT_double
#define VECTOR_FMA FMA_double
#include "run/isa_panel.inc"
#undef REAL
#undef R
#undef VEC
#undef SPLAT
#undef VECTOR_FMA

#define REAL float
#define R(name) name##_float
#define VEC VecFloat
#define SPLAT SPLAT_float
#define VECTOR_FMA FMA_float
#include "run/isa_panel.inc"
#undef REAL
#undef R
#undef VEC
#undef SPLAT
#undef VECTOR_FMA

int ISA_NAME(panel_lanes)(bool single) {
  return single ? PANEL_LANES_float : PANEL_LANES_double;
}

void ISA_NAME(panel_product)(const PanelCall *c) {
  if (c->single)
    panel_run_float(c);
  else
    panel_run_double(c);
}
