/* sweep_ahead.c: points of a sweep in other processes. They are forked when the sweep has shown
   that it takes its time, so they know all that this one knows; a point comes back as bytes. */
#include <string.h>

#include "base/workers.h"
#include "lang/core.h"
#include "lang/sweep.h"

static const double PATIENCE = 0.03, PIECE = 0.005; /* seconds: before a fork; of work at a time */

typedef struct Worker {
  Ev *ev;
  Sweep *sw;
  int64_t told;
  int64_t *todo; /* the points that nobody has told yet */
} Worker;

/* ---- in another process ------------------------------------------------------------------------
 */

static void prepare(void *ctx) {
  Worker *w = ctx;
  w->ev->workers = 1;
  w->ev->hooks = (Hooks){0};
}

static void work(void *ctx, int64_t k, Bytes *out) {
  Worker *w = ctx;
  sweep_tell(w->ev, w->sw, w->todo[k], out);
}

/* ---- in this one -------------------------------------------------------------------------------
 */

static bool tell(void *ctx, int64_t k, const char *data, size_t n) {
  Worker *w = ctx;
  int64_t i = w->todo[k];
  Told *t = &w->sw->told[i];
  t->lost = !data;
  t->n = n;
  t->data = mem_alloc(n + 1);
  if (n) memcpy(t->data, data, n);
  w->told++;
  Ev *ev = w->ev;
  if (data) sweep_keep(ev, w->sw, i, data, n);
  double done = (double)(w->sw->done + w->told) / (double)w->sw->points;
  if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "sweep", done, "");
  return !ev_stopped(ev) && !(ev->fail_fast && sweep_told_failure(t));
}

static bool tick(void *ctx) {
  Worker *w = ctx;
  return !ev_stopped(w->ev);
}

/* The points from sw->done on that are to be computed. */
static int64_t *to_do(const Sweep *sw) {
  int64_t n = 0, *todo = ARENA_ARRAY(sw->arena, int64_t, sw->points - sw->done + 1);
  for (int64_t i = sw->done; i < sw->points; i++)
    if (sw->told[i].n == 0) todo[n++] = i;
  return todo;
}

void sweep_ahead(Ev *ev, Sweep *sw) {
  int64_t left = sw->points - sw->done - sw->known, first = sw->computed;
  double spent = account_clock() - sw->began;
  if (sw->is_ahead || ev->workers < 2 || ev->trace || ev->converge || left < 2) return;
  if (first == 0 || spent < PATIENCE || spent / (double)first * (double)left < PATIENCE) return;
  double chunk = PIECE * (double)first / spent, most = (double)left / (4.0 * ev->workers);
  if (!sw->told) sw->told = ARENA_ARRAY(ev->arena, Told, sw->points);
  sw->is_ahead = true;
  Worker w = {.ev = ev, .sw = sw, .todo = to_do(sw)};
  Workers workers = {.processes = left < ev->workers ? (int)left : ev->workers,
                     .first = 0,
                     .last = left,
                     .chunk = (int64_t)(chunk < most ? chunk : most) + 1,
                     .begin = prepare,
                     .work = work,
                     .done = tell,
                     .tick = tick,
                     .ctx = &w};
  workers_run(&workers);
}

void sweep_forget(Sweep *sw) {
  for (int64_t i = 0; sw->told && i < sw->points; i++) mem_free(sw->told[i].data);
}
