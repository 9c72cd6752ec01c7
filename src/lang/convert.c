/* convert.c: values as C numbers, shapes, conditions and strings, with checks. In rehearsal a
   number may be unknown: then `known` is cleared, or a stand-in is given to those who do not ask.
 */
#include <math.h>

#include "lang/core.h"

/* Sizes such as 0.29 * 100 miss the whole number by rounding: that much is forgiven. */
static const double WHOLE_TOLERANCE = 1e-9;

/* The number of a known scalar; false if it is not known yet (or was reported: *ok cleared). */
static bool scalar_of(Ev *ev, Value *v, double *x, bool *ok, Where at, const char *what) {
  *ok = false;
  if (v->kind == V_ERROR) return false;
  if (v->kind == V_UNKNOWN) return *ok = true, false;
  if (v->kind != V_ARRAY) {
    ev_error(ev, E0210, at, "%s must be a number, not %s", what, value_kind_name(ev, v));
    return false;
  }
  if (value_shape(v).rank) {
    ev_error(ev, E0210, at, "%s must be a single number, not %s", what, value_kind_name(ev, v));
    return false;
  }
  if (v->graph) {
    *ok = graph_is_num(v->graph, v->node, x);
    if (!*ok) ev_needs_value(ev, at, what);
    return *ok;
  }
  *ok = true;
  if (!v->tensor->data) return false;
  *x = v->tensor->data[0];
  return true;
}

static bool dim_wanted(Ev *ev, const Value *v, Dim want, Where at, const char *what) {
  TimeKind none = TIME_PLAIN;
  if (v->kind != V_ARRAY || dim_agree(v->dim, want, ev->time ? ev->time : &none, NULL)) return true;
  ev_error(ev, E0304, at, "%s must be %s%s, not %s", what, dim_is_one(want) ? "" : "in ",
           dim_name(ev->arena, want), value_kind_name(ev, v));
  return false;
}

bool ev_to_number(Ev *ev, Value *v, Dim want, double *x, bool *known, Where at, const char *what) {
  bool ok;
  *x = 1;
  bool have = scalar_of(ev, v, x, &ok, at, what);
  if (known) *known = have;
  return ok && dim_wanted(ev, v, want, at, what);
}

bool ev_to_whole(Ev *ev, Value *v, int64_t *n, bool *known, Where at, const char *what) {
  double x;
  bool have;
  *n = 1;
  if (!ev_to_number(ev, v, DIM_ONE, &x, &have, at, what)) return false;
  if (known) *known = have;
  if (!have) return true;
  double r = round(x);
  if (!(fabs(x - r) <= WHOLE_TOLERANCE * fmax(1, fabs(x))) || fabs(r) > 9e15) {
    ev_error(ev, E0213, at, "%s must be a whole number, not %g", what, x);
    return false;
  }
  *n = (int64_t)r;
  return true;
}

static bool shape_of_numbers(Ev *ev, const Tensor *t, Shape *s, Where at, const char *what) {
  int64_t n = shape_count(t->shape);
  if (n > SHAPE_MAX_RANK) {
    ev_error(ev, E0408, at, "%s has %lld axes; an array has at most %d", what, (long long)n,
             SHAPE_MAX_RANK);
    return false;
  }
  *s = (Shape){.rank = n < 0 ? 1 : (int)n};
  for (int i = 0; i < s->rank; i++) {
    double x = t->data ? t->data[i] : EXTENT_UNKNOWN;
    if (t->data && !(x >= 0 && x == floor(x) && x < 9e15)) {
      ev_error(ev, E0406, at, "%s must be of whole numbers, not %g", what, x);
      return false;
    }
    s->n[i] = (int64_t)x;
  }
  return true;
}

bool ev_to_shape(Ev *ev, Value *v, Shape *s, Where at, const char *what) {
  *s = SHAPE_SCALAR;
  if (v->kind == V_ERROR) return false;
  if (v->kind == V_UNKNOWN) return *s = shape_vec(EXTENT_UNKNOWN), true;
  if (v->kind != V_ARRAY || value_shape(v).rank > 1) {
    ev_error(ev, E0406, at, "%s must be a whole number or a list of them such as [3, 2], not %s",
             what, value_kind_name(ev, v));
    return false;
  }
  if (!dim_wanted(ev, v, DIM_ONE, at, what)) return false;
  if (value_shape(v).rank == 0) {
    int64_t n;
    bool known;
    if (!ev_to_whole(ev, v, &n, &known, at, what)) return false;
    *s = shape_vec(known ? n : EXTENT_UNKNOWN);
    if (!known || n >= 0) return true;
    ev_error(ev, E0406, at, "%s must not be negative: %lld", what, (long long)n);
    return false;
  }
  if (v->graph) {
    ev_needs_value(ev, at, what);
    return false;
  }
  return shape_of_numbers(ev, v->tensor, s, at, what);
}

bool ev_to_bool(Ev *ev, Value *v, bool *x, bool *known, Where at, const char *what) {
  double number;
  bool have;
  *x = true;
  if (!ev_to_number(ev, v, DIM_ONE, &number, &have, at, what)) return false;
  if (known) *known = have;
  if (have) *x = number != 0;
  return true;
}

const char *ev_to_string(Ev *ev, Value *v, Where at, const char *what) {
  if (v->kind == V_STRING) return v->text;
  if (v->kind == V_UNKNOWN) return "";
  if (v->kind != V_ERROR)
    ev_error(ev, E0210, at, "%s must be a string, not %s", what, value_kind_name(ev, v));
  return NULL;
}
