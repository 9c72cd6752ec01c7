/* triangle.c: see triangle.h. */
#include "num/triangle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/linalg.h"

enum { TURNS = 20 };

static const double WITHIN = 1e-8; /* of the largest: what the common decomposition tells apart */
static const double LEAST = 1e-300;

Triangle triangle_new(Arena *a, int64_t n) {
  Triangle p = {n, ARENA_ARRAY(a, double, n), ARENA_ARRAY(a, double, n *n),
                ARENA_ARRAY(a, double, n *n)};
  triangle_reset(&p);
  return p;
}

void triangle_reset(Triangle *p) {
  memset(p->logs, 0, (size_t)p->n * sizeof *p->logs);
  memset(p->t, 0, (size_t)(p->n * p->n) * sizeof *p->t);
  for (int64_t i = 0; i < p->n; i++) p->t[i * p->n + i] = 1;
}

void triangle_multiply(Triangle *p, const double *r) {
  int64_t n = p->n;
  for (int64_t i = 0; i < n; i++) {
    double now = p->logs[i] + log(fmax(fabs(r[i * n + i]), LEAST));
    double *row = p->next + i * n;
    memset(row, 0, (size_t)n * sizeof *row);
    for (int64_t k = i; k < n; k++) {
      double factor = r[i * n + k] * exp(fmin(p->logs[k] - now, 600));
      for (int64_t j = k; j < n; j++) row[j] += factor * p->t[k * n + j];
    }
    p->logs[i] = now;
  }
  memcpy(p->t, p->next, (size_t)(n * n) * sizeof *p->t);
}

void triangle_apply_transposed(const Triangle *p, double *b, double *log_of_b) {
  int64_t n = p->n;
  double most = -INFINITY, sum = 0, size = 0, *out = p->next;
  for (int64_t i = 0; i < n; i++)
    if (b[i] != 0) most = fmax(most, p->logs[i] + log(fabs(b[i])));
  if (isinf(most)) return; /* b is 0 */
  memset(out, 0, (size_t)n * sizeof *out);
  for (int64_t i = 0; i < n; i++) {
    double factor = b[i] == 0 ? 0 : copysign(exp(p->logs[i] + log(fabs(b[i])) - most), b[i]);
    for (int64_t j = i; j < n; j++) out[j] += factor * p->t[i * n + j];
  }
  for (int64_t i = 0; i < n; i++) size = fmax(size, fabs(out[i]));
  for (int64_t i = 0; i < n; i++) sum += pow(out[i] / size, 2);
  for (int64_t i = 0; i < n; i++) b[i] = out[i] / size / sqrt(sum);
  *log_of_b += most + log(size) + log(sum) / 2;
}

/* Replaces the product P by the factor R of the QR of its transpose, which has the same singular
   values and is nearer to diagonal (Stewart, The QLP approximation to the singular value
   decomposition, SIAM J. Sci. Comput. 20, 1999). */
static Status turn(Triangle *p, double *transposed, double *q, double *r) {
  int64_t n = p->n;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) transposed[i * n + j] = p->t[j * n + i];
  Status st = la_qr(n, n, transposed, q, r);
  for (int64_t i = 0; i < n; i++) {
    double now = p->logs[i] + log(fmax(fabs(r[i * n + i]), LEAST));
    for (int64_t j = 0; j < n; j++)
      p->t[i * n + j] = j < i ? 0 : r[i * n + j] * exp(fmin(p->logs[j] - now, 600));
    p->next[i] = now;
  }
  memcpy(p->logs, p->next, (size_t)n * sizeof *p->logs);
  return st;
}

static int falling(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

/* Values near the largest come from the matrix itself, brought to size 1. */
static Status refine(const Triangle *p, double *work, double *s, double *logs) {
  int64_t n = p->n;
  double most = logs[0];
  for (int64_t i = 0; i < n * n; i++) work[i] = exp(fmin(p->logs[i / n] - most, 600)) * p->t[i];
  Status st = la_svd(n, n, work, NULL, s, NULL);
  for (int64_t i = 0; i < n && s[i] > WITHIN * s[0]; i++) logs[i] = most + log(s[i]);
  return st;
}

Status triangle_singular(const Triangle *p, Arena *scratch, double *logs) {
  int64_t n = p->n;
  Triangle c = triangle_new(scratch, n);
  double *a = ARENA_ARRAY(scratch, double, n *n), *q = ARENA_ARRAY(scratch, double, n *n);
  double *r = ARENA_ARRAY(scratch, double, n *n);
  Status st = STATUS_FINE;
  memcpy(c.logs, p->logs, (size_t)n * sizeof *c.logs);
  memcpy(c.t, p->t, (size_t)(n * n) * sizeof *c.t);
  for (int i = 0; i < TURNS && st.code == STATUS_OK; i++) st = turn(&c, a, q, r);
  memcpy(logs, c.logs, (size_t)n * sizeof *logs);
  qsort(logs, (size_t)n, sizeof *logs, falling);
  return st.code == STATUS_OK ? refine(&c, a, q, logs) : st;
}
