/* Decompositions: known answers, and products that must give the matrix back. */
#include "check.h"

#include <stdlib.h>

#include "num/linalg.h"
#include "num/lu.h"

/* Numbers without a pattern in [-1, 1): a linear congruential generator is good enough here. */
static void scatter(int n, double *x) {
  uint32_t s = 12345;
  for (int i = 0; i < n; i++) {
    s = s * 1664525u + 1013904223u;
    x[i] = s / 2147483648.0 - 1;
  }
}

static void product(int m, int k, int n, const double *a, const double *b, double *out) {
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++) {
      out[i * n + j] = 0;
      for (int l = 0; l < k; l++) out[i * n + j] += a[i * k + l] * b[l * n + j];
    }
}

static double distance(int n, const double *a, const double *b) {
  double worst = 0;
  for (int i = 0; i < n; i++) worst = fmax(worst, fabs(a[i] - b[i]));
  return worst;
}

static void test_solve(void) {
  const double A[] = {2, 1, -1, -3, -1, 2, -2, 1, 2}, b[] = {8, -11, -3};
  double x[3], inv[9], unit[9];
  const double want[] = {2, 3, -1}, one[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  CHECK(la_solve(3, 1, A, b, x).code == STATUS_OK, "solve");
  CHECK(distance(3, x, want) < 1e-14, "solve: %g %g %g", x[0], x[1], x[2]);
  CHECK_NEAR(la_det(3, A), -1, 1e-14, "det");
  CHECK(la_inv(3, A, inv).code == STATUS_OK, "inv");
  product(3, 3, 3, A, inv, unit);
  CHECK(distance(9, unit, one) < 1e-14, "inv");
  const double singular[] = {1, 2, 2, 4}, bad[] = {1, NAN, 0, 1};
  CHECK(la_solve(2, 1, singular, b, x).code == STATUS_SINGULAR, "singular");
  CHECK(la_inv(2, singular, inv).code == STATUS_SINGULAR, "singular");
  CHECK(la_det(2, singular) == 0, "singular");
  CHECK(la_solve(2, 1, bad, b, x).code == STATUS_NONFINITE, "not finite");
  CHECK(isnan(la_det(2, bad)), "not finite");
  CHECK(la_det(0, NULL) == 1, "the empty determinant");
  CHECK(la_solve(0, 0, NULL, NULL, NULL).code == STATUS_OK, "the empty system");
}

/* Hilbert's matrix of order 5: determinant 1 / 266716800000, inverse of whole numbers. */
static void test_hilbert(void) {
  double h[25], inv[25];
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++) h[i * 5 + j] = 1. / (i + j + 1);
  CHECK_NEAR(la_det(5, h) * 266716800000., 1, 1e-10, "Hilbert");
  CHECK(la_inv(5, h, inv).code == STATUS_OK, "Hilbert");
  CHECK_NEAR(inv[0], 25, 1e-9, "Hilbert");
  CHECK_NEAR(inv[24], 44100, 1e-9, "Hilbert");
}

static void test_cholesky(void) {
  const double A[] = {4, 12, -16, 12, 37, -43, -16, -43, 98};
  const double want[] = {2, 0, 0, 6, 1, 0, -8, 5, 3}, not_positive[] = {1, 2, 2, 1};
  double L[9];
  CHECK(la_cholesky(3, A, L).code == STATUS_OK, "cholesky");
  CHECK(distance(9, L, want) < 1e-13, "cholesky");
  CHECK(la_cholesky(2, not_positive, L).code == STATUS_SINGULAR, "not positive definite");
}

static void check_qr(int m, int n) {
  int k = m < n ? m : n;
  double A[64], Q[64], R[64], QR[64], gram[64];
  scatter(m * n, A);
  CHECK(la_qr(m, n, A, Q, R).code == STATUS_OK, "qr");
  product(m, k, n, Q, R, QR);
  CHECK(distance(m * n, A, QR) < 1e-14, "%d x %d: QR is not A", m, n);
  for (int i = 0; i < k; i++) {
    CHECK(R[i * n + i] >= 0, "%d x %d: R's diagonal", m, n);
    for (int j = 0; j < k; j++) {
      gram[0] = 0;
      for (int l = 0; l < m; l++) gram[0] += Q[l * k + i] * Q[l * k + j];
      CHECK_NEAR(gram[0], i == j, 1e-14, "%d x %d: columns %d, %d", m, n, i, j);
    }
  }
}

static void check_svd(int m, int n) {
  int k = m < n ? m : n;
  double A[64], U[64], s[8], only[8], Vt[64], back[64];
  scatter(m * n, A);
  CHECK(la_svd(m, n, A, U, s, Vt).code == STATUS_OK, "svd");
  CHECK(la_svd(m, n, A, NULL, only, NULL).code == STATUS_OK, "singular values only");
  CHECK(distance(k, s, only) < 1e-14, "%d x %d", m, n);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < k; j++) U[i * k + j] *= s[j];
  product(m, k, n, U, Vt, back);
  CHECK(distance(m * n, A, back) < 1e-14, "%d x %d: U s V' is not A", m, n);
  for (int i = 1; i < k; i++) CHECK(s[i - 1] >= s[i] && s[i] >= 0, "order");
}

