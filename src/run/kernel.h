/* kernel.h: the kernels that the executor and run_op share; private to src/run. Tile kernels
   compute one elementwise op over n elements; op kernels compute any other op on whole arrays. Both
   exist in double and in single precision. */
#ifndef DYN_RUN_KERNEL_H
#define DYN_RUN_KERNEL_H

#include "base/status.h"
#include "graph/tensor.h"
#include "op/op.h"

/* out[i] = op(a[i], b[i], c[i]) for i < n. `out` may be one of the arguments, but may not overlap
   one otherwise. Any n is allowed, and the bits of an element do not depend on n or i. */
typedef void TileFn(void *out, const void *a, const void *b, const void *c, int64_t n);

/* Arguments that are one number for all elements are marked in `scalars` (bit 0: a ...); at least
   one argument must be an array. OP_NONE copies a, or fills with it. */
TileFn *tile_kernel(OpId op, unsigned scalars, bool single);

typedef struct KernCall {
  const OpAttr *attr;
  int nin;
  bool single;
  const void *const *in; /* dense, row-major */
  const Shape *shape;    /* of the arguments */
  Shape out_shape;
  void *out;
  void *work; /* kern_work_bytes(c) bytes */
  bool add;   /* to what is in out, rather than over it: gemm only */
} KernCall;

typedef Status KernFn(const KernCall *c);
#define OP(name, arity, flags, dims, doc) KernFn kern_##name;
#include "op/op.def"
#undef OP

extern KernFn *const kern_table[OP_COUNT]; /* NULL for elementwise ops */

/* Scratch memory that the kernel of `op` needs for a call of these shapes. */
size_t kern_work_bytes(OpId op, const KernCall *c);

/* Ops whose result's shape depends on values. */
typedef Status EagerFn(Arena *a, const Tensor *const *in, Tensor **out);
EagerFn *kern_eager(OpId op); /* NULL if op is none of these */

/* The array as [outer, n, inner] around one axis. */
typedef struct AxisView {
  int64_t outer, n, inner;
} AxisView;
AxisView axis_view(Shape s, int axis);

/* One element, whatever the precision. */
static inline double kern_get(const KernCall *c, int arg, int64_t i) {
  return c->single ? ((const float *)c->in[arg])[i] : ((const double *)c->in[arg])[i];
}

static inline void kern_put(const KernCall *c, int64_t i, double x) {
  if (c->single)
    ((float *)c->out)[i] = (float)x;
  else
    ((double *)c->out)[i] = x;
}

static inline size_t real_size(bool single) {
  return single ? sizeof(float) : sizeof(double);
}

#endif
