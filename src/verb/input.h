/* input.h: what drives the inputs of a network during a run. A function of time (and rows that are
   interpolated) becomes part of the graph; constants and held rows are handed to the program. */
#ifndef DYN_VERB_INPUT_H
#define DYN_VERB_INPUT_H

#include "model/trials.h"
#include "verb/setup.h"

typedef enum InputKind {
  INPUT_CONSTANT, /* data: one value of the input's shape */
  INPUT_ROWS,     /* data: a row for each step, or for each of `times` */
  INPUT_BOUND     /* a function of time, in the graph */
} InputKind;

typedef struct RunInput {
  InputKind kind;
  const double *data;
  int64_t rows;        /* -1: not known yet */
  const double *times; /* NULL: a row for each step, or not known yet */
  bool timed;          /* rows stand at times of their own */
  int64_t lanes;       /* each row has this many, one for each trial; 0: one for all */
} RunInput;

typedef struct RunInputs {
  RunInput *at;  /* one for each input of the system */
  double length; /* how long the rows last; 0: they do not say, -1: not known yet */
  Where length_at;
  const Trials *trials;  /* of a task as the input, else NULL */
  int *channel;          /* of each input: the task's, or -1 */
  double *const *target; /* of each target: the numbers [trials, steps, ...], once they are drawn */
} RunInputs;

/* Reads the argument (may be NULL), binding functions to s->sys. False: reported. */
bool input_read(Setup *s, Value *v, Where at, bool interpolate, RunInputs *out);

/* Rows were given, but no `dt`: a step is needed, or the verb takes no rows at all. False. */
bool input_lacks_step(const Setup *s, Where at, const char *rows);

/* input_task.c: a task as the input; its trials are drawn when it is known how many there are.
   False: reported, or in rehearsal not known well enough. */
bool input_task(Setup *s, Value *v, Where at, RunInputs *out);
bool input_draw(const Setup *s, RunInputs *in, int64_t lanes, Arena *a);
/* Its targets at times 0, every, ... as a record; `lead`: [trials, rows] or [rows]. */
Value *input_targets(const Setup *s, const RunInputs *in, Shape lead, double every);

/* Are there rows for all steps? False: reported. */
bool input_covers(const Setup *s, const RunInputs *in, int64_t steps);

/* The value of input i in a step, or at a time: that of the first trial. */
const double *input_row(const Setup *s, const RunInputs *in, size_t i, int64_t step);
/* Those of the first `steps`, a row for each. */
const double *input_steps(const Setup *s, const RunInputs *in, size_t i, int64_t steps, Arena *a);
const double *input_held(const Setup *s, const RunInputs *in, size_t i, double t);

#endif
