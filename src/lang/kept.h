/* kept.h: results of earlier runs. The language is pure: what a call of a verb gives is a function
   of its arguments, the seed, the program and the machine's kernels. So the result of one that took
   long is kept in the cache (base/cache.h) under the digest of these, and when the same call comes
   again, what it gave is told (told.h) in place of computing it. */
#ifndef DYN_LANG_KEPT_H
#define DYN_LANG_KEPT_H

#include "lang/builtin.h"
#include "lang/digest.h"
#include "lang/told.h"

/* What became of one call, for `dynrun cache why`. */
typedef struct KeptAnswer {
  Where at;
  const char *verb, *text;
} KeptAnswer;

typedef struct Kept {
  Arena *arena;
  Cache *cache;
  const char *build, *machine; /* see run/identity.h */
  bool fresh;                  /* nothing is taken, what is computed is kept */
  bool asking;                 /* nothing that takes long is computed: answers instead */
  bool told_trouble;
  struct {
    int number, of; /* the share of the points of sweeps that this run computes; of = 0: all */
  } part;
  Cache **parts; /* those of other runs, to be read; `cache` is NULL then */
  int nparts;
  VEC(KeptAnswer) answers;
} Kept;

Kept *kept_open(Arena *a, const char *folder);
const char *kept_machine(Arena *a); /* Kept.machine of this one */

/* A question to the cache: the digest of what the answer depends on. */
typedef struct KeptKey {
  Digest digest;
  char text[SHA256_HEX];
  ToldAbout about;
  CacheHead head;
} KeptKey;

/* Begins a key with what all results depend on; `site`: the text of the call. */
void kept_key_begin(KeptKey *k, Ev *ev, Arena *a, const Ast *site);
/* False: there is none, k->digest.odd says why. */
bool kept_key_end(KeptKey *k, const char *what, Where at);

const char *kept_place(Arena *a, Where at); /* "ring.dyn:12" */

/* From the cache, or from those of the parts. */
CacheState kept_read(Kept *k, const char *key, CacheTake *take, void *ctx);

/* Calls a verb, or tells what it gave when it was called like this before. */
Value *kept_call(Ev *ev, Call *c);
/* Says once that the cache cannot be written, if so. */
void kept_warn(Ev *ev);
void kept_damaged(Ev *ev, Where at);
/* The time from which on results are worth keeping. */
extern const double KEPT_FROM; /* seconds */

#endif
