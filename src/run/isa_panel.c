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
  PANEL_LISTED = 8192,       /* elements that are not zero, on the stack */
  PANEL_LISTED_ROWS = 256,   /* and their rows */
  PANEL_SPARE = 16,          /* that a vector of them may write beyond */
  PANEL_LISTED_COLUMNS = 64, /* fewer are not worth the looking */
  PANEL_SHARED_ROWS = 16,    /* fewer do not use what is fetched for them */
  PANEL_LINE = 64
};

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

/* Elements that are not zero, and their places: how many. */
#if defined(__AVX512F__)
static int32_t panel_pick_double(const double *a, int32_t k, double *x, int32_t *at) {
  const __m512i count = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  int32_t n = 0;
  for (int32_t j = 0; j < k; j += 8) {
    __mmask8 here = k - j < 8 ? (__mmask8)((1 << (k - j)) - 1) : (__mmask8)-1;
    __m512d v = _mm512_maskz_loadu_pd(here, a + j);
    __mmask8 some = _mm512_cmp_pd_mask(v, _mm512_setzero_pd(), _CMP_NEQ_UQ);
    __m512i places =
        _mm512_maskz_compress_epi64(some, _mm512_add_epi64(count, _mm512_set1_epi64(j)));
    _mm512_storeu_pd(x + n, _mm512_maskz_compress_pd(some, v));
    _mm256_storeu_si256((__m256i *)(void *)(at + n), _mm512_cvtepi64_epi32(places));
    n += __builtin_popcount(some);
  }
  return n;
}
static int32_t panel_pick_float(const float *a, int32_t k, float *x, int32_t *at) {
  const __m512i count = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  int32_t n = 0;
  for (int32_t j = 0; j < k; j += 16) {
    __mmask16 here = k - j < 16 ? (__mmask16)((1 << (k - j)) - 1) : (__mmask16)-1;
    __m512 v = _mm512_maskz_loadu_ps(here, a + j);
    __mmask16 some = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ);
    _mm512_storeu_ps(x + n, _mm512_maskz_compress_ps(some, v));
    _mm512_storeu_si512(
        at + n, _mm512_maskz_compress_epi32(some, _mm512_add_epi32(count, _mm512_set1_epi32(j))));
    n += __builtin_popcount(some);
  }
  return n;
}
#else
#define PICK(type)                                                                   \
  static int32_t panel_pick_##type(const type *a, int32_t k, type *x, int32_t *at) { \
    int32_t n = 0;                                                                   \
    for (int32_t j = 0; j < k; j++) {                                                \
      x[n] = a[j];                                                                   \
      at[n] = j;                                                                     \
      n += a[j] != 0;                                                                \
    }                                                                                \
    return n;                                                                        \
  }
PICK(double)
PICK(float)
#undef PICK
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
