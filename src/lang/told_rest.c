/* told_rest.c: messages, claims, prints and times of a computation as bytes, and all of it together
   (told.h). While it is told, the evaluator has a list of messages and hooks of its own. */
#include <string.h>

#include "lang/core.h"
#include "lang/load.h"
#include "lang/told_parts.h"

/* ---- messages -------------------------------------------------------------------------------- */

static void put_diags(Telling *t) {
  int64_t n = 0;
  for (const Diag *d = t->own.first; d; d = d->next) n++;
  bytes_put_int(&t->out, n);
  for (const Diag *d = t->own.first; d; d = d->next) {
    int64_t notes = 0;
    for (const Diag *note = d->notes; note; note = note->next) notes++;
    bytes_put_int(&t->out, d->code);
    told_put_place(t, d->at, true);
    bytes_put_text(&t->out, d->msg);
    bytes_put_int(&t->out, notes);
    for (const Diag *note = d->notes; note; note = note->next) {
      told_put_place(t, note->at, true);
      bytes_put_text(&t->out, note->msg);
    }
  }
}

static void take_diags(Hearing *h) {
  Ev *ev = h->ev;
  for (int64_t n = bytes_take_int(&h->bytes); n > 0; n--) {
    DiagCode code = (DiagCode)bytes_take_int(&h->bytes);
    Where at = told_take_place(h);
    Diag *d = diag_add(ev->diag, code, at, "%s", bytes_take_text(&h->bytes, ev->arena));
    for (int64_t notes = bytes_take_int(&h->bytes); notes > 0; notes--) {
      at = told_take_place(h);
      diag_note(ev->diag, d, at, "%s", bytes_take_text(&h->bytes, ev->arena));
    }
  }
}

/* ---- claims ---------------------------------------------------------------------------------- */

static void put_claims(Telling *t) {
  const Ev *ev = t->ev;
  bytes_put_int(&t->out, (int64_t)(ev->claims.n - t->was.claims));
  for (size_t i = t->was.claims; i < ev->claims.n; i++) {
    const Claim *c = &ev->claims.at[i];
    told_put_place(t, c->at, true);
    bytes_put_int(&t->out, c->held);
    bytes_put_text(&t->out, c->text);
    bytes_put_text(&t->out, c->why);
    bytes_put_text(&t->out, c->expected);
    bytes_put_text(&t->out, c->found);
  }
}

static void take_claims(Hearing *h) {
  Arena *a = h->ev->keep;
  for (int64_t n = bytes_take_int(&h->bytes); n > 0; n--) {
    Claim c = {.at = told_take_place(h)};
    c.held = bytes_take_int(&h->bytes);
    c.text = bytes_take_text(&h->bytes, a);
    c.why = bytes_take_text(&h->bytes, a);
    c.expected = bytes_take_text(&h->bytes, a);
    c.found = bytes_take_text(&h->bytes, a);
    *vec_push(a, &h->ev->claims) = c;
  }
}

/* ---- what was printed ------------------------------------------------------------------------ */

static void put_shown(Telling *t) {
  const Ev *ev = t->ev;
  bytes_put_int(&t->out, (int64_t)(ev->shown.n - t->was.shown));
  for (size_t i = t->was.shown; i < ev->shown.n; i++) {
    const Shown *s = &ev->shown.at[i];
    int64_t cells = s->text ? 0 : (s->rows + 1) * s->columns;
    bytes_put_text(&t->out, s->text);
    bytes_put_int(&t->out, s->rows);
    bytes_put_int(&t->out, s->columns);
    for (int64_t k = 0; k < cells; k++) bytes_put_text(&t->out, s->cell[k]);
  }
}

static void take_shown(Hearing *h) {
  Ev *ev = h->ev;
  for (int64_t n = bytes_take_int(&h->bytes); n > 0; n--) {
    const char *text = bytes_take_text(&h->bytes, ev->arena);
    int64_t rows = bytes_take_int(&h->bytes), columns = bytes_take_int(&h->bytes);
    int64_t cells = text ? 0 : (rows + 1) * columns;
    const char **cell = ARENA_ARRAY(ev->arena, const char *, cells + 1);
    for (int64_t k = 0; k < cells; k++) cell[k] = bytes_take_text(&h->bytes, ev->arena);
    if (text)
      account_text(ev, text);
    else
      account_table(ev, cell, rows, (int)columns);
  }
}

