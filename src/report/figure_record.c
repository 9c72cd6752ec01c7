/* figure_record.c: plot(record): what a record is about. Of a run, its quantities against time, one
   panel below the other: scalars of one dimension together, a few units as lines, many as cells of
   colour, events as a raster. Of a sweep, its fields against the axis, or as maps over two axes. Of
   an evaluation, its first trial (figure_trial.c). Of any other record, its series. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "report/figure_points.h"

enum {
  LINES_MOST = 8,  /* more units than this are cells of colour */
  PANELS_MOST = 6, /* more quantities than this are left out, which the last title says */
};

/* A quantity with values along the common axis. */
typedef struct Series {
  const char *name;
  const Value *v;
  bool event; /* a record of times and units */
} Series;

typedef struct Subject {
  Ev *ev;
  Call *c;
  Where at;
  const char *axis_name;
  const Value *axis;  /* NULL: the index */
  const Value *axis2; /* of a sweep over two */
  const char *axis2_name;
  int64_t n;  /* its length; -1: not known yet */
  bool apart; /* scalars of one dimension do not share a panel: loss and scores */
  VEC(Series) series;
  VEC(Figure *) panels;
} Subject;

static const Value *array_field(const Value *r, const char *name) {
  const Value *v = value_field(r, name);
  return v && v->kind == V_ARRAY ? v : NULL;
}

static bool is_vector(const Value *v) {
  return v && v->kind == V_ARRAY && value_shape(v).rank == 1;
}

static bool length_is(int64_t have, int64_t n) {
  return have < 0 || n < 0 || have == n;
}

/* ---- what there is --------------------------------------------------------------------------- */

static bool is_event(const Value *v) {
  return v->kind == V_RECORD && is_vector(value_field(v, "t")) && is_vector(value_field(v, "unit"));
}

/* Along the axis, or a trial after the other? */
static bool has_axis(const Subject *s, const Value *v) {
  Shape shape = value_shape(v);
  if (v->kind != V_ARRAY || shape.rank < 1) return false;
  return length_is(shape.n[0], s->n) || (shape.rank > 1 && length_is(shape.n[1], s->n));
}

/* Fields that repeat others or say how things ended. */
static bool is_aside(const char *name) {
  static const char *const asides[] = {"final", "net",  "state",  "each",
                                       "input", "mask", "failed", "stopped"};
  for (size_t i = 0; i < sizeof asides / sizeof *asides; i++)
    if (strcmp(name, asides[i]) == 0) return true;
  return false;
}

static void collect(Subject *s, const char *prefix, const Value *record) {
  Arena *a = s->ev->arena;
  for (int i = 0; i < record->nfields; i++) {
    const Field *f = &record->fields[i];
    if (f->value == s->axis || f->value == s->axis2 || is_aside(f->name)) continue;
    const char *name = arena_printf(a, "%s%s", prefix, f->name);
    bool event = is_event(f->value);
    if (event || has_axis(s, f->value))
      *vec_push(a, &s->series) = (Series){name, f->value, event};
    else if (f->value->kind == V_RECORD)
      collect(s, arena_printf(a, "%s.", name), f->value);
  }
}

/* ---- panels ---------------------------------------------------------------------------------- */

static Figure *panel_new(Subject *s) {
  Figure *f = figure_new(s->ev, s->c);
  f->axes->x.label = s->axis_name;
  f->axes->x.tight = true;
  f->used = true;
  axis_take(s->ev, &f->axes->x, "x", s->axis ? s->axis->dim : DIM_ONE, s->at);
  *vec_push(s->ev->arena, &s->panels) = f;
  return f;
}

static Column axis_column(const Subject *s) {
  return s->axis ? column_of(s->axis->tensor->data, 1) : column_even(0, 1);
}

/* A scalar joins the last panel if that has scalars of its dimension. */
static Figure *panel_for_scalar(Subject *s, const Series *q) {
  Figure *last = s->panels.n ? s->panels.at[s->panels.n - 1] : NULL;
  bool joins = last && !s->apart && last->axes->title == NULL && last->axes->marks.n < LINES_MOST &&
               dim_agree(last->axes->y.dim, q->v->dim, NULL, NULL);
  Figure *f = joins ? last : panel_new(s);
  axis_take(s->ev, &f->axes->y, "y", q->v->dim, s->at);
  f->axes->y.label = joins ? NULL : q->name;
  return f;
}

