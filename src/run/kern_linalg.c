/* kern_linalg.c: products through OpenBLAS and decompositions through LAPACK. LAPACK stores
   columns: to it a row-major matrix is its transpose, which each kernel takes into account instead
   of copying. Decompositions are computed in double in both precisions. */
#include <cblas.h>
#include <lapacke.h>
#include <string.h>

#include "run/kernel.h"
#include "run/panel.h"

/* ---- Products ---- */

typedef struct Gemm {
  int64_t m, k, n;
  bool a_transposed, c_transposed, single;
  bool add; /* to what is there */
} Gemm;

/* One row or one column: x times a matrix [rows, cols] as it is stored, or its transpose. */
static void gemv(const Gemm *g, bool transposed, int64_t rows, int64_t cols, const void *matrix,
                 const void *x, void *out) {
  CBLAS_TRANSPOSE t = transposed ? CblasTrans : CblasNoTrans;
  int m = (int)rows, n = (int)cols;
  if (g->single)
    cblas_sgemv(CblasRowMajor, t, m, n, 1, matrix, n, x, 1, g->add, out, 1);
  else
    cblas_dgemv(CblasRowMajor, t, m, n, 1, matrix, n, x, 1, g->add, out, 1);
}

static void gemm_full(const Gemm *g, const void *a, const void *c, void *out) {
  CBLAS_TRANSPOSE ta = g->a_transposed ? CblasTrans : CblasNoTrans;
  CBLAS_TRANSPOSE tc = g->c_transposed ? CblasTrans : CblasNoTrans;
  int m = (int)g->m, k = (int)g->k, n = (int)g->n;
  int lda = g->a_transposed ? m : k, ldc = g->c_transposed ? k : n;
  if (g->single)
    cblas_sgemm(CblasRowMajor, ta, tc, m, n, k, 1, a, lda, c, ldc, g->add, out, n);
  else
    cblas_dgemm(CblasRowMajor, ta, tc, m, n, k, 1, a, lda, c, ldc, g->add, out, n);
}

static void gemm_one(const Gemm *g, const void *a, const void *c, void *out) {
  bool at = g->a_transposed, ct = g->c_transposed;
  if (g->m == 0 || g->n == 0) return;
  if (g->k == 0 && g->add) return;
  if (g->k == 0)
    memset(out, 0, (size_t)(g->m * g->n) * real_size(g->single));
  else if (g->m == 1)
    gemv(g, !ct, ct ? g->n : g->k, ct ? g->k : g->n, c, a, out);
  else if (g->n == 1)
    gemv(g, at, at ? g->k : g->m, at ? g->m : g->k, a, c, out);
  else
    gemm_full(g, a, c, out);
}

static const void *step(const void *p, int64_t by, bool single) {
  return (const char *)p + by * (int64_t)real_size(single);
}

Status kern_gemm(const KernCall *c) {
  int flags = c->attr->axis;
  bool ba = flags & 1, bc = flags & 2;
  Shape a = shape_tail(c->shape[0], ba), b = shape_tail(c->shape[1], bc);
  Gemm g = {
      .a_transposed = flags & 4, .c_transposed = flags & 8, .single = c->single, .add = c->add};
  g.m = a.n[g.a_transposed];
  g.k = a.n[!g.a_transposed];
  g.n = b.n[!g.c_transposed];
  int64_t batch = ba || bc ? c->out_shape.n[0] : 1;
  const void *x = c->in[0], *y = c->in[1], *out = c->out;
  for (int64_t i = 0; i < batch; i++) {
    gemm_one(&g, x, y, (void *)(uintptr_t)out);
    x = step(x, ba ? g.m * g.k : 0, g.single);
    y = step(y, bc ? g.k * g.n : 0, g.single);
    out = step(out, g.m * g.n, g.single);
  }
  return STATUS_FINE;
}

/* ---- x @ x' ---- */

enum { GRAM_MIN = 64, GRAM_BLOCK = 32 };

/* Looking costs little: other matrices differ soon. By blocks, as both are read along their rows.
 */
static bool is_transpose(const double *x, const double *y, int64_t m, int64_t k) {
  for (int64_t row = 0; row < m; row += GRAM_BLOCK)
    for (int64_t col = 0; col < k; col += GRAM_BLOCK)
      for (int64_t i = row; i < row + GRAM_BLOCK && i < m; i++)
        for (int64_t j = col; j < col + GRAM_BLOCK && j < k; j++)
          if (x[i * k + j] != y[j * m + i]) return false;
  return true;
}

