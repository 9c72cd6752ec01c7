/* tensor.c: dense arrays. Small ones lie in the arena itself, large ones in blocks of their own. */
#include "graph/tensor.h"

enum { ALIGNMENT = 64, SMALL_BYTES = 512 };

static double *new_buffer(Arena *a, int64_t count) {
  size_t bytes = (size_t)count * sizeof(double);
  if (bytes <= SMALL_BYTES) {
    uintptr_t at = (uintptr_t)arena_alloc(a, bytes + ALIGNMENT);
    return (double *)((at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  }
  double *data = mem_alloc(bytes);
  arena_defer(a, mem_free, data);
  return data;
}

Tensor *tensor_new(Arena *a, Shape s) {
  int64_t count = shape_count(s);
  if (count < 0 || !mem_fits((double)count, sizeof(double))) return NULL;
  Tensor *t = tensor_abstract(a, s);
  t->data = new_buffer(a, count);
  return t;
}

Tensor *tensor_reserve(Arena *a, Shape s) {
  int64_t count = shape_count(s);
  if (count < 0 || !mem_fits((double)count, sizeof(double))) return NULL;
  Tensor *t = tensor_abstract(a, s);
  t->data = mem_reserve((size_t)count * sizeof(double));
  arena_defer(a, mem_free, t->data);
  return t;
}

Tensor *tensor_abstract(Arena *a, Shape s) {
  Tensor *t = ARENA_NEW(a, Tensor);
  t->shape = s;
  return t;
}

Tensor *tensor_scalar(Arena *a, double x) {
  Tensor *t = tensor_abstract(a, SHAPE_SCALAR);
  t->data = new_buffer(a, 1);
  t->data[0] = x;
  return t;
}

Tensor *tensor_view(Arena *a, const Tensor *t, Shape s, int64_t offset) {
  Tensor *v = tensor_abstract(a, s);
  v->data = t->data ? t->data + offset : NULL;
  return v;
}
