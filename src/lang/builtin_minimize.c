/* builtin_minimize.c: minimisation by the gradient: GSL's quasi-Newton method, and the family of
   gradient descent. Rates and tolerances are for numbers in SI units. */
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"
#include "lang/method.h"
#include "lang/numeric.h"
#include "num/gsl_glue.h"

typedef struct Search {
  Ev *ev;
  Call *c;
  Numeric f;
  const Value *method;
  Value *project; /* NULL: none */
  int64_t steps;
  double tol;
  double *x, *slope; /* where we are, and the gradient there */
  double *m, *v;     /* running moments of the gradient */
  double *history;   /* values at the start and after each step */
  int64_t done;
} Search;

static const Status NOT_FINITE = {STATUS_NONFINITE, 0, -1, "the function is not finite"};

static double length(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += x[i] * x[i];
  return sqrt(sum);
}

/* Value and gradient at x, the value being history[done]. */
static Status look(Search *s) {
  Status status = numeric_both(&s->f, s->x, &s->history[s->done], s->slope);
  if (status.code != STATUS_OK) return status;
  return isfinite(s->history[s->done]) ? STATUS_FINE : NOT_FINITE;
}

/* ---- gradient descent
 * ---------------------------------------------------------------------------------- */

/* The options of all methods of the family; those that a method does not have keep their defaults.
 */
typedef struct Rates {
  double rate, beta, decay, eps, beta1, beta2;
} Rates;

typedef void Update(Search *s, const Rates *r, int64_t i);

static void update_gradient(Search *s, const Rates *r, int64_t i) {
  s->x[i] -= r->rate * s->slope[i];
}

static void update_momentum(Search *s, const Rates *r, int64_t i) {
  s->m[i] = r->beta * s->m[i] - r->rate * s->slope[i];
  s->x[i] += s->m[i];
}

static void update_rmsprop(Search *s, const Rates *r, int64_t i) {
  double g = s->slope[i];
  s->v[i] = r->decay * s->v[i] + (1 - r->decay) * g * g;
  s->x[i] -= r->rate * g / (sqrt(s->v[i]) + r->eps);
}

/* Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. */
static void update_adam(Search *s, const Rates *r, int64_t i) {
  double g = s->slope[i], t = (double)(s->done + 1);
  s->m[i] = r->beta1 * s->m[i] + (1 - r->beta1) * g;
  s->v[i] = r->beta2 * s->v[i] + (1 - r->beta2) * g * g;
  double mean = s->m[i] / (1 - pow(r->beta1, t)), square = s->v[i] / (1 - pow(r->beta2, t));
  s->x[i] -= r->rate * mean / (sqrt(square) + r->eps);
}

/* Methods and the default of their rate, as method.def documents it. */
static const struct {
  const char *name;
  Update *update;
  double rate;
} updates[] = {{"gradient", update_gradient, 0.01},
               {"sgd", update_gradient, 0.01},
               {"momentum", update_momentum, 0.01},
               {"rmsprop", update_rmsprop, 0.001},
               {"adam", update_adam, 0.001}};

enum { UPDATES = sizeof updates / sizeof *updates };

static bool read_rates(Search *s, double rate, Rates *r) {
  const Value *m = s->method;
  return method_option(s->ev, m, "lr", DIM_ONE, rate, &r->rate) &&
         method_option(s->ev, m, "beta", DIM_ONE, 0.9, &r->beta) &&
         method_option(s->ev, m, "decay", DIM_ONE, 0.9, &r->decay) &&
         method_option(s->ev, m, "eps", DIM_ONE, 1e-8, &r->eps) &&
         method_option(s->ev, m, "beta1", DIM_ONE, 0.9, &r->beta1) &&
         method_option(s->ev, m, "beta2", DIM_ONE, 0.999, &r->beta2);
}

/* x brought back to where it may be. False: reported. */
static bool project(Search *s) {
  if (!s->project) return true;
  Value *x = numeric_argument(&s->f, s->x);
  Value *y = ev_dense(s->ev, ev_call(s->ev, s->project, &x, NULL, 1, s->c->at), s->c->at);
  if (value_is_error(y)) return false;
  if (!value_is_known(y) || !shape_equal(value_shape(y), s->f.x_shape)) {
    arg_bad(s->ev, s->c, 5, "must give an array %s, not %s", shape_text(s->ev->arena, s->f.x_shape),
            value_kind_name(s->ev, y));
    return false;
  }
  memcpy(s->x, y->tensor->data, (size_t)s->f.n * sizeof *s->x);
  return true;
}

