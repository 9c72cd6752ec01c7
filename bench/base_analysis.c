/* base_analysis.c: fixed points by damped Newton from many starts, and Lyapunov spectra by tangent
   propagation with a QR decomposition once a time unit. */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "bench/base.h"

void dgesv_(const int *n, const int *nrhs, double *a, const int *lda, int *pivot, double *b,
            const int *ldb, int *info);
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
             double *work, const int *lwork, int *info);

/* ---- fixed points of dx/dt = -x + J tanh(x) -------------------------------------------------- */

enum { POINT_UNITS = 128, STARTS = 1024 };

static double J[POINT_UNITS * POINT_UNITS], rate[POINT_UNITS];

/* q = |F|^2 / 2 at x. */
static double speed(const double *x, double *f) {
  const int n = POINT_UNITS;
  double q = 0;
  for (int i = 0; i < n; i++) rate[i] = tanh(x[i]);
  cblas_dgemv(CblasRowMajor, CblasNoTrans, n, n, 1, J, n, rate, 1, 0, f, 1);
  for (int i = 0; i < n; i++) {
    f[i] -= x[i];
    q += f[i] * f[i] / 2;
  }
  return q;
}

/* The Newton direction at the state of the last speed, by LAPACK; the matrix is built in its
   order, column after column. */
static int direction(const double *columns, const double *f, double *d) {
  static double A[POINT_UNITS * POINT_UNITS];
  static int pivot[POINT_UNITS];
  const int n = POINT_UNITS, one = 1;
  for (int j = 0; j < n; j++) {
    double slope = 1 - rate[j] * rate[j];
    for (int i = 0; i < n; i++) A[j * n + i] = columns[j * n + i] * slope;
    A[j * n + j] -= 1;
  }
  int info;
  memcpy(d, f, sizeof(double) * POINT_UNITS);
  dgesv_(&n, &one, A, &n, pivot, d, &n, &info);
  return info;
}

static int newton(const double *columns, double *x) {
  double f[POINT_UNITS], d[POINT_UNITS], y[POINT_UNITS], q = speed(x, f);
  for (int step = 0; step < 200 && q >= 1e-24; step++) {
    if (direction(columns, f, d)) break;
    double scale = 1, next = q;
    for (int half = 0; half < 12; half++, scale /= 2) {
      for (int i = 0; i < POINT_UNITS; i++) y[i] = x[i] - scale * d[i];
      if ((next = speed(y, f)) < q) break;
    }
    if (next >= q) break;
    memcpy(x, y, sizeof y);
    q = next;
  }
  return q < 1e-12;
}

static int known(const double *found, int count, const double *x) {
  for (int k = 0; k < count; k++) {
    double d = 0;
    for (int i = 0; i < POINT_UNITS; i++) d += pow(found[k * POINT_UNITS + i] - x[i], 2);
    if (d < 1e-6) return 1;
  }
  return 0;
}

double points128(void) {
  const int n = POINT_UNITS;
  double *columns = numbers(n * n), *found = numbers(STARTS * n), x[POINT_UNITS];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double w = formula(0.5, n, i, j);
      for (int k = 0; k < 3; k++)
        w += 2.0 / n * (sin(1.0 + 5 * i + 3.0 * i * k) > 0 ? 1 : -1) *
             (sin(1.0 + 5 * j + 3.0 * j * k) > 0 ? 1 : -1);
      J[i * n + j] = columns[j * n + i] = w;
    }
  int count = 0;
  for (int s = 0; s < STARTS; s++) {
    for (int i = 0; i < n; i++) x[i] = 3 * sin(0.37 * s * s + 0.11 * i * i + 0.7 * i * s);
    if (newton(columns, x) && !known(found, count, x)) memcpy(found + n * count++, x, sizeof x);
  }
  return count;
}

/* ---- the whole spectrum of a chaotic rate network: one product for all tangents a stage --------
 */

enum { UNITS = 100, SQUARE = UNITS * UNITS };

typedef struct Tangents {
  double x[UNITS], Q[SQUARE]; /* tangents are rows */
} Tangents;