static void take_prints(Hearing *h) {
  const Hooks *hooks = &h->ev->hooks;
  for (int64_t n = bytes_take_int(&h->bytes); n > 0; n--) {
    const char *text = bytes_take_text(&h->bytes, h->ev->arena);
    if (hooks->print) hooks->print(hooks->ctx, text);
  }
}

/* ---- times and files ------------------------------------------------------------------------- */

static void put_timings(Telling *t) {
  const Ev *ev = t->ev;
  bytes_put_int(&t->out, (int64_t)ev->timings.n);
  for (size_t i = 0; i < ev->timings.n; i++) {
    Timing x = ev->timings.at[i];
    const Timing *was = i < t->was.timings ? &t->was.timing[i] : NULL;
    bool touched = !was || x.calls > was->calls || x.solver != was->solver;
    bytes_put_int(&t->out, touched);
    if (!touched) continue;
    x.calls -= was ? was->calls : 0;
    x.kept -= was ? was->kept : 0;
    x.seconds -= was ? was->seconds : 0;
    bytes_put_text(&t->out, x.name);
    told_put_place(t, x.at, true);
    bytes_put_int(&t->out, x.calls);
    bytes_put_int(&t->out, x.kept);
    bytes_put(&t->out, &x.seconds, sizeof x.seconds);
    bytes_put_text(&t->out, x.solver);
  }
}

static void take_timing(Hearing *h, bool kept) {
  Ev *ev = h->ev;
  double seconds;
  const char *name = bytes_take_text(&h->bytes, ev->arena);
  Where at = told_take_place(h);
  int64_t calls = bytes_take_int(&h->bytes), before = bytes_take_int(&h->bytes);
  bytes_take(&h->bytes, &seconds, sizeof seconds);
  const char *solver = bytes_take_text(&h->bytes, ev->arena);
  if (calls > 0) account_times(ev, name, at, calls, kept ? 0 : seconds, kept ? calls : before);
  if (solver) account_solver(ev, name, at, solver);
}

static void take_timings(Hearing *h, bool kept) {
  for (int64_t n = bytes_take_int(&h->bytes); n > 0; n--)
    if (bytes_take_int(&h->bytes)) take_timing(h, kept);
}

static void put_loaded(Telling *t) {
  const Ev *ev = t->ev;
  bytes_put_int(&t->out, (int64_t)(ev->loaded.n - t->was.loaded));
  for (size_t i = t->was.loaded; i < ev->loaded.n; i++) {
    bytes_put_text(&t->out, ev->loaded.at[i].path);
    bytes_put_text(&t->out, ev->loaded.at[i].name);
  }
}

static void take_loaded(Hearing *h) {
  Ev *ev = h->ev;
  for (int64_t n = bytes_take_int(&h->bytes); n > 0; n--) {
    const char *path = bytes_take_text(&h->bytes, ev->arena);
    const char *name = bytes_take_text(&h->bytes, ev->arena);
    if (path && name) load_note(ev, path, name);
  }
}

/* ---- what there was before ------------------------------------------------------------------- */

static Before before(const Ev *ev) {
  Before b = {.verbs = ev->verbs,
              .claims = ev->claims.n,
              .shown = ev->shown.n,
              .timings = ev->timings.n,
              .loaded = ev->loaded.n,
              .figures = ev->figures.n,
              .saved = ev->saved.n,
              .results = ev->results.n,
              .converged = ev->converged.n};
  b.timing = mem_alloc(b.timings * sizeof *b.timing + 1);
  if (b.timings) memcpy(b.timing, ev->timings.at, b.timings * sizeof *b.timing);
  return b;
}

static bool leaves_others(const Ev *ev, const Before *was) {
  return ev->figures.n > was->figures || ev->saved.n > was->saved || ev->results.n > was->results ||
         ev->converged.n > was->converged;
}

static void take_back(Ev *ev, const Before *was) {
  ev->verbs = was->verbs;
  ev->claims.n = was->claims;
  ev->shown.n = was->shown;
  ev->timings.n = was->timings;
  if (was->timings) memcpy(ev->timings.at, was->timing, was->timings * sizeof *was->timing);
  ev->loaded.n = was->loaded;
  ev->figures.n = was->figures;
  ev->saved.n = was->saved;
  ev->results.n = was->results;
  ev->converged.n = was->converged;
}

