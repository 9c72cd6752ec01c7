/* task_trial.h: one trial of a task: the first that `evaluate` would draw. */
#ifndef DYN_REPORT_TASK_TRIAL_H
#define DYN_REPORT_TASK_TRIAL_H

#include "lang/eval.h"
#include "model/trials.h"

typedef struct TaskTrial {
  const TaskUse *use;
  const Trials *t;
  double **given; /* by output of the trial's function */
  int64_t steps;  /* the pad not counted */
  Dim time;
} TaskTrial;

/* False: something that the task needs is not known before the run, or there is too much of it or
 * nothing. */
bool task_trial(Ev *ev, const TaskUse *use, TaskTrial *out);
/* What an evaluation has of it: .t and, [1, steps, ...], .input .target .mask by name. A target is
   NaN where it does not count; a mask whose elements are alike has one. */
Value *task_trial_record(Ev *ev, const TaskTrial *x);
/* Phase i: its first step and the one after its last. */
void task_trial_phase(const TaskTrial *x, int i, double *first, double *end);

#endif
