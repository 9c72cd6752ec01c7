/* numeric.c: a function value of the language as a C function of flat vectors. */
#include "lang/numeric.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"

/* ---- programs
 * ---------------------------------------------------------------------------------------- */

static Program *plan(Numeric *f, const Trace *t, NodeId *outs, int n) {
  NodeId in = t->in;
  GraphFn fn = {.g = t->g, .in = &in, .nin = 1, .out = outs, .nout = n};
  return program_plan(f->arena, &fn, &(PlanOptions){.exact = true});
}

static bool plan_all(Numeric *f, Trace *t, NumericWant want) {
  NodeId outs[2] = {t->out, NODE_NONE};
  f->value = plan(f, t, outs, 1);
  if (want == NUMERIC_VALUE) return true;
  outs[1] =
      want == NUMERIC_GRADIENT ? trace_gradient(t, graph_num(t->g, 1)) : trace_jacobian(f->ev, t);
  f->both = plan(f, t, outs, 2);
  return true;
}

/* ---- functions that are called
 * --------------------------------------------------------------------------- */

Value *numeric_argument(const Numeric *f, const double *x) {
  Tensor *t = tensor_new(f->ev->arena, f->x_shape);
  memcpy(t->data, x, (size_t)f->n * sizeof *x);
  return value_tensor(f->ev, t, f->x_dim);
}

/* What a function gives where only the run knows what it closes over. */
static bool known_later(Numeric *f, const Value *y) {
  if (!value_is_traced(y)) return false;
  ev_needs_value(f->ev, f->at, "what the function uses");
  return true;
}

static const Status REPORTED = {STATUS_INVALID, 0, -1, NULL};

static Value *call(Numeric *f, const double *x) {
  Value *arg = numeric_argument(f, x);
  Value *y = ev_dense(f->ev, ev_call(f->ev, f->f, &arg, NULL, 1, f->at), f->at);
  if (value_is_error(y) || value_is_known(y)) return y;
  if (known_later(f, y)) return &VALUE_ERROR;
  return ev_error(f->ev, E0210, f->at, "the function must give numbers, not %s",
                  value_kind_name(f->ev, y));
}

static Status call_value(Numeric *f, const double *x, double *y) {
  Value *v = call(f, x);
  if (value_is_error(v)) return REPORTED;
  if (shape_count(v->tensor->shape) != f->m) {
    ev_error(f->ev, E0401, f->at, "the function gave %s before and now gives %s",
             shape_text(f->ev->arena, f->shape), shape_text(f->ev->arena, v->tensor->shape));
    return REPORTED;
  }
  memcpy(y, v->tensor->data, (size_t)f->m * sizeof *y);
  return STATUS_FINE;
}

/* Central differences; the cube root of the rounding error balances it against the curvature (Press
   et al., Numerical Recipes, 3rd ed. 2007, section 5.7). */
static Status differences(Numeric *f, const double *x, double *dy) {
  double scale = 0;
  for (int64_t j = 0; j < f->n; j++) scale = fmax(scale, fabs(x[j]));
  double *z = ARENA_ARRAY(f->arena, double, f->n), *y = ARENA_ARRAY(f->arena, double, 2 * f->m);
  memcpy(z, x, (size_t)f->n * sizeof *x);
  for (int64_t j = 0; j < f->n; j++) {
    double h = 6e-6 * (x[j] != 0 ? fabs(x[j]) : scale > 0 ? scale : 1);
    Status s = STATUS_FINE;
    for (int side = 0; side < 2 && s.code == STATUS_OK; side++) {
      z[j] = x[j] + (side ? h : -h);
      s = call_value(f, z, y + side * f->m);
    }
    if (s.code != STATUS_OK) return s;
    for (int64_t i = 0; i < f->m; i++) dy[i * f->n + j] = (y[f->m + i] - y[i]) / (2 * h);
    z[j] = x[j];
  }
  return STATUS_FINE;
}

/* ---- evaluation
 * -------------------------------------------------------------------------------------------- */

Status numeric_value(Numeric *f, const double *x, double *y) {
  if (f->opaque) return call_value(f, x, y);
  return program_run(f->value, (const void *[]){x}, (void *[]){y});
}

Status numeric_both(Numeric *f, const double *x, double *y, double *dy) {
  if (!f->opaque) return program_run(f->both, (const void *[]){x}, (void *[]){y, dy});
  Status s = call_value(f, x, y);
  return s.code == STATUS_OK ? differences(f, x, dy) : s;
}

/* ---- opening
 * -------------------------------------------------------------------------------------------- */

/* The form of the result of a function that cannot be traced: by calling it once. */
static bool open_opaque(Numeric *f, Value *start) {
  Value *y = ev_call(f->ev, f->f, &start, NULL, 1, f->at);
  f->opaque = true;
  if (y->kind == V_UNKNOWN) return true;
  y = ev_dense(f->ev, y, f->at);
  if (value_is_error(y) || known_later(f, y)) return false;
  if (!value_is_array(y)) {
    ev_error(f->ev, E0210, f->at, "the function must give an array, not %s",
             value_kind_name(f->ev, y));
    return false;
  }
  f->shape = value_shape(y);
  f->dim = y->dim;
  return true;
}

static bool open_function(Numeric *f, Value *start, NumericWant want) {
  Trace t;
  if (!trace_function(f->ev, f->arena, f->f, start, f->at, &t)) return false;
  f->shape = t.shape;
  f->dim = t.dim;
  if (t.opaque && !open_opaque(f, start)) return false;
  if (want == NUMERIC_GRADIENT && f->shape.rank) {
    ev_error(f->ev, E0411, f->at, "the function must give one number, not %s",
             shape_text(f->ev->arena, f->shape));
    return false;
  }
  f->m = shape_count(f->shape);
  return f->rehearsed || t.opaque || plan_all(f, &t, want);
}

bool numeric_open(Ev *ev, Value *f, Value *start, NumericWant want, Where at, Numeric *out) {
  *out = (Numeric){.ev = ev, .f = f, .at = at, .x_shape = value_shape(start), .x_dim = start->dim};
  out->arena = arena_new();
  out->n = shape_count(out->x_shape);
  out->rehearsed = ev->rehearse || !value_is_known(start);
  Graph *outer = ev->trace; /* numbers are needed: what is traced around this is of no use here */
  ev->trace = NULL;
  bool ok = open_function(out, start, want);
  ev->trace = outer;
  return ok;
}

bool numeric_open_at(Ev *ev, const Trace *t, const Trace *known, NumericWant want, Where at,
                     Numeric *out) {
  *out = (Numeric){.ev = ev, .at = at, .x_shape = value_shape(t->x), .x_dim = t->x->dim};
  out->arena = arena_new();
  out->n = shape_count(out->x_shape);
  out->shape = t->shape;
  out->dim = t->dim;
  out->m = shape_count(t->shape);
  Trace own = *t;
  own.g = graph_new(out->arena);
  own.own = true;
  own.in = graph_input(own.g, "x", out->x_shape, 0);
  NodeId from[] = {t->in, known->in}, to[] = {own.in, graph_const(own.g, known->x->tensor)};
  graph_copy(own.g, t->g, from, to, 2, NULL, &t->out, &own.out, 1);
  return plan_all(out, &own, want);
}

void numeric_close(Numeric *f) {
  arena_free(f->arena);
}