static Status descend(Search *s, Update *update, const Rates *r) {
  Status status = look(s);
  while (status.code == STATUS_OK && s->done < s->steps && length(s->slope, s->f.n) >= s->tol) {
    for (int64_t i = 0; i < s->f.n; i++) update(s, r, i);
    if (!project(s)) return (Status){STATUS_INVALID, 0, -1, NULL};
    s->done++;
    status = look(s);
  }
  return status;
}

/* ---- quasi-Newton
 * --------------------------------------------------------------------------------------- */

/* What GSL's callbacks share: the last failure, which GSL sees as a value that is no number. */
typedef struct Callback {
  Search *s;
  Status status;
  double *slope;
} Callback;

static void both(const gsl_vector *x, void *ctx, double *y, gsl_vector *slope) {
  Callback *cb = ctx;
  Status s = numeric_both(&cb->s->f, x->data, y, cb->slope);
  if (s.code != STATUS_OK) {
    cb->status = s;
    *y = NAN;
  }
  if (slope) memcpy(slope->data, cb->slope, x->size * sizeof(double));
}

static double value_only(const gsl_vector *x, void *ctx) {
  double y;
  Callback *cb = ctx;
  Status s = numeric_value(&cb->s->f, x->data, &y);
  if (s.code == STATUS_OK) return y;
  cb->status = s;
  return NAN;
}

static void slope_only(const gsl_vector *x, void *ctx, gsl_vector *slope) {
  double y;
  both(x, ctx, &y, slope);
}

static void keep(Search *s, const gsl_multimin_fdfminimizer *m) {
  memcpy(s->x, gsl_multimin_fdfminimizer_x(m)->data, (size_t)s->f.n * sizeof *s->x);
  s->history[s->done] = gsl_multimin_fdfminimizer_minimum(m);
}

/* No further progress is the end of a search, not a failure of it. */
static Status bfgs_steps(Search *s, gsl_multimin_fdfminimizer *m, Callback *cb) {
  keep(s, m);
  if (!isfinite(s->history[0])) return cb->status.code ? cb->status : NOT_FINITE;
  while (s->done < s->steps &&
         length(gsl_multimin_fdfminimizer_gradient(m)->data, s->f.n) >= s->tol) {
    Status step = TRY_GSL(gsl_multimin_fdfminimizer_iterate(m));
    if (cb->status.code != STATUS_OK) return cb->status;
    if (step.code != STATUS_OK) break;
    s->done++;
    keep(s, m);
    if (!isfinite(s->history[s->done])) return NOT_FINITE;
  }
  return STATUS_FINE;
}

/* Where the function falls without end the search stays at its start, or runs away. */
static void warn_if_steep(Search *s, double before, double slope) {
  if (slope < s->tol || slope < before || s->steps == 0) return;
  diag_add(
      s->ev->diag, W0234, s->c->at,
      "`minimize` ended after %lld steps where the slope is %.3g, no less than at its start: the "
      "function falls without end, or is too rough",
      (long long)s->done, slope);
}

/* GSL's vector_bfgs2, after Fletcher, Practical Methods of Optimization (1987), algorithms 2.6.2
   and 2.6.4. The first step is a hundredth of x. */
static Status bfgs(Search *s) {
  size_t n = (size_t)s->f.n;
  Callback cb = {s, STATUS_FINE, s->slope};
  gsl_multimin_function_fdf fdf = {value_only, slope_only, both, n, &cb};
  double size = length(s->x, s->f.n);
  gsl_vector_view start = gsl_vector_view_array(s->x, n);
  gsl_glue_install();
  gsl_multimin_fdfminimizer *m =
      gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, n);
  gsl_multimin_fdfminimizer_set(m, &fdf, &start.vector, 0.01 * (size > 0 ? size : 1), 0.1);
  const gsl_vector *slope = gsl_multimin_fdfminimizer_gradient(m);
  double before = length(slope->data, s->f.n);
  Status status = bfgs_steps(s, m, &cb);
  if (status.code == STATUS_OK) warn_if_steep(s, before, length(slope->data, s->f.n));
  gsl_multimin_fdfminimizer_free(m);
  gsl_glue_restore();
  return status;
}

/* ---- the builtin
 * ------------------------------------------------------------------------------------------ */

