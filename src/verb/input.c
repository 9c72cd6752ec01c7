/* input.c: see input.h. */
#include "verb/input.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "lang/task.h"

static const SysInput *sys_input(const Setup *s, size_t i) {
  return &s->sys->inputs.at[i];
}

static bool misfit(const Setup *s, size_t i, Where at, const char *what) {
  const Quantity *q = &sys_input(s, i)->q;
  Arena *a = s->ev->arena;
  Diag *d = setup_report(s, E0607, at, "the input `%s` is %s of the shape %s; this is %s", q->name,
                         dim_name(a, q->dim), shape_text(a, q->shape), what);
  if (d) diag_note(s->ev->diag, d, q->at, "`%s` is declared here", q->name);
  return false;
}

static bool right_dim(const Setup *s, size_t i, const Value *v) {
  TimeKind none = TIME_PLAIN;
  return dim_agree(v->dim, sys_input(s, i)->q.dim, &none, NULL);
}

/* Does `have` spread to the shape of the input? */
static bool spreads(Shape have, Shape want) {
  Shape joint;
  return shape_broadcast(have, want, &joint) && joint.rank == want.rank && shape_fits(joint, want);
}

static Shape rows_shape(Shape s, int64_t rows) {
  return shape_concat(shape_vec(rows), s);
}

/* The value spread to a shape, as numbers; NULL in rehearsal. */
static const double *spread(const Setup *s, Value *v, Shape want, Where at) {
  if (s->ev->rehearse || !shape_known(want)) return NULL;
  Value *full = ev_shaped(s->ev, v, want, at);
  return value_is_known(full) ? full->tensor->data : NULL;
}

/* ---- functions of time ----------------------------------------------------------------------- */

static void bind_node(Setup *s, size_t i, RunInput *in, NodeId n) {
  Graph *g = s->sys->g;
  Shape want = sys_input(s, i)->q.shape;
  if (shape_known(want)) n = graph_broadcast(g, n, want);
  s->sys->inputs.at[i].of_time = n;
  in->kind = INPUT_BOUND;
}

static bool bind_function(Setup *s, size_t i, RunInput *in, Value *fn, Where at) {
  Ev *ev = s->ev;
  Graph *g = s->sys->g, *trace = ev->trace;
  TimeKind kind = s->sys->time, *time = ev->time;
  Value *t = value_node(ev, g, s->sys->t, setup_time_dim(s));
  ev->trace = g;
  ev->time = &kind;
  Value *v = ev_dense(ev, ev_call(ev, fn, &t, NULL, 1, at), at);
  ev->trace = trace;
  ev->time = time;
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return false;
  if (v->kind != V_ARRAY || !right_dim(s, i, v) ||
      !spreads(value_shape(v), sys_input(s, i)->q.shape))
    return misfit(s, i, at,
                  arena_printf(ev->arena, "a function that gives %s", value_kind_name(ev, v)));
  g->at = at;
  bind_node(s, i, in, ev_node(ev, g, v));
  return true;
}

/* Linear interpolation between rows. */
static void bind_lookup(Setup *s, size_t i, RunInput *in, const double *times) {
  Graph *g = s->sys->g;
  Tensor *x = tensor_new(s->ev->arena, shape_vec(in->rows));
  memcpy(x->data, times, (size_t)in->rows * sizeof *times);
  Shape rows = rows_shape(sys_input(s, i)->q.shape, in->rows);
  Tensor *y = tensor_new(s->ev->arena, rows);
  memcpy(y->data, in->data, (size_t)shape_count(rows) * sizeof(double));
  bind_node(s, i, in, graph_op3(g, OP_lookup, s->sys->t, graph_const(g, x), graph_const(g, y)));
}

