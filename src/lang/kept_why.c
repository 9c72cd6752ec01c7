/* kept_why.c: see kept_why.h. What differs is found by the facts of the entry that is most like the
   one that was asked for. */
#include "lang/kept_why.h"

#include <string.h>

#include "lang/core.h"
#include "lang/partial.h"

enum { NAMED_MOST = 4 }; /* differences */

static const CacheFact *same_fact(const CacheHead *h, const CacheFact *f) {
  for (size_t i = 0; i < h->nfacts; i++)
    if (strcmp(h->fact[i].name, f->name) == 0) return &h->fact[i];
  return NULL;
}

static bool differs(const CacheHead *theirs, const CacheFact *f) {
  const CacheFact *g = same_fact(theirs, f);
  return !g || memcmp(g->hash, f->hash, CACHE_FACT) != 0;
}

static size_t count_differences(const CacheHead *ours, const CacheHead *theirs) {
  size_t n = 0;
  for (size_t i = 0; i < ours->nfacts; i++) n += differs(theirs, &ours->fact[i]);
  return n;
}

static const char *differences(Arena *a, const CacheHead *ours, const CacheHead *theirs) {
  const char *text = "";
  int named = 0;
  for (size_t i = 0; i < ours->nfacts; i++) {
    if (!differs(theirs, &ours->fact[i])) continue;
    if (named++ < NAMED_MOST)
      text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", ours->fact[i].name);
  }
  if (named > NAMED_MOST) text = arena_printf(a, "%s and %d more", text, named - NAMED_MOST);
  return text;
}

static const char *why_absent(Ev *ev, const KeptKey *k) {
  size_t n, best = SIZE_MAX, fewest = SIZE_MAX;
  const CacheFile *files = cache_list(k->digest.arena, cache_folder(ev->kept->cache), &n);
  for (size_t i = 0; i < n; i++) {
    const CacheHead *h = &files[i].head;
    if (!h->what || strcmp(h->what, k->head.what) != 0) continue;
    size_t differ = count_differences(&k->head, h);
    if (differ < fewest) best = i, fewest = differ;
  }
  if (best == SIZE_MAX) return "computed: no such call is kept";
  return arena_printf(ev->kept->arena, "computed: of what is kept (%s), these differ: %s",
                      files[best].head.where,
                      differences(k->digest.arena, &k->head, &files[best].head));
}

/* ---- a call that may take its time, but not long --------------------------------------------- */

typedef struct Deadline {
  Hooks hooks;
  double at;
  bool passed;
} Deadline;

static bool is_late(void *ctx) {
  Deadline *d = ctx;
  d->passed |= account_clock() > d->at;
  return d->passed || (d->hooks.cancelled && d->hooks.cancelled(d->hooks.ctx));
}

/* NULL: it takes longer. */
static Value *quickly(Ev *ev, Call *c) {
  Deadline d = {.hooks = ev->hooks, .at = account_clock() + KEPT_FROM};
  ev->hooks = (Hooks){.cancelled = is_late, .ctx = &d};
  Value *v = c->fn->fn(ev, c);
  ev->hooks = d.hooks;
  if (d.passed) ev->cancelled = false;
  return d.passed ? NULL : v;
}

static void answer(Ev *ev, const Call *c, const char *text) {
  *vec_push(ev->kept->arena, &ev->kept->answers) =
      (KeptAnswer){c->at, c->fn->name, arena_strdup(ev->kept->arena, text)};
}

Value *kept_why(Ev *ev, Call *c, const KeptKey *k, bool known, Value *v) {
  if (v) {
    answer(ev, c, "from the cache");
    return v;
  }
  v = quickly(ev, c);
  if (v)
    answer(ev, c, "computed: it is too quick to be kept");
  else if (known)
    answer(ev, c, why_absent(ev, k));
  else
    answer(ev, c, arena_printf(k->digest.arena, "computed: not kept, for %s", k->digest.odd));
  if (v) return v;
  partial_leave(ev);
  return &VALUE_UNKNOWN;
}
