/* source.h: a text with a name, byte spans in it, and lines and columns computed on demand. */
#ifndef DYN_BASE_SOURCE_H
#define DYN_BASE_SOURCE_H

#include "base/arena.h"

typedef struct Span {
  uint32_t start, end; /* byte offsets, end is one past the last */
} Span;

typedef struct Source {
  const char *name; /* as the user wrote it */
  const char *text; /* NUL-terminated; one that parsed holds no other NUL */
  uint32_t len;
} Source;

/* The parser refuses longer texts; a source keeps one byte more than this, so that it shows. */
enum { SOURCE_MAX = 1 << 24 };

/* A place in a text; src may be NULL (no place). */
typedef struct Where {
  const Source *src;
  Span span;
} Where;

/* Copies name and text. */
Source *source_make(Arena *a, const char *name, const char *text, size_t len);
void source_line_col(const Source *s, uint32_t offset, int *line, int *col); /* both from 1 */
Span span_join(Span a, Span b);
/* The length of the UTF-8 sequence at s, or 0 if it is none; reads no further than a NUL. */
size_t utf8_length(const char *s);

#endif
