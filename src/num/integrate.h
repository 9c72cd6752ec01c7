/* integrate.h: what all integrators share: the next time that must be hit, guarded right-hand
   sides, and the judgement of what went wrong. */
#ifndef DYN_NUM_INTEGRATE_H
#define DYN_NUM_INTEGRATE_H

#include "num/ode.h"

/* Where the present step must end at the latest. */
typedef struct Limit {
  double t;
  bool edge; /* the right-hand side may jump there: the step sees its value just before */
} Limit;

Limit limit_next(const OdeOptions *o, double t, double t1);

/* A first step for a method of some order: f0 is the derivative at (t, y); y1 and f1 are work
 * space. */
Status first_step(const OdeProblem *p, const OdeOptions *o, OdeStats *stats, int order, double t,
                  const double *y, const double *f0, double *y1, double *f1, double room,
                  double *h);

/* The smallest step at t; steps below it no longer change t by enough digits. */
double step_floor(double t);

/* Why steps became too small at (t, y), where the derivative is f: a state runs off to infinity
   ("grows without bound"), or something else. `start` is the size of the state at the start. */
Status judge_underflow(int64_t n, double t, const double *y, const double *f, double start);

/* A size below which the state does not count as large: of judge_underflow. */
double state_size(int64_t n, const double *y, const OdeOptions *o);

int64_t max_steps(const OdeOptions *o);

/* Hermite's cubic through the ends of a step. */
void hermite(const OdeStep *s, const double *f0, const double *f1, double t, double *y);

Status tableau_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t,
                     double t1, double *y, const OdeObserver *obs, OdeStats *stats);
Status gsl_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                 double *y, const OdeObserver *obs, OdeStats *stats);
Status bdf_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                 double *y, const OdeObserver *obs, OdeStats *stats);
Status auto_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                  double *y, const OdeObserver *obs, OdeStats *stats);
Status rodas_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double t1,
                   double *y, const OdeObserver *obs, OdeStats *stats);

#endif
