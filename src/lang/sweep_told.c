/* sweep_told.c: points of a sweep in other processes. They are forked when the sweep has shown that
   it takes its time, so they know all that this one knows; a point comes back as bytes. Places in
   the text come back as they are: sources are older than the fork. A point whose value is more than
   numbers and texts (a network, a figure), or which saves or draws something, is computed here
   again, which gives the same. */
#include <stdlib.h>
#include <string.h>

#include "base/workers.h"
#include "lang/core.h"
#include "lang/sweep.h"

static const double PATIENCE = 0.03, PIECE = 0.005; /* seconds: before a fork; of work at a time */

/* ---- values -----------------------------------------------------------------------------------
 */

static void put_value(Bytes *b, const Value *v) {
  bytes_put_int(b, v->kind);
  if (v->kind == V_STRING) {
    bytes_put_int(b, (int64_t)v->len);
    bytes_put(b, v->text, v->len);
  } else if (v->kind == V_ARRAY) {
    bytes_put(b, &v->tensor->shape, sizeof v->tensor->shape);
    bytes_put(b, &v->dim, sizeof v->dim);
    bytes_put_int(b, v->logical);
    bytes_put(b, v->tensor->data, (size_t)shape_count(v->tensor->shape) * sizeof(double));
  } else if (v->kind == V_RECORD || v->kind == V_LIST) {
    bytes_put_text(b, v->type);
    bytes_put_int(b, v->nfields);
    for (int i = 0; i < v->nfields; i++) {
      bytes_put_text(b, v->fields[i].name);
      put_value(b, v->fields[i].value);
    }
  }
}

static Value *take_array(Ev *ev, BytesReader *r) {
  Shape s;
  Dim d;
  bytes_take(r, &s, sizeof s);
  bytes_take(r, &d, sizeof d);
  bool logical = bytes_take_int(r);
  Tensor *t = tensor_new(ev->arena, s);
  bytes_take(r, t->data, (size_t)shape_count(s) * sizeof(double));
  Value *v = value_tensor(ev, t, d);
  v->logical = logical;
  return v;
}

static Value *take_value(Ev *ev, BytesReader *r) {
  ValueKind kind = (ValueKind)bytes_take_int(r);
  if (kind == V_ARRAY) return take_array(ev, r);
  if (kind == V_NONE) return &VALUE_NONE;
  if (kind == V_STRING) {
    int64_t n = bytes_take_int(r);
    char *text = ARENA_ARRAY(ev->arena, char, n + 1);
    bytes_take(r, text, (size_t)n);
    Value *v = value_string(ev, text);
    v->len = (size_t)n;
    return v;
  }
  if (kind != V_RECORD && kind != V_LIST) return &VALUE_ERROR;
  const char *type = bytes_take_text(r, ev->arena);
  int n = (int)bytes_take_int(r);
  Value *v = kind == V_RECORD ? value_record(ev, type, n) : value_list(ev, n);
  for (int i = 0; i < n; i++) {
    const char *name = bytes_take_text(r, ev->arena);
    value_set(v, i, name, take_value(ev, r));
  }
  return v;
}

/* ---- what a point leaves behind ----------------------------------------------------------------
 */

/* How much there was of everything before a point. */
typedef struct Before {
  const Diag *last;
  size_t claims, shown, timings;
  size_t others; /* of what only this process can keep */
  Timing *timing;
} Before;

static size_t count_others(const Ev *ev) {
  return ev->figures.n + ev->saved.n + ev->results.n + ev->converged.n + ev->loaded.n;
}

static Before before(const Ev *ev) {
  Before b = {ev->diag->last, ev->claims.n, ev->shown.n, ev->timings.n, count_others(ev), NULL};
  b.timing = mem_alloc(b.timings * sizeof *b.timing + 1);
  if (b.timings) memcpy(b.timing, ev->timings.at, b.timings * sizeof *b.timing);
  return b;
}

static void put_diags(Bytes *b, const Ev *ev, const Diag *last) {
  const Diag *first = last ? last->next : ev->diag->first;
  int64_t n = 0;
  for (const Diag *d = first; d; d = d->next) n++;
  bytes_put_int(b, n);
  for (const Diag *d = first; d; d = d->next) {
    int64_t notes = 0;
    for (const Diag *note = d->notes; note; note = note->next) notes++;
    bytes_put_int(b, d->code);
    bytes_put(b, &d->at, sizeof d->at);
    bytes_put_text(b, d->msg);
    bytes_put_int(b, notes);
    for (const Diag *note = d->notes; note; note = note->next) {
      bytes_put(b, &note->at, sizeof note->at);
      bytes_put_text(b, note->msg);
    }
  }
}

