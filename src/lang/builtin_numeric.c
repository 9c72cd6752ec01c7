/* builtin_numeric.c: roots, integrals and iterates of functions. */
#include <gsl/gsl_integration.h>
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"
#include "lang/numeric.h"
#include "num/gsl_glue.h"
#include "num/linalg.h"

/* A failure of `what`, unless a function that was called has reported it already. */
static Value *failed(Ev *ev, Call *c, Status s, const char *what) {
  if (s.code == STATUS_INVALID && !s.what) return &VALUE_ERROR;
  return ev_fail(ev, c->at, s, "`%s`: %s", c->fn->name, s.what ? s.what : what);
}

static bool all_finite(const double *x, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

static double largest(const double *x, int64_t n) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

/* ---- root
 * ---------------------------------------------------------------------------------------------- */

enum { NEWTON_STEPS = 100, HALVINGS = 40 };

typedef struct Newton {
  Numeric *f;
  int64_t n;
  double *x, *y, *jac, *step, *trial, *trial_y;
  double tol;
} Newton;

static Newton newton_make(Numeric *f, double tol) {
  int64_t n = f->n;
  double *block = ARENA_ARRAY(f->arena, double, 5 * n + n * n);
  return (Newton){.f = f,
                  .n = n,
                  .tol = tol,
                  .x = block,
                  .y = block + n,
                  .step = block + 2 * n,
                  .trial = block + 3 * n,
                  .trial_y = block + 4 * n,
                  .jac = block + 5 * n};
}

static double square_norm(const double *y, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += y[i] * y[i];
  return sum;
}

static Status stuck(void) {
  return (Status){STATUS_NO_CONVERGENCE, 0, -1, "no root was found near the start"};
}

/* Halves the step until |f|^2 is less by a fraction of what its slope promises: Dennis & Schnabel,
   Numerical Methods for Unconstrained Optimization (1996), section 6.3. */
static Status backtrack(Newton *nw, bool *moved) {
  double before = square_norm(nw->y, nw->n), part = 1;
  *moved = false;
  for (int k = 0; k < HALVINGS; k++, part /= 2) {
    for (int64_t i = 0; i < nw->n; i++) nw->trial[i] = nw->x[i] - part * nw->step[i];
    Status s = numeric_value(nw->f, nw->trial, nw->trial_y);
    if (s.code != STATUS_OK) return s;
    double after = square_norm(nw->trial_y, nw->n);
    if (!(after <= (1 - 2e-4 * part) * before)) continue;
    memcpy(nw->x, nw->trial, (size_t)nw->n * sizeof *nw->x);
    *moved = true;
    return STATUS_FINE;
  }
  return STATUS_FINE;
}

/* A step that is small against x ends the search; so does one that no longer makes f smaller, if it
   is small enough to be rounding. */
static Status newton(Newton *nw) {
  const double rounding = 1e-6;
  for (int k = 0; k < NEWTON_STEPS; k++) {
    Status s = numeric_both(nw->f, nw->x, nw->y, nw->jac);
    if (s.code != STATUS_OK) return s;
    if (!all_finite(nw->y, nw->n))
      return (Status){STATUS_NONFINITE, 0, -1, "the function is not finite"};
    if (largest(nw->y, nw->n) == 0) return STATUS_FINE;
    s = la_solve(nw->n, 1, nw->jac, nw->y, nw->step);
    if (s.code != STATUS_OK) return (Status){s.code, 0, -1, "the Jacobian is singular on the way"};
    double step = largest(nw->step, nw->n), size = largest(nw->x, nw->n);
    bool moved;
    s = backtrack(nw, &moved);
    if (s.code != STATUS_OK) return s;
    if (step <= nw->tol * size) return STATUS_FINE;
    if (!moved) return step <= rounding * size ? STATUS_FINE : stuck();
  }
  return stuck();
}

static Value *find_root(Ev *ev, Call *c, Numeric *f, const Value *start, double tol) {
  if (f->m >= 0 && f->n >= 0 && f->m != f->n)
    return ev_error(ev, E0401, c->at, "`root` needs as many equations as unknowns, not %s for %s",
                    shape_text(ev->arena, f->shape), shape_text(ev->arena, f->x_shape));
  if (f->rehearsed) return value_abstract(ev, f->x_shape, f->x_dim);
  Newton nw = newton_make(f, tol);
  memcpy(nw.x, start->tensor->data, (size_t)f->n * sizeof *nw.x);
  Status s = newton(&nw);
  return s.code == STATUS_OK ? numeric_argument(f, nw.x) : failed(ev, c, s, "no root was found");
}

/* Where the derivative of a root is wanted at one place, what f depends on is known there. From the
   root at that place, one more step of Newton's method, as nodes, changes nothing but has the
   derivative of the root (the implicit function theorem: Griewank & Walther, Evaluating
   Derivatives, 2nd ed. 2008, section 15.2). */
static Value *implicit_root(Ev *ev, Call *c, Trace *t, Value *start, double tol) {
  const Trace *point = ev->point;
  Graph *g = t->g;
  Numeric fn;
  Value *x = value_abstract(ev, value_shape(start), start->dim);
  if (!ev->rehearse && value_is_known(point->x)) {
    bool ok = numeric_open_at(ev, t, point, NUMERIC_JACOBIAN, c->at, &fn);
    x = ok ? find_root(ev, c, &fn, start, tol) : &VALUE_ERROR;
    numeric_close(&fn);
  }
  if (!value_is_known(x)) return value_is_error(x) ? x : value_node(ev, g, t->in, start->dim);
  NodeId here = graph_const(g, x->tensor), of[] = {t->out, trace_jacobian(ev, t)}, at[2];
  if (of[1] == NODE_NONE) return ev_needs_value(ev, c->at, "a root");
  trace_substitute(ev, t, here, of, at, 2);
  NodeId y = graph_reshape(g, at[0], shape_vec(shape_count(t->shape)));
  NodeId step = graph_op2(g, OP_solve, at[1], y);
  NodeId root = graph_op2(g, OP_sub, here, graph_reshape(g, step, value_shape(start)));
  return value_node(ev, g, root, start->dim);
}

/* Is f, in a derivative at one place, also a function of what stands there? Then t is its trace. */
static bool depends_on_place(Ev *ev, Call *c, Value *f, Value *start, Trace *t) {
  const Trace *point = ev->point;
  if (!point || point->g != ev->trace) return false;
  if (!trace_function(ev, ev->arena, f, start, c->at, t) || t->opaque) return false;
  return graph_depends(t->g, point->in, &t->out, 1);
}

Value *bi_root(Ev *ev, Call *c) {
  Value *f = arg_function(ev, c, 0), *start = arg_numbers(ev, c, 1);
  double tol;
  if (f->kind != V_FUNCTION) return f;
  if (!value_is_array(start)) return start;
  if (!arg_number(ev, c, 2, DIM_ONE, 1e-10, &tol)) return &VALUE_ERROR;
  Trace t;
  if (depends_on_place(ev, c, f, start, &t)) return implicit_root(ev, c, &t, start, tol);
  Numeric fn;
  bool ok = numeric_open(ev, f, start, NUMERIC_JACOBIAN, c->at, &fn);
  Value *v = ok ? find_root(ev, c, &fn, start, tol) : &VALUE_ERROR;
  numeric_close(&fn);
  return v;
}

/* ---- quadrature
 * ---------------------------------------------------------------------------------------- */

typedef struct Integrand {
  Numeric *f;
  Status status;
} Integrand;

static double integrand(double x, void *ctx) {
  Integrand *g = ctx;
  double y = 0;
  if (g->status.code == STATUS_OK) g->status = numeric_value(g->f, &x, &y);
  return y;
}

enum { INTERVALS = 2000 };

/* QUADPACK (Piessens et al. 1983): qags between finite ends, qagi, qagiu and qagil otherwise. a <
 * b. */
static int quadpack(gsl_function *fn, double a, double b, double tol, double *sum, double *error) {
  gsl_integration_workspace *w = gsl_integration_workspace_alloc(INTERVALS);
  int code;
  if (isinf(a) && isinf(b))
    code = gsl_integration_qagi(fn, 0, tol, INTERVALS, w, sum, error);
  else if (isinf(b))
    code = gsl_integration_qagiu(fn, a, 0, tol, INTERVALS, w, sum, error);
  else if (isinf(a))
    code = gsl_integration_qagil(fn, b, 0, tol, INTERVALS, w, sum, error);
  else
    code = gsl_integration_qags(fn, a, b, 0, tol, INTERVALS, w, sum, error);
  gsl_integration_workspace_free(w);
  return code;
}

/* Parts that cancel leave a sum that rounding keeps from any relative tolerance: it is good enough
   if the error is small against the integral of |f|. */
static bool cancels(gsl_function *fn, double a, double b, double tol, double error) {
  double sum, rough, size, deviation;
  if (isinf(a) || isinf(b)) return false;
  gsl_integration_qk61(fn, a, b, &sum, &rough, &size, &deviation);
  return error <= tol * size;
}

static Status integrate(Integrand *g, double a, double b, double tol, double *sum) {
  gsl_function fn = {integrand, g};
  double error = 0;
  gsl_glue_install();
  Status s = TRY_GSL(quadpack(&fn, a, b, tol, sum, &error));
  gsl_glue_restore();
  if (g->status.code != STATUS_OK) return g->status;
  if (!isfinite(*sum)) return (Status){STATUS_NONFINITE, 0, -1, "the integral is not finite"};
  if (s.code == STATUS_OK || cancels(&fn, a, b, tol, error)) return STATUS_FINE;
  return (Status){STATUS_NO_CONVERGENCE, 0, -1, "the integral does not converge to the tolerance"};
}

static Value *quadrature(Ev *ev, Call *c, Numeric *f, double a, double b, double tol) {
  Dim d = dim_mul(f->dim, f->x_dim);
  if (f->shape.rank)
    return ev_error(ev, E0411, c->at,
                    "`quadrature` integrates functions that give one number, not %s",
                    shape_text(ev->arena, f->shape));
  if (f->rehearsed) return value_abstract(ev, SHAPE_SCALAR, d);
  Integrand g = {.f = f};
  double sum = 0;
  Status s = a == b ? STATUS_FINE : integrate(&g, fmin(a, b), fmax(a, b), tol, &sum);
  if (s.code != STATUS_OK) return failed(ev, c, s, "the function failed");
  return value_quantity(ev, a > b ? -sum : sum, d);
}

/* The ends are single numbers of one dimension; NULL: go on. */
static Value *interval(Ev *ev, Call *c, double ends[2], Dim *dim) {
  *dim = DIM_ANY;
  for (int i = 1; i <= 2; i++) {
    Value *v = arg_numbers(ev, c, i);
    if (!value_is_array(v)) return v;
    if (!arg_rank(ev, c, i, v, 0, 0)) return &VALUE_ERROR;
    if (!dims_agree(ev, *dim, v->dim, dim)) {
      arg_alike(ev, c, 1, c->arg[1], 2, v);
      return &VALUE_ERROR;
    }
    ends[i - 1] = value_is_known(v) ? v->tensor->data[0] : 0;
    if (isnan(ends[i - 1])) return arg_bad(ev, c, i, "is not a number");
  }
  return NULL;
}

Value *bi_quadrature(Ev *ev, Call *c) {
  Value *f = arg_function(ev, c, 0);
  double ends[2], tol;
  Dim dim;
  if (f->kind != V_FUNCTION) return f;
  Value *other = interval(ev, c, ends, &dim);
  if (other) return other;
  if (!arg_number(ev, c, 3, DIM_ONE, 1e-9, &tol)) return &VALUE_ERROR;
  if (!(tol >= 1e-13)) return arg_bad(ev, c, 3, "must be at least 1e-13, found %g", tol);
  Value *x = value_quantity(ev, 0, dim);
  Numeric fn;
  bool ok = numeric_open(ev, f, x, NUMERIC_VALUE, c->at, &fn);
  Value *v = ok ? quadrature(ev, c, &fn, ends[0], ends[1], tol) : &VALUE_ERROR;
  numeric_close(&fn);
  return v;
}

/* ---- iterate
 * -------------------------------------------------------------------------------------------- */

enum { UNROLLED_MAX = 1000 }; /* steps that may become nodes of a surrounding graph */

/* x must come back in the form in which it went in. */
static bool same_form(Ev *ev, Call *c, Shape from, Dim d, Shape to, Dim e) {
  if (from.rank != to.rank || !shape_fits(to, from)) {
    ev_error(ev, E0401, c->at, "`iterate`: the function makes %s of %s", shape_text(ev->arena, to),
             shape_text(ev->arena, from));
    return false;
  }
  if (dims_agree(ev, d, e, NULL)) return true;
  ev_error(ev, E0301, c->at, "`iterate`: the function makes %s of %s", dim_name(ev->arena, e),
           dim_name(ev->arena, d));
  return false;
}

/* One call after the other: what is traced becomes nodes. */
static Value *iterate_calls(Ev *ev, Call *c, Value *f, Value *x, int64_t n) {
  Value **rows = ARENA_ARRAY(ev->arena, Value *, n + 1);
  for (int64_t k = 0; k <= n; k++) {
    if (k > 0) {
      Value *y = ev_dense(ev, ev_call(ev, f, &x, NULL, 1, c->at), c->at);
      if (!value_is_array(y)) return y;
      if (!same_form(ev, c, value_shape(x), x->dim, value_shape(y), y->dim)) return &VALUE_ERROR;
      x = y;
    }
    rows[k] = form_insert_axis(ev, x, 0, c->at);
  }
  return form_concat(ev, rows, (int)(n + 1), 0, c->at);
}

static Value *iterate_program(Ev *ev, Call *c, Numeric *f, const Value *start, int64_t n) {
  Dim d;
  if (!same_form(ev, c, f->x_shape, f->x_dim, f->shape, f->dim)) return &VALUE_ERROR;
  dims_agree(ev, f->x_dim, f->dim, &d);
  Shape out = shape_concat(shape_vec(n < 0 ? EXTENT_UNKNOWN : n + 1), f->x_shape);
  if (f->rehearsed) return value_abstract(ev, out, d);
  Tensor *t = form_tensor(ev, out, c->at);
  if (!t) return &VALUE_ERROR;
  double *x = ARENA_ARRAY(f->arena, double, f->n + 1);
  memcpy(x, start->tensor->data, (size_t)f->n * sizeof *x);
  memcpy(t->data, x, (size_t)f->n * sizeof *x);
  Port ports[] = {{.kind = PORT_CARRY, .data = x},
                  {.kind = PORT_STACK, .data = t->data + f->n, .every = 1}};
  Status s = program_scan(f->value, &(ScanSpec){.ports = ports, .nports = 2, .steps = n});
  return s.code == STATUS_OK ? value_tensor(ev, t, d) : failed(ev, c, s, "the function failed");
}

static Value *iterate_numbers(Ev *ev, Call *c, Value *f, Value *start, int64_t n) {
  Numeric fn;
  bool ok = numeric_open(ev, f, start, NUMERIC_VALUE, c->at, &fn);
  Value *v = !ok                          ? &VALUE_ERROR
             : fn.opaque && !fn.rehearsed ? iterate_calls(ev, c, f, start, n)
                                          : iterate_program(ev, c, &fn, start, n);
  numeric_close(&fn);
  return v;
}

Value *bi_iterate(Ev *ev, Call *c) {
  Value *f = arg_function(ev, c, 0), *start = arg_array(ev, c, 1);
  int64_t n;
  if (f->kind != V_FUNCTION) return f;
  if (!value_is_array(start)) return start;
  if (!arg_size(ev, c, 2, 0, 0, &n)) return &VALUE_ERROR;
  if (value_shape(start).rank == SHAPE_MAX_RANK)
    return ev_error(ev, E0408, c->at, "an array has at most %d axes", SHAPE_MAX_RANK);
  if (!ev->trace) return iterate_numbers(ev, c, f, start, n);
  if (n < 0 || n > UNROLLED_MAX) return ev_needs_value(ev, c->at, "the start of a long iteration");
  return iterate_calls(ev, c, f, start, n);
}
