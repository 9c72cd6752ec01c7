/* figure_image.c: heatmap: a matrix as cells of colour. */
#include <math.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "report/figure.h"

bool image_add(Ev *ev, Axes *axes, const Value *a, Where at, bool across) {
  if (!axis_take(ev, &axes->z, "colour", a->dim, at)) return false;
  axes->x.tight = axes->y.tight = true;
  if (!value_is_known(a)) return true;
  Shape s = value_shape(a);
  Image *im = ARENA_NEW(ev->arena, Image);
  *im = (Image){.at = a->tensor->data, .rows = s.n[0], .cols = s.n[1], .row_stride = s.n[1]};
  im->col_stride = 1;
  if (across)
    *im = (Image){
        .at = im->at, .rows = s.n[1], .cols = s.n[0], .row_stride = 1, .col_stride = s.n[1]};
  im->x0 = im->y0 = -0.5;
  im->x1 = (double)im->cols - 0.5;
  im->y1 = (double)im->rows - 0.5;
  axes->image = im;
  return true;
}

/* Are these even steps, in logarithms if `log`? Positions are what people computed: 1e-6 of a step
   is forgiven. */
static bool is_even(const double *x, int64_t n, bool log) {
  double first = log ? log10(x[0]) : x[0], last = log ? log10(x[n - 1]) : x[n - 1];
  double step = n > 1 ? (last - first) / (double)(n - 1) : 1;
  bool even = isfinite(step) && step > 0;
  for (int64_t i = 0; even && i < n; i++)
    even = fabs((log ? log10(x[i]) : x[i]) - first - step * (double)i) <= 1e-6 * step;
  return even;
}

/* Half a step beyond the first and the last position. */
static void set_edges(const double *x, int64_t n, bool log, double *lo, double *hi) {
  double first = log ? log10(x[0]) : x[0], last = log ? log10(x[n - 1]) : x[n - 1];
  double half = n > 1 ? (last - first) / (double)(n - 1) / 2 : 0.5;
  *lo = log ? pow(10, first - half) : first - half;
  *hi = log ? pow(10, last + half) : last + half;
}

/* The positions of columns (i 1) or rows (i 2). */
static bool place(Ev *ev, Call *c, int i, Axis *axis, const char *which, int64_t n, bool log,
                  double *lo, double *hi) {
  if (!arg_given(c, i)) {
    if (log)
      return ev_error(ev, E0904, c->at, "`log` of this axis needs `%s`", i == 1 ? "xs" : "ys"),
             false;
    axis->whole = true;
    return axis_take(ev, axis, which, DIM_ONE, c->arg_at[0]);
  }
  Value *v = arg_numbers(ev, c, i);
  if (v->kind != V_ARRAY) return v->kind == V_UNKNOWN;
  if (!arg_rank(ev, c, i, v, 1, 1) || !axis_take(ev, axis, which, v->dim, c->arg_at[i]))
    return false;
  axis->label = figure_name_of(ev, c->arg_at[i]);
  int64_t have = value_shape(v).n[0];
  if (n >= 0 && have >= 0 && have != n)
    return arg_bad(ev, c, i, "has %lld positions for %lld %s", (long long)have, (long long)n,
                   i == 1 ? "columns" : "rows"),
           false;
  if (!value_is_known(v) || have == 0) return true;
  if (!is_even(v->tensor->data, have, log))
    return arg_bad(ev, c, i, log ? "must ascend by even factors" : "must ascend in even steps"),
           false;
  set_edges(v->tensor->data, have, log, lo, hi);
  return true;
}

Value *figure_heatmap(Ev *ev, Call *c) {
  FigureOptions o;
  Value *a = arg_numbers(ev, c, 0);
  if (!value_is_array(a)) return a;
  if (!figure_options_read(ev, c, 3, &o) || !arg_rank(ev, c, 0, a, 2, 2)) return &VALUE_ERROR;
  Figure *f = figure_new(ev, c);
  if (!image_add(ev, f->axes, a, c->arg_at[0], false)) return &VALUE_ERROR;
  Image ignored, *im = f->axes->image ? f->axes->image : &ignored;
  Shape s = value_shape(a);
  if (!place(ev, c, 1, &f->axes->x, "x", s.n[1], o.log_x, &im->x0, &im->x1) ||
      !place(ev, c, 2, &f->axes->y, "y", s.n[0], o.log_y, &im->y0, &im->y1))
    return &VALUE_ERROR;
  f->axes->z.label = figure_name_of(ev, c->arg_at[0]);
  return figure_options_apply(ev, &o, f) ? figure_value(ev, f) : &VALUE_ERROR;
}
