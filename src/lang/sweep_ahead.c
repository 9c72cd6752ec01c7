/* sweep_ahead.c: points of a sweep in other processes. They are forked when the sweep has shown
   that it takes its time, so they know all that this one knows; a point comes back as bytes. That
   shows while a point is being computed here too, and this one asks, now and then, whether it is to
   stop: the others are forked there, and take the evaluator as it was before the point. */
#include <string.h>

#include "base/workers.h"
#include "lang/core.h"
#include "lang/kept.h"
#include "lang/sweep.h"

static const double PATIENCE = 0.03, PIECE = 0.005; /* seconds: before a fork; of work at a time */
static const double PAUSE = 0.005; /* seconds between two looks at what the others have done */
enum { DEEP = 1 << 20 };           /* bytes of C stack: no process begins so far below its sweep */

struct SweepAhead {
  Ev *ev;
  Sweep *sw;
  bool share;           /* they are for another run: kept, and not taken in here */
  int64_t before, told; /* points: settled before; told since then */
  int64_t *todo;        /* those that nobody has told yet */
  Workers workers;
  Pool *pool;
  double looked; /* when this process last had a look at the others */
  bool looks;    /* it does now: what is asked meanwhile is no reason for another */
};

/* The bytes of C stack that the point in work has used so far: the watch lies below it. */
static ptrdiff_t stack_used(const SweepWatch *t) {
  char here;
  return (const char *)t - &here;
}

/* ---- in another process ---------------------------------------------------------------------- */

static void prepare(void *ctx) {
  SweepAhead *w = ctx;
  const SweepWatch *watch = w->sw->watch;
  if (watch) *w->ev = watch->before;
  if (watch && w->ev->stack)
    w->ev->stack -= stack_used(watch); /* as deep as in the first process */
  w->ev->workers = 1;
  if (w->ev->kept) w->ev->kept->part.of = 0; /* sweeps in a point are computed whole */
  w->ev->hooks = (Hooks){0};
}

/* The time that it took, then what is told of it. */
static void work(void *ctx, int64_t k, Bytes *out) {
  SweepAhead *w = ctx;
  double seconds = account_clock();
  bytes_put(out, &seconds, sizeof seconds);
  sweep_tell(w->ev, w->sw, w->todo[k], out);
  seconds = account_clock() - seconds;
  memcpy(out->at, &seconds, sizeof seconds);
}

/* ---- in this one ----------------------------------------------------------------------------- */

/* What `work` has put there. */
static void take_told(SweepAhead *w, int64_t i, const char *data, size_t n) {
  double seconds;
  BytesReader r = {data, data + n};
  bytes_take(&r, &seconds, sizeof seconds);
  sweep_took(w->sw, i, seconds);
  n -= sizeof seconds;
  sweep_keep(w->ev, w->sw, i, r.at, n);
  sweep_take(w->sw, i, r.at, w->share ? 0 : n);
  w->sw->told[i].failed = sweep_told_failure(r.at, n);
}

static bool tell(void *ctx, int64_t k, const char *data, size_t n) {
  SweepAhead *w = ctx;
  Ev *ev = w->ev;
  Told *t = &w->sw->told[w->todo[k]];
  w->told++;
  t->lost = !data;
  if (data) take_told(w, w->todo[k], data, n);
  if (!w->share) sweep_settle(ev, w->sw);
  double done = (double)(w->before + w->told) / (double)w->sw->points;
  if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "sweep", done, "");
  return !ev_stopped(ev) && !(ev->fail_fast && (t->failed || t->lost));
}

static bool tick(void *ctx) {
  SweepAhead *w = ctx;
  return !ev_stopped(w->ev);
}

/* The points from `first` on that are to be computed, in the order in which they start. */
static int64_t *to_do(const Sweep *sw, int64_t first, int64_t *n) {
  int64_t *todo = ARENA_ARRAY(sw->arena, int64_t, sw->points - first + 1);
  *n = 0;
  for (int64_t i = first; i < sw->points; i++)
    if (sw->told[i].bytes.n == 0) todo[(*n)++] = i;
  sweep_order(sw, todo, *n);
  return todo;
}

/* The seconds of a point; 0: not known yet. */
static double expected(const Sweep *sw) {
  double spent = account_clock() - sw->began;
  if (sw->computed == 0) return sweep_took_before(sw);
  return spent < PATIENCE ? 0 : spent / (double)sw->computed;
}

/* Could others do something? */
static bool is_shareable(const Ev *ev, const Sweep *sw) {
  int64_t left = sw->points - sw->done - sw->known;
  return !sw->ahead && ev->workers > 1 && !ev->trace && !ev->converge && left > 1;
}

/* So many points are to be done, in pieces of `chunk`. */
static Workers workers_for(SweepAhead *w, int64_t n, int64_t chunk) {
  int most = w->ev->workers;
  return (Workers){.processes = n < most ? (int)n : most,
                   .last = n,
                   .chunk = chunk,
                   .begin = prepare,
                   .work = work,
                   .done = tell,
                   .tick = tick,
                   .ctx = w};
}

/* What others are to do, from point `first` on. */
static SweepAhead *ahead_new(Ev *ev, Sweep *sw, int64_t first, double each) {
  int64_t n;
  SweepAhead *w = sw->ahead = ARENA_NEW(sw->arena, SweepAhead);
  sweep_listen(sw);
  *w = (SweepAhead){.ev = ev, .sw = sw, .before = sw->done, .todo = to_do(sw, first, &n)};
  double chunk = PIECE / each, most = (double)n / (4.0 * ev->workers);
  w->workers = workers_for(w, n, (int64_t)(chunk < most ? chunk : most) + 1);
  return w;
}