static bool is_drawn(const Subject *s, const Value *v) {
  return value_is_known(v) && (!s->axis || value_is_known(s->axis));
}

static void add_scalar(Subject *s, const Series *q) {
  Figure *f = panel_for_scalar(s, q);
  if (!is_drawn(s, q->v)) return;
  Mark *m =
      mark_add(s->ev, f->axes, MARK_line, s->n, axis_column(s), column_of(q->v->tensor->data, 1));
  m->label = q->name;
}

/* Where the values of unit 0 begin, and how far they are apart: [time, units] or, of the first
   trial, [trial, time, units]. */
typedef struct Units {
  const double *at;
  int64_t count; /* -1: not known yet */
  bool trial;
} Units;

static Units units_of(const Subject *s, const Value *v) {
  Shape shape = value_shape(v);
  bool trial = !length_is(shape.n[0], s->n) && shape.rank > 2;
  Shape rest = shape_tail(shape, trial ? 2 : 1);
  return (Units){v->tensor->data, shape_count(rest), trial};
}

static void add_lines(Subject *s, Figure *f, const Series *q, const Units *u) {
  for (int64_t k = 0; k < u->count; k++) {
    Mark *m =
        mark_add(s->ev, f->axes, MARK_line, s->n, axis_column(s), column_of(u->at + k, u->count));
    m->label = arena_printf(s->ev->arena, "%s[%lld]", q->name, (long long)k);
  }
}

/* The axis as edges of cells; false: it has no even steps. */
static bool even_edges(const Value *axis, double *lo, double *hi) {
  const double *x = axis->tensor->data;
  int64_t n = value_shape(axis).n[0];
  double step = n > 1 ? (x[n - 1] - x[0]) / (double)(n - 1) : 1;
  for (int64_t i = 0; i < n; i++)
    if (!(fabs(x[i] - x[0] - step * (double)i) <= 1e-6 * fabs(step))) return false;
  *lo = x[0] - step / 2;
  *hi = x[n - 1] + step / 2;
  return step > 0;
}

/* Units upwards, time to the right. */
static void add_cells(Subject *s, Figure *f, const Series *q, const Units *u) {
  Axes *axes = f->axes;
  axes->y.whole = axes->y.tight = true;
  axes->y.label = "unit";
  axes->z.label = q->name;
  axis_take(s->ev, &axes->y, "y", DIM_ONE, s->at);
  axis_take(s->ev, &axes->z, "colour", q->v->dim, s->at);
  if (!is_drawn(s, q->v)) return;
  Image *im = ARENA_NEW(s->ev->arena, Image);
  *im =
      (Image){.at = u->at, .rows = u->count, .cols = s->n, .row_stride = 1, .col_stride = u->count};
  im->x0 = im->y0 = -0.5;
  im->x1 = (double)im->cols - 0.5;
  im->y1 = (double)im->rows - 0.5;
  if (s->axis && !even_edges(s->axis, &im->x0, &im->x1)) axes->x.label = "row of the record";
  axes->image = im;
}

static void add_units(Subject *s, const Series *q) {
  Units u = units_of(s, q->v);
  Figure *f = panel_new(s);
  f->axes->title = u.trial ? "trial 0" : "";
  if (u.count > LINES_MOST) {
    add_cells(s, f, q, &u);
    return;
  }
  axis_take(s->ev, &f->axes->y, "y", q->v->dim, s->at);
  f->axes->y.label = q->name;
  if (is_drawn(s, q->v)) add_lines(s, f, q, &u);
}

/* [trial, time]: a line for each trial. */
static void add_trials(Subject *s, const Series *q) {
  Figure *f = panel_new(s);
  f->axes->title = "";
  f->axes->y.label = q->name;
  curves_add(s->ev, f->axes, s->axis, s->at, q->v, s->at, MARK_line);
}

/* How many units the population of this quantity has, by another quantity of it; 0: not known. */
static int64_t units_beside(const Subject *s, const char *name) {
  const char *dot = strrchr(name, '.');
  size_t n = dot ? (size_t)(dot + 1 - name) : 0;
  for (size_t i = 0; i < s->series.n; i++) {
    const Series *q = &s->series.at[i];
    if (q->event || strncmp(q->name, name, n) != 0 || strchr(q->name + n, '.')) continue;
    if (value_shape(q->v).rank < 2 || !value_is_known(q->v)) continue;
    int64_t count = units_of(s, q->v).count;
    if (count > LINES_MOST) return count;
  }
  return 0;
}

