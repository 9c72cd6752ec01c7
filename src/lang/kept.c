/* kept.c: see kept.h. */
#include "lang/kept.h"

#include <gsl/gsl_version.h>
#include <string.h>

#include "lang/core.h"
#include "lang/kept_why.h"
#include "run/identity.h"

const double KEPT_FROM = 0.1;
static const double CHEAP = 0.01;        /* seconds: calls that take less are not looked up */
static const double LARGEST = 256 * 1e6; /* bytes of one result */
enum { CALLS_TRIED = 3 };                /* before a call counts as cheap */

const char *kept_machine(Arena *a) {
  return arena_printf(a, "%s, GSL %s", identity_machine(a), gsl_version);
}

Kept *kept_open(Arena *a, const char *folder) {
  Kept *k = ARENA_NEW(a, Kept);
  *k = (Kept){.arena = a, .cache = cache_open(a, folder)};
  k->build = identity_build(a);
  k->machine = kept_machine(a);
  return k;
}

/* ---- keys ------------------------------------------------------------------------------------ */

void kept_key_begin(KeptKey *k, Ev *ev, Arena *a, const Ast *site) {
  *k = (KeptKey){.digest = {0}};
  digest_begin(&k->digest, ev, a);
  digest_text(&k->digest, "the version of dynrun", ev->kept->build);
  digest_text(&k->digest, "the kernels and libraries", ev->kept->machine);
  digest_text(&k->digest, "--seed", arena_printf(a, "%llu", (unsigned long long)ev->seed));
  digest_text(&k->digest, "the name that it is given", ev->path);
  digest_text(&k->digest, "the imported file that it stands in", ev->module);
  if (site) digest_site(&k->digest, "the text of the call", site);
}

CacheState kept_read(Kept *k, const char *key, CacheTake *take, void *ctx) {
  CacheState state = k->cache ? cache_read(k->cache, key, take, ctx) : CACHE_ABSENT;
  for (int i = 0; i < k->nparts; i++) {
    CacheState other = cache_read(k->parts[i], key, take, ctx);
    if (other > state) state = other;
  }
  return state;
}

const char *kept_place(Arena *a, Where at) {
  int line = 0, column;
  if (!at.src) return "";
  source_line_col(at.src, at.span.start, &line, &column);
  return arena_printf(a, "%s:%d", at.src->name, line);
}

bool kept_key_end(KeptKey *k, const char *what, Where at) {
  Digest *d = &k->digest;
  if (!digest_end(d, k->text)) return false;
  const Ast **tree = ARENA_ARRAY(d->arena, const Ast *, d->declared.n + 1);
  for (size_t i = 0; i < d->declared.n; i++) tree[i] = d->declared.at[i].tree;
  k->about.tree = tree;
  k->about.ntrees = d->declared.n;
  k->head = (CacheHead){what, kept_place(d->arena, at), d->facts.at, d->facts.n};
  return true;
}

static void add_arguments(KeptKey *k, Ev *ev, const Call *c) {
  Arena *a = k->digest.arena;
  BuiltinParam p;
  const char *cursor = c->fn->signature;
  for (int i = 0; builtin_next_param(&cursor, &p) && !p.rest; i++)
    digest_value(&k->digest, builtin_param_name(ev, c->fn, i), c->arg[i]);
  for (int i = 0; i < c->nrest; i++) {
    const char *name = c->rest_name ? c->rest_name[i] : NULL;
    digest_value(&k->digest, name ? name : arena_printf(a, "argument %d", i + 1), c->rest[i]);
  }
  k->about.given = c->arg;
  k->about.ngiven = BUILTIN_MAX_ARGS;
}

static bool make_key(KeptKey *k, Ev *ev, const Call *c, Arena *a) {
  kept_key_begin(k, ev, a, ev->site);
  add_arguments(k, ev, c);
  return kept_key_end(k, c->fn->name, c->at);
}

/* ---- warnings -------------------------------------------------------------------------------- */

void kept_warn(Ev *ev) {
  const char *trouble = ev->kept->cache ? cache_trouble(ev->kept->cache) : NULL;
  if (!trouble || ev->kept->told_trouble) return;
  ev->kept->told_trouble = true;
  diag_add(ev->diag, W0720, (Where){0}, "results are not kept for later runs: %s", trouble);
}

void kept_damaged(Ev *ev, Where at) {
  diag_add(ev->diag, W0721, at, "what the cache holds for this is damaged; it is computed again");
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool at_site(const Ev *ev, const Call *c) {
  const Ast *x = ev->site;
  return x && x->src == c->at.src && x->span.start == c->at.span.start &&
         x->span.end == c->at.span.end;
}

/* Can it be looked up, and is that worth it? */
static bool is_askable(const Ev *ev, const Call *c) {
  if (!ev->kept || ev->rehearse || ev->trace || ev->tracer || ev->converge || ev->attempts ||
      !at_site(ev, c))
    return false;
  const Timing *t = account_at(ev, c->at);
  int64_t computed = t ? t->calls - t->kept : 0;
  return computed < CALLS_TRIED || t->seconds >= CHEAP * (double)computed;
}

static double bytes_of(const Value *v) {
  double bytes = v->kind == V_ARRAY ? 8.0 * (double)shape_count(value_shape(v)) : 0;
  for (int i = 0; i < v->nfields; i++) bytes += bytes_of(v->fields[i].value);
  return bytes;
}

static Value *compute(Ev *ev, Call *c, KeptKey *k) {
  Telling t;
  double begun = account_clock();
  telling_begin(&t, ev, &k->about, false);
  Value *v = c->fn->fn(ev, c);
  double seconds = account_clock() - begun;
  t.mute = !ev->kept->cache || seconds < KEPT_FROM || ev->failed || v->kind == V_ERROR ||
           bytes_of(v) > LARGEST;
  if (telling_end(&t, v) && !t.raw)
    cache_write(ev->kept->cache, k->text, &k->head, t.out.at, t.out.n);
  telling_free(&t);
  kept_warn(ev);
  return v;
}

typedef struct Taking {
  Ev *ev;
  const KeptKey *key;
  Value *v;
} Taking;

static void take(void *ctx, const char *tag, const char *data, size_t n) {
  Taking *t = ctx;
  (void)tag;
  if (!t->v) t->v = told(t->ev, &t->key->about, data, n, true);
}

/* NULL: nothing is kept. */
static Value *recall(Ev *ev, const Call *c, const KeptKey *k) {
  Taking t = {ev, k, NULL};
  if (ev->kept->fresh) return NULL;
  CacheState state = kept_read(ev->kept, k->text, take, &t);
  if (state == CACHE_DAMAGED) kept_damaged(ev, c->at);
  if (!t.v || t.v->kind == V_ERROR) return NULL;
  account_times(ev, c->fn->name, c->at, 0, 0, 1);
  return t.v;
}

Value *kept_call(Ev *ev, Call *c) {
  if (!is_askable(ev, c)) return c->fn->fn(ev, c);
  KeptKey k;
  Arena *a = arena_new();
  bool known = make_key(&k, ev, c, a);
  Value *v = known ? recall(ev, c, &k) : NULL;
  if (ev->kept->asking) v = kept_why(ev, c, &k, known, v);
  if (!v) v = known ? compute(ev, c, &k) : c->fn->fn(ev, c);
  arena_free(a);
  return v;
}
