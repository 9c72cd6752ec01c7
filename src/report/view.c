/* view.c: see view.h. */
#include "report/view.h"

#include <math.h>
#include <string.h>

#include "report/figures.h"
#include "report/label.h"

static const Axis *axis_of(const Axes *axes, WhichAxis which) {
  return which == AXIS_X ? &axes->x : which == AXIS_Y ? &axes->y : &axes->z;
}

/* ---- extent ---------------------------------------------------------------------------------- */

typedef struct Extent {
  double lo, hi;
  bool any, positive;
} Extent;

static void extend(Extent *e, double lo, double hi) {
  e->lo = e->any ? fmin(e->lo, lo) : lo;
  e->hi = e->any ? fmax(e->hi, hi) : hi;
  e->any = true;
}

static void extend_by(Extent *e, const Column *c, int64_t n) {
  double lo, hi;
  if (column_extent(c, n, e->positive, &lo, &hi)) extend(e, lo, hi);
}

/* The far ends of bars, strokes and arrows. */
static void extend_by_ends(Extent *e, const Column *c, const Column *d, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    double x = column_at(c, i) + column_at(d, i);
    if (isfinite(x) && (!e->positive || x > 0)) extend(e, x, x);
  }
}

static const int mark_columns[] = {
#define MARK(name, columns, use, style, sample) columns,
#include "report/mark.def"
#undef MARK
};

static void extend_by_mark(Extent *e, const Mark *m, WhichAxis which) {
  if (which == AXIS_Z) {
    if (m->valued) extend_by(e, &m->value, m->n);
    return;
  }
  extend_by(e, which == AXIS_X ? &m->x : &m->y, m->n);
  if (mark_columns[m->kind] < 4) return;
  extend_by_ends(e, which == AXIS_X ? &m->x : &m->y, which == AXIS_X ? &m->dx : &m->dy, m->n);
}

static void extend_by_cells(Extent *e, const Image *im) {
  for (int64_t i = 0; i < im->rows; i++) {
    Column row = column_of(im->at + i * im->row_stride, im->col_stride);
    extend_by(e, &row, im->cols);
  }
}

static Extent extent_of(const Axes *axes, WhichAxis which, bool log) {
  Extent e = {.positive = log};
  const Image *im = axes->image;
  if (im && which == AXIS_Z) extend_by_cells(&e, im);
  if (im && which == AXIS_X && im->cols) extend(&e, im->x0, im->x1);
  if (im && which == AXIS_Y && im->rows) extend(&e, im->y0, im->y1);
  for (size_t i = 0; i < axes->marks.n; i++) extend_by_mark(&e, &axes->marks.at[i], which);
  return e;
}

/* ---- range ----------------------------------------------------------------------------------- */

/* Values of both signs, shown by a map that has a middle. */
static bool is_symmetric(const Axes *axes, const Extent *e) {
  if (axes->map) return strcmp(axes->map, "diverging") == 0;
  return axes->image && e->any && e->lo < 0 && e->hi > 0 &&
         fmin(-e->lo, e->hi) > 0.1 * fmax(-e->lo, e->hi);
}

static void widen(View *v, double share) {
  double range = v->hi - v->lo;
  if (range > 1e-12 * fmax(fabs(v->lo), fabs(v->hi))) {
    v->lo -= share * range;
    v->hi += share * range;
    return;
  }
  double half = v->log ? 0.5 : v->lo == 0 ? 1 : fmax(0.1 * fabs(v->lo), 1e-300);
  v->lo -= half;
  v->hi += half;
}

static double shown(const View *v, double x) {
  x /= v->factor;
  return v->log ? log10(x) : x;
}

static void set_range(const Axes *axes, const Axis *axis, WhichAxis which, const Extent *e,
                      View *v) {
  if (axis->ranged || e->any) {
    v->lo = shown(v, axis->ranged ? axis->lo : e->lo);
    v->hi = shown(v, axis->ranged ? axis->hi : e->hi);
  } else {
    v->lo = 0;
    v->hi = 1;
  }
  if (axis->ranged || !e->any) return;
  if (which == AXIS_Z && !v->log && is_symmetric(axes, e)) {
    v->hi = fmax(fabs(v->lo), fabs(v->hi));
    v->lo = -v->hi;
  }
  bool room = which != AXIS_Z && !axis->tight;
  double lo = v->lo;
  widen(v, room ? 0.04 : 0);
  if (axis->zero && !v->log && lo >= 0) v->lo = 0;
}

