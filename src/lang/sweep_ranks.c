/* sweep_ranks.c: points of a sweep over the ranks of an MPI launcher. All of them evaluate the same
   file, so each knows all that a point needs. They take points from a counter that they share, the
   first rank too, and give what came of them to all, so that each goes on with the whole sweep. */
#include <string.h>

#include "base/map.h"
#include "base/ranks.h"
#include "lang/core.h"
#include "lang/digest.h"
#include "lang/sweep.h"

static const double PIECE = 0.01; /* seconds of work to be taken at a time */

typedef struct Shift {
  Ev *ev;
  Sweep *sw;
  const Ranks *ranks;
  Hooks hooks;
  Bytes told;     /* for each point: its number, its seconds, how many bytes, these */
  int64_t *order; /* in which the points start */
} Shift;

/* ---- what must be the same in all ranks ------------------------------------------------------ */

/* A digest of all that the points depend on. */
static uint64_t fingerprint(Ev *ev, const Sweep *sw) {
  Digest d;
  char key[SHA256_HEX] = "";
  Arena *a = arena_new();
  digest_begin(&d, ev, a);
  digest_text(&d, "the seed", arena_printf(a, "%llu", (unsigned long long)ev->seed));
  digest_tree(&d, "the sweep", sw->x, sw->scope);
  digest_end(&d, key);
  uint64_t hash = hash_bytes(key, strlen(key), (uint64_t)sw->points);
  arena_free(a);
  return hash | 1; /* 0 is what a rank says that leaves */
}

/* All texts: places in them are told between ranks by their numbers here. */
static const ToldAbout *texts_of(Ev *ev, Arena *a) {
  ToldAbout *about = ARENA_NEW(a, ToldAbout);
  about->same_texts = true;
  about->tree = ARENA_ARRAY(a, const Ast *, ev->trees.n + 1);
  about->tree[about->ntrees++] = ev->main_file;
  for (size_t i = 0; i < ev->trees.n; i++)
    if (ev->trees.items[i].value) about->tree[about->ntrees++] = ev->trees.items[i].value;
  return about;
}

/* ---- a share of the work --------------------------------------------------------------------- */

static bool asked(void *ctx) {
  Shift *s = ctx;
  s->ranks->progress();
  return s->hooks.cancelled && s->hooks.cancelled(s->hooks.ctx);
}

/* Nobody takes more. */
static void stop_all(const Shift *s) {
  s->ranks->take(s->sw->points);
}

static void work(Shift *s, int64_t i) {
  Bytes out = {0};
  double seconds = account_clock();
  sweep_tell(s->ev, s->sw, i, &out);
  seconds = account_clock() - seconds;
  bytes_put_int(&s->told, i);
  bytes_put(&s->told, &seconds, sizeof seconds);
  bytes_put_int(&s->told, (int64_t)out.n);
  bytes_put(&s->told, out.at, out.n);
  const Told told = {.data = out.at, .n = out.n};
  if (s->ev->fail_fast && sweep_told_failure(&told)) stop_all(s);
  bytes_free(&out);
}

static int64_t clamped(double x, double hi) {
  return (int64_t)(x < hi ? x : hi) + 1;
}

static void work_on(Shift *s) {
  Ev *ev = s->ev;
  int64_t points = s->sw->points, chunk = 1, from;
  while (!ev_stopped(ev) && (from = s->ranks->take(chunk)) < points) {
    int64_t to = from + chunk < points ? from + chunk : points;
    double began = account_clock();
    if (s->hooks.progress)
      s->hooks.progress(s->hooks.ctx, "sweep", (double)from / (double)points, "");
    for (int64_t i = from; i < to && !ev_stopped(ev); i++) work(s, s->order[i]);
    double each = (account_clock() - began) / (double)(to - from) + 1e-9;
    chunk = clamped(PIECE / each, (double)(points - to) / (4.0 * s->ranks->size));
  }
  if (ev->cancelled) stop_all(s);
}

/* ---- all together ---------------------------------------------------------------------------- */

static void take_share(Sweep *sw, const Bytes *told) {
  BytesReader r = {told->at, told->at + told->n};
  while (r.at < r.end) {
    int64_t i = bytes_take_int(&r);
    double seconds;
    bytes_take(&r, &seconds, sizeof seconds);
    sweep_took(sw, i, seconds);
    Told *t = &sw->told[i];
    t->n = (size_t)bytes_take_int(&r);
    t->data = mem_alloc(t->n + 1);
    bytes_take(&r, t->data, t->n);
  }
}

static void share_all(Shift *s) {
  for (int from = 0; from < s->ranks->size; from++) {
    bool own = from == s->ranks->rank;
    int64_t n = own ? (int64_t)s->told.n : 0;
    s->ranks->share(from, &n, sizeof n);
    Bytes theirs = own ? s->told : (Bytes){.at = mem_alloc((size_t)n + 1), .n = (size_t)n};
    s->ranks->share(from, theirs.at, theirs.n);
    take_share(s->sw, &theirs);
    bytes_free(&theirs);
  }
}

/* The first rank says it, as the others may find other times in the cache. */
static int64_t *agree_on_order(const Ranks *ranks, const Sweep *sw) {
  int64_t *order = ARENA_ARRAY(sw->arena, int64_t, sw->points);
  for (int64_t i = 0; i < sw->points; i++) order[i] = i;
  sweep_order(sw, order, sw->points);
  ranks->share(0, order, (size_t)sw->points * sizeof *order);
  return order;
}

bool sweep_over_ranks(Ev *ev, Sweep *sw) {
  const Ranks *ranks = ev->ranks;
  if (!ranks->agree(fingerprint(ev, sw))) {
    ev_error(ev, E0232, sweep_where(sw),
             "the MPI ranks have come to different values before this sweep");
    return false;
  }
  Shift s = {.ev = ev, .sw = sw, .ranks = ranks, .hooks = ev->hooks};
  s.order = agree_on_order(ranks, sw);
  sw->about = texts_of(ev, sw->arena);
  sw->apart = true;
  ranks->restart();
  ev->ranks = NULL;
  ev->hooks = (Hooks){.cancelled = asked, .ctx = &s};
  work_on(&s);
  ev->hooks = s.hooks;
  ev->ranks = ranks;
  sw->told = ARENA_ARRAY(sw->arena, Told, sw->points);
  share_all(&s);
  return true;
}