static const double *step_times(const Setup *s, int64_t n) {
  double *t = ARENA_ARRAY(s->ev->arena, double, n + 1);
  for (int64_t k = 0; k < n; k++) t[k] = (double)k * s->dt;
  return t;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* Rows of the input's shape along the leading axis of v. False: it has none. */
static bool take_rows(const Setup *s, size_t i, RunInput *in, Value *v, Where at) {
  Shape have = value_shape(v), want = sys_input(s, i)->q.shape;
  if (have.rank < 1 || !spreads(shape_tail(have, 1), want)) return false;
  if (have.rank != want.rank + 1 && shape_count(want) != 1) return false;
  in->kind = INPUT_ROWS;
  in->rows = have.n[0];
  Shape full = rows_shape(want, in->rows);
  if (have.rank != full.rank && !s->ev->rehearse) { /* rows of one number for an input [1] */
    Shape ones = have;
    while (ones.rank < full.rank) ones.n[ones.rank++] = 1;
    OpAttr *attr = ARENA_NEW(s->ev->arena, OpAttr);
    attr->n = ones.rank;
    memcpy(attr->i, ones.n, sizeof attr->i);
    v = ev_op(s->ev, OP_reshape, attr, &v, 1, at);
  }
  in->data = spread(s, v, full, at);
  return true;
}

static bool not_constant(const Setup *s, Where at) {
  setup_report(s, E0620, at, "`%s` holds its input: give a constant", s->verb);
  return false;
}

bool input_lacks_step(const Setup *s, Where at, const char *rows) {
  if (s->holds_input) return not_constant(s, at);
  setup_report(s, E0603, at, "%s `dt`, the length of a step", rows);
  return false;
}

static bool read_array(Setup *s, size_t i, RunInput *in, Value *v, Where at, bool interpolate,
                       RunInputs *all) {
  if (!right_dim(s, i, v)) return misfit(s, i, at, value_kind_name(s->ev, v));
  Shape want = sys_input(s, i)->q.shape;
  if (spreads(value_shape(v), want)) {
    in->kind = INPUT_CONSTANT;
    in->data = spread(s, v, want, at);
    return true;
  }
  if (!take_rows(s, i, in, v, at)) return misfit(s, i, at, value_kind_name(s->ev, v));
  if (s->dt == 0) return input_lacks_step(s, at, "an input with one row for each step needs");
  bool known = in->rows >= 0 && s->dt_known;
  if (known && in->rows < 1) return misfit(s, i, at, "an array without rows");
  double length = known ? (double)in->rows * s->dt : -1;
  if (all->length == 0 || (known && length < all->length)) all->length = length;
  all->length_at = at;
  if (interpolate && !s->ev->rehearse) bind_lookup(s, i, in, step_times(s, in->rows));
  return true;
}

/* ---- records (t = times, u = rows) ----------------------------------------------------------- */

static bool good_times(const Setup *s, Value *t, Where at) {
  TimeKind none = TIME_PLAIN;
  if (t->kind != V_ARRAY || value_shape(t).rank != 1 ||
      !dim_agree(t->dim, setup_time_dim(s), &none, NULL)) {
    setup_report(s, E0607, at, "the times `t` of an input are a vector in the time of `%s`, not %s",
                 s->sys->name, value_kind_name(s->ev, t));
    return false;
  }
  if (!value_is_known(t)) return true;
  int64_t n = value_shape(t).n[0];
  for (int64_t k = 1; k < n; k++) {
    if (t->tensor->data[k] > t->tensor->data[k - 1]) continue;
    setup_report(s, E0607, at,
                 "the times `t` of an input must ascend; those at %lld and %lld do not",
                 (long long)(k - 1), (long long)k);
    return false;
  }
  return true;
}

static bool read_timed(Setup *s, size_t i, RunInput *in, Value *t, Value *v, Where at,
                       bool interpolate, RunInputs *all) {
  if (v->kind != V_ARRAY || !right_dim(s, i, v) || !take_rows(s, i, in, v, at))
    return misfit(s, i, at, value_kind_name(s->ev, v));
  int64_t n = value_shape(t).n[0];
  if (n >= 0 && in->rows >= 0 && n != in->rows) {
    setup_report(s, E0607, at, "the input `%s` has %lld rows, but there are %lld times",
                 sys_input(s, i)->q.name, (long long)in->rows, (long long)n);
    return false;
  }
  bool known = value_is_known(t) && n > 0;
  in->timed = true;
  if (all->length == 0) all->length = known ? t->tensor->data[n - 1] : -1;
  all->length_at = at;
  if (!known || s->ev->rehearse) return true;
  in->times = t->tensor->data;
  if (interpolate) bind_lookup(s, i, in, in->times);
  return true;
}

/* ---- all inputs ------------------------------------------------------------------------------ */

static bool read_one(Setup *s, size_t i, Value *v, Where at, bool interpolate, RunInputs *out) {
  RunInput *in = &out->at[i];
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return false;
  if (v->kind == V_FUNCTION) return bind_function(s, i, in, v, at);
  v = ev_dense(s->ev, v, at);
  if (v->kind == V_ARRAY) return read_array(s, i, in, v, at, interpolate, out);
  if (v->kind == V_RECORD && value_field(v, "t")) {
    Value *t = (Value *)value_field(v, "t"), *u = (Value *)value_field(v, sys_input(s, i)->q.name);
    if (u) return good_times(s, t, at) && read_timed(s, i, in, t, u, at, interpolate, out);
  }
  return misfit(s, i, at, value_kind_name(s->ev, v));
}

static bool unknown_name(const Setup *s, const char *name, Where at) {
  VEC(const char *) names = {0};
  for (size_t i = 0; i < s->sys->inputs.n; i++)
    *vec_push(s->ev->arena, &names) = sys_input(s, i)->q.name;
  const char *near = nearest_name(name, names.at, names.n);
  Diag *d = setup_report(s, E0607, at, "`%s` has no input `%s`", s->sys->name, name);
  if (d && near) diag_note(s->ev->diag, d, at, "did you mean `%s`?", near);
  return false;
}

static int input_index(const Setup *s, const char *name) {
  for (size_t i = 0; i < s->sys->inputs.n; i++)
    if (strcmp(sys_input(s, i)->q.name, name) == 0) return (int)i;
  return -1;
}

/* Inputs by name. A record with times may hold other fields too: it may be a run. */
static bool read_record(Setup *s, Value *v, Where at, bool interpolate, RunInputs *out) {
  Value *t = (Value *)value_field(v, "t");
  bool run = v->type && t, any = false;
  if (t && !good_times(s, t, at)) return false;
  for (int k = 0; k < v->nfields; k++) {
    const Field *f = &v->fields[k];
    if (t && strcmp(f->name, "t") == 0) continue;
    int i = input_index(s, f->name);
    if (i < 0 && run) continue;
    if (i < 0) return unknown_name(s, f->name, at);
    any = true;
    RunInput *in = &out->at[i];
    bool ok = t ? read_timed(s, (size_t)i, in, t, f->value, at, interpolate, out)
                : read_one(s, (size_t)i, f->value, at, interpolate, out);
    if (!ok) return false;
  }
  if (any || v->nfields == 0) return true;
  Diag *d =
      setup_report(s, E0607, at, "the record has no field that is an input of `%s`", s->sys->name);
  if (d)
    diag_note(s->ev->diag, d, at,
              "as in `(t = run.t, %s = run.x)`, with the times and values of a run",
              s->sys->inputs.at[0].q.name);
  return false;
}

static bool read_argument(Setup *s, Value *v, Where at, bool interpolate, RunInputs *out) {
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return false;
  size_t n = s->sys->inputs.n;
  if (value_is_task(v)) return input_task(s, v, at, out);
  if (n == 0) {
    setup_report(s, E0607, at, "`%s` has no input", s->sys->name);
    return false;
  }
  if (v->kind == V_RECORD) return read_record(s, v, at, interpolate, out);
  if (n == 1) return read_one(s, 0, v, at, interpolate, out);
  setup_report(s, E0607, at,
               "`%s` has %d inputs: give them by name, `input = (%s = ..., %s = ...)`",
               s->sys->name, (int)n, sys_input(s, 0)->q.name, sys_input(s, 1)->q.name);
  return false;
}

bool input_read(Setup *s, Value *v, Where at, bool interpolate, RunInputs *out) {
  size_t n = s->sys->inputs.n;
  *out = (RunInputs){.at = ARENA_ARRAY(s->ev->arena, RunInput, n + 1)};
  for (size_t i = 0; i < n; i++) {
    const Tensor *dflt = sys_input(s, i)->dflt;
    out->at[i] = (RunInput){.kind = INPUT_CONSTANT, .data = dflt->data};
  }
  if (v && v->kind != V_NONE && !read_argument(s, v, at, interpolate, out)) return false;
  for (size_t i = 0; i < n && s->holds_input; i++)
    if (out->at[i].kind != INPUT_CONSTANT) return not_constant(s, at);
  for (size_t i = 0; i < n; i++)
    if (out->at[i].kind == INPUT_BOUND) {
      system_complete(s->ev->arena, s->sys);
      break;
    }
  return true;
}

/* ---- during the run -------------------------------------------------------------------------- */

bool input_covers(const Setup *s, const RunInputs *in, int64_t steps) {
  for (size_t i = 0; i < s->sys->inputs.n; i++) {
    const RunInput *r = &in->at[i];
    if (r->kind != INPUT_ROWS || r->timed || r->rows < 0 || r->rows >= steps) continue;
    setup_report(s, E0607, in->length_at,
                 "the input `%s` has %lld rows, but the run takes %lld steps",
                 sys_input(s, i)->q.name, (long long)r->rows, (long long)steps);
    return false;
  }
  return true;
}

static const double *row_at(const Setup *s, const RunInputs *in, size_t i, int64_t k) {
  const RunInput *r = &in->at[i];
  if (k < 0) k = 0;
  if (k >= r->rows) k = r->rows - 1;
  return r->data + k * shape_count(sys_input(s, i)->q.shape) * (r->lanes ? r->lanes : 1);
}

/* The last of the ascending times that is not after t (with a little room for rounding), or 0. */
static int64_t last_not_after(const double *times, int64_t n, double t, double room) {
  int64_t lo = 0, hi = n;
  while (hi - lo > 1) {
    int64_t mid = lo + (hi - lo) / 2;
    if (times[mid] <= t + room)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

const double *input_held(const Setup *s, const RunInputs *in, size_t i, double t) {
  const RunInput *r = &in->at[i];
  if (r->kind != INPUT_ROWS) return r->data;
  if (r->times) return row_at(s, in, i, last_not_after(r->times, r->rows, t, 1e-9 * s->dt));
  return row_at(s, in, i, (int64_t)floor(t / s->dt + 1e-9));
}

const double *input_row(const Setup *s, const RunInputs *in, size_t i, int64_t step) {
  const RunInput *r = &in->at[i];
  if (r->kind != INPUT_ROWS) return r->data;
  return r->times ? input_held(s, in, i, (double)step * s->dt) : row_at(s, in, i, step);
}

const double *input_steps(const Setup *s, const RunInputs *in, size_t i, int64_t steps, Arena *a) {
  const RunInput *r = &in->at[i];
  if (!r->times) return r->data;
  size_t n = (size_t)shape_count(sys_input(s, i)->q.shape);
  double *rows = mem_alloc(n * (size_t)steps * sizeof *rows + 1);
  arena_defer(a, mem_free, rows);
  for (int64_t k = 0; k < steps; k++)
    memcpy(rows + (size_t)k * n, input_row(s, in, i, k), n * sizeof *rows);
  return rows;
}
