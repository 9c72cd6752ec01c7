/* figure_curve.c: plot, scatter and histogram. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "report/figure.h"

/* ---- curves of x and y ----------------------------------------------------------------------- */

/* How the elements of y lie along x: n points a curve, `count` curves. */
typedef struct Layout {
  int64_t n, count, step, next; /* from point to point, from curve to curve */
  bool ok;
} Layout;

/* Each column of a matrix is a curve, or each row if only the rows are as long as x. n -1: no x. */
static Layout layout_of(Shape s, int64_t n) {
  if (s.rank == 1) return (Layout){s.n[0], 1, 1, 0, n < 0 || s.n[0] < 0 || s.n[0] == n};
  bool columns = n < 0 || s.n[0] < 0 || s.n[0] == n;
  if (columns || (s.n[1] >= 0 && s.n[1] != n)) return (Layout){s.n[0], s.n[1], s.n[1], 1, columns};
  return (Layout){s.n[1], s.n[0], 1, s.n[1], true};
}

static bool has_rank(Ev *ev, const Value *v, Where at) {
  int rank = value_shape(v).rank;
  if (rank == 1 || rank == 2) return true;
  ev_error(ev, E0902, at, "a curve is a vector, several are the columns of a matrix: this is %s",
           value_kind_name(ev, v));
  return false;
}

static bool fit(Ev *ev, const Value *x, Where x_at, const Value *y, Where y_at, Layout *out) {
  Shape sx = x ? value_shape(x) : shape_vec(-1), sy = value_shape(y);
  if ((x && !has_rank(ev, x, x_at)) || !has_rank(ev, y, y_at)) return false;
  *out = layout_of(sy, sx.n[0]);
  bool alike = sx.rank == 1 || (sy.rank == 2 && shape_fits(sy, sx));
  if (out->ok && alike) return true;
  Diag *d = ev_report(ev, E0902, y_at, "x is of shape %s, y of shape %s", shape_text(ev->arena, sx),
                      shape_text(ev->arena, sy));
  if (d && sx.rank == 1)
    diag_note(ev->diag, d, y_at, "each column of y is a curve, which must be as long as x");
  return false;
}

enum { FAMILY = 8 }; /* more curves than this are coloured in order, by a map */

static void add_marks(Ev *ev, Axes *axes, const Value *x, const Value *y, const Layout *l,
                      MarkKind kind) {
  bool paired = x && value_shape(x).rank == 2;
  for (int64_t k = 0; k < l->count; k++) {
    Column cx = !x       ? column_even(0, 1)
                : paired ? column_of(x->tensor->data + k * l->next, l->step)
                         : column_of(x->tensor->data, 1);
    Mark *m = mark_add(ev, axes, kind, l->n, cx, column_of(y->tensor->data + k * l->next, l->step));
    m->shade = (int)k;
    m->shades = l->count > FAMILY ? (int)l->count : 0;
    m->faint = l->count > FAMILY;
  }
}

/* A course in a plane, which goes back and forth, has room around it. */
static bool goes_back(const Value *x) {
  if (!value_is_known(x) || value_shape(x).rank != 1) return false;
  for (int64_t i = 1; i < value_shape(x).n[0]; i++)
    if (x->tensor->data[i] < x->tensor->data[i - 1]) return true;
  return false;
}

static bool all_whole(const double *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (x[i] != floor(x[i])) return false;
  return true;
}

/* Counts and indices, which the report then has no ticks between. */
static bool counts(const Value *x) {
  if (!x) return true;
  if (!value_is_known(x) || !dim_is_one(x->dim) || value_shape(x).rank != 1) return false;
  return value_shape(x).n[0] > 2 && all_whole(x->tensor->data, value_shape(x).n[0]);
}

bool curves_add(Ev *ev, Axes *axes, const Value *x, Where x_at, const Value *y, Where y_at,
                MarkKind kind) {
  Layout l;
  if (!fit(ev, x, x_at, y, y_at, &l)) return false;
  if (!axis_take(ev, &axes->x, "x", x ? x->dim : DIM_ONE, x ? x_at : y_at) ||
      !axis_take(ev, &axes->y, "y", y->dim, y_at))
    return false;
  axes->x.whole = counts(x) && (axes->x.whole || axes->marks.n == 0);
  if (kind == MARK_line && !(x && goes_back(x))) axes->x.tight = true;
  if (value_is_known(y) && (!x || value_is_known(x))) add_marks(ev, axes, x, y, &l, kind);
  return true;
}

