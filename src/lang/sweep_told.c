/* sweep_told.c: points of a sweep as bytes, for other processes. Places in the text come back as
   they are: the sources are the same. A point whose value is more than numbers and texts (a
   network, a figure), or which saves or draws something, is computed in the process that needs it,
   which gives the same. */
#include <string.h>

#include "lang/core.h"
#include "lang/sweep.h"

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
  int verbs;
  size_t claims, shown, timings;
  size_t figures, saved, results, converged, loaded; /* what only this process can keep */
  Timing *timing;
} Before;

static Before before(const Ev *ev) {
  Before b = {.verbs = ev->verbs,
              .claims = ev->claims.n,
              .shown = ev->shown.n,
              .timings = ev->timings.n,
              .figures = ev->figures.n,
              .saved = ev->saved.n,
              .results = ev->results.n,
              .converged = ev->converged.n,
              .loaded = ev->loaded.n};
  b.timing = mem_alloc(b.timings * sizeof *b.timing + 1);
  if (b.timings) memcpy(b.timing, ev->timings.at, b.timings * sizeof *b.timing);
  return b;
}

static bool leaves_others(const Ev *ev, const Before *was) {
  return ev->figures.n > was->figures || ev->saved.n > was->saved || ev->results.n > was->results ||
         ev->converged.n > was->converged || ev->loaded.n > was->loaded;
}

static void put_diags(Bytes *b, const DiagList *list) {
  int64_t n = 0;
  for (const Diag *d = list->first; d; d = d->next) n++;
  bytes_put_int(b, n);
  for (const Diag *d = list->first; d; d = d->next) {
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
      diag_note(ev->diag, d, at, "%s", bytes_take_text(r, ev->arena));
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

/* ---- a point -----------------------------------------------------------------------------------
 */

/* Takes the place of the evaluator's hooks while a point is computed ahead of its turn. */
typedef struct Teller {
  Hooks hooks;
  Bytes printed;
  int64_t prints;
} Teller;

static void keep_print(void *ctx, const char *text) {
  Teller *t = ctx;
  t->prints++;
  bytes_put_text(&t->printed, text);
}

static void pass_progress(void *ctx, const char *what, double done, const char *detail) {
  Teller *t = ctx;
  if (t->hooks.progress) t->hooks.progress(t->hooks.ctx, what, done, detail);
}

static bool pass_cancelled(void *ctx) {
  Teller *t = ctx;
  return t->hooks.cancelled && t->hooks.cancelled(t->hooks.ctx);
}

static void put_point(Bytes *out, const Ev *ev, const Point *p, const PointLog *log,
                      const Teller *t, const Before *was) {
  bytes_put_text(out, p->message);
  bytes_put_int(out, ev->verbs - was->verbs);
  put_diags(out, &log->own);
  put_claims(out, ev, was->claims);
  bytes_put_int(out, t->prints);
  bytes_put(out, t->printed.at, t->printed.n);
  put_shown(out, ev, was->shown);
  put_timings(out, ev, was);
  put_value(out, p->value);
}

/* What the point leaves in the lists of the evaluator is taken back: it comes with the bytes. */
static void take_back(Ev *ev, const Before *was, const PointLog *log) {
  ev->diag = log->outer;
  ev->failed = log->failed;
  ev->verbs = was->verbs;
  ev->claims.n = was->claims;
  ev->shown.n = was->shown;
  ev->timings.n = was->timings;
  if (was->timings) memcpy(ev->timings.at, was->timing, was->timings * sizeof *was->timing);
  ev->figures.n = was->figures;
  ev->saved.n = was->saved;
  ev->results.n = was->results;
  ev->converged.n = was->converged;
  ev->loaded.n = was->loaded;
}

void sweep_tell(Ev *ev, Sweep *sw, int64_t i, Bytes *out) {
  Teller t = {.hooks = ev->hooks};
  Before was = before(ev);
  PointLog log;
  Arena *outer = scratch_begin(ev);
  ev->hooks = (Hooks){keep_print, pass_progress, pass_cancelled, &t};
  point_open(ev, &log);
  Point p = point_evaluate(ev, sw, i, &log);
  bool whole = value_is_plain(p.value) && p.value->kind != V_UNKNOWN && !ev->cancelled;
  if (whole && !leaves_others(ev, &was)) put_point(out, ev, &p, &log, &t, &was);
  take_back(ev, &was, &log);
  ev->hooks = t.hooks;
  bytes_free(&t.printed);
  mem_free(was.timing);
  scratch_end(ev, outer, &VALUE_NONE);
}

bool sweep_told_failure(const Told *t) {
  BytesReader r = {t->data, t->data + t->n};
  return t->lost || (t->n > 0 && bytes_take_int(&r) >= 0);
}

Point sweep_hear(Ev *ev, Sweep *sw, int64_t i, const char *data, size_t n) {
  BytesReader r = {data, data + n};
  PointLog log;
  point_open(ev, &log);
  Point p = {.message = bytes_take_text(&r, ev->arena)};
  ev->failed = p.message != NULL;
  ev->verbs += (int)bytes_take_int(&r);
  take_diags(ev, &r);
  take_claims(ev, &r);
  for (int64_t prints = bytes_take_int(&r); prints > 0; prints--) {
    const char *text = bytes_take_text(&r, ev->arena);
    if (ev->hooks.print) ev->hooks.print(ev->hooks.ctx, text);
  }
  take_shown(ev, &r);
  take_timings(ev, &r);
  p.value = take_value(ev, &r);
  point_close(ev, sw, i, &log, p.message);
  return p;
}
