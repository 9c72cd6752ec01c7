/* adjoint.h: a loss of where a run stands, and its derivative by the state there: with which a
   learning signal begins its way back, or what it gathers on it. */
#ifndef DYN_VERB_ADJOINT_H
#define DYN_VERB_ADJOINT_H

#include "verb/flow.h"

/* The loss that argument i, called `name`, gives, `fn(end) = ...`, as a function of the states,
   with the loss and its derivatives as outputs; `end` has states and outputs by name, and the time
   t. NULL: reported. */
GraphFn *adjoint_read(Flow *f, int i, const char *name);

/* The loss at the flat state x, and its gradient [D] there, by the planned function; step: the last
   one, at whose end, time t, the run stands. */
Status adjoint_at(Flow *f, FlowProgram *loss, int64_t step, double t, const double *x,
                  double *value, double *gradient);

#endif