/* ---- what axes and curves are called --------------------------------------------------------- */

/* The axes have the names of the arguments; where these differ, y is named in the legend. */
typedef struct Names {
  const char *x, *y;
  bool x_differ, y_differ, any;
} Names;

static void note_names(Names *n, const char *x, const char *y) {
  n->x_differ = n->x_differ || (n->any && (!x || !n->x || strcmp(x, n->x) != 0));
  n->y_differ = n->y_differ || (n->any && (!y || !n->y || strcmp(y, n->y) != 0));
  n->x = x;
  n->y = y;
  n->any = true;
}

static void name_axes(Axes *axes, const Names *n) {
  axes->x.label = n->x_differ ? NULL : n->x;
  axes->y.label = n->y_differ ? NULL : n->y;
  for (size_t i = 0; !n->y_differ && i < axes->marks.n; i++) axes->marks.at[i].label = NULL;
}

/* One curve, or those of one matrix, with its name. */
static bool add_pair(Ev *ev, Axes *axes, Value *x, Where x_at, Value *y, Where y_at, MarkKind kind,
                     Names *names) {
  size_t before = axes->marks.n;
  if (x) x = arg_as_array(ev, x, x_at, "what stands for x");
  y = arg_as_array(ev, y, y_at, "what stands for y");
  if ((x && x->kind != V_ARRAY) || y->kind != V_ARRAY) return false;
  if (!curves_add(ev, axes, x, x_at, y, y_at, kind)) return false;
  note_names(names, x ? figure_name_of(ev, x_at) : NULL, figure_name_of(ev, y_at));
  for (size_t i = before; i < axes->marks.n; i++) axes->marks.at[i].label = names->y;
  return true;
}

static bool all_known(const Call *c) {
  bool known = true;
  for (int i = 0; i < c->nrest; i++) known = known && value_is_known(c->rest[i]);
  return known;
}

static Figure *of_pairs(Ev *ev, Call *c, MarkKind kind) {
  Names names = {0};
  Figure *f = figure_new(ev, c);
  f->axes->partial = !all_known(c);
  if (c->nrest == 0) return ev_error(ev, E0208, c->at, "`%s` needs arrays", c->fn->name), NULL;
  if (c->nrest > 1 && c->nrest % 2)
    return ev_error(ev, E0902, c->rest_at[c->nrest - 1],
                    "curves come as pairs: `%s(x1, y1, x2, y2)`", c->fn->name),
           NULL;
  for (int i = 0; i < c->nrest; i += 2) {
    bool single = c->nrest == 1;
    if (!add_pair(ev, f->axes, single ? NULL : c->rest[i], c->rest_at[i],
                  c->rest[single ? 0 : i + 1], c->rest_at[single ? 0 : i + 1], kind, &names))
      return NULL;
  }
  name_axes(f->axes, &names);
  return f;
}

static Value *finish(Ev *ev, const FigureOptions *o, Figure *f) {
  return f && figure_options_apply(ev, o, f) ? figure_value(ev, f) : &VALUE_ERROR;
}

Value *figure_plot(Ev *ev, Call *c) {
  FigureOptions o;
  if (!figure_options_read(ev, c, 0, &o)) return &VALUE_ERROR;
  bool record = c->nrest == 1 && c->rest[0]->kind == V_RECORD;
  Figure *f =
      record ? figure_of_record(ev, c, c->rest[0], c->rest_at[0]) : of_pairs(ev, c, MARK_line);
  return finish(ev, &o, f);
}

/* The two columns of a matrix. */
static Figure *of_columns(Ev *ev, Call *c, const Value *xy) {
  Figure *f = figure_new(ev, c);
  if (!axis_take(ev, &f->axes->x, "x", xy->dim, c->rest_at[0]) ||
      !axis_take(ev, &f->axes->y, "y", xy->dim, c->rest_at[0]))
    return NULL;
  if (value_is_known(xy))
    mark_add(ev, f->axes, MARK_points, value_shape(xy).n[0], column_of(xy->tensor->data, 2),
             column_of(xy->tensor->data + 1, 2));
  return f;
}