/* A stroke for each event, at its unit, silent units included; the first trial of several. */
static void add_events(Subject *s, const Series *q) {
  enum { TRIAL_SHOWN = 0 };
  const Value *t = value_field(q->v, "t"), *unit = value_field(q->v, "unit");
  const Value *trial = array_field(q->v, "trial");
  Figure *f = panel_new(s);
  f->axes->title = trial ? arena_printf(s->ev->arena, "%s, trial 0", q->name) : q->name;
  f->axes->y.label = "unit";
  f->axes->y.whole = true;
  axis_take(s->ev, &f->axes->y, "y", DIM_ONE, s->at);
  if (!value_is_known(t) || !value_is_known(unit)) return;
  int64_t units = units_beside(s, q->name);
  if (units) {
    f->axes->y.ranged = f->axes->y.tight = true;
    f->axes->y.lo = -0.5;
    f->axes->y.hi = (double)units - 0.5;
  }
  int64_t n = value_shape(t).n[0], kept = 0;
  double *x = ARENA_ARRAY(s->ev->arena, double, n + 1),
         *y = ARENA_ARRAY(s->ev->arena, double, n + 1);
  for (int64_t i = 0; i < n; i++) {
    if (trial && trial->tensor->data[i] != TRIAL_SHOWN) continue;
    x[kept] = t->tensor->data[i];
    y[kept++] = unit->tensor->data[i] - 0.4;
  }
  Mark *m = mark_add(s->ev, f->axes, MARK_strokes, kept, column_of(x, 1), column_of(y, 1));
  m->dx = column_even(0, 0);
  m->dy = column_even(0.8, 0);
  m->color = "black";
  m->size = n > 2000 ? 0.5 : 0.8;
}

static void add_series(Subject *s, const Series *q) {
  Shape shape = value_shape(q->v);
  if (q->event)
    add_events(s, q);
  else if (shape.rank == 1)
    add_scalar(s, q);
  else if (shape.rank == 2 && !length_is(shape.n[0], s->n))
    add_trials(s, q);
  else
    add_units(s, q);
}

/* A field over two axes of a sweep: cells of colour, the second axis to the right. */
static void add_map(Subject *s, const Series *q) {
  Figure *f = panel_new(s);
  Axes *axes = f->axes;
  axes->x = (Axis){.label = s->axis2_name};
  axes->y.label = s->axis_name;
  axes->z.label = q->name;
  axis_take(s->ev, &axes->x, "x", s->axis2->dim, s->at);
  axis_take(s->ev, &axes->y, "y", s->axis->dim, s->at);
  if (!image_add(s->ev, axes, q->v, s->at, false) || !axes->image) return;
  bool even = even_edges(s->axis2, &axes->image->x0, &axes->image->x1);
  even = even_edges(s->axis, &axes->image->y0, &axes->image->y1) && even;
  if (!even) axes->note = "positions by index: the steps are uneven";
}

/* ---- whose axis ------------------------------------------------------------------------------ */

/* Do all fields from the third on lie over the first two? */
static bool is_sweep_of_two(const Value *r) {
  if (r->nfields < 3 || !is_vector(r->fields[0].value) || !is_vector(r->fields[1].value))
    return false;
  int64_t n = value_shape(r->fields[0].value).n[0], m = value_shape(r->fields[1].value).n[0];
  for (int i = 2; i < r->nfields; i++) {
    Shape s = value_shape(r->fields[i].value);
    if (r->fields[i].value->kind == V_ARRAY &&
        (s.rank < 2 || !length_is(s.n[0], n) || !length_is(s.n[1], m)))
      return false;
  }
  return true;
}

static const char *index_name(const Value *r) {
  static const char *const names[][2] = {{"train", "update"}, {"minimize", "step"}};
  for (size_t i = 0; r->type && i < sizeof names / sizeof *names; i++)
    if (strcmp(r->type, names[i][0]) == 0) return names[i][1];
  return "index";
}

