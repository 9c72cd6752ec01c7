/* base.c: hand-written C for the workloads of `make bench`: what a patient programmer reaches with
   gcc -Ofast on this machine, one thread. usage: base WORK [SIZE]; prints a checksum. The models in
   bench/models do the same arithmetic on the same numbers, so that the checksums agree. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/tableau.h"

enum { ALIGN = 64 };

static double *numbers(size_t n) {
  double *p = aligned_alloc(ALIGN, (n * sizeof *p + ALIGN - 1) / ALIGN * ALIGN);
  if (!p) exit(1);
  memset(p, 0, n * sizeof *p);
  return p;
}

/* ---- random rate network, dx/dt = -x + J tanh(x) ------------------------------------------- */

static int N, stride;
static double *J, *rate;

/* Weights from a formula that both sides can write down: as good as random here. */
static void rate_setup(int n, double *x) {
  N = n;
  stride = (n + 7) / 8 * 8;
  J = numbers((size_t)n * stride);
  rate = numbers(stride);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++)
      J[(size_t)i * stride + j] =
          1.5 * sqrt(2.0 / n) * sin(0.7 * i * i + 1.3 * j * j + 0.9 * i * j);
    x[i] = sin(1.0 + i);
  }
}

/* Four rows at a time: the rates are read once for four sums. */
static void rate_rhs(const double *restrict x, double *restrict dx) {
  for (int i = 0; i < N; i++) rate[i] = tanh(x[i]);
  int i = 0;
  for (; i + 4 <= N; i += 4) {
    const double *a = J + (size_t)i * stride, *b = a + stride, *c = b + stride, *d = c + stride;
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int j = 0; j < N; j++) {
      s0 += a[j] * rate[j];
      s1 += b[j] * rate[j];
      s2 += c[j] * rate[j];
      s3 += d[j] * rate[j];
    }
    dx[i] = s0 - x[i];
    dx[i + 1] = s1 - x[i + 1];
    dx[i + 2] = s2 - x[i + 2];
    dx[i + 3] = s3 - x[i + 3];
  }
  for (; i < N; i++) {
    double s = 0;
    for (int j = 0; j < N; j++) s += J[(size_t)i * stride + j] * rate[j];
    dx[i] = s - x[i];
  }
}

static void rate_step(double *restrict x, double h, double *restrict k, double *restrict y,
                      double *restrict sum) {
  static const double weight[4] = {1, 2, 2, 1}, ahead[4] = {0.5, 0.5, 1, 0};
  memcpy(y, x, N * sizeof *y);
  memset(sum, 0, N * sizeof *sum);
  for (int s = 0; s < 4; s++) {
    rate_rhs(y, k);
    for (int i = 0; i < N; i++) {
      sum[i] += weight[s] * k[i];
      y[i] = x[i] + h * ahead[s] * k[i];
    }
  }
  for (int i = 0; i < N; i++) x[i] += h / 6 * sum[i];
}

static double rate_net(int n, long steps) {
  double *x = numbers(n + 8), *k = numbers(n + 8), *y = numbers(n + 8), *sum = numbers(n + 8);
  rate_setup(n, x);
  for (long s = 0; s < steps; s++) rate_step(x, 0.1, k, y, sum);
  double total = 0;
  for (int i = 0; i < 10; i++) total += x[i];
  return total;
}

/* ---- the same network, adaptively: Dormand and Prince's 8(5,3) with DOP853's error estimate ----
 */

enum { STAGES = 12 };

/* y = x + h sum_j w[j] k[j], or the sum alone; blocks keep the sums in registers. */
static void combine(const double *x, double h, int m, const double *w, double *const *k,
                    double *y) {
  for (int i = 0; i < N; i += 8) {
    double s[8] = {0};
    for (int j = 0; j < m; j++)
      if (w[j] != 0)
        for (int l = 0; l < 8; l++) s[l] += w[j] * k[j][i + l];
    for (int l = 0; l < 8; l++) y[i + l] = (x ? x[i + l] : 0) + h * s[l];
  }
}

static double scaled(const double *e, const double *x, const double *y, double rtol, double atol) {
  double sum = 0;
  for (int i = 0; i < N; i++) {
    double d = e[i] / (atol + rtol * fmax(fabs(x[i]), fabs(y[i])));
    sum += d * d;
  }
  return sum / N;
}

static double rate_adaptive(int n, double end, double rtol, double atol) {
  const Tableau *m = &tableau_dop853;
  double *x = numbers(n + 8), *y = numbers(n + 8), *work = numbers(n + 8), *k[STAGES];
  for (int i = 0; i < STAGES; i++) k[i] = numbers(n + 8);
  rate_setup(n, x);
  rate_rhs(x, k[0]);
  for (double t = 0, h = 0.01; t < end;) {
    if (t + h > end) h = end - t;
    for (int i = 1; i < STAGES; i++) {
      combine(x, h, i, m->a + i * STAGES, k, work);
      rate_rhs(work, k[i]);
    }
    combine(x, h, STAGES, m->b, k, y);
    combine(NULL, h, STAGES, m->e, k, work);
    double e = scaled(work, x, y, rtol, atol);
    combine(NULL, h, STAGES, m->extras->e_low, k, work);
    double low = scaled(work, x, y, rtol, atol);
    double error = e + 0.01 * low > 0 ? e / sqrt(e + 0.01 * low) : 0;
    double change = fmin(6, fmax(0.333, 0.9 * pow(fmax(error, 1e-12), -1.0 / 8)));
    if (error <= 1) {
      t += h;
      memcpy(x, y, N * sizeof *x);
      rate_rhs(x, k[0]);
    }
    h *= error <= 1 ? change : fmin(1, change);
  }
  double total = 0;
  for (int i = 0; i < 10; i++) total += x[i];
  return total;
}

