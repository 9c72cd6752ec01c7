/* vec.c: growth of the arrays in vec.h. */
#include "base/vec.h"

#include <string.h>

void *vec_grow(Arena *a, void *at, size_t *cap, size_t size) {
  size_t old = *cap;
  size_t grown = old ? old * 2 : 8;
  void *fresh = arena_array(a, grown, size);
  if (old) memcpy(fresh, at, old * size);
  *cap = grown;
  return fresh;
}
