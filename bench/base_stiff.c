/* base_stiff.c: stiff systems: small ones by RODAS with the Jacobian written out and its
   factorisation in place, a network of 200 units by CVODE with LAPACK, the fastest code there is
   for it. Without SUNDIALS (libsundials-dev) the last is left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base.h"
#include "num/rodas_table.h"

enum { MOST = 3, STAGES = RODAS_STAGES };

typedef struct Stiff {
  int n;
  void (*rhs)(const double *y, double *f);
  void (*jac)(const double *y, double *j);
  double end, rtol, atol;
} Stiff;

static inline void eliminate(int n, double *m, int *pivot) {
  for (int k = 0; k < n; k++) {
    int p = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(m[i * n + k]) > fabs(m[p * n + k])) p = i;
    pivot[k] = p;
    for (int j = 0; p != k && j < n; j++) {
      double v = m[p * n + j];
      m[p * n + j] = m[k * n + j];
      m[k * n + j] = v;
    }
    for (int i = k + 1; i < n; i++) {
      double f = m[i * n + k] /= m[k * n + k];
      for (int j = k + 1; j < n; j++) m[i * n + j] -= f * m[k * n + j];
    }
  }
}

static inline void substitute(int n, const double *m, const int *pivot, double *b) {
  for (int k = 0; k < n; k++) {
    double v = b[k];
    b[k] = b[pivot[k]];
    b[pivot[k]] = v;
  }
  for (int i = 1; i < n; i++)
    for (int j = 0; j < i; j++) b[i] -= m[i * n + j] * b[j];
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++) b[i] -= m[i * n + j] * b[j];
    b[i] /= m[i * n + i];
  }
}

/* One step from x to y; the last stage is the error. */
static inline void rodas_step(const Stiff *p, const double *x, const double *jac, double h,
                              double *y, double u[STAGES][MOST]) {
  double m[MOST * MOST];
  int pivot[MOST], n = p->n;
  for (int i = 0; i < n * n; i++) m[i] = -jac[i];
  for (int i = 0; i < n; i++) m[i * n + i] += 1 / (rodas_gamma * h);
  eliminate(n, m, pivot);
  for (int s = 0; s < STAGES; s++) {
    memcpy(y, x, (size_t)n * sizeof *y);
    for (int j = 0; j < s; j++)
      for (int i = 0; i < n; i++) y[i] += rodas_a[s][j] * u[j][i];
    p->rhs(y, u[s]);
    for (int j = 0; j < s; j++)
      for (int i = 0; i < n; i++) u[s][i] += rodas_c[s][j] / h * u[j][i];
    substitute(n, m, pivot, u[s]);
  }
  for (int i = 0; i < n; i++) y[i] += u[STAGES - 1][i];
}

static void rodas(const Stiff *p, double *x) {
  double y[MOST], jac[MOST * MOST], u[STAGES][MOST], h = 1e-6;
  p->jac(x, jac);
  for (double t = 0; t < p->end;) {
    if (t + h > p->end) h = p->end - t;
    rodas_step(p, x, jac, h, y, u);
    double sum = 1e-32;
    for (int i = 0; i < p->n; i++) {
      double e = u[STAGES - 1][i] / (p->atol + p->rtol * fmax(fabs(x[i]), fabs(y[i])));
      sum += e * e / p->n;
    }
    double error = sqrt(sum);
    if (error <= 1) {
      t += h;
      memcpy(x, y, (size_t)p->n * sizeof *x);
      p->jac(x, jac);
    }
    h *= fmin(6, fmax(0.2, 0.9 * pow(error, -0.25)));
  }
}

static void vdp_rhs(const double *y, double *f) {
  f[0] = y[1];
  f[1] = 1000 * (1 - y[0] * y[0]) * y[1] - y[0];
}

static void vdp_jac(const double *y, double *j) {
  j[0] = 0, j[1] = 1;
  j[2] = -2000 * y[0] * y[1] - 1, j[3] = 1000 * (1 - y[0] * y[0]);
}

double vdp(void) {
  const Stiff p = {2, vdp_rhs, vdp_jac, 2000, 1e-6, 1e-9};
  double y[2];
  for (int i = 0; i < 100; i++) {
    y[0] = 2, y[1] = 0;
    rodas(&p, y);
  }
  return y[0];
}

