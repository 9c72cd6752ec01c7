/* figure_analysis.c: plot(r) of what an analysis found: the figure that is natural to it. A table
   says which record has which. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "report/figure_points.h"

enum { LINES_MOST = 8 };

static bool is_empty(const Value *x) {
  return !value_is_known(x) || shape_count(value_shape(x)) == 0;
}

/* The first columns of y [rows, n] against t, or the index. */
static void add_columns(Ev *ev, Axes *axes, const Value *t, const Value *y, const char *what) {
  if (is_empty(y)) return;
  Shape s = value_shape(y);
  int64_t n = s.rank > 1 ? s.n[1] : 1;
  for (int64_t i = 0; i < n && i < LINES_MOST; i++) {
    Column x = t ? column_of(t->tensor->data, 1) : column_even(0, 1);
    Mark *m = mark_add(ev, axes, MARK_line, s.n[0], x, column_of(y->tensor->data + i, n));
    m->label = s.rank > 1 ? arena_printf(ev->arena, "%s[%lld]", what, (long long)i) : what;
  }
}

static Mark *add_zero(Ev *ev, Axes *axes, double from, double to) {
  double *x = ARENA_ARRAY(ev->arena, double, 2), *y = ARENA_ARRAY(ev->arena, double, 2);
  x[0] = from;
  x[1] = to;
  Mark *m = mark_add(ev, axes, MARK_line, 2, column_of(x, 1), column_of(y, 1));
  m->color = "gray";
  return m;
}

/* A figure for states x [..., D], and where they are in its plane: [..., 2]. NULL: there is nothing
   to be drawn in it. */
static const double *places_of(Ev *ev, Call *c, const Value *x, const char *title, Where at,
                               Figure **f) {
  *f = point_view_figure(ev, c, x, at);
  if (!*f || is_empty(x)) return NULL;
  (*f)->axes->title = title;
  Shape s = value_shape(x);
  int64_t n = s.n[s.rank - 1];
  PointView v;
  if (!point_view_open(ev, x->tensor->data, shape_count(s) / n, n, &v)) return NULL;
  return point_view_places(ev, &v, v.x, v.count);
}

/* ---- basins ---------------------------------------------------------------------------------- */

/* Those that point k draws; k = -1: no point. */
static void add_basin(Ev *ev, Axes *axes, const Value *r, const double *xy, int64_t k) {
  const Value *to = value_field(r, "to");
  const double *fraction = value_field(r, "fraction")->tensor->data;
  int64_t count = shape_count(value_shape(to)), n = 0;
  double *at = ARENA_ARRAY(ev->arena, double, 2 * count + 1);
  for (int64_t i = 0; i < count; i++) {
    if ((int64_t)to->tensor->data[i] != k) continue;
    at[2 * n] = xy[2 * i];
    at[2 * n++ + 1] = xy[2 * i + 1];
  }
  if (n == 0) return;
  Mark *m = mark_add(ev, axes, MARK_points, n, column_of(at, 2), column_of(at + 1, 2));
  double percent = 100 * (k < 0 ? value_field(r, "other")->tensor->data[0] : fraction[k]);
  m->label = k < 0 ? arena_printf(ev->arena, "none (%.3g %%)", percent)
                   : arena_printf(ev->arena, "point %lld (%.3g %%)", (long long)k, percent);
  if (k < 0) m->color = "gray";
}

static Figure *of_basins(Ev *ev, Call *c, const Value *r, Where at) {
  Figure *f;
  const double *xy = places_of(ev, c, value_field(r, "x"), "basins of attraction", at, &f);
  if (!xy) return f;
  int64_t points = value_shape(value_field(r, "fraction")).n[0];
  for (int64_t k = 0; k < points; k++) add_basin(ev, f->axes, r, xy, k);
  add_basin(ev, f->axes, r, xy, -1);
  return f;
}

/* ---- manifolds ------------------------------------------------------------------------------- */

static Figure *of_manifolds(Ev *ev, Call *c, const Value *r, Where at) {
  const Value *x = value_field(r, "x");
  Figure *f;
  const double *xy = places_of(ev, c, x, "manifolds of saddles", at, &f);
  if (!xy) return f;
  Shape s = value_shape(x);
  const double *leaves = value_field(r, "unstable")->tensor->data;
  bool labelled[2] = {false, false};
  for (int64_t i = 0; i < s.n[0]; i++, xy += 2 * s.n[1])
    course_add(ev, f->axes, s.n[1], column_of(xy, 2), column_of(xy + 1, 2), leaves[i] != 0,
               labelled);
  return f;
}

/* ---- exponents, multipliers, growth ---------------------------------------------------------- */

