/* isa_random.c: the loops over lanes. Each lane is straight-line code without branches, which the
   compiler turns into vector code. The normal deviates are Box & Muller's (1958, Ann. Math. Stat.
   29, 610): 40 bits give the radius, 24 the angle, so |z| < 7.6. The logarithm takes its leading
   part from a table (Tang 1990, ACM TOMS 16, 378); polynomials interpolate at Chebyshev's points.
 */
#include "run/isa_random.h"

#include <math.h>
#include <string.h>

#include "run/isa.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* As many 64-bit words as a register holds. Compilers know no product of the low halves, which
   every x86-64 vector unit has; this is the one place that must spell it out. */
#if defined(__AVX512F__)
typedef uint64_t Words __attribute__((vector_size(64)));
#define MUL_LOW(a, m) ((Words)_mm512_mul_epu32((__m512i)(a), _mm512_set1_epi64(m)))
#elif defined(__AVX2__)
typedef uint64_t Words __attribute__((vector_size(32)));
#define MUL_LOW(a, m) ((Words)_mm256_mul_epu32((__m256i)(a), _mm256_set1_epi64x(m)))
#elif defined(__SSE2__)
typedef uint64_t Words __attribute__((vector_size(16)));
#define MUL_LOW(a, m) ((Words)_mm_mul_epu32((__m128i)(a), _mm_set1_epi64x(m)))
#else
typedef uint64_t Words __attribute__((vector_size(16)));
#define MUL_LOW(a, m) (((a)&0xFFFFFFFFu) * (m))
#endif

enum { GROUP = RANDOM_LANE_GROUP, WIDTH = sizeof(Words) / sizeof(uint64_t) };

/* The four words of GROUP Philox blocks, as two 64-bit numbers each. */
typedef struct Bits {
  uint64_t low[GROUP], high[GROUP];
} Bits;

static inline Words load(const uint32_t *p) {
  Words w;
  for (int i = 0; i < WIDTH; i++) w[i] = p[i];
  return w;
}

