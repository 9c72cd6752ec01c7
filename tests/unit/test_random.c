/* Random numbers: known answers of the generator, every distribution against its distribution
   function, and what must not change them: instruction set, size of the array, order. Keys are
   fixed, so each test passes or fails for good; thresholds are at p = 1e-4. */
#include "check.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_bessel.h>
#include <stdlib.h>

#include "run/isa.h"
#include "run/isa_random.h"
#include "run/random.h"

/* kat_vectors of Random123 (D. E. Shaw Research), "philox4x32 10". */
static void test_known_answers(void) {
  static const struct {
    uint32_t counter[4], key[2], want[4];
  } rows[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (int i = 0; i < 3; i++) {
    uint32_t got[4];
    philox4x32(rows[i].key, rows[i].counter, got);
    CHECK(memcmp(got, rows[i].want, sizeof got) == 0, "vector %d", i);
  }
}

/* The lanes' Philox is the same generator: uniform deviates are its 64-bit words. */
static void test_lanes_known(void) {
  RandomLanes lanes = {.key = {0xa4093822, 0x299f31d0}, .trial = 0x13198a2e, .step = 0x03707344};
  double out[4 * RANDOM_LANES];
  lanes.n = RANDOM_LANE_GROUP;
  for (int i = 0; i < lanes.n; i++) {
    lanes.counter[i] = 0x243f6a88;
    lanes.row[i] = 0x85a308d3;
  }
  random_uniform_plain(&lanes, out);
  double first = (double)(0xd16cfe0994fdccebu >> 12) * 0x1p-52;
  double second = (double)(0x5001e42024126ea1u >> 12) * 0x1p-52;
  for (int i = 0; i < lanes.n; i++)
    CHECK(out[i] == first && out[RANDOM_LANE_GROUP + i] == second, "lane %d", i);
}

typedef struct Distribution {
  const char *name;
  RandomKind kind;
  double a, b; /* parameters */
  double mean, var;
  double (*cdf)(double x, double a, double b); /* NULL: discrete */
} Distribution;

static double cdf_normal(double x, double a, double b) {
  return gsl_cdf_gaussian_P(x, 1 + 0 * a * b);
}
static double cdf_uniform(double x, double a, double b) {
  return x + 0 * a * b;
}
static double cdf_exponential(double x, double a, double b) {
  return -expm1(-x) + 0 * a * b;
}
static double cdf_gamma(double x, double a, double b) {
  return gsl_cdf_gamma_P(x, a, 1 + 0 * b);
}
static double cdf_beta(double x, double a, double b) {
  return gsl_cdf_beta_P(x, a, b);
}

/* Fourier series of the distribution function: Mardia & Jupp, Directional Statistics
 * (2000), 3.5.26. */
static double cdf_vonmises(double x, double kappa, double unused) {
  (void)unused;
  if (kappa > 1e6) return gsl_cdf_gaussian_P(x, 1 / sqrt(kappa));
  double sum = (x + M_PI) / (2 * M_PI), base = gsl_sf_bessel_I0_scaled(kappa);
  for (int j = 1; j < 300; j++) {
    double ratio = kappa > 0 ? gsl_sf_bessel_In_scaled(j, kappa) / base : 0;
    if (ratio < 1e-18) break;
    sum += ratio * sin(j * x) / (j * M_PI);
  }
  return sum;
}

static double ratio_bessel(double kappa) {
  return gsl_sf_bessel_I1_scaled(kappa) / gsl_sf_bessel_I0_scaled(kappa);
}

static const Distribution rows[] = {
    {"normal", RANDOM_NORMAL, 0, 0, 0, 1, cdf_normal},
    {"uniform", RANDOM_UNIFORM, 0, 0, 0.5, 1. / 12, cdf_uniform},
    {"exponential", RANDOM_EXPONENTIAL, 0, 0, 1, 1, cdf_exponential},
    {"gamma(2.5)", RANDOM_GAMMA, 2.5, 0, 2.5, 2.5, cdf_gamma},
    {"gamma(0.3)", RANDOM_GAMMA, 0.3, 0, 0.3, 0.3, cdf_gamma},
    {"gamma(1)", RANDOM_GAMMA, 1, 0, 1, 1, cdf_gamma},
    {"gamma(200)", RANDOM_GAMMA, 200, 0, 200, 200, cdf_gamma},
    {"beta(2, 5)", RANDOM_BETA, 2, 5, 2. / 7, 10. / 49 / 8, cdf_beta},
    {"beta(0.4, 0.7)", RANDOM_BETA, 0.4, 0.7, 0.4 / 1.1, 0.28 / 1.21 / 2.1, cdf_beta},
    {"beta(1, 1)", RANDOM_BETA, 1, 1, 0.5, 1. / 12, cdf_beta},
    {"beta(0.02, 0.03)", RANDOM_BETA, 0.02, 0.03, 0.4, 0.24 / 1.05, NULL},
    {"poisson(0.7)", RANDOM_POISSON, 0.7, 0, 0.7, 0.7, NULL},
    {"poisson(30)", RANDOM_POISSON, 30, 0, 30, 30, NULL},
    {"poisson(5e9)", RANDOM_POISSON, 5e9, 0, 5e9, 5e9, NULL},
    {"vonmises(0)", RANDOM_VONMISES, 0, 0, 0, M_PI *M_PI / 3, cdf_vonmises},
    {"vonmises(1e-6)", RANDOM_VONMISES, 1e-6, 0, 0, M_PI *M_PI / 3, cdf_vonmises},
    {"vonmises(0.5)", RANDOM_VONMISES, 0.5, 0, 0, -1, cdf_vonmises},
    {"vonmises(4)", RANDOM_VONMISES, 4, 0, 0, -1, cdf_vonmises},
    {"vonmises(300)", RANDOM_VONMISES, 300, 0, 0, -1, cdf_vonmises},
    {"vonmises(1e8)", RANDOM_VONMISES, 1e8, 0, 0, 1e-8, cdf_vonmises},
};
enum { ROWS = sizeof rows / sizeof rows[0], DRAWS = 40000 };

static void draw(const Distribution *d, uint64_t key, Shape shape, double *out) {
  const double *param[2] = {&d->a, &d->b};
  const int64_t nparam[2] = {1, 1};
  random_fill(d->kind, (RandomPlace){key, 0, 0}, shape, param, nparam, out);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Kolmogorov & Smirnov: 2 exp(-2 x^2) is the tail of sqrt(n) D. */
static double kolmogorov(const Distribution *d, double *x, int n) {
  double worst = 0;
  qsort(x, (size_t)n, sizeof *x, ascending);
  for (int i = 0; i < n; i++) {
    double p = d->cdf(x[i], d->a, d->b);
    worst = fmax(worst, fmax((i + 1.) / n - p, p - (double)i / n));
  }
  return 2 * exp(-2 * worst * worst * n);
}

/* Mean and variance against their sampling errors (the variance's from the fourth moment). */
static void check_moments(const Distribution *d, const double *x, int n) {
  double mean = 0, var = 0, fourth = 0;
  for (int i = 0; i < n; i++) mean += x[i] / n;
  for (int i = 0; i < n; i++) var += pow(x[i] - mean, 2) / n;
  for (int i = 0; i < n; i++) fourth += pow(x[i] - mean, 4) / n;
  CHECK(fabs(mean - d->mean) < 3.9 * sqrt(var / n), "%s: mean %g", d->name, mean);
  if (d->var > 0)
    CHECK(fabs(var - d->var) < 3.9 * sqrt((fourth - var * var) / n), "%s: variance %g", d->name,
          var);
}

static void test_distributions(void) {
  double *x = malloc(DRAWS * sizeof *x);
  for (int i = 0; i < ROWS; i++) {
    const Distribution *d = &rows[i];
    draw(d, random_key(7, d->name), shape_make(2, (int64_t)200, (int64_t)200), x);
    check_moments(d, x, DRAWS);
    if (!d->cdf) continue;
    double p = kolmogorov(d, x, d->kind == RANDOM_VONMISES ? DRAWS / 10 : DRAWS); /* slow series */
    CHECK(p > 1e-4, "%s: Kolmogorov-Smirnov p = %g", d->name, p);
  }
  free(x);
}

/* A mean direction of 0 and the resultant length I1 / I0. */
static void test_vonmises_resultant(void) {
  double *x = malloc(DRAWS * sizeof *x), c = 0, s = 0;
  for (int i = 0; i < ROWS; i++) {
    if (rows[i].kind != RANDOM_VONMISES || rows[i].a > 1e3) continue;
    draw(&rows[i], 3, shape_vec(DRAWS), x);
    c = s = 0;
    for (int j = 0; j < DRAWS; j++) c += cos(x[j]) / DRAWS, s += sin(x[j]) / DRAWS;
    CHECK(fabs(c - ratio_bessel(rows[i].a)) < 3.9 * sqrt(0.5 / DRAWS), "%s: %g", rows[i].name, c);
    CHECK(fabs(s) < 3.9 * sqrt(0.5 / DRAWS), "%s: %g", rows[i].name, s);
  }
  free(x);
}

static double chi_square_p(const double *count, const double *expected, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += pow(count[i] - expected[i], 2) / expected[i];
  return gsl_cdf_chisq_Q(sum, n - 1);
}

static void test_poisson_counts(void) {
  enum { BINS = 61 };
  double *x = malloc(DRAWS * sizeof *x);
  const double means[] = {0.7, 4, 30};
  for (int m = 0; m < 3; m++) {
    Distribution d = {.kind = RANDOM_POISSON, .a = means[m]};
    double count[BINS] = {0}, expected[BINS], rare = 0, rare_expected = 0;
    int used = 0;
    draw(&d, 12, shape_vec(DRAWS), x);
    for (int k = 0; k < BINS; k++)
      expected[k] = DRAWS * exp(k * log(means[m]) - means[m] - lgamma(k + 1));
    for (int i = 0; i < DRAWS; i++) count[x[i] < BINS ? (int)x[i] : BINS - 1]++;
    for (int k = 0; k < BINS; k++) {
      if (expected[k] < 10) rare += count[k], rare_expected += expected[k];
      if (expected[k] < 10) continue;
      count[used] = count[k];
      expected[used++] = expected[k];
    }
    count[used] = rare;
    expected[used++] = rare_expected;
    double p = chi_square_p(count, expected, used);
    CHECK(p > 1e-4, "poisson(%g): p = %g", means[m], p);
  }
  free(x);
}

static void test_choice(void) {
  const double cumulative[] = {1, 1, 3, 3.5, 7.5}, weight[] = {1, 2, 0.5, 4};
  const double *param[] = {cumulative};
  const int64_t nparam[] = {5};
  double *x = malloc(DRAWS * sizeof *x), count[5] = {0}, expected[4];
  random_fill(RANDOM_CHOICE, (RandomPlace){5, 0, 0}, shape_vec(DRAWS), param, nparam, x);
  for (int i = 0; i < DRAWS; i++) count[(int)x[i]]++;
  CHECK(count[1] == 0, "a choice of weight 0 was made");
  for (int i = 0; i < 4; i++) expected[i] = DRAWS * weight[i] / 7.5;
  count[1] = count[2], count[2] = count[3], count[3] = count[4];
  CHECK(chi_square_p(count, expected, 4) > 1e-4, "choice");
  free(x);
}

/* All 24 orders of four, equally often; a long one is a permutation at all. */
static void test_permutation(void) {
  enum { N = 24000, LONG = 1000 };
  double *x = malloc(4 * N * sizeof *x), count[256] = {0}, seen[24], expected[24];
  int used = 0;
  random_fill(RANDOM_PERMUTATION, (RandomPlace){9, 0, 0}, shape_mat(N, 4), NULL, NULL, x);
  for (int i = 0; i < N; i++)
    count[(int)(x[4 * i] + 4 * x[4 * i + 1] + 16 * x[4 * i + 2] + 64 * x[4 * i + 3])]++;
  for (int i = 0; i < 256; i++)
    if (count[i] > 0 && used < 24) expected[used] = N / 24., seen[used++] = count[i];
  CHECK(used == 24, "%d orders", used);
  CHECK(chi_square_p(seen, expected, 24) > 1e-4, "permutation");
  random_fill(RANDOM_PERMUTATION, (RandomPlace){9, 0, 0}, shape_vec(LONG), NULL, NULL, x);
  qsort(x, LONG, sizeof *x, ascending);
  for (int i = 0; i < LONG; i++) CHECK(x[i] == i, "place %d", i);
  free(x);
}

static double dot(int n, const double *a, int64_t step_a, const double *b, int64_t step_b) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i * step_a] * b[i * step_b];
  return sum;
}

