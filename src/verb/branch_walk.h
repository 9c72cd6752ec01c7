/* branch_walk.h: branches of fixed points of a parametric flow, and what happens on them. A point
   is y = (x, p). Shared by the files of the verb `continuation`. */
#ifndef DYN_VERB_BRANCH_WALK_H
#define DYN_VERB_BRANCH_WALK_H

#include "base/vec.h"
#include "num/branch.h"
#include "verb/flow.h"

typedef struct BranchPoint {
  double *y, *t;    /* the point and its unit tangent, [D + 1] */
  double *re, *im;  /* eigenvalues of the Jacobian, [D] */
  int64_t unstable; /* how many of them grow; -1: a branch point, at which another branch begins */
  double log_det;   /* of the bordered matrix, whose sign changes at branch points */
  int det_sign;
  int flip_sign; /* of a map: that of the product of all eigenvalues + 1 */
} BranchPoint;

typedef enum SpecialKind {
  SPECIAL_FOLD,
  SPECIAL_HOPF, /* of a map: Neimark-Sacker */
  SPECIAL_BRANCH,
  SPECIAL_FLIP, /* of a map: a period doubling */
  SPECIAL_KINDS
} SpecialKind;

typedef struct Special {
  BranchPoint at;
  double omega, l1; /* of a Hopf point */
  int64_t critical; /* the eigenvalue that crosses */
  bool degenerate;  /* several eigenvalues cross at once: no branch is followed from here */
} Special;

typedef enum WalkEnd { WALK_RANGE, WALK_CLOSED, WALK_STUCK, WALK_POINTS } WalkEnd;

typedef struct Walk {
  VEC(BranchPoint) points;
  VEC(Special) special[SPECIAL_KINDS];
  WalkEnd end;
  int missed; /* special points that could not be located */
} Walk;

typedef struct Walker {
  Flow f;
  int64_t n; /* states */
  bool map;
  double from, to, step; /* the range of p; the longest step in the metric */
  int64_t most;          /* points on a branch */
  FlowProgram *field, *curvature;
  BranchProblem problem;
  Branch *b;
  double *jac, *square; /* scratch: [D, D], [D + 1, D + 1] */
  Arena *arena;
} Walker;

void walker_start(Walker *w); /* once the flow, the range and the arena stand */
/* Everything about the point y, where branch_correct ended; its tangent points like `near`. */
Status walker_describe(Walker *w, const double *y, const double *near, BranchPoint *out);
/* From a point along its tangent until the range of p is left. */
Status walk_along(Walker *w, const BranchPoint *first, Walk *out);

/* ---- branch_special.c ---- */

/* Finds the point of this kind between two points. False: it cannot be found. */
bool special_locate(Walker *w, SpecialKind kind, const BranchPoint *a, const BranchPoint *b,
                    Special *out);
/* Frequency and first Lyapunov coefficient of a Hopf point. */
Status special_hopf(Walker *w, Special *s);
/* The direction of the branch that crosses at a branch point, [D + 1]. */
Status special_crossing(Walker *w, const Special *s, double *t);

#endif