static void mirror_block(double *x, int64_t m, int64_t row, int64_t col) {
  for (int64_t i = row; i < row + GRAM_BLOCK && i < m; i++)
    for (int64_t j = col; j < col + GRAM_BLOCK && j < i; j++) x[j * m + i] = x[i * m + j];
}

/* Half the work, and a result that is symmetric to the bit. */
static void gram(const Gemm *g, const double *x, double *out) {
  int m = (int)g->m, k = (int)g->k;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, m, k, 1, x, k, 0, out, m);
  for (int64_t i = 0; i < m; i += GRAM_BLOCK)
    for (int64_t j = 0; j <= i; j += GRAM_BLOCK) mirror_block(out, m, i, j);
}

static void product(const Gemm *g, const void *a, const void *c, void *out) {
  bool large = g->m == g->n && g->m >= GRAM_MIN && g->k >= GRAM_MIN && !g->single;
  if (large && is_transpose(a, c, g->m, g->k))
    gram(g, a, out);
  else
    gemm_one(g, a, c, out);
}

/* NumPy's rule: a vector is a row on the left and a column on the right; leading axes broadcast. */
Status kern_matmul(const KernCall *c) {
  Shape a = c->shape[0], b = c->shape[1], batch;
  if (a.rank == 1) a = shape_mat(1, a.n[0]);
  if (b.rank == 1) b = shape_mat(b.n[0], 1);
  Gemm g = {.m = a.n[a.rank - 2], .k = a.n[a.rank - 1], .n = b.n[b.rank - 1], .single = c->single};
  Shape la = a, lb = b;
  la.rank -= 2;
  lb.rank -= 2;
  shape_broadcast(la, lb, &batch);
  int64_t count = shape_count(batch), out = 0;
  for (int64_t i = 0; i < count; i++, out += g.m * g.n) {
    int64_t ia = 0, ib = 0, rest = i, sa = 1, sb = 1;
    for (int k = 1; k <= batch.rank; k++) {
      int64_t at = rest % batch.n[batch.rank - k];
      rest /= batch.n[batch.rank - k];
      int64_t na = k <= la.rank ? la.n[la.rank - k] : 1, nb = k <= lb.rank ? lb.n[lb.rank - k] : 1;
      ia += na > 1 ? at * sa : 0;
      ib += nb > 1 ? at * sb : 0;
      sa *= na;
      sb *= nb;
    }
    product(&g, step(c->in[0], ia * g.m * g.k, g.single), step(c->in[1], ib * g.k * g.n, g.single),
            (void *)(uintptr_t)step(c->out, out, g.single));
  }
  return STATUS_FINE;
}

/* As ops of a graph, pack and gemm_packed do not know the number of rows that will come. */
enum { ROWS_UNKNOWN = 64 };

Status kern_pack(const KernCall *c) {
  bool transposed = c->attr->axis & 8;
  int64_t k = c->shape[0].n[transposed], n = c->shape[0].n[!transposed];
  panel_pack(c->in[0], transposed, k, n, panel_width(ROWS_UNKNOWN), c->single, c->out);
  return STATUS_FINE;
}

Status kern_gemm_packed(const KernCall *c) {
  PanelCall p = {.a = c->in[0],
                 .packed = c->in[1],
                 .out = c->out,
                 .m = c->shape[0].n[0],
                 .k = c->attr->i[0],
                 .n = c->attr->i[1],
                 .width = panel_width(ROWS_UNKNOWN),
                 .single = c->single};
  panel_product(&p);
  return STATUS_FINE;
}

/* ---- Decompositions ---- */

/* Matrix number b of the first argument and the scratch memory behind it. */
typedef struct Square {
  int64_t n, first; /* its first element */
  double *lu, *rest;
  lapack_int *pivot;
} Square;

static int64_t batch_of(const KernCall *c) {
  return c->attr->axis2 ? c->shape[0].n[0] : 1;
}

/* Elements of an argument, as doubles. */
static void fetch(const KernCall *c, int arg, int64_t first, int64_t n, double *to) {
  if (c->single)
    for (int64_t i = 0; i < n; i++) to[i] = kern_get(c, arg, first + i);
  else
    memcpy(to, (const double *)c->in[arg] + first, (size_t)n * sizeof *to);
}

