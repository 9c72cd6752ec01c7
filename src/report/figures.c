/* figures.c: the figures of a run: which ones there are, what their files are called, and drawing
   them into the folder. */
#include "report/figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "report/gnuplot.h"
#include "report/stamp.h"
#include "report/svg.h"

/* Sweeps may make any number of figures; so many are drawn. */
enum { FIGURES_MOST = 300 };

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_taken(const Figures *all, const char *name) {
  for (size_t i = 0; i < all->n; i++)
    if (strcmp(all->at[i]->name, name) == 0) return true;
  return false;
}

/* The name that a `let` gave it. */
static const char *bound_name(const Ev *ev, const Figure *f) {
  for (size_t i = 0; ev->top && i < ev->top->names.n; i++) {
    const Value *v = ev->top->names.items[i].value;
    if (v && v->kind == V_FIGURE && v->figure == f) return ev->top->names.items[i].key;
  }
  return NULL;
}

void figures_collect(Ev *ev, Figures *out) {
  *out = (Figures){0};
  figure_results(ev);
  figure_tasks(ev);
  for (size_t i = 0; i < ev->figures.n && out->n < FIGURES_MOST; i++) {
    Figure *f = ev->figures.at[i]->figure;
    if (f->used) continue;
    const char *name = f->name ? f->name : bound_name(ev, f);
    if (!name || is_taken(out, name)) name = arena_printf(ev->arena, "figure-%zu", out->n + 1);
    f->name = name;
    *vec_push(ev->arena, out) = f;
  }
}

/* ---- drawing --------------------------------------------------------------------------------- */

const char *figure_title(const Figure *f) {
  return f->axes ? f->axes->title : f->title;
}

typedef VEC(Drawing) Drawings;

static void list_saved(Ev *ev, Drawings *list) {
  for (size_t i = 0; i < ev->saved.n; i++) {
    const Figure *f = figure_of(ev->saved.at[i].value);
    if (f) *vec_push(ev->arena, list) = (Drawing){f, ev->saved.at[i].name};
  }
}

/* gnuplot's file is replaced by a smaller one. False: there is none. */
static bool mend_file(Ev *ev, const char *path, const char *title) {
  char *text;
  size_t n;
  const char *ignored;
  if (!file_read(ev->arena, path, &text, &n, &ignored) || !strstr(text, "</svg>")) return false;
  const char *mended = svg_for_file(ev->arena, text, title);
  return file_write(ev->arena, path, mended, strlen(mended), &ignored);
}

static bool has_suffix(const char *text, const char *suffix) {
  size_t n = strlen(text), m = strlen(suffix);
  return n >= m && strcmp(text + n - m, suffix) == 0;
}

static void warn_empty(Ev *ev, const Figure *f) {
  for (int i = 0; i < f->nparts; i++) warn_empty(ev, f->part[i]);
  const char *why = f->axes ? figure_lacks(ev->arena, f) : NULL;
  if (why) diag_add(ev->diag, W0906, f->at, "this figure shows nothing: %s", why);
}

static void list_all(Ev *ev, const Figures *all, Drawings *list) {
  for (size_t i = 0; i < all->n; i++) {
    const Figure *f = all->at[i];
    *vec_push(ev->arena, list) = (Drawing){f, arena_printf(ev->arena, "%s.svg", f->name)};
  }
  list_saved(ev, list);
}

void figures_stamp(Ev *ev, const Figures *all, const char *folder, const char *text) {
  Drawings list = {0};
  list_all(ev, all, &list);
  for (size_t i = 0; i < list.n; i++)
    stamp_file(ev->arena, path_join(ev->arena, folder, list.at[i].file), text);
}

void figures_draw(Ev *ev, const Figures *all, const char *folder) {
  Drawings list = {0};
  const char *why = NULL;
  for (size_t i = 0; i < all->n; i++) warn_empty(ev, all->at[i]);
  list_all(ev, all, &list);
  if (!list.n) return;
  bool ok = folder_make(ev->arena, folder, &why) &&
            gnuplot_draw(ev->arena, folder, list.at, list.n, &why);
  for (size_t i = 0; i < list.n; i++) {
    const char *path = path_join(ev->arena, folder, list.at[i].file);
    if (has_suffix(path, ".svg")) mend_file(ev, path, figure_title(list.at[i].figure));
  }
  if (!ok) rmdir(folder); /* which it is not if some were drawn */
  if (!ok) diag_add(ev->diag, W0907, (Where){0}, "figures were not drawn: %s", why);
  if (all->n == FIGURES_MOST)
    diag_add(ev->diag, W0907, (Where){0}, "only the first %d figures were drawn", FIGURES_MOST);
}

/* Draws into a folder of its own, which is removed again. */
static const char *draw_to_text(Ev *ev, const Figure *f, const char *folder, const char **why) {
  Drawing drawing = {f, "figure.svg"};
  char *text;
  size_t n;
  const char *path = path_join(ev->arena, folder, drawing.file);
  if (!gnuplot_draw(ev->arena, folder, &drawing, 1, why)) return NULL;
  if (!file_read(ev->arena, path, &text, &n, why)) return NULL;
  return svg_for_file(ev->arena, text, figure_title(f));
}

const char *figures_svg(Ev *ev, const Figure *f) {
  const char *base = getenv("TMPDIR"), *why = NULL, *ignored, *svg = NULL;
  char *folder = arena_printf(ev->arena, "%s/dyn-figure-XXXXXX", base && *base ? base : "/tmp");
  if (!mkdtemp(folder)) {
    why = arena_printf(ev->arena, "cannot make folder `%s`: %s", folder, strerror(errno));
  } else {
    svg = draw_to_text(ev, f, folder, &why);
    folder_remove(ev->arena, folder, &ignored);
  }
  if (!svg) diag_add(ev->diag, W0907, f->at, "figures were not drawn: %s", why);
  return svg;
}
