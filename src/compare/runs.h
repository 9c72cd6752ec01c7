/* runs.h: the results of two runs against each other. */
#ifndef DYN_COMPARE_RUNS_H
#define DYN_COMPARE_RUNS_H

#include "compare/folder.h"

/* A row for how they ended, and for each result, saved file and claim. */
void compare_runs(const RunFolder *first, const RunFolder *second, Comparison *c);

/* conditioning.c: judges the rows of numbers and claims that differ again, by further runs of the
   second model from starts and draws that are changed by `nudge`, relatively. `floor` is the
   relative difference that rounding alone makes. */
typedef struct Nearby {
  const RunFolder *runs;
  int n;
  double floor;
} Nearby;
void compare_nearby(const RunFolder *first, const RunFolder *second, const Nearby *near,
                    Comparison *c);

#endif
