/* cycle_guess.h: where a periodic orbit may be, from a course that has settled. */
#ifndef DYN_VERB_CYCLE_GUESS_H
#define DYN_VERB_CYCLE_GUESS_H

#include "verb/cycle.h"

/* From the state x (in its own units) to a first point z of the orbit, in units of c->scale, which
   is set, and to a period. With a period given, x is taken as it is; without one the course is run
   until it repeats itself. */
Status cycle_guess(Cycle *c, double *x);

#endif
