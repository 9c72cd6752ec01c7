/* label.c: see label.h. */
#include "report/label.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/source.h"
#include "base/text.h"

enum { LONG_TITLE = 90 }; /* bytes */

static const char *const superscripts[] = {
    "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹",
};

static void add_superscript(Text *t, char c) {
  if (c == '-') text_add(t, "⁻");
  if (isdigit((unsigned char)c)) text_add(t, superscripts[c - '0']);
}

const char *label_superscript(Arena *a, const char *digits) {
  Text t = {.arena = a};
  for (const char *p = digits; *p; p++) add_superscript(&t, *p);
  return text_str(&t);
}

const char *label_power(Arena *a, int exponent) {
  return arena_printf(a, "10%s", label_superscript(a, arena_printf(a, "%d", exponent)));
}

/* One letter of a unit's name: micro and ohm have signs of their own. */
static const char *add_name(Text *t, const char *p) {
  size_t n = 0;
  while (isalpha((unsigned char)p[n])) n++;
  if (p[0] == 'u' && n > 1) {
    text_add(t, "µ");
    text_add_n(t, p + 1, n - 1);
  } else if (n >= 3 && strncmp(p + n - 3, "ohm", 3) == 0) {
    text_add_n(t, p, n - 3);
    text_add(t, "Ω");
  } else {
    text_add_n(t, p, n);
  }
  return p + n;
}

const char *label_unit(Arena *a, const char *unit) {
  Text t = {.arena = a};
  for (const char *p = unit; *p;) {
    bool whole = *p == '^' && isdigit((unsigned char)p[1]) && !strchr(p, '.');
    if (isalpha((unsigned char)*p)) {
      p = add_name(&t, p);
    } else if (whole) {
      for (p++; isdigit((unsigned char)*p); p++) add_superscript(&t, *p);
    } else {
      text_add(&t, *p == '*' ? "·" : (char[]){*p, '\0'});
      p++;
    }
  }
  return text_str(&t);
}

/* A minus sign instead of a hyphen. */
static const char *with_minus(Arena *a, const char *text) {
  return text[0] == '-' ? arena_printf(a, "−%s", text + 1) : text;
}

const char *label_fixed(Arena *a, double x, int decimals) {
  const char *text = arena_printf(a, "%.*f", decimals, x);
  bool zero = strspn(text, "-0.") == strlen(text);
  return with_minus(a, zero && text[0] == '-' ? text + 1 : text);
}

const char *label_number(Arena *a, double x, int digits) {
  if (isnan(x)) return "NaN";
  if (isinf(x)) return x > 0 ? "∞" : "−∞";
  const char *text = arena_printf(a, "%.*g", digits, x);
  const char *e = strchr(text, 'e');
  if (!e) return with_minus(a, text);
  const char *mantissa = with_minus(a, arena_strndup(a, text, (size_t)(e - text)));
  return arena_printf(a, "%s × %s", mantissa, label_power(a, atoi(e + 1)));
}

const char *label_clean(Arena *a, const char *text) {
  Text t = {.arena = a};
  while (*text) {
    size_t n = utf8_length(text);
    bool odd = n == 0 || (unsigned char)*text < 0x20 || *text == 0x7f;
    if (odd)
      text_add(&t, " ");
    else
      text_add_n(&t, text, n);
    text += n ? n : 1;
  }
  return text_str(&t);
}

size_t label_length(const char *text) {
  size_t n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

/* Bytes of a doc comment's title. A point inside parentheses is an abbreviation's, as in a
   reference. */
static size_t title_length(const char *doc) {
  size_t n = 0, colon = 0;
  for (int depth = 0; doc[n] && !(doc[n] == '\n' && doc[n + 1] == '\n'); n++) {
    depth += (doc[n] == '(') - (doc[n] == ')');
    bool ends = doc[n + 1] == '\0' || doc[n + 1] == ' ' || doc[n + 1] == '\n';
    if (depth > 0 || !ends) continue;
    if (doc[n] == ':' && !colon) colon = n;
    if (doc[n] == '.') break;
  }
  return colon && n > LONG_TITLE ? colon : n;
}

const char *label_title(Arena *a, const char *doc) {
  char *title = arena_strndup(a, doc, title_length(doc));
  for (char *c = title; *c; c++)
    if (*c == '\n' || *c == '`') *c = ' ';
  return title;
}

const char *label_after_title(Arena *a, const char *doc) {
  doc += title_length(doc);
  char *rest = arena_strdup(a, doc + strspn(doc, ".: \n"));
  if (*doc == ':' && rest[0] >= 'a' && rest[0] <= 'z') rest[0] += 'A' - 'a';
  return rest;
}
