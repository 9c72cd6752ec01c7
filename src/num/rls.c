/* rls.c: see rls.h. With k = P r and c = q / (1 + q r'k): P becomes P - c k k', and the gain is c k
   (Haykin, Adaptive Filter Theory, 4th ed., section 9.3, without forgetting; as used by Sussillo &
   Abbott, Neuron 63, 2009, eq. 4 and 5). What is kept is P = P0 - U'U with a row sqrt(c) k of U for
   each update; P0 is one triangle. */
#include "num/rls.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 32 }; /* updates kept: their reading costs as much as the writing of P saves */

struct Rls {
  int64_t n;
  int kept;
  double *p, *u, *along; /* P0 [n, n]; U [BLOCK, n]; U r [BLOCK] */
};

static double *numbers(Arena *a, int64_t n) {
  double *x = mem_alloc((size_t)n * sizeof *x + 1);
  arena_defer(a, mem_free, x);
  memset(x, 0, (size_t)n * sizeof *x);
  return x;
}

Rls *rls_new(Arena *a, int64_t n, double alpha) {
  Rls *m = ARENA_NEW(a, Rls);
  *m = (Rls){.n = n, .p = numbers(a, n * n), .u = numbers(a, BLOCK * n)};
  m->along = numbers(a, BLOCK);
  for (int64_t i = 0; i < n; i++) m->p[i * n + i] = 1 / alpha;
  return m;
}

static void apply_kept(Rls *m) {
  int n = (int)m->n;
  if (m->kept)
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, n, m->kept, -1, m->u, n, 1, m->p, n);
  m->kept = 0;
}

void rls_update(Rls *m, const double *r, double q, double *gain) {
  int n = (int)m->n;
  cblas_dsymv(CblasRowMajor, CblasLower, n, 1, m->p, n, r, 1, 0, gain, 1);
  if (m->kept) {
    cblas_dgemv(CblasRowMajor, CblasNoTrans, m->kept, n, 1, m->u, n, r, 1, 0, m->along, 1);
    cblas_dgemv(CblasRowMajor, CblasTrans, m->kept, n, -1, m->u, n, m->along, 1, 1, gain, 1);
  }
  double c = q / (1 + q * cblas_ddot(n, r, 1, gain, 1));
  double *u = m->u + (int64_t)m->kept++ * m->n;
  memcpy(u, gain, (size_t)n * sizeof *u);
  cblas_dscal(n, sqrt(c), u, 1);
  cblas_dscal(n, c, gain, 1);
  if (m->kept == BLOCK) apply_kept(m);
}

double *rls_inverse(Rls *m) {
  apply_kept(m);
  return m->p;
}