/* ---- Lorenz ---------------------------------------------------------------------------------- */

static inline void lorenz_rhs(const double *x, double *d) {
  d[0] = 10 * (x[1] - x[0]);
  d[1] = x[0] * (28 - x[2]) - x[1];
  d[2] = x[0] * x[1] - 8.0 / 3 * x[2];
}

static double lorenz(long steps) {
  double x[3] = {1, 1, 1}, h = 0.01;
  for (long s = 0; s < steps; s++) {
    double k1[3], k2[3], k3[3], k4[3], y[3];
    lorenz_rhs(x, k1);
    for (int i = 0; i < 3; i++) y[i] = x[i] + h / 2 * k1[i];
    lorenz_rhs(y, k2);
    for (int i = 0; i < 3; i++) y[i] = x[i] + h / 2 * k2[i];
    lorenz_rhs(y, k3);
    for (int i = 0; i < 3; i++) y[i] = x[i] + h * k3[i];
    lorenz_rhs(y, k4);
    for (int i = 0; i < 3; i++) x[i] += h / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
  }
  return x[0] + x[1] + x[2];
}

/* ---- Hodgkin-Huxley, one neuron or many in blocks that stay in the first-level cache -----------
 */

enum { BLOCK = 64 };
typedef struct Cells {
  double v[BLOCK], m[BLOCK], h[BLOCK], n[BLOCK];
} Cells;

static inline __attribute__((always_inline)) void hh_rhs(int n, const double *restrict current,
                                                         const Cells *restrict s,
                                                         Cells *restrict d) {
  for (int i = 0; i < n; i++) {
    double v = s->v[i], m = s->m[i], h = s->h[i], g = s->n[i];
    double am = 0.1 * (v + 40) / (1 - exp(-(v + 40) / 10)), bm = 4 * exp(-(v + 65) / 18);
    double ah = 0.07 * exp(-(v + 65) / 20), bh = 1 / (1 + exp(-(v + 35) / 10));
    double an = 0.01 * (v + 55) / (1 - exp(-(v + 55) / 10)), bn = 0.125 * exp(-(v + 65) / 80);
    d->v[i] = current[i] - 120 * m * m * m * h * (v - 50) - 36 * g * g * g * g * (v + 77) -
              0.3 * (v + 54.387);
    d->m[i] = am * (1 - m) - bm * m;
    d->h[i] = ah * (1 - h) - bh * h;
    d->n[i] = an * (1 - g) - bn * g;
  }
}

static inline __attribute__((always_inline)) void hh_ahead(int n, Cells *y, const Cells *x,
                                                           double h, const Cells *restrict k) {
  for (int i = 0; i < n; i++) {
    y->v[i] = x->v[i] + h * k->v[i];
    y->m[i] = x->m[i] + h * k->m[i];
    y->h[i] = x->h[i] + h * k->h[i];
    y->n[i] = x->n[i] + h * k->n[i];
  }
}

static inline __attribute__((always_inline)) void hh_step(int n, const double *current, Cells *x,
                                                          double h) {
  static const double weight[4] = {1, 2, 2, 1}, ahead[4] = {0.5, 0.5, 1, 0};
  Cells k, y = *x, sum = *x;
  for (int s = 0; s < 4; s++) {
    hh_rhs(n, current, &y, &k);
    hh_ahead(n, &sum, &sum, h / 6 * weight[s], &k);
    hh_ahead(n, &y, x, h * ahead[s], &k);
  }
  *x = sum;
}

static Cells hh_rest(void) {
  Cells x;
  for (int i = 0; i < BLOCK; i++) x.v[i] = -65, x.m[i] = 0.05, x.h[i] = 0.6, x.n[i] = 0.32;
  return x;
}

static double hh_one(long steps) {
  Cells x = hh_rest();
  double current[BLOCK] = {10};
  for (long s = 0; s < steps; s++) hh_step(1, current, &x, 0.01);
  return x.v[0];
}

static double hh_many(int cells, long steps) {
  double total = 0;
  for (int b = 0; b < cells; b += BLOCK) {
    Cells x = hh_rest();
    double current[BLOCK];
    for (int i = 0; i < BLOCK; i++) current[i] = 5 + 10.0 * (b + i) / cells;
    for (long s = 0; s < steps; s++) hh_step(BLOCK, current, &x, 0.01);
    for (int i = 0; i < BLOCK; i++) total += x.v[i];
  }
  return total / cells;
}

int main(int argc, char **argv) {
  const char *work = argc > 1 ? argv[1] : "";
  double sum = 0;
  if (!strcmp(work, "rate200"))
    sum = rate_net(200, 20000);
  else if (!strcmp(work, "rate1000"))
    sum = rate_net(1000, 1000);
  else if (!strcmp(work, "adaptive200"))
    sum = rate_adaptive(200, 1000, 1e-6, 1e-9);
  else if (!strcmp(work, "lorenz"))
    sum = lorenz(10000000);
  else if (!strcmp(work, "hh"))
    sum = hh_one(2000000);
  else if (!strcmp(work, "hh1024"))
    sum = hh_many(1024, 20000);
  else if (!strcmp(work, "start"))
    sum = lorenz(100);
  else
    return fprintf(stderr, "base: unknown work '%s'\n", work), 2;
  printf("%.10g\n", sum);
  return 0;
}
