/* stack.c: many values as one. Numbers of one shape become an array with a new leading axis,
   records a record of stacked fields, anything else a list; and the reverse. */
#include <string.h>

#include "lang/core.h"
#include "lang/form.h"

/* ---- stacking ---- */

static bool all_of_kind(Value *const *v, int n, ValueKind kind) {
  for (int i = 0; i < n; i++)
    if (v[i]->kind != kind) return false;
  return true;
}

static bool one_shape(Value *const *v, int n, Shape *s) {
  *s = value_shape(v[0]);
  if (s->rank >= SHAPE_MAX_RANK) return false;
  for (int i = 1; i < n; i++) {
    Shape t = value_shape(v[i]);
    if (!shape_fits(t, *s) || !shape_fits(*s, t)) return false;
    for (int k = 0; k < t.rank; k++)
      if (s->n[k] == EXTENT_UNKNOWN) s->n[k] = t.n[k];
  }
  return true;
}

static Value *list_of(Ev *ev, Value *const *v, int n, Where at) {
  Value *list = value_list(ev, n);
  list->at = at;
  for (int i = 0; i < n; i++) value_set(list, i, NULL, v[i]);
  return list;
}

/* An element that stands nowhere, such as the index of a loop, is noted at the whole. */
static void note_element(Ev *ev, Diag *d, const Value *v, Where at) {
  diag_note(ev->diag, d, v->at.src ? v->at : at, "this is %s", value_kind_name(ev, v));
}

static bool one_dim(Ev *ev, Value *const *v, int n, Dim *dim, Where at) {
  TimeKind none = TIME_PLAIN;
  *dim = v[0]->dim;
  for (int i = 1; i < n; i++) {
    if (dim_agree(*dim, v[i]->dim, ev->time ? ev->time : &none, dim)) continue;
    Diag *d = ev_report(ev, E0301, at, "the elements have unlike dimensions");
    note_element(ev, d, v[0], at);
    note_element(ev, d, v[i], at);
    return false;
  }
  return true;
}

static Value *stack_known(Ev *ev, Value *const *v, int n, Shape s, Dim dim) {
  Tensor *t = tensor_new(ev->arena, shape_concat(shape_vec(n), s));
  int64_t size = shape_count(s);
  for (int i = 0; i < n && size > 0; i++)
    memcpy(t->data + i * size, v[i]->tensor->data, (size_t)size * sizeof(double));
  return value_tensor(ev, t, dim);
}

static Value *stack_arrays(Ev *ev, Value *const *v, int n, Shape s, Where at) {
  Dim dim;
  if (!one_dim(ev, v, n, &dim, at)) return &VALUE_ERROR;
  Shape whole = shape_concat(shape_vec(n), s);
  if (!shape_affordable(ev, whole, at)) return &VALUE_ERROR;
  bool traced = false, known = true, logical = true;
  for (int i = 0; i < n; i++) {
    traced = traced || v[i]->graph;
    known = known && value_is_known(v[i]);
    logical = logical && v[i]->logical;
  }
  Value *r;
  if (known) {
    r = stack_known(ev, v, n, s, dim);
  } else if (!traced) {
    r = value_abstract(ev, whole, dim);
  } else {
    Value **row = ARENA_ARRAY(ev->arena, Value *, n);
    for (int i = 0; i < n; i++) row[i] = form_insert_axis(ev, v[i], 0, at);
    r = form_concat(ev, row, n, 0, at);
    if (r->kind != V_ARRAY) return r;
  }
  r->at = at;
  return logical ? value_as_logical(ev, r) : r;
}

static bool same_fields(Value *const *v, int n) {
  for (int i = 1; i < n; i++) {
    if (v[i]->nfields != v[0]->nfields) return false;
    for (int k = 0; k < v[0]->nfields; k++)
      if (!value_field(v[i], v[0]->fields[k].name)) return false;
  }
  return true;
}

static Value *stack_records(Ev *ev, Value *const *v, int n, Where at) {
  Value *r = value_record(ev, v[0]->type, v[0]->nfields);
  Value **column = ARENA_ARRAY(ev->arena, Value *, n);
  r->at = at;
  for (int k = 0; k < r->nfields; k++) {
    const char *name = v[0]->fields[k].name;
    for (int i = 0; i < n; i++) column[i] = (Value *)value_field(v[i], name);
    value_set(r, k, name, stack_values(ev, column, n, at));
  }
  return r;
}

