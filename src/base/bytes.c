/* bytes.c: see bytes.h. */
#include "base/bytes.h"

#include <string.h>

void bytes_put(Bytes *b, const void *data, size_t n) {
  if (b->cap - b->n < n) {
    size_t cap = 2 * b->cap + n;
    char *at = mem_alloc(cap);
    if (b->n) memcpy(at, b->at, b->n);
    mem_free(b->at);
    b->at = at;
    b->cap = cap;
  }
  if (n) memcpy(b->at + b->n, data, n);
  b->n += n;
}

void bytes_put_int(Bytes *b, int64_t x) {
  bytes_put(b, &x, sizeof x);
}

void bytes_put_text(Bytes *b, const char *s) {
  bytes_put_int(b, s ? (int64_t)strlen(s) : -1);
  if (s) bytes_put(b, s, strlen(s));
}

void bytes_free(Bytes *b) {
  mem_free(b->at);
  *b = (Bytes){0};
}

void bytes_take(BytesReader *r, void *data, size_t n) {
  memset(data, 0, n);
  if ((size_t)(r->end - r->at) < n) {
    r->at = r->end;
    return;
  }
  memcpy(data, r->at, n);
  r->at += n;
}

int64_t bytes_take_int(BytesReader *r) {
  int64_t x;
  bytes_take(r, &x, sizeof x);
  return x;
}

const char *bytes_take_text(BytesReader *r, Arena *a) {
  int64_t n = bytes_take_int(r);
  if (n < 0 || n > r->end - r->at) return NULL;
  const char *s = arena_strndup(a, r->at, (size_t)n);
  r->at += n;
  return s;
}