Value *figure_scatter(Ev *ev, Call *c) {
  FigureOptions o;
  if (!figure_options_read(ev, c, 0, &o)) return &VALUE_ERROR;
  const Value *first = c->nrest == 1 ? c->rest[0] : NULL;
  bool pairs = !first || first->kind != V_ARRAY || value_shape(first).rank != 2 ||
               !shape_fits(value_shape(first), shape_mat(-1, 2));
  return finish(ev, &o, pairs ? of_pairs(ev, c, MARK_points) : of_columns(ev, c, first));
}

/* ---- histogram ------------------------------------------------------------------------------- */

enum { BINS_LEAST = 8, BINS_MOST = 200, WHOLE_BINS_MOST = 60, BINS_LIMIT = 10000 };

typedef struct Bins {
  int64_t n;
  double first, width;
  const double *edge; /* n + 1, ascending; NULL: even */
} Bins;

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The finite elements in order. */
static double *sorted(Ev *ev, const Value *v, int64_t *n) {
  int64_t all = shape_count(value_shape(v));
  double *x = ARENA_ARRAY(ev->arena, double, all + 1);
  *n = 0;
  for (int64_t i = 0; i < all; i++)
    if (isfinite(v->tensor->data[i])) x[(*n)++] = v->tensor->data[i];
  qsort(x, (size_t)*n, sizeof *x, compare_numbers);
  return x;
}

/* Twice the interquartile range over the cube root of the number: D. Freedman & P. Diaconis, "On
   the histogram as a density estimator", Z. Wahrscheinlichkeitstheorie 57, 453 (1981). */
static double usual_width(const double *x, int64_t n) {
  double range = x[n - 1] - x[0];
  double width = 2 * (x[n * 3 / 4] - x[n / 4]) / cbrt((double)n);
  if (!(width > range / BINS_MOST)) width = range / BINS_MOST;
  return fmin(width, range / BINS_LEAST);
}

static Bins usual_bins(const double *x, int64_t n, int64_t wanted) {
  if (n == 0) return (Bins){1, 0, 1, NULL};
  double range = x[n - 1] - x[0];
  if (wanted < 1 && range < WHOLE_BINS_MOST && all_whole(x, n))
    return (Bins){(int64_t)range + 1, x[0] - 0.5, 1, NULL};
  if (range == 0) return (Bins){1, x[0] - 0.5, 1, NULL};
  int64_t count = wanted > 0 ? wanted : (int64_t)ceil(range / usual_width(x, n) - 1e-9);
  return (Bins){count, x[0], range / (double)count, NULL};
}

static double edge_at(const Bins *b, int64_t i) {
  return b->edge ? b->edge[i] : b->first + b->width * (double)i;
}

/* The bin of x, or -1; the last one has its upper edge too. */
static int64_t bin_of(const Bins *b, double x) {
  if (x < edge_at(b, 0) || x > edge_at(b, b->n)) return -1;
  int64_t k = 0;
  if (!b->edge) {
    k = (int64_t)((x - b->first) / b->width);
  } else {
    while (k + 1 < b->n && x >= b->edge[k + 1]) k++;
  }
  return k < b->n ? k : b->n - 1;
}

static void add_bars(Ev *ev, Axes *axes, const double *x, int64_t n, const Bins *b, bool density) {
  double *left = ARENA_ARRAY(ev->arena, double, b->n), *wide = ARENA_ARRAY(ev->arena, double, b->n);
  double *high = ARENA_ARRAY(ev->arena, double, b->n);
  for (int64_t i = 0; i < n; i++) {
    int64_t k = bin_of(b, x[i]);
    if (k >= 0) high[k] += 1;
  }
  for (int64_t k = 0; k < b->n; k++) {
    left[k] = edge_at(b, k);
    wide[k] = edge_at(b, k + 1) - left[k];
    if (density && n) high[k] /= (double)n * wide[k];
  }
  Mark *m = mark_add(ev, axes, MARK_bars, b->n, column_of(left, 1), column_even(0, 0));
  m->dx = column_of(wide, 1);
  m->dy = column_of(high, 1);
}

