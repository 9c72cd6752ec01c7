/* sweep_order.c: which points of a sweep start first. Where several processes share the points, the
   longest start first, so that none is left to one process while the others have nothing to do (R.
   L. Graham, Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 17, 416, 1969). How
   long they take is known from earlier runs: it is kept under the name of the sweep and its axes,
   whatever the block says, as an edited block mostly keeps the long points long. Only the order
   depends on it. */
#include <stdlib.h>
#include <string.h>

#include "base/ranks.h"
#include "lang/core.h"
#include "lang/kept.h"
#include "lang/sweep.h"

static const double UNKNOWN_YET = -1;
static const double SHORT = 2e-3; /* seconds: where points take less, the order does not matter */

struct SweepOrder {
  Arena *arena;
  char key[SHA256_HEX];
  double *took;  /* seconds, of each point; UNKNOWN_YET */
  bool measured; /* some of them in this run */
};

/* ---- what earlier runs have kept ------------------------------------------------------------- */

static void describe(Digest *d, Ev *ev, const Sweep *sw, Arena *a) {
  digest_begin(d, ev, a);
  digest_text(d, "the times of the points of a sweep", "");
  digest_text(d, "its file", sweep_where(sw).src->name);
  digest_text(d, "the name that it is given", ev->path);
  for (int k = 0; k < sw->naxes; k++) digest_text(d, "an axis", sw->axis[k].name);
}

typedef struct Times {
  const char *data;
  Map at; /* from tags to their seconds */
  Arena *arena;
} Times;

/* Tags, each followed by its seconds. */
static void take(void *ctx, const char *tag, const char *data, size_t n) {
  Times *times = ctx;
  const size_t size = CACHE_TAG + sizeof(double);
  (void)tag;
  for (size_t i = 0; i + size <= n; i += size) {
    double *seconds = ARENA_NEW(times->arena, double);
    memcpy(seconds, data + i + CACHE_TAG, sizeof *seconds);
    map_set(&times->at, arena_strndup(times->arena, data + i, CACHE_TAG), seconds);
  }
}

static void take_times(Ev *ev, Sweep *sw) {
  Times times = {.arena = arena_new()};
  char tag[SHA256_HEX];
  map_init(&times.at, times.arena);
  kept_read(ev->kept, sw->order->key, take, &times);
  for (int64_t i = 0; times.at.n > 0 && i < sw->points && sweep_tag(ev, sw, i, tag); i++) {
    tag[CACHE_TAG] = '\0';
    const double *seconds = map_get(&times.at, tag);
    if (seconds) sw->order->took[i] = *seconds;
  }
  arena_free(times.arena);
}

/* Not for sweeps in the points of another one or in an analysis, nor where the first failure ends
   the sweep, so that little is computed after it. */
void sweep_order_begin(Ev *ev, Sweep *sw) {
  if (!ev->kept || !ev->kept->cache || ev->kept->asking || ev->claiming || ev->fail_fast) return;
  if (ev->trace || ev->tracer || ev->converge) return;
  Digest d;
  SweepOrder *o = sw->order = ARENA_NEW(sw->arena, SweepOrder);
  *o = (SweepOrder){.arena = arena_new()};
  o->took = ARENA_ARRAY(o->arena, double, sw->points);
  for (int64_t i = 0; i < sw->points; i++) o->took[i] = UNKNOWN_YET;
  describe(&d, ev, sw, o->arena);
  if (!digest_end(&d, o->key)) {
    sweep_order_end(ev, sw);
    return;
  }
  if (!ev->kept->fresh && !(ev->ranks && ev->ranks->rank > 0)) take_times(ev, sw);
}

/* ---- the order ------------------------------------------------------------------------------- */

typedef struct Turn {
  int64_t point;
  double seconds;
} Turn;

/* Those that are not known come first, in their order: any of them may be the longest. */
static int compare_turns(const void *a, const void *b) {
  const Turn *x = a, *y = b;
  bool known_x = x->seconds >= 0, known_y = y->seconds >= 0;
  if (known_x != known_y) return known_x - known_y;
  if (x->seconds != y->seconds) return x->seconds < y->seconds ? 1 : -1;
  return (x->point > y->point) - (x->point < y->point);
}

void sweep_order(const Sweep *sw, int64_t *point, int64_t n) {
  if (!sw->order || n < 2) return;
  Arena *a = arena_new();
  Turn *turn = ARENA_ARRAY(a, Turn, n);
  for (int64_t i = 0; i < n; i++) turn[i] = (Turn){point[i], sw->order->took[point[i]]};
  qsort(turn, (size_t)n, sizeof *turn, compare_turns);
  for (int64_t i = 0; i < n; i++) point[i] = turn[i].point;
  arena_free(a);
}

/* ---- what this run has found ----------------------------------------------------------------- */

void sweep_took(Sweep *sw, int64_t i, double seconds) {
  if (!sw->order) return;
  sw->order->took[i] = seconds;
  sw->order->measured = true;
}

static double sum_of(const Sweep *sw, int64_t *n) {
  double sum = 0;
  for (int64_t i = *n = 0; i < sw->points; i++)
    if (sw->order->took[i] >= 0) sum += sw->order->took[i], (*n)++;
  return sum;
}

double sweep_took_before(const Sweep *sw) {
  int64_t n;
  double sum = sw->order ? sum_of(sw, &n) : 0;
  return sum > 0 ? sum / (double)n : 0;
}

static bool is_worth_keeping(const Sweep *sw) {
  int64_t n;
  double sum = sum_of(sw, &n);
  return sw->order->measured && n > 1 && sum >= KEPT_FROM && sum >= SHORT * (double)n;
}

static void write_times(Ev *ev, const Sweep *sw) {
  Digest d;
  Bytes out = {0};
  char key[SHA256_HEX], tag[SHA256_HEX];
  describe(&d, ev, sw, sw->order->arena);
  digest_end(&d, key);
  for (int64_t i = 0; i < sw->points && sweep_tag(ev, sw, i, tag); i++) {
    if (sw->order->took[i] < 0) continue;
    bytes_put(&out, tag, CACHE_TAG);
    bytes_put(&out, &sw->order->took[i], sizeof(double));
  }
  CacheHead head = {"times", kept_place(sw->order->arena, sweep_where(sw)), d.facts.at, d.facts.n};
  cache_write(ev->kept->cache, key, &head, out.at, out.n);
  bytes_free(&out);
}

void sweep_order_end(Ev *ev, Sweep *sw) {
  if (!sw->order) return;
  if (is_worth_keeping(sw) && !(ev->ranks && ev->ranks->rank > 0)) write_times(ev, sw);
  arena_free(sw->order->arena);
  sw->order = NULL;
}