static void check_orthonormal(int m, int n, const double *q) {
  int k = m < n ? m : n;
  for (int i = 0; i < k; i++)
    for (int j = 0; j < k; j++) {
      double d = m < n ? dot(n, q + i * n, 1, q + j * n, 1) : dot(m, q + i, n, q + j, n);
      CHECK_NEAR(d, i == j, 1e-13, "%d x %d at %d, %d", m, n, i, j);
    }
}

/* The trace of a Haar-distributed matrix has mean 0 and variance 1, each entry variance 1 / n
   (Diaconis & Shahshahani 1994); without the signs of R's diagonal the trace is biased. */
static void test_orthogonal(void) {
  enum { N = 5, MANY = 4000 };
  double q[60], *all = malloc(MANY * N * N * sizeof *all), trace = 0, square = 0, entry = 0;
  const int sizes[][2] = {{1, 1}, {5, 5}, {3, 7}, {7, 3}, {1, 6}, {6, 1}};
  for (int i = 0; i < 6; i++) {
    Shape s = shape_mat(sizes[i][0], sizes[i][1]);
    random_fill(RANDOM_ORTHOGONAL, (RandomPlace){2, 0, 0}, s, NULL, NULL, q);
    check_orthonormal(sizes[i][0], sizes[i][1], q);
  }
  Shape s = shape_make(3, (int64_t)MANY, (int64_t)N, (int64_t)N);
  random_fill(RANDOM_ORTHOGONAL, (RandomPlace){2, 0, 0}, s, NULL, NULL, all);
  for (int i = 0; i < MANY; i++) {
    double sum = 0;
    for (int j = 0; j < N; j++) sum += all[i * N * N + j * (N + 1)];
    trace += sum / MANY;
    square += sum * sum / MANY;
    entry += pow(all[i * N * N + 7], 2) / MANY;
  }
  CHECK(fabs(trace) < 3.9 / sqrt(MANY), "trace %g", trace);
  CHECK(fabs(square - 1) < 3.9 * sqrt(2. / MANY), "its square %g", square);
  CHECK(fabs(entry - 0.2) < 3.9 * 0.25 / sqrt(MANY), "square of an entry %g", entry);
  free(all);
}

