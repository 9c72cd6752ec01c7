/* sweep.c: `sweep g in values, s < 10 { … record }`. */
#include "lang/sweep.h"

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
  if (!axis_extent(ev, axis, clause, v)) return false;
  if (axis->n == 0)
    ev_error(ev, E0230, ast_where(clause->kids[0]), "the axis `%s` of the sweep has no points",
             axis->name);
  return axis->n != 0;
}

/* ---- points ---- */

/* A record that cannot stand beside that of the first point is no value. */
static void judge(Ev *ev, Sweep *sw, int64_t i, Point *p) {
  if (!sw->first && !sweep_has_error(p->value)) sw->first = value_copy(sw->arena, p->value);
  if (!sw->first || p->value->kind == V_ERROR) return;
  const char *why = sweep_difference(ev, sw, p->value);
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
  if (t && t->bytes.n > 0) {
    sw->known -= t->kept;
    return sweep_hear(ev, sw, sw->done, t);
  }
  double began = account_clock();
  SweepWatch watch;
  sweep_watch(ev, sw, &watch);
  Point p = point_compute(ev, sw, sw->done);
  sweep_watch_end(ev, sw);
  sweep_took(sw, sw->done, account_clock() - began);
  return p;
}

/* Its record goes into the table; before there is a record to be like, it waits. */
static void enter(Ev *ev, Sweep *sw, int64_t i, Value *v) {
  if (!sw->first) {
    sw->point[i].value = value_copy(sw->arena, v);
    return;
  }
  for (; sw->entered < i; sw->entered++) {
    Value **waits = &sw->point[sw->entered].value;
    sweep_table_put(ev, sw, sw->entered, sweep_record(ev, sw, *waits));
    *waits = NULL;
  }
  sweep_table_put(ev, sw, sw->entered++, sweep_record(ev, sw, v));
}

/* The next point: computed, if it was not, and taken in. */
static void settle(Ev *ev, Sweep *sw) {
  int64_t i = sw->done;
  Arena *outer = scratch_begin(ev);
  Point p = next_point(ev, sw);
  judge(ev, sw, i, &p);
  if (p.message) sw->point[i].message = arena_strdup(sw->arena, p.message);
  enter(ev, sw, i, p.value);
  scratch_end(ev, outer, value_is_plain(p.value) ? &VALUE_NONE : p.value);
  if (sw->told) stash_drop(sw->stash, &sw->told[i].bytes);
  sw->done++;
  sw->stopped = p.message && ev->fail_fast;
}

void sweep_settle(Ev *ev, Sweep *sw) {
  while (sw->done < sw->points && !sw->stopped && !ev_stopped(ev) &&
         (sw->told[sw->done].lost || sw->told[sw->done].bytes.n > 0))
    settle(ev, sw);
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
  if (ev->ranks && !sweep_over_ranks(ev, sw, &sw->left)) return false;
  if (!ev->ranks) sweep_recall(ev, sw);
  if (sw->left) return !ev->cancelled;
  while (sw->done < sw->points && !sw->stopped) {
    sweep_ahead(ev, sw);
    if (ev_stopped(ev)) return false;
    if (sw->done < sw->points && !sw->stopped) settle(ev, sw);
    show_progress(ev, sw);
  }
  return !ev->cancelled;
}

/* One point that stands for all, without numbers. */
static Value *rehearse_points(Ev *ev, const Sweep *sw) {
  Value *v = point_rehearse(ev, sw);
  for (int k = sw->naxes - 1; k >= 0; k--) v = repeat_rows(ev, v, sw->axis[k].n, ast_where(sw->x));
  return v;
}

/* What depends on the points is left out of this run. */
static Value *leave_points(Ev *ev, const Sweep *sw) {
  partial_leave(ev);
  return rehearse_points(ev, sw);
}

/* The records of all points. */
static Value *perform_points(Ev *ev, Sweep *sw) {
  bool whole = run_points(ev, sw);
  sweep_ahead_end(sw);
  sweep_forget(sw);
  sweep_order_end(ev, sw);
  sweep_keep_end(ev, sw);
  if (!whole) return &VALUE_ERROR;
  if (sw->left) return leave_points(ev, sw);
  const char *then = sw->stopped  ? "it stopped there"
                     : !sw->first ? "none has a value"
                                  : "`.failed` says which, and `.message` why";
  if (sw->failures) point_report(ev, sw, then);
  return sw->stopped || !sw->first ? &VALUE_ERROR : sweep_table_value(ev, sw);
}

/* ---- the result ---- */

bool sweep_is_aside(const Value *record, const char *field) {
  if (!record->type || strcmp(record->type, SWEEP_TYPE) != 0) return false;
  return strcmp(field, SWEEP_FAILED) == 0 || strcmp(field, SWEEP_MESSAGE) == 0;
}

/* Which points failed, and why. */
static void set_failures(Ev *ev, const Sweep *sw, Value *r, int at) {
  Value *failed, *message = &VALUE_UNKNOWN;
  if (ev->rehearse) {
    Shape s = {.rank = sw->naxes};
    for (int k = 0; k < sw->naxes; k++) s.n[k] = sw->axis[k].n;
    failed = value_as_logical(ev, value_abstract(ev, s, DIM_ONE));
  } else {
    failed = sweep_failed(ev, sw);
    message = sweep_messages(ev, sw);
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
  return leave_points(ev, sw);
}

Value *ev_sweep(Ev *ev, Scope *sc, const Ast *x) {
  if (ev->attempts) return ev_needs_value(ev, ast_where(x), "a sweep");
  Sweep sw = {.arena = ev->arena,
              .inner = ev->passing > 0,
              .x = x,
              .scope = sc,
              .points = 1,
              .began = account_clock()};
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
