/* triangle.h: a product of upper triangular matrices, as of the factors R of one QR after the
   other, held as diag(exp(logs)) t with rows of t of size 1: it neither overflows nor loses what is
   small. */
#ifndef DYN_NUM_TRIANGLE_H
#define DYN_NUM_TRIANGLE_H

#include "base/arena.h"
#include "base/status.h"

typedef struct Triangle {
  int64_t n;
  double *logs, *t; /* [n], [n, n] */
  double *next;     /* scratch */
} Triangle;

Triangle triangle_new(Arena *a, int64_t n); /* the identity */
void triangle_reset(Triangle *p);
void triangle_multiply(Triangle *p, const double *r); /* by r from the left */

/* Replaces b exp(*log) by its product with the transpose, b of unit length (or 0). */
void triangle_apply_transposed(const Triangle *p, double *b, double *log);

/* The logarithms of its singular values, the largest first. */
Status triangle_singular(const Triangle *p, Arena *scratch, double *logs);

#endif
