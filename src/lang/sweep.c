/* sweep.c: `sweep g in values, s < 10 { … record }`. */
#include "lang/sweep.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "lang/form.h"
#include "lang/kept.h"
#include "lang/partial.h"

/* The number of points along an axis: false if it is reported. */
static bool axis_extent(Ev *ev, Axis *axis, const Ast *clause, Value *v) {
  Where at = ast_where(clause->kids[0]);
  bool known;
  axis->values = v;
  if (clause->op == AOP_IN) {
    axis->n = rows_of(ev, v, at);
    return axis->n != -2;
  }
  if (!ev_to_whole(ev, v, &axis->n, &known, at, "the number of points")) return false;
  if (!known) axis->n = EXTENT_UNKNOWN;
  if (known && axis->n < 0)
    return ev_error(ev, E0220, at, "the number of points must not be negative"), false;
  axis->values = form_iota(ev, axis->n);
  return axis->values->kind != V_ERROR;
}

static bool open_axis(Ev *ev, Sweep *sw, const Ast *clause) {
  Axis *axis = &sw->axis[sw->naxes++];
  *axis = (Axis){.name = clause->name, .at = ast_name_where(clause)};
  Value *v = ev_expr(ev, sw->scope, clause->kids[0]);
  if (v->kind == V_ERROR) return false;
  for (int k = 0; k < sw->naxes - 1; k++)
    if (strcmp(sw->axis[k].name, axis->name) == 0)
      return ev_error(ev, E0203, axis->at, "two axes of the sweep are called `%s`", axis->name),
             false;
  if (!axis_extent(ev, axis, clause, v)) return false;
  if (axis->n == 0)
    ev_error(ev, E0230, ast_where(clause->kids[0]), "the axis `%s` of the sweep has no points",
             axis->name);
  return axis->n != 0;
}

/* ---- records of points ---- */

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

static bool has_error(const Value *v) {
  if (v->kind == V_RECORD || v->kind == V_LIST)
    for (int k = 0; k < v->nfields; k++)
      if (has_error(v->fields[k].value)) return true;
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
  if (!has_error(v)) return v;
  if (v->kind != V_RECORD || like->kind != V_RECORD) return stand_in(ev, like);
  Value *r = value_record(ev, like->type, like->nfields);
  for (int k = 0; k < like->nfields; k++) {
    const Field *f = &like->fields[k];
    value_set(r, k, f->name, mended(ev, (Value *)value_field(v, f->name), f->value));
  }
  return r;
}

/* ---- points ---- */

/* A record that cannot stand beside that of the first point is no value. */
static void judge(Ev *ev, Sweep *sw, int64_t i) {
  Point *p = &sw->point[i];
  if (!sw->first && !has_error(p->value)) sw->first = p->value;
  if (!sw->first || p->value->kind == V_ERROR) return;
  const char *why = difference(ev, p->value, sw->first, "");
  if (!why) return;
  p->value = &VALUE_ERROR;
  if (p->message) return;
  PointLog log;
  point_open(ev, &log);
  ev_error(ev, E0222, ast_where(sw->x->kids[0]), "the record cannot be stacked: %s", why);
  p->message = arena_printf(ev->arena, "%s [E0222]", log.own.first->msg);
  point_close(ev, sw, i, &log, p->message);
}

static Point next_point(Ev *ev, Sweep *sw) {
  Told *t = sw->told ? &sw->told[sw->done] : NULL;
  if (t && t->lost) return point_lost(ev, sw, sw->done);
  sw->computed += !t || !t->kept;
  if (!t || t->n == 0) {
    double began = account_clock();
    Point p = point_compute(ev, sw, sw->done);
    sweep_took(sw, sw->done, account_clock() - began);
    return p;
  }
  sw->known -= t->kept;
  Point p = sweep_hear(ev, sw, sw->done, t);
  mem_free(t->data);
  *t = (Told){0};
  return p;
}

static void show_progress(Ev *ev, Sweep *sw) {
  const double interval = 0.05;
  double now = account_clock();
  if (!ev->hooks.progress || now - sw->shown < interval) return;
  sw->shown = now;
  ev->hooks.progress(ev->hooks.ctx, "sweep", (double)sw->done / (double)sw->points,
                     sw->failures ? arena_printf(ev->arena, "%lld failed", (long long)sw->failures)
                                  : point_text(ev, sw, sw->done - 1));
}

/* False: interrupted, or an error is reported. */
static bool run_points(Ev *ev, Sweep *sw) {
  sw->point = ARENA_ARRAY(ev->arena, Point, sw->points);
  sweep_order_begin(ev, sw);
  if (ev->ranks && !sweep_over_ranks(ev, sw)) return false;
  if (!ev->ranks) sweep_recall(ev, sw);
  for (int64_t i = 0; i < sw->points; i++) {
    sweep_ahead(ev, sw);
    if (ev_stopped(ev)) return false;
    sw->point[i] = next_point(ev, sw);
    judge(ev, sw, i);
    sw->done++;
    show_progress(ev, sw);
    if (sw->point[i].message && ev->fail_fast) break;
  }
  return !ev->cancelled;
}

static Value *point_record(Ev *ev, const Sweep *sw, int64_t i) {
  Value *v = sw->point[i].value;
  bool strange = has_error(v) && v->kind == V_RECORD && difference(ev, v, sw->first, "");
  return strange ? stand_in(ev, sw->first) : mended(ev, v, sw->first);
}

