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

enum { FRAME = 1 << 20 }; /* bytes to be told at a time */

typedef struct Mine {
  int64_t point;
  double seconds;
} Mine;

typedef struct Shift {
  Ev *ev;
  Sweep *sw;
  const Ranks *ranks;
  Hooks hooks;
  VEC(Mine) mine;     /* those that this rank has computed */
  int64_t *order;     /* in which the points start */
  bool ranks_need_it; /* all of them what comes of it, not the first one alone */
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
  sweep_take(s->sw, i, out.at, out.n);
  *vec_push(s->sw->arena, &s->mine) = (Mine){i, seconds};
  if (s->ev->fail_fast && s->sw->told[i].failed) stop_all(s);
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

static void put_point(const Sweep *sw, const Mine *m, Bytes *out) {
  const Stashed *x = &sw->told[m->point].bytes;
  char *data = x->n ? stash_read(sw->stash, x) : NULL;
  size_t n = data ? x->n : 0; /* none: it is computed where it is needed */
  bytes_put(out, m, sizeof *m);
  bytes_put_int(out, (int64_t)n);
  bytes_put(out, data, n);
  mem_free(data);
}

static void take_points(Sweep *sw, const Bytes *in) {
  BytesReader r = {in->at, in->at + in->n};
  while (r.at < r.end) {
    Mine m;
    bytes_take(&r, &m, sizeof m);
    size_t n = (size_t)bytes_take_int(&r);
    sweep_took(sw, m.point, m.seconds);
    sweep_take(sw, m.point, r.at, n);
    r.at += n;
  }
}

/* The points of one rank, some at a time, to all others or to the first one. */
static void share_points(Shift *s, int from) {
  const Ranks *ranks = s->ranks;
  void (*share)(int, void *, size_t) = s->ranks_need_it ? ranks->share : ranks->give;
  bool own = from == ranks->rank;
  int64_t n;
  size_t k = 0;
  do {
    Bytes some = {0};
    for (; own && k < s->mine.n && some.n < FRAME; k++) put_point(s->sw, &s->mine.at[k], &some);
    n = (int64_t)some.n;
    share(from, &n, sizeof n);
    if (!own) some = (Bytes){.at = mem_reserve((size_t)n), .n = (size_t)n};
    if (n > 0) share(from, some.at, some.n);
    if (!own) take_points(s->sw, &some);
    bytes_free(&some);
  } while (n > 0);
}

static void share_all(Shift *s) {
  for (int from = 0; from < s->ranks->size; from++) {
    bool between = from == s->ranks->rank || s->ranks->rank == 0;
    if (s->ranks_need_it || (from > 0 && between)) share_points(s, from);
  }
  for (size_t k = 0; k < s->mine.n; k++)
    sweep_took(s->sw, s->mine.at[k].point, s->mine.at[k].seconds);
}

static int count_sweeps(const Ast *x) {
  int n = x->kind == AST_SWEEP;
  for (uint32_t i = 0; i < x->nkids; i++) n += x->kids[i] ? count_sweeps(x->kids[i]) : 0;
  return n;
}

/* Does no other sweep come after it? Then ranks but the first one need not have what comes of it,
   which is most of what they would hold. Only the plain case is seen: one sweep in all texts, which
   stands in no block that may be entered again. */
static bool is_last(const Ev *ev, const Sweep *sw) {
  int n = count_sweeps(ev->main_file);
  for (size_t i = 0; i < ev->trees.n; i++)
    if (ev->trees.items[i].value) n += count_sweeps(ev->trees.items[i].value);
  return n == 1 && !sw->inner && !ev->claiming && !ev->frames;
}

/* The first rank says it, as the others may find other times in the cache. */
static int64_t *agree_on_order(const Ranks *ranks, const Sweep *sw) {
  int64_t *order = ARENA_ARRAY(sw->arena, int64_t, sw->points);
  for (int64_t i = 0; i < sw->points; i++) order[i] = i;
  sweep_order(sw, order, sw->points);
  ranks->share(0, order, (size_t)sw->points * sizeof *order);
  return order;
}

bool sweep_over_ranks(Ev *ev, Sweep *sw, bool *left) {
  const Ranks *ranks = ev->ranks;
  if (!ranks->agree(fingerprint(ev, sw))) {
    ev_error(ev, E0232, sweep_where(sw),
             "the MPI ranks have come to different values before this sweep");
    return false;
  }
  Shift s = {.ev = ev, .sw = sw, .ranks = ranks, .hooks = ev->hooks};
  s.ranks_need_it = !is_last(ev, sw);
  sweep_listen(sw);
  s.order = agree_on_order(ranks, sw);
  sw->about = texts_of(ev, sw->arena);
  sw->apart = true;
  ranks->restart();
  ev->ranks = NULL;
  ev->hooks = (Hooks){.cancelled = asked, .ctx = &s};
  work_on(&s);
  ev->hooks = s.hooks;
  ev->ranks = ranks;
  share_all(&s);
  *left = !s.ranks_need_it && ranks->rank > 0;
  return true;
}
