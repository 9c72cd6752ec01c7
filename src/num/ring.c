/* ring.c: see ring.h. */
#include "num/ring.h"

#include <math.h>
#include <string.h>

#include "num/lu.h"

/* A row: what stands before u[j], u[0], u[j+1], e, and its right side. */
static int64_t width(const Ring *r) {
  return 3 * r->n + r->k + 1;
}

Ring ring_new(Arena *a, int64_t n, int64_t m, int64_t k) {
  Ring r = {.n = n, .m = m, .k = k};
  int64_t w = width(&r), last = n + k;
  r.g = ARENA_ARRAY(a, double, m *n *n);
  r.e = ARENA_ARRAY(a, double, m *n *k);
  r.r = ARENA_ARRAY(a, double, m *n);
  r.rows = ARENA_ARRAY(a, double, k *(m * n + k));
  r.rhs = ARENA_ARRAY(a, double, k);
  r.kept = ARENA_ARRAY(a, double, m *n *w);
  r.stack = ARENA_ARRAY(a, double, 2 * n * w);
  r.border = ARENA_ARRAY(a, double, k *w);
  r.last = ARENA_ARRAY(a, double, last *last);
  r.pivot = ARENA_ARRAY(a, int, last);
  return r;
}

/* Column k of a [rows, w] below its diagonal becomes zero by a reflection (Golub & Van Loan, Matrix
   Computations, 2013, section 5.1). */
static void reflect(int64_t rows, int64_t w, int64_t k, double *a) {
  double length = 0, head = a[k * w + k];
  for (int64_t i = k; i < rows; i++) length = hypot(length, a[i * w + k]);
  if (length == 0) return;
  double alpha = head > 0 ? -length : length, scale = 1 / (alpha * (alpha - head));
  a[k * w + k] = head - alpha;
  for (int64_t j = k + 1; j < w; j++) {
    double sum = 0;
    for (int64_t i = k; i < rows; i++) sum += a[i * w + k] * a[i * w + j];
    for (int64_t i = k; i < rows; i++) a[i * w + j] -= sum * scale * a[i * w + k];
  }
  a[k * w + k] = alpha;
  for (int64_t i = k + 1; i < rows; i++) a[i * w + k] = 0;
}

/* Equation j at rows `out`, u[j] being at column `here`, u[j+1] at column `next`. */
static void set_equation(const Ring *r, int64_t j, double *out, int64_t here, int64_t next) {
  int64_t n = r->n, k = r->k, w = width(r);
  memset(out, 0, (size_t)(n * w) * sizeof *out);
  for (int64_t i = 0; i < n; i++) {
    double *row = out + i * w;
    for (int64_t l = 0; l < n; l++) row[here + l] = -r->g[(j * n + i) * n + l];
    for (int64_t l = 0; l < k; l++) row[3 * n + l] = -r->e[(j * n + i) * k + l];
    row[next + i] = 1;
    row[3 * n + k] = r->r[j * n + i];
  }
}

/* Of rows by (u[j], u[0], u[j+1], ...) without u[j]: rows by (u[j+1], u[0], 0, ...). */
static void move_on(int64_t n, int64_t rows, int64_t w, double *a) {
  for (int64_t i = 0; i < rows; i++) {
    memcpy(a + i * w, a + i * w + 2 * n, (size_t)n * sizeof *a);
    memset(a + i * w + 2 * n, 0, (size_t)n * sizeof *a);
  }
}

/* u[j] goes out of a border row by the kept rows of j. */
static void clear_border(const Ring *r, double *row, const double *kept) {
  int64_t n = r->n, w = width(r);
  for (int64_t k = 0; k < n; k++) {
    double part = row[k] / kept[k * w + k];
    for (int64_t l = k; l < w; l++) row[l] -= part * kept[k * w + l];
  }
}

/* What the border rows say of u[j]. */
static void add_border(Ring *r, int64_t j, int64_t at) {
  int64_t n = r->n, w = width(r), all = r->m * n + r->k;
  for (int64_t i = 0; i < r->k; i++)
    for (int64_t l = 0; l < n; l++) r->border[i * w + at + l] += r->rows[i * all + j * n + l];
}

static void begin_border(Ring *r) {
  int64_t n = r->n, k = r->k, w = width(r), all = r->m * n + k;
  memset(r->border, 0, (size_t)(k * w) * sizeof *r->border);
  for (int64_t i = 0; i < k; i++) {
    memcpy(r->border + i * w + 3 * n, r->rows + i * all + r->m * n, (size_t)k * sizeof *r->rows);
    r->border[i * w + 3 * n + k] = r->rhs[i];
  }
  add_border(r, 0, n);
}

/* From one to the next, u[j] is eliminated; the stack's upper half ends with u[m] = u[0]. */
static void forward(Ring *r) {
  int64_t n = r->n, w = width(r);
  double *lower = r->stack + n * w;
  begin_border(r);
  set_equation(r, 0, r->stack, n, 0);
  for (int64_t j = 1; j < r->m; j++) {
    double *kept = r->kept + j * n * w;
    set_equation(r, j, lower, 0, 2 * n);
    for (int64_t k = 0; k < n; k++) reflect(2 * n, w, k, r->stack);
    memcpy(kept, r->stack, (size_t)(n * w) * sizeof *kept);
    memcpy(r->stack, lower, (size_t)(n * w) * sizeof *kept);
    move_on(n, n, w, r->stack);
    add_border(r, j, 0);
    for (int64_t i = 0; i < r->k; i++) clear_border(r, r->border + i * w, kept);
    move_on(n, r->k, w, r->border);
  }
}

/* u[0] and e, the latter at their place behind all u. */
static bool close_ring(Ring *r, double *u) {
  int64_t n = r->n, k = r->k, w = width(r), size = n + k;
  double *e = u + r->m * n, *x = r->stack + n * w;
  for (int64_t i = 0; i < size; i++) {
    const double *row = i < n ? r->stack + i * w : r->border + (i - n) * w;
    for (int64_t l = 0; l < n; l++) r->last[i * size + l] = row[l] + row[n + l];
    for (int64_t l = 0; l < k; l++) r->last[i * size + n + l] = row[3 * n + l];
    x[i] = row[3 * n + k];
  }
  if (!lu_factor(size, r->last, r->pivot)) return false;
  lu_solve(size, r->last, r->pivot, x);
  memcpy(u, x, (size_t)n * sizeof *u);
  memcpy(e, x + n, (size_t)k * sizeof *e);
  return true;
}

static void backward(const Ring *r, double *u) {
  int64_t n = r->n, k = r->k, w = width(r);
  const double *e = u + r->m * n;
  for (int64_t j = r->m - 1; j > 0; j--) {
    const double *next = u + (j + 1) % r->m * n;
    for (int64_t i = n - 1; i >= 0; i--) {
      const double *row = r->kept + (j * n + i) * w;
      double sum = row[3 * n + k];
      for (int64_t l = 0; l < k; l++) sum -= row[3 * n + l] * e[l];
      for (int64_t l = 0; l < n; l++) sum -= row[n + l] * u[l] + row[2 * n + l] * next[l];
      for (int64_t l = i + 1; l < n; l++) sum -= row[l] * u[j * n + l];
      u[j * n + i] = sum / row[i];
    }
  }
}

bool ring_solve(Ring *r, double *u) {
  forward(r);
  if (!close_ring(r, u)) return false;
  backward(r, u);
  return true;
}
