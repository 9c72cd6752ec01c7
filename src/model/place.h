/* place.h: a System's graph copied into that of a function: what stands for its inputs. Shared by
   the functions of system_fn and system_step. */
#ifndef DYN_MODEL_PLACE_H
#define DYN_MODEL_PLACE_H

#include "model/system.h"

/* Order of the inputs: time, step, trial, update, then states, inputs, noises, delays, weights. */
enum { PLACE_TIME, PLACE_STEP, PLACE_TRIAL, PLACE_UPDATE, PLACE_STATES };

typedef struct Place {
  Arena *a;
  const System *s;
  Graph *g;     /* of the function */
  NodeId *from; /* the system's inputs */
  NodeId *to;   /* what stands for them now */
  int n;
} Place;

/* A function with the system's inputs, weights among them or bound to their values; no outputs yet.
 */
GraphFn *place_open(Place *p, Arena *a, const System *s, bool weights);
/* Noises become draws for the step, of the size of white noise over dt: those of a path that is
   drawn in steps of dt 2^halvings and refined between them. */
void place_draw_noise(Place *p, double dt, int halvings);
/* Where the noises begin in from and to. */
int place_noises(const Place *p);
/* What Milstein's method adds to the step of state x, of which f is the derivative under the noise
   of the step; NODE_NONE: nothing. */
NodeId milstein_term(Place *p, NodeId x, NodeId f, double dt);
/* Nodes of the system at time t with states x (NULL: those that stand now). */
void place_copy(Place *p, NodeId t, const NodeId *x, const NodeId *what, NodeId *out, int n);

#endif
