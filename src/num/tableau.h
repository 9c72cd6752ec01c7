/* tableau.h: the rows of butcher.def as objects, and what the adaptive driver knows of a method
   besides its tableau. */
#ifndef DYN_NUM_TABLEAU_H
#define DYN_NUM_TABLEAU_H

#include "num/ode.h"

enum { TABLEAU_MAX_STAGES = 12, TABLEAU_MAX_DENSE = 4 };

/* The interpolant is that of Hairer, Norsett & Wanner, section II.6: with u = 1 - s,
   y0 + s (r1 + u (r2 + s (r3 + u (r4 + s (r5 + u (r6 + s r7)))))). r1, r2 and r3 are those of
   Hermite's cubic; each row of d gives a further r = h d . k. Its k count the stages of the method,
   the derivative at the end of the step, and further stages (a, c) that only it needs. */
typedef struct TableauExtras {
  double beta;         /* of the step-size control with memory, HNW (1996) section IV.2 */
  const double *e_low; /* a second error estimate of lower order, or NULL */
  int stages;          /* further ones */
  const double *a, *c; /* [stages, width - 1], [stages] */
  int nd, width;       /* rows and columns of d */
  const double *d;
} TableauExtras;

#define FIXED(name, stages, order, doc, c, a, b) extern const Tableau tableau_##name;
#define PAIR(name, stages, order, fsal, doc, c, a, b, e, extras) \
  extern const Tableau tableau_##name;
#include "num/butcher.def"
#undef FIXED
#undef PAIR

#endif
