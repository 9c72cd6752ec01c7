/* cycle.h: a periodic orbit of a network by multiple shooting (Keller 1968; Seydel, Practical
   Bifurcation and Stability Analysis, 3rd ed., section 7.5): the orbit is cut into segments, each
   integrated by itself with the exact derivative of its end by its start, and Newton's method fits
   the segments together and finds the period. Of a map, each point is a segment. States are in
   units of their size on the orbit, so that tolerances mean the same for all. */
#ifndef DYN_VERB_CYCLE_H
#define DYN_VERB_CYCLE_H

#include "num/ode.h"
#include "verb/flow.h"

typedef struct Cycle {
  Flow f;
  int64_t n, m; /* states, segments */
  bool map;
  double period;           /* of a map: m */
  double *scale;           /* [D] */
  double *z;               /* starts of the segments [m, D] */
  double *end, *g, *speed; /* their ends, derivatives [m, D, D], the field at the ends [m, D] */
  double trace;            /* the integral of the Jacobian's trace */
  const Stepper *solver;
  FlowProgram *field, *jacobian;
  double *y, *x, *jac; /* scratch */
  Arena *arena;
} Cycle;

void cycle_start(Cycle *c); /* once the flow and the arena stand */
void cycle_segments(Cycle *c, int64_t m);

/* The state z after a time (of a map: steps), in place. */
Status cycle_advance(Cycle *c, double time, double *z);
/* As above, with the derivative g [D, D] of the end by the start; trace grows. */
Status cycle_advance_with(Cycle *c, double time, double *z, double *g, double *trace);
/* The field at z (of a map: the next state). */
Status cycle_field(Cycle *c, const double *z, double *f);

/* Newton's method from the segments that stand. STATUS_NO_CONVERGENCE says why there is no orbit.
 */
Status cycle_solve(Cycle *c);

#endif
