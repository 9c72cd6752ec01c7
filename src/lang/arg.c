/* arg.c: the arguments of a builtin, checked. */
#include "lang/arg.h"

#include <math.h>

const char *arg_name(Ev *ev, const Call *c, int i) {
  return arena_printf(ev->arena, "`%s` of `%s`", builtin_param_name(ev, c->fn, i), c->fn->name);
}

static Where arg_where(const Call *c, int i) {
  return c->arg[i] ? c->arg_at[i] : c->at;
}

Value *arg_bad(Ev *ev, Call *c, int i, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *text = arena_vprintf(ev->arena, fmt, ap);
  va_end(ap);
  return ev_error(ev, E0225, arg_where(c, i), "%s %s", arg_name(ev, c, i), text);
}

bool arg_given(const Call *c, int i) {
  return c->arg[i] && c->arg[i]->kind != V_NONE;
}

Value *arg_as_array(Ev *ev, Value *x, Where at, const char *what) {
  if (value_is_error(x) || x->kind == V_UNKNOWN || value_is_array(x)) return x;
  if (x->kind == V_SPARSE) return ev_dense(ev, x, at);
  return ev_error(ev, E0210, at, "%s must be an array, not %s", what, value_kind_name(ev, x));
}

Value *arg_array(Ev *ev, Call *c, int i) {
  if (value_is_array(c->arg[i])) return c->arg[i];
  return arg_as_array(ev, c->arg[i], c->arg_at[i], arg_name(ev, c, i));
}

Value *arg_numbers(Ev *ev, Call *c, int i) {
  Value *x = arg_array(ev, c, i);
  return value_is_traced(x) ? ev_needs_value(ev, c->arg_at[i], arg_name(ev, c, i)) : x;
}

Value *arg_function(Ev *ev, Call *c, int i) {
  Value *f = c->arg[i];
  if (value_is_error(f) || f->kind == V_UNKNOWN || f->kind == V_FUNCTION) return f;
  return ev_error(ev, E0210, c->arg_at[i], "%s must be a function, not %s", arg_name(ev, c, i),
                  value_kind_name(ev, f));
}

bool arg_whole(Ev *ev, Call *c, int i, int64_t dflt, int64_t *out) {
  *out = dflt;
  if (!arg_given(c, i)) return true;
  bool known = true;
  if (!ev_to_whole(ev, c->arg[i], out, &known, c->arg_at[i], arg_name(ev, c, i))) return false;
  if (!known) *out = EXTENT_UNKNOWN;
  return true;
}

bool arg_size(Ev *ev, Call *c, int i, int64_t dflt, int64_t least, int64_t *out) {
  *out = dflt;
  if (!arg_given(c, i)) return true;
  bool known = true;
  if (!ev_to_whole(ev, c->arg[i], out, &known, c->arg_at[i], arg_name(ev, c, i))) return false;
  if (!known) {
    *out = EXTENT_UNKNOWN;
  } else if (*out < least) {
    arg_bad(ev, c, i, "must be at least %lld, found %lld", (long long)least, (long long)*out);
    return false;
  }
  return true;
}

bool arg_number(Ev *ev, Call *c, int i, Dim want, double dflt, double *out) {
  *out = dflt;
  if (!arg_given(c, i)) return true;
  bool known = true;
  if (!ev_to_number(ev, c->arg[i], want, out, &known, c->arg_at[i], arg_name(ev, c, i)))
    return false;
  if (!known) *out = 1;
  return true;
}

bool arg_flag(Ev *ev, Call *c, int i, bool dflt, bool *out) {
  *out = dflt;
  bool known;
  return !arg_given(c, i) ||
         ev_to_bool(ev, c->arg[i], out, &known, c->arg_at[i], arg_name(ev, c, i));
}

const char *arg_string(Ev *ev, Call *c, int i, const char *dflt) {
  if (!arg_given(c, i)) return dflt;
  return ev_to_string(ev, c->arg[i], c->arg_at[i], arg_name(ev, c, i));
}

bool arg_axis(Ev *ev, Call *c, int i, int rank, int dflt, int *out) {
  *out = dflt;
  if (!arg_given(c, i)) {
    if (dflt == AXIS_NONE) return true;
  } else {
    int64_t axis;
    bool known = true;
    if (!ev_to_whole(ev, c->arg[i], &axis, &known, c->arg_at[i], arg_name(ev, c, i))) return false;
    if (!known) {
      ev_error(ev, E0212, c->arg_at[i], "an axis must be known before the run");
      return false;
    }
    *out = axis < -rank || axis >= rank ? rank : (int)axis;
  }
  if (*out < 0) *out += rank;
  if (*out >= 0 && *out < rank) return true;
  ev_error(ev, E0409, arg_where(c, i),
           rank == 0   ? "`%s`: a single number has no axes"
           : rank == 1 ? "`%s`: a vector has axis 0 only"
                       : "`%s`: the array has the axes 0 to %d",
           c->fn->name, rank - 1);
  return false;
}

bool arg_rank(Ev *ev, Call *c, int i, const Value *x, int least, int most) {
  static const char *const names[] = {"a number", "a vector", "a matrix", "an array of three axes"};
  int rank = value_shape(x).rank;
  if (rank >= least && rank <= most) return true;
  const char *found = shape_text(ev->arena, value_shape(x));
  if (least == most)
    ev_error(ev, E0411, arg_where(c, i), "%s must be %s, not %s", arg_name(ev, c, i), names[least],
             found);
  else if (rank < least)
    ev_error(ev, E0411, arg_where(c, i), "%s must be at least %s, not %s", arg_name(ev, c, i),
             names[least], found);
  else
    ev_error(ev, E0411, arg_where(c, i), "%s must be at most %s, not %s", arg_name(ev, c, i),
             names[most], found);
  return false;
}

bool arg_square(Ev *ev, Call *c, int i, const Value *x) {
  if (!arg_rank(ev, c, i, x, 2, 2)) return false;
  Shape s = value_shape(x);
  if (s.n[0] == s.n[1] || s.n[0] < 0 || s.n[1] < 0) return true;
  ev_error(ev, E0411, arg_where(c, i), "%s must be square, not %s", arg_name(ev, c, i),
           shape_text(ev->arena, s));
  return false;
}

bool dims_agree(Ev *ev, Dim a, Dim b, Dim *out) {
  TimeKind outside = TIME_PLAIN;
  return dim_agree(a, b, ev->time ? ev->time : &outside, out);
}

bool arg_alike(Ev *ev, Call *c, int i, const Value *x, int j, const Value *y) {
  if (dims_agree(ev, x->dim, y->dim, NULL)) return true;
  ev_error(ev, E0304, arg_where(c, j), "%s must be of one dimension with `%s`, %s, but is %s",
           arg_name(ev, c, j), builtin_param_name(ev, c->fn, i), dim_name(ev->arena, x->dim),
           dim_name(ev->arena, y->dim));
  return false;
}

bool arg_plain(Ev *ev, Call *c, int i, const Value *x) {
  if (dims_agree(ev, x->dim, DIM_ONE, NULL)) return true;
  ev_error(ev, E0302, arg_where(c, i), "%s must be a plain number, not %s", arg_name(ev, c, i),
           dim_name(ev->arena, x->dim));
  return false;
}