/* What `of` gives for each point, stacked along the axes from k on; `at` is the first point. */
static Value *stack_points(Ev *ev, const Sweep *sw, int k, int64_t at,
                           Value *(*of)(Ev *ev, const Sweep *sw, int64_t i)) {
  if (k == sw->naxes) return of(ev, sw, at);
  int64_t n = sw->axis[k].n, below = 1;
  for (int j = k + 1; j < sw->naxes; j++) below *= sw->axis[j].n;
  Value **v = ARENA_ARRAY(ev->arena, Value *, n);
  for (int64_t i = 0; i < n; i++) v[i] = stack_points(ev, sw, k + 1, at + i * below, of);
  return stack_values(ev, v, (int)n, ast_where(sw->x));
}

/* The records of all points. */
static Value *perform_points(Ev *ev, Sweep *sw) {
  bool whole = run_points(ev, sw);
  sweep_forget(sw);
  sweep_order_end(ev, sw);
  sweep_keep_end(ev, sw);
  if (!whole) return &VALUE_ERROR;
  bool stopped = sw->done < sw->points;
  const char *then = stopped      ? "it stopped there"
                     : !sw->first ? "none has a value"
                                  : "`.failed` says which, and `.message` why";
  if (sw->failures) point_report(ev, sw, then);
  return stopped || !sw->first ? &VALUE_ERROR : stack_points(ev, sw, 0, 0, point_record);
}

/* One point that stands for all, without numbers. */
static Value *rehearse_points(Ev *ev, const Sweep *sw) {
  Value *v = point_rehearse(ev, sw);
  for (int k = sw->naxes - 1; k >= 0; k--) v = repeat_rows(ev, v, sw->axis[k].n, ast_where(sw->x));
  return v;
}

/* ---- the result ---- */

bool sweep_is_aside(const Value *record, const char *field) {
  if (!record->type || strcmp(record->type, SWEEP_TYPE) != 0) return false;
  return strcmp(field, SWEEP_FAILED) == 0 || strcmp(field, SWEEP_MESSAGE) == 0;
}

static Value *failed_of(Ev *ev, const Sweep *sw, int64_t i) {
  return value_bool(ev, sw->point[i].message != NULL);
}

static Value *message_of(Ev *ev, const Sweep *sw, int64_t i) {
  return value_string(ev, sw->point[i].message ? sw->point[i].message : "");
}

/* Which points failed, and why. */
static void set_failures(Ev *ev, const Sweep *sw, Value *r, int at) {
  Value *failed, *message = &VALUE_UNKNOWN;
  if (ev->rehearse) {
    Shape s = {.rank = sw->naxes};
    for (int k = 0; k < sw->naxes; k++) s.n[k] = sw->axis[k].n;
    failed = value_as_logical(ev, value_abstract(ev, s, DIM_ONE));
  } else {
    failed = stack_points(ev, sw, 0, 0, failed_of);
    message = stack_points(ev, sw, 0, 0, message_of);
  }
  value_set(r, at, SWEEP_FAILED, failed);
  value_set(r, at + 1, SWEEP_MESSAGE, message);
}

static bool name_is_free(Ev *ev, const Value *fields, const char *name, Where at,
                         const char *what) {
  if (!value_field(fields, name)) return true;
  ev_error(ev, E0203, at, "`%s` is %s and a field of its record", name, what);
  return false;
}

/* The axes, the fields of the records, and what failed. */
static Value *with_axes(Ev *ev, const Sweep *sw, const Value *fields) {
  int n = fields->nfields;
  Value *r = value_record(ev, SWEEP_TYPE, sw->naxes + n + 2);
  r->at = ast_where(sw->x);
  for (int k = 0; k < sw->naxes; k++) {
    const Axis *axis = &sw->axis[k];
    if (!name_is_free(ev, fields, axis->name, axis->at, "an axis of the sweep"))
      return &VALUE_ERROR;
    value_set(r, k, axis->name, axis->values);
  }
  for (int k = 0; k < 2; k++)
    if (!name_is_free(ev, fields, k ? SWEEP_MESSAGE : SWEEP_FAILED, sweep_where(sw),
                      "a field that every sweep has"))
      return &VALUE_ERROR;
  for (int k = 0; k < n; k++)
    value_set(r, sw->naxes + k, fields->fields[k].name, fields->fields[k].value);
  set_failures(ev, sw, r, sw->naxes + n);
  return r;
}

/* A part of the points is computed, for another run. */
static Value *perform_part(Ev *ev, Sweep *sw) {
  sweep_recall(ev, sw);
  if (sw->kept)
    sweep_share(ev, sw, ev->kept->part.number, ev->kept->part.of);
  else
    ev_error(ev, E0233, sweep_where(sw), "this sweep cannot be split into parts: %s", sw->odd);
  sweep_forget(sw);
  sweep_keep_end(ev, sw);
  if (ev->failed || ev->cancelled) return &VALUE_ERROR;
  partial_leave(ev);
  return rehearse_points(ev, sw);
}

Value *ev_sweep(Ev *ev, Scope *sc, const Ast *x) {
  if (ev->attempts) return ev_needs_value(ev, ast_where(x), "a sweep");
  Sweep sw = {.arena = ev->arena, .x = x, .scope = sc, .points = 1, .began = account_clock()};
  sw.axis = ARENA_ARRAY(ev->arena, Axis, x->nkids);
  for (uint32_t k = 1; k < x->nkids; k++)
    if (!open_axis(ev, &sw, x->kids[k])) return &VALUE_ERROR;
  for (int k = 0; k < sw.naxes; k++) sw.points *= sw.axis[k].n;
  if (!shape_affordable(ev, shape_vec(sw.points), ast_where(x))) return &VALUE_ERROR;
  bool part = ev->kept && ev->kept->part.of;
  Value *v = ev->rehearse ? rehearse_points(ev, &sw)
             : part       ? perform_part(ev, &sw)
                          : perform_points(ev, &sw);
  return v->kind == V_RECORD ? with_axes(ev, &sw, v) : v;
}