/* -- What must not matter. */

typedef RandomLanesFn *Copies[ISA_LEVELS];

static void test_isa(void) {
#if defined(__x86_64__)
  const Copies kinds[] = {
      {random_normal_plain, random_normal_avx2, random_normal_avx512},
      {random_uniform_plain, random_uniform_avx2, random_uniform_avx512},
      {random_exponential_plain, random_exponential_avx2, random_exponential_avx512}};
  RandomLanes lanes = {.key = {1, 2}, .trial = 3, .n = RANDOM_LANES};
  for (int k = 0; k < 3; k++)
    for (uint32_t step = 0; step < 200; step++) {
      double want[4 * RANDOM_LANES] = {0}, got[4 * RANDOM_LANES] = {0};
      lanes.step = step;
      for (uint32_t i = 0; i < RANDOM_LANES; i++)
        lanes.counter[i] = i * 77, lanes.row[i] = i ^ step;
      kinds[k][ISA_PLAIN](&lanes, want);
      for (int level = 1; level <= run_isa_level(); level++) {
        kinds[k][level](&lanes, got);
        CHECK(memcmp(got, want, sizeof got) == 0, "kind %d, %s", k, isa_level_name(level));
      }
    }
#endif
}

static const double choice_table[] = {1, 1, 3, 4};

