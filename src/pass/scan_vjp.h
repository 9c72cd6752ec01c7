/* scan_vjp.h: the reverse derivative of a function that is run again and again: a step whose first
   outputs are the next values of some of its inputs, the carries. Nothing here knows what the step
   computes.

   Forward, each step leaves behind what its derivative needs: the carries that it began with, and
   those of its intermediate values that are dear to compute again. In reverse, each step gives the
   cotangents of its carries, which the step before goes on with, and what is to be added up over
   steps for inputs that are the same at all of them. */
#ifndef DYN_PASS_SCAN_VJP_H
#define DYN_PASS_SCAN_VJP_H

#include "graph/graph.h"

typedef struct ScanVjp {
  GraphFn *forward; /* inputs and outputs of the step, then outputs that are kept */
  /* Inputs: those of the step; what was kept; the next values of the carries; cotangents of the
     step's outputs. Outputs: cotangents of the carries, then of the other inputs wanted. */
  GraphFn *reverse;
  int nkept;
} ScanVjp;

/* f has no loops at its inputs and outputs. Carry i goes in at input carry[i] and comes out as
   output i. `fixed` marks inputs that no step changes; `wrt`, those whose cotangents are wanted
   besides the carries', in their order. */
ScanVjp pass_scan_vjp(Arena *a, const GraphFn *f, const int *carry, int ncarry, const bool *fixed,
                      const bool *wrt);

#endif
