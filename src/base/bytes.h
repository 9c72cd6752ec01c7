/* bytes.h: a buffer that grows, and reading one back. For what processes of one program tell each
   other: numbers stand as they are in memory. */
#ifndef DYN_BASE_BYTES_H
#define DYN_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct Bytes {
  char *at;
  size_t n, cap;
} Bytes; /* from malloc: bytes_free */

void bytes_put(Bytes *b, const void *data, size_t n);
void bytes_put_int(Bytes *b, int64_t x);
void bytes_put_text(Bytes *b, const char *s); /* NULL is kept apart from "" */
void bytes_free(Bytes *b);

typedef struct BytesReader {
  const char *at, *end;
} BytesReader;

/* What is not there reads as zeros. */
void bytes_take(BytesReader *r, void *data, size_t n);
int64_t bytes_take_int(BytesReader *r);
const char *bytes_take_text(BytesReader *r, Arena *a);

#endif
