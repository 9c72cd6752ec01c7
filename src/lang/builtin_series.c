/* builtin_series.c: time series along an axis, 0 unless it says otherwise. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/fft.h"
#include "lang/form.h"

static Value *op2(Ev *ev, const Call *c, OpId op, Value *a, Value *b) {
  return ev_op2(ev, op, a, b, c->at);
}

/* ---- made of ops
 * ------------------------------------------------------------------------------------ */

Value *bi_convolve(Ev *ev, Call *c) {
  static const char *const modes[] = {"full", "same", "valid"};
  Value *args[] = {arg_array(ev, c, 0), arg_array(ev, c, 1)};
  if (!value_is_array(args[0])) return args[0];
  if (!value_is_array(args[1])) return args[1];
  int axis, mode = 0;
  const char *name = arg_string(ev, c, 3, "same");
  if (!name || !arg_rank(ev, c, 0, args[0], 1, SHAPE_MAX_RANK) ||
      !arg_rank(ev, c, 1, args[1], 1, 1) ||
      !arg_axis(ev, c, 2, value_shape(args[0]).rank, 0, &axis))
    return &VALUE_ERROR;
  while (mode < 3 && strcmp(modes[mode], name) != 0) mode++;
  if (mode == 3) return arg_bad(ev, c, 3, "is \"full\", \"same\" or \"valid\", not \"%s\"", name);
  OpAttr attr = {.axis = axis, .n = 1, .i = {mode}};
  return ev_op(ev, OP_convolve, &attr, args, 2, c->at);
}

/* As NumPy: a step d becomes its value in [-pi, pi], and pi rather than -pi where d is positive. */
Value *bi_unwrap(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  int axis;
  if (!value_is_array(x)) return x;
  if (!arg_rank(ev, c, 0, x, 1, SHAPE_MAX_RANK) || !arg_plain(ev, c, 0, x) ||
      !arg_axis(ev, c, 1, value_shape(x).rank, -1, &axis))
    return &VALUE_ERROR;
  int64_t n = value_shape(x).n[axis];
  if (n == 0 || n == 1) return x;
  Value *pi = value_num(ev, M_PI), *turn = value_num(ev, 2 * M_PI), *zero = value_num(ev, 0);
  Value *first = form_slice(ev, x, axis, 0, 1, c->at),
        *rest = form_slice(ev, x, axis, 1, n - 1, c->at);
  Value *d = op2(ev, c, OP_sub, rest, form_slice(ev, x, axis, 0, n - 1, c->at));
  Value *step = op2(ev, c, OP_sub, op2(ev, c, OP_mod, op2(ev, c, OP_add, d, pi), turn), pi);
  Value *edge =
      op2(ev, c, OP_and, op2(ev, c, OP_eq, step, value_num(ev, -M_PI)), op2(ev, c, OP_lt, zero, d));
  step = ev_select(ev, edge, pi, step, c->at);
  Value *small = op2(ev, c, OP_lt, ev_op1(ev, OP_abs, d, c->at), pi);
  Value *mend = ev_select(ev, small, zero, op2(ev, c, OP_sub, step, d), c->at);
  rest = op2(ev, c, OP_add, rest, form_along(ev, OP_cumsum, mend, axis, c->at));
  return form_concat(ev, (Value *[]){first, rest}, 2, axis, c->at);
}

Value *bi_circular_mean(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0), *w = arg_given(c, 1) ? arg_array(ev, c, 1) : NULL;
  if (!value_is_array(x)) return x;
  int axis;
  if (!arg_axis(ev, c, 2, value_shape(x).rank, AXIS_NONE, &axis)) return &VALUE_ERROR;
  Value *part[2];
  for (int i = 0; i < 2; i++) {
    Value *p = ev_op1(ev, i == 0 ? OP_sin : OP_cos, x, c->at);
    if (w) p = op2(ev, c, OP_mul, w, p);
    if (axis == AXIS_NONE) p = form_flatten(ev, p, c->at);
    part[i] = form_along(ev, OP_sum, p, axis == AXIS_NONE ? 0 : axis, c->at);
  }
  return op2(ev, c, OP_atan2, part[0], part[1]);
}

