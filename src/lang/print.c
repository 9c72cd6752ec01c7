/* print.c: `print`, `table`, and errors of the model's own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"
#include "lang/sweep.h"

static void show(Ev *ev, const char *text) {
  if (!ev->rehearse && ev->hooks.print) ev->hooks.print(ev->hooks.ctx, text);
}

static void show_text(Ev *ev, const char *text) {
  show(ev, text);
  account_text(ev, text);
}

/* The values of the rest, with blanks between. */
static const char *line_of(Ev *ev, const Call *c) {
  const char *line = "";
  bool block = false; /* what takes several lines stands on lines of its own */
  for (int i = 0; i < c->nrest; i++) {
    const char *text = value_text(ev, c->rest[i]);
    bool lines = strchr(text, '\n') != NULL;
    const char *gap = i == 0 ? "" : lines || block ? "\n" : " ";
    line = arena_printf(ev->arena, "%s%s%s", line, gap, text);
    block = lines;
  }
  return line;
}

Value *bi_print(Ev *ev, Call *c) {
  show_text(ev, arena_printf(ev->arena, "%s\n", line_of(ev, c)));
  return &VALUE_NONE;
}

/* ---- require ---- */

/* Where the function that asks was called; in a module: where the call came from outside. */
static Where asked_from(const Ev *ev, Where at) {
  for (const Frame *f = ev->frames; f; f = f->up)
    if (f->call.src != at.src) return f->call;
  return ev->frames ? ev->frames->call : at;
}

/* With a condition that only the run knows, a rehearsal goes on. */
Value *bi_require(Ev *ev, Call *c) {
  Value *x = arg_numbers(ev, c, 0);
  if (!value_is_array(x)) return x;
  if (ev->rehearse || !value_is_known(x)) return &VALUE_NONE;
  const double *d = x->tensor->data;
  int64_t n = shape_count(x->tensor->shape), i = 0;
  while (i < n && d[i] != 0) i++;
  if (i == n) return &VALUE_NONE;
  ev->unmet++;
  return ev_error(ev, E0228, asked_from(ev, c->at), "%s",
                  c->nrest ? line_of(ev, c) : "the condition does not hold");
}

/* ---- table ---- */

typedef struct Column {
  const char *title;
  const char **cell;
  size_t width;
} Column;

typedef struct Table {
  VEC(Column) columns;
  int64_t rows;
  bool failed;
} Table;

static bool rows_agree(Ev *ev, Table *t, const char *name, int64_t n, Where at) {
  if (t->columns.n == 0 || t->rows == n) {
    t->rows = n;
    return true;
  }
  ev_error(ev, E0401, at, "column `%s` has %lld rows, the first one %lld", name, (long long)n,
           (long long)t->rows);
  t->failed = true;
  return false;
}

static void fit(Column *c, const char *text) {
  size_t n = strlen(text);
  if (n > c->width) c->width = n;
}

/* An array of rank 1: one unit, which stands in the title. */
static void add_vector(Ev *ev, Table *t, const char *name, const Value *v, Where at) {
  int64_t n = value_shape(v).n[0];
  if (!rows_agree(ev, t, name, n, at)) return;
  double factor = 1;
  const char *unit = "";
  if (!dim_is_one(v->dim))
    unit = unit_suited(ev->arena, v->dim, tensor_magnitude(v->tensor), &factor);
  Column c = {.cell = ARENA_ARRAY(ev->arena, const char *, n + 1)};
  c.title = *unit ? arena_printf(ev->arena, "%s [%s]", name, unit) : name;
  fit(&c, c.title);
  for (int64_t i = 0; i < n; i++) {
    double x = v->tensor->data[i];
    if (v->logical)
      c.cell[i] = x != 0 ? "true" : "false";
    else
      c.cell[i] = number_text(ev->arena, factor == 1 ? x : x / factor);
    fit(&c, c.cell[i]);
  }
  *vec_push(ev->arena, &t->columns) = c;
}

static void add_column(Ev *ev, Table *t, const char *name, Value *v, Where at);

