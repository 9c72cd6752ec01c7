/* train_force.h: `train` with `method = force(alpha, every)`: Sussillo & Abbott, Generating
   coherent patterns of activity from chaotic neural networks, Neuron 63, 2009. */
#ifndef DYN_VERB_TRAIN_FORCE_H
#define DYN_VERB_TRAIN_FORCE_H

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

/* train_force.c. Takes `force` out of the arguments, so that the network goes on by its own method.
   False: reported. */
bool force_read(Train *m, Ev *ev, Call *c);
bool force_check(Train *m);              /* every target has a readout? False: reported */
bool force_run(Train *m, TrainLog *log); /* all trials. False: reported */

#endif
