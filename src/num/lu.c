/* lu.c: see lu.h. To LAPACK, which thinks in columns, the matrix is its transpose; it solves with
   that transposed again. */
#include "num/lu.h"

#include <lapacke.h>
#include <math.h>

enum { SMALL = 8 };

static void swap_rows(int64_t n, double *a, int64_t i, int64_t j) {
  for (int64_t k = 0; k < n && i != j; k++) {
    double x = a[i * n + k];
    a[i * n + k] = a[j * n + k];
    a[j * n + k] = x;
  }
}

/* Golub & Van Loan, Matrix Computations (2013), algorithm 3.4.1. */
static bool factor_small(int64_t n, double *a, int *pivot) {
  for (int64_t k = 0; k < n; k++) {
    int64_t top = k;
    for (int64_t i = k + 1; i < n; i++)
      if (fabs(a[i * n + k]) > fabs(a[top * n + k])) top = i;
    pivot[k] = (int)top;
    if (a[top * n + k] == 0) return false;
    swap_rows(n, a, k, top);
    for (int64_t i = k + 1; i < n; i++) {
      double factor = a[i * n + k] /= a[k * n + k];
      for (int64_t j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
    }
  }
  return true;
}

static void solve_small(int64_t n, const double *a, const int *pivot, double *b) {
  for (int64_t k = 0; k < n; k++) {
    double x = b[pivot[k]];
    b[pivot[k]] = b[k];
    b[k] = x;
  }
  for (int64_t i = 1; i < n; i++)
    for (int64_t j = 0; j < i; j++) b[i] -= a[i * n + j] * b[j];
  for (int64_t i = n - 1; i >= 0; i--) {
    for (int64_t j = i + 1; j < n; j++) b[i] -= a[i * n + j] * b[j];
    b[i] /= a[i * n + i];
  }
}

/* a' = U'L'P: the factors the other way round. */
static void solve_small_transposed(int64_t n, const double *a, const int *pivot, double *b) {
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < i; j++) b[i] -= a[j * n + i] * b[j];
    b[i] /= a[i * n + i];
  }
  for (int64_t i = n - 1; i >= 0; i--)
    for (int64_t j = i + 1; j < n; j++) b[i] -= a[j * n + i] * b[j];
  for (int64_t k = n - 1; k >= 0; k--) {
    double x = b[pivot[k]];
    b[pivot[k]] = b[k];
    b[k] = x;
  }
}

bool lu_factor(int64_t n, double *a, int *pivot) {
  if (n <= SMALL) return factor_small(n, a, pivot);
  lapack_int size = (lapack_int)n;
  return LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, size, size, a, size, pivot) == 0;
}

static void solve_large(char how, int64_t n, const double *a, const int *pivot, double *b) {
  lapack_int size = (lapack_int)n;
  LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, how, size, 1, a, size, pivot, b, size);
}

void lu_solve(int64_t n, const double *a, const int *pivot, double *b) {
  if (n <= SMALL)
    solve_small(n, a, pivot, b);
  else
    solve_large('T', n, a, pivot, b);
}

void lu_solve_transposed(int64_t n, const double *a, const int *pivot, double *b) {
  if (n <= SMALL)
    solve_small_transposed(n, a, pivot, b);
  else
    solve_large('N', n, a, pivot, b);
}

/* The upper triangle of rows is LAPACK's lower one of columns. */
bool cholesky_solve(int64_t n, double *a, double *b) {
  lapack_int size = (lapack_int)n;
  if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', size, a, size) != 0) return false;
  return LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', size, 1, a, size, b, size) == 0;
}