/* ---- hooks ----------------------------------------------------------------------------------- */

Diag *told_again(DiagList *to, Diag *d, Where by) {
  if (!d || !d->notes || d->level != DIAG_ERROR) return d;
  for (const Diag *x = d->notes; x; x = x->next)
    if (x->at.src == by.src && x->at.span.start == by.span.start) return d;
  return diag_add(to, d->code, by, "this ends as an earlier run: %s", d->msg);
}

/* Messages are given on while the computation goes on, too. */
static void give_messages(Telling *t) {
  const Diag *d = t->given ? t->given->next : t->own.first;
  for (; d && !t->apart; d = d->next) {
    const Diag *last = d->notes;
    while (last && last->next) last = last->next;
    Diag *copy = diag_add(t->outer, d->code, d->at, "%s", d->msg);
    if (last) copy = told_again(t->outer, copy, last->at);
    for (const Diag *n = d->notes; n; n = n->next) diag_note(t->outer, copy, n->at, "%s", n->msg);
  }
  t->given = t->own.last;
}

static void keep_print(void *ctx, const char *text) {
  Telling *t = ctx;
  t->prints++;
  bytes_put_text(&t->printed, text);
  give_messages(t);
  if (!t->apart && t->hooks.print) t->hooks.print(t->hooks.ctx, text);
}

static void pass_progress(void *ctx, const char *what, double done, const char *detail) {
  Telling *t = ctx;
  if (!ev_in_module(t->ev)) give_messages(t);
  if (t->hooks.progress) t->hooks.progress(t->hooks.ctx, what, done, detail);
}

static bool pass_cancelled(void *ctx) {
  Telling *t = ctx;
  return t->hooks.cancelled && t->hooks.cancelled(t->hooks.ctx);
}

/* ---- all ------------------------------------------------------------------------------------- */

void telling_begin(Telling *t, Ev *ev, const ToldAbout *about, bool apart) {
  *t = (Telling){.ev = ev, .about = about, .apart = apart};
  t->was = before(ev);
  t->had_failed = ev->failed;
  t->hooks = ev->hooks;
  t->outer = ev->diag;
  diag_init(&t->own, ev->arena);
  t->own.limit = ev->diag->limit;
  ev->diag = &t->own;
  ev->failed = false;
  ev->hooks = (Hooks){keep_print, pass_progress, pass_cancelled, t};
}

bool telling_end(Telling *t, const Value *v) {
  Ev *ev = t->ev;
  t->failed = ev->failed;
  t->mute |= leaves_others(ev, &t->was) || ev->cancelled;
  bytes_put_int(&t->out, 0); /* raw or not: it shows at the end */
  bytes_put_int(&t->out, ev->failed);
  bytes_put_int(&t->out, ev->verbs - t->was.verbs);
  put_diags(t);
  put_claims(t);
  bytes_put_int(&t->out, t->prints);
  bytes_put(&t->out, t->printed.at, t->printed.n);
  put_shown(t);
  put_timings(t);
  put_loaded(t);
  if (!t->mute) told_put_value(t, v);
  const int64_t raw = t->raw;
  memcpy(t->out.at, &raw, sizeof raw);
  ev->diag = t->outer;
  ev->hooks = t->hooks;
  ev->failed = t->had_failed || (t->failed && !t->apart);
  if (t->apart)
    take_back(ev, &t->was);
  else
    give_messages(t);
  return !t->mute;
}

void telling_free(Telling *t) {
  bytes_free(&t->out);
  bytes_free(&t->printed);
  mem_free(t->was.timing);
}

bool told_is_raw(const char *data, size_t n) {
  BytesReader r = {data, data + n};
  return bytes_take_int(&r) != 0;
}

Value *told(Ev *ev, const ToldAbout *about, const char *data, size_t n, bool kept) {
  Hearing h = {.ev = ev, .about = about, .bytes = {data, data + n}};
  bytes_take_int(&h.bytes); /* raw or not */
  ev->failed |= bytes_take_int(&h.bytes) != 0;
  ev->verbs += (int)bytes_take_int(&h.bytes);
  take_diags(&h);
  take_claims(&h);
  take_prints(&h);
  take_shown(&h);
  take_timings(&h, kept);
  take_loaded(&h);
  return told_take_value(&h);
}