static void flow(const double *weight, const Tangents *s, Tangents *d) {
  static double scaled[SQUARE];
  double r[UNITS];
  for (int i = 0; i < UNITS; i++) r[i] = tanh(s->x[i]);
  cblas_dgemv(CblasRowMajor, CblasNoTrans, UNITS, UNITS, 1, weight, UNITS, r, 1, 0, d->x, 1);
  for (int i = 0; i < UNITS; i++) d->x[i] -= s->x[i];
  for (int v = 0; v < UNITS; v++)
    for (int j = 0; j < UNITS; j++) scaled[v * UNITS + j] = s->Q[v * UNITS + j] * (1 - r[j] * r[j]);
  memcpy(d->Q, s->Q, sizeof d->Q);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, UNITS, UNITS, UNITS, 1, scaled, UNITS,
              weight, UNITS, -1, d->Q, UNITS);
}

static void ahead(Tangents *to, const Tangents *from, double h, const Tangents *d) {
  double *a = to->x, *c = (double *)d->x;
  const double *b = from->x;
  for (int i = 0; i < UNITS + SQUARE; i++) a[i] = b[i] + h * c[i];
}

double lyapunov100(void) {
  static Tangents s, k, y, sum;
  static double weight[SQUARE], tau[UNITS], work[64 * UNITS];
  const int n = UNITS, steps = 1000, lwork = 64 * UNITS;
  const double h = 0.1, part[4] = {h / 6, h / 3, h / 3, h / 6}, next[4] = {h / 2, h / 2, h, 0};
  int info;
  for (int i = 0; i < n; i++) {
    s.x[i] = sin(1.0 + i);
    s.Q[i * n + i] = 1;
    for (int j = 0; j < n; j++) weight[i * n + j] = formula(1.5, n, i, j);
  }
  double total = 0;
  for (int step = 1; step <= steps; step++) {
    y = sum = s;
    for (int stage = 0; stage < 4; stage++) {
      flow(weight, &y, &k);
      ahead(&sum, &sum, part[stage], &k);
      ahead(&y, &s, next[stage], &k);
    }
    s = sum;
    if (step % 10) continue;
    dgeqrf_(&n, &n, s.Q, &n, tau, work, &lwork, &info);
    for (int i = 0; i < n; i++) total += log(fabs(s.Q[i * n + i]));
    dorgqr_(&n, &n, &n, s.Q, &n, tau, work, &lwork, &info);
  }
  return total / (steps * h) / n;
}

/* ---- Lorenz: the state and three tangents as twelve equations ----------------------------------
 */

static inline void lorenz_flow(const double *y, double *d) {
  d[0] = 10 * (y[1] - y[0]);
  d[1] = y[0] * (28 - y[2]) - y[1];
  d[2] = y[0] * y[1] - 8.0 / 3 * y[2];
  for (int v = 0; v < 3; v++) {
    const double *q = y + 3;
    d[3 + v] = 10 * (q[3 + v] - q[v]);
    d[6 + v] = (28 - y[2]) * q[v] - q[3 + v] - y[0] * q[6 + v];
    d[9 + v] = y[1] * q[v] + y[0] * q[3 + v] - 8.0 / 3 * q[6 + v];
  }
}

/* Gram and Schmidt on the three columns; adds the logarithms of their lengths. */
static void orthonormal(double *q, double *logs) {
  for (int v = 0; v < 3; v++) {
    for (int u = 0; u < v; u++) {
      double p = q[v] * q[u] + q[3 + v] * q[3 + u] + q[6 + v] * q[6 + u];
      for (int i = 0; i < 3; i++) q[3 * i + v] -= p * q[3 * i + u];
    }
    double length = sqrt(q[v] * q[v] + q[3 + v] * q[3 + v] + q[6 + v] * q[6 + v]);
    logs[v] += log(length);
    for (int i = 0; i < 3; i++) q[3 * i + v] /= length;
  }
}

double lyapunov3(void) {
  double y[12] = {1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1}, logs[3] = {0};
  const double h = 0.01, part[4] = {h / 6, h / 3, h / 3, h / 6}, next[4] = {h / 2, h / 2, h, 0};
  const long steps = 1000000;
  for (long step = 1; step <= steps; step++) {
    double at[12], sum[12], d[12];
    memcpy(at, y, sizeof at);
    memcpy(sum, y, sizeof sum);
    for (int stage = 0; stage < 4; stage++) {
      lorenz_flow(at, d);
      for (int i = 0; i < 12; i++) {
        sum[i] += part[stage] * d[i];
        at[i] = y[i] + next[stage] * d[i];
      }
    }
    memcpy(y, sum, sizeof y);
    if (step % 100 == 0) orthonormal(y + 3, logs);
  }
  return logs[0] / (h * (double)steps);
}
