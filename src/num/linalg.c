/* linalg.c: see linalg.h. Where LAPACK's column order matters, the row-major interface transposes;
   for symmetric problems and for the determinant the order does not matter and no copy is made. */
#include "num/linalg.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static Status failed(StatusCode code, int64_t index, const char *what) {
  return (Status){code, 0, index, what};
}

static int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}
static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static double *numbers(int64_t count) {
  return mem_alloc((size_t)(count + 1) * sizeof(double));
}

static double *copy(int64_t count, const double *x) {
  double *y = numbers(count);
  if (count > 0) memcpy(y, x, (size_t)count * sizeof *y);
  return y;
}

/* LAPACK takes 32-bit extents and may loop for ever on values that are not finite. */
static Status check_matrix(int64_t m, int64_t n, const double *A) {
  if (m > INT32_MAX || n > INT32_MAX) return failed(STATUS_INVALID, -1, "the matrix is too large");
  for (int64_t i = 0; i < m * n; i++)
    if (!isfinite(A[i])) return failed(STATUS_NONFINITE, i / n, "the matrix is not finite");
  return STATUS_FINE;
}

Status la_solve(int64_t n, int64_t nrhs, const double *A, const double *b, double *x) {
  Status st = check_matrix(n, n, A);
  if (st.code || n == 0 || nrhs == 0) return st;
  double *lu = copy(n * n, A);
  lapack_int *pivot = mem_alloc((size_t)n * sizeof *pivot);
  memmove(x, b, (size_t)(n * nrhs) * sizeof *x);
  lapack_int info = LAPACKE_dgesv_work(LAPACK_ROW_MAJOR, (lapack_int)n, (lapack_int)nrhs, lu,
                                       (lapack_int)n, pivot, x, (lapack_int)nrhs);
  mem_free(pivot);
  mem_free(lu);
  return info > 0 ? failed(STATUS_SINGULAR, info - 1, "the matrix is singular") : STATUS_FINE;
}

Status la_inv(int64_t n, const double *A, double *out) {
  double *identity = numbers(n * n);
  for (int64_t i = 0; i < n; i++) identity[i * n + i] = 1;
  Status st = la_solve(n, n, A, identity, out);
  mem_free(identity);
  return st;
}

/* LU with row exchanges of the transpose, whose determinant is the same: the product of what is
   left on the diagonal, with the sign of the exchanges. */
static double *det_factors(int64_t n, const double *A) {
  double *lu = copy(n * n, A);
  lapack_int *pivot = mem_alloc((size_t)n * sizeof *pivot);
  LAPACKE_dgetrf(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)n, lu, (lapack_int)n, pivot);
  for (int64_t i = 0; i < n; i++) lu[i] = pivot[i] == i + 1 ? lu[i * n + i] : -lu[i * n + i];
  mem_free(pivot);
  return lu;
}

double la_det(int64_t n, const double *A) {
  if (n == 0) return 1;
  if (check_matrix(n, n, A).code) return NAN;
  double *factor = det_factors(n, A), det = 1;
  for (int64_t i = 0; i < n; i++) det *= factor[i];
  mem_free(factor);
  return det;
}

double la_log_det(int64_t n, const double *A, int *sign) {
  *sign = 1;
  if (n == 0) return 0;
  if (check_matrix(n, n, A).code) return NAN;
  double *factor = det_factors(n, A), sum = 0;
  for (int64_t i = 0; i < n; i++) {
    sum += log(fabs(factor[i]));
    *sign = factor[i] < 0 ? -*sign : factor[i] > 0 ? *sign : 0;
  }
  mem_free(factor);
  return sum;
}

Status la_cholesky(int64_t n, const double *A, double *L) {
  Status st = check_matrix(n, n, A);
  if (st.code || n == 0) return st;
  memmove(L, A, (size_t)(n * n) * sizeof *L);
  /* The upper triangle in column order is the lower one in row order. */
  lapack_int info = LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', (lapack_int)n, L, (lapack_int)n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = i + 1; j < n; j++) L[i * n + j] = 0;
  if (info > 0) return failed(STATUS_SINGULAR, info - 1, "the matrix is not positive definite");
  return STATUS_FINE;
}

