/* builtin_shape.c: functions that ask for the form of arrays, change it, or join arrays. All but
   sort and those that find elements (`where`, `unique`) only move numbers. */
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"

/* ---- questions ------------------------------------------------------------------------------- */

static bool has_shape(const Value *v) {
  return v->kind == V_ARRAY || v->kind == V_SPARSE;
}

Value *bi_shape(Ev *ev, Call *c) {
  Value *x = c->arg[0];
  if (!has_shape(x)) return arg_array(ev, c, 0);
  Shape s = value_shape(x);
  if (!shape_known(s)) return value_abstract(ev, shape_vec(s.rank), DIM_ONE);
  Value *v = form_fill(ev, shape_vec(s.rank), 0, DIM_ONE, c->at);
  for (int k = 0; value_is_known(v) && k < s.rank; k++) v->tensor->data[k] = (double)s.n[k];
  return v;
}

Value *bi_size(Ev *ev, Call *c) {
  Value *x = c->arg[0];
  if (x->kind == V_LIST) return value_num(ev, x->nfields);
  if (!has_shape(x)) return arg_array(ev, c, 0);
  Shape s = value_shape(x);
  int axis;
  if (!arg_axis(ev, c, 1, s.rank, AXIS_NONE, &axis)) return &VALUE_ERROR;
  int64_t n = axis == AXIS_NONE ? shape_count(s) : s.n[axis];
  return n < 0 ? value_abstract(ev, SHAPE_SCALAR, DIM_ONE) : value_num(ev, (double)n);
}

/* ---- the same numbers in another form -------------------------------------------------------- */

/* The shape to which x is brought: as an ordinary one, but one extent may be -1. */
static bool wanted_shape(Ev *ev, Call *c, Shape *s) {
  Value *v = arg_numbers(ev, c, 1);
  if (!value_is_array(v)) {
    *s = shape_vec(EXTENT_UNKNOWN);
    return v->kind == V_UNKNOWN;
  }
  if (!arg_rank(ev, c, 1, v, 0, 1) || !arg_plain(ev, c, 1, v)) return false;
  int64_t n = shape_count(value_shape(v));
  if (n > SHAPE_MAX_RANK) {
    ev_error(ev, E0408, c->arg_at[1], "an array has at most %d axes", SHAPE_MAX_RANK);
    return false;
  }
  *s = (Shape){.rank = n < 0 ? 1 : (int)n};
  int open = 0;
  for (int k = 0; k < s->rank; k++) {
    double x = value_is_known(v) ? v->tensor->data[k] : EXTENT_UNKNOWN;
    s->n[k] = x >= -1 && x < 9e15 ? (int64_t)x : -2;
    open += x == -1;
    if ((double)s->n[k] != x) {
      ev_error(ev, E0406, c->arg_at[1], "a shape is of whole numbers, and of -1 once, not %g", x);
      return false;
    }
  }
  if (open < 2 || !value_is_known(v)) return true;
  ev_error(ev, E0406, c->arg_at[1], "only one length may be left open with -1");
  return false;
}

Value *bi_reshape(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  Shape s;
  if (!value_is_array(x)) return x;
  return wanted_shape(ev, c, &s) ? form_reshape(ev, x, s, c->at) : &VALUE_ERROR;
}

/* The order of axes that `axes` gives, each once. */
static bool wanted_order(Ev *ev, Call *c, int rank, int *order) {
  Value *v = arg_numbers(ev, c, 1);
  if (!value_is_array(v)) return false;
  unsigned seen = 0;
  bool fits = value_is_known(v) && shape_count(value_shape(v)) == rank;
  for (int k = 0; k < rank && fits; k++) {
    double x = v->tensor->data[k];
    order[k] = x >= -rank && x < rank ? (int)(x < 0 ? x + rank : x) : rank;
    seen |= 1u << order[k];
  }
  if (fits && seen == (1u << rank) - 1) return true;
  arg_bad(ev, c, 1, "must name each of the %d axes once", rank);
  return false;
}

Value *bi_transpose(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  int order[SHAPE_MAX_AXES], rank = value_shape(x).rank;
  for (int k = 0; k < rank; k++) order[k] = rank - 1 - k;
  if (arg_given(c, 1) && !wanted_order(ev, c, rank, order)) return &VALUE_ERROR;
  return form_transpose(ev, x, order, c->at);
}

Value *bi_flip(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  int rank = value_shape(x).rank, axis;
  if (!arg_axis(ev, c, 1, rank, AXIS_NONE, &axis)) return &VALUE_ERROR;
  if (axis != AXIS_NONE) return form_flip(ev, x, axis, c->at);
  for (int k = 0; k < rank; k++) x = form_flip(ev, x, k, c->at);
  return x;
}

