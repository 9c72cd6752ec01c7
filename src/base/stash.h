/* stash.h: pieces of bytes that wait for their turn, in any number and of any size. So many bytes
   lie in memory, the others in a file without a name, in the folder that TMPDIR names, else in
   /var/tmp; where that cannot be written, in memory too. */
#ifndef DYN_BASE_STASH_H
#define DYN_BASE_STASH_H

#include "base/arena.h"

typedef struct Stash Stash;

typedef struct Stashed {
  char *data; /* NULL: there is nothing, or it is in the file */
  int64_t place;
  size_t n; /* 0: nothing */
} Stashed;

Stash *stash_new(size_t memory);
void stash_free(Stash *s); /* all was dropped; NULL is allowed */
Stashed stash_put(Stash *s, const void *data, size_t n);
/* A copy, from mem_alloc. It stays in the stash. NULL: it cannot be read back. */
char *stash_read(const Stash *s, const Stashed *x);
void stash_drop(Stash *s, Stashed *x);

#endif