/* The upper triangle with a diagonal >= 0, and the signs that make it so. */
static void take_upper(int64_t m, int64_t n, const double *qr, double *R, double *sign) {
  int64_t k = smaller(m, n);
  for (int64_t i = 0; i < k; i++) {
    sign[i] = qr[i * n + i] < 0 ? -1 : 1;
    for (int64_t j = 0; j < n; j++) R[i * n + j] = j < i ? 0 : sign[i] * qr[i * n + j];
  }
}

Status la_qr(int64_t m, int64_t n, const double *A, double *Q, double *R) {
  Status st = check_matrix(m, n, A);
  int64_t k = smaller(m, n);
  if (st.code || k == 0) return st;
  double *qr = copy(m * n, A), *tau = numbers(2 * k), *sign = tau + k;
  LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, (lapack_int)m, (lapack_int)n, qr, (lapack_int)n, tau);
  take_upper(m, n, qr, R, sign);
  for (int64_t i = 0; i < m; i++) memcpy(Q + i * k, qr + i * n, (size_t)k * sizeof *Q);
  LAPACKE_dorgqr(LAPACK_ROW_MAJOR, (lapack_int)m, (lapack_int)k, (lapack_int)k, Q, (lapack_int)k,
                 tau);
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < k; j++) Q[i * k + j] *= sign[j];
  mem_free(tau);
  mem_free(qr);
  return STATUS_FINE;
}

Status la_svd(int64_t m, int64_t n, const double *A, double *U, double *s, double *Vt) {
  Status st = check_matrix(m, n, A);
  int64_t k = smaller(m, n);
  if (st.code || k == 0) return st;
  double *work = copy(m * n, A), *u = U ? U : numbers(m * k), *vt = Vt ? Vt : numbers(k * n);
  bool vectors = U || Vt;
  lapack_int info =
      LAPACKE_dgesdd(LAPACK_ROW_MAJOR, vectors ? 'S' : 'N', (lapack_int)m, (lapack_int)n, work,
                     (lapack_int)n, s, u, (lapack_int)k, vt, (lapack_int)n);
  if (!U) mem_free(u);
  if (!Vt) mem_free(vt);
  mem_free(work);
  if (info) return failed(STATUS_NO_CONVERGENCE, -1, "the singular values do not converge");
  return STATUS_FINE;
}

/* out [n, m] = V diag(1 / s) U^T over the singular values above the cut. */
static void compose_pinv(int64_t m, int64_t n, const double *U, const double *s, const double *Vt,
                         double *out) {
  int64_t k = smaller(m, n);
  double cut = 1e-15 * (double)larger(m, n) * s[0];
  memset(out, 0, (size_t)(m * n) * sizeof *out);
  for (int64_t r = 0; r < k && s[r] > cut; r++)
    for (int64_t j = 0; j < n; j++) {
      double v = Vt[r * n + j] / s[r];
      for (int64_t i = 0; i < m; i++) out[j * m + i] += v * U[i * k + r];
    }
}

Status la_pinv(int64_t m, int64_t n, const double *A, double *out) {
  int64_t k = smaller(m, n);
  if (k == 0) return STATUS_FINE;
  double *U = numbers(m * k), *s = numbers(k), *Vt = numbers(k * n);
  Status st = la_svd(m, n, A, U, s, Vt);
  if (!st.code) compose_pinv(m, n, U, s, Vt, out);
  mem_free(Vt);
  mem_free(s);
  mem_free(U);
  return st;
}

/* The solution of least norm, by the singular value decomposition. */
Status la_lstsq(int64_t m, int64_t n, int64_t nrhs, const double *A, const double *b, double *x) {
  Status st = check_matrix(m, n, A);
  if (st.code || n == 0 || nrhs == 0) return st;
  memset(x, 0, (size_t)(n * nrhs) * sizeof *x);
  if (m == 0) return STATUS_FINE;
  double *work = copy(m * n, A), *s = numbers(smaller(m, n)), *io = numbers(larger(m, n) * nrhs);
  memcpy(io, b, (size_t)(m * nrhs) * sizeof *io);
  lapack_int rank;
  lapack_int info =
      LAPACKE_dgelsd(LAPACK_ROW_MAJOR, (lapack_int)m, (lapack_int)n, (lapack_int)nrhs, work,
                     (lapack_int)n, io, (lapack_int)nrhs, s, 1e-15 * (double)larger(m, n), &rank);
  memcpy(x, io, (size_t)(n * nrhs) * sizeof *x);
  mem_free(io);
  mem_free(s);
  mem_free(work);
  if (info) return failed(STATUS_NO_CONVERGENCE, -1, "the least squares do not converge");
  return STATUS_FINE;
}

