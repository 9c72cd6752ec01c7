/* branch_curve.h: curves of folds, Hopf points and period doublings of fixed points in two
   parameters p and q: the unknowns of a point are (x, v, p), with F = 0 and J v = z v, of a Hopf
   point (x, v, w, kappa, p), with J v = w and J w = -kappa v, kappa being omega^2; of a map
   J w = 2 kappa w - v, kappa being cos omega. So written, the equations are regular also where
   omega is zero (Roose & Hlavacek, SIAM J. Appl. Math. 45, 1985; Kuznetsov, Elements of Applied
   Bifurcation Theory, 3rd ed., section 10.3). The branch is walked along q. */
#ifndef DYN_VERB_BRANCH_CURVE_H
#define DYN_VERB_BRANCH_CURVE_H

#include "verb/branch_walk.h"

typedef struct CurveBranch {
  SpecialKind of;                /* fold, Hopf point or flip */
  bool pair;                     /* a complex eigenvalue */
  double low, high;              /* the range of p */
  double *unit;                  /* of states, [D] */
  FlowProgram *field;            /* flow_bordered */
  double *across;                /* of a pair: v is orthogonal to it, [D] */
  double *left;                  /* the last left eigenvector, whose sign it keeps, [D] */
  double *x, *v;                 /* scratch: in their own units, [D], [2, D] */
  double *f, *jac, *by_p, *by_q; /* F, dF/dx, ... */
  double *jac_v[2], *v_p[2], *v_q[2];
} CurveBranch;

/* For a curve of such points; y is room for a point. */
void curve_walker_start(Walker *w, SpecialKind of, double low, double high);
/* The first point: x [D] at p and q = w->from, of a Hopf point with omega; towards w->to.
   STATUS_NO_CONVERGENCE: it is no such point. */
Status curve_walker_from(Walker *w, const double *x, double p, double omega, BranchPoint *first);
/* The states of a point, [D]. */
void curve_states(const Walker *w, const BranchPoint *p, double *x);
double curve_omega(const Walker *w, const BranchPoint *p);

#endif