/* ---- crossings
 * -------------------------------------------------------------------------------------- */

/* Between samples on either side of the level; a sample on it belongs to the side that is reached.
 */
static int64_t find_crossings(const double *t, const double *x, int64_t n, double level,
                              double sign, double *out) {
  int64_t k = 0;
  for (int64_t i = 0; i + 1 < n; i++) {
    double a = sign * (x[i] - level), b = sign * (x[i + 1] - level);
    if (!(a < 0 && b >= 0)) continue;
    if (out) out[k] = t[i] + (t[i + 1] - t[i]) * (a / (a - b));
    k++;
  }
  return k;
}

Value *bi_crossings(Ev *ev, Call *c) {
  Value *t = arg_numbers(ev, c, 0), *x = arg_numbers(ev, c, 1);
  double level;
  bool rising;
  if (!value_is_array(t)) return t;
  if (!value_is_array(x)) return x;
  if (!arg_rank(ev, c, 0, t, 1, 1) || !arg_rank(ev, c, 1, x, 1, 1) ||
      !arg_number(ev, c, 2, x->dim, 0, &level) || !arg_flag(ev, c, 3, true, &rising))
    return &VALUE_ERROR;
  int64_t n = value_shape(t).n[0];
  if (n >= 0 && value_shape(x).n[0] >= 0 && n != value_shape(x).n[0])
    return ev_error(ev, E0401, c->at, "`crossings`: there are %lld times for %lld values",
                    (long long)n, (long long)value_shape(x).n[0]);
  if (ev->rehearse || !value_is_known(t) || !value_is_known(x))
    return value_abstract(ev, shape_vec(EXTENT_UNKNOWN), t->dim);
  const double *td = t->tensor->data, *xd = x->tensor->data, sign = rising ? 1 : -1;
  Tensor *out = form_tensor(ev, shape_vec(find_crossings(td, xd, n, level, sign, NULL)), c->at);
  if (!out) return &VALUE_ERROR;
  find_crossings(td, xd, n, level, sign, out->data);
  return value_tensor(ev, out, t->dim);
}

/* ---- spectra
 * ------------------------------------------------------------------------------------------ */

/* Column j of x [n, m] less its mean, as complex numbers; the rest of z is left alone. */
static void load_column(const double *x, int64_t n, int64_t m, int64_t j, double *z) {
  double mean = 0;
  for (int64_t i = 0; i < n; i++) mean += x[i * m + j] / (double)n;
  for (int64_t i = 0; i < n; i++) {
    z[2 * i] = x[i * m + j] - mean;
    z[2 * i + 1] = 0;
  }
}

/* Argument 0 with numbers and at least one axis. */
static Value *series_arg(Ev *ev, Call *c) {
  Value *x = arg_numbers(ev, c, 0);
  if (!value_is_array(x)) return x;
  if (!arg_rank(ev, c, 0, x, 1, SHAPE_MAX_RANK)) return &VALUE_ERROR;
  if (value_shape(x).n[0] == 0) return arg_bad(ev, c, 0, "is empty");
  return x;
}

static int64_t columns(Shape s) {
  return shape_count(shape_tail(s, 1));
}

typedef struct Spectrum {
  int64_t n, m, bins;
  double dt;
} Spectrum;

/* The one-sided periodogram: |X|^2 dt / n, doubled but for frequency 0 and that of Nyquist (Press
   et al., Numerical Recipes, 3rd ed. 2007, section 13.4). */
static void power_spectrum(const Spectrum *s, const double *x, double *power) {
  for (int64_t j = 0; j < s->m; j++) {
    Arena *a = arena_new();
    double *z = ARENA_ARRAY(a, double, 2 * s->n);
    load_column(x, s->n, s->m, j, z);
    fft_forward(a, z, s->n);
    for (int64_t k = 0; k < s->bins; k++) {
      double once = k == 0 || 2 * k == s->n ? 1 : 2;
      double size = z[2 * k] * z[2 * k] + z[2 * k + 1] * z[2 * k + 1];
      power[k * s->m + j] = once * size * s->dt / (double)s->n;
    }
    arena_free(a);
  }
}

