/* fold.h: values of elementwise ops on constants, for those ops whose result is the same on every
   machine (exactly rounded ones). The others are left to the kernels. */
#ifndef DYN_GRAPH_FOLD_H
#define DYN_GRAPH_FOLD_H

#include "op/op.h"

bool fold_op(OpId op, const double *x, double *out);

#endif
