/* source.c: see source.h. Columns count characters, so a byte that goes on with a UTF-8 sequence is
   not counted. */
#include "base/source.h"

Source *source_make(Arena *a, const char *name, const char *text, size_t len) {
  if (len > SOURCE_MAX) len = (size_t)SOURCE_MAX + 1;
  Source *s = ARENA_NEW(a, Source);
  s->name = arena_strdup(a, name);
  s->text = arena_strndup(a, text, len);
  s->len = (uint32_t)len;
  return s;
}

void source_line_col(const Source *s, uint32_t offset, int *line, int *col) {
  *line = *col = 1;
  if (offset > s->len) offset = s->len;
  for (uint32_t i = 0; i < offset; i++) {
    if (s->text[i] == '\n') {
      ++*line;
      *col = 1;
    } else if (((unsigned char)s->text[i] & 0xC0) != 0x80) {
      ++*col;
    }
  }
}

Span span_join(Span a, Span b) {
  return (Span){a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

/* Unicode 15, table 3-7: neither overlong forms, nor surrogates, nor beyond U+10FFFF. */
size_t utf8_length(const char *text) {
  const unsigned char *s = (const unsigned char *)text;
  if (s[0] < 0x80) return 1;
  if (s[0] < 0xC2 || s[0] > 0xF4) return 0;
  size_t n = s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xC0) != 0x80) return 0;
  }
  bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  bool outside = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
  return overlong || outside ? 0 : n;
}
