/* sweep_point.c: one point of a sweep. It has a list of messages of its own, so that those of many
   points come in order and say at which point they arose. */
#include "lang/core.h"
#include "lang/sweep.h"

enum { FAILURES_SHOWN = 3 }; /* points whose errors are told in full; the others have .message */

void point_open(Ev *ev, PointLog *log) {
  log->outer = ev->diag;
  log->failed = ev->failed;
  diag_init(&log->own, ev->arena);
  ev->diag = &log->own;
  ev->failed = false;
}

/* ---- where it is ---- */

Where sweep_where(const Sweep *sw) {
  Where at = sw->axis[0].at, last = ast_where(sw->x->kids[sw->naxes]);
  at.span.end = last.span.end;
  return at;
}

Value **point_place(Ev *ev, const Sweep *sw, int64_t i) {
  Value **at = ARENA_ARRAY(ev->arena, Value *, sw->naxes + 1);
  for (int k = sw->naxes - 1; k >= 0; k--) {
    at[k] = ev_element(ev, sw->axis[k].values, i % sw->axis[k].n, sw->axis[k].at);
    i /= sw->axis[k].n;
  }
  return at;
}

const char *point_text(Ev *ev, const Sweep *sw, int64_t i) {
  const char *text = "";
  Value **at = point_place(ev, sw, i);
  for (int k = 0; k < sw->naxes; k++)
    text = arena_printf(ev->arena, "%s%s%s = %s", text, k ? ", " : "", sw->axis[k].name,
                        value_text(ev, at[k]));
  return text;
}

/* ---- its value ---- */

static Value *value_at(Ev *ev, const Sweep *sw, Value *const *at) {
  Scope *sc = scope_new(ev, sw->scope);
  for (int k = 0; k < sw->naxes; k++) scope_set(sc, sw->axis[k].name, at[k]);
  ev->claiming++;
  Value *v = ev_block(ev, sc, sw->x->kids[0]);
  ev->claiming--;
  return v;
}

static const char *first_error(Ev *ev, const DiagList *list) {
  for (const Diag *d = list->first; d; d = d->next)
    if (d->level == DIAG_ERROR)
      return arena_printf(ev->arena, "%s [%s]", d->msg, diag_info(d->code)->code);
  return "it has no value";
}

static Value *checked(Ev *ev, const Sweep *sw, Value *v) {
  if (v->kind == V_ERROR || v->kind == V_RECORD || v->kind == V_UNKNOWN) return v;
  return ev_error(ev, E0210, ast_where(sw->x->kids[0]),
                  "the block of a sweep gives a record such as (a = a), not %s",
                  value_kind_name(ev, v));
}

Point point_evaluate(Ev *ev, const Sweep *sw, int64_t i) {
  Point p = {.value = checked(ev, sw, value_at(ev, sw, point_place(ev, sw, i)))};
  if (ev->failed || p.value->kind == V_ERROR) p.message = first_error(ev, ev->diag);
  return p;
}

Value *point_rehearse(Ev *ev, const Sweep *sw) {
  Value **at = ARENA_ARRAY(ev->arena, Value *, sw->naxes + 1);
  for (int k = 0; k < sw->naxes; k++) at[k] = any_row(ev, sw->axis[k].values, sw->axis[k].at);
  return checked(ev, sw, value_at(ev, sw, at));
}

/* ---- its messages ---- */

static void keep_note(Sweep *sw, Where at, const char *text) {
  *vec_push(sw->arena, &sw->notes) = (Note){at, arena_strdup(sw->arena, text)};
}

/* An error goes under that of the sweep, a warning to the run. */
static void pass_on(Ev *ev, Sweep *sw, int64_t i, const Diag *d) {
  if (d->level != DIAG_ERROR && diag_is_there(ev->diag, d->code, d->at)) return;
  Diag *copy = d->level == DIAG_ERROR ? NULL : diag_add(ev->diag, d->code, d->at, "%s", d->msg);
  if (!copy && sw->failures < FAILURES_SHOWN)
    keep_note(sw, d->at,
              arena_printf(ev->arena, "at %s: %s [%s]", point_text(ev, sw, i), d->msg,
                           diag_info(d->code)->code));
  for (const Diag *n = d->notes; n; n = n->next) {
    if (copy)
      diag_note(ev->diag, copy, n->at, "%s", n->msg);
    else if (sw->failures < FAILURES_SHOWN)
      keep_note(sw, n->at, n->msg);
  }
}

void point_close(Ev *ev, Sweep *sw, int64_t i, PointLog *log, const char *message) {
  ev->diag = log->outer;
  ev->failed |= log->failed;
  for (const Diag *d = log->own.first; d; d = d->next) pass_on(ev, sw, i, d);
  sw->failures += message != NULL;
}

void point_report(Ev *ev, const Sweep *sw, const char *then) {
  Diag *d = ev_report(ev, E0222, sweep_where(sw), "%lld of %lld points of the sweep failed: %s",
                      (long long)sw->failures, (long long)sw->points, then);
  for (size_t k = 0; k < sw->notes.n; k++)
    diag_note(ev->diag, d, sw->notes.at[k].at, "%s", sw->notes.at[k].text);
}

/* Evaluates it, and keeps it for later runs. */
static Point evaluate_and_keep(Ev *ev, Sweep *sw, int64_t i) {
  Telling t;
  Bytes out = {0};
  telling_begin(&t, ev, sw->about, false);
  Point p = point_evaluate(ev, sw, i);
  if (telling_end(&t, p.value)) sweep_put(&out, &p, &t);
  sweep_keep(ev, sw, i, out.at, out.n);
  bytes_free(&out);
  telling_free(&t);
  return p;
}

Point point_compute(Ev *ev, Sweep *sw, int64_t i) {
  PointLog log;
  point_open(ev, &log);
  Point p = sw->keeps ? evaluate_and_keep(ev, sw, i) : point_evaluate(ev, sw, i);
  point_close(ev, sw, i, &log, p.message);
  return p;
}

Point point_lost(Ev *ev, Sweep *sw, int64_t i) {
  PointLog log;
  point_open(ev, &log);
  Point p = {.value = ev_error(ev, E0229, ast_where(sw->x->kids[0]),
                               "the process that computed it died, and so did the one that tried "
                               "it again")};
  p.message = first_error(ev, &log.own);
  point_close(ev, sw, i, &log, p.message);
  return p;
}