/* The four conditions of Penrose (1955), also where a column is twice another. */
static void check_pinv(int m, int n, bool deficient) {
  double A[64], P[64], AP[64], PA[64], back[64];
  scatter(m * n, A);
  for (int i = 0; deficient && i < m; i++) A[i * n] = 2 * A[i * n + 1];
  CHECK(la_pinv(m, n, A, P).code == STATUS_OK, "pinv");
  product(m, n, m, A, P, AP);
  product(n, m, n, P, A, PA);
  product(m, m, n, AP, A, back);
  CHECK(distance(m * n, A, back) < 1e-13, "%d x %d: A P A", m, n);
  product(n, n, m, PA, P, back);
  CHECK(distance(m * n, P, back) < 1e-12, "%d x %d: P A P", m, n);
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++) CHECK_NEAR(AP[i * m + j], AP[j * m + i], 1e-13, "A P");
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) CHECK_NEAR(PA[i * n + j], PA[j * n + i], 1e-13, "P A");
}

/* Least squares agree with the pseudo-inverse, for tall and wide systems. */
static void check_lstsq(int m, int n) {
  double A[64], P[64], b[16], x[16], want[16];
  scatter(m * n, A);
  scatter(2 * m, b);
  CHECK(la_lstsq(m, n, 2, A, b, x).code == STATUS_OK, "lstsq");
  la_pinv(m, n, A, P);
  product(n, m, 2, P, b, want);
  CHECK(distance(2 * n, x, want) < 1e-12, "%d x %d: lstsq", m, n);
}

static void test_line_fit(void) {
  const double A[] = {1, 0, 1, 1, 1, 2, 1, 3}, b[] = {-1, 0.2, 0.9, 2.1};
  double x[2];
  la_lstsq(4, 2, 1, A, b, x);
  CHECK_NEAR(x[0], -0.95, 1e-14, "intercept");
  CHECK_NEAR(x[1], 1, 1e-14, "slope");
}

static void test_shapes(void) {
  const int sizes[][2] = {{1, 1}, {4, 4}, {7, 3}, {3, 7}, {1, 5}, {5, 1}};
  for (int i = 0; i < 6; i++) {
    check_qr(sizes[i][0], sizes[i][1]);
    check_svd(sizes[i][0], sizes[i][1]);
    check_pinv(sizes[i][0], sizes[i][1], false);
    check_lstsq(sizes[i][0], sizes[i][1]);
  }
  check_pinv(5, 4, true);
}

/* A v = lambda v for each pair, and unit vectors. */
static void check_eig(int n, const double *A) {
  double re[8], im[8], vre[64], vim[64], only_re[8], only_im[8];
  CHECK(la_eig(n, A, re, im, vre, vim).code == STATUS_OK, "eig");
  CHECK(la_eig(n, A, only_re, only_im, NULL, NULL).code == STATUS_OK, "values only");
  for (int k = 0; k < n; k++) {
    double norm = 0;
    for (int i = 0; i < n; i++) {
      double x = 0, y = 0;
      for (int j = 0; j < n; j++) {
        x += A[i * n + j] * vre[j * n + k];
        y += A[i * n + j] * vim[j * n + k];
      }
      CHECK_NEAR(x, re[k] * vre[i * n + k] - im[k] * vim[i * n + k], 1e-13, "A v, real part");
      CHECK_NEAR(y, re[k] * vim[i * n + k] + im[k] * vre[i * n + k], 1e-13, "A v, imaginary part");
      norm += vre[i * n + k] * vre[i * n + k] + vim[i * n + k] * vim[i * n + k];
    }
    CHECK_NEAR(norm, 1, 1e-14, "a vector's norm");
    CHECK_NEAR(only_re[k], re[k], 1e-13, "values only");
    CHECK_NEAR(only_im[k], im[k], 1e-13, "values only");
    if (k)
      CHECK(re[k - 1] > re[k] || im[k - 1] >= im[k] || fabs(re[k - 1] - re[k]) < 1e-14, "order");
  }
}

static void test_eig(void) {
  double A[36], re[3], im[3];
  scatter(36, A);
  check_eig(6, A);
  check_eig(5, A);
  const double rotation[] = {0, -1, 0, 1, 0, 0, 0, 0, -2};
  check_eig(3, rotation);
  la_eig(3, rotation, re, im, NULL, NULL);
  CHECK(re[0] == 0 && im[0] == 1 && im[1] == -1 && re[2] == -2, "rotation");
  const double symmetric[] = {2, -1, 0, -1, 2, -1, 0, -1, 2};
  check_eig(3, symmetric);
  la_eig(3, symmetric, re, im, NULL, NULL);
  CHECK_NEAR(re[0], 2 + sqrt(2), 1e-15, "symmetric");
  CHECK_NEAR(re[2], 2 - sqrt(2), 1e-15, "symmetric");
  CHECK(im[0] == 0 && im[1] == 0 && im[2] == 0, "symmetric");
}

/* Small systems are eliminated by hand, larger ones by LAPACK. */
static void test_lu(void) {
  for (int n = 1; n <= 12; n++) {
    double A[144], lu[144], x[12], b[12];
    int pivot[12];
    scatter(n * n, A);
    if (n > 1) A[0] = 0; /* forces an exchange of rows */
    scatter(n, x);
    product(n, n, 1, A, x, b);
    memcpy(lu, A, sizeof lu);
    CHECK(lu_factor(n, lu, pivot), "n = %d", n);
    lu_solve(n, lu, pivot, b);
    CHECK(distance(n, b, x) < 1e-12, "n = %d", n);
    product(1, n, n, x, A, b);
    lu_solve_transposed(n, lu, pivot, b);
    CHECK(distance(n, b, x) < 1e-12, "transposed, n = %d", n);
    memset(lu, 0, sizeof lu);
    CHECK(!lu_factor(n, lu, pivot), "singular, n = %d", n);
  }
}

int main(void) {
  test_solve();
  test_hilbert();
  test_cholesky();
  test_line_fit();
  test_shapes();
  test_eig();
  test_lu();
  return check_done("linalg");
}
