/* compare.c: texts with tolerance, and the lines in which they differ. */
#include "compare.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *trim_end(Arena *a, const char *text) {
  size_t n = strlen(text);
  while (n > 0 && isspace((unsigned char)text[n - 1])) n--;
  return arena_strndup(a, text, n);
}

const char *replace_all(Arena *a, const char *text, const char *from, const char *to) {
  size_t n = strlen(from);
  const char *done = "", *at;
  for (; (at = strstr(text, from)); text = at + n)
    done = arena_printf(a, "%s%.*s%s", done, (int)(at - text), text, to);
  return arena_printf(a, "%s%s", done, text);
}

static bool starts_number(const char *s) {
  return isdigit((unsigned char)*s) || ((*s == '-' || *s == '+') && isdigit((unsigned char)s[1]));
}

static bool only_blanks(const char *s) {
  while (isspace((unsigned char)*s)) s++;
  return !*s;
}

/* Compares two numbers and moves both texts past them. */
static bool numbers_agree(const char **expected, const char **found, double tol) {
  char *after_expected, *after_found;
  double want = strtod(*expected, &after_expected), got = strtod(*found, &after_found);
  if (after_found == *found) return false;
  *expected = after_expected;
  *found = after_found;
  return fabs(got - want) <= tol * fmax(1, fabs(want));
}

bool texts_agree(const char *expected, const char *found, double tol) {
  while (*expected && *found) {
    if (tol > 0 && starts_number(expected) && starts_number(found)) {
      if (!numbers_agree(&expected, &found, tol)) return false;
    } else if (*expected != *found) {
      break;
    } else {
      expected++, found++;
    }
  }
  return only_blanks(expected) && only_blanks(found);
}

static size_t line_length(const char *s) {
  size_t n = strcspn(s, "\n");
  return n + (s[n] == '\n');
}

static void show_lines(char mark, const char *text, const char *end) {
  enum { MOST_LINES = 10 };
  for (int i = 0; text < end && i < MOST_LINES; i++) {
    size_t n = line_length(text);
    printf("    %c %.*s\n", mark, (int)strcspn(text, "\n"), text);
    text += n;
  }
  if (text < end) printf("    %c ...\n", mark);
}

/* Steps one line back from p, not before start. */
static const char *line_before(const char *start, const char *p) {
  if (p > start) p--;
  while (p > start && p[-1] != '\n') p--;
  return p;
}

void show_difference(const char *expected, const char *found) {
  size_t n;
  while (*expected && (n = line_length(expected)) == line_length(found) &&
         memcmp(expected, found, n) == 0) {
    expected += n;
    found += n;
  }
  const char *e = expected + strlen(expected), *f = found + strlen(found);
  while (e > expected && f > found) {
    const char *e1 = line_before(expected, e), *f1 = line_before(found, f);
    if (e - e1 != f - f1 || memcmp(e1, f1, (size_t)(e - e1)) != 0) break;
    e = e1;
    f = f1;
  }
  show_lines('-', expected, e);
  show_lines('+', found, f);
}
