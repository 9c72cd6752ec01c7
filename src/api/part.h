/* part.h: runs that compute a share of the points of sweeps, and putting them together. */
#ifndef DYN_API_PART_H
#define DYN_API_PART_H

#include "api/api.h"

/* Computes the share of d->part and writes it into the folder d->output. */
DynStatus part_run(Dyn *d);
/* Gives the evaluator what the parts have computed. */
void part_open(Dyn *d);

#endif