/* Edges, or a number: 0 where it is left to us. */
static bool read_bins(Ev *ev, Call *c, Axes *axes, Bins *b, int64_t *wanted) {
  *b = (Bins){0};
  *wanted = 0;
  Value *v = c->arg[0];
  bool edges = arg_given(c, 0) && v->kind == V_ARRAY && value_shape(v).rank == 1;
  if (!edges) {
    if (!arg_size(ev, c, 0, 0, 1, wanted)) return false;
    return *wanted <= BINS_LIMIT || (arg_bad(ev, c, 0, "is at most %d", BINS_LIMIT), false);
  }
  if (!axis_take(ev, &axes->x, "x", v->dim, c->arg_at[0])) return false;
  if (!value_is_known(v)) return true;
  b->n = value_shape(v).n[0] - 1;
  b->edge = v->tensor->data;
  for (int64_t i = 0; i < b->n; i++)
    if (!(b->edge[i] < b->edge[i + 1])) return arg_bad(ev, c, 0, "must ascend"), false;
  return b->n >= 1 || (arg_bad(ev, c, 0, "are at least two edges"), false);
}

/* All samples in one, for bins that suit all. */
static void bins_for_all(Ev *ev, double *const *x, const int64_t *n, int count, int64_t wanted,
                         Bins *b) {
  int64_t total = 0;
  for (int i = 0; i < count; i++) total += n[i];
  double *all = ARENA_ARRAY(ev->arena, double, total + 1);
  for (int i = 0, at = 0; i < count; at += (int)n[i++])
    memcpy(all + at, x[i], (size_t)n[i] * sizeof *all);
  if (count > 1) qsort(all, (size_t)total, sizeof *all, compare_numbers);
  *b = usual_bins(all, total, wanted);
}

static void label_counts(Axes *axes, bool density, Dim d) {
  axes->y.label = density ? "density" : "count";
  axes->y.dim = density ? dim_div(DIM_ONE, d) : DIM_ONE;
  axes->y.taken = axes->y.zero = true;
  axes->y.whole = !density;
}

/* Reads the samples; what is not known yet (rehearsal) leaves no numbers. */
static bool read_samples(Ev *ev, Call *c, Axes *axes, double **x, int64_t *n, Names *names) {
  for (int i = 0; i < c->nrest; i++) {
    Value *v = arg_as_array(ev, c->rest[i], c->rest_at[i], "a sample");
    if (v->kind != V_ARRAY || !axis_take(ev, &axes->x, "x", v->dim, c->rest_at[i])) return false;
    if (value_is_known(v)) x[i] = sorted(ev, v, &n[i]);
    note_names(names, NULL, figure_name_of(ev, c->rest_at[i]));
  }
  return true;
}

Value *figure_histogram(Ev *ev, Call *c) {
  FigureOptions o;
  Bins b;
  int64_t wanted;
  bool density;
  Names names = {0};
  Figure *f = figure_new(ev, c);
  double **x = ARENA_ARRAY(ev->arena, double *, c->nrest + 1);
  int64_t *n = ARENA_ARRAY(ev->arena, int64_t, c->nrest + 1);
  if (c->nrest == 0) return ev_error(ev, E0208, c->at, "`histogram` needs an array");
  if (!figure_options_read(ev, c, 2, &o) || !read_samples(ev, c, f->axes, x, n, &names) ||
      !read_bins(ev, c, f->axes, &b, &wanted) || !arg_flag(ev, c, 1, false, &density))
    return &VALUE_ERROR;
  label_counts(f->axes, density, f->axes->x.dim);
  f->axes->x.label = names.y_differ ? NULL : names.y;
  if (!ev->rehearse && !b.edge) bins_for_all(ev, x, n, c->nrest, wanted, &b);
  f->axes->x.whole = b.width == 1 && b.first != floor(b.first);
  for (int i = 0; !ev->rehearse && i < c->nrest; i++) {
    add_bars(ev, f->axes, x[i], n[i], &b, density);
    Mark *m = &f->axes->marks.at[f->axes->marks.n - 1];
    m->label = names.y_differ ? figure_name_of(ev, c->rest_at[i]) : NULL;
  }
  return finish(ev, &o, f);
}