static bool is_symmetric(int64_t n, const double *A) {
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < i; j++)
      if (A[i * n + j] != A[j * n + i]) return false;
  return true;
}

/* LAPACK's ascending eigenvalues, and vectors in rows of the column-ordered result, turned about.
 */
static Status eig_symmetric(int64_t n, double *work, double *re, double *im, double *vre,
                            double *vim) {
  double *w = numbers(n);
  lapack_int info =
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, vre ? 'V' : 'N', 'U', (lapack_int)n, work, (lapack_int)n, w);
  for (int64_t j = 0; j < n && !info; j++) {
    re[j] = w[n - 1 - j];
    im[j] = 0;
    for (int64_t i = 0; vre && i < n; i++) vre[i * n + j] = work[(n - 1 - j) * n + i];
  }
  if (vim) memset(vim, 0, (size_t)(n * n) * sizeof *vim);
  mem_free(w);
  if (info) return failed(STATUS_NO_CONVERGENCE, -1, "the eigenvalues do not converge");
  return STATUS_FINE;
}

typedef struct Eigenvalue {
  double re, im;
  int64_t at; /* its column in LAPACK's order */
} Eigenvalue;

static int descending(const void *a, const void *b) {
  const Eigenvalue *x = a, *y = b;
  if (x->re != y->re) return x->re < y->re ? 1 : -1;
  if (x->im != y->im) return x->im < y->im ? 1 : -1;
  return x->at < y->at ? -1 : 1;
}

/* Column k of the result from LAPACK's packing: a conjugate pair shares two columns. */
static void unpack_vector(int64_t n, const double *packed, const Eigenvalue *e, int64_t k,
                          double *vre, double *vim) {
  int64_t first = e->im < 0 ? e->at - 1 : e->at;
  double sign = e->im < 0 ? -1 : 1;
  for (int64_t i = 0; i < n; i++) {
    vre[i * n + k] = packed[first * n + i];
    if (vim) vim[i * n + k] = e->im == 0 ? 0 : sign * packed[(first + 1) * n + i];
  }
}

static Status eig_general(int64_t n, double *work, double *re, double *im, double *vre,
                          double *vim) {
  double *w = numbers(2 * n), *packed = numbers(vre ? n * n : 0);
  Eigenvalue *order = mem_alloc((size_t)n * sizeof *order);
  lapack_int info =
      LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', vre ? 'V' : 'N', (lapack_int)n, work, (lapack_int)n, w,
                    w + n, NULL, 1, packed, (lapack_int)(vre ? n : 1));
  for (int64_t i = 0; i < n; i++) order[i] = (Eigenvalue){w[i], w[n + i], i};
  qsort(order, (size_t)n, sizeof *order, descending);
  for (int64_t k = 0; k < n && !info; k++) {
    re[k] = order[k].re;
    im[k] = order[k].im;
    if (vre) unpack_vector(n, packed, &order[k], k, vre, vim);
  }
  mem_free(order);
  mem_free(packed);
  mem_free(w);
  if (info) return failed(STATUS_NO_CONVERGENCE, -1, "the eigenvalues do not converge");
  return STATUS_FINE;
}

static double *transposed(int64_t n, const double *A) {
  double *t = numbers(n * n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) t[j * n + i] = A[i * n + j];
  return t;
}

Status la_eig(int64_t n, const double *A, double *re, double *im, double *vre, double *vim) {
  Status st = check_matrix(n, n, A);
  if (st.code || n == 0) return st;
  bool symmetric = is_symmetric(n, A);
  double *work = transposed(n, A);
  st = (symmetric ? eig_symmetric : eig_general)(n, work, re, im, vre, vim);
  mem_free(work);
  return st;
}

void la_gram(int64_t n, const double *A, double *G) {
  int size = (int)n;
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, size, size, 1, A, size, 0, G, size);
}
