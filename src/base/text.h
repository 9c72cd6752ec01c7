/* text.h: a text that grows, in an arena. `Text t = {.arena = a}; text_add(&t, "x"); t.at` */
#ifndef DYN_BASE_TEXT_H
#define DYN_BASE_TEXT_H

#include "base/arena.h"

typedef struct Text {
  Arena *arena;
  char *at; /* NUL-terminated; NULL while nothing was added */
  size_t n, cap;
} Text;

void text_add(Text *t, const char *s);
void text_add_n(Text *t, const char *s, size_t n);
void text_printf(Text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A word of a shell's command line: after a blank, in single quotes where it needs them. */
void text_add_word(Text *t, const char *word);
const char *text_str(const Text *t); /* "" while nothing was added */

#endif
