/* method.h: methods as values: an integrator, an optimiser, a loss, with its options. `rk4`,
   `rk4()` and `rkf45(rtol = 1e-6)` are values of kind V_METHOD; the options given are its fields.
 */
#ifndef DYN_LANG_METHOD_H
#define DYN_LANG_METHOD_H

#include "lang/builtin.h"

/* The option as a number in `want`; dflt if it was not given. False: reported. */
bool method_option(Ev *ev, const Value *method, const char *name, Dim want, double dflt,
                   double *out);

#endif
