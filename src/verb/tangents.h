/* tangents.h: a state and small deviations from it, taken along by the exact derivative of the
   network (of a fixed-step method: of its step). Noise and input are frozen: the tangents see the
   same as the state. */
#ifndef DYN_VERB_TANGENTS_H
#define DYN_VERB_TANGENTS_H

#include "verb/flow.h"

typedef struct Tangents {
  Flow f;
  int64_t k; /* how many */
  FlowProgram *p;
  double *y;           /* the state [D], then the tangents [k, D] */
  double *a, *q, *r;   /* of a decomposition: [D, k], [D, k], [k, k] */
  const double **rows; /* of each input: one for each step, or NULL */
} Tangents;

/* Reads what such verbs share; refuses events and delays, and of adaptive methods inputs of rows.
   False: reported. */
bool tangents_setup(Ev *ev, Call *c, const FlowArgs *at, Tangents *g);
/* The start of the run as argument i gives it, or as it is drawn: one state, [D] (NULL: in
   rehearsal). */
bool tangents_read_start(Tangents *g, int i, double *x);

/* Argument i, or as long as the rows of the input last. False: reported. */
bool tangents_read_length(Tangents *g, int i, double *length, bool *known);

/* Orthonormal tangents, drawn; the state is the caller's. A task as the input gives its first
   trial. Then, once it is known, the number of fixed steps that inputs must cover. False: reported.
 */
bool tangents_allocate(Tangents *g);
bool tangents_cover(Tangents *g, int64_t steps);
void tangents_plan(Tangents *g);

/* The time in which a tangent grows or shrinks by about exp(5), judged at the state. */
double tangents_stretch(Tangents *g);

/* Goes on from time t for a time tau, or for fixed steps from `first` on. */
Status tangents_advance(Tangents *g, double t, double tau);
Status tangents_advance_steps(Tangents *g, int64_t first, int64_t steps);

/* Makes the tangents orthonormal by QR; R [k, k], its diagonal not below zero, stays in g->r. */
Status tangents_decompose(Tangents *g);

#endif
