/* branch.h: a curve of zeros of F: R^(n+1) -> R^n, followed by pseudo-arclength continuation
   (Keller 1977; Allgower & Georg, Introduction to Numerical Continuation Methods, SIAM 2003,
   chapters 2 and 6). A point is y = (x, p), p the parameter. Lengths and angles are those of the
   metric sum(share_i a_i b_i / scale_i^2). */
#ifndef DYN_NUM_BRANCH_H
#define DYN_NUM_BRANCH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/status.h"

typedef struct BranchProblem {
  int64_t n;
  /* F [n] and its Jacobian [n, n + 1] at y [n + 1]. */
  Status (*eval)(void *ctx, const double *y, double *f, double *jac);
  /* Where the Jacobian has a structure, which eval keeps to itself (jac is NULL): solves
     [F_y; row] s = s in place. False: singular. Otherwise NULL. */
  bool (*solve)(void *ctx, const double *row, double *s);
  void *ctx;
} BranchProblem;

typedef struct Branch {
  const BranchProblem *p;
  double *scale;    /* [n + 1], above zero */
  double *share;    /* [n + 1]: 1 / n, of the parameter 1, unless the caller says otherwise */
  double tol;       /* of a Newton step, relative to scale */
  int iterations;   /* of the last correction */
  double *f, *jac;  /* where branch_correct or branch_evaluate ended */
  double *step, *a; /* scratch: [n + 1], [n + 1, n + 1] */
  int *pivot;
} Branch;

Branch *branch_new(Arena *a, const BranchProblem *p);

double branch_dot(const Branch *b, const double *u, const double *v);

/* Newton's method from y on F = 0 and <c, y - y0> = 0, y0 being where it begins. On failure
   STATUS_NO_CONVERGENCE or what the evaluation says. */
Status branch_correct(Branch *b, const double *c, double *y);

/* The unit tangent at the point where branch_correct ended, with <t, near> > 0. */
Status branch_tangent(Branch *b, const double *near, double *t);

/* Without a structure: the matrix [F_y; t'] there, [n + 1, n + 1], singular at branch points, not
 * at folds. */
void branch_bordered(const Branch *b, const double *t, double *out);

#endif
