/* newton.h: zeros of F: R^n -> R^n from many starts at once, by Newton's method with the exact
   Jacobian, which falls back on Levenberg and Marquardt's damping where a full step does not help
   (Nocedal & Wright, Numerical Optimization, 2nd ed., section 10.3 and chapter 11). Where there is
   no zero it ends in a local minimum of q = |F|^2 / 2: a slow point of a vector field (Sussillo &
   Barak, Neural Computation 25, 2013). */
#ifndef DYN_NUM_NEWTON_H
#define DYN_NUM_NEWTON_H

#include "base/arena.h"
#include "base/status.h"

typedef struct ZeroProblem {
  int64_t n, lanes; /* size of x; how many x are evaluated together */
  /* F [lanes, n] at x [lanes, n], and unless jac is NULL their derivatives [lanes, n, n]: row c of
     each is that of F by x[c]. */
  Status (*eval)(void *ctx, const double *x, double *f, double *jac);
  bool (*tick)(void *ctx, double done); /* false cancels; may be NULL */
  void *ctx;
} ZeroProblem;

typedef struct ZeroOptions {
  double tol;   /* q below which a point counts as a zero; it is polished beyond */
  int max_iter; /* evaluations of the Jacobian for one start */
} ZeroOptions;

/* From each of `count` starts [count, n] to the best point found, in place; q [count] is what is
   left there. */
Status newton_many(const ZeroProblem *p, const ZeroOptions *o, int64_t count, double *x, double *q);

#endif
