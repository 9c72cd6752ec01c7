/* onestep.h: the driver of one-step methods with error control: limits, retries, step sizes, the
   observer. A method says how one step is attempted. */
#ifndef DYN_NUM_ONESTEP_H
#define DYN_NUM_ONESTEP_H

#include "num/ode.h"

typedef struct OneStep OneStep;

typedef struct OneStepMethod {
  /* Computes from scratch what the method needs at (t, y): f among it. */
  Status (*begin)(OneStep *s);
  /* Tries a step of h from (t, y): y_new, and *error in units of the tolerance. Where *error <= 1,
     f_new too. An *error that is not finite makes the driver try a much smaller step. */
  Status (*attempt)(OneStep *s, double h, double *error);
  /* The step was taken: f is the derivative at its end. */
  void (*advance)(OneStep *s);
  void (*dense)(const OdeStep *step, double t, double *y); /* state is the OneStep */
  /* h times the fastest rate, of the step just made (before advance); NULL: not estimated. Only
     called where o->watch is set. */
  double (*stretch)(OneStep *s, double h);
} OneStepMethod;

struct OneStep {
  const OneStepMethod *method;
  void *own; /* the method's */
  const OdeProblem *p;
  const OdeOptions *o;
  OdeStats *stats;
  int64_t n, steps_left;
  int order;     /* of the error estimate, plus 1 */
  double beta;   /* of the step-size control with memory */
  bool adaptive; /* else steps of h0 */
  double t, h, t1;
  double last_error; /* of the last accepted step */
  bool rejected;     /* was the last attempt? */
  double latest;     /* no evaluation sees a later time: just before an edge */
  double *y, *y_new, *work, *f, *f_new;
  double size;      /* of the state at the start */
  bool left;        /* the watch ended the integration */
  bool dense_ready; /* for the method: has it made this step's interpolant? */
  Status dense_status;
  Status bad; /* why the last attempt gave no finite error */
};

/* Evaluates the right-hand side, counts, and minds the edge. */
Status onestep_rhs(OneStep *s, double t, const double *y, double *dydt);

/* Is x [n] finite? If not, s->bad says where. */
bool onestep_finite(OneStep *s, double t, const double *x);

/* Values at the ends of a step; true if t is one of them. */
bool onestep_at_end(const OdeStep *step, double t, double *y);

/* Runs s, of which method, own, order, beta, adaptive, f, f_new and work are set, from *t to t1. */
Status onestep_solve(OneStep *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                     double *y, const OdeObserver *obs, OdeStats *stats);

#endif
