/* form.c: the ops that change an array's form or reduce it, as functions on values. */
#include "lang/form.h"

#include "lang/core.h"

static OpAttr shape_attr(Shape s) {
  OpAttr attr = {.n = s.rank};
  for (int k = 0; k < s.rank; k++) attr.i[k] = s.n[k];
  return attr;
}

/* A mask that only changes its form remains one. */
static Value *keep_mask(Ev *ev, Value *x, bool logical) {
  return logical ? value_as_logical(ev, x) : x;
}

static Value *reform(Ev *ev, OpId op, const OpAttr *attr, Value *x, Where at) {
  if (!value_is_array(x)) return x;
  return keep_mask(ev, ev_op(ev, op, attr, &x, 1, at), x->logical);
}

/* Numbers of a known array from one on, which are not copied: it may lie in a file (store.h). */
static Value *view(Ev *ev, Value *x, Shape s, int64_t offset) {
  return value_with_tensor(ev, x, tensor_view(ev->arena, x->tensor, s, offset));
}

Value *form_reshape(Ev *ev, Value *x, Shape s, Where at) {
  if (value_is_array(x) && shape_known(s) && shape_equal(value_shape(x), s)) return x;
  bool fits = shape_known(s) && value_is_array(x) && shape_count(value_shape(x)) == shape_count(s);
  if (fits && value_is_known(x)) return view(ev, x, s, 0);
  OpAttr attr = shape_attr(s);
  return reform(ev, OP_reshape, &attr, x, at);
}

Value *form_flatten(Ev *ev, Value *x, Where at) {
  if (!value_is_array(x) || value_shape(x).rank == 1) return x;
  return form_reshape(ev, x, shape_vec(shape_count(value_shape(x))), at);
}

Value *form_transpose(Ev *ev, Value *x, const int *order, Where at) {
  if (!value_is_array(x)) return x;
  OpAttr attr = {.n = value_shape(x).rank};
  bool moves = false;
  for (int k = 0; k < attr.n; k++) {
    attr.i[k] = order[k];
    moves = moves || order[k] != k;
  }
  return moves ? reform(ev, OP_transpose, &attr, x, at) : x;
}

Value *form_move_axis(Ev *ev, Value *x, int from, int to, Where at) {
  if (!value_is_array(x) || from == to) return x;
  int order[SHAPE_MAX_AXES], rank = value_shape(x).rank;
  for (int k = 0, next = 0; k < rank; k++) {
    if (next == from) next++;
    order[k] = k == to ? from : next++;
  }
  return form_transpose(ev, x, order, at);
}

Value *form_insert_axis(Ev *ev, Value *x, int axis, Where at) {
  if (!value_is_array(x)) return x;
  Shape s = value_shape(x), out = {s.rank + 1, {0}};
  for (int k = 0; k < out.rank; k++) out.n[k] = k == axis ? 1 : s.n[k < axis ? k : k - 1];
  return form_reshape(ev, x, out, at);
}

Value *form_broadcast(Ev *ev, Value *x, Shape s, Where at) {
  if (value_is_array(x) && shape_equal(value_shape(x), s)) return x;
  OpAttr attr = shape_attr(s);
  return reform(ev, OP_broadcast, &attr, x, at);
}

Value *form_slice(Ev *ev, Value *x, int axis, int64_t from, int64_t count, Where at) {
  if (!value_is_array(x)) return x;
  Shape s = value_shape(x);
  if (from == 0 && count == s.n[axis]) return x;
  if (axis == 0 && value_is_known(x) && from >= 0 && count >= 0 && from + count <= s.n[0]) {
    s.n[0] = count;
    return view(ev, x, s, from * shape_count(shape_tail(s, 1)));
  }
  OpAttr attr = {.n = s.rank};
  for (int k = 0; k < s.rank; k++) attr.j[k] = s.n[k];
  attr.i[axis] = from;
  attr.j[axis] = count < 0 || s.n[axis] < 0 ? EXTENT_UNKNOWN : count;
  return reform(ev, OP_slice, &attr, x, at);
}

Value *form_pad(Ev *ev, Value *x, int axis, int64_t before, int64_t after, Where at) {
  if (!value_is_array(x) || (before == 0 && after == 0)) return x;
  OpAttr attr = {.n = value_shape(x).rank};
  attr.i[axis] = before;
  attr.j[axis] = after;
  return reform(ev, OP_pad, &attr, x, at);
}

Value *form_along(Ev *ev, OpId op, Value *x, int axis, Where at) {
  if (!value_is_array(x)) return x;
  OpAttr attr = {.axis = axis};
  return ev_op(ev, op, &attr, &x, 1, at);
}

Value *form_flip(Ev *ev, Value *x, int axis, Where at) {
  OpAttr attr = {.axis = axis};
  return reform(ev, OP_flip, &attr, x, at);
}

Value *form_concat(Ev *ev, Value *const *parts, int n, int axis, Where at) {
  bool logical = true;
  for (int i = 0; i < n; i++) {
    if (!value_is_array(parts[i])) return parts[i];
    logical = logical && parts[i]->logical;
  }
  if (n == 1) return parts[0];
  OpAttr attr = {.axis = axis};
  return keep_mask(ev, ev_op(ev, OP_concat, &attr, parts, n, at), logical);
}

Value *form_gather(Ev *ev, Value *x, Value *index, int axis, Where at) {
  if (!value_is_array(x)) return x;
  if (!value_is_array(index)) return index;
  OpAttr attr = {.axis = axis};
  Value *args[] = {x, index};
  return keep_mask(ev, ev_op(ev, OP_gather, &attr, args, 2, at), x->logical);
}

Tensor *form_tensor(Ev *ev, Shape s, Where at) {
  return shape_affordable(ev, s, at) ? tensor_new(ev->arena, s) : NULL;
}

Value *form_iota(Ev *ev, int64_t n) {
  if (n < 0 || (ev->rehearse && n > REHEARSED_MAX))
    return value_abstract(ev, shape_vec(n), DIM_ONE);
  Tensor *t = form_tensor(ev, shape_vec(n), (Where){0});
  if (!t) return &VALUE_ERROR;
  for (int64_t i = 0; i < n; i++) t->data[i] = (double)i;
  return value_tensor(ev, t, DIM_ONE);
}

Value *form_fill(Ev *ev, Shape s, double x, Dim d, Where at) {
  int64_t count = shape_count(s);
  if (!shape_affordable(ev, s, at)) return &VALUE_ERROR;
  if (count < 0 || (ev->rehearse && count > REHEARSED_MAX)) return value_abstract(ev, s, d);
  Tensor *t = form_tensor(ev, s, at);
  if (!t) return &VALUE_ERROR;
  for (int64_t i = 0; i < count && x != 0; i++) t->data[i] = x;
  return value_tensor(ev, t, d);
}

Value *form_count(Ev *ev, Value *x, int axis) {
  Shape s = value_shape(x);
  int64_t n = axis < 0 ? shape_count(s) : s.n[axis];
  return n < 0 ? value_abstract(ev, SHAPE_SCALAR, DIM_ONE) : value_num(ev, (double)n);
}
