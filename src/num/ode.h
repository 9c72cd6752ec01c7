/* ode.h: integrators over callbacks and flat vectors. They never see a graph. A stepper is a row of
   stepper.def (adaptive or implicit methods) or of butcher.def (explicit Runge-Kutta). */
#ifndef DYN_NUM_ODE_H
#define DYN_NUM_ODE_H

#include "base/arena.h"
#include "base/status.h"

typedef struct OdeProblem {
  int64_t n;
  /* dydt = f(t, y). May return a failure, which ends the run. */
  Status (*rhs)(void *ctx, double t, const double *y, double *dydt);
  /* dfdy row-major [n, n]; dfdt [n]. NULL: the problem has none. */
  Status (*jac)(void *ctx, double t, const double *y, double *dfdy, double *dfdt);
  void *ctx;
} OdeProblem;

/* Asked after each accepted step of h to t; stretch is h times the rate of the fastest motion.
   False ends the integration there. For methods that estimate it: dopri5 and rodas4. */
typedef struct OdeWatch {
  bool (*step)(void *ctx, double t, double h, double stretch);
  void *ctx;
} OdeWatch;

typedef struct OdeOptions {
  double rtol, atol;
  double h0, hmax;     /* 0: chosen by the method, no limit */
  int64_t max_steps;   /* 0: 10 million */
  const double *stops; /* ascending times that no step may cross (edges of inputs) */
  int64_t nstops;
  const double *marks; /* ascending times to step to exactly, where nothing jumps */
  int64_t nmarks;
  const OdeWatch *watch; /* or NULL */
} OdeOptions;

typedef struct OdeStats {
  int64_t steps, rejected, rhs, jac;
  int64_t changes; /* of `auto` between its methods */
  bool stiff;      /* is `auto` in its stiff method? It begins there too */
} OdeStats;

enum {
  STEPPER_ADAPTIVE = 1,
  STEPPER_NEEDS_JAC = 2,
  STEPPER_NOISE = 4,
  STEPPER_DENSE =
      8, /* gives values between steps by its own interpolant (else: steps hit the times) */
  STEPPER_STIFF = 16,
  STEPPER_FIXED = 32,      /* fixed step: dt must be given */
  STEPPER_TRACED = 64,     /* a fixed-step method that is traced into the graph */
  STEPPER_TAKES_JAC = 256, /* uses a Jacobian where there is one */
  STEPPER_DIAGONAL = 128   /* each noise must drive its own element (system_noise_fault) */
};

/* One accepted step, shown to the observer. */
typedef struct OdeStep {
  double t0, t1;
  const double *y0, *y1;
  void (*dense)(const struct OdeStep *s, double t, double *y); /* any t in [t0, t1] */
  void *state;
  int64_t n;
} OdeStep;

typedef enum OdeAction {
  ODE_GO,
  ODE_STOP,   /* end here */
  ODE_RESTART /* the observer changed time or state: it wrote the new ones into *t and y */
} OdeAction;

typedef struct OdeObserver {
  OdeAction (*step)(void *ctx, const OdeStep *s, double *t, double *y);
  void *ctx;
} OdeObserver;

typedef struct Stepper {
  const char *name, *doc;
  int order;
  unsigned flags;
  /* Integrates from *t to t1 (t1 > *t), changing *t and y. The observer (may be NULL) sees each
     step. Fixed-step methods take steps of h0. NULL: the method exists in traced form only. */
  Status (*solve)(const struct Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t,
                  double t1, double *y, const OdeObserver *obs, OdeStats *stats);
  const void *data; /* the method's own: a tableau, a GSL step type */
} Stepper;

const Stepper *stepper_find(const char *name); /* NULL if there is none */
const Stepper *stepper_at(int i);              /* NULL past the last */

/* Integrates from *t and calls row(ctx, k, t, y) at each of the ascending times[k] >= *t; false
   from row cancels. On failure the rows so far have been given and y holds the last good state, *t
   its time. stats may be NULL. */
Status ode_solve(const Stepper *s, const OdeProblem *p, const OdeOptions *o, double *t, double *y,
                 const double *times, int64_t ntimes,
                 bool (*row)(void *ctx, int64_t k, double t, const double *y), void *ctx,
                 OdeStats *stats);

/* The stiff one of the two methods between which `auto` chooses for n states. */
const char *auto_stiff_method(int64_t n);

/* An explicit Runge-Kutta method. */
typedef struct Tableau {
  const char *name, *doc;
  int stages, order;
  const double *a; /* [stages, stages], row-major, strictly lower */
  const double *b, *c;
  const double *e;                    /* weights of the error estimate, or NULL */
  bool fsal;                          /* the last stage is the first of the next step */
  const struct TableauExtras *extras; /* of methods with e: what only the adaptive driver needs */
} Tableau;
const Tableau *tableau_find(const char *name);
const Tableau *tableau_at(int i);

/* The fixed-step driver over callbacks, y holding the result: the oracle for what is traced into
 * graphs. */
Status ode_fixed(const Tableau *m, const OdeProblem *p, double t0, double dt, int64_t steps,
                 double *y);

#endif
