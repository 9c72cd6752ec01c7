/* figure_points.c: see figure_points.h. */
#include "report/figure_points.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "num/linalg.h"

enum { CIRCLE = 181 /* points of a circle */, STARTS_LEAST = 20 /* for components of their own */ };

static bool is_of(const Value *v, const char *type) {
  return v->kind == V_RECORD && v->type && strcmp(v->type, type) == 0;
}

bool is_points(const Value *v) {
  return is_of(v, "fixed_points");
}

bool is_manifolds(const Value *v) {
  return is_of(v, "manifolds");
}

/* ---- in a plane of two numbers --------------------------------------------------------------- */

/* The quantity `path`, "E.x", in `.state`; NULL: reported. */
static const Value *state_at(Ev *ev, const Value *r, const char *path, Where where) {
  const Value *v = value_field(r, "state");
  for (const char *rest = path; v && v->kind == V_RECORD;) {
    size_t n = strcspn(rest, ".");
    v = value_field(v, arena_strndup(ev->arena, rest, n));
    rest += rest[n] ? n + 1 : n;
  }
  if (v && v->kind == V_ARRAY) return v;
  ev_error(ev, E0903, where, "there is no state `%s` in this result", path);
  return NULL;
}

/* The two quantities of a plane, and how far apart their elements are in a row. */
typedef struct Pair {
  const Value *v[2];
  int64_t n[2];
  bool known;
} Pair;

static bool read_pair(Ev *ev, Axes *axes, const Value *r, const PointCoord at[2], int lead,
                      Where where, Pair *p) {
  for (int k = 0; k < 2; k++) {
    p->v[k] = state_at(ev, r, at[k].path, where);
    if (!p->v[k]) return false;
    p->n[k] = shape_count(shape_tail(value_shape(p->v[k]), lead));
    if (at[k].element >= p->n[k]) {
      ev_error(ev, E0402, where, "`%s` has %lld element%s", at[k].path, (long long)p->n[k],
               p->n[k] == 1 ? "" : "s");
      return false;
    }
  }
  p->known = value_is_known(p->v[0]) && value_is_known(p->v[1]);
  return axis_take(ev, &axes->x, "x", p->v[0]->dim, where) &&
         axis_take(ev, &axes->y, "y", p->v[1]->dim, where);
}

/* Those of one stability, with a place in the legend. */
static void add_kind(Ev *ev, Axes *axes, const Value *r, const double *xy, bool stable) {
  const double *is_stable = value_field(r, "stable")->tensor->data;
  int64_t count = value_shape(value_field(r, "stable")).n[0], n = 0;
  double *at = ARENA_ARRAY(ev->arena, double, 2 * count + 1);
  for (int64_t k = 0; k < count; k++) {
    if ((is_stable[k] != 0) != stable) continue;
    at[2 * n] = xy[2 * k];
    at[2 * n++ + 1] = xy[2 * k + 1];
  }
  if (n == 0) return;
  Mark *m = mark_add(ev, axes, stable ? MARK_points : MARK_diamonds, n, column_of(at, 2),
                     column_of(at + 1, 2));
  m->color = stable ? "black" : "orange";
  m->label = stable ? "stable" : "unstable";
  m->size = 1.8;
}

bool points_add(Ev *ev, Axes *axes, const Value *points, const PointCoord at[2], Where where) {
  Pair p;
  if (!read_pair(ev, axes, points, at, 1, where, &p)) return false;
  if (!p.known) return true;
  int64_t count = value_shape(p.v[0]).n[0];
  double *xy = ARENA_ARRAY(ev->arena, double, 2 * count + 1);
  for (int64_t i = 0; i < count; i++)
    for (int k = 0; k < 2; k++) xy[2 * i + k] = p.v[k]->tensor->data[i * p.n[k] + at[k].element];
  add_kind(ev, axes, points, xy, true);
  add_kind(ev, axes, points, xy, false);
  return true;
}

void course_add(Ev *ev, Axes *axes, int64_t n, Column x, Column y, bool leaves, bool labelled[2]) {
  Mark *m = mark_add(ev, axes, MARK_line, n, x, y);
  m->color = leaves ? "blue" : "pink";
  m->dashed = !leaves;
  if (!labelled[leaves]) m->label = leaves ? "leaves a saddle" : "enters a saddle";
  labelled[leaves] = true;
}

bool manifolds_add(Ev *ev, Axes *axes, const Value *r, const PointCoord at[2], Where where) {
  Pair p;
  if (!read_pair(ev, axes, r, at, 2, where, &p)) return false;
  if (!p.known) return true;
  Shape shape = value_shape(p.v[0]);
  const double *unstable = value_field(r, "unstable")->tensor->data;
  bool labelled[2] = {false, false};
  for (int64_t i = 0; i < shape.n[0]; i++) {
    bool leaves = unstable[i] != 0;
    Column c[2];
    for (int k = 0; k < 2; k++)
      c[k] = column_of(p.v[k]->tensor->data + i * shape.n[1] * p.n[k] + at[k].element, p.n[k]);
    course_add(ev, axes, shape.n[1], c[0], c[1], leaves, labelled);
  }
  return true;
}

