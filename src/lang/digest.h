/* digest.h: a digest of values and of what they depend on, the key under which a result is kept.
   Numbers count by their bits; a function, network or task by its text without layout and comments,
   its arguments, and the values of the names that it uses from around it, and so on through these.
   What counts is also listed by name, so that two digests can be compared in words. */
#ifndef DYN_LANG_DIGEST_H
#define DYN_LANG_DIGEST_H

#include "base/cache.h"
#include "lang/eval.h"

/* A declaration with the values that it holds; each is read once. */
typedef struct Declared {
  const char *name; /* what facts about it are called */
  const Ast *tree;
  Scope *scope;
  const void *holder; /* the Network, the Task or the fields of the value: which one it is */
  const Value *value; /* NULL: a tree alone */
} Declared;

typedef struct Digest {
  Ev *ev;
  Arena *arena;
  const char *fact; /* the one being made */
  Sha256 whole;
  VEC(CacheFact) facts;
  VEC(Declared) declared; /* in the order in which they were met */
  const char *odd;        /* what stands in the way of a digest; NULL: nothing */
  bool unknown;           /* it is a value that is not known */
} Digest;

void digest_begin(Digest *d, Ev *ev, Arena *a);
void digest_text(Digest *d, const char *name, const char *text);
void digest_value(Digest *d, const char *name, const Value *v); /* NULL: none was given */
/* The text of a call whose arguments are digested as values. */
void digest_site(Digest *d, const char *name, const Ast *x);
/* An expression or a block in a scope. */
void digest_tree(Digest *d, const char *name, const Ast *x, Scope *sc);
/* Reads all declarations that were met. False: d->odd says why there is no digest. */
bool digest_end(Digest *d, char key[SHA256_HEX]);

#endif
