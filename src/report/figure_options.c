/* figure_options.c: the options that all figures take, and the names that axes have without them.
 */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "report/color.h"
#include "report/figure.h"

static const double PX_PER_METRE = 96 / 0.0254;

/* ---- reading --------------------------------------------------------------------------------- */

static Value *option_bad(Ev *ev, const FigureOptions *o, int option, const char *what) {
  return ev_error(ev, E0904, o->c->arg_at[o->first + option], "%s", what);
}

static bool read_text(Ev *ev, const FigureOptions *o, int option, const char **out) {
  *out = arg_string(ev, o->c, o->first + option, NULL);
  return *out || !arg_given(o->c, o->first + option);
}

static bool read_log(Ev *ev, FigureOptions *o) {
  const char *log;
  if (!read_text(ev, o, OPTION_LOG, &log)) return false;
  if (!log) return true;
  o->log_x = strchr(log, 'x');
  o->log_y = strchr(log, 'y');
  o->log_z = strchr(log, 'z');
  if (log[strspn(log, "xyz")] == '\0') return true;
  option_bad(ev, o, OPTION_LOG, "`log` names the logarithmic axes: \"x\", \"y\", \"xy\" or \"z\"");
  return false;
}

/* One string, or a list of them. */
static bool read_texts(Ev *ev, const FigureOptions *o, int option, const char ***out, int *n) {
  int i = o->first + option;
  *n = 0;
  if (!arg_given(o->c, i)) return true;
  const Value *v = o->c->arg[i];
  int count = v->kind == V_LIST ? v->nfields : 1;
  *out = ARENA_ARRAY(ev->arena, const char *, count + 1);
  for (int k = 0; k < count; k++) {
    Value *item = v->kind == V_LIST ? v->fields[k].value : (Value *)v;
    const char *text = ev_to_string(ev, item, o->c->arg_at[i], arg_name(ev, o->c, i));
    if (!text) return false;
    (*out)[(*n)++] = text;
  }
  return true;
}

static const char *nearest_color(const char *name) {
  size_t n, m;
  const char *const *colors = color_names(&n), *const *maps = map_names(&m);
  const char *near = nearest_name(name, colors, n);
  return near ? near : nearest_name(name, maps, m);
}

static bool read_color(Ev *ev, FigureOptions *o) {
  int i = o->first + OPTION_COLOR;
  Value *v = o->c->arg[i];
  if (arg_given(o->c, i) && v->kind == V_ARRAY) {
    o->color_by = v;
    return true;
  }
  if (!read_texts(ev, o, OPTION_COLOR, &o->color, &o->ncolors)) return false;
  if (o->ncolors == 1 && map_find(o->color[0])) o->map = o->color[0];
  for (int k = 0; k < o->ncolors; k++) {
    Rgb ignored;
    if (o->map || color_read(o->color[k], &ignored)) continue;
    const char *near = nearest_color(o->color[k]);
    Diag *d =
        ev_report(ev, E0904, o->c->arg_at[i], "`%s` is no colour and no colour map", o->color[k]);
    if (d && near) diag_note(ev->diag, d, o->c->arg_at[i], "did you mean \"%s\"?", near);
    return false;
  }
  return true;
}

/* A number scales lines and points; two lengths are those of the figure. */
static bool read_size(Ev *ev, FigureOptions *o) {
  int i = o->first + OPTION_SIZE;
  Value *v = o->c->arg[i];
  o->size = 1;
  if (!arg_given(o->c, i)) return true;
  bool pair =
      v->kind == V_ARRAY && value_shape(v).rank == 1 && shape_fits(value_shape(v), shape_vec(2));
  if (!pair) {
    if (!arg_number(ev, o->c, i, DIM_ONE, 1, &o->size)) return false;
    if (o->size > 0 && o->size <= 100) return true;
    return option_bad(ev, o, OPTION_SIZE, "`size` scales lines and points: a number above 0"),
           false;
  }
  Dim metre;
  double factor;
  unit_parse("m", 1, &metre, &factor, ev->arena, NULL);
  if (!dims_agree(ev, v->dim, metre, NULL))
    return option_bad(ev, o, OPTION_SIZE, "the size of a figure is two lengths, [8 cm, 6 cm]"),
           false;
  if (!value_is_known(v)) return true;
  o->width = v->tensor->data[0] * PX_PER_METRE;
  o->height = v->tensor->data[1] * PX_PER_METRE;
  if (o->width >= 75 && o->height >= 75 && o->width <= 7600 && o->height <= 7600) return true;
  return option_bad(ev, o, OPTION_SIZE, "a figure is 2 cm to 2 m wide and high"), false;
}

/* A text, or a record: "g = 1.5, tau = 10 ms". */
static bool read_note(Ev *ev, FigureOptions *o) {
  int i = o->first + OPTION_NOTE;
  const Value *v = o->c->arg[i];
  if (!arg_given(o->c, i) || v->kind != V_RECORD) return read_text(ev, o, OPTION_NOTE, &o->note);
  const char *text = NULL;
  for (int k = 0; k < v->nfields; k++)
    text = arena_printf(ev->arena, "%s%s%s = %s", text ? text : "", text ? ", " : "",
                        v->fields[k].name, value_text(ev, v->fields[k].value));
  o->note = text;
  return true;
}

bool figure_options_read(Ev *ev, Call *c, int first, FigureOptions *o) {
  *o = (FigureOptions){.c = c, .first = first};
  return read_text(ev, o, OPTION_TITLE, &o->title) && read_text(ev, o, OPTION_X, &o->x) &&
         read_text(ev, o, OPTION_Y, &o->y) && read_log(ev, o) &&
         read_texts(ev, o, OPTION_LABELS, &o->label, &o->nlabels) && read_color(ev, o) &&
         read_size(ev, o) && read_note(ev, o);
}

