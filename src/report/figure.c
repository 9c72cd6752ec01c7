/* figure.c: making figures, and the functions that put figures together. */
#include "report/figure.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"

static const Builtin rows[] = {
#define FIGURE(name, signature, doc) {#name, signature, doc, BUILTIN_FIGURE, figure_##name},
#include "report/figure.def"
#undef FIGURE
};

void figures_register(void) {
  builtins_register(rows, (int)(sizeof rows / sizeof *rows));
}

/* ---- columns --------------------------------------------------------------------------------- */

double column_at(const Column *c, int64_t i) {
  return c->at ? c->at[i * c->stride] : c->first + c->step * (double)i;
}

Column column_of(const double *at, int64_t stride) {
  return (Column){.at = at, .stride = stride};
}

Column column_even(double first, double step) {
  return (Column){.first = first, .step = step};
}

bool column_extent(const Column *c, int64_t n, bool positive, double *lo, double *hi) {
  bool any = false;
  for (int64_t i = 0; i < n; i++) {
    double x = column_at(c, i);
    if (!isfinite(x) || (positive && x <= 0)) continue;
    *lo = any ? fmin(*lo, x) : x;
    *hi = any ? fmax(*hi, x) : x;
    any = true;
  }
  return any;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* The analysis during which a figure is made. */
static const Ast *open_analysis(const Ev *ev) {
  for (const Frame *f = ev->frames; f; f = f->up)
    if (f->fn->kind == AST_ANALYSIS) return f->fn;
  return NULL;
}

static Figure *make(Ev *ev, const Call *c) {
  Figure *f = ARENA_NEW(ev->arena, Figure);
  f->at = c->at;
  f->section = open_analysis(ev);
  f->nshown = c->nrest;
  f->shown = ARENA_ARRAY(ev->arena, const Value *, c->nrest + 1);
  for (int i = 0; i < c->nrest; i++) f->shown[i] = c->rest[i];
  return f;
}

Figure *figure_new(Ev *ev, Call *c) {
  Figure *f = make(ev, c);
  f->axes = ARENA_NEW(ev->arena, Axes);
  f->axes->partial = ev->rehearse;
  return f;
}

Figure *figure_grid(Ev *ev, Call *c, Figure *const *parts, int n, int columns) {
  Figure *f = make(ev, c);
  f->part = ARENA_ARRAY(ev->arena, Figure *, n + 1);
  for (int i = 0; i < n; i++) f->part[i] = parts[i];
  f->nparts = n;
  f->columns = columns;
  return f;
}

Value *figure_value(Ev *ev, Figure *f) {
  Value *v = ARENA_NEW(ev->arena, Value);
  *v = (Value){.kind = V_FIGURE, .at = f->at, .figure = f, .node = NODE_NONE};
  if (!ev->rehearse) *vec_push(ev->keep, &ev->figures) = value_keep(ev, v);
  return v;
}

Figure *figure_of(const Value *v) {
  return v->kind == V_FIGURE ? v->figure : NULL;
}

bool axis_take(Ev *ev, Axis *axis, const char *which, Dim d, Where at) {
  if (!axis->taken || axis->dim.any) {
    axis->dim = d;
    axis->at = at;
    axis->taken = true;
    return true;
  }
  if (dims_agree(ev, axis->dim, d, NULL)) return true;
  Diag *error = ev_report(ev, E0901, at, "the %s axis shows %s, but this is %s", which,
                          dim_name(ev->arena, axis->dim), dim_name(ev->arena, d));
  if (error) diag_note(ev->diag, error, axis->at, "what stands on the axis first");
  return false;
}

Mark *mark_add(Ev *ev, Axes *axes, MarkKind kind, int64_t n, Column x, Column y) {
  Mark *m = vec_push(ev->arena, &axes->marks);
  *m = (Mark){.kind = kind, .n = n, .x = x, .y = y, .size = 1};
  return m;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_name_char(char c) {
  return isalnum((unsigned char)c) || c == '_';
}

/* Past `[…]`, brackets inside included. */
static const char *skip_index(const char *p, const char *end) {
  for (int depth = 0; p < end; p++) {
    if (*p == '[') depth++;
    if (*p == ']' && --depth == 0) return p + 1;
  }
  return end;
}

const char *figure_name_of(Ev *ev, Where at) {
  if (!at.src) return NULL;
  const char *p = at.src->text + at.span.start, *end = at.src->text + at.span.end;
  const char *name = NULL;
  size_t n = 0;
  while (p < end && isalpha((unsigned char)*p)) {
    name = p;
    while (p < end && is_name_char(*p)) p++;
    n = (size_t)(p - name);
    if (p < end && *p == '[') p = skip_index(p, end);
    if (p < end && *p == '\'') p++;
    if (p < end && *p == '.') p++;
  }
  if (p != end || !n) return NULL;
  return n == 1 && *name == 't' ? "time" : arena_strndup(ev->arena, name, n);
}

/* ---- overlay and panels ---------------------------------------------------------------------- */

static bool collect_one(Ev *ev, Call *c, Value *v, Where at, Figure ***out, int *n) {
  if (v->kind == V_LIST) {
    for (int i = 0; i < v->nfields; i++)
      if (!collect_one(ev, c, v->fields[i].value, at, out, n)) return false;
    return true;
  }
  Figure *f = figure_of(v);
  if (!f && v->kind != V_ERROR)
    ev_error(ev, E0210, at, "`%s` takes figures, not %s", c->fn->name, value_kind_name(ev, v));
  if (!f) return false;
  Figure **all = ARENA_ARRAY(ev->arena, Figure *, *n + 1);
  for (int i = 0; i < *n; i++) all[i] = (*out)[i];
  all[(*n)++] = f;
  *out = all;
  return true;
}

/* The figures among the arguments, which are part of another one from now on. False: reported. */
static bool collect(Ev *ev, Call *c, Figure ***out, int *n) {
  *out = NULL;
  *n = 0;
  for (int i = 0; i < c->nrest; i++)
    if (!collect_one(ev, c, c->rest[i], c->rest_at[i], out, n)) return false;
  if (*n == 0) ev_error(ev, E0208, c->at, "`%s` needs at least one figure", c->fn->name);
  for (int i = 0; i < *n; i++) (*out)[i]->used = true;
  return *n > 0;
}

static bool join_axis(Ev *ev, Axis *to, const char *which, const Axis *from, Where at) {
  bool fresh = !to->taken;
  if (from->taken && !axis_take(ev, to, which, from->dim, at)) return false;
  if (!to->label) to->label = from->label;
  to->log = to->log || from->log;
  to->whole = fresh ? from->whole : to->whole && from->whole;
  to->tight = to->tight || from->tight;
  to->zero = to->zero || from->zero;
  if (from->ranged) {
    to->lo = to->ranged ? fmin(to->lo, from->lo) : from->lo;
    to->hi = to->ranged ? fmax(to->hi, from->hi) : from->hi;
    to->ranged = true;
  }
  return true;
}

/* Adds what is on the axes of one figure to those of another. */
static bool join_axes(Ev *ev, Axes *to, const Figure *part, Where at) {
  const Axes *from = part->axes;
  if (!join_axis(ev, &to->x, "x", &from->x, at) || !join_axis(ev, &to->y, "y", &from->y, at) ||
      !join_axis(ev, &to->z, "colour", &from->z, at))
    return false;
  if (from->image) to->image = from->image;
  if (!to->title) to->title = from->title;
  if (!to->note) to->note = from->note;
  if (!to->map) to->map = from->map;
  for (size_t i = 0; i < from->marks.n; i++) {
    *vec_push(ev->arena, &to->marks) = from->marks.at[i];
    Mark *m = &to->marks.at[to->marks.n - 1];
    if (!m->label && from->marks.n == 1) m->label = from->title ? from->title : from->y.label;
  }
  return true;
}

/* Different titles name the curves; then none of them is that of the whole. */
static void settle_titles(Axes *axes, Figure *const *parts, int n) {
  bool alike = true;
  for (int i = 1; i < n; i++) {
    const char *a = parts[0]->axes->title, *b = parts[i]->axes->title;
    alike = alike && (a == b || (a && b && strcmp(a, b) == 0));
  }
  if (!alike) axes->title = NULL;
  for (size_t i = 0; alike && i < axes->marks.n; i++)
    if (axes->marks.at[i].label == axes->title) axes->marks.at[i].label = NULL;
}

Value *figure_overlay(Ev *ev, Call *c) {
  FigureOptions o;
  Figure **parts;
  int n;
  if (!figure_options_read(ev, c, 0, &o) || !collect(ev, c, &parts, &n)) return &VALUE_ERROR;
  Figure *f = figure_new(ev, c);
  for (int i = 0; i < n; i++) {
    Where at = parts[i]->at;
    if (!parts[i]->axes)
      return ev_error(ev, E0905, at, "a grid of panels cannot be laid over another figure");
    if (!join_axes(ev, f->axes, parts[i], at)) return &VALUE_ERROR;
    f->width = fmax(f->width, parts[i]->width);
    f->height = fmax(f->height, parts[i]->height);
  }
  settle_titles(f->axes, parts, n);
  return figure_options_apply(ev, &o, f) ? figure_value(ev, f) : &VALUE_ERROR;
}

/* As square as it gets, but no more than three in a row. */
static int usual_columns(int n) {
  return n <= 3 ? n : n == 4 ? 2 : 3;
}

Value *figure_panels(Ev *ev, Call *c) {
  FigureOptions o;
  Figure **parts;
  int n;
  int64_t columns;
  if (!figure_options_read(ev, c, 1, &o) || !arg_size(ev, c, 0, 0, 1, &columns) ||
      !collect(ev, c, &parts, &n))
    return &VALUE_ERROR;
  if (columns < 1) columns = usual_columns(n);
  Figure *f = figure_grid(ev, c, parts, n, columns < n ? (int)columns : n);
  return figure_options_apply(ev, &o, f) ? figure_value(ev, f) : &VALUE_ERROR;
}
