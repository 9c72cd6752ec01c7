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

static Value *squares(Ev *ev, Value *x, Value *centre, int axis, Where at) {
  Value *distance = centre ? ev_op2(ev, OP_sub, x, centre, at) : x;
  return form_along(ev, OP_sum, ev_op1(ev, OP_square, distance, at), axis, at);
}

/* `n` rows of a known array. */
static Value *rows_from(Ev *ev, Value *x, int64_t first, int64_t n) {
  Shape s = value_shape(x);
  int64_t row = shape_count(shape_tail(s, 1));
  s.n[0] = n;
  return value_with_tensor(ev, x, tensor_view(ev->arena, x->tensor, s, first * row));
}

/* The sum of the squared distances from the centre, which has the axis too; NULL: from zero. Large
   arrays may lie in a file (lang/store.h): of these, some rows at a time are in memory. */
static Value *sum_of_squares(Ev *ev, Value *x, Value *centre, int axis, Where at) {
  enum { BLOCK = 1 << 20 };
  int64_t count = value_is_known(x) ? shape_count(value_shape(x)) : 0;
  if (count <= BLOCK) return squares(ev, x, centre, axis, at);
  int64_t n = value_shape(x).n[0], row = count / n, most = row < BLOCK ? BLOCK / row : 1;
  Value **part = ARENA_ARRAY(ev->arena, Value *, (n + most - 1) / most);
  int parts = 0;
  for (int64_t first = 0; first < n; first += most) {
    int64_t rows = n - first < most ? n - first : most;
    Arena *outer = scratch_begin(ev);
    Value *own = centre && axis > 0 ? rows_from(ev, centre, first, rows) : centre;
    Value *sum = squares(ev, rows_from(ev, x, first, rows), own, axis, at);
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
  Value *sum = sum_of_squares(ev, x, mean, axis, c->at);
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
  return ev_op1(ev, OP_sqrt, sum_of_squares(ev, x, NULL, axis, c->at), c->at);
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
