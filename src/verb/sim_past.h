/* sim_past.h: delays under adaptive methods. The past of what is delayed is kept as the polynomials
   of the steps taken, as far back as the longest delay reaches (all of it where a delay changes).
   No step is longer than the shortest delay that stays the same, so that it reads only what is
   known. Where a delay changes, a step may be longer and read itself: it is taken again with its
   own polynomial, at first the last step's, until that no longer changes. What jumps at the start,
   at edges and at events comes back one delay later, one derivative smoother: steps end at these
   times until the method no longer sees them. */
#ifndef DYN_VERB_SIM_PAST_H
#define DYN_VERB_SIM_PAST_H

#include "verb/sim_adaptive.h"

Past *past_make(AdaptiveRun *r); /* NULL: the network has no delays */
Status past_start(AdaptiveRun *r);
void past_inputs(AdaptiveRun *r, double t); /* inputs held around t */
void past_jump(AdaptiveRun *r, double t);   /* something jumps at t */
/* A step, an event or an edge has ended at t: the next step begins there. */
Status past_begin(AdaptiveRun *r, double t, const double *y);

/* The delayed values at t in state y, for all programs. *known: none lies in the future. */
Status past_look(AdaptiveRun *r, double t, const double *y, bool *known);
/* Does a jump reach the step through a delay that changes? Then it is to be taken again: it will
   end there. */
bool past_jumps_within(AdaptiveRun *r, const OdeStep *s);
/* Did the step read itself, and would it come out otherwise with what it gave? Then it is to be
   taken again. */
bool past_again(AdaptiveRun *r, const OdeStep *s);
/* Records a step up to a time. */
Status past_take(AdaptiveRun *r, const OdeStep *s, double until);
/* Did the run fail at t because a delay was negative or NaN? Reported. */
bool past_failed(AdaptiveRun *r, double t);
bool past_varies(const Past *p);

#endif