/* Each column of a matrix by itself. */
static void add_matrix(Ev *ev, Table *t, const char *name, Value *v, Where at) {
  Shape s = value_shape(v);
  Value *rest = form_move_axis(ev, v, 1, 0, at);
  for (int64_t k = 0; k < s.n[1]; k++)
    add_column(ev, t, arena_printf(ev->arena, "%s[%lld]", name, (long long)k),
               ev_element(ev, rest, k, at), at);
}

static void add_list(Ev *ev, Table *t, const char *name, const Value *v, Where at) {
  if (!rows_agree(ev, t, name, v->nfields, at)) return;
  Column c = {.title = name, .cell = ARENA_ARRAY(ev->arena, const char *, v->nfields + 1)};
  fit(&c, name);
  for (int i = 0; i < v->nfields; i++) {
    c.cell[i] = value_text(ev, v->fields[i].value);
    fit(&c, c.cell[i]);
  }
  *vec_push(ev->arena, &t->columns) = c;
}

static void add_column(Ev *ev, Table *t, const char *name, Value *v, Where at) {
  if (!t->failed) v = v->kind == V_RECORD ? sweep_rows(ev, v, at) : ev_dense(ev, v, at);
  if (t->failed || v->kind == V_ERROR || v->kind == V_UNKNOWN) {
    t->failed = true;
    return;
  }
  if (v->kind == V_RECORD) {
    for (int k = 0; k < v->nfields; k++) {
      const char *field = v->fields[k].name;
      if (sweep_is_aside(v, field)) continue;
      const char *full = *name ? arena_printf(ev->arena, "%s.%s", name, field) : field;
      add_column(ev, t, full, v->fields[k].value, at);
    }
  } else if (v->kind == V_LIST) {
    add_list(ev, t, name, v, at);
  } else if (v->kind == V_ARRAY && value_shape(v).rank <= 2) {
    Shape s = value_shape(v);
    if (!value_is_known(v)) return;
    if (s.rank == 0) v = form_reshape(ev, v, shape_vec(1), at);
    if (s.rank == 2)
      add_matrix(ev, t, name, v, at);
    else
      add_vector(ev, t, name, v, at);
  } else {
    ev_error(ev, E0210, at, "column `%s` must be a vector, a matrix or a list, not %s", name,
             value_kind_name(ev, v));
    t->failed = true;
  }
}

static void account_for(Ev *ev, const Table *t) {
  if (t->rows > ACCOUNT_ROWS_MOST) {
    account_text(ev, arena_printf(ev->arena, "(a table of %lld rows)\n", (long long)t->rows));
    return;
  }
  size_t n = t->columns.n;
  const char **cell = ARENA_ARRAY(ev->arena, const char *, (size_t)(t->rows + 1) * n);
  for (size_t i = 0; i < (size_t)(t->rows + 1) * n; i++) {
    const Column *c = &t->columns.at[i % n];
    cell[i] = i < n ? c->title : c->cell[i / n - 1];
  }
  account_table(ev, cell, t->rows, (int)n);
}

static void show_table(Ev *ev, const Table *t) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  if (!out) return;
  for (int64_t row = -1; row < t->rows; row++) {
    for (size_t k = 0; k < t->columns.n; k++) {
      const Column *c = &t->columns.at[k];
      if (k) fputs("  ", out);
      fprintf(out, "%*s", (int)c->width, row < 0 ? c->title : c->cell[row]);
    }
    fputc('\n', out);
  }
  fclose(out);
  show(ev, arena_strndup(ev->arena, text, len));
  account_for(ev, t);
  free(text);
}

Value *bi_table(Ev *ev, Call *c) {
  Table t = {0};
  for (int i = 0; i < c->nrest; i++) {
    const char *name = c->rest_name[i];
    if (!name)
      name = c->rest[i]->kind == V_RECORD ? "" : arena_printf(ev->arena, "column %d", i + 1);
    add_column(ev, &t, name, c->rest[i], c->rest_at[i]);
  }
  if (t.failed) return &VALUE_NONE;
  if (!ev->rehearse && t.columns.n) show_table(ev, &t);
  return &VALUE_NONE;
}
