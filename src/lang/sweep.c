/* sweep.c: `sweep g in values, s < 10 { … record }`. */
#include "lang/sweep.h"

#include <string.h>

#include "lang/core.h"
#include "lang/form.h"

static bool open_axis(Ev *ev, Sweep *sw, const Ast *clause) {
  Axis *axis = &sw->axis[sw->naxes++];
  Where at = ast_where(clause->kids[0]);
  *axis = (Axis){.name = clause->name, .at = ast_name_where(clause)};
  Value *v = ev_expr(ev, sw->scope, clause->kids[0]);
  if (v->kind == V_ERROR) return false;
  for (int k = 0; k < sw->naxes - 1; k++)
    if (strcmp(sw->axis[k].name, axis->name) == 0)
      return ev_error(ev, E0203, axis->at, "two axes of the sweep are called `%s`", axis->name),
             false;
  axis->values = v;
  if (clause->op == AOP_IN) {
    axis->n = rows_of(ev, v, at);
    return axis->n != -2;
  }
  bool known;
  if (!ev_to_whole(ev, v, &axis->n, &known, at, "the number of points")) return false;
  if (!known) axis->n = EXTENT_UNKNOWN;
  if (known && axis->n < 0)
    return ev_error(ev, E0220, at, "the number of points must not be negative"), false;
  axis->values = form_iota(ev, axis->n);
  return axis->values->kind != V_ERROR;
}

/* ---- points ---- */

Value *sweep_point(Ev *ev, const Sweep *sw, Value *const *at) {
  Scope *sc = scope_new(ev, sw->scope);
  for (int k = 0; k < sw->naxes; k++) scope_set(sc, sw->axis[k].name, at[k]);
  ev->claiming++;
  Value *v = ev_block(ev, sc, sw->x->kids[0]);
  ev->claiming--;
  return v;
}

static const char *point_text(Ev *ev, const Sweep *sw, Value *const *at) {
  const char *text = "";
  for (int k = 0; k < sw->naxes; k++)
    text = arena_printf(ev->arena, "%s%s%s = %s", text, k ? ", " : "", sw->axis[k].name,
                        value_text(ev, at[k]));
  return text;
}

/* A record that can stand beside that of the first point? Reports if not. */
static bool fits_first(Ev *ev, const Sweep *sw, const Value *v, const Value *first,
                       Value *const *at) {
  Where where = ast_where(sw->x->kids[0]);
  if (v->kind == V_ERROR) return false;
  if (v->kind != V_RECORD) {
    ev_error(ev, E0210, where, "the block of a sweep gives a record such as (a = a), not %s",
             value_kind_name(ev, v));
    return false;
  }
  const char *odd = NULL;
  for (int k = 0; k < v->nfields && !odd; k++)
    if (!value_field(first, v->fields[k].name)) odd = v->fields[k].name;
  for (int k = 0; k < first->nfields && !odd; k++)
    if (!value_field(v, first->fields[k].name)) odd = first->fields[k].name;
  if (odd)
    ev_error(ev, E0222, where, "at %s the record differs from the first one in its field `%s`",
             point_text(ev, sw, at), odd);
  return !odd;
}

static Value *compute_point(Ev *ev, const Sweep *sw, Value *const *at) {
  Arena *outer = scratch_begin(ev);
  return scratch_end(ev, outer, sweep_point(ev, sw, at));
}

/* All points below the axes that are fixed so far, stacked. */
static Value *run_axis(Ev *ev, Sweep *sw, Value **at, int k, Value **first) {
  if (k == sw->naxes) {
    sweep_ahead(ev, sw);
    if (ev_stopped(ev)) return &VALUE_ERROR;
    Value *v = sweep_told(ev, sw);
    if (!v) v = compute_point(ev, sw, at);
    if (!*first) *first = v;
    if (!fits_first(ev, sw, v, *first, at)) return &VALUE_ERROR;
    sw->done++;
    if (ev->hooks.progress)
      ev->hooks.progress(ev->hooks.ctx, "sweep", (double)sw->done / (double)sw->points,
                         point_text(ev, sw, at));
    return v;
  }
  int64_t n = sw->axis[k].n;
  Value **v = ARENA_ARRAY(ev->arena, Value *, n + 1);
  for (int64_t i = 0; i < n; i++) {
    at[k] = ev_element(ev, sw->axis[k].values, i, sw->axis[k].at);
    v[i] = run_axis(ev, sw, at, k + 1, first);
    if (v[i]->kind == V_ERROR || ev_stopped(ev)) return &VALUE_ERROR;
  }
  return stack_values(ev, v, (int)n, ast_where(sw->x));
}

/* One point that stands for all, without numbers. */
static Value *rehearse_points(Ev *ev, const Sweep *sw) {
  Value **at = ARENA_ARRAY(ev->arena, Value *, sw->naxes + 1);
  for (int k = 0; k < sw->naxes; k++) at[k] = any_row(ev, sw->axis[k].values, sw->axis[k].at);
  Value *v = sweep_point(ev, sw, at);
  if (v->kind == V_UNKNOWN) return v;
  if (!fits_first(ev, sw, v, v, at)) return &VALUE_ERROR;
  for (int k = sw->naxes - 1; k >= 0; k--) v = repeat_rows(ev, v, sw->axis[k].n, ast_where(sw->x));
  return v;
}

/* ---- the result ---- */

static Value *with_axes(Ev *ev, const Sweep *sw, const Value *fields) {
  int n = fields->kind == V_RECORD ? fields->nfields : 0;
  Value *r = value_record(ev, "sweep", sw->naxes + n);
  r->at = ast_where(sw->x);
  for (int k = 0; k < sw->naxes; k++) {
    if (n && value_field(fields, sw->axis[k].name))
      return ev_error(ev, E0203, sw->axis[k].at,
                      "`%s` is an axis of the sweep and a field of its record", sw->axis[k].name);
    value_set(r, k, sw->axis[k].name, sw->axis[k].values);
  }
  for (int k = 0; k < n; k++)
    value_set(r, sw->naxes + k, fields->fields[k].name, fields->fields[k].value);
  return r;
}

Value *ev_sweep(Ev *ev, Scope *sc, const Ast *x) {
  if (ev->attempts) return ev_needs_value(ev, ast_where(x), "a sweep");
  Sweep sw = {.x = x, .scope = sc, .points = 1, .began = account_clock()};
  sw.axis = ARENA_ARRAY(ev->arena, Axis, x->nkids);
  for (uint32_t k = 1; k < x->nkids; k++)
    if (!open_axis(ev, &sw, x->kids[k])) return &VALUE_ERROR;
  for (int k = 0; k < sw.naxes; k++) sw.points *= sw.axis[k].n;
  if (!shape_affordable(ev, shape_vec(sw.points), ast_where(x))) return &VALUE_ERROR;
  Value *first = NULL;
  Value **at = ARENA_ARRAY(ev->arena, Value *, sw.naxes + 1);
  Value *v = ev->rehearse ? rehearse_points(ev, &sw) : run_axis(ev, &sw, at, 0, &first);
  sweep_forget(&sw);
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
  return with_axes(ev, &sw, v);
}
