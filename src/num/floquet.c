/* floquet.c: see floquet.h. Orthogonal iteration around the cycle, each factor decomposed by QR
   (Bojanczyk, Golub & Van Dooren, The periodic Schur decomposition, SPIE 1770, 1992; Lust, Improved
   numerical Floquet multipliers, Int. J. Bifurcation Chaos 11, 2001), ends in a block triangular
   form, whose diagonal blocks hold the eigenvalues of one size each. The triangular factors are
   multiplied with their rows scaled: no power of ten is out of reach before the very end. */
#include "num/floquet.h"

#include <math.h>
#include <string.h>

#include "num/linalg.h"
#include "num/triangle.h"

enum { SWEEPS = 50 };

static const double SEPARATE = 1e-6;
static const double TURNED = 1e-13; /* of orthonormal vectors from one sweep to the next */

typedef struct Product {
  int64_t n, m;
  const double *g;
  double *start, *q; /* orthonormal: before and after a sweep */
  double *a, *r;
  Triangle tri; /* the product of the factors R */
  double *turn; /* start' q */
} Product;

static void multiply(int64_t n, const double *a, const double *b, double *out) {
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++) out[i * n + j] = 0;
    for (int64_t k = 0; k < n; k++)
      for (int64_t j = 0; j < n; j++) out[i * n + j] += a[i * n + k] * b[k * n + j];
  }
}

static void set_identity(int64_t n, double *a) {
  memset(a, 0, (size_t)(n * n) * sizeof *a);
  for (int64_t i = 0; i < n; i++) a[i * n + i] = 1;
}

static Status sweep(Product *p) {
  int64_t n = p->n;
  memcpy(p->start, p->q, (size_t)(n * n) * sizeof *p->q);
  triangle_reset(&p->tri);
  for (int64_t i = 0; i < p->m; i++) {
    multiply(n, p->g + i * n * n, p->q, p->a);
    Status st = la_qr(n, n, p->a, p->q, p->r);
    if (st.code != STATUS_OK) return st;
    triangle_multiply(&p->tri, p->r);
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) {
      p->turn[i * n + j] = 0;
      for (int64_t k = 0; k < n; k++) p->turn[i * n + j] += p->start[k * n + i] * p->q[k * n + j];
    }
  return STATUS_FINE;
}

/* Is what lies below and left of place k nothing? */
static bool splits_at(const Product *p, int64_t k) {
  for (int64_t i = k; i < p->n; i++)
    for (int64_t j = 0; j < k; j++)
      if (fabs(p->turn[i * p->n + j]) > SEPARATE) return false;
  return true;
}

/* Is nothing left to be turned? */
static bool is_triangular(const Product *p) {
  for (int64_t i = 1; i < p->n; i++)
    for (int64_t j = 0; j < i; j++)
      if (fabs(p->turn[i * p->n + j]) > TURNED) return false;
  return true;
}

/* Eigenvalues of the diagonal block of rows [from, to). */
static Status block_eigenvalues(const Product *p, int64_t from, int64_t to, double *re,
                                double *im) {
  int64_t size = to - from, n = p->n;
  double most = -INFINITY;
  for (int64_t i = from; i < to; i++) most = fmax(most, p->tri.logs[i]);
  for (int64_t i = 0; i < size; i++)
    for (int64_t j = 0; j < size; j++) {
      double sum = 0;
      for (int64_t k = 0; k <= j; k++)
        sum += p->turn[(from + i) * n + from + k] * exp(p->tri.logs[from + k] - most) *
               p->tri.t[(from + k) * n + from + j];
      p->a[i * size + j] = sum;
    }
  Status st = la_eig(size, p->a, re + from, im + from, NULL, NULL);
  for (int64_t i = from; i < to; i++) {
    re[i] *= exp(most);
    im[i] *= exp(most);
  }
  return st;
}

static void sort_by_size(int64_t n, double *re, double *im) {
  for (int64_t i = 1; i < n; i++)
    for (int64_t j = i; j > 0; j--) {
      double here = hypot(re[j], im[j]), before = hypot(re[j - 1], im[j - 1]);
      if (here <= before * (1 + 1e-12)) break;
      double x = re[j], y = im[j];
      re[j] = re[j - 1], im[j] = im[j - 1];
      re[j - 1] = x, im[j - 1] = y;
    }
}

static Product product_new(Arena *a, int64_t n, int64_t m, const double *g) {
  Product p = {.n = n, .m = m, .g = g, .tri = triangle_new(a, n)};
  double **squares[] = {&p.start, &p.q, &p.a, &p.r, &p.turn};
  for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
    *squares[i] = ARENA_ARRAY(a, double, n *n);
  set_identity(n, p.q);
  return p;
}

Status floquet_multipliers(int64_t n, int64_t m, const double *g, double *re, double *im,
                           double *log_det) {
  Arena *arena = arena_new();
  Product p = product_new(arena, n, m, g);
  Status st = STATUS_FINE;
  for (int i = 0; i < SWEEPS && st.code == STATUS_OK; i++) {
    st = sweep(&p);
    if (is_triangular(&p)) break;
  }
  *log_det = 0;
  for (int64_t i = 0; i < n; i++) *log_det += p.tri.logs[i];
  for (int64_t from = 0, to; from < n && st.code == STATUS_OK; from = to) {
    for (to = from + 1; to < n && !splits_at(&p, to); to++) continue;
    st = block_eigenvalues(&p, from, to, re, im);
  }
  sort_by_size(n, re, im);
  arena_free(arena);
  return st;
}
