/* converge.c: the table of how much results change when the runs are repeated more finely. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"

enum { COLUMNS = 6 };

static const char *const heads[COLUMNS] = {"line",     "run",        "repeated with",
                                           "quantity", "difference", "relative"};

static void fill_row(Arena *a, const Converged *c, const char **cell) {
  int line = 0, column;
  if (c->at.src) source_line_col(c->at.src, c->at.span.start, &line, &column);
  cell[0] = arena_printf(a, "%d", line);
  cell[1] = arena_printf(a, "%s, %s", c->network, c->method);
  cell[2] = c->change;
  cell[3] = c->name;
  cell[4] = c->difference;
  cell[5] = isfinite(c->relative) ? arena_printf(a, "%.2g", c->relative) : "-";
}

static void put_row(FILE *out, const char *const *cell, const int *width) {
  for (int k = 0; k < COLUMNS - 1; k++) fprintf(out, "%-*s  ", width[k], cell[k]);
  fprintf(out, "%s\n", cell[COLUMNS - 1]);
}

static void put_remark(FILE *out, const Converged *c) {
  int line = 0, column;
  if (c->at.src) source_line_col(c->at.src, c->at.span.start, &line, &column);
  fprintf(out,
          "line %d: `%s` is chaotic, or close to it: starts that differ by 1e-8 part as well. No "
          "method can\nfollow its course for long; compare means, spectra or exponents instead.\n",
          line, c->network);
}

static void put_table(Dyn *d, FILE *out) {
  const Ev *ev = &d->ev;
  size_t n = ev->converged.n;
  const char **cell = ARENA_ARRAY(d->work, const char *, n *COLUMNS + COLUMNS);
  int width[COLUMNS] = {0};
  if (n == 0) {
    fputs("Nothing to compare: no `simulate` of a continuous network.\n", out);
    return;
  }
  memcpy(cell, heads, sizeof heads);
  for (size_t i = 0; i < n; i++) fill_row(d->work, &ev->converged.at[i], cell + (i + 1) * COLUMNS);
  for (size_t i = 0; i < (n + 1) * COLUMNS; i++) {
    int w = (int)strlen(cell[i]);
    if (w > width[i % COLUMNS]) width[i % COLUMNS] = w;
  }
  for (size_t i = 0; i <= n; i++) put_row(out, cell + i * COLUMNS, width);
  for (size_t i = 0; i < n; i++) {
    const Converged *c = &ev->converged.at[i];
    if (c->chaotic && (i == 0 || c->at.span.start != c[-1].at.span.start)) put_remark(out, c);
  }
}

DynStatus dyn_converge(Dyn *d) {
  if (!d->file) return DYN_MODEL_ERROR;
  api_begin(d);
  d->ev.converge = true;
  d->ev.hooks.print = NULL;
  RunInfo info = {.version = DYN_VERSION};
  DynStatus status = api_perform(d, &info);
  if (status == DYN_CLAIM_FAILED) status = DYN_OK;
  if ((status != DYN_OK && status != DYN_NUMERICAL) || !d->on.print) return status;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  put_table(d, out);
  fclose(out);
  d->on.print(d->on.ctx, text);
  free(text);
  return status;
}
