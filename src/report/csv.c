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

static void put_table(FILE *out, const Field *columns, int ncolumns, int64_t rows) {
  for (int64_t row = 0; row < rows; row++) {
    for (int i = 0; i < ncolumns; i++) put_row(out, columns[i].value, row, i == 0);
    putc('\n', out);
  }
}

/* The columns of a value: the fields of a record, or the one array itself. */
static int find_columns(Value *v, Field *whole, const Field **columns) {
  *whole = (Field){NULL, v};
  *columns = v->kind == V_RECORD ? v->fields : whole;
  return v->kind == V_RECORD ? v->nfields : 1;
}

bool csv_wanted(const char *name) {
  size_t n = strlen(name);
  return n > 4 && strcmp(name + n - 4, ".csv") == 0;
}

static bool is_table(const Field *columns, int n, int64_t *rows) {
  const Value *first = n > 0 ? columns[0].value : NULL;
  if (!first || !value_is_known(first) || first->tensor->shape.rank == 0) return false;
  *rows = first->tensor->shape.n[0];
  for (int i = 0; i < n; i++)
    if (!fits_column(columns[i].value, *rows)) return false;
  return true;
}

bool csv_write(Arena *a, Value *v, const char *path, const char **why) {
  Field whole;
  const Field *columns;
  int n = find_columns(v, &whole, &columns);
  int64_t rows;
  if (!is_table(columns, n, &rows)) {
    *why = "a .csv file takes a vector, a matrix, or a record of these with equally many rows";
    return false;
  }
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (v->kind == V_RECORD) {
    for (int i = 0; i < n; i++) put_header(out, a, &columns[i], i == 0);
    putc('\n', out);
  }
  put_table(out, columns, n, rows);
  fclose(out);
  bool ok = file_write(a, path, text, len, why);
  free(text);
  return ok;
}
