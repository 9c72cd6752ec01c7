/* score.h: the scores of a task, for verbs that run a network through its trials: each a number for
   a trial, from the targets and outputs in its window. */
#ifndef DYN_VERB_SCORE_H
#define DYN_VERB_SCORE_H

#include "lang/task.h"
#include "model/trials.h"
#include "verb/setup.h"

typedef struct Scores {
  const Setup *s;
  const Task *task;
  const Trials *trials;
  const Quantity *out; /* what the network gives for each target */
  Arena *arena;
  int n;
  Dim *dim;  /* of each score */
  int *want; /* the outputs of the function of trials that are read: targets, reads, windows */
  int nwant;
  struct Program **programs; /* [n][steps + 1]: by the length of the window; NULL: not yet made */
  double **rows;             /* of each target: what the network gave in the window */
  const void **in;
} Scores;

/* What a batch of trials was. */
typedef struct ScoreBatch {
  int64_t trials;
  void *const *given;     /* the outputs Scores.want, [trials, ...] */
  const void *const *out; /* of each target, [steps, trials, ...] */
  bool single;            /* `out` is in single precision */
} ScoreBatch;

/* Reads and checks the scores; programs and buffers live in `a`. False: reported. */
bool scores_open(Scores *x, const Setup *s, const Task *task, const Trials *t, const Quantity *out,
                 Arena *a);

/* value [n, trials], NaN where the window of a trial has no step; mean [n] over all others. False:
   reported. */
bool scores_compute(Scores *x, const ScoreBatch *b, double *value, double *mean);

#endif