static Status run_search(Search *s, bool *reported) {
  for (int k = 0; k < UPDATES; k++) {
    if (strcmp(updates[k].name, s->method->type) != 0) continue;
    Rates r;
    *reported = !read_rates(s, updates[k].rate, &r);
    return *reported ? STATUS_FINE : descend(s, updates[k].update, &r);
  }
  return bfgs(s);
}

static Value *search_record(Search *s, Value *x, Value *value, Value *history) {
  Value *r = value_record(s->ev, "minimize", 3);
  value_set(r, 0, "x", x);
  value_set(r, 1, "value", value);
  value_set(r, 2, "history", history);
  return r;
}

static Value *rehearsed_search(Search *s) {
  Ev *ev = s->ev;
  Value *x = value_abstract(ev, s->f.x_shape, s->f.x_dim);
  if (s->project && value_is_error(ev_call(ev, s->project, &x, NULL, 1, s->c->at)))
    return &VALUE_ERROR;
  return search_record(s, x, value_abstract(ev, SHAPE_SCALAR, s->f.dim),
                       value_abstract(ev, shape_vec(EXTENT_UNKNOWN), s->f.dim));
}

static Value *search(Search *s, const Value *start) {
  if (s->f.rehearsed) return rehearsed_search(s);
  int64_t n = s->f.n;
  double *block = ARENA_ARRAY(s->f.arena, double, 4 * n + s->steps + 1);
  s->x = block, s->slope = block + n, s->m = block + 2 * n, s->v = block + 3 * n;
  s->history = block + 4 * n;
  memcpy(s->x, start->tensor->data, (size_t)n * sizeof *s->x);
  bool reported = false;
  Status status = run_search(s, &reported);
  if (reported || (status.code == STATUS_INVALID && !status.what)) return &VALUE_ERROR;
  if (status.code != STATUS_OK)
    return ev_fail(s->ev, s->c->at, status, "`minimize`: %s after %lld steps",
                   status.what ? status.what : "the function failed", (long long)s->done);
  Tensor *history = tensor_new(s->ev->arena, shape_vec(s->done + 1));
  memcpy(history->data, s->history, (size_t)(s->done + 1) * sizeof(double));
  return search_record(s, numeric_argument(&s->f, s->x),
                       value_quantity(s->ev, s->history[s->done], s->f.dim),
                       value_tensor(s->ev, history, s->f.dim));
}

/* `method` of the call, bfgs unless given; NULL: reported. */
static const Value *method_arg(Ev *ev, Call *c) {
  static const char *const known = "bfgs, gradient, momentum, rmsprop or adam";
  if (!arg_given(c, 2)) return scope_find(ev->builtins, "bfgs");
  const Value *m = c->arg[2];
  if (m->kind != V_METHOD) {
    ev_error(ev, E0210, c->arg_at[2], "`method` of `minimize` is %s, not %s", known,
             value_kind_name(ev, m));
    return NULL;
  }
  bool found = strcmp(m->type, "bfgs") == 0;
  for (int k = 0; k < UPDATES; k++) found = found || strcmp(updates[k].name, m->type) == 0;
  if (!found) arg_bad(ev, c, 2, "is %s, not `%s`", known, m->type);
  if (found && arg_given(c, 5) && strcmp(m->type, "bfgs") == 0)
    return arg_bad(ev, c, 5, "goes with gradient, momentum, rmsprop and adam"), NULL;
  return found ? m : NULL;
}

Value *bi_minimize(Ev *ev, Call *c) {
  Value *f = arg_function(ev, c, 0), *start = arg_numbers(ev, c, 1);
  Search s = {.ev = ev, .c = c, .method = method_arg(ev, c)};
  if (f->kind != V_FUNCTION) return f;
  if (!value_is_array(start)) return start;
  if (!s.method || !arg_size(ev, c, 3, 200, 0, &s.steps) ||
      !arg_number(ev, c, 4, DIM_ONE, 1e-8, &s.tol))
    return &VALUE_ERROR;
  if (arg_given(c, 5)) {
    s.project = arg_function(ev, c, 5);
    if (s.project->kind != V_FUNCTION) return s.project;
  }
  bool ok = numeric_open(ev, f, start, NUMERIC_GRADIENT, c->at, &s.f);
  Value *v = ok ? search(&s, start) : &VALUE_ERROR;
  numeric_close(&s.f);
  return v;
}