Value *bi_fft_power(Ev *ev, Call *c) {
  Value *x = series_arg(ev, c);
  if (!value_is_array(x)) return x;
  Dim time = arg_given(c, 1) && value_is_array(c->arg[1]) ? c->arg[1]->dim : DIM_ONE, square;
  Spectrum s = {.n = value_shape(x).n[0], .m = columns(value_shape(x))};
  if (!arg_number(ev, c, 1, time, 1, &s.dt)) return &VALUE_ERROR;
  if (!(s.dt > 0)) return arg_bad(ev, c, 1, "must be positive, found %g", s.dt);
  s.bins = s.n < 0 ? EXTENT_UNKNOWN : s.n / 2 + 1;
  dim_pow(x->dim, 2, &square);
  Shape out = value_shape(x);
  out.n[0] = s.bins;
  bool real = value_is_known(x) && !ev->rehearse;
  Value *f = real ? form_fill(ev, shape_vec(s.bins), 0, dim_div(DIM_ONE, time), c->at)
                  : value_abstract(ev, shape_vec(s.bins), dim_div(DIM_ONE, time));
  Value *p = real ? form_fill(ev, out, 0, dim_mul(square, time), c->at)
                  : value_abstract(ev, out, dim_mul(square, time));
  Value *r = value_record(ev, "fft_power", 2);
  value_set(r, 0, "frequency", f);
  value_set(r, 1, "power", p);
  if (!real || value_is_error(p)) return r;
  for (int64_t k = 0; k < s.bins; k++) f->tensor->data[k] = (double)k / ((double)s.n * s.dt);
  power_spectrum(&s, x->tensor->data, p->tensor->data);
  return r;
}

/* ---- autocorrelation
 * ------------------------------------------------------------------------------------ */

/* The theorem of Wiener and Khinchin, with enough zeros behind that nothing wraps around. */
static void correlate(const double *x, int64_t n, int64_t m, int64_t lags, double *out) {
  int64_t len = fft_power_of_two(2 * n);
  double *z = mem_alloc((size_t)(2 * len) * sizeof *z);
  for (int64_t j = 0; j < m; j++) {
    memset(z, 0, (size_t)(2 * len) * sizeof *z);
    load_column(x, n, m, j, z);
    fft_forward_radix2(z, len);
    for (int64_t k = 0; k < len; k++) {
      z[2 * k] = z[2 * k] * z[2 * k] + z[2 * k + 1] * z[2 * k + 1];
      z[2 * k + 1] = 0;
    }
    fft_inverse_radix2(z, len);
    for (int64_t k = 0; k <= lags; k++) out[k * m + j] = z[2 * k] / z[0];
  }
  mem_free(z);
}

Value *bi_autocorrelation(Ev *ev, Call *c) {
  Value *x = series_arg(ev, c);
  if (!value_is_array(x)) return x;
  Shape out = value_shape(x);
  int64_t n = out.n[0], m = columns(out), lags;
  if (!arg_size(ev, c, 1, n - 1, 0, &lags)) return &VALUE_ERROR;
  if (n >= 0 && lags >= n)
    return arg_bad(ev, c, 1, "is %lld, but there are only %lld samples", (long long)lags,
                   (long long)n);
  out.n[0] = n < 0 || lags < 0 ? EXTENT_UNKNOWN : lags + 1;
  if (ev->rehearse || !value_is_known(x)) return value_abstract(ev, out, DIM_ONE);
  Tensor *t = form_tensor(ev, out, c->at);
  if (!t) return &VALUE_ERROR;
  correlate(x->tensor->data, n, m, lags, t->data);
  return value_tensor(ev, t, DIM_ONE);
}
