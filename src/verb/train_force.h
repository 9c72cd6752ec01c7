/* train_force.h: `train` with `method = force(alpha, every)`: Sussillo & Abbott, Generating
   coherent patterns of activity from chaotic neural networks, Neuron 63, 2009. */
#ifndef DYN_VERB_TRAIN_FORCE_H
#define DYN_VERB_TRAIN_FORCE_H

#include "num/rls.h"
#include "verb/train.h"

/* An output as its target sees it: weight @ regressor + rest. */
typedef struct Readout {
  const Quantity *out;
  int weight;             /* among those of the system */
  int64_t rows, n;        /* of the weight: values of the output, and of the regressor */
  NodeId regressor, rest; /* rest: NODE_NONE if there is none */
} Readout;

/* readout.c: writes the output as linear in one of the weights that are trained. False: it is not.
 */
bool readout_find(Train *m, const Quantity *out, Readout *r);

/* trainee.c: one output that is trained. */
typedef struct Trainee {
  Readout of;
  Rls *rls;
  double *w;            /* [rows, n] */
  double *r, *rest;     /* regressor and rest at the end of the step; rest: NULL if there is none */
  double *error, *gain; /* of the last update */
  bool pending;         /* that update is not in w yet */
  double *out;          /* [steps, rows] of the trial */
  double *target, *mask; /* likewise */
} Trainee;

void trainee_open(Train *m, Trainee *e, double *weight); /* `of` is there */
void trainee_keep(Train *m, Trainee *e, Checkpoint *c);
void trainee_apply(Trainee *e); /* the last update to w */
/* After a step: takes in the update before, then the output, then learns. False: reported. */
bool trainee_learn(Train *m, Trainee *e, int64_t trial, int64_t step);
double trainee_loss(const Trainee *e, int64_t steps); /* mean squared error where it counts */
double *force_numbers(Arena *a, int64_t n);           /* zeros */

/* train_force.c. Takes `force` out of the arguments, so that the network goes on by its own method.
   False: reported. */
bool force_read(Train *m, Ev *ev, Call *c);
bool force_check(Train *m);              /* every target has a readout? False: reported */
bool force_run(Train *m, TrainLog *log); /* all trials. False: reported */

#endif