static Square square(const KernCall *c, int64_t b) {
  int64_t n = c->shape[0].n[c->shape[0].rank - 1];
  Square s = {.n = n, .first = b * n * n, .lu = c->work};
  s.pivot = (lapack_int *)(s.lu + n * n);
  s.rest = s.lu + n * n + n; /* pivots take no more room than n doubles */
  fetch(c, 0, s.first, n * n, s.lu);
  return s;
}

static Status singular(const char *what, int64_t b) {
  return (Status){STATUS_SINGULAR, 0, b, what};
}

/* lu holds the factors of the transpose afterwards; false: singular. */
static bool factor(const Square *s) {
  lapack_int n = (lapack_int)s->n;
  return n == 0 || LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, s->lu, n, s->pivot) == 0;
}

enum { POSITIVE_SIZE = 100 }; /* smaller ones are solved by LU, exactly where numbers are whole */

static bool looks_positive(const Square *s) {
  if (s->n < POSITIVE_SIZE) return false;
  for (int64_t i = 0; i < s->n; i++)
    if (!(s->lu[i * s->n + i] > 0)) return false;
  return is_transpose(s->lu, s->lu, s->n, s->n);
}

/* Symmetric positive definite matrices take half the work (Golub & Van Loan, Matrix Computations,
   section 4.2). False: this is none, and lu may be spoilt. */
static bool solve_positive(const Square *s, lapack_int m) {
  lapack_int n = (lapack_int)s->n;
  if (!looks_positive(s)) return false;
  if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', n, s->lu, n) != 0) return false;
  LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'U', n, m, s->lu, n, s->rest, n);
  return true;
}

static bool solve_any(const Square *s, lapack_int m) {
  lapack_int n = (lapack_int)s->n;
  if (!factor(s)) return false;
  LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'T', n, m, s->lu, n, s->pivot, s->rest, n);
  return true;
}

static Status solve_one(const KernCall *c, int64_t b, int64_t m) {
  Square s = square(c, b);
  int64_t n = s.n, first = b * n * m;
  if (n == 0) return STATUS_FINE;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) s.rest[j * n + i] = kern_get(c, 1, first + i * m + j);
  if (!solve_positive(&s, (lapack_int)m)) {
    fetch(c, 0, s.first, n * n, s.lu);
    if (!solve_any(&s, (lapack_int)m)) return singular("the matrix is singular", b);
  }
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) kern_put(c, first + i * m + j, s.rest[j * n + i]);
  return STATUS_FINE;
}

static int64_t right_hand_sides(const KernCall *c) {
  Shape b = shape_tail(c->shape[1], c->attr->axis2);
  return b.rank == 2 ? b.n[1] : 1;
}

Status kern_solve(const KernCall *c) {
  Status st = STATUS_FINE;
  for (int64_t b = 0; b < batch_of(c) && st.code == STATUS_OK; b++)
    st = solve_one(c, b, right_hand_sides(c));
  return st;
}

/* The inverse of the transpose is the transpose of the inverse. */
Status kern_inv(const KernCall *c) {
  for (int64_t b = 0; b < batch_of(c); b++) {
    Square s = square(c, b);
    lapack_int n = (lapack_int)s.n;
    if (!factor(&s)) return singular("the matrix is singular", b);
    if (n > 0) LAPACKE_dgetri_work(LAPACK_COL_MAJOR, n, s.lu, n, s.pivot, s.rest, n);
    for (int64_t i = 0; i < s.n * s.n; i++) kern_put(c, s.first + i, s.lu[i]);
  }
  return STATUS_FINE;
}

/* The lower factor by rows is the upper one by columns. */
Status kern_cholesky(const KernCall *c) {
  for (int64_t b = 0; b < batch_of(c); b++) {
    Square s = square(c, b);
    lapack_int n = (lapack_int)s.n;
    if (n > 0 && LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', n, s.lu, n) != 0)
      return singular("the matrix is not positive definite", b);
    for (int64_t i = 0; i < s.n; i++)
      for (int64_t j = 0; j < s.n; j++)
        kern_put(c, s.first + i * s.n + j, j <= i ? s.lu[i * s.n + j] : 0);
  }
  return STATUS_FINE;
}

Status kern_det(const KernCall *c) {
  for (int64_t b = 0; b < batch_of(c); b++) {
    Square s = square(c, b);
    double d = 1;
    if (!factor(&s)) d = 0;
    for (int64_t i = 0; i < s.n && d != 0; i++) {
      d *= s.lu[i * s.n + i];
      if (s.pivot[i] != i + 1) d = -d;
    }
    kern_put(c, b, d);
  }
  return STATUS_FINE;
}
