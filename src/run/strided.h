/* strided.h: copies between arrays of any strides. Broadcasts, transposes, slices, flips and pads
   are all this. */
#ifndef DYN_RUN_STRIDED_H
#define DYN_RUN_STRIDED_H

#include "op/shape.h"

/* Element (i0, i1 ...) lies at out + sum i_k to[k] and in + sum i_k from[k]; strides count elements
   and may be zero (in) or negative. */
typedef struct Strided {
  int rank;
  int64_t n[SHAPE_MAX_AXES], to[SHAPE_MAX_AXES], from[SHAPE_MAX_AXES];
} Strided;

void strides_dense(Shape s, int64_t *stride); /* of a row-major array */

/* The strides with which an array of shape `s` and strides `given` is read as the wider shape
   `wide` (NumPy's rule): zero along stretched axes. */
void strides_broadcast(Shape s, const int64_t *given, Shape wide, int64_t *stride);

/* Drops axes of one element and joins those that lie in one piece, in both arrays. */
void strided_collapse(Strided *s);

void strided_copy(const Strided *s, bool single, void *out, const void *in);

#endif
