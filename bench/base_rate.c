/* base_rate.c: the random rate network dx/dt = -x + J tanh(x): by Runge and Kutta's classical rule,
   and adaptively by Dormand and Prince's 8(5,3). */
#include <math.h>
#include <string.h>

#include "bench/base.h"
#include "num/tableau.h"

static int N, stride;
static double *J, *rate;

static void rate_setup(int n, double *x) {
  N = n;
  stride = (n + 7) / 8 * 8;
  J = numbers((size_t)n * stride);
  rate = numbers(stride);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) J[(size_t)i * stride + j] = formula(1.5, n, i, j);
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

double rate200(void) {
  return rate_net(200, 20000);
}

double rate1000(void) {
  return rate_net(1000, 1000);
}

double adaptive200(void) {
  return rate_adaptive(200, 1000, 1e-6, 1e-9);
}