/* Elements that leave at one end come in at the other. */
static Value *rolled(Ev *ev, Value *x, int64_t shift, int axis, Where at) {
  int64_t n = value_shape(x).n[axis];
  if (n < 0) return value_abstract(ev, value_shape(x), x->dim);
  int64_t cut = n ? ((shift % n) + n) % n : 0;
  if (cut == 0) return x;
  Value *parts[] = {form_slice(ev, x, axis, n - cut, cut, at),
                    form_slice(ev, x, axis, 0, n - cut, at)};
  return form_concat(ev, parts, 2, axis, at);
}

Value *bi_roll(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  Shape s = value_shape(x);
  int64_t shift;
  int axis;
  if (!arg_whole(ev, c, 1, 0, &shift) || !arg_axis(ev, c, 2, s.rank, AXIS_NONE, &axis))
    return &VALUE_ERROR;
  if (axis != AXIS_NONE) return rolled(ev, x, shift, axis, c->at);
  Value *flat = form_flatten(ev, x, c->at);
  return form_reshape(ev, value_is_array(flat) ? rolled(ev, flat, shift, 0, c->at) : flat, s,
                      c->at);
}

/* The indices 0 0 1 1 2 2 ...: each of n elements `times[i]` (or `times[0]`) times. */
static Value *repeated_indices(Ev *ev, Call *c, int64_t n, const Value *times) {
  int64_t count = shape_count(value_shape(times)), total = 0;
  if (count != 1 && count != n)
    return arg_bad(ev, c, 1, "must be one number, or one for each of the %lld elements",
                   (long long)n);
  const double *t = times->tensor->data;
  for (int64_t i = 0; i < n; i++) {
    double x = t[count == 1 ? 0 : i];
    if (!(x >= 0 && x == (double)(int64_t)x && x < 1e12))
      return arg_bad(ev, c, 1, "must be a whole number, not %g", x);
    total += (int64_t)x;
  }
  Value *v = form_fill(ev, shape_vec(total), 0, DIM_ONE, c->at);
  if (!value_is_known(v)) return v;
  for (int64_t i = 0, k = 0; i < n; i++)
    for (int64_t r = (int64_t)t[count == 1 ? 0 : i]; r > 0; r--) v->tensor->data[k++] = (double)i;
  return v;
}

Value *bi_repeat(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  Value *times = arg_numbers(ev, c, 1);
  int axis;
  if (!value_is_array(times)) return times;
  if (!arg_plain(ev, c, 1, times) || !arg_rank(ev, c, 1, times, 0, 1) ||
      !arg_axis(ev, c, 2, value_shape(x).rank, AXIS_NONE, &axis))
    return &VALUE_ERROR;
  if (axis == AXIS_NONE) {
    if (value_shape(x).rank == 0) x = form_insert_axis(ev, x, 0, c->at);
    x = form_flatten(ev, x, c->at);
    axis = 0;
  }
  int64_t n = value_shape(x).n[axis];
  Value *index = n < 0 || !value_is_known(times) ? value_abstract(ev, shape_vec(-1), DIM_ONE)
                                                 : repeated_indices(ev, c, n, times);
  return form_gather(ev, x, index, axis, c->at);
}

/* ---- joining --------------------------------------------------------------------------------- */

/* The arrays to be joined: all arguments, or the elements of a single list. */
typedef struct Parts {
  Value **at;
  int n;
  Value *whole; /* a single array: its rows are the parts */
  Value *bad;   /* not NULL: give this */
} Parts;

static Parts parts_of(Ev *ev, Call *c) {
  Parts p = {0};
  Value *one = c->nrest == 1 ? c->rest[0] : NULL;
  if (c->nrest == 0 || (one && one->kind == V_LIST && one->nfields == 0)) {
    p.bad = ev_error(ev, E0225, c->at, "`%s` needs at least one array", c->fn->name);
    return p;
  }
  if (one && value_is_array(one)) {
    p.whole = one;
    return p;
  }
  bool list = one && one->kind == V_LIST;
  p.n = list ? one->nfields : c->nrest;
  p.at = ARENA_ARRAY(ev->arena, Value *, p.n);
  for (int i = 0; i < p.n; i++) {
    const char *what = arena_printf(ev->arena, "part %d of `%s`", i + 1, c->fn->name);
    p.at[i] = arg_as_array(ev, list ? one->fields[i].value : c->rest[i],
                           list ? c->rest_at[0] : c->rest_at[i], what);
    if (!value_is_array(p.at[i])) p.bad = p.at[i];
  }
  return p;
}

/* [k, m, n] to [k * m, n] along axis 0, to [m, k * n] along axis 1. */
static Value *concat_rows(Ev *ev, Value *x, int axis, Where at) {
  Shape s = value_shape(x), out = shape_tail(s, 1);
  out.n[axis] = s.n[0] < 0 || s.n[axis + 1] < 0 ? EXTENT_UNKNOWN : s.n[0] * s.n[axis + 1];
  return form_reshape(ev, form_move_axis(ev, x, 0, axis, at), out, at);
}

