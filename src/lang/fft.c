/* fft.c: GSL transforms lengths with small prime factors; others become a convolution of a length
   that is a power of two (Bluestein 1970, IEEE Trans. Audio Electroacoust. 18, 451). */
#include "lang/fft.h"

#include <gsl/gsl_fft_complex.h>
#include <math.h>

enum {
  FACTOR_MAX = 61
}; /* the work of a mixed-radix transform grows with the sum of the factors */

void fft_forward_radix2(double *z, int64_t n) {
  gsl_fft_complex_radix2_forward(z, 1, (size_t)n);
}

void fft_inverse_radix2(double *z, int64_t n) {
  gsl_fft_complex_radix2_inverse(z, 1, (size_t)n);
}

int64_t fft_power_of_two(int64_t n) {
  int64_t p = 1;
  while (p < n) p *= 2;
  return p;
}

static bool factors_are_small(int64_t n) {
  for (int64_t p = 2; p <= FACTOR_MAX; p++)
    while (n % p == 0) n /= p;
  return n == 1;
}

static void mixed_radix(double *z, int64_t n) {
  gsl_fft_complex_wavetable *table = gsl_fft_complex_wavetable_alloc((size_t)n);
  gsl_fft_complex_workspace *work = gsl_fft_complex_workspace_alloc((size_t)n);
  gsl_fft_complex_forward(z, 1, (size_t)n, table, work);
  gsl_fft_complex_workspace_free(work);
  gsl_fft_complex_wavetable_free(table);
}

/* a *= b, or a *= conj(b) */
static void multiply(double *a, const double *b, bool conjugate) {
  double im = conjugate ? -b[1] : b[1], re = a[0] * b[0] - a[1] * im;
  a[1] = a[0] * im + a[1] * b[0];
  a[0] = re;
}

/* jk = (j^2 + k^2 - (k - j)^2) / 2 makes the sum a convolution with the chirp exp(i pi j^2 / n).
   The square is reduced modulo 2n, else its sine would lose all digits. */
static void bluestein(Arena *a, double *z, int64_t n) {
  int64_t m = fft_power_of_two(2 * n);
  double *chirp = ARENA_ARRAY(a, double, 2 * n), *x = ARENA_ARRAY(a, double, 2 * m);
  double *kernel = ARENA_ARRAY(a, double, 2 * m);
  for (int64_t j = 0, square = 0; j < n; square = (square + 2 * j + 1) % (2 * n), j++) {
    double angle = M_PI * (double)square / (double)n;
    chirp[2 * j] = cos(angle), chirp[2 * j + 1] = sin(angle);
    x[2 * j] = z[2 * j], x[2 * j + 1] = z[2 * j + 1];
    multiply(x + 2 * j, chirp + 2 * j, true);
    int64_t mirror = j ? m - j : 0;
    kernel[2 * j] = kernel[2 * mirror] = chirp[2 * j];
    kernel[2 * j + 1] = kernel[2 * mirror + 1] = chirp[2 * j + 1];
  }
  fft_forward_radix2(x, m);
  fft_forward_radix2(kernel, m);
  for (int64_t k = 0; k < m; k++) multiply(x + 2 * k, kernel + 2 * k, false);
  fft_inverse_radix2(x, m);
  for (int64_t k = 0; k < n; k++) {
    multiply(x + 2 * k, chirp + 2 * k, true);
    z[2 * k] = x[2 * k], z[2 * k + 1] = x[2 * k + 1];
  }
}

void fft_forward(Arena *scratch, double *z, int64_t n) {
  if (n < 2) return;
  if (factors_are_small(n))
    mixed_radix(z, n);
  else
    bluestein(scratch, z, n);
}
