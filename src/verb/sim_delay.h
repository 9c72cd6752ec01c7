/* sim_delay.h: networks with delays: how long their delays are, and the values that stand for them
   in programs of quantities. Methods with a fixed step keep the past in rings (sim_ring.c),
   adaptive ones as the polynomials of their steps (sim_past.c). */
#ifndef DYN_VERB_SIM_DELAY_H
#define DYN_VERB_SIM_DELAY_H

#include "verb/sim.h"

typedef struct SimDelays {
  int n;
  const Tensor **length; /* of delays that stay the same: in the network's time; else NULL */
  double **now;          /* the delayed values, of all lanes: what programs read */
  /* fixed steps: */
  SystemStep step;      /* its rings */
  double **ring;        /* [lanes, rows + 1, nodes, values] */
  SimProgram *at_start; /* of the steps: the delayed values */
  double *watch;        /* [lanes]: see system_step */
} SimDelays;

bool sim_delays_vary(const SimDelays *d);

/* Reads and checks what stays the same. False: reported. NULL of a network without delays. */
bool sim_delays_open(Sim *m);

/* Is one of the lengths of delay i too short, NaN or (in a map) not whole? Reported, as that of a
   trial at time t; t < 0: at all times. */
bool sim_delays_wrong(Sim *m, int i, const double *length, int64_t lane, double t);
/* Do the lengths in the states of a lane, at time t, tell why the run failed? Reported. */
bool sim_delays_failed(Sim *m, double t, int64_t lane, double *const *x);

int64_t sim_delay_values(const Sim *m, int i); /* how many are delayed: see SysDelay.value */
NodeId *sim_delay_nodes(Sim *m);               /* the expressions that are delayed */

/* sim_ring.c: fills the rings for the start; adds them to a step. */
bool sim_rings_start(Sim *m);
/* The delayed values at the start of a step, in the states m->x. */
Status sim_rings_look(Sim *m, int64_t step, double *const *x);

#endif
