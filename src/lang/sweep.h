/* sweep.h: what the files of `sweep` share. Every point is a function of the evaluator's state
   before the sweep and of its place in the grid, and of nothing else, so points may be computed in
   any order and anywhere. */
#ifndef DYN_LANG_SWEEP_H
#define DYN_LANG_SWEEP_H

#include "lang/eval.h"

typedef struct Axis {
  const char *name;
  Value *values; /* what the field of this name holds */
  int64_t n;     /* EXTENT_UNKNOWN in rehearsal */
  Where at;
} Axis;

/* What another process told of a point. */
typedef struct Told {
  char *data;
  size_t n;  /* 0: nothing, it is to be computed here */
  bool lost; /* the process died */
} Told;

typedef struct Sweep {
  const Ast *x;
  Scope *scope;
  Axis *axis;
  int naxes;
  int64_t points, done;
  double began;
  Told *told; /* of each point, or NULL: all are computed here */
} Sweep;

/* The value of the block at a point. */
Value *sweep_point(Ev *ev, const Sweep *sw, Value *const *at);

/* sweep_told.c. Computes the points from sw->done on in other processes, if that is worth it. */
void sweep_ahead(Ev *ev, Sweep *sw);
/* The value of point sw->done as another process found it, and what else it left behind: messages,
   claims, what was printed, times. NULL: it is to be computed here. */
Value *sweep_told(Ev *ev, Sweep *sw);

void sweep_forget(Sweep *sw); /* what was told and not asked for */

#endif
