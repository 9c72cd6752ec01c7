/* comparison.c: see comparison.h. */
#include "compare/comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/source.h"
#include "base/text.h"

static const char *const words[VERDICTS] = {[VERDICT_SAME] = "same",
                                            [VERDICT_WITHIN] = "within tolerance",
                                            [VERDICT_ALIKE] = "same statistics",
                                            [VERDICT_OTHER] = "different",
                                            [VERDICT_GONE] = "only in the first",
                                            [VERDICT_NEW] = "only in the second",
                                            [VERDICT_ALTERED] = "altered"};

const char *verdict_word(Verdict v) {
  return words[v];
}

Compared *comparison_add(Comparison *c, const char *what, const char *name, Verdict verdict) {
  Compared *x = vec_push(c->arena, &c->of);
  *x = (Compared){what, name, verdict, NULL, NULL, NAN, NAN, NULL};
  return x;
}

Compared *comparison_find(Comparison *c, const char *what, const char *name) {
  for (size_t i = 0; i < c->of.n; i++)
    if (strcmp(c->of.at[i].what, what) == 0 && strcmp(c->of.at[i].name, name) == 0)
      return &c->of.at[i];
  return NULL;
}

Compared *comparison_texts(Comparison *c, const char *what, const char *name, const char *first,
                           const char *second) {
  Verdict v = !first                       ? VERDICT_NEW
              : !second                    ? VERDICT_GONE
              : strcmp(first, second) == 0 ? VERDICT_SAME
                                           : VERDICT_OTHER;
  Compared *x = comparison_add(c, what, name, v);
  x->first = first;
  x->second = second;
  return x;
}

bool comparison_agrees(const Comparison *c) {
  for (size_t i = 0; i < c->of.n; i++)
    if (c->of.at[i].verdict >= VERDICT_OTHER) return false;
  return true;
}

/* ---- as a table ------------------------------------------------------------------------------ */

enum { COLUMNS = 4, NAME_MOST = 60, TEXT_MOST = 200 };

static const char *const heads[COLUMNS] = {"", "", "verdict", "difference"};

/* Cut to `most` bytes, at the start of a character; one line. */
static const char *fitted(Arena *a, const char *text, size_t most) {
  char *line = arena_strdup(a, text);
  for (char *p = line; *p; p++)
    if (*p == '\n') *p = ' ';
  if (strlen(line) <= most) return line;
  size_t n = most;
  while (n && ((unsigned char)line[n] & 0xc0) == 0x80) n--;
  return arena_printf(a, "%.*s…", (int)n, line);
}

static const char *detail_text(Arena *a, const Compared *x) {
  Text t = {.arena = a};
  if (isfinite(x->difference)) text_printf(&t, "%.2g", x->difference);
  if (isfinite(x->tolerance)) text_printf(&t, " of %.2g allowed", x->tolerance);
  bool changed = x->first && x->second && strcmp(x->first, x->second) != 0;
  if (changed)
    text_printf(&t, "%s%s -> %s", t.n ? "; " : "", fitted(a, x->first, TEXT_MOST),
                fitted(a, x->second, TEXT_MOST));
  if (x->note) text_printf(&t, "%s%s", t.n ? "; " : "", x->note);
  return text_str(&t);
}

/* Columns that a terminal shows of a text: its characters. */
static int columns_of(const char *text) {
  int n = 0;
  for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

static void put_row(Text *t, const char *const *cell, const int *width) {
  int last = COLUMNS - 1;
  while (last > 0 && !*cell[last]) last--;
  for (int k = 0; k <= last; k++) {
    text_add(t, cell[k]);
    for (int w = columns_of(cell[k]); k < last && w < width[k] + 2; w++) text_add(t, " ");
  }
  text_add(t, "\n");
}

static void put_totals(const Comparison *c, Text *t) {
  size_t count[VERDICTS] = {0};
  bool any = false;
  for (size_t i = 0; i < c->of.n; i++) count[c->of.at[i].verdict]++;
  for (int v = 0; v < VERDICTS; v++) {
    if (!count[v]) continue;
    text_printf(t, "%s%zu %s", any ? ", " : "", count[v], words[v]);
    any = true;
  }
  text_add(t, any ? ".\n" : "There is nothing to compare.\n");
}

const char *comparison_table(const Comparison *c, bool all) {
  Arena *a = c->arena;
  Text t = {.arena = a};
  const char **cell = ARENA_ARRAY(a, const char *, (c->of.n + 1) * COLUMNS);
  int width[COLUMNS] = {0};
  size_t rows = 1;
  memcpy(cell, heads, sizeof heads);
  for (size_t i = 0; i < c->of.n; i++) {
    const Compared *x = &c->of.at[i];
    if (!all && x->verdict == VERDICT_SAME) continue;
    const char **row = cell + rows++ * COLUMNS;
    row[0] = x->what;
    row[1] = fitted(a, x->name, NAME_MOST);
    row[2] = words[x->verdict];
    row[3] = detail_text(a, x);
  }
  for (size_t i = 0; i < rows * COLUMNS; i++) {
    int w = columns_of(cell[i]);
    if (w > width[i % COLUMNS]) width[i % COLUMNS] = w;
  }
  for (size_t i = 0; rows > 1 && i < rows; i++) put_row(&t, cell + i * COLUMNS, width);
  put_totals(c, &t);
  return text_str(&t);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static void put_text(FILE *out, const char *key, const char *text) {
  if (!text) return;
  fprintf(out, ", \"%s\": ", key);
  json_string(out, text);
}

static void put_number(FILE *out, const char *key, double x) {
  if (isnan(x)) return;
  fprintf(out, ", \"%s\": ", key);
  json_number(out, x);
}

const char *comparison_json(const Comparison *c) {
  char *text = NULL;
  size_t n;
  FILE *out = open_memstream(&text, &n);
  fprintf(out, "{\n  \"agrees\": %s,\n  \"compared\": [", comparison_agrees(c) ? "true" : "false");
  for (size_t i = 0; i < c->of.n; i++) {
    const Compared *x = &c->of.at[i];
    fprintf(out, "%s\n    {\"what\": \"%s\"", i ? "," : "", x->what);
    put_text(out, "name", x->name);
    put_text(out, "verdict", words[x->verdict]);
    put_text(out, "first", x->first);
    put_text(out, "second", x->second);
    put_number(out, "difference", x->difference);
    put_number(out, "tolerance", x->tolerance);
    put_text(out, "note", x->note);
    putc('}', out);
  }
  fputs(c->of.n ? "\n  ]\n}\n" : "]\n}\n", out);
  fclose(out);
  const char *kept = arena_strdup(c->arena, text);
  free(text);
  return kept;
}