/* ---- in the plane of most spread ------------------------------------------------------------- */

bool point_view_open(Ev *ev, const double *x, int64_t count, int64_t n, PointView *v) {
  Arena *a = ev->arena;
  *v = (PointView){n, count, x, NULL, {NULL, NULL}};
  v->mean = ARENA_ARRAY(a, double, n);
  for (int k = 0; k < 2; k++) v->axis[k] = ARENA_ARRAY(a, double, n);
  if (n <= 2) {
    for (int64_t k = 0; k < n; k++) v->axis[k][k] = 1;
    return true;
  }
  int64_t rank = count < n ? count : n;
  double *centred = ARENA_ARRAY(a, double, count *n), *U = ARENA_ARRAY(a, double, count *rank);
  double *s = ARENA_ARRAY(a, double, rank), *vt = ARENA_ARRAY(a, double, rank *n);
  for (int64_t i = 0; i < count * n; i++) v->mean[i % n] += x[i] / (double)count;
  for (int64_t i = 0; i < count * n; i++) centred[i] = x[i] - v->mean[i % n];
  if (la_svd(count, n, centred, U, s, vt).code != STATUS_OK) return false;
  for (int k = 0; k < 2 && k < rank; k++) memcpy(v->axis[k], vt + k * n, (size_t)n * sizeof *vt);
  return true;
}

static double along(const PointView *v, int k, const double *x, bool place) {
  double sum = 0;
  for (int64_t i = 0; i < v->n; i++) sum += v->axis[k][i] * (x[i] - (place ? v->mean[i] : 0));
  return sum;
}

/* A stroke to both sides along each growing eigenvector, of one length in full space. */
static void add_directions(Ev *ev, Axes *axes, const Value *r, const PointView *v, double length) {
  const Value *vre = value_field(r, "vec_re");
  const double *growing = value_field(r, "n_unstable")->tensor->data;
  int64_t each = value_shape(vre).n[1], n = 0;
  double *at = ARENA_ARRAY(ev->arena, double, 4 * v->count * each + 1);
  for (int64_t k = 0; k < v->count; k++)
    for (int64_t i = 0; i < each && (double)i < growing[k]; i++, n++)
      for (int d = 0; d < 2; d++) {
        double step = length * along(v, d, vre->tensor->data + (k * each + i) * v->n, false);
        at[4 * n + d] = along(v, d, v->x + k * v->n, true) - step;
        at[4 * n + 2 + d] = 2 * step;
      }
  if (n == 0) return;
  Mark *m = mark_add(ev, axes, MARK_strokes, n, column_of(at, 4), column_of(at + 1, 4));
  m->dx = column_of(at + 2, 4);
  m->dy = column_of(at + 3, 4);
  m->color = "orange";
  m->label = "growing";
}

double *point_view_places(Ev *ev, const PointView *v, const double *x, int64_t count) {
  double *xy = ARENA_ARRAY(ev->arena, double, 2 * count + 1);
  for (int64_t k = 0; k < count; k++)
    for (int d = 0; d < 2; d++) xy[2 * k + d] = along(v, d, x + k * v->n, true);
  return xy;
}

/* The plane in which starts that were given, a run's states perhaps, differ most, if they are many;
   else that of the points. */
static bool open_view(Ev *ev, const Value *points, PointView *v) {
  const Value *x = value_field(points, "x"), *starts = value_field(points, "starts");
  Shape s = value_shape(x);
  bool many = starts && value_is_known(starts) && value_shape(starts).n[0] >= STARTS_LEAST;
  const Value *rows = many ? starts : x;
  if (!point_view_open(ev, rows->tensor->data, value_shape(rows).n[0], s.n[1], v)) return false;
  v->x = x->tensor->data;
  v->count = s.n[0];
  return true;
}

/* How far the farthest of `count` places is from the middle. */
static double extent(const double *xy, int64_t count) {
  double size = 0;
  for (int64_t k = 0; k < 2 * count; k++) size = fmax(size, fabs(xy[k]));
  return size;
}

/* Faintly, below all else. How far they reach. */
static double add_starts(Ev *ev, Axes *axes, const PointView *v, const Value *starts) {
  if (!starts || !value_is_known(starts)) return 0;
  int64_t n = value_shape(starts).n[0];
  double *xy = point_view_places(ev, v, starts->tensor->data, n);
  Mark *m = mark_add(ev, axes, MARK_points, n, column_of(xy, 2), column_of(xy + 1, 2));
  m->color = "gray";
  m->size = 0.5;
  m->label = "starts";
  return extent(xy, n);
}

