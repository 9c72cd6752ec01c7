/* builtin_reduce.c: reductions over one axis, or over all elements when no axis is given. All are
   made of ops, so that they work on traced values too. */
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/dist.h"
#include "lang/form.h"

/* The array of argument 0 and the axis of argument `i`; without one, all elements along axis 0. */
static Value *operand(Ev *ev, Call *c, int i, int *axis) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  if (!arg_axis(ev, c, i, value_shape(x).rank, AXIS_NONE, axis)) return &VALUE_ERROR;
  if (*axis != AXIS_NONE) return x;
  *axis = 0;
  return form_flatten(ev, x, c->at);
}

static Value *reduce(Ev *ev, Call *c, int axis_arg, OpId op) {
  int axis;
  Value *x = operand(ev, c, axis_arg, &axis);
  return form_along(ev, op, x, axis, c->at);
}

Value *bi_sum(Ev *ev, Call *c) {
  return reduce(ev, c, 1, OP_sum);
}
Value *bi_argmin(Ev *ev, Call *c) {
  return reduce(ev, c, 1, OP_argmin);
}
Value *bi_argmax(Ev *ev, Call *c) {
  return reduce(ev, c, 1, OP_argmax);
}
Value *bi_cumsum(Ev *ev, Call *c) {
  return reduce(ev, c, 1, OP_cumsum);
}

/* One argument is reduced, two are compared. */
static Value *extreme(Ev *ev, Call *c, OpId of_one, OpId of_two) {
  if (!arg_given(c, 1)) return reduce(ev, c, 2, of_one);
  if (arg_given(c, 2))
    return arg_bad(ev, c, 2, "goes with one array: two are compared elementwise");
  return dist_apply(ev, of_two, c->arg, 2, c->at);
}

Value *bi_min(Ev *ev, Call *c) {
  return extreme(ev, c, OP_min_of, OP_minimum);
}
Value *bi_max(Ev *ev, Call *c) {
  return extreme(ev, c, OP_max_of, OP_maximum);
}

static Value *mean_of(Ev *ev, Value *x, int axis, Where at) {
  Value *sum = form_along(ev, OP_sum, x, axis, at);
  return value_is_array(x) ? ev_op2(ev, OP_div, sum, form_count(ev, x, axis), at) : x;
}

Value *bi_mean(Ev *ev, Call *c) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  return mean_of(ev, x, axis, c->at);
}

/* What a reduction makes of `x`, and of `other`, which has the axis too, or is NULL. */
typedef Value *BlockFn(Ev *ev, Value *x, Value *other, int axis, Where at);

static Value *squares(Ev *ev, Value *x, Value *centre, int axis, Where at) {
  Value *distance = centre ? ev_op2(ev, OP_sub, x, centre, at) : x;
  return form_along(ev, OP_sum, ev_op1(ev, OP_square, distance, at), axis, at);
}

/* Sums of numbers that are made of each element. Large arrays may lie in a file (lang/store.h): of
   these, some rows at a time are in memory. */
static Value *sum_by_blocks(Ev *ev, BlockFn *fn, Value *x, Value *other, int axis, Where at) {
  enum { BLOCK = 1 << 20 };
  int64_t count = value_is_known(x) ? shape_count(value_shape(x)) : 0;
  if (count <= BLOCK) return fn(ev, x, other, axis, at);
  int64_t n = value_shape(x).n[0], row = count / n, most = row < BLOCK ? BLOCK / row : 1;
  Value **part = ARENA_ARRAY(ev->arena, Value *, (n + most - 1) / most);
  int parts = 0;
  for (int64_t first = 0; first < n; first += most) {
    int64_t rows = n - first < most ? n - first : most;
    Arena *outer = scratch_begin(ev);
    Value *own = other && axis > 0 ? form_slice(ev, other, 0, first, rows, at) : other;
    Value *sum = fn(ev, form_slice(ev, x, 0, first, rows, at), own, axis, at);
    if (axis == 0 && parts) sum = ev_op2(ev, OP_add, part[--parts], sum, at);
    part[parts++] = scratch_end(ev, outer, sum);
  }
  return axis == 0 ? part[0] : form_concat(ev, part, parts, 0, at);
}

/* The mean square distance from the mean: two passes, for the sake of small variances. */
static Value *variance(Ev *ev, Call *c) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  if (!value_is_array(x)) return x;
  Value *mean = form_insert_axis(ev, mean_of(ev, x, axis, c->at), axis, c->at);
  if (!value_is_array(mean)) return mean;
  Value *sum = sum_by_blocks(ev, squares, x, mean, axis, c->at);
  return ev_op2(ev, OP_div, sum, form_count(ev, x, axis), c->at);
}

Value *bi_var(Ev *ev, Call *c) {
  return variance(ev, c);
}

Value *bi_std(Ev *ev, Call *c) {
  return ev_op1(ev, OP_sqrt, variance(ev, c), c->at);
}

Value *bi_norm(Ev *ev, Call *c) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  if (!value_is_array(x)) return x;
  return ev_op1(ev, OP_sqrt, sum_by_blocks(ev, squares, x, NULL, axis, c->at), c->at);
}

Value *bi_prod(Ev *ev, Call *c) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  if (!value_is_array(x)) return x;
  int64_t n = value_shape(x).n[axis];
  Dim d = DIM_ANY;
  if (n >= 0 || dim_is_one(x->dim)) dim_pow(x->dim, n < 0 ? 1 : (double)n, &d);
  Value *plain = value_with_dim(ev, x, DIM_ONE);
  return value_with_dim(ev, form_along(ev, OP_prod, plain, axis, c->at), d);
}

static Value *nonzeros(Ev *ev, Value *x, Value *none, int axis, Where at) {
  (void)none;
  return form_along(ev, OP_sum, ev_op2(ev, OP_ne, x, value_num(ev, 0), at), axis, at);
}

static Value *zeros(Ev *ev, Value *x, Value *none, int axis, Where at) {
  (void)none;
  return form_along(ev, OP_sum, ev_op2(ev, OP_eq, x, value_num(ev, 0), at), axis, at);
}

static Value *count_in(Ev *ev, Call *c, BlockFn *fn) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  return value_is_array(x) ? sum_by_blocks(ev, fn, x, NULL, axis, c->at) : x;
}

Value *bi_any(Ev *ev, Call *c) {
  return ev_op2(ev, OP_lt, value_num(ev, 0), count_in(ev, c, nonzeros), c->at);
}

Value *bi_all(Ev *ev, Call *c) {
  return ev_op2(ev, OP_eq, count_in(ev, c, zeros), value_num(ev, 0), c->at);
}
