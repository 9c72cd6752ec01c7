/* sim_adaptive.h: a run with an adaptive method, shared with the location of its events. */
#ifndef DYN_VERB_SIM_ADAPTIVE_H
#define DYN_VERB_SIM_ADAPTIVE_H

#include "verb/sim.h"

typedef struct Past Past; /* sim_past.h */

typedef struct AdaptiveRun {
  Sim *m;
  int64_t lane;
  SimProgram *field, *row;
  SimJacobian *jacobian; /* of methods that use it, once it is asked for; else NULL */
  bool takes_jacobian;
  struct Locator *locator; /* of networks with events or delays, else NULL */
  Past *past;              /* of networks with delays, else NULL */
  OdeOptions options;
  double **x;            /* the states as parts of a flat vector */
  void **dx;             /* where the derivatives go, likewise */
  double *flat, *last;   /* the state; the last finite one at which the field was evaluated */
  double *work;          /* [3, dim], of networks with delays */
  double from, to;       /* the segment between two edges */
  double *times;         /* of the segment: rows, then its end */
  int64_t ntimes, first; /* the first of them is row `first` */
  double *edges;
  int64_t nedges;
  int64_t calls;
  bool end_is_row;
  double end;        /* the run's, or that of an event which ended it */
  bool over;         /* such an event has happened */
  Status row_status; /* of the last row, where that could not be taken */
} AdaptiveRun;

/* The time at which the equations of the segment hold: at its ends they are those inside of it. */
double adaptive_inside(const AdaptiveRun *r, double t);
/* Times that are nearer to each other are the same. */
double adaptive_moment(const AdaptiveRun *r);
/* Takes row k of the segment; false: it cannot be computed. */
bool adaptive_row(void *run, int64_t k, double t, const double *y);

/* An event ends the run at t: takes that row, the k-th of the segment, or with trials all that are
   left. */
bool adaptive_last_rows(AdaptiveRun *r, int64_t k, double t, const double *y);

/* sim_locate.c: integration that finds each event in time, applies it, and goes on from there. */
struct Locator *locator_make(AdaptiveRun *r);
bool locator_start(AdaptiveRun *r);            /* of a trial; false: its conditions failed */
bool locator_failed(AdaptiveRun *r);           /* did an event happen without end? Reported */
void locator_inputs(AdaptiveRun *r, double t); /* those held around time t */
Status locator_solve(AdaptiveRun *r, const OdeProblem *p, const OdeOptions *o, double *t);

#endif
