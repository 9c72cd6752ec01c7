/* vec.h: growing arrays in an arena. `VEC(int) v = {0}; *vec_push(arena, &v) = 3; v.at[0]; v.n`.
   Growth copies into a new block of the arena; pointers into `at` do not survive a push. */
#ifndef DYN_BASE_VEC_H
#define DYN_BASE_VEC_H

#include "base/arena.h"

#define VEC(type)  \
  struct {         \
    type *at;      \
    size_t n, cap; \
  }

/* Room for one more; evaluates to the address of the new last element (zeroed). */
#define vec_push(arena, v)                                                                        \
  (((v)->n == (v)->cap ? (void)((v)->at = vec_grow((arena), (v)->at, &(v)->cap, sizeof *(v)->at)) \
                       : (void)0),                                                                \
   &(v)->at[(v)->n++])

void *vec_grow(Arena *a, void *at, size_t *cap, size_t size);

#endif
