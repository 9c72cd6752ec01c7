/* collocate.h: periodic solutions of dx/dt = f(x, p) as zeros of a function, by collocation at
   Gauss points with polynomials of degree 4 on an adapted mesh (Ascher, Mattheij & Russell,
   Numerical Solution of Boundary Value Problems, SIAM 1995, chapters 5 and 9; Doedel, Keller &
   Kernevez, Int. J. Bifurcation Chaos 1, 1991). Time is counted in periods. A vector of unknowns y
   holds the nodes [4 m, n], four to an interval, the period and p; an equation fixes the phase by a
   reference: the integral of x . x_ref' is zero. */
#ifndef DYN_NUM_COLLOCATE_H
#define DYN_NUM_COLLOCATE_H

#include "base/status.h"
#include "num/ring.h"

enum { COLLOCATE_DEGREE = 4 };

/* f, its Jacobian and its derivative by p at `points` (4 m) states: [points, n], [points, n, n],
   [points, n]. */
typedef Status CollocateField(void *ctx, double p, const double *x, double *f, double *jac,
                              double *by_p);

typedef struct Collocation {
  int64_t n, m, nodes; /* states, intervals, 4 m */
  CollocateField *field;
  void *ctx;
  double *mesh; /* [m + 1], from 0 to 1 */
  double trace; /* the integral of the Jacobian's trace over a period, after an evaluation */
  Ring ring;    /* its g: derivatives of the ends of intervals by their starts */
  double value[4][5], slope[4][5]; /* of the polynomials of the nodes, at Gauss points */
  double *phase;                   /* the row of the phase, by nodes */
  double *x, *f, *jac, *by_p;      /* at Gauss points */
  double *local;                   /* [m, 4 n, 4 n]: the equations of an interval, factored */
  int *pivot;                      /* [m, 4 n] */
  double *on;                      /* [m, n + 2, 4 n]: nodes 1 to 4 by node 0, period and p */
  double *rest;                    /* [m, 4 n]: what else they are */
  double *scratch;                 /* as y */
} Collocation;

Collocation *collocate_new(Arena *a, int64_t n, int64_t m, CollocateField *field, void *ctx);
int64_t collocate_unknowns(const Collocation *c); /* but for p */

/* The phase is that of this solution from here on; `motion` is it, or a direction of y in which it
   begins to move. */
void collocate_refer(Collocation *c, const double *motion);

/* F [unknowns] at y; keeps what the others need. */
Status collocate_evaluate(Collocation *c, const double *y, double *f);
/* Solves [F_y; row] s = s in place, s and row [unknowns + 1]. False: singular. */
bool collocate_solve(Collocation *c, const double *row, double *s);

/* x at a time within the period, in [0, 1], of y or of a direction. */
void collocate_at(const Collocation *c, const double *y, double time, double *x);
/* The least and the largest value of each state. */
void collocate_range(const Collocation *c, const double *y, double *low, double *high);

/* A mesh on which the error of y is spread evenly (Ascher, Mattheij & Russell, section 9.3). */
void collocate_mesh(const Collocation *c, const double *y, double *mesh);
/* y or a direction from the present mesh to another, in place. */
void collocate_transfer(Collocation *c, const double *mesh, double *y);

#endif
