/* sweep_record.c: how the records of points go together, and what stands for what a point that
   failed has not. */
#include <math.h>

#include "lang/core.h"
#include "lang/form.h"
#include "lang/sweep.h"

/* How the record v of a point differs from that of the first one; NULL: not at all. */
static const char *difference(Ev *ev, const Value *v, const Value *first, const char *path) {
  TimeKind none = TIME_PLAIN;
  Dim dim;
  if (v->kind == V_ARRAY && first->kind == V_ARRAY && !dim_agree(v->dim, first->dim, &none, &dim))
    return arena_printf(ev->arena, "its field `%s` is %s, that of the first point %s", path,
                        value_kind_name(ev, v), value_kind_name(ev, first));
  if (v->kind != V_RECORD || first->kind != V_RECORD) return NULL;
  const char *dot = *path ? "." : "", *why = NULL;
  for (int k = 0; k < first->nfields; k++)
    if (!value_field(v, first->fields[k].name))
      return arena_printf(ev->arena, "it lacks the field `%s%s%s` of the first point", path, dot,
                          first->fields[k].name);
  for (int k = 0; k < v->nfields; k++)
    if (!value_field(first, v->fields[k].name))
      return arena_printf(ev->arena, "its field `%s%s%s` is not there at the first point", path,
                          dot, v->fields[k].name);
  for (int k = 0; k < v->nfields && !why; k++) {
    const char *name = v->fields[k].name;
    why = difference(ev, v->fields[k].value, value_field(first, name),
                     arena_printf(ev->arena, "%s%s%s", path, dot, name));
  }
  return why;
}

bool sweep_has_error(const Value *v) {
  if (v->kind == V_RECORD || v->kind == V_LIST)
    for (int k = 0; k < v->nfields; k++)
      if (sweep_has_error(v->fields[k].value)) return true;
  return v->kind == V_ERROR;
}

/* What stands where a point that failed has no value like this one: NaN for each number. */
static Value *stand_in(Ev *ev, const Value *like) {
  if (like->kind == V_ARRAY) return form_fill(ev, value_shape(like), NAN, like->dim, like->at);
  if (like->kind == V_STRING) return value_string(ev, "");
  if (like->kind != V_RECORD && like->kind != V_LIST) return &VALUE_NONE;
  Value *v = like->kind == V_RECORD ? value_record(ev, like->type, like->nfields)
                                    : value_list(ev, like->nfields);
  for (int k = 0; k < like->nfields; k++)
    value_set(v, k, like->fields[k].name, stand_in(ev, like->fields[k].value));
  return v;
}

/* v with stand-ins for what could not be computed. */
static Value *mended(Ev *ev, Value *v, const Value *like) {
  if (!sweep_has_error(v)) return v;
  if (v->kind != V_RECORD || like->kind != V_RECORD) return stand_in(ev, like);
  Value *r = value_record(ev, like->type, like->nfields);
  for (int k = 0; k < like->nfields; k++) {
    const Field *f = &like->fields[k];
    value_set(r, k, f->name, mended(ev, (Value *)value_field(v, f->name), f->value));
  }
  return r;
}

const char *sweep_difference(Ev *ev, const Sweep *sw, const Value *v) {
  return difference(ev, v, sw->first, "");
}

Value *sweep_record(Ev *ev, const Sweep *sw, Value *v) {
  bool strange = sweep_has_error(v) && v->kind == V_RECORD && sweep_difference(ev, sw, v);
  return strange ? stand_in(ev, sw->first) : mended(ev, v, sw->first);
}
