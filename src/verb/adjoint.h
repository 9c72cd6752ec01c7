/* adjoint.h: a loss of where a run ends, and its derivative by the state there: with which a
   learning signal begins its way back. */
#ifndef DYN_VERB_ADJOINT_H
#define DYN_VERB_ADJOINT_H

#include "verb/flow.h"

/* The loss that argument i gives, `fn(end) = ...`, as a function of the states, with the loss and
   its derivatives as outputs; `end` has states and outputs by name. NULL: reported. */
GraphFn *adjoint_read(Flow *f, int i);

/* The loss at the flat state x, and its gradient [D] there; step: the last one, at whose end, time
   t, the run stands. */
Status adjoint_start(Flow *f, GraphFn *loss, int64_t step, double t, const double *x, double *value,
                     double *gradient);

#endif
