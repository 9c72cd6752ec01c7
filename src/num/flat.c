/* flat.c: the inner loops of the integrators. Up to four terms of a sum are added in one pass. Each
   loop is compiled for several instruction sets where the linker can choose among them. */
#include "num/flat.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#if defined(__x86_64__) && defined(__gnu_linux__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

enum { AT_ONCE = 4, CHAINS = 8 };

typedef struct Terms {
  int n;
  double c[AT_ONCE];
  const double *k[AT_ONCE];
} Terms;

/* out = base + the terms; out may be base. */
#define ADD_TERMS(count, sum)                                                               \
  WIDE static void add##count(int64_t n, const double *base, const Terms *t, double *out) { \
    double c0 = t->c[0], c1 = t->c[1], c2 = t->c[2], c3 = t->c[3];                          \
    const double *k0 = t->k[0], *k1 = t->k[1], *k2 = t->k[2], *k3 = t->k[3];                \
    (void)c1, (void)c2, (void)c3, (void)k1, (void)k2, (void)k3;                             \
    for (int64_t i = 0; i < n; i++) out[i] = base[i] + (sum);                               \
  }

ADD_TERMS(1, c0 *k0[i])
ADD_TERMS(2, c0 *k0[i] + c1 * k1[i])
ADD_TERMS(3, c0 *k0[i] + c1 * k1[i] + c2 * k2[i])
ADD_TERMS(4, c0 *k0[i] + c1 * k1[i] + (c2 * k2[i] + c3 * k3[i]))

static void add_terms(int64_t n, const double *base, Terms *t, double *out) {
  static void (*const add[])(int64_t, const double *, const Terms *, double *) = {add1, add1, add2,
                                                                                  add3, add4};
  add[t->n](n, base, t, out);
  t->n = 0;
}

void flat_combine(int64_t n, const double *base, double h, int m, const double *coef,
                  double *const *k, double *out) {
  Terms t = {0};
  if (!base)
    for (int64_t i = 0; i < n; i++) out[i] = 0;
  if (!base) base = out;
  for (int j = 0; j < m; j++) {
    if (coef[j] == 0) continue;
    if (t.n == AT_ONCE) {
      add_terms(n, base, &t, out);
      base = out;
    }
    t.c[t.n] = h * coef[j];
    t.k[t.n++] = k[j];
  }
  if (t.n == 0) t = (Terms){1, {0}, {base}};
  add_terms(n, base, &t, out);
}

/* Independent sums, so that the order of additions is the same for every vector width. */
WIDE static double sum_squares(int64_t n, const double *e, const double *a, const double *b,
                               double atol, double rtol) {
  double sum[CHAINS] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + CHAINS <= n; i += CHAINS)
    for (int j = 0; j < CHAINS; j++) {
      double x = fabs(a[i + j]), y = fabs(b[i + j]);
      double r = e[i + j] / (atol + rtol * (x > y ? x : y));
      sum[j] += r * r;
    }
  for (; i < n; i++) {
    double x = fabs(a[i]), y = fabs(b[i]), r = e[i] / (atol + rtol * (x > y ? x : y));
    rest += r * r;
  }
  for (int j = 0; j < CHAINS; j++) rest += sum[j];
  return rest;
}

double flat_mean_square(int64_t n, const double *e, const double *a, const double *b, double atol,
                        double rtol) {
  atol = fmax(atol, DBL_MIN); /* 0 / 0 would be an error that is not a number */
  return n > 0 ? sum_squares(n, e, a, b, atol, rtol) / (double)n : 0;
}

double flat_max_abs(int64_t n, const double *x) {
  double max = 0;
  for (int64_t i = 0; i < n; i++)
    if (fabs(x[i]) > max) max = fabs(x[i]);
  return max;
}

/* x * 0 is NaN where x is NaN or infinite; the sum of all is looked at before any one is. */
WIDE static bool all_finite(int64_t n, const double *x) {
  double sum[CHAINS] = {0};
  int64_t i = 0;
  for (; i + CHAINS <= n; i += CHAINS)
    for (int j = 0; j < CHAINS; j++) sum[j] += x[i + j] * 0;
  for (; i < n; i++) sum[0] += x[i] * 0;
  for (int j = 1; j < CHAINS; j++) sum[0] += sum[j];
  return sum[0] == 0;
}

int64_t flat_first_nonfinite(int64_t n, const double *x) {
  if (all_finite(n, x)) return -1;
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return i;
  return -1;
}

double flat_spectral_size(int64_t n, const double *a, double *v, double *work) {
  enum { POWERS = 4 };
  double size = 1;
  for (int k = 0; k < POWERS; k++) {
    double square = 0;
    for (int64_t i = 0; i < n; i++) {
      double sum = 0;
      for (int64_t j = 0; j < n; j++) sum += a[i * n + j] * v[j];
      work[i] = sum;
      square += sum * sum;
    }
    if (!(square > 0)) return 0;
    for (int64_t i = 0; i < n; i++) v[i] = work[i] / sqrt(square);
    size *= sqrt(square);
  }
  return pow(size, 1.0 / POWERS);
}

void flat_generic(int64_t n, double *v) {
  for (int64_t i = 0; i < n; i++) v[i] = (i % 2 ? 1 : -1) / sqrt((double)(n + i));
}