static void add_places(Ev *ev, Figure *f, const Value *points) {
  PointView v;
  if (!open_view(ev, points, &v)) return;
  double *xy = point_view_places(ev, &v, v.x, v.count), size = extent(xy, v.count);
  size = fmax(size, add_starts(ev, f->axes, &v, value_field(points, "starts")));
  add_directions(ev, f->axes, points, &v, size > 0 ? size / 8 : 1);
  add_kind(ev, f->axes, points, xy, true);
  add_kind(ev, f->axes, points, xy, false);
}

Figure *point_view_figure(Ev *ev, Call *c, const Value *x, Where at) {
  Figure *f = figure_new(ev, c);
  Shape s = value_shape(x);
  int64_t n = s.n[s.rank - 1];
  f->axes->x.label = n <= 2 ? "x[0]" : "first component";
  f->axes->y.label = n == 1 ? "" : n == 2 ? "x[1]" : "second component";
  return axis_take(ev, &f->axes->x, "x", x->dim, at) && axis_take(ev, &f->axes->y, "y", x->dim, at)
             ? f
             : NULL;
}

static Figure *places(Ev *ev, Call *c, const Value *points, Where at) {
  const Value *x = value_field(points, "x");
  Figure *f = point_view_figure(ev, c, x, at);
  if (!f) return NULL;
  f->used = true;
  f->axes->title = "fixed points";
  if (value_is_known(x) && value_shape(x).n[0] > 0) add_places(ev, f, points);
  return f;
}

/* ---- spectra --------------------------------------------------------------------------------- */

/* The line between growth and decay: of a map, whose eigenvalues are plain numbers as those of any
   network without units of time are, the result says which it is by its time constants. */
static bool is_of_map(const Value *re, const Value *im, const Value *tau) {
  int64_t n = shape_count(value_shape(re));
  for (int64_t i = 0; i < n; i++) {
    double a = re->tensor->data[i], size = hypot(a, im->tensor->data[i]);
    double flow = -1 / a, map = -1 / log(size), t = tau->tensor->data[i];
    if (isfinite(t) && fabs(t - flow) > 1e-9 * fabs(t)) return fabs(t - map) <= 1e-9 * fabs(t);
  }
  return false;
}

static void add_unit_circle(Ev *ev, Axes *axes) {
  double *at = ARENA_ARRAY(ev->arena, double, 2 * CIRCLE);
  for (int i = 0; i < CIRCLE; i++) {
    at[2 * i] = cos(2 * M_PI * i / (CIRCLE - 1));
    at[2 * i + 1] = sin(2 * M_PI * i / (CIRCLE - 1));
  }
  mark_add(ev, axes, MARK_line, CIRCLE, column_of(at, 2), column_of(at + 1, 2))->color = "gray";
}

static void add_imaginary_axis(Ev *ev, Axes *axes, const double *im, int64_t n) {
  double most = 0, *at = ARENA_ARRAY(ev->arena, double, 4);
  for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(im[i]));
  at[1] = most > 0 ? -1.1 * most : -1;
  at[3] = -at[1];
  mark_add(ev, axes, MARK_line, 2, column_of(at, 2), column_of(at + 1, 2))->color = "gray";
}

Figure *figure_of_spectrum(Ev *ev, Call *c, const Value *re, const Value *im, bool circle,
                           Where at) {
  Figure *f = figure_new(ev, c);
  Axes *axes = f->axes;
  f->used = true;
  axes->x.label = "real part";
  axes->y.label = "imaginary part";
  if (!axis_take(ev, &axes->x, "x", re->dim, at) || !axis_take(ev, &axes->y, "y", im->dim, at))
    return NULL;
  if (!value_is_known(re)) return f;
  int64_t n = shape_count(value_shape(re));
  if (circle)
    add_unit_circle(ev, axes);
  else
    add_imaginary_axis(ev, axes, im->tensor->data, n);
  Mark *m = mark_add(ev, axes, MARK_points, n, column_of(re->tensor->data, 1),
                     column_of(im->tensor->data, 1));
  m->color = "blue";
  return f;
}

static Figure *spectra(Ev *ev, Call *c, const Value *points, Where at) {
  const Value *re = value_field(points, "eig_re"), *im = value_field(points, "eig_im");
  bool map = value_is_known(re) && is_of_map(re, im, value_field(points, "tau"));
  Figure *f = figure_of_spectrum(ev, c, re, im, map, at);
  if (f) f->axes->title = "eigenvalues";
  return f;
}

Figure *figure_of_points(Ev *ev, Call *c, const Value *points, Where at) {
  Figure *part[] = {places(ev, c, points, at), spectra(ev, c, points, at)};
  return part[0] && part[1] ? figure_grid(ev, c, part, 2, 2) : NULL;
}