static Figure *of_exponents(Ev *ev, Call *c, const Value *r, Where at) {
  const Value *e = value_field(r, "exponents"), *history = value_field(r, "history");
  Figure *part[] = {figure_new(ev, c), figure_new(ev, c)};
  for (int i = 0; i < 2; i++) {
    part[i]->used = true;
    if (!axis_take(ev, &part[i]->axes->y, "y", e->dim, at)) return NULL;
    axis_take(ev, &part[i]->axes->x, "x", DIM_ONE, at);
  }
  Axes *spectrum = part[0]->axes;
  spectrum->title = "Lyapunov exponents";
  spectrum->x.label = "index";
  spectrum->x.whole = true;
  part[1]->axes->title = "how they settled";
  part[1]->axes->x.label = "row of .history";
  if (!value_is_known(e)) return figure_grid(ev, c, part, 2, 2);
  int64_t n = value_shape(e).n[0];
  add_zero(ev, spectrum, -0.5, (double)n - 0.5);
  mark_add(ev, spectrum, MARK_points, n, column_even(0, 1), column_of(e->tensor->data, 1));
  add_columns(ev, part[1]->axes, NULL, history, "exponent");
  return figure_grid(ev, c, part, 2, 2);
}

static Figure *of_cycle(Ev *ev, Call *c, const Value *r, Where at) {
  const Value *x = value_field(r, "x");
  Figure *part[2] = {point_view_figure(ev, c, x, at)};
  part[1] = figure_of_spectrum(ev, c, value_field(r, "multipliers_re"),
                               value_field(r, "multipliers_im"), true, at);
  if (!part[0] || !part[1]) return NULL;
  part[0]->used = true;
  part[0]->axes->title = "limit cycle";
  part[1]->axes->title = "Floquet multipliers";
  PointView v;
  Shape s = value_shape(x);
  if (is_empty(x) || !point_view_open(ev, x->tensor->data, s.n[0], s.n[1], &v))
    return figure_grid(ev, c, part, 2, 2);
  const double *xy = point_view_places(ev, &v, v.x, s.n[0]);
  mark_add(ev, part[0]->axes, MARK_line, s.n[0], column_of(xy, 2), column_of(xy + 1, 2));
  return figure_grid(ev, c, part, 2, 2);
}

static Figure *of_sensitivity(Ev *ev, Call *c, const Value *r, Where at) {
  const Value *t = value_field(r, "t"), *back = value_field(r, "log_adjoint");
  Figure *f = figure_new(ev, c);
  f->axes->title = "growth of small deviations";
  f->axes->x.label = "time";
  f->axes->y.label = "logarithm";
  f->axes->x.tight = true;
  if (!axis_take(ev, &f->axes->x, "x", t->dim, at)) return NULL;
  axis_take(ev, &f->axes->y, "y", DIM_ONE, at);
  if (!value_is_known(t)) return f;
  add_columns(ev, f->axes, t, value_field(r, "log_singular"), "singular");
  if (back) add_columns(ev, f->axes, t, back, "adjoint");
  return f;
}

/* ---- which has which ------------------------------------------------------------------------- */

static const struct {
  const char *type, *field; /* of `rank` axes: of several results in one record it has more */
  int rank;
  const char *name;
  Figure *(*make)(Ev *ev, Call *c, const Value *r, Where at);
} analyses[] = {
    {"fixed_points", "x", 2, "fixed points", figure_of_points},
    {"basins", "fraction", 1, "basins", of_basins},
    {"manifolds", "x", 3, "manifolds", of_manifolds},
    {"lyapunov", "exponents", 1, "Lyapunov exponents", of_exponents},
    {"limit_cycle", "x", 2, "limit cycle", of_cycle},
    {"continuation", "p", 1, "bifurcations", figure_of_branch},
    {"sensitivity", "t", 1, "sensitivity", of_sensitivity},
};

enum { ANALYSES = sizeof analyses / sizeof *analyses };

static bool is_of(const Value *r, int i) {
  const Value *v = value_field(r, analyses[i].field);
  return strcmp(r->type, analyses[i].type) == 0 && v && v->kind == V_ARRAY &&
         value_shape(v).rank == analyses[i].rank;
}

static int find(const Value *r) {
  for (int i = 0; r->kind == V_RECORD && r->type && i < ANALYSES; i++)
    if (is_of(r, i)) return i;
  return -1;
}

bool figure_of_analysis(Ev *ev, Call *c, const Value *record, Where at, Figure **out) {
  int i = find(record);
  if (i >= 0) *out = analyses[i].make(ev, c, record, at);
  return i >= 0;
}

const char *figure_analysis_name(const Value *record) {
  int i = find(record);
  return i < 0 ? NULL : analyses[i].name;
}
