/* csv.c: comma-separated values, for `save("rates.csv", value)`. Numbers are written in SI with all
   their digits; a header names the columns of a record, with their units. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "report/report.h"

/* Does it fit into a table of so many rows, as one column or, for a matrix, several? */
static bool fits_column(const Value *v, int64_t rows) {
  return value_is_known(v) && v->tensor->shape.rank <= 2 && v->tensor->shape.rank > 0 &&
         v->tensor->shape.n[0] == rows;
}

static int64_t row_length(Shape s) {
  return s.rank == 2 ? s.n[1] : 1;
}

static void put_header(FILE *out, Arena *a, const Field *f, bool first) {
  Shape s = f->value->tensor->shape;
  for (int64_t j = 0; j < row_length(s); j++) {
    if (!first || j) putc(',', out);
    fputs(f->name, out);
    if (s.rank == 2) fprintf(out, ".%lld", (long long)j);
    if (!dim_is_one(f->value->dim)) fprintf(out, " [%s]", unit_label(a, f->value->dim));
  }
}

static void put_row(FILE *out, const Value *v, int64_t row, bool first) {
  int64_t n = row_length(v->tensor->shape);
  for (int64_t j = 0; j < n; j++)
    fprintf(out, "%s%.17g", first && !j ? "" : ",", v->tensor->data[row * n + j]);
}

/* The columns of a value: the fields of a record, or the one array itself. */
typedef struct Table {
  const Field *columns;
  int n;
  int64_t rows;
  Field whole;
} Table;

static bool make_table(Value *v, Table *t) {
  t->whole = (Field){NULL, v};
  t->columns = v->kind == V_RECORD ? v->fields : &t->whole;
  t->n = v->kind == V_RECORD ? v->nfields : 1;
  const Value *first = t->n > 0 ? t->columns[0].value : NULL;
  if (!first || !value_is_known(first) || first->tensor->shape.rank == 0) return false;
  t->rows = first->tensor->shape.n[0];
  for (int i = 0; i < t->n; i++)
    if (!fits_column(t->columns[i].value, t->rows)) return false;
  return true;
}

static void put_rows(FILE *out, const Table *t) {
  for (int64_t row = 0; row < t->rows; row++) {
    for (int i = 0; i < t->n; i++) put_row(out, t->columns[i].value, row, i == 0);
    putc('\n', out);
  }
}

bool csv_wanted(const Result *r) {
  size_t n = strlen(r->name);
  Table t;
  return n > 4 && strcmp(r->name + n - 4, ".csv") == 0 && make_table(r->value, &t);
}

bool csv_write(Arena *a, const Result *r, const char *path, const char **why) {
  Table t;
  if (!make_table(r->value, &t)) return false;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (r->value->kind == V_RECORD) {
    for (int i = 0; i < t.n; i++) put_header(out, a, &t.columns[i], i == 0);
    putc('\n', out);
  }
  put_rows(out, &t);
  fclose(out);
  bool ok = file_write(a, path, text, len, why);
  free(text);
  return ok;
}