static void take_diags(Ev *ev, BytesReader *r) {
  for (int64_t n = bytes_take_int(r); n > 0; n--) {
    Where at;
    DiagCode code = (DiagCode)bytes_take_int(r);
    bytes_take(r, &at, sizeof at);
    Diag *d = diag_add(ev->diag, code, at, "%s", bytes_take_text(r, ev->arena));
    for (int64_t notes = bytes_take_int(r); notes > 0; notes--) {
      bytes_take(r, &at, sizeof at);
      const char *text = bytes_take_text(r, ev->arena);
      if (d) diag_note(ev->diag, d, at, "%s", text);
    }
  }
}

static void put_claims(Bytes *b, const Ev *ev, size_t from) {
  bytes_put_int(b, (int64_t)(ev->claims.n - from));
  for (size_t i = from; i < ev->claims.n; i++) {
    const Claim *c = &ev->claims.at[i];
    bytes_put(b, &c->at, sizeof c->at);
    bytes_put_int(b, c->held);
    bytes_put_text(b, c->text);
    bytes_put_text(b, c->why);
    bytes_put_text(b, c->expected);
    bytes_put_text(b, c->found);
  }
}

static void take_claims(Ev *ev, BytesReader *r) {
  Arena *a = ev->keep;
  for (int64_t n = bytes_take_int(r); n > 0; n--) {
    Claim c = {.held = false};
    bytes_take(r, &c.at, sizeof c.at);
    c.held = bytes_take_int(r);
    c.text = bytes_take_text(r, a);
    c.why = bytes_take_text(r, a);
    c.expected = bytes_take_text(r, a);
    c.found = bytes_take_text(r, a);
    *vec_push(a, &ev->claims) = c;
  }
}

static void put_shown(Bytes *b, const Ev *ev, size_t from) {
  bytes_put_int(b, (int64_t)(ev->shown.n - from));
  for (size_t i = from; i < ev->shown.n; i++) {
    const Shown *s = &ev->shown.at[i];
    int64_t cells = s->text ? 0 : (s->rows + 1) * s->columns;
    bytes_put_text(b, s->text);
    bytes_put_int(b, s->rows);
    bytes_put_int(b, s->columns);
    for (int64_t k = 0; k < cells; k++) bytes_put_text(b, s->cell[k]);
  }
}

static void take_shown(Ev *ev, BytesReader *r) {
  for (int64_t n = bytes_take_int(r); n > 0; n--) {
    const char *text = bytes_take_text(r, ev->arena);
    int64_t rows = bytes_take_int(r), columns = bytes_take_int(r);
    int64_t cells = text ? 0 : (rows + 1) * columns;
    const char **cell = ARENA_ARRAY(ev->arena, const char *, cells + 1);
    for (int64_t k = 0; k < cells; k++) cell[k] = bytes_take_text(r, ev->arena);
    if (text)
      account_text(ev, text);
    else
      account_table(ev, cell, rows, (int)columns);
  }
}

/* Names and places are older than the fork. */
static void put_timings(Bytes *b, const Ev *ev, const Before *was) {
  bytes_put_int(b, (int64_t)ev->timings.n);
  for (size_t i = 0; i < ev->timings.n; i++) {
    Timing t = ev->timings.at[i];
    if (i < was->timings) {
      t.calls -= was->timing[i].calls;
      t.seconds -= was->timing[i].seconds;
    }
    bytes_put(b, &t, sizeof t);
    bytes_put_text(b, t.calls > 0 ? t.solver : NULL);
  }
}

static void take_timings(Ev *ev, BytesReader *r) {
  for (int64_t n = bytes_take_int(r); n > 0; n--) {
    Timing t;
    bytes_take(r, &t, sizeof t);
    const char *solver = bytes_take_text(r, ev->arena);
    for (int64_t k = 0; k < t.calls; k++)
      account_time(ev, t.name, t.at, t.seconds / (double)t.calls);
    if (solver) account_solver(ev, t.name, t.at, solver);
  }
}

/* ---- in another process ------------------------------------------------------------------------
 */

typedef struct Worker {
  Ev *ev;
  Sweep *sw;
  bool forked; /* the first call in another process has prepared it */
  Bytes printed;
  int64_t prints;
} Worker;

static void keep_print(void *ctx, const char *text) {
  Worker *w = ctx;
  w->prints++;
  bytes_put_text(&w->printed, text);
}