Value *stack_values(Ev *ev, Value *const *given, int n, Where at) {
  Shape s;
  Value **v = ARENA_ARRAY(ev->arena, Value *, n + 1);
  for (int i = 0; i < n; i++) {
    if (given[i]->kind == V_ERROR) return &VALUE_ERROR;
    v[i] = ev_dense(ev, given[i], at);
  }
  for (int i = 0; i < n; i++)
    if (v[i]->kind == V_UNKNOWN) return &VALUE_UNKNOWN;
  if (n == 0) return value_tensor(ev, tensor_new(ev->arena, shape_vec(0)), DIM_ANY);
  if (all_of_kind(v, n, V_ARRAY) && one_shape(v, n, &s)) return stack_arrays(ev, v, n, s, at);
  if (all_of_kind(v, n, V_RECORD) && same_fields(v, n)) return stack_records(ev, v, n, at);
  return list_of(ev, v, n, at);
}

/* ---- taking apart ---- */

static int64_t record_rows(Ev *ev, const Value *v, Where at) {
  int64_t rows = EXTENT_UNKNOWN;
  for (int k = 0; k < v->nfields; k++) {
    const Value *f = v->fields[k].value;
    int64_t n = f->kind == V_ERROR ? -2 : rows_of(ev, f, at);
    if (n == -2) return n;
    if (rows >= 0 && n >= 0 && n != rows) {
      ev_error(ev, E0221, at,
               "the fields of this record have unlike numbers of rows: %lld and %lld",
               (long long)rows, (long long)n);
      return -2;
    }
    if (n >= 0) rows = n;
  }
  return rows;
}

int64_t rows_of(Ev *ev, const Value *v, Where at) {
  bool array = v->kind == V_ARRAY || v->kind == V_SPARSE;
  if (v->kind == V_UNKNOWN) return EXTENT_UNKNOWN;
  if (array && value_shape(v).rank > 0) return value_shape(v).n[0];
  if (v->kind == V_LIST) return v->nfields;
  if (v->kind == V_RECORD && v->nfields) return record_rows(ev, v, at);
  if (v->kind != V_ERROR)
    ev_error(ev, E0221, at, "%s has no rows to go over", value_kind_name(ev, v));
  return -2;
}

Value *ev_element(Ev *ev, Value *v, int64_t i, Where at) {
  if (v->kind == V_LIST) return v->fields[i].value;
  if (v->kind == V_UNKNOWN || v->kind == V_ERROR) return v;
  if (v->kind == V_RECORD) {
    Value *r = value_record(ev, v->type, v->nfields);
    for (int k = 0; k < v->nfields; k++)
      value_set(r, k, v->fields[k].name, ev_element(ev, v->fields[k].value, i, at));
    return r;
  }
  v = ev_dense(ev, v, at);
  if (v->kind != V_ARRAY) return v;
  Shape s = shape_tail(value_shape(v), 1);
  if (v->graph) return form_reshape(ev, form_slice(ev, v, 0, i, 1, at), s, at);
  if (!v->tensor->data || !shape_known(s))
    return value_with_tensor(ev, v, tensor_abstract(ev->arena, s));
  return value_with_tensor(ev, v, tensor_view(ev->arena, v->tensor, s, i * shape_count(s)));
}

/* ---- in rehearsal: one element for all ---- */

Value *any_row(Ev *ev, Value *v, Where at) {
  v = ev_dense(ev, v, at);
  if (v->kind == V_ARRAY && !v->graph)
    return value_with_tensor(ev, v, tensor_abstract(ev->arena, shape_tail(value_shape(v), 1)));
  if (v->kind == V_RECORD) {
    Value *r = value_record(ev, v->type, v->nfields);
    for (int k = 0; k < v->nfields; k++)
      value_set(r, k, v->fields[k].name, any_row(ev, v->fields[k].value, at));
    return r;
  }
  return v->kind == V_LIST && v->nfields ? v->fields[0].value : &VALUE_UNKNOWN;
}

/* n copies of what stands for every element. */
Value *repeat_rows(Ev *ev, Value *v, int64_t n, Where at) {
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
  v = ev_dense(ev, v, at);
  if (v->kind == V_ARRAY && !v->graph && value_shape(v).rank < SHAPE_MAX_RANK)
    return value_abstract(ev, shape_concat(shape_vec(n), value_shape(v)), v->dim);
  if (v->kind != V_RECORD) return &VALUE_UNKNOWN;
  Value *r = value_record(ev, v->type, v->nfields);
  for (int k = 0; k < v->nfields; k++)
    value_set(r, k, v->fields[k].name, repeat_rows(ev, v->fields[k].value, n, at));
  return r;
}
