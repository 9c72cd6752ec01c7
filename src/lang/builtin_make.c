/* builtin_make.c: arrays from sizes and ranges. */
#include <math.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"

/* A shape argument: n, [m, n] or []. */
static bool arg_shape(Ev *ev, Call *c, int i, Shape *s) {
  return ev_to_shape(ev, c->arg[i], s, c->arg_at[i], arg_name(ev, c, i));
}

Value *bi_zeros(Ev *ev, Call *c) {
  Shape s;
  return arg_shape(ev, c, 0, &s) ? form_fill(ev, s, 0, DIM_ANY, c->at) : &VALUE_ERROR;
}

Value *bi_ones(Ev *ev, Call *c) {
  Shape s;
  return arg_shape(ev, c, 0, &s) ? form_fill(ev, s, 1, DIM_ONE, c->at) : &VALUE_ERROR;
}

Value *bi_full(Ev *ev, Call *c) {
  Shape s;
  Value *x = arg_array(ev, c, 1);
  return arg_shape(ev, c, 0, &s) ? form_broadcast(ev, x, s, c->at) : &VALUE_ERROR;
}

Value *bi_eye(Ev *ev, Call *c) {
  int64_t m, n;
  if (!arg_size(ev, c, 0, 0, 0, &m) || !arg_size(ev, c, 1, m, 0, &n)) return &VALUE_ERROR;
  Value *v = form_fill(ev, shape_mat(m, n), 0, DIM_ONE, c->at);
  if (!value_is_known(v)) return v;
  for (int64_t i = 0; i < m && i < n; i++) v->tensor->data[i * n + i] = 1;
  return v;
}

/* from + i * step, and exactly `to` at the end, as NumPy has it. */
static Value *spaced(Ev *ev, Call *c, Value *from, Value *to, int64_t n) {
  Value *i = form_iota(ev, n);
  Value *gaps = n < 0 ? value_abstract(ev, SHAPE_SCALAR, DIM_ONE)
                      : value_num(ev, n > 1 ? (double)(n - 1) : 1);
  Value *step = ev_op2(ev, OP_div, ev_op2(ev, OP_sub, to, from, c->at), gaps, c->at);
  Value *x = ev_op2(ev, OP_add, from, ev_op2(ev, OP_mul, i, step, c->at), c->at);
  if (!value_is_array(x) || n < 2) return x;
  Value *last = ev_op2(ev, OP_eq, i, value_num(ev, (double)(n - 1)), c->at);
  return ev_select(ev, last, to, x, c->at);
}

static Value *ends(Ev *ev, Call *c, Value **from, Value **to, int64_t *n) {
  *from = arg_array(ev, c, 0);
  if (!value_is_array(*from)) return *from;
  *to = arg_array(ev, c, 1);
  if (!value_is_array(*to)) return *to;
  if (!arg_rank(ev, c, 0, *from, 0, 0) || !arg_rank(ev, c, 1, *to, 0, 0)) return &VALUE_ERROR;
  return arg_size(ev, c, 2, 50, 0, n) ? NULL : &VALUE_ERROR;
}

Value *bi_linspace(Ev *ev, Call *c) {
  Value *from, *to;
  int64_t n;
  Value *bad = ends(ev, c, &from, &to, &n);
  if (bad) return bad;
  if (!arg_alike(ev, c, 0, from, 1, to)) return &VALUE_ERROR;
  return spaced(ev, c, from, to, n);
}

Value *bi_logspace(Ev *ev, Call *c) {
  Value *from, *to;
  int64_t n;
  Value *bad = ends(ev, c, &from, &to, &n);
  if (bad) return bad;
  if (!arg_plain(ev, c, 0, from) || !arg_plain(ev, c, 1, to)) return &VALUE_ERROR;
  return ev_op2(ev, OP_pow, value_num(ev, 10), spaced(ev, c, from, to, n), c->at);
}

/* How many steps fit below `to`; -1 in rehearsal when that is not known. */
static int64_t steps_below(double from, double to, double step, bool known) {
  if (!known) return EXTENT_UNKNOWN;
  double n = ceil((to - from) / step);
  return n > 0 ? (n < 9e15 ? (int64_t)n : INT64_MAX / 16) : 0;
}

