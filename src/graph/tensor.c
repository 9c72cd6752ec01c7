/* tensor.c: dense arrays. Small ones lie in the arena itself, large ones in buffers. */
#include "graph/tensor.h"

#include <string.h>

enum { ALIGNMENT = 64, SMALL_BYTES = 512 };

struct Buffer {
  double *data; /* NULL: given up */
  size_t bytes;
  int64_t arenas; /* that hold it */
};

static Buffer lasting;

static void drop(void *buffer) {
  Buffer *b = buffer;
  if (--b->arenas > 0) return;
  mem_free(b->data);
  mem_free(b);
}

static void hold(Arena *a, Buffer *b) {
  b->arenas++;
  arena_defer(a, drop, b);
}

static void take_memory(Arena *a, Tensor *t, int64_t count) {
  size_t bytes = (size_t)count * sizeof(double);
  if (bytes <= SMALL_BYTES) {
    uintptr_t at = (uintptr_t)arena_alloc(a, bytes + ALIGNMENT);
    t->data = (double *)((at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return;
  }
  t->buffer = mem_reserve(sizeof *t->buffer);
  *t->buffer = (Buffer){.data = mem_reserve(bytes), .bytes = bytes};
  t->data = t->buffer->data;
  hold(a, t->buffer);
}

Tensor *tensor_reserve(Arena *a, Shape s) {
  int64_t count = shape_count(s);
  if (count < 0 || !mem_fits((double)count, sizeof(double))) return NULL;
  Tensor *t = tensor_abstract(a, s);
  take_memory(a, t, count);
  return t;
}

Tensor *tensor_new(Arena *a, Shape s) {
  Tensor *t = tensor_reserve(a, s);
  if (t && t->buffer) memset(t->data, 0, t->buffer->bytes);
  return t;
}

Tensor *tensor_abstract(Arena *a, Shape s) {
  Tensor *t = ARENA_NEW(a, Tensor);
  t->shape = s;
  return t;
}

Tensor *tensor_scalar(Arena *a, double x) {
  Tensor *t = tensor_abstract(a, SHAPE_SCALAR);
  take_memory(a, t, 1);
  t->data[0] = x;
  return t;
}

Tensor *tensor_lasting(Arena *a, Shape s, double *data) {
  Tensor *t = tensor_abstract(a, s);
  t->data = data;
  t->buffer = &lasting;
  return t;
}

Tensor *tensor_view(Arena *a, const Tensor *t, Shape s, int64_t offset) {
  Tensor *v = tensor_abstract(a, s);
  v->data = t->data ? t->data + offset : NULL;
  v->buffer = t->buffer;
  return v;
}

const Tensor *tensor_hold(Arena *to, const Tensor *t) {
  if (!t->data) return tensor_abstract(to, t->shape);
  size_t bytes = (size_t)shape_count(t->shape) * sizeof(double);
  if (t->buffer && (t->buffer == &lasting || bytes > t->buffer->bytes / 2)) {
    if (t->buffer != &lasting) hold(to, t->buffer);
    return tensor_view(to, t, t->shape, 0);
  }
  Tensor *copy = tensor_reserve(to, t->shape);
  memcpy(copy->data, t->data, bytes);
  return copy;
}

void tensor_release(const Tensor *t) {
  Buffer *b = t->buffer;
  if (!b || b == &lasting || b->arenas > 1) return;
  mem_free(b->data);
  b->data = NULL;
}