static void robertson_rhs(const double *y, double *f) {
  f[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
  f[2] = 3e7 * y[1] * y[1];
  f[1] = -f[0] - f[2];
}

static void robertson_jac(const double *y, double *j) {
  j[0] = -0.04, j[1] = 1e4 * y[2], j[2] = 1e4 * y[1];
  j[6] = 0, j[7] = 6e7 * y[1], j[8] = 0;
  for (int i = 0; i < 3; i++) j[3 + i] = -j[i] - j[6 + i];
}

double robertson(void) {
  const Stiff p = {3, robertson_rhs, robertson_jac, 1e11, 1e-6, 1e-14};
  double y[3];
  for (int i = 0; i < 200; i++) {
    y[0] = 1, y[1] = y[2] = 0;
    rodas(&p, y);
  }
  return 1e8 * y[0];
}

/* ---- the network: J tanh(x) with time constants of a millisecond and of a second --------------
 */

#if __has_include(<cvode/cvode.h>)
#include <cblas.h>
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_linearsolver.h>
#include <sunmatrix/sunmatrix_dense.h>

enum { UNITS = 200 };

static double *weight, *rate;

void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *pivot, int *info);
void dgetrs_(const char *trans, const int *n, const int *nrhs, const double *a, const int *lda,
             const int *pivot, double *b, const int *ldb, int *info);

static double tau(int i) {
  return i < UNITS / 2 ? 1e-3 : 1;
}

static int net_rhs(double t, N_Vector y, N_Vector f, void *none) {
  (void)t, (void)none;
  double *x = N_VGetArrayPointer(y), *d = N_VGetArrayPointer(f);
  for (int i = 0; i < UNITS; i++) rate[i] = tanh(x[i]);
  cblas_dgemv(CblasRowMajor, CblasNoTrans, UNITS, UNITS, 1, weight, UNITS, rate, 1, 0, d, 1);
  for (int i = 0; i < UNITS; i++) d[i] = (d[i] - x[i]) / tau(i);
  return 0;
}

static int net_jac(double t, N_Vector y, N_Vector f, SUNMatrix m, void *none, N_Vector a,
                   N_Vector b, N_Vector c) {
  (void)t, (void)f, (void)none, (void)a, (void)b, (void)c;
  const double *x = N_VGetArrayPointer(y);
  for (int j = 0; j < UNITS; j++) {
    double r = tanh(x[j]), slope = 1 - r * r, *column = SUNDenseMatrix_Column(m, j);
    for (int i = 0; i < UNITS; i++) column[i] = (weight[i * UNITS + j] * slope - (i == j)) / tau(i);
  }
  return 0;
}

static int pivots[UNITS];

static SUNLinearSolver_Type solver_type(SUNLinearSolver s) {
  (void)s;
  return SUNLINEARSOLVER_DIRECT;
}

static int solver_setup(SUNLinearSolver s, SUNMatrix m) {
  (void)s;
  const int n = UNITS;
  int info;
  dgetrf_(&n, &n, SUNDenseMatrix_Data(m), &n, pivots, &info);
  return info;
}

static int solver_solve(SUNLinearSolver s, SUNMatrix m, N_Vector x, N_Vector b, double tol) {
  (void)s, (void)tol;
  const int n = UNITS, one = 1;
  int info;
  N_VScale(1, b, x);
  dgetrs_("N", &n, &one, SUNDenseMatrix_Data(m), &n, pivots, N_VGetArrayPointer(x), &n, &info);
  return info;
}

double stiff200(void) {
  SUNContext context;
  SUNContext_Create(NULL, &context);
  weight = numbers(UNITS * UNITS);
  rate = numbers(UNITS);
  N_Vector x = N_VNew_Serial(UNITS, context);
  double *v = N_VGetArrayPointer(x), t, total = 0;
  for (int i = 0; i < UNITS; i++) {
    v[i] = sin(1.0 + i);
    for (int j = 0; j < UNITS; j++) weight[i * UNITS + j] = formula(1.2, UNITS, i, j);
  }
  SUNMatrix m = SUNDenseMatrix(UNITS, UNITS, context);
  SUNLinearSolver lapack = SUNLinSolNewEmpty(context);
  lapack->ops->gettype = solver_type;
  lapack->ops->setup = solver_setup;
  lapack->ops->solve = solver_solve;
  void *cv = CVodeCreate(CV_BDF, context);
  CVodeInit(cv, net_rhs, 0, x);
  CVodeSStolerances(cv, 1e-6, 1e-9);
  CVodeSetMaxNumSteps(cv, 1000000);
  CVodeSetLinearSolver(cv, lapack, m);
  CVodeSetJacFn(cv, net_jac);
  CVodeSetStopTime(cv, 50);
  CVode(cv, 50, x, &t, CV_NORMAL);
  for (int i = 100; i < 110; i++) total += v[i];
  return total;
}
#else
double stiff200(void) {
  fprintf(stderr, "base: this work needs libsundials-dev\n");
  exit(77);
}
#endif
