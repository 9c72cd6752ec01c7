/* random_stream.c: distributions that need an unknown number of draws. GSL does gamma, beta and
   Poisson over a generator of ours that reads the stream. */
#include "run/random_stream.h"

#include <assert.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

/* The place takes a whole counter, so its block becomes the key and half of the counter of the
   stream: two streams coincide only if 128 bits do. */
RandomStream random_stream(RandomPlace at, uint32_t element, uint32_t row) {
  uint32_t key[2] = {(uint32_t)at.key, (uint32_t)(at.key >> 32)};
  uint32_t place[4] = {element, row, at.trial, at.step}, id[4];
  philox4x32(key, place, id);
  return (RandomStream){.key = {id[0], id[1]}, .counter = {0, 0, id[2], id[3]}};
}

uint32_t random_stream_u32(RandomStream *s) {
  if (s->left == 0) {
    philox4x32(s->key, s->counter, s->word);
    if (++s->counter[0] == 0) s->counter[1]++;
    s->left = 4;
  }
  return s->word[--s->left];
}

double random_stream_unit(RandomStream *s) {
  uint64_t high = random_stream_u32(s), low = random_stream_u32(s);
  return ((double)((high << 32 | low) >> 12) + 0.5) * 0x1p-52;
}

static void gsl_set(void *state, unsigned long seed) {
  (void)seed; /* a stream begins where random_stream put it */
  ((RandomStream *)state)->left = 0;
}

static unsigned long gsl_get(void *state) {
  return random_stream_u32(state);
}
static double gsl_get_double(void *state) {
  return random_stream_unit(state);
}

static const gsl_rng_type stream_type = {
    "philox4x32", UINT32_MAX, 0, sizeof(RandomStream), gsl_set, gsl_get, gsl_get_double};

static bool is_positive(double x) {
  return x > 0 && isfinite(x);
}

double random_gamma(RandomStream *s, double shape, double unused) {
  (void)unused;
  gsl_rng r = {&stream_type, s};
  return is_positive(shape) ? gsl_ran_gamma(&r, shape, 1.0) : NAN;
}

/* Through the logarithms of two gamma deviates where a parameter is small: both of them may
   underflow to 0, and their ratio is then not a number. log G(a) = log G(a + 1) + log(U) / a. */
static double beta_of_small(RandomStream *s, gsl_rng *r, double a, double b) {
  double x = log(gsl_ran_gamma(r, a + 1, 1.0)) + log(random_stream_unit(s)) / a;
  double y = log(gsl_ran_gamma(r, b + 1, 1.0)) + log(random_stream_unit(s)) / b;
  return 1 / (1 + exp(y - x));
}

double random_beta(RandomStream *s, double a, double b) {
  if (!is_positive(a) || !is_positive(b)) return NAN;
  gsl_rng r = {&stream_type, s};
  return a < 1 || b < 1 ? beta_of_small(s, &r, a, b) : gsl_ran_beta(&r, a, b);
}

/* GSL counts in unsigned int; from 2^30 on the normal limit is exact to the last digits of a count.
 */
double random_poisson(RandomStream *s, double mean, double unused) {
  (void)unused;
  if (mean == 0) return 0;
  if (!is_positive(mean)) return NAN;
  gsl_rng r = {&stream_type, s};
  if (mean < 0x1p30) return gsl_ran_poisson(&r, mean);
  return floor(mean + sqrt(mean) * gsl_ran_gaussian_ziggurat(&r, 1.0) + 0.5);
}

/* Best & Fisher 1979, "Efficient simulation of the von Mises distribution", Applied Statistics 28,
   152-157. Their r loses its digits for tiny and huge kappa; series replace it there. */
static double best_fisher_r(double kappa) {
  if (kappa < 1e-5) return 1 / kappa + kappa;
  double tau = 1 + sqrt(1 + 4 * kappa * kappa);
  double rho = (tau - sqrt(2 * tau)) / (2 * kappa);
  return (1 + rho * rho) / (2 * rho);
}

double random_vonmises(RandomStream *s, double kappa, double unused) {
  (void)unused;
  if (!(kappa >= 0) || isinf(kappa)) return NAN;
  if (kappa < 1e-8) return M_PI - 2 * M_PI * random_stream_unit(s);
  if (kappa > 1e6) { /* a normal distribution, its wrapping far away */
    gsl_rng g = {&stream_type, s};
    return gsl_ran_gaussian_ziggurat(&g, 1 / sqrt(kappa));
  }
  double r = best_fisher_r(kappa), f, c, u;
  do {
    double z = cos(M_PI * random_stream_unit(s));
    f = (1 + r * z) / (r + z);
    c = kappa * (r - f);
    u = random_stream_unit(s);
  } while (c * (2 - c) <= u && log(c / u) + 1 < c);
  double angle = acos(fmin(1, fmax(-1, f)));
  return random_stream_unit(s) < 0.5 ? -angle : angle;
}

/* A whole number below n without bias: Lemire 2019, "Fast random integer generation in an
   interval", ACM Trans. Model. Comput. Simul. 29, 3. */
static uint32_t below(RandomStream *s, uint32_t n) {
  uint64_t m = (uint64_t)random_stream_u32(s) * n;
  if ((uint32_t)m < n) {
    uint32_t least = -n % n;
    while ((uint32_t)m < least) m = (uint64_t)random_stream_u32(s) * n;
  }
  return (uint32_t)(m >> 32);
}

/* Fisher & Yates, in the form of Durstenfeld 1964, CACM 7, 420. */
void random_permutation(RandomStream *s, int64_t n, double *out) {
  assert(n <= UINT32_MAX);
  for (int64_t i = 0; i < n; i++) out[i] = (double)i;
  for (int64_t i = n - 1; i > 0; i--) {
    int64_t j = below(s, (uint32_t)i + 1);
    double x = out[i];
    out[i] = out[j];
    out[j] = x;
  }
}

/* Orthonormalises k vectors of length n >= k that lie one after the other. Mezzadri 2007, "How to
   generate random matrices from the classical compact groups", Notices AMS 54, 592: Q of a Gaussian
   matrix is Haar-distributed once its columns have the signs of R's diagonal. */
static void haar_rows(int64_t k, int64_t n, double *v) {
  double *tau = mem_alloc(2 * (size_t)k * sizeof(double)), *sign = tau + k;
  lapack_int rows = (lapack_int)n, cols = (lapack_int)k;
  LAPACKE_dgeqrf(LAPACK_COL_MAJOR, rows, cols, v, rows, tau);
  for (int64_t i = 0; i < k; i++) sign[i] = v[i * n + i] < 0 ? -1 : 1;
  LAPACKE_dorgqr(LAPACK_COL_MAJOR, rows, cols, cols, v, rows, tau);
  for (int64_t i = 0; i < k; i++)
    for (int64_t j = 0; j < n; j++) v[i * n + j] *= sign[i];
  mem_free(tau);
}

static void transpose(int64_t rows, int64_t cols, const double *in, double *out) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < cols; j++) out[j * rows + i] = in[i * cols + j];
}

void random_orthogonal(int64_t rows, int64_t cols, double *inout) {
  if (rows <= cols) {
    haar_rows(rows, cols, inout);
    return;
  }
  size_t bytes = (size_t)(rows * cols) * sizeof(double);
  double *flat = mem_alloc(bytes);
  memcpy(flat, inout, bytes);
  haar_rows(cols, rows, flat);
  transpose(cols, rows, flat, inout);
  mem_free(flat);
}
