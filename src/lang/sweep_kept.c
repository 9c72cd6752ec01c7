/* sweep_kept.c: points of a sweep that earlier runs have computed, and keeping those of this one.
   All points of a sweep lie under one key, of the block and what it uses; each has a tag, of its
   values of the axes, so that a point counts in a larger grid too. They go into a log as soon as
   they are computed: a sweep that is killed goes on where it was. */
#include <string.h>

#include "lang/core.h"
#include "lang/kept.h"
#include "lang/sweep.h"

static const double CHEAP = 1e-4; /* seconds: points that take less are computed again sooner */

/* A point that waits until the sweep has shown that it takes its time. */
typedef struct Waiting {
  int64_t point;
  char *data;
  size_t n;
} Waiting;

struct SweepKept {
  Arena *arena;
  KeptKey key;
  CacheLog *log; /* NULL: nothing is written yet */
  VEC(Waiting) waiting;
  Map found; /* from tags to Found * */
};

/* ---- keys ------------------------------------------------------------------------------------ */

/* The names of the axes stand for values that are digested point by point. */
static Scope *scope_without_axes(Ev *ev, const Sweep *sw) {
  Scope *sc = scope_new(ev, sw->scope);
  for (int k = 0; k < sw->naxes; k++) scope_set(sc, sw->axis[k].name, &VALUE_NONE);
  return sc;
}

static bool make_key(Ev *ev, Sweep *sw, SweepKept *kept) {
  kept_key_begin(&kept->key, ev, kept->arena, NULL);
  digest_tree(&kept->key.digest, "the sweep", sw->x->kids[0], scope_without_axes(ev, sw));
  return kept_key_end(&kept->key, "sweep", ast_where(sw->x));
}

bool sweep_tag(Ev *ev, const Sweep *sw, int64_t i, char hex[SHA256_HEX]) {
  Digest d;
  Arena *a = arena_new(), *outer = ev->arena;
  ev->arena = a;
  Value **at = point_place(ev, sw, i);
  digest_begin(&d, ev, a);
  for (int k = 0; k < sw->naxes; k++) digest_value(&d, sw->axis[k].name, at[k]);
  bool ok = digest_end(&d, hex);
  ev->arena = outer;
  arena_free(a);
  return ok;
}

/* ---- taking ---------------------------------------------------------------------------------- */

typedef struct Found {
  Stashed bytes;
  int64_t point; /* that has them; -1: none yet */
} Found;

static void take(void *ctx, const char *tag, const char *data, size_t n) {
  Sweep *sw = ctx;
  SweepKept *kept = sw->kept;
  const char *key = arena_strndup(kept->arena, tag, CACHE_TAG);
  if (map_has(&kept->found, key)) return;
  Found *f = ARENA_NEW(kept->arena, Found);
  sweep_listen(sw);
  *f = (Found){.bytes = stash_put(sw->stash, data, n), .point = -1};
  map_set(&kept->found, key, f);
}

/* Points may have the same values of the axes. */
static void give(Sweep *sw, int64_t i, Found *f) {
  if (f->point < 0) {
    sw->told[i].bytes = f->bytes;
    f->point = i;
  } else {
    char *data = stash_read(sw->stash, &f->bytes);
    if (!data) return;
    sweep_take(sw, i, data, f->bytes.n);
    mem_free(data);
  }
  sw->told[i].kept = true;
  sw->known++;
}

static void give_found(Ev *ev, Sweep *sw, const SweepKept *kept) {
  char tag[SHA256_HEX];
  if (kept->found.n == 0) return;
  for (int64_t i = 0; i < sw->points; i++) {
    if (!sweep_tag(ev, sw, i, tag)) break;
    tag[CACHE_TAG] = '\0';
    Found *f = map_get(&kept->found, tag);
    if (f) give(sw, i, f);
  }
  for (size_t k = 0; k < kept->found.n; k++) {
    Found *f = kept->found.items[k].value;
    if (f->point < 0) stash_drop(sw->stash, &f->bytes);
  }
}

void sweep_recall(Ev *ev, Sweep *sw) {
  if (!ev->kept || ev->trace || ev->tracer || ev->converge) return;
  SweepKept *kept = ARENA_NEW(sw->arena, SweepKept);
  *kept = (SweepKept){.arena = arena_new()};
  map_init(&kept->found, kept->arena);
  if (!make_key(ev, sw, kept)) {
    sw->odd = arena_strdup(sw->arena, kept->key.digest.odd);
    arena_free(kept->arena);
    return;
  }
  sw->kept = kept;
  sw->keeps = ev->kept->cache != NULL;
  sw->about = &kept->key.about;
  if (ev->kept->fresh) return;
  CacheState state = kept_read(ev->kept, kept->key.text, take, sw);
  if (state == CACHE_DAMAGED) kept_damaged(ev, sweep_where(sw));
  give_found(ev, sw, kept);
}

/* ---- keeping --------------------------------------------------------------------------------- */

static void write_point(Ev *ev, Sweep *sw, int64_t i, const char *data, size_t n) {
  char tag[SHA256_HEX];
  SweepKept *kept = sw->kept;
  if (!kept->log) kept->log = cache_log_new(ev->kept->cache, kept->key.text, &kept->key.head);
  if (sweep_tag(ev, sw, i, tag)) cache_log_add(kept->log, tag, data, n);
}

/* Those of a sweep that is over at once are not kept, but where others of it are. */
static void wait_for(SweepKept *kept, int64_t i, const char *data, size_t n) {
  char *copy = arena_alloc(kept->arena, n + 1);
  memcpy(copy, data, n);
  *vec_push(kept->arena, &kept->waiting) = (Waiting){i, copy, n};
}

void sweep_keep(Ev *ev, Sweep *sw, int64_t i, const char *data, size_t n) {
  SweepKept *kept = sw->kept;
  bool part = ev->kept && ev->kept->part.of > 0;
  double spent = account_clock() - sw->began;
  if (!sw->keeps || n == 0 || sweep_told_raw(data, n)) return;
  if (sweep_told_failure(data, n) && !part) return;
  if (spent < KEPT_FROM && !part && kept->found.n == 0) {
    wait_for(kept, i, data, n);
    return;
  }
  if (!kept->log && !part && spent < CHEAP * (double)kept->waiting.n) {
    sw->keeps = false;
    return;
  }
  for (size_t k = 0; k < kept->waiting.n; k++) {
    const Waiting *w = &kept->waiting.at[k];
    write_point(ev, sw, w->point, w->data, w->n);
  }
  kept->waiting.n = 0;
  write_point(ev, sw, i, data, n);
}

void sweep_keep_end(Ev *ev, Sweep *sw) {
  SweepKept *kept = sw->kept;
  if (!kept) return;
  cache_log_free(kept->log);
  arena_free(kept->arena);
  sw->kept = NULL;
  sw->about = NULL;
  kept_warn(ev);
}
