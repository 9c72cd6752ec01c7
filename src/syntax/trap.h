/* trap.h: a place where the grammar cannot go on, and the mistakes that are known. */
#ifndef DYN_SYNTAX_TRAP_H
#define DYN_SYNTAX_TRAP_H

#include "syntax/token.h"

typedef struct Fault {
  Parser *p;
  const Token *tok, *prev, *next; /* in hand, before and behind it; prev and next may be tok */
  const Token *first;             /* of the statement */
  const Token *opener;            /* the `(` or `[` around tok in its statement, or NULL */
  bool in_body;                   /* the statement is one of a body */
  bool in_block;                  /* or one of a block */
  const char *found;
  const char *const *expected;
  size_t n;
} Fault;

Where fault_where(const Fault *f);
bool fault_expects(const Fault *f, const char *symbol); /* would this symbol fit? */
const char *fault_found(const Fault *f);                /* "name `x`", "the end of the line" */

/* "a number" as it is, "then" in backquotes. */
const char *fault_quoted(Arena *a, const char *symbol);

/* Tells the mistake and its mend; false if it is none of those that are known. */
bool trap_tell(const Fault *f);

#endif
