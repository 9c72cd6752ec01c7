/* shape.c: arithmetic of extents; unknown ones (-1) agree with anything. */
#include "op/shape.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const Shape SHAPE_SCALAR = {0, {0}};

Shape shape_make(int rank, ...) {
  assert(rank <= SHAPE_MAX_AXES);
  Shape s = {rank, {0}};
  va_list ap;
  va_start(ap, rank);
  for (int k = 0; k < rank; k++) s.n[k] = va_arg(ap, int64_t);
  va_end(ap);
  return s;
}

Shape shape_vec(int64_t n) {
  return (Shape){1, {n}};
}

Shape shape_mat(int64_t m, int64_t n) {
  return (Shape){2, {m, n}};
}

int64_t shape_count(Shape s) {
  int64_t count = 1;
  for (int k = 0; k < s.rank; k++) {
    if (s.n[k] < 0) return EXTENT_UNKNOWN;
    if (__builtin_mul_overflow(count, s.n[k], &count)) return INT64_MAX;
  }
  return count;
}

bool shape_known(Shape s) {
  for (int k = 0; k < s.rank; k++)
    if (s.n[k] < 0) return false;
  return true;
}

bool shape_equal(Shape a, Shape b) {
  return a.rank == b.rank && memcmp(a.n, b.n, (size_t)a.rank * sizeof a.n[0]) == 0;
}

/* One axis of a broadcast. An unknown extent may turn out to be 1, so against a known one other
   than 1 the result is the known one, and against 1 it stays unknown. */
static bool extent_broadcast(int64_t a, int64_t b, int64_t *out) {
  if (a == b || b == 1) return *out = a, true;
  if (a == 1) return *out = b, true;
  if (a < 0) return *out = b, true;
  if (b < 0) return *out = a, true;
  return false;
}

bool shape_broadcast(Shape a, Shape b, Shape *out) {
  Shape s = {a.rank > b.rank ? a.rank : b.rank, {0}};
  for (int k = 1; k <= s.rank; k++) {
    int64_t x = k <= a.rank ? a.n[a.rank - k] : 1, y = k <= b.rank ? b.n[b.rank - k] : 1;
    if (!extent_broadcast(x, y, &s.n[s.rank - k])) return false;
  }
  *out = s;
  return true;
}

bool shape_fits(Shape given, Shape wanted) {
  if (given.rank != wanted.rank) return false;
  for (int k = 0; k < given.rank; k++)
    if (given.n[k] != wanted.n[k] && given.n[k] >= 0 && wanted.n[k] >= 0) return false;
  return true;
}

Shape shape_concat(Shape a, Shape b) {
  assert(a.rank + b.rank <= SHAPE_MAX_AXES);
  for (int k = 0; k < b.rank; k++) a.n[a.rank + k] = b.n[k];
  a.rank += b.rank;
  return a;
}

Shape shape_tail(Shape s, int drop) {
  assert(drop <= s.rank);
  Shape t = {s.rank - drop, {0}};
  for (int k = 0; k < t.rank; k++) t.n[k] = s.n[drop + k];
  return t;
}

const char *shape_text(Arena *a, Shape s) {
  char text[SHAPE_MAX_AXES * 22 + 3];
  size_t at = 0;
  text[at++] = '[';
  for (int k = 0; k < s.rank; k++) {
    const char *sep = k ? ", " : "";
    if (s.n[k] < 0) {
      at += (size_t)snprintf(text + at, sizeof text - at, "%s?", sep);
    } else {
      at += (size_t)snprintf(text + at, sizeof text - at, "%s%lld", sep, (long long)s.n[k]);
    }
  }
  text[at++] = ']';
  return arena_strndup(a, text, at);
}
