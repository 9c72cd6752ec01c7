/* mutate.h: texts made of other texts by small changes, reproducibly from a seed. */
#ifndef DYN_TESTS_MUTATE_H
#define DYN_TESTS_MUTATE_H

#include <stdint.h>

#include "base/vec.h"

typedef struct Text {
  const char *at;
  size_t n;
} Text;

typedef struct Corpus {
  VEC(Text) texts;
  VEC(Text) tokens; /* of all texts: what is put in the place of others */
} Corpus;

void corpus_add(Corpus *c, Arena *a, const char *text, size_t n);
/* Writes a text of at most `room` - 1 bytes and a NUL to `out`; returns its length. */
size_t mutate(const Corpus *c, uint64_t seed, char *out, size_t room);

#endif
