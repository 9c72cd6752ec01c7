/* input.h: what drives the inputs of a network during a run. A function of time (and rows that are
   interpolated) becomes part of the graph; constants and held rows are handed to the program. */
#ifndef DYN_VERB_INPUT_H
#define DYN_VERB_INPUT_H

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
} RunInput;

typedef struct RunInputs {
  RunInput *at;  /* one for each input of the system */
  double length; /* how long the rows last; 0: they do not say, -1: not known yet */
  Where length_at;
} RunInputs;

/* Reads the argument (may be NULL), binding functions to s->sys. False: reported. */
bool input_read(Setup *s, Value *v, Where at, bool interpolate, RunInputs *out);

/* Are there rows for all steps? False: reported. */
bool input_covers(const Setup *s, const RunInputs *in, int64_t steps);

/* The value of input i in a step, or at a time. */
const double *input_row(const Setup *s, const RunInputs *in, size_t i, int64_t step);
const double *input_held(const Setup *s, const RunInputs *in, size_t i, double t);

#endif
