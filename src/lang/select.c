/* select.c: `if` where the condition is not one known number. With an array or a traced condition
   the choice is made element by element. With a number that is not known before the run, the result
   is whatever both branches may give. */
#include <string.h>

#include "lang/core.h"

/* ---- by element ------------------------------------------------------------------------------ */

static Value *select_fields(Ev *ev, Value *cond, Value *a, Value *b, Where at) {
  Value *r = value_record(ev, a->type, a->nfields);
  for (int i = 0; i < a->nfields; i++) {
    const char *name = a->fields[i].name;
    const Value *other = value_field(b, name);
    if (!other && ev->attempts && cond->graph)
      return ev_needs_value(ev, at, "the condition of this `if`");
    if (!other)
      return ev_error(ev, E0211, at, "one branch has a field `%s`, the other has not", name);
    value_set(r, i, name, ev_select(ev, cond, a->fields[i].value, (Value *)other, at));
  }
  return r;
}

/* Within a comprehension the elements may differ in shape, each by its own condition: then they
   must be computed one by one. */
static bool unlike_elements(const Ev *ev, const Value *cond, const Value *a, const Value *b) {
  return ev->attempts && cond->graph && value_shape(cond).rank == 0 &&
         !shape_equal(value_shape(a), value_shape(b));
}

Value *ev_select(Ev *ev, Value *cond, Value *a, Value *b, Where at) {
  if (cond->kind == V_ERROR || a->kind == V_ERROR || b->kind == V_ERROR) return &VALUE_ERROR;
  if (cond->kind == V_UNKNOWN || a->kind == V_UNKNOWN || b->kind == V_UNKNOWN)
    return &VALUE_UNKNOWN;
  if (a->kind == V_RECORD && b->kind == V_RECORD && a->nfields == b->nfields)
    return select_fields(ev, cond, a, b, at);
  if (value_equal(a, b)) {
    Shape joint;
    if (a->kind != V_ARRAY || (shape_broadcast(value_shape(cond), value_shape(a), &joint) &&
                               shape_equal(joint, value_shape(a))))
      return a;
  }
  bool numbers =
      (a->kind == V_ARRAY || a->kind == V_SPARSE) && (b->kind == V_ARRAY || b->kind == V_SPARSE);
  if (!numbers) {
    if (cond->graph) return ev_needs_value(ev, at, "the condition of this `if`");
    return ev_error(ev, E0210, at, "cannot choose element by element between %s and %s",
                    value_kind_name(ev, a), value_kind_name(ev, b));
  }
  if (unlike_elements(ev, cond, a, b)) return ev_needs_value(ev, at, "the condition of this `if`");
  Value *v = ev_op(ev, OP_select, NULL, (Value *[]){cond, a, b}, 3, at);
  return a->logical && b->logical ? value_as_logical(ev, v) : v;
}

/* ---- what both branches may give ---- */

static Value *join_arrays(Ev *ev, Value *a, Value *b, Where at) {
  Shape s = value_shape(a), t = value_shape(b);
  Dim dim;
  TimeKind none = TIME_PLAIN;
  if (!dim_agree(a->dim, b->dim, ev->time ? ev->time : &none, &dim)) {
    Diag *d = ev_report(ev, E0301, at, "the branches of `if` have unlike dimensions");
    diag_note(ev->diag, d, at, "one is %s, the other %s", value_kind_name(ev, a),
              value_kind_name(ev, b));
    return &VALUE_ERROR;
  }
  if (a->graph || b->graph || s.rank != t.rank) return &VALUE_UNKNOWN;
  for (int i = 0; i < s.rank; i++)
    if (s.n[i] != t.n[i]) s.n[i] = EXTENT_UNKNOWN;
  Value *v = value_abstract(ev, s, dim);
  v->logical = a->logical && b->logical;
  return v;
}

static Value *join_records(Ev *ev, Value *a, Value *b, Where at) {
  Value *r = value_record(ev, a->type, a->nfields);
  if (a->nfields != b->nfields) return &VALUE_UNKNOWN;
  for (int i = 0; i < a->nfields; i++) {
    const Value *other = value_field(b, a->fields[i].name);
    if (!other) return &VALUE_UNKNOWN;
    value_set(r, i, a->fields[i].name, ev_join(ev, a->fields[i].value, (Value *)other, at));
  }
  return r;
}

Value *ev_join(Ev *ev, Value *a, Value *b, Where at) {
  if (a->kind == V_ERROR || b->kind == V_ERROR) return &VALUE_ERROR;
  if (a == b) return a;
  if (a->kind == V_SPARSE) a = value_abstract(ev, value_shape(a), a->entries->dim);
  if (b->kind == V_SPARSE) b = value_abstract(ev, value_shape(b), b->entries->dim);
  if (a->kind != b->kind) return &VALUE_UNKNOWN;
  if (a->kind == V_ARRAY) return join_arrays(ev, a, b, at);
  if (a->kind == V_RECORD) return join_records(ev, a, b, at);
  return value_equal(a, b) ? a : &VALUE_UNKNOWN;
}
