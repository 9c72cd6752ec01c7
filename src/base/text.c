/* text.c: see text.h. */
#include "base/text.h"

#include <string.h>

void text_add_n(Text *t, const char *s, size_t n) {
  if (t->n + n + 1 > t->cap) {
    size_t cap = t->cap ? t->cap * 2 : 64;
    while (cap < t->n + n + 1) cap *= 2;
    char *grown = arena_alloc(t->arena, cap);
    if (t->n) memcpy(grown, t->at, t->n);
    t->at = grown;
    t->cap = cap;
  }
  if (n) memcpy(t->at + t->n, s, n);
  t->n += n;
  t->at[t->n] = '\0';
}

void text_add(Text *t, const char *s) {
  text_add_n(t, s, strlen(s));
}

void text_printf(Text *t, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  text_add(t, arena_vprintf(t->arena, fmt, ap));
  va_end(ap);
}

const char *text_str(const Text *t) {
  return t->at ? t->at : "";
}

void text_add_word(Text *t, const char *word) {
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (*word && strspn(word, plain) == strlen(word)) {
    text_printf(t, t->n ? " %s" : "%s", word);
    return;
  }
  text_add(t, t->n ? " '" : "'");
  for (const char *c = word; *c; c++) {
    if (*c == '\'')
      text_add(t, "'\\''");
    else
      text_add_n(t, c, 1);
  }
  text_add(t, "'");
}
