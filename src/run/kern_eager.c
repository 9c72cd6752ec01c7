/* kern_eager.c: ops whose result's shape depends on values. They exist in double only, since graphs
   cannot hold them. */
#include <stdlib.h>
#include <string.h>

#include "run/kernel.h"

static Status too_large(void) {
  return (Status){STATUS_INVALID, 0, -1, "too large for memory"};
}

static int64_t count_nonzero(const Tensor *t) {
  int64_t n = shape_count(t->shape), k = 0;
  for (int64_t i = 0; i < n; i++) k += t->data[i] != 0;
  return k;
}

static Status eager_take_mask(Arena *a, const Tensor *const *in, Tensor **out) {
  int64_t n = shape_count(in[1]->shape), to = 0;
  Shape element = shape_tail(in[0]->shape, in[1]->shape.rank);
  int64_t size = shape_count(element);
  *out = tensor_new(a, shape_concat(shape_vec(count_nonzero(in[1])), element));
  if (!*out) return too_large();
  for (int64_t i = 0; i < n; i++) {
    if (in[1]->data[i] == 0) continue;
    memcpy((*out)->data + to, in[0]->data + i * size, (size_t)size * sizeof(double));
    to += size;
  }
  return STATUS_FINE;
}

static Status eager_where(Arena *a, const Tensor *const *in, Tensor **out) {
  Shape s = in[0]->shape;
  int64_t n = shape_count(s), k = count_nonzero(in[0]);
  *out = tensor_new(a, s.rank == 1 ? shape_vec(k) : shape_mat(k, s.rank));
  if (!*out) return too_large();
  double *row = (*out)->data;
  for (int64_t i = 0; i < n; i++) {
    int64_t rest = i;
    if (in[0]->data[i] == 0) continue;
    for (int axis = s.rank - 1; axis >= 0; axis--) {
      row[axis] = (double)(rest % s.n[axis]);
      rest /= s.n[axis];
    }
    row += s.rank;
  }
  return STATUS_FINE;
}

static int ascending(const void *p, const void *q) {
  double a = *(const double *)p, b = *(const double *)q;
  if (a != a || b != b) return (a != a) - (b != b); /* NaN last */
  return (a > b) - (a < b);
}

static Status eager_unique(Arena *a, const Tensor *const *in, Tensor **out) {
  int64_t n = shape_count(in[0]->shape), k = 0;
  Tensor *sorted = tensor_new(a, shape_vec(n));
  if (!sorted) return too_large();
  double *x = sorted->data;
  memcpy(x, in[0]->data, (size_t)n * sizeof *x);
  qsort(x, (size_t)n, sizeof *x, ascending);
  for (int64_t i = 0; i < n; i++)
    if (k == 0 || ascending(&x[k - 1], &x[i]) != 0) x[k++] = x[i];
  *out = tensor_view(a, sorted, shape_vec(k), 0);
  return STATUS_FINE;
}

EagerFn *kern_eager(OpId op) {
  static EagerFn *const table[OP_COUNT] = {
      [OP_take_mask] = eager_take_mask, [OP_where] = eager_where, [OP_unique] = eager_unique};
  return table[op];
}
