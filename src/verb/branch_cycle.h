/* branch_cycle.h: branches of limit cycles: the unknowns of a point are those of a collocation, its
   eigenvalues the Floquet multipliers but for the one along the orbit. */
#ifndef DYN_VERB_BRANCH_CYCLE_H
#define DYN_VERB_BRANCH_CYCLE_H

#include "num/collocate.h"
#include "verb/branch_walk.h"

/* How far the multiplier along an orbit may be from 1 for its stability to be known. */
#define CYCLE_TRUSTED 1e-3

typedef struct Orbit {
  double period;
  double *x, *low, *high; /* a state on it, the least and the largest values, [D] */
  double error;           /* how far the multiplier along the orbit is from 1 */
  double liouville;       /* log |the product of all multipliers| - the integral of the trace */
} Orbit;

typedef struct CycleBranch {
  Collocation *c;
  double *unit;                   /* of states in the collocation, [D] */
  double shortest;                /* of all periods so far */
  double first_p, first_size;     /* of the first cycle on the branch */
  int64_t since;                  /* points since the mesh was adapted */
  double *x, *f, *jac, *by_p, *g; /* scratch */
  double *row;
} CycleBranch;

/* For cycles; `unit` [D] stays the caller's. */
void cycle_walker_start(Walker *w, const double *unit);
/* The first point of a branch from an orbit x [rows, D] at even times, its first row again the
   last, at p = w->from: towards w->to. STATUS_NO_CONVERGENCE: there is no cycle near. */
Status cycle_walker_from_orbit(Walker *w, const double *x, int64_t rows, double period,
                               BranchPoint *first);
/* From a Hopf point x [D] at p, where the eigenvalue of the vector re + i im is i omega. */
Status cycle_walker_from_hopf(Walker *w, const double *x, double p, double omega, const double *re,
                              const double *im, BranchPoint *first);

#endif
