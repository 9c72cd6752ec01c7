/* trials.h: what a task traces to: a generator of trials as one graph, written for one trial.

   The function has the inputs (update, trial), scalars: the places of its random streams (update
   comes from system_stream). Its outputs are, in order,
     each input     [steps, ...], 0 where the task does not assign it and in the pad
     each target    [steps, ...], likewise
     each mask      [steps, ...] of the shape of its target: how much each element counts, 0 where
                    the target is not assigned and in the pad
     the length     a scalar: whole steps, the pad not counted
     each extra     the draws of the trial
     each read      what its scores read besides targets: [steps, ...] or one value
     each score     its window, two scalars: the first step and the one after the last
     each phase     likewise
   pass_batch over both inputs makes a batch of it, the trial outermost. */
#ifndef DYN_MODEL_TRIALS_H
#define DYN_MODEL_TRIALS_H

#include "graph/graph.h"

typedef struct TrialChannel {
  const char *name;
  Shape shape; /* of one step */
  Dim dim;
  Where at;
  bool by_step; /* of reads: there is one for each step */
} TrialChannel;

typedef struct TrialScore {
  const char *name;
  int64_t steps; /* of its window; EXTENT_UNKNOWN: trials differ */
  Where at;
} TrialScore;

typedef struct TrialPhase {
  const char *name;
} TrialPhase;

typedef struct Trials {
  const char *name;
  GraphFn *f;
  int64_t steps; /* of the longest trial that there can be: known before any draw */
  bool varies;   /* trials differ in length: the shorter ones are padded */
  VEC(TrialChannel) inputs, targets, extras, reads;
  VEC(TrialScore) scores;
  VEC(TrialPhase) phases;
} Trials;

/* Which output of the function is what. */
static inline int trials_input(const Trials *t, int i) {
  (void)t;
  return i;
}

static inline int trials_target(const Trials *t, int i) {
  return (int)t->inputs.n + i;
}

static inline int trials_mask(const Trials *t, int i) {
  return (int)(t->inputs.n + t->targets.n) + i;
}

static inline int trials_length(const Trials *t) {
  return (int)(t->inputs.n + 2 * t->targets.n);
}

static inline int trials_extra(const Trials *t, int i) {
  return trials_length(t) + 1 + i;
}

static inline int trials_read(const Trials *t, int i) {
  return trials_extra(t, (int)t->extras.n) + i;
}

static inline int trials_window(const Trials *t, int i) {
  return trials_read(t, (int)t->reads.n) + 2 * i;
}

static inline int trials_phase(const Trials *t, int i) {
  return trials_window(t, (int)t->scores.n) + 2 * i;
}

#endif
