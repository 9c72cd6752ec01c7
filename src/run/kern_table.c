/* kern_table.c: the kernel of each op and the scratch memory that it needs. */
#include "run/kernel.h"

/* Leaves and loops are gone before anything is computed (pass_lower). */
static Status no_kernel(void) {
  return (Status){STATUS_INVALID, 0, -1, "the graph was not lowered"};
}
#define NO_KERNEL(name)                   \
  Status kern_##name(const KernCall *c) { \
    (void)c;                              \
    return no_kernel();                   \
  }
NO_KERNEL(input)
NO_KERNEL(const)
NO_KERNEL(iota)
NO_KERNEL(unstack)
NO_KERNEL(stack)
/* Shapes of these depend on values: kern_eager.c. */
NO_KERNEL(take_mask)
NO_KERNEL(where)
NO_KERNEL(unique)

KernFn *const kern_table[OP_COUNT] = {
#define OP(name, arity, flags, dims, doc) [OP_##name] = kern_##name,
#include "op/op.def"
#undef OP
};

AxisView axis_view(Shape s, int axis) {
  AxisView v = {1, s.n[axis], 1};
  for (int k = 0; k < axis; k++) v.outer *= s.n[k];
  for (int k = axis + 1; k < s.rank; k++) v.inner *= s.n[k];
  return v;
}

static size_t work_sort(const KernCall *c) {
  return (size_t)c->shape[0].n[c->attr->axis] * 3 * sizeof(int64_t);
}

/* A square matrix, pivots, and a block of n rows. */
static size_t work_square(int64_t n, int64_t columns) {
  return (size_t)(n * n + n + n * columns) * sizeof(double);
}

static int64_t last_extent(Shape s) {
  return s.n[s.rank - 1];
}

static size_t work_matrix(const KernCall *c) {
  return work_square(last_extent(c->shape[0]), 1);
}

static size_t work_solve(const KernCall *c) {
  int64_t n = last_extent(c->shape[0]), each = c->attr->axis2 ? c->shape[1].n[0] * n : n;
  return work_square(n, each ? shape_count(c->shape[1]) / each : 0);
}

/* In single precision, everything once more in double. */
static size_t work_random(const KernCall *c) {
  int64_t n = shape_count(c->out_shape);
  for (int k = 0; k < c->nin; k++) n += shape_count(c->shape[k]);
  return c->single ? (size_t)n * sizeof(double) : 0;
}

size_t kern_work_bytes(OpId op, const KernCall *c) {
  static size_t (*const table[OP_COUNT])(const KernCall *) = {
      [OP_sort] = work_sort,     [OP_argsort] = work_sort, [OP_solve] = work_solve,
      [OP_inv] = work_matrix,    [OP_det] = work_matrix,   [OP_cholesky] = work_matrix,
      [OP_random] = work_random,
  };
  return table[op] ? table[op](c) : 0;
}
