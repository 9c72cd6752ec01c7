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

/* The mean square distance from the mean: two passes, for the sake of small variances. */
static Value *variance(Ev *ev, Call *c) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  if (!value_is_array(x)) return x;
  Value *mean = form_insert_axis(ev, mean_of(ev, x, axis, c->at), axis, c->at);
  Value *square = ev_op1(ev, OP_square, ev_op2(ev, OP_sub, x, mean, c->at), c->at);
  return mean_of(ev, square, axis, c->at);
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
  Value *sum = form_along(ev, OP_sum, ev_op1(ev, OP_square, x, c->at), axis, c->at);
  return ev_op1(ev, OP_sqrt, sum, c->at);
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

/* How many elements differ from (OP_ne) or are (OP_eq) zero. */
static Value *count_zeros(Ev *ev, Call *c, OpId op) {
  int axis;
  Value *x = operand(ev, c, 1, &axis);
  return form_along(ev, OP_sum, ev_op2(ev, op, x, value_num(ev, 0), c->at), axis, c->at);
}

Value *bi_any(Ev *ev, Call *c) {
  return ev_op2(ev, OP_lt, value_num(ev, 0), count_zeros(ev, c, OP_ne), c->at);
}

Value *bi_all(Ev *ev, Call *c) {
  return ev_op2(ev, OP_eq, count_zeros(ev, c, OP_eq), value_num(ev, 0), c->at);
}
