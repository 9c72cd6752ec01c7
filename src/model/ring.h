/* ring.h: delays in steps of fixed length. The past of a delayed expression is an input of the
   step, [rows + 1, nodes, n]: a row holds its values at the nodes of one step, and step k is in row
   k mod rows. The last row holds the value at the start, which stands for all before it. A delayed
   value is read by gathers, and interpolated in the polynomial through the nodes of its step: what
   happened at the ends of that step (a jump, an event) is never smoothed over. */
#ifndef DYN_MODEL_RING_H
#define DYN_MODEL_RING_H

#include "model/place.h"

typedef struct Rings {
  Place *place;
  const SystemStep *o;
  NodeId t0, step;
  NodeId *ring; /* the inputs */
  NodeId *now;  /* of a map: the values at the start of the step */
  int *loop;    /* over the elements of a delayed value, where its history needs one; -1 */
} Rings;

/* Makes the inputs of f for delays their rings. */
void rings_open(Rings *r, Place *p, const SystemStep *o, GraphFn *f);

/* What stands for the delayed values c steps after the start of the step, at time t with states x.
 */
void rings_read(Rings *r, double c, NodeId t, const NodeId *x);

/* One row of the ring of delay i, from its values at the nodes. */
NodeId rings_row(const Rings *r, int i, const NodeId *values);

/* 0 where the delays that vary are at least a step long in the state x at time t, else infinite. */
NodeId rings_watch(Rings *r, NodeId t, const NodeId *x);
bool rings_vary(const SystemStep *o, const System *s);

#endif