static void settle(Worker *w) {
  if (w->forked) return;
  w->forked = true;
  w->ev->workers = 1;
  w->ev->hooks = (Hooks){.print = keep_print, .ctx = w};
}

/* The values of the axes at point i. */
static Value **place_of(Ev *ev, const Sweep *sw, int64_t i) {
  Value **at = ARENA_ARRAY(ev->arena, Value *, sw->naxes + 1);
  for (int k = sw->naxes - 1; k >= 0; k--) {
    at[k] = ev_element(ev, sw->axis[k].values, i % sw->axis[k].n, sw->axis[k].at);
    i /= sw->axis[k].n;
  }
  return at;
}

static void work(void *ctx, int64_t i, Bytes *out) {
  Worker *w = ctx;
  Ev *ev = w->ev;
  settle(w);
  Before was = before(ev);
  Arena *outer = scratch_begin(ev);
  bool failed = ev->failed;
  w->printed.n = 0;
  w->prints = 0;
  ev->failed = false;
  Value *v = sweep_point(ev, w->sw, place_of(ev, w->sw, i));
  if (value_is_plain(v) && v->kind != V_UNKNOWN && count_others(ev) == was.others) {
    bytes_put_int(out, ev->failed);
    put_diags(out, ev, was.last);
    put_claims(out, ev, was.claims);
    bytes_put_int(out, w->prints);
    bytes_put(out, w->printed.at, w->printed.n);
    put_shown(out, ev, was.shown);
    put_timings(out, ev, &was);
    put_value(out, v);
  }
  ev->failed = failed;
  mem_free(was.timing);
  scratch_end(ev, outer, &VALUE_NONE);
}

/* ---- in this one -------------------------------------------------------------------------------
 */

static bool tell(void *ctx, int64_t i, const char *data, size_t n) {
  Worker *w = ctx;
  Told *t = &w->sw->told[i];
  t->lost = !data;
  t->n = n;
  t->data = mem_alloc(n + 1);
  if (n) memcpy(t->data, data, n);
  w->sw->done++;
  Ev *ev = w->ev;
  if (ev->hooks.progress)
    ev->hooks.progress(ev->hooks.ctx, "sweep", (double)w->sw->done / (double)w->sw->points, "");
  return !ev_stopped(ev);
}

static bool tick(void *ctx) {
  Worker *w = ctx;
  return !ev_stopped(w->ev);
}

void sweep_ahead(Ev *ev, Sweep *sw) {
  int64_t left = sw->points - sw->done, first = sw->done;
  double spent = account_clock() - sw->began;
  if (sw->told || ev->workers < 2 || ev->trace || ev->converge || left < 2) return;
  if (first == 0 || spent < PATIENCE || spent / (double)first * (double)left < PATIENCE) return;
  double chunk = PIECE * (double)first / spent, most = (double)left / (4.0 * ev->workers);
  Worker w = {.ev = ev, .sw = sw};
  sw->told = ARENA_ARRAY(ev->arena, Told, sw->points);
  Workers workers = {.processes = left < ev->workers ? (int)left : ev->workers,
                     .first = first,
                     .last = sw->points,
                     .chunk = (int64_t)(chunk < most ? chunk : most) + 1,
                     .work = work,
                     .done = tell,
                     .tick = tick,
                     .ctx = &w};
  workers_run(&workers);
  sw->done = first;
}

Value *sweep_told(Ev *ev, Sweep *sw) {
  Told *t = sw->told ? &sw->told[sw->done] : NULL;
  if (t && t->lost)
    return ev_error(ev, E0229, ast_where(sw->x),
                    "the process that computed point %lld of the sweep died, and so did the one "
                    "that tried it again",
                    (long long)sw->done);
  if (!t || t->n == 0) return NULL;
  BytesReader r = {t->data, t->data + t->n};
  ev->failed |= bytes_take_int(&r);
  take_diags(ev, &r);
  take_claims(ev, &r);
  for (int64_t n = bytes_take_int(&r); n > 0; n--) {
    const char *text = bytes_take_text(&r, ev->arena);
    if (ev->hooks.print) ev->hooks.print(ev->hooks.ctx, text);
  }
  take_shown(ev, &r);
  take_timings(ev, &r);
  Value *v = take_value(ev, &r);
  mem_free(t->data);
  *t = (Told){0};
  return v;
}

void sweep_forget(Sweep *sw) {
  for (int64_t i = 0; sw->told && i < sw->points; i++) mem_free(sw->told[i].data);
}