/* ---- unit ------------------------------------------------------------------------------------ */

/* "time (ms)": a unit in parentheses, which then is the one to be shown. */
static bool unit_in(Arena *a, const char *label, Dim d, double *factor) {
  const char *open = label ? strrchr(label, '(') : NULL;
  const char *close = open ? strchr(open, ')') : NULL;
  Dim found;
  if (!close || close[1] ||
      !unit_parse(open + 1, (size_t)(close - open) - 1, &found, factor, a, NULL))
    return false;
  return dim_agree(found, d, NULL, NULL);
}

static void set_unit(Arena *a, const Axis *axis, const Extent *e, View *v) {
  double most =
      axis->ranged ? fmax(fabs(axis->lo), fabs(axis->hi)) : fmax(fabs(e->lo), fabs(e->hi));
  const char *name = axis->label ? axis->label : "";
  v->factor = 1;
  v->text = name;
  if (dim_is_one(axis->dim) || unit_in(a, axis->label, axis->dim, &v->factor)) return;
  const char *unit = label_unit(a, unit_suited(a, axis->dim, most, &v->factor));
  v->text = arena_printf(a, *name ? "%s (%s)" : "%s%s", name, unit);
}

/* ---- all ------------------------------------------------------------------------------------- */

void view_make(Arena *a, const Axes *axes, WhichAxis which, View *out) {
  const Axis *axis = axis_of(axes, which);
  *out = (View){.log = axis->log};
  Extent e = extent_of(axes, which, axis->log);
  set_unit(a, axis, &e, out);
  set_range(axes, axis, which, &e, out);
  out->empty = !e.any;
}

/* The power of ten that the ticks leave out joins the unit: "time (10³ s)". */
static const char *with_power(Arena *a, const char *text, int exponent) {
  const char *power = label_power(a, exponent);
  size_t n = strlen(text);
  const char *open = n && text[n - 1] == ')' ? strrchr(text, '(') : NULL;
  if (!open) return arena_printf(a, *text ? "%s (%s)" : "%s%s", text, power);
  return arena_printf(a, "%.*s(%s %s", (int)(open - text), text, power, open + 1);
}

void view_ticks(Arena *a, const Axis *axis, int most, View *v) {
  if (v->log)
    ticks_log(a, v->lo, v->hi, most, &v->ticks);
  else
    ticks_linear(a, v->lo, v->hi, most, axis->whole, &v->ticks);
  if (v->ticks.exponent) v->text = with_power(a, v->text, v->ticks.exponent);
}

double view_fraction(const View *v, double x) {
  if (!isfinite(x) || (v->log && !(x / v->factor > 0))) return NAN;
  return (shown(v, x) - v->lo) / (v->hi - v->lo);
}

static bool bars_are_flat(const Axes *axes) {
  if (axes->marks.n == 0) return false;
  for (size_t i = 0; i < axes->marks.n; i++) {
    const Mark *m = &axes->marks.at[i];
    if (m->kind != MARK_bars) return false;
    for (int64_t k = 0; k < m->n; k++)
      if (column_at(&m->dy, k) > 0) return false;
  }
  return true;
}

const char *figure_lacks(Arena *a, const Figure *f) {
  const Axes *axes = f->axes;
  View x, y, z = {.empty = false};
  view_make(a, axes, AXIS_X, &x);
  view_make(a, axes, AXIS_Y, &y);
  if (axes->image && axes->marks.n == 0) view_make(a, axes, AXIS_Z, &z);
  if (bars_are_flat(axes)) return "there are no finite values in its bins";
  if (!x.empty && !y.empty && !z.empty) return NULL;
  return x.log || y.log || axes->z.log ? "there are no finite values above 0 for a logarithmic axis"
                                       : "there are no finite values";
}