static void fill(RandomKind kind, RandomPlace at, Shape s, double *out) {
  const double a = 2.5, b = 0.7, *param[2] = {&a, &b};
  int64_t nparam[2] = {1, 1};
  if (kind == RANDOM_CHOICE) param[0] = choice_table, nparam[0] = 4;
  random_fill(kind, at, s, param, nparam, out);
}

/* Rows and columns may be added: 10 to 150 of them, to 160 by 300. */
static void test_growth(void) {
  enum { M = 160, N = 300 };
  double *big = malloc(M * N * sizeof *big), *small = malloc(M * N * sizeof *small);
  const int sizes[][2] = {{1, 1}, {3, 1}, {160, 2}, {10, 8}, {7, 31}, {5, 32}, {4, 33}, {150, 257}};
  RandomPlace at = {42, 3, 1};
  for (RandomKind kind = 0; kind < RANDOM_PERMUTATION; kind++) {
    fill(kind, at, shape_mat(M, N), big);
    for (int k = 0; k < 8; k++) {
      int m = sizes[k][0], n = sizes[k][1], bad = 0;
      fill(kind, at, shape_mat(m, n), small);
      for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) bad += small[i * n + j] != big[i * N + j];
      CHECK(bad == 0, "kind %d as %d x %d: %d differ", kind, m, n, bad);
    }
    fill(kind, at, shape_vec(N), small);
    CHECK(memcmp(small, big, N * sizeof *big) == 0, "kind %d as a vector", kind);
    fill(kind, at, SHAPE_SCALAR, small);
    CHECK(small[0] == big[0], "kind %d as a scalar", kind);
    fill(kind, at, shape_make(3, (int64_t)4, (int64_t)40, (int64_t)N), small);
    CHECK(memcmp(small, big, M * N * sizeof *big) == 0, "kind %d with three axes", kind);
  }
  free(small);
  free(big);
}