Value *bi_concat(Ev *ev, Call *c) {
  Parts p = parts_of(ev, c);
  int axis;
  if (p.bad) return p.bad;
  int rank = p.whole ? value_shape(p.whole).rank - 1 : value_shape(p.at[0]).rank;
  if (p.whole && rank < 1) return p.whole;
  if (!arg_axis(ev, c, 0, rank, 0, &axis)) return &VALUE_ERROR;
  return p.whole ? concat_rows(ev, p.whole, axis, c->at) : form_concat(ev, p.at, p.n, axis, c->at);
}

Value *bi_stack(Ev *ev, Call *c) {
  Parts p = parts_of(ev, c);
  int axis;
  if (p.bad) return p.bad;
  int rank = p.whole ? value_shape(p.whole).rank : value_shape(p.at[0]).rank + 1;
  if (!arg_axis(ev, c, 0, rank, 0, &axis)) return &VALUE_ERROR;
  if (p.whole) return form_move_axis(ev, p.whole, 0, axis, c->at);
  if (rank > SHAPE_MAX_RANK)
    return ev_error(ev, E0408, c->at, "an array has at most %d axes", SHAPE_MAX_RANK);
  for (int i = 0; i < p.n; i++) {
    Shape joined;
    if (value_shape(p.at[i]).rank != rank - 1 ||
        !shape_broadcast(value_shape(p.at[0]), value_shape(p.at[i]), &joined))
      return ev_error(ev, E0401, c->at, "%s and %s cannot be stacked",
                      shape_text(ev->arena, value_shape(p.at[0])),
                      shape_text(ev->arena, value_shape(p.at[i])));
  }
  for (int i = 0; i < p.n; i++) p.at[i] = form_insert_axis(ev, p.at[i], axis, c->at);
  return form_concat(ev, p.at, p.n, axis, c->at);
}

/* Each block as its rows of the whole: zeros to the left and right of it. */
Value *bi_block_diag(Ev *ev, Call *c) {
  Parts p = parts_of(ev, c);
  if (p.bad) return p.bad;
  if (p.whole) return p.whole;
  int64_t cols = 0, left = 0;
  bool known = true;
  for (int i = 0; i < p.n; i++) {
    Shape s = value_shape(p.at[i]);
    if (s.rank != 2)
      return ev_error(ev, E0411, c->at, "`block_diag` joins matrices, not %s",
                      shape_text(ev->arena, s));
    cols += s.n[1];
    known = known && s.n[1] >= 0;
  }
  if (!known) return value_abstract(ev, shape_mat(-1, -1), p.at[0]->dim);
  for (int i = 0; i < p.n; i++) {
    int64_t n = value_shape(p.at[i]).n[1];
    p.at[i] = form_pad(ev, p.at[i], 1, left, cols - left - n, c->at);
    left += n;
  }
  return form_concat(ev, p.at, p.n, 0, c->at);
}

/* ---- order and search
 * ---------------------------------------------------------------------------- */

static Value *sorted(Ev *ev, Call *c, OpId op) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  int axis;
  if (!arg_axis(ev, c, 1, value_shape(x).rank, -1, &axis)) return &VALUE_ERROR;
  return form_along(ev, op, x, axis, c->at);
}

Value *bi_sort(Ev *ev, Call *c) {
  return sorted(ev, c, OP_sort);
}

Value *bi_argsort(Ev *ev, Call *c) {
  return sorted(ev, c, OP_argsort);
}

Value *bi_unique(Ev *ev, Call *c) {
  Value *x = form_flatten(ev, arg_numbers(ev, c, 0), c->at);
  return ev_op1(ev, OP_unique, x, c->at);
}

Value *bi_where(Ev *ev, Call *c) {
  if (!arg_given(c, 1) && !arg_given(c, 2))
    return ev_op1(ev, OP_where, arg_numbers(ev, c, 0), c->at);
  if (!arg_given(c, 1) || !arg_given(c, 2))
    return ev_error(ev, E0208, c->at, "`where` takes a condition alone, or with both values");
  return ev_select(ev, c->arg[0], c->arg[1], c->arg[2], c->at);
}

/* ---- products of vectors
 * --------------------------------------------------------------------------- */

Value *bi_outer(Ev *ev, Call *c) {
  Value *a = form_flatten(ev, arg_array(ev, c, 0), c->at);
  Value *b = form_flatten(ev, arg_array(ev, c, 1), c->at);
  if (!value_is_array(a)) return a;
  return ev_op2(ev, OP_mul, form_insert_axis(ev, a, 1, c->at), b, c->at);
}