void sweep_ahead(Ev *ev, Sweep *sw) {
  SweepAhead *w = sw->ahead;
  if (!w && is_shareable(ev, sw)) {
    double each = expected(sw), left = (double)(sw->points - sw->done - sw->known);
    if (each == 0 || each * left < PATIENCE) return;
    w = ahead_new(ev, sw, sw->done, each);
    w->pool = workers_start(&w->workers, w->workers.processes);
  }
  if (!w || !w->pool) return;
  int workers = ev->workers;
  ev->workers = 1; /* all are at work */
  workers_finish(w->pool);
  ev->workers = workers;
  sweep_ahead_end(sw);
}

void sweep_ahead_end(Sweep *sw) {
  if (!sw->ahead) return;
  workers_end(sw->ahead->pool);
  sw->ahead->pool = NULL;
}

/* ---- while a point is computed here ---------------------------------------------------------- */

/* Is the process amid something that the others would find half done, or have no stack to go on
   from? When others are looked at, one may have died, and another begins in its place. */
static bool is_amid(const SweepWatch *t) {
  const Ev *ev = t->ev;
  ptrdiff_t used = stack_used(t);
  return ev->trace || ev->tracer || ev->lazy || ev->attempts || used > DEEP || used < -DEEP;
}

static void begin(SweepWatch *t) {
  Ev *ev = t->ev;
  SweepAhead *w = ahead_new(ev, t->sw, t->sw->done + 1, PATIENCE);
  w->pool =
      workers_start(&w->workers, w->workers.processes - (w->workers.processes == ev->workers));
  ev->workers = 1; /* all are at work */
}

static void look(SweepWatch *t) {
  Sweep *sw = t->sw;
  if (is_amid(t)) return;
  double now = account_clock();
  if (!sw->ahead && t->ev->workers > 1 && now - sw->began >= PATIENCE) begin(t);
  SweepAhead *w = sw->ahead;
  if (!w || !w->pool || w->looks || now - w->looked < PAUSE) return;
  w->looks = true;
  workers_attend(w->pool);
  w->looks = false;
  w->looked = account_clock();
}

static void watch_print(void *ctx, const char *text) {
  SweepWatch *t = ctx;
  if (t->before.hooks.print) t->before.hooks.print(t->before.hooks.ctx, text);
}

static void watch_progress(void *ctx, const char *what, double done, const char *detail) {
  SweepWatch *t = ctx;
  const Hooks *h = &t->before.hooks;
  if (h->progress) h->progress(h->ctx, what, done, detail);
}

static bool watch_cancelled(void *ctx) {
  SweepWatch *t = ctx;
  const Hooks *h = &t->before.hooks;
  if (h->cancelled && h->cancelled(h->ctx)) return true;
  look(t);
  return false;
}

void sweep_watch(Ev *ev, Sweep *sw, SweepWatch *t) {
  if (!is_shareable(ev, sw)) return;
  *t = (SweepWatch){ev, sw, *ev};
  sw->watch = t;
  ev->hooks = (Hooks){watch_print, watch_progress, watch_cancelled, t};
}

void sweep_watch_end(Ev *ev, Sweep *sw) {
  if (!sw->watch) return;
  ev->hooks = sw->watch->before.hooks;
  if (sw->ahead) ev->workers = sw->watch->before.workers; /* else they work for an outer sweep */
  sw->watch = NULL;
}

/* ---- for other runs -------------------------------------------------------------------------- */

/* Every of-th point, so that the parts of a grid whose points take longer and longer are alike. */
static int64_t *share_of(const Sweep *sw, int number, int of, int64_t *n) {
  int64_t *todo = ARENA_ARRAY(sw->arena, int64_t, sw->points + 1);
  for (int64_t i = number - 1; i < sw->points; i += of)
    if (sw->told[i].bytes.n == 0) todo[(*n)++] = i;
  return todo;
}

/* A point that failed is told of when the parts are put together, unless it ends the sweep. */
static void check_share(Ev *ev, const Sweep *sw, int64_t i) {
  const Told *t = &sw->told[i];
  if (t->lost)
    ev_error(ev, E0229, sweep_where(sw),
             "the process that computed the point %s died, and so did the one that tried it again",
             point_text(ev, sw, i));
  else if (ev->fail_fast && t->failed)
    ev_error(ev, E0222, sweep_where(sw), "the point %s failed: the sweep stopped there",
             point_text(ev, sw, i));
}

void sweep_share(Ev *ev, Sweep *sw, int number, int of) {
  int64_t n = 0;
  sweep_listen(sw);
  SweepAhead w = {.ev = ev, .sw = sw, .share = true, .todo = share_of(sw, number, of, &n)};
  Workers workers = workers_for(&w, n, 1);
  if (n > 0 && !workers_run(&workers))
    ev_error(ev, E0229, sweep_where(sw), "no process could be started");
  for (int64_t k = 0; k < n; k++) check_share(ev, sw, w.todo[k]);
}

void sweep_forget(Sweep *sw) {
  for (int64_t i = 0; sw->told && i < sw->points; i++) stash_drop(sw->stash, &sw->told[i].bytes);
  stash_free(sw->stash);
  sw->stash = NULL;
}