/* One parameter for each element is the same as element by element. */
static void test_parameters(void) {
  enum { N = 50 };
  double shape[N], b[N], x[N], y[N];
  for (int i = 0; i < N; i++) shape[i] = 0.3 + i % 3, b[i] = 1 + i % 2;
  const double *param[] = {shape, b};
  const int64_t nparam[] = {N, N};
  random_fill(RANDOM_BETA, (RandomPlace){4, 0, 0}, shape_vec(N), param, nparam, x);
  for (int i = 0; i < N; i++) {
    Distribution d = {.kind = RANDOM_BETA, .a = shape[i], .b = b[i]};
    draw(&d, 4, shape_vec(N), y);
    CHECK(x[i] == y[i], "element %d", i);
  }
  const struct {
    RandomKind kind;
    double a, b;
  } bad[] = {{RANDOM_GAMMA, -1, 0},   {RANDOM_GAMMA, NAN, 0},        {RANDOM_BETA, 1, 0},
             {RANDOM_POISSON, -1, 0}, {RANDOM_POISSON, NAN, 0},      {RANDOM_VONMISES, -1, 0},
             {RANDOM_GAMMA, 0, 0},    {RANDOM_VONMISES, INFINITY, 0}};
  for (int i = 0; i < 8; i++) {
    Distribution d = {.kind = bad[i].kind, .a = bad[i].a, .b = bad[i].b};
    draw(&d, 4, SHAPE_SCALAR, x);
    CHECK(isnan(x[0]), "bad parameters %d give %g", i, x[0]);
  }
}

static double correlation(const double *x, const double *y, int n) {
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (int i = 0; i < n; i++) mx += x[i] / n, my += y[i] / n;
  for (int i = 0; i < n; i++) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xy / sqrt(xx * yy);
}

/* Neighbouring keys, trials, steps and elements, and their squares, are not correlated. */
static void test_independence(void) {
  enum { N = 20000 };
  double *x = malloc(2 * N * sizeof *x), *y = malloc(2 * N * sizeof *y);
  const RandomPlace at = {100, 5, 6};
  const RandomPlace others[] = {{101, 5, 6},
                                {100, 6, 6},
                                {100, 5, 7},
                                {100, 6, 5},
                                {random_key_mix(100, 0), 5, 6},
                                {random_key_mix(100, 1), 5, 6}};
  const double limit = 3.9 / sqrt(N);
  for (RandomKind kind = 0; kind < RANDOM_PERMUTATION; kind++) {
    fill(kind, at, shape_vec(N + 1), x);
    CHECK(fabs(correlation(x, x + 1, N)) < limit, "kind %d: neighbours", kind);
    for (int k = 0; k < 6; k++) {
      fill(kind, others[k], shape_vec(N), y);
      CHECK(fabs(correlation(x, y, N)) < limit, "kind %d, place %d", kind, k);
    }
  }
  fill(RANDOM_NORMAL, at, shape_mat(N, 2), y);
  for (int i = 0; i < N; i++) x[i] = y[2 * i] * y[2 * i], x[N + i] = y[2 * i + 1] * y[2 * i + 1];
  CHECK(fabs(correlation(x, x + N, N)) < limit, "squares of neighbours");
  CHECK(random_key(1, "net.J") != random_key(2, "net.J"), "seeds");
  CHECK(random_key(1, "net.J") != random_key(1, "net.K"), "paths");
  free(y);
  free(x);
}

