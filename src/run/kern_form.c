/* kern_form.c: kernels that move elements and compute nothing. */
#include <math.h>
#include <string.h>

#include "run/kernel.h"
#include "run/strided.h"

static const void *at(const void *p, int64_t i, bool single) {
  return single ? (const void *)((const float *)p + i) : (const void *)((const double *)p + i);
}

static void *out_at(const KernCall *c, int64_t i) {
  return c->single ? (void *)((float *)c->out + i) : (void *)((double *)c->out + i);
}

/* A copy whose output is the whole result. */
static Strided dense_out(const KernCall *c) {
  Strided s = {.rank = c->out_shape.rank};
  memcpy(s.n, c->out_shape.n, sizeof s.n);
  strides_dense(c->out_shape, s.to);
  return s;
}

Status kern_broadcast(const KernCall *c) {
  Strided s = dense_out(c);
  int64_t dense[SHAPE_MAX_AXES];
  strides_dense(c->shape[0], dense);
  strides_broadcast(c->shape[0], dense, c->out_shape, s.from);
  strided_copy(&s, c->single, c->out, c->in[0]);
  return STATUS_FINE;
}

Status kern_reshape(const KernCall *c) {
  memcpy(c->out, c->in[0], (size_t)shape_count(c->out_shape) * real_size(c->single));
  return STATUS_FINE;
}

Status kern_transpose(const KernCall *c) {
  Strided s = dense_out(c);
  int64_t dense[SHAPE_MAX_AXES];
  strides_dense(c->shape[0], dense);
  for (int k = 0; k < s.rank; k++) s.from[k] = dense[c->attr->i[k]];
  strided_copy(&s, c->single, c->out, c->in[0]);
  return STATUS_FINE;
}

Status kern_slice(const KernCall *c) {
  Strided s = dense_out(c);
  int64_t start = 0;
  strides_dense(c->shape[0], s.from);
  for (int k = 0; k < s.rank; k++) start += c->attr->i[k] * s.from[k];
  strided_copy(&s, c->single, c->out, at(c->in[0], start, c->single));
  return STATUS_FINE;
}

Status kern_pad(const KernCall *c) {
  Strided s = {.rank = c->shape[0].rank};
  int64_t start = 0;
  memcpy(s.n, c->shape[0].n, sizeof s.n);
  strides_dense(c->shape[0], s.from);
  strides_dense(c->out_shape, s.to);
  for (int k = 0; k < s.rank; k++) start += c->attr->i[k] * s.to[k];
  memset(c->out, 0, (size_t)shape_count(c->out_shape) * real_size(c->single));
  strided_copy(&s, c->single, out_at(c, start), c->in[0]);
  return STATUS_FINE;
}

Status kern_flip(const KernCall *c) {
  Strided s = dense_out(c);
  int axis = c->attr->axis;
  strides_dense(c->shape[0], s.from);
  int64_t last = (s.n[axis] - 1) * s.from[axis];
  s.from[axis] = -s.from[axis];
  strided_copy(&s, c->single, c->out, at(c->in[0], last, c->single));
  return STATUS_FINE;
}

Status kern_concat(const KernCall *c) {
  int64_t start = 0, dense[SHAPE_MAX_AXES];
  strides_dense(c->out_shape, dense);
  for (int k = 0; k < c->nin; k++) {
    Strided s = {.rank = c->out_shape.rank};
    memcpy(s.n, c->shape[k].n, sizeof s.n);
    memcpy(s.to, dense, sizeof s.to);
    strides_dense(c->shape[k], s.from);
    strided_copy(&s, c->single, out_at(c, start), c->in[k]);
    start += s.n[c->attr->axis] * dense[c->attr->axis];
  }
  return STATUS_FINE;
}

/* An index as a place along an axis of n elements; -1 if it is none. */
static int64_t place(double x, int64_t n) {
  if (!(x >= (double)-n && x < (double)n)) return -1;
  int64_t i = (int64_t)x;
  return (double)i != x ? -1 : i < 0 ? i + n : i;
}

static void fill_nan(const KernCall *c, int64_t from, int64_t n) {
  for (int64_t i = from; i < from + n; i++) kern_put(c, i, NAN);
}

/* x [batch, outer, n, inner] at idx [batch, m] gives [batch, outer, m, inner]; a batch of one
   serves the op as written. */
Status kern_gather(const KernCall *c) {
  AxisView v = axis_view(c->shape[0], c->attr->axis);
  int64_t batch = c->attr->axis2 ? c->shape[0].n[0] : 1, m = shape_count(c->shape[1]);
  if (batch == 0 || v.outer == 0) return STATUS_FINE;
  int64_t outer = v.outer / batch, to = 0;
  m /= batch;
  for (int64_t o = 0; o < v.outer; o++) {
    for (int64_t k = 0; k < m; k++, to += v.inner) {
      int64_t i = place(kern_get(c, 1, o / outer * m + k), v.n);
      if (i < 0)
        fill_nan(c, to, v.inner);
      else
        memcpy(out_at(c, to), at(c->in[0], (o * v.n + i) * v.inner, c->single),
               (size_t)v.inner * real_size(c->single));
    }
  }
  return STATUS_FINE;
}

static void add_line(const KernCall *c, int64_t to, int64_t from, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    if (c->single)
      ((float *)c->out)[to + i] += ((const float *)c->in[0])[from + i];
    else
      ((double *)c->out)[to + i] += ((const double *)c->in[0])[from + i];
  }
}

/* The reverse of gather, in the same layout. */
Status kern_scatter_add(const KernCall *c) {
  AxisView v = axis_view(c->out_shape, c->attr->axis);
  int64_t batch = c->attr->axis2 ? c->out_shape.n[0] : 1, m = shape_count(c->shape[1]);
  memset(c->out, 0, (size_t)shape_count(c->out_shape) * real_size(c->single));
  if (batch == 0 || v.outer == 0) return STATUS_FINE;
  int64_t outer = v.outer / batch, from = 0;
  m /= batch;
  for (int64_t o = 0; o < v.outer; o++) {
    for (int64_t k = 0; k < m; k++, from += v.inner) {
      int64_t i = place(kern_get(c, 1, o / outer * m + k), v.n);
      if (i >= 0) add_line(c, (o * v.n + i) * v.inner, from, v.inner);
    }
  }
  return STATUS_FINE;
}

Status kern_sparse_fill(const KernCall *c) {
  const SparsePattern *p = c->attr->p;
  int64_t batch = c->attr->axis2 ? c->out_shape.n[0] : 1;
  memset(c->out, 0, (size_t)shape_count(c->out_shape) * real_size(c->single));
  for (int64_t b = 0; b < batch; b++)
    for (int64_t r = 0; r < p->rows; r++)
      for (int64_t k = p->start[r]; k < p->start[r + 1]; k++)
        kern_put(c, (b * p->rows + r) * p->cols + p->col[k], kern_get(c, 0, b * p->nnz + k));
  return STATUS_FINE;
}

Status kern_sparse_take(const KernCall *c) {
  const SparsePattern *p = c->attr->p;
  int64_t batch = c->attr->axis2 ? c->out_shape.n[0] : 1;
  for (int64_t b = 0; b < batch; b++)
    for (int64_t r = 0; r < p->rows; r++)
      for (int64_t k = p->start[r]; k < p->start[r + 1]; k++)
        kern_put(c, b * p->nnz + k, kern_get(c, 0, (b * p->rows + r) * p->cols + p->col[k]));
  return STATUS_FINE;
}