/* The array with the most rows says how long the series are; -1: not known yet. */
static int64_t most_rows(const Value *r) {
  int64_t most = 0;
  for (int i = 0; i < r->nfields; i++) {
    const Value *v = r->fields[i].value;
    if (v->kind != V_ARRAY || value_shape(v).rank < 1 || is_aside(r->fields[i].name)) continue;
    int64_t rows = value_shape(v).n[0];
    if (rows < 0) return -1;
    most = rows > most ? rows : most;
  }
  return most;
}

static void find_axis(Subject *s, const Value *r) {
  bool sweep = r->type && strcmp(r->type, "sweep") == 0 && r->nfields > 0;
  const Field *first = &r->fields[0];
  s->axis = sweep && is_vector(first->value) ? first->value : array_field(r, "t");
  s->axis_name = sweep ? first->name : "time";
  s->apart = r->type && strcmp(r->type, "train") == 0;
  if (!is_vector(s->axis)) s->axis = NULL;
  if (!s->axis) s->axis_name = index_name(r);
  s->n = s->axis ? value_shape(s->axis).n[0] : most_rows(r);
  if (!sweep || !is_sweep_of_two(r)) return;
  s->axis2 = r->fields[1].value;
  s->axis2_name = r->fields[1].name;
}

/* ---- all together ---------------------------------------------------------------------------- */

/* Panels below each other have one range: that of the axis, or of cells, which reach half a step
   beyond. */
static void share_range(Subject *s) {
  double lo, hi;
  if (!s->axis || !value_is_known(s->axis)) return;
  Column axis = axis_column(s);
  if (!column_extent(&axis, s->n, false, &lo, &hi) || !(lo < hi)) return;
  for (size_t i = 0; i < s->panels.n; i++) {
    const Image *im = s->panels.at[i]->axes->image;
    if (!im || s->panels.at[i]->axes->x.label != s->axis_name) continue;
    lo = fmin(lo, im->x0);
    hi = fmax(hi, im->x1);
  }
  for (size_t i = 0; i < s->panels.n; i++) {
    Axis *x = &s->panels.at[i]->axes->x;
    if (x->label != s->axis_name) continue; /* cells that stand by their index */
    x->lo = lo;
    x->hi = hi;
    x->ranged = true;
  }
}

static Figure *together(Subject *s) {
  size_t n = s->panels.n;
  for (size_t i = 0; i < n; i++) {
    Axes *axes = s->panels.at[i]->axes;
    if (axes->title && !*axes->title) axes->title = NULL;
    axes->x.whole = !s->axis;
  }
  if (n == 1) {
    s->panels.at[0]->used = false;
    return s->panels.at[0];
  }
  bool maps = s->axis2 != NULL;
  Figure *f = figure_grid(s->ev, s->c, s->panels.at, (int)n, maps ? (n < 3 ? (int)n : 3) : 1);
  f->shared = !maps;
  if (f->shared) share_range(s);
  return f;
}

static Figure *nothing_in(Subject *s, const Value *r) {
  const char *fields = "";
  for (int i = 0; i < r->nfields; i++)
    fields = arena_printf(s->ev->arena, "%s%s`.%s`", fields, i ? ", " : "", r->fields[i].name);
  ev_error(s->ev, E0903, s->at, "this record has no series with a common axis: plot its fields%s%s",
           *fields ? ", which are " : "", fields);
  return NULL;
}

Figure *figure_of_record(Ev *ev, Call *c, const Value *record, Where at) {
  Subject s = {.ev = ev, .c = c, .at = at};
  Figure *analysis;
  if (figure_of_analysis(ev, c, record, at, &analysis)) return analysis;
  if (record->nfields == 0) return nothing_in(&s, record);
  if (record->type && strcmp(record->type, "evaluate") == 0)
    return figure_of_trial(ev, c, record, at);
  find_axis(&s, record);
  collect(&s, "", record);
  if (s.series.n == 0) return nothing_in(&s, record);
  for (size_t i = 0; i < s.series.n && s.panels.n < PANELS_MOST; i++) {
    if (s.axis2 && value_shape(s.series.at[i].v).rank != 2) continue;
    (s.axis2 ? add_map : add_series)(&s, &s.series.at[i]);
  }
  if (s.panels.n == 0) return nothing_in(&s, record);
  Figure *f = together(&s);
  if (s.panels.n == PANELS_MOST && !f->axes && s.series.n > PANELS_MOST)
    f->title =
        arena_printf(ev->arena, "The first %d panels; plot other quantities by name", PANELS_MOST);
  return f;
}