/* The high halves of the words are left unclean, since products ignore them. */
static inline void philox(const RandomLanes *s, int at, Bits *out) {
  for (int i = 0; i < GROUP; i += WIDTH) {
    Words zero = {0}, a = load(s->counter + at + i), b = load(s->row + at + i);
    Words c = zero + s->trial, d = zero + s->step;
    uint32_t key0 = s->key[0], key1 = s->key[1];
    for (int r = 0; r < 10; r++) {
      Words p = MUL_LOW(a, 0xD2511F53u), q = MUL_LOW(c, 0xCD9E8D57u);
      a = (q >> 32) ^ b ^ (uint64_t)key0;
      b = q;
      c = (p >> 32) ^ d ^ (uint64_t)key1;
      d = p;
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    Words low = a << 32 | (b & 0xFFFFFFFFu), high = c << 32 | (d & 0xFFFFFFFFu);
    memcpy(out->low + i, &low, sizeof low);
    memcpy(out->high + i, &high, sizeof high);
  }
}

static inline double as_double(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint64_t as_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* k < 2^52 as a double: vector units have no such conversion below AVX-512. */
static inline double to_double(uint64_t k) {
  const double two52 = 0x1p52;
  return as_double(k | as_bits(two52)) - two52;
}

_Alignas(64) static const double inverse[16] = {
    1.421875,   1.36328125, 1.3046875, 1.25390625, 1.20703125, 1.1640625, 1.12109375, 1.0859375,
    1.05078125, 1.0,        1.0,       0.9140625,  0.86328125, 0.8203125, 0.78125,    0.74609375};
_Alignas(64) static const double minus_log_inverse[16] = {-0.3519764231571782,
                                                          -0.3098944777228647,
                                                          -0.26596354849713794,
                                                          -0.22626367865045338,
                                                          -0.188163832418183,
                                                          -0.15191604202584197,
                                                          -0.11430477128005863,
                                                          -0.08244366921107459,
                                                          -0.04953393512227663,
                                                          0.0,
                                                          0.0,
                                                          0.08985632912186105,
                                                          0.14701474296180966,
                                                          0.1980699137620938,
                                                          0.24686007793152578,
                                                          0.2929040164329326};

/* log(1 + r) for -1/32 <= r <= 1/16, relative error 1e-15. */
static inline double log_near_one(double r) {
  double p = 0.09972086298717188;
  p = fma(p, r, -0.12479770564852109);
  p = fma(p, r, 0.1428753989261167);
  p = fma(p, r, -0.16666718650351003);
  p = fma(p, r, 0.19999999135078306);
  p = fma(p, r, -0.24999999976204162);
  p = fma(p, r, 0.3333333333345597);
  p = fma(p, r, -0.5000000000000149);
  return fma(r * r, p, r);
}

/* Reads both tables at eight places. A gather takes as long as the whole polynomial; with 16
   entries in two registers a permutation does it. */
static inline void look_up(const uint64_t *at, double *inv, double *minus_log) {
#if defined(__AVX512F__)
  __m512i i = _mm512_loadu_si512(at);
  __m512d a = _mm512_permutex2var_pd(_mm512_load_pd(inverse), i, _mm512_load_pd(inverse + 8));
  __m512d b = _mm512_permutex2var_pd(_mm512_load_pd(minus_log_inverse), i,
                                     _mm512_load_pd(minus_log_inverse + 8));
  _mm512_storeu_pd(inv, a);
  _mm512_storeu_pd(minus_log, b);
#else
  for (int i = 0; i < GROUP; i++) {
    inv[i] = inverse[at[i] & 15];
    minus_log[i] = minus_log_inverse[at[i] & 15];
  }
#endif
}

/* log x for normal positive x. x = 2^e z with z in [11/16, 11/8), in one of 16 intervals; the two
   that touch 1 have the inverse 1, so that the result stays exact in proportion where it vanishes.
 */
static inline void log_group(const double *x, double *out) {
  const uint64_t low = 0x3FE6000000000000u; /* 11/16 */
  double e[GROUP], z[GROUP], inv[GROUP], minus_log[GROUP];
  uint64_t at[GROUP];
  for (int i = 0; i < GROUP; i++) {
    uint64_t above = as_bits(x[i]) - low + (UINT64_C(1024) << 52);
    at[i] = above >> 48; /* the last four bits count */
    e[i] = to_double(above >> 52) - 1024.0;
    z[i] = as_double((above & 0x000FFFFFFFFFFFFFu) + low);
  }
  look_up(at, inv, minus_log);
  for (int i = 0; i < GROUP; i++)
    out[i] = fma(e[i], 0.6931471805599453, minus_log[i]) + log_near_one(fma(z[i], inv[i], -1.0));
}

/* sin and cos on [-pi/4, pi/4], absolute error 2e-16. */
static inline double sin_small(double x) {
  double w = x * x, p = 1.5917988979397435e-10;
  p = fma(p, w, -2.5051129896450185e-08);
  p = fma(p, w, 2.7557316093198404e-06);
  p = fma(p, w, -0.00019841269836740532);
  p = fma(p, w, 0.008333333333330936);
  p = fma(p, w, -0.16666666666666666);
  return fma(x * w, p, x);
}

static inline double cos_small(double x) {
  double w = x * x, p = -1.1382544502902206e-11;
  p = fma(p, w, 2.0876145046994267e-09);
  p = fma(p, w, -2.755731726586314e-07);
  p = fma(p, w, 2.480158729875436e-05);
  p = fma(p, w, -0.0013888888888887389);
  p = fma(p, w, 0.041666666666666664);
  return fma(w * w, p, fma(w, -0.5, 1.0));
}

/* Deviates a and b from 64 bits. The angle is (k + 1/2) 2 pi / 2^24: its nearest multiple of a
   quarter turn says which of sin and cos comes first, and the signs. */
static inline void box_muller(const uint64_t *bits, double *a, double *b) {
  double u[GROUP], log_u[GROUP];
  for (int i = 0; i < GROUP; i++) u[i] = (to_double(bits[i] >> 24) + 0.5) * 0x1p-40;
  log_group(u, log_u);
  for (int i = 0; i < GROUP; i++) {
    double radius = sqrt(-2.0 * log_u[i]);
    uint64_t k = bits[i] & 0xFFFFFF, quarter = (k + 0x200000) >> 22;
    double x = (to_double(k) - to_double(quarter << 22) + 0.5) * 3.7450702829239286e-07;
    uint64_t s = as_bits(sin_small(x)), c = as_bits(cos_small(x));
    uint64_t odd = -(quarter & 1); /* all ones in the second and fourth quarter */
    uint64_t first = (s & odd) | (c & ~odd), second = (c & odd) | (s & ~odd);
    a[i] = radius * as_double(first ^ ((quarter + 1) & 2) << 62);
    b[i] = radius * as_double(second ^ (quarter & 2) << 62);
  }
}

void ISA_NAME(random_normal)(const RandomLanes *lanes, double *out) {
  for (int g = 0; g < lanes->n; g += GROUP, out += 4 * GROUP) {
    Bits bits;
    philox(lanes, g, &bits);
    box_muller(bits.low, out, out + GROUP);
    box_muller(bits.high, out + 2 * GROUP, out + 3 * GROUP);
  }
}

/* 52 bits: multiples of 2^-52 from 0. */
static inline double unit(uint64_t bits) {
  return to_double(bits >> 12) * 0x1p-52;
}

void ISA_NAME(random_uniform)(const RandomLanes *lanes, double *out) {
  for (int g = 0; g < lanes->n; g += GROUP, out += 2 * GROUP) {
    Bits bits;
    philox(lanes, g, &bits);
    for (int i = 0; i < GROUP; i++) out[i] = unit(bits.low[i]);
    for (int i = 0; i < GROUP; i++) out[GROUP + i] = unit(bits.high[i]);
  }
}

static inline void exponential(const uint64_t *bits, double *out) {
  double u[GROUP];
  for (int i = 0; i < GROUP; i++) u[i] = unit(bits[i]) + 0x1p-53;
  log_group(u, out);
  for (int i = 0; i < GROUP; i++) out[i] = -out[i];
}

void ISA_NAME(random_exponential)(const RandomLanes *lanes, double *out) {
  for (int g = 0; g < lanes->n; g += GROUP, out += 2 * GROUP) {
    Bits bits;
    philox(lanes, g, &bits);
    exponential(bits.low, out);
    exponential(bits.high, out + GROUP);
  }
}
