/* history.h: the past of a vector as the polynomials of steps that were taken: values at Chebyshev
   points of each step. Steps need not touch, and values may jump between them. */
#ifndef DYN_NUM_HISTORY_H
#define DYN_NUM_HISTORY_H

#include "base/arena.h"

typedef struct History History;

History *history_new(Arena *a, int64_t n, int degree);
void history_clear(History *h);
int64_t history_steps(const History *h);
int history_nodes(const History *h); /* of a step */

/* A step from t0 to t1 > t0 is added: the values [nodes, n] are to be written to what is
   returned, those of node k at history_node(h, k, t0, t1). */
double *history_push(History *h, double t0, double t1);
double history_node(const History *h, int k, double t0, double t1);

void history_pop(History *h);                 /* takes the last step back */
const double *history_last(const History *h); /* its values */

/* Steps that end before t are no longer needed. */
void history_forget(History *h, double t);

/* Elements first .. first + count - 1 at time t, of the step in which it lies; where two meet, of
   the later one. Beyond the ends the outermost step goes on. There must be a step. */
void history_read(const History *h, double t, int64_t first, int64_t count, double *out);

#endif