/* -- Sparse patterns. */

static void check_pattern(const SparsePattern *s) {
  int bad = s->start[0] != 0 || s->start[s->rows] != s->nnz;
  for (int64_t i = 0; i < s->rows; i++)
    for (int64_t e = s->start[i]; e < s->start[i + 1]; e++)
      bad +=
          s->col[e] >= s->cols || s->col[e] < 0 || (e > s->start[i] && s->col[e] <= s->col[e - 1]);
  CHECK(bad == 0, "%d faults in a pattern", bad);
}

static void test_patterns(void) {
  enum { M = 300, N = 400 };
  Arena *a = arena_new();
  const double ps[] = {0, 1e-4, 0.01, 0.1, 0.5, 0.97, 1, NAN};
  for (int k = 0; k < 8; k++) {
    double p = k == 7 ? 0 : ps[k], sd = sqrt(M * N * p * (1 - p));
    RandomPlace at = {random_key(1, "w"), 0, 0};
    const SparsePattern *s = random_sparse_pattern(a, at, M, N, ps[k]);
    const SparsePattern *wide = random_sparse_pattern(a, at, M + 9, N + 100, ps[k]);
    check_pattern(s);
    CHECK(fabs((double)s->nnz - M * N * p) <= 3.9 * sd, "p = %g: %d entries", p, (int)s->nnz);
    int bad = 0;
    for (int64_t i = 0; i < M; i++)
      for (int64_t e = s->start[i], f = wide->start[i]; e < s->start[i + 1]; e++, f++)
        bad += s->col[e] != wide->col[f];
    CHECK(bad == 0, "p = %g: %d entries move when the matrix grows", p, bad);
  }
  CHECK(random_sparse_pattern(a, (RandomPlace){1, 0, 0}, 0, 5, 0.5)->nnz == 0, "no rows");
  CHECK(random_sparse_pattern(a, (RandomPlace){1, 0, 0}, 5, 0, 0.5)->nnz == 0, "no columns");
  arena_free(a);
}

static void test_pattern_values(void) {
  enum { M = 90, N = 70 };
  Arena *a = arena_new();
  double *dense = malloc(M * N * sizeof *dense), *x = malloc(M * N * sizeof *x);
  const double p25 = 2.5, p07 = 0.7;
  const double *param[2] = {&p25, &p07};
  int64_t nparam[2] = {1, 1};
  RandomPlace at = {random_key(1, "w"), 2, 0};
  const SparsePattern *s = random_sparse_pattern(a, at, M, N, 0.13);
  for (RandomKind kind = 0; kind < RANDOM_KINDS; kind++) {
    param[0] = kind == RANDOM_CHOICE ? choice_table : &p25;
    nparam[0] = kind == RANDOM_CHOICE ? 4 : 1;
    random_fill(kind, at, shape_mat(M, N), param, nparam, dense);
    random_fill_pattern(kind, at, s, param, nparam, x);
    int bad = 0;
    for (int64_t i = 0; i < M; i++)
      for (int64_t e = s->start[i]; e < s->start[i + 1]; e++)
        bad += x[e] != dense[i * N + s->col[e]];
    CHECK(bad == 0, "kind %d: %d of %d values differ", kind, bad, (int)s->nnz);
  }
  free(x);
  free(dense);
  arena_free(a);
}

int main(void) {
  test_known_answers();
  test_lanes_known();
  test_distributions();
  test_vonmises_resultant();
  test_poisson_counts();
  test_choice();
  test_permutation();
  test_orthogonal();
  test_isa();
  test_growth();
  test_parameters();
  test_independence();
  test_patterns();
  test_pattern_values();
  return check_done("random");
}
