/* branch_walk.h: branches of solutions of a parametric flow, and what happens on them. A point is
   y = (unknowns, p): a fixed point's unknowns are its states, those of a cycle in branch_cycle.h,
   of a curve in two parameters in branch_curve.h. Shared by the files of the verb `continuation`.
 */
#ifndef DYN_VERB_BRANCH_WALK_H
#define DYN_VERB_BRANCH_WALK_H

#include "base/vec.h"
#include "num/branch.h"
#include "verb/flow.h"

typedef struct BranchPoint {
  double *y, *t;    /* the point and its unit tangent, [n + 1] */
  double *re, *im;  /* eigenvalues of the Jacobian, or multipliers, [neig] */
  int64_t unstable; /* how many of them grow; -1: a branch point, at which another branch begins */
  double log_det;   /* of what becomes singular, and changes sign, at branch points */
  int det_sign;
  int flip_sign; /* where growth is by factors: that of the product of all eigenvalues + 1 */
  const struct Orbit *orbit; /* of a cycle */
  double *round;             /* of a map: the states of a periodic orbit, [rounds, D] */
  double test[2];            /* of a curve in two parameters: zero at cusps and Takens points */
} BranchPoint;

typedef enum SpecialKind {
  SPECIAL_FOLD,
  SPECIAL_HOPF, /* of maps and cycles: Neimark-Sacker */
  SPECIAL_BRANCH,
  SPECIAL_FLIP, /* of maps and cycles: a period doubling */
  SPECIAL_CUSP, /* of curves in two parameters */
  SPECIAL_TAKENS,
  SPECIAL_KINDS
} SpecialKind;

typedef struct Special {
  BranchPoint at;
  double omega, l1; /* of a Hopf point */
  double doubling;  /* of a flip of a map: above zero the orbit of twice the period is stable */
  int64_t critical; /* the eigenvalue that crosses */
  bool degenerate;  /* several eigenvalues cross at once: no branch is followed from here */
} Special;

typedef enum WalkEnd {
  WALK_RANGE,
  WALK_CLOSED,
  WALK_STUCK,
  WALK_POINTS,
  WALK_HOPF,     /* a cycle shrinks to a fixed point */
  WALK_PERIOD,   /* its period grows beyond measure */
  WALK_VERTICAL, /* it grows, while the parameter stays */
  WALK_FLIP,     /* an orbit of a map comes back to the one of half its period */
  WALK_TAKENS    /* of a curve of Hopf points: their frequency comes to zero */
} WalkEnd;

typedef struct Walk {
  VEC(BranchPoint) points;
  VEC(Special) special[SPECIAL_KINDS];
  WalkEnd end;
  int missed; /* special points that could not be located */
} Walk;

typedef struct Walker Walker;

/* What fixed points and cycles do each in their way. */
typedef struct WalkKind {
  /* Fills in all of a point but y and t, where branch_correct ended. */
  Status (*describe)(Walker *w, BranchPoint *p);
  /* Before steps are made from a point. */
  void (*settle)(Walker *w, BranchPoint *p);
  /* Is b where the branch began, within a step? NULL: it never comes back, as it begins at an end
     of the range. */
  bool (*closes)(Walker *w, const BranchPoint *first, const BranchPoint *b, double ds);
  /* Why there is nothing behind b, or WALK_POINTS. *gone: b itself is beyond that end. */
  WalkEnd (*end)(Walker *w, const BranchPoint *a, const BranchPoint *b, bool *gone);
  /* Of a Hopf point or a flip; NULL if there are none. */
  Status (*normal_form)(Walker *w, SpecialKind kind, Special *s);
  int tests; /* special points, from cusps on, are zeros of these alone */
} WalkKind;

struct Walker {
  Flow f;
  const WalkKind *kind;
  int64_t n, neig;       /* unknowns but for p; eigenvalues */
  bool factors;          /* the latter are factors of growth, not rates */
  double from, to, step; /* the range of p; the longest step in the metric */
  int64_t most;          /* points on a branch */
  BranchProblem problem;
  Branch *b;
  Arena *arena;
  /* of fixed points: */
  FlowProgram *field, *curvature;
  FlowProgram *one; /* of an orbit of a map: a single step; field and curvature are of the round */
  double *jac, *square; /* scratch: [D, D], [D + 1, D + 1] */
  struct CycleBranch *cycle;
  struct CurveBranch *curve;
};

/* For fixed points, and of maps for periodic orbits, which are fixed points of so many steps as the
   flow has rounds; once the flow, the range and the arena stand. */
void walker_start(Walker *w);
/* Everything about the point y, where branch_correct ended; its tangent points like `near`. */
Status walker_describe(Walker *w, const double *y, const double *near, BranchPoint *out);
/* Counts what grows and what has flipped. */
void walker_count(const Walker *w, BranchPoint *p);
/* From a point along its tangent until the range of p is left. */
Status walk_along(Walker *w, const BranchPoint *first, Walk *out);

/* ---- branch_special.c ---- */

/* Finds the point of this kind between two points. False: it cannot be found. */
bool special_locate(Walker *w, SpecialKind kind, const BranchPoint *a, const BranchPoint *b,
                    Special *out);
/* Frequency and first Lyapunov coefficient of a Hopf point of fixed points. */
Status special_hopf(Walker *w, Special *s);
/* The coefficient of a flip of a map. */
Status special_flip(Walker *w, Special *s);
/* The direction of the branch of fixed points that crosses at a branch point, [D + 1]. */
Status special_crossing(Walker *w, const Special *s, double *t);

#endif
