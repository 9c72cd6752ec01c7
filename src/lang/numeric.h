/* numeric.h: a function value of the language as a C function of flat vectors, with its derivative:
   what root finding, quadrature and minimisation work on. Functions are planned once and run as
   programs; those that cannot be traced (they run a verb, say) are called as they are, and their
   derivatives are central differences. */
#ifndef DYN_LANG_NUMERIC_H
#define DYN_LANG_NUMERIC_H

#include "lang/trace.h"
#include "run/run.h"

typedef enum NumericWant { NUMERIC_VALUE, NUMERIC_GRADIENT, NUMERIC_JACOBIAN } NumericWant;

typedef struct Numeric {
  Ev *ev;
  Arena *arena; /* scratch: freed by numeric_close */
  Value *f;
  Where at;
  Shape x_shape,
      shape; /* of argument and result; the latter is unknown in an opaque function until called */
  Dim x_dim, dim;
  bool rehearsed; /* there is nothing to run: only shape and dim are set */
  bool opaque;
  Program *value, *both; /* y; y and its derivative */
  int64_t n, m;          /* elements of argument and result */
} Numeric;

/* Prepares f near `start`. With NUMERIC_GRADIENT f must give one number. False: reported, but close
   it all the same. */
bool numeric_open(Ev *ev, Value *f, Value *start, NumericWant want, Where at, Numeric *out);
/* Likewise of y = t->out as a function of t->in, for which t->x stands, while the graph's other
   input is that of `known`, at known->x. The graph is copied. */
bool numeric_open_at(Ev *ev, const Trace *t, const Trace *known, NumericWant want, Where at,
                     Numeric *out);
void numeric_close(Numeric *f);

/* y = f(x); both: also dy [m, n]. A failure of a called function has been reported: its code is
   STATUS_INVALID with `what` NULL. */
Status numeric_value(Numeric *f, const double *x, double *y);
Status numeric_both(Numeric *f, const double *x, double *y, double *dy);

/* A flat vector as a value in the argument's form. */
Value *numeric_argument(const Numeric *f, const double *x);

#endif
