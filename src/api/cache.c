/* cache.c: what earlier runs have kept: where it is, and what there is to say about it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/help.h"
#include "api/part.h"
#include "base/cache.h"
#include "lang/kept.h"

static const double LARGEST = 4e9; /* bytes; what was used least recently goes first */

void dyn_set_cache(Dyn *d, const char *folder) {
  d->cache = folder ? arena_strdup(d->arena, folder) : NULL;
}

void dyn_set_fresh(Dyn *d, bool fresh) {
  d->fresh = fresh;
}

void api_open_cache(Dyn *d) {
  if (d->nparts) part_open(d);
  if (!d->cache || d->nparts) return;
  d->ev.kept = kept_open(d->work, d->cache);
  d->ev.kept->fresh = d->fresh;
}

void api_close_cache(Dyn *d) {
  const Kept *k = d->ev.kept;
  if (k && k->cache && cache_has_written(k->cache)) cache_prune(d->work, d->cache, LARGEST);
}

size_t dyn_cache_prune(Dyn *d, double bytes) {
  return d->cache ? cache_prune(d->work, d->cache, bytes) : 0;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static void put_entries(FILE *out, const void *what) {
  Dyn *d = (Dyn *)(uintptr_t)what;
  size_t n = 0;
  double bytes = 0;
  const CacheFile *f = cache_list(d->work, d->cache, &n);
  for (size_t i = 0; i < n; i++) {
    char used[32];
    time_t when = (time_t)f[i].used;
    struct tm local;
    strftime(used, sizeof used, "%Y-%m-%d %H:%M", localtime_r(&when, &local));
    bytes += (double)f[i].bytes;
    fprintf(out, "%.12s  %s  %9s  %-14s %s\n", f[i].key, used,
            mem_text(d->work, (double)f[i].bytes), f[i].head.what ? f[i].head.what : "?",
            f[i].head.where ? f[i].head.where : "of another version of dynrun");
  }
  fprintf(out, "%zu entr%s, %s, in %s\n", n, n == 1 ? "y" : "ies", mem_text(d->work, bytes),
          d->cache);
}

const char *dyn_cache_list(Dyn *d) {
  return d->cache ? help_text_of(d, put_entries, d) : NULL;
}

static void put_answers(FILE *out, const void *what) {
  const Kept *k = what;
  for (size_t i = 0; i < k->answers.n; i++) {
    const KeptAnswer *x = &k->answers.at[i];
    int line, column;
    source_line_col(x->at.src, x->at.span.start, &line, &column);
    fprintf(out, "%s:%d: %s: %s\n", x->at.src->name, line, x->verb, x->text);
  }
  if (k->answers.n == 0) fputs("The model calls no verb.\n", out);
}

const char *dyn_cache_why(Dyn *d) {
  if (!d->cache || !d->file) return NULL;
  api_begin(d);
  api_open_cache(d);
  d->ev.kept->asking = true;
  d->ev.hooks.print = NULL;
  d->ev.hooks.progress = NULL;
  if (ev_file(&d->ev, d->file, true)) return help_text_of(d, put_answers, d->ev.kept);
  api_show_diagnostics(d);
  return NULL;
}
