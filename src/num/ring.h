/* ring.h: linear equations around a ring, as Newton's method for periodic orbits solves them:
   u[j+1] = G[j] u[j] + E[j] e + r[j], the last of m joined to the first, and as many rows more as
   there are further unknowns e. Structured orthogonal factorisation (Wright, Stable parallel
   algorithms for two-point boundary value problems, SIAM J. Sci. Stat. Comput. 13, 1992): stable
   where products of the G grow without bound, at a cost proportional to m. */
#ifndef DYN_NUM_RING_H
#define DYN_NUM_RING_H

#include "base/arena.h"

typedef struct Ring {
  int64_t n, m, k; /* numbers in a u; how many of them; numbers in e */
  double *g;       /* [m, n, n] */
  double *e;       /* [m, n, k] */
  double *r;       /* [m, n] */
  double *rows;    /* [k, m n + k]: by all u, then by e */
  double *rhs;     /* [k] of the rows */
  /* scratch: */
  double *kept;   /* [m, n, width]: rows by (u[j], u[0], u[j+1], e, 1) */
  double *stack;  /* [2 n, width] */
  double *border; /* [k, width] */
  double *last;   /* [n + k, n + k] */
  int *pivot;
} Ring;

Ring ring_new(Arena *a, int64_t n, int64_t m, int64_t k);
/* u [m n] and behind it e [k]. False: singular. */
bool ring_solve(Ring *r, double *u);

#endif