Value *bi_arange(Ev *ev, Call *c) {
  double at[3] = {0, 0, 1};
  Dim dim = DIM_ANY;
  bool known = true;
  int first = arg_given(c, 1) ? 0 : 1; /* arange(n) is arange(0, n) */
  for (int i = 0; i < 3; i++) {
    int to = i < 2 ? i + first : i;
    bool here = true;
    if (!arg_given(c, i)) continue;
    if (!value_is_array(c->arg[i])) return arg_array(ev, c, i);
    if (!dims_agree(ev, dim, c->arg[i]->dim, &dim)) {
      arg_alike(ev, c, first ? i : 0, c->arg[0], i, c->arg[i]);
      return &VALUE_ERROR;
    }
    if (!ev_to_number(ev, c->arg[i], c->arg[i]->dim, &at[to], &here, c->arg_at[i],
                      arg_name(ev, c, i)))
      return &VALUE_ERROR;
    known = known && here;
  }
  if (!arg_given(c, 2) && !dim_is_one(dim))
    return ev_error(ev, E0304, c->at, "`arange` needs a step for quantities in %s",
                    dim_name(ev->arena, dim));
  if (known && at[2] == 0) return arg_bad(ev, c, 2, "must not be 0");
  Value *i = form_iota(ev, steps_below(at[0], at[1], at[2], known));
  if (!value_is_known(i)) return value_with_dim(ev, i, dim);
  for (int64_t k = 0; k < i->tensor->shape.n[0]; k++)
    i->tensor->data[k] = at[0] + i->tensor->data[k] * at[2];
  return value_with_dim(ev, i, dim_is_one(dim) ? DIM_ONE : dim);
}

Value *bi_one_hot(Ev *ev, Call *c) {
  Value *i = arg_array(ev, c, 0);
  int64_t n;
  if (!value_is_array(i)) return i;
  if (!arg_size(ev, c, 1, 0, 0, &n)) return &VALUE_ERROR;
  Value *column = form_insert_axis(ev, i, value_shape(i).rank, c->at);
  Value *hot = ev_op2(ev, OP_eq, column, form_iota(ev, n), c->at);
  return ev_op2(ev, OP_mul, hot, value_num(ev, 1), c->at); /* numbers, not a mask */
}

/* [n] to [n, n]: rows of n + 1, each a number and n zeros, are the rows of n with a diagonal. */
static Value *diagonal_matrix(Ev *ev, Value *x, Where at) {
  int64_t n = value_shape(x).n[0];
  if (n <= 0)
    return n == 0 ? form_reshape(ev, x, shape_mat(0, 0), at)
                  : value_abstract(ev, shape_mat(-1, -1), x->dim);
  Value *rows = form_pad(ev, form_insert_axis(ev, x, 1, at), 1, 0, n, at);
  Value *flat = form_slice(ev, form_flatten(ev, rows, at), 0, 0, n * n, at);
  return form_reshape(ev, flat, shape_mat(n, n), at);
}

/* The reverse, of the leading square part. */
static Value *diagonal_of(Ev *ev, Value *x, Where at) {
  Shape s = value_shape(x);
  if (!shape_known(s)) return value_abstract(ev, shape_vec(-1), x->dim);
  int64_t n = s.n[0] < s.n[1] ? s.n[0] : s.n[1];
  x = form_slice(ev, form_slice(ev, x, 0, 0, n, at), 1, 0, n, at);
  Value *rows = form_pad(ev, form_flatten(ev, x, at), 0, 0, n, at);
  Value *column =
      form_slice(ev, form_reshape(ev, rows, shape_mat(n, n + 1), at), 1, 0, n ? 1 : 0, at);
  return form_reshape(ev, column, shape_vec(n), at);
}

Value *bi_diag(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  if (!arg_rank(ev, c, 0, x, 1, 2)) return &VALUE_ERROR;
  return value_shape(x).rank == 1 ? diagonal_matrix(ev, x, c->at) : diagonal_of(ev, x, c->at);
}

Value *bi_trace(Ev *ev, Call *c) {
  Value *A = arg_array(ev, c, 0);
  if (!value_is_array(A)) return A;
  if (!arg_square(ev, c, 0, A)) return &VALUE_ERROR;
  return form_along(ev, OP_sum, diagonal_of(ev, A, c->at), 0, c->at);
}
