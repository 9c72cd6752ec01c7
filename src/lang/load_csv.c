/* load_csv.c: tables as text: fields separated by commas (or semicolons, or tabs, whichever the
   first line has), numbers or names in quotes. With a header the table is a record of columns,
   without one a matrix. Empty lines and lines that begin with # are left out; an empty field is
   NaN. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/core.h"
#include "lang/load.h"

typedef struct Csv {
  const Loader *l;
  Arena *arena;
  const char *at, *end;
  char comma;
  int line;
  int64_t cols;
  const char **names; /* of the columns; NULL: no header */
  VEC(double) cells;  /* row by row */
} Csv;

static bool at_line_end(const Csv *c) {
  return c->at == c->end || *c->at == '\n' || *c->at == '\r';
}

static void next_line(Csv *c) {
  while (c->at < c->end && *c->at != '\n') c->at++;
  if (c->at < c->end) c->at++;
  c->line++;
}

static void skip_spaces(Csv *c) {
  while (c->at < c->end && (*c->at == ' ' || (*c->at == '\t' && c->comma != '\t'))) c->at++;
}

/* To the next line that holds something; false at the end of the text. */
static bool find_line(Csv *c) {
  for (; c->at < c->end; next_line(c)) {
    const char *start = c->at;
    skip_spaces(c);
    if (!at_line_end(c) && *c->at != '#') {
      c->at = start;
      return true;
    }
  }
  return false;
}

/* The text of a field, without its quotes; the cursor goes to the comma or the end of the line. */
static const char *read_field(Csv *c, size_t *len) {
  skip_spaces(c);
  const char *start = c->at;
  if (c->at < c->end && *c->at == '"') {
    start = ++c->at;
    while (!at_line_end(c) && *c->at != '"') c->at++;
    *len = (size_t)(c->at - start);
    while (!at_line_end(c) && *c->at != c->comma) c->at++;
    return start;
  }
  while (!at_line_end(c) && *c->at != c->comma) c->at++;
  const char *stop = c->at;
  while (stop > start && isspace((unsigned char)stop[-1])) stop--;
  *len = (size_t)(stop - start);
  return start;
}

static bool to_number(const char *text, size_t len, double *x) {
  char copy[64], *end;
  if (len == 0) return *x = NAN, true;
  if (len >= sizeof copy) return false;
  memcpy(copy, text, len);
  copy[len] = '\0';
  *x = strtod(copy, &end);
  return *end == '\0';
}

static char separator(const Csv *c) {
  static const char candidates[] = {',', ';', '\t'};
  for (size_t k = 0; k < sizeof candidates; k++)
    for (const char *p = c->at; p < c->end && *p != '\n'; p++)
      if (*p == candidates[k]) return candidates[k];
  return ',';
}

/* Counts the first line's fields and decides whether they are names. */
static void read_first_line(Csv *c) {
  const char *start = c->at;
  VEC(const char *) names = {0};
  bool header = false;
  for (;; c->at++) {
    size_t len;
    double x;
    const char *field = read_field(c, &len);
    header = header || !to_number(field, len, &x);
    *vec_push(c->l->ev->arena, &names) = arena_strndup(c->l->ev->arena, field, len);
    if (at_line_end(c)) break;
  }
  c->cols = (int64_t)names.n;
  if (header) {
    c->names = names.at;
    next_line(c);
  } else {
    c->at = start;
  }
}

static Value *read_row(Csv *c) {
  int64_t col = 0;
  for (;; c->at++) {
    size_t len;
    const char *field = read_field(c, &len);
    double *cell = vec_push(c->arena, &c->cells);
    if (!to_number(field, len, cell))
      return load_error(c->l, E0705, "line %d, column %lld: \"%.*s\" is no number", c->line,
                        (long long)col + 1, (int)(len < 40 ? len : 40), field);
    col++;
    if (at_line_end(c)) break;
  }
  if (col == c->cols) return NULL;
  return load_error(c->l, E0705, "line %d has %lld columns, but the table has %lld", c->line,
                    (long long)col, (long long)c->cols);
}

static Value *matrix(const Csv *c, int64_t rows) {
  Tensor *t;
  Value *v = load_array(c->l, shape_mat(rows, c->cols), DIM_ONE, &t);
  if (t) memcpy(t->data, c->cells.at, c->cells.n * sizeof(double));
  return v;
}

static Value *columns(const Csv *c, int64_t rows) {
  Value *r = value_record(c->l->ev, "load", (int)c->cols);
  for (int64_t j = 0; j < c->cols; j++) {
    Tensor *t;
    Value *v = load_array(c->l, shape_vec(rows), DIM_ONE, &t);
    if (value_is_error(v)) return v;
    for (int64_t i = 0; t && i < rows; i++) t->data[i] = c->cells.at[i * c->cols + j];
    value_set(r, (int)j, c->names[j], v);
  }
  return r;
}

static Value *read_table(Csv *c) {
  if (memchr(c->at, '\0', (size_t)(c->end - c->at)))
    return load_damaged(c->l, "a text file holds no NUL bytes");
  if (!find_line(c)) return load_damaged(c->l, "it is empty");
  c->comma = separator(c);
  read_first_line(c);
  for (; find_line(c); next_line(c)) {
    Value *bad = read_row(c);
    if (bad) return bad;
  }
  int64_t rows = (int64_t)c->cells.n / c->cols;
  return c->names ? columns(c, rows) : matrix(c, rows);
}

Value *load_csv(const Loader *l) {
  LoadBytes b;
  if (!load_open(l, &b)) return &VALUE_ERROR;
  Csv c = {.l = l, .arena = arena_new(), .line = 1, .at = b.at, .end = b.at + b.n};
  if (b.n >= 3 && memcmp(b.at, "\xef\xbb\xbf", 3) == 0) c.at += 3; /* a byte-order mark */
  Value *v = read_table(&c);
  arena_free(c.arena);
  load_close(&b);
  return v;
}