/* ---- applying -------------------------------------------------------------------------------- */

/* [lo, hi], of the dimension of the axis. */
static bool apply_range(Ev *ev, const FigureOptions *o, int option, const char *which, Axis *axis) {
  int i = o->first + option;
  if (!arg_given(o->c, i)) return true;
  Value *v = arg_array(ev, o->c, i);
  if (v->kind != V_ARRAY) return v->kind == V_UNKNOWN;
  if (value_shape(v).rank != 1 || !shape_fits(value_shape(v), shape_vec(2)))
    return arg_bad(ev, o->c, i, "is a range [lo, hi]"), false;
  if (!axis_take(ev, axis, which, v->dim, o->c->arg_at[i])) return false;
  if (!value_is_known(v)) return true;
  axis->lo = v->tensor->data[0];
  axis->hi = v->tensor->data[1];
  axis->ranged = true;
  bool sound = isfinite(axis->lo) && isfinite(axis->hi) && axis->lo < axis->hi;
  if (sound && (!axis->log || axis->lo > 0)) return true;
  return arg_bad(ev, o->c, i,
                 axis->log ? "of a logarithmic axis is [lo, hi] with 0 < lo < hi"
                           : "is a range [lo, hi] with lo < hi"),
         false;
}

/* Are there no more labels or colours than curves? */
static bool count_fits(Ev *ev, const FigureOptions *o, int option, const char *what, int n,
                       const Axes *axes) {
  size_t marks = axes->marks.n;
  if (axes->partial || n <= (int)marks) return true;
  ev_error(ev, E0904, o->c->arg_at[o->first + option], "there are %d %s, but %zu curve%s", n, what,
           marks, marks == 1 ? "" : "s");
  return false;
}

/* "gray" is a colour map, and a colour too: which one, the marks decide. */
static bool has_colors(const FigureOptions *o) {
  Rgb ignored;
  return o->ncolors && (!o->map || color_read(o->map, &ignored));
}

static bool apply_marks(Ev *ev, const FigureOptions *o, Axes *axes) {
  size_t n = axes->marks.n;
  if (!count_fits(ev, o, OPTION_LABELS, "labels", o->nlabels, axes)) return false;
  if (!o->map && n && !count_fits(ev, o, OPTION_COLOR, "colours", o->ncolors, axes)) return false;
  for (size_t i = 0; i < n; i++) {
    Mark *m = &axes->marks.at[i];
    if ((int)i < o->nlabels) m->label = o->label[i];
    if (has_colors(o)) m->color = o->color[o->ncolors == 1 ? 0 : i % (size_t)o->ncolors];
    m->size *= o->size;
  }
  if (o->map) axes->map = o->map;
  return true;
}

/* The numbers that colours stand for: one for each point of the only mark. */
static bool apply_color_by(Ev *ev, const FigureOptions *o, Axes *axes) {
  Value *v = o->color_by;
  if (!v) return true;
  Where at = o->c->arg_at[o->first + OPTION_COLOR];
  if (value_shape(v).rank != 1)
    return ev_error(ev, E0904, at, "as colours an array has one number for each point"), false;
  if (!axis_take(ev, &axes->z, "colour", v->dim, at)) return false;
  axes->z.label = figure_name_of(ev, at);
  if (!value_is_known(v) || axes->partial) return true;
  int64_t n = value_shape(v).n[0];
  Mark *m = axes->marks.n == 1 ? &axes->marks.at[0] : NULL;
  if (!m || m->kind != MARK_points)
    return ev_error(ev, E0904, at, "only the points of one `scatter` are coloured by numbers"),
           false;
  if (m->n != n)
    return ev_error(ev, E0902, at, "%lld numbers for the colours of %lld points", (long long)n,
                    (long long)m->n),
           false;
  m->value = column_of(v->tensor->data, 1);
  m->valued = true;
  return true;
}

static bool apply_axes(Ev *ev, const FigureOptions *o, Axes *axes) {
  if (o->title) axes->title = o->title;
  if (o->note) axes->note = o->note;
  if (o->x) axes->x.label = o->x;
  if (o->y) axes->y.label = o->y;
  axes->x.log = axes->x.log || o->log_x;
  axes->y.log = axes->y.log || o->log_y;
  axes->z.log = axes->z.log || o->log_z;
  return apply_range(ev, o, OPTION_X_RANGE, "x", &axes->x) &&
         apply_range(ev, o, OPTION_Y_RANGE, "y", &axes->y) && apply_marks(ev, o, axes) &&
         apply_color_by(ev, o, axes);
}

/* What belongs to axes, given to a grid: its title and size alone can be meant. */
static bool apply_grid(Ev *ev, const FigureOptions *o, Figure *f) {
  static const char *const names[] = {"title", "x",    "y",       "log",     "labels",
                                      "color", "size", "x_range", "y_range", "note"};
  if (o->title) f->title = o->title;
  for (int k = OPTION_X; k <= OPTION_NOTE; k++) {
    if (k == OPTION_SIZE || !arg_given(o->c, o->first + k)) continue;
    ev_error(ev, E0904, o->c->arg_at[o->first + k],
             "`%s` belongs to one pair of axes: give it to the figures in the panels", names[k]);
    return false;
  }
  return true;
}

bool figure_options_apply(Ev *ev, const FigureOptions *o, Figure *f) {
  if (o->width > 0) f->width = o->width;
  if (o->height > 0) f->height = o->height;
  return f->axes ? apply_axes(ev, o, f->axes) : apply_grid(ev, o, f);
}
