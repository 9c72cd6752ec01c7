/* shape.h: the extents of an array. An extent of -1 is unknown until the run (what `where` or a
   verb gives); it agrees with anything and the result of agreeing with n is n. */
#ifndef DYN_OP_SHAPE_H
#define DYN_OP_SHAPE_H

#include "base/arena.h"

enum {
  SHAPE_MAX_RANK = 6,  /* of the language */
  SHAPE_MAX_AXES = 14, /* of lowered graphs, which have loops as leading axes */
  EXTENT_UNKNOWN = -1
};

typedef struct Shape {
  int rank;
  int64_t n[SHAPE_MAX_AXES];
} Shape;

extern const Shape SHAPE_SCALAR;
Shape shape_make(int rank, ...); /* extents as int64_t */
Shape shape_vec(int64_t n);
Shape shape_mat(int64_t m, int64_t n);
int64_t shape_count(Shape s); /* product; -1 if any is unknown */
bool shape_known(Shape s);
bool shape_equal(Shape a, Shape b);                 /* exactly, unknowns included */
bool shape_broadcast(Shape a, Shape b, Shape *out); /* NumPy's rule; false if they do not fit */
bool shape_fits(Shape given, Shape wanted);         /* same rank, extents equal or unknown */
Shape shape_concat(Shape a, Shape b);
Shape shape_tail(Shape s, int drop);       /* without the first `drop` axes */
const char *shape_text(Arena *a, Shape s); /* "[3, 2]", "[]" , "[?, 2]" */

#endif
