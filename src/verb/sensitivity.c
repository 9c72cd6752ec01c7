/* sensitivity.c: sensitivity(net, for): how much a small change of the start makes at later times:
   the singular values of the state-transition matrix dx(t)/dx(0) along a run. The matrix is kept as
   a product of an orthogonal and triangular factors, by QR from time to time (Dieci & Van Vleck, J.
   Dyn. Diff. Eq. 14, 2002), so that long runs neither overflow nor lose what decays. The adjoint of
   a loss goes back through the same factors, transposed, as coefficients of the tangents: Q stays
   out of its norm. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/triangle.h"
#include "verb/adjoint.h"
#include "verb/tangents.h"
#include "verb/verb.h"

enum { A_NET, A_FOR, A_EVERY, A_INPUT, A_METHOD, A_DT, A_SEED, A_INIT, A_LOSS, A_ALONG };
enum { ROWS = 200, STEPS_MOST = 20 };

typedef struct Sensitivity {
  Tangents g; /* as many as there are states */
  Triangle product;
  double length, every;
  bool known;               /* are they? Not always in rehearsal */
  int64_t rows;             /* of the result, without that of the start */
  int64_t pieces;           /* between two rows: decompositions of adaptive runs, or steps */
  double *t, *logs;         /* times [rows + 1], logarithms of singular values [rows + 1, D] */
  GraphFn *loss, *along;    /* at the end, or NULL; of every row, or NULL */
  FlowProgram *each;        /* the latter, planned */
  double *parts;            /* its derivatives as coefficients of the tangents, [rows, D] */
  Triangle piece;           /* from one row to the next, for a loss */
  double *row_logs, *row_t; /* those of all rows: [rows, D], [rows, D, D] */
  double value, *adjoint, *gradient; /* the loss, logarithms [rows + 1], at the start [D] */
  double *first;                     /* the tangents at the start */
} Sensitivity;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool read_times(Sensitivity *s) {
  Setup *u = &s->g.f.s;
  Call *c = u->c;
  bool known = true, more = true;
  if (!tangents_read_length(&s->g, A_FOR, &s->length, &known)) return false;
  if (arg_given(c, A_EVERY) && !setup_time(u, A_EVERY, &s->every, &more)) return false;
  s->known = known && more && u->dt_known;
  if (!s->known) return true;
  if (!(s->length > 0) || !isfinite(s->length)) {
    setup_report(u, E0611, c->arg_at[A_FOR], "`for` must be above zero");
    return false;
  }
  if (!arg_given(c, A_EVERY)) return true;
  if (s->every > 0 && s->every <= s->length) return true;
  setup_report(u, E0605, c->arg_at[A_EVERY], "`every` must lie between zero and `for`");
  return false;
}

/* Rows at intervals of `every`: of whole steps, where there are steps. */
static bool choose_rows(Sensitivity *s) {
  Setup *u = &s->g.f.s;
  Where at = u->c->arg_at[arg_given(u->c, A_EVERY) ? A_EVERY : A_FOR];
  if (u->fixed) {
    int64_t all = setup_steps(u, s->length, at, "`for`");
    if (all < 1) return false;
    s->pieces = arg_given(u->c, A_EVERY) ? setup_steps(u, s->every, at, "`every`")
                                         : (all + ROWS - 1) / ROWS;
    if (s->pieces < 1) return false;
    s->rows = all / s->pieces;
    s->every = (double)s->pieces * u->dt;
    return true;
  }
  if (!arg_given(u->c, A_EVERY)) s->every = s->length / ROWS;
  s->rows = (int64_t)floor(s->length / s->every + 1e-9);
  s->pieces = (int64_t)ceil(s->every / fmin(tangents_stretch(&s->g), s->every));
  return true;
}

static bool read_call(Sensitivity *s, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_DT, A_SEED, false}, A_INPUT};
  if (!tangents_setup(ev, c, &at, &s->g)) return false;
  s->g.k = s->g.f.dim;
  return read_times(s);
}

static bool has_adjoint(const Sensitivity *s) {
  return s->loss || s->along;
}

static bool read_losses(Sensitivity *s) {
  Flow *f = &s->g.f;
  const Call *c = f->s.c;
  if (arg_given(c, A_LOSS) && !(s->loss = adjoint_read(f, A_LOSS, "`loss`"))) return false;
  if (arg_given(c, A_ALONG) && !(s->along = adjoint_read(f, A_ALONG, "`along`"))) return false;
  return true;
}

/* ---- the run --------------------------------------------------------------------------------- */

static Status decompose(Sensitivity *s) {
  Status st = tangents_decompose(&s->g);
  if (st.code == STATUS_OK) triangle_multiply(&s->product, s->g.r);
  if (st.code == STATUS_OK && has_adjoint(s)) triangle_multiply(&s->piece, s->g.r);
  return st;
}

/* From one row to the next. */
static Status advance(Sensitivity *s, int64_t row) {
  double t = (double)row * s->every, tau = s->every / (double)s->pieces;
  Status st = STATUS_FINE;
  if (s->g.f.s.fixed) {
    for (int64_t k = 0; k < s->pieces && st.code == STATUS_OK; k += STEPS_MOST) {
      int64_t steps = s->pieces - k < STEPS_MOST ? s->pieces - k : STEPS_MOST;
      st = tangents_advance_steps(&s->g, row * s->pieces + k, steps);
      if (st.code == STATUS_OK) st = decompose(s);
    }
    return st;
  }
  for (int64_t k = 0; k < s->pieces && st.code == STATUS_OK; k++) {
    st = tangents_advance(&s->g, t + (double)k * tau, tau);
    if (st.code == STATUS_OK) st = decompose(s);
  }
  return st;
}

static void keep_piece(Sensitivity *s, int64_t row) {
  size_t n = (size_t)s->g.f.dim;
  memcpy(s->row_logs + (size_t)row * n, s->piece.logs, n * sizeof(double));
  memcpy(s->row_t + (size_t)row * n * n, s->piece.t, n * n * sizeof(double));
  triangle_reset(&s->piece);
}

/* The tangents' products with a gradient. */
static void along_tangents(const Sensitivity *s, const double *gradient, double *out) {
  int64_t n = s->g.f.dim;
  for (int64_t i = 0; i < n; i++) {
    out[i] = 0;
    for (int64_t j = 0; j < n; j++) out[i] += s->g.y[n + i * n + j] * gradient[j];
  }
}

/* What the loss along the run, its mean over the rows, has at the end of this one. */
static Status add_part(Sensitivity *s, int64_t row) {
  int64_t n = s->g.f.dim;
  double value, *gradient = s->gradient; /* scratch until the way back ends */
  Status st = adjoint_at(&s->g.f, s->each, (row + 1) * s->pieces - 1, s->t[row + 1], s->g.y, &value,
                         gradient);
  s->value += value / (double)s->rows;
  for (int64_t i = 0; i < n; i++) gradient[i] /= (double)s->rows;
  along_tangents(s, gradient, s->parts + row * n);
  return st;
}

static Status propagate(Sensitivity *s) {
  Ev *ev = s->g.f.s.ev;
  int64_t n = s->g.f.dim;
  for (int64_t row = 0; row < s->rows; row++) {
    Arena *scratch = arena_new();
    Status st = advance(s, row);
    if (has_adjoint(s)) keep_piece(s, row);
    s->t[row + 1] = (double)(row + 1) * s->every;
    if (st.code == STATUS_OK && s->along) st = add_part(s, row);
    if (st.code == STATUS_OK) st = triangle_singular(&s->product, scratch, s->logs + (row + 1) * n);
    arena_free(scratch);
    if (st.code != STATUS_OK) return st.t = s->t[row], st;
    if (ev->hooks.progress)
      ev->hooks.progress(ev->hooks.ctx, "sensitivity", (double)row / (double)s->rows,
                         s->g.f.s.sys->name);
    if (ev_stopped(ev)) return (Status){STATUS_CANCELLED, 0, -1, NULL};
  }
  return STATUS_FINE;
}

/* ---- the way back ---------------------------------------------------------------------------- */

/* Half of the free memory may be taken, or what the user allows. */
static bool adjoint_fits(const Sensitivity *s) {
  const Setup *u = &s->g.f.s;
  double n = (double)s->g.f.dim, bytes = (double)s->rows * n * (n + 2) * sizeof(double);
  double limit = u->ev->memory > 0 ? u->ev->memory : 0.5 * mem_free_bytes();
  if (bytes <= limit) return true;
  setup_report(
      u, E0643, u->c->arg_at[s->loss ? A_LOSS : A_ALONG],
      "the way back keeps a matrix for each of %lld rows, %s in all: take a longer `every`",
      (long long)s->rows, mem_text(u->ev->arena, bytes));
  return false;
}

static bool open_adjoint(Sensitivity *s) {
  Arena *a = s->g.f.arena;
  int64_t n = s->g.f.dim;
  if (!read_losses(s)) return false;
  if (!has_adjoint(s)) return true;
  if (!adjoint_fits(s)) return false;
  if (s->along) s->each = flow_plan(&s->g.f, s->along, 0);
  s->parts = ARENA_ARRAY(a, double, s->rows *n);
  s->piece = triangle_new(a, n);
  s->row_logs = ARENA_ARRAY(a, double, s->rows *n);
  s->row_t = ARENA_ARRAY(a, double, s->rows *n *n);
  s->adjoint = ARENA_ARRAY(a, double, s->rows + 1);
  s->gradient = ARENA_ARRAY(a, double, n);
  s->first = ARENA_ARRAY(a, double, n *n);
  memcpy(s->first, s->g.y + n, (size_t)(n * n) * sizeof *s->first);
  return true;
}

/* Adds to b exp(*log), b of unit length or zero, the vector c. */
static void gather(int64_t n, double *b, double *log_size, const double *c) {
  double size = 0, length = 0;
  for (int64_t i = 0; i < n; i++) size = hypot(size, c[i]);
  double most = fmax(*log_size, log(size));
  if (!(size > 0)) return;
  for (int64_t i = 0; i < n; i++) {
    b[i] = b[i] * exp(*log_size - most) + c[i] / size * exp(log(size) - most);
    length = hypot(length, b[i]);
  }
  for (int64_t i = 0; i < n && length > 0; i++) b[i] /= length;
  *log_size = most + log(length);
}

/* The gradient of the loss at the end, as coefficients of the tangents there. */
static Status begin_way_back(Sensitivity *s, double *b, double *log_size) {
  Flow *f = &s->g.f;
  double value = 0, *end = ARENA_ARRAY(f->arena, double, f->dim);
  double *c = ARENA_ARRAY(f->arena, double, f->dim);
  *log_size = -INFINITY;
  if (!s->loss) return STATUS_FINE;
  FlowProgram *p = flow_plan(f, s->loss, 0);
  Status st = adjoint_at(f, p, s->rows * s->pieces - 1, s->t[s->rows], s->g.y, &value, end);
  s->value += value;
  along_tangents(s, end, c);
  gather(f->dim, b, log_size, c);
  return st;
}

static Status go_back(Sensitivity *s) {
  int64_t n = s->g.f.dim;
  double *b = ARENA_ARRAY(s->g.f.arena, double, n), log_size;
  Status st = begin_way_back(s, b, &log_size);
  for (int64_t row = s->rows; row >= 0; row--) {
    if (s->along && row > 0) gather(n, b, &log_size, s->parts + (row - 1) * n);
    s->adjoint[row] = log_size;
    if (row == 0) break;
    Triangle p = {n, s->row_logs + (row - 1) * n, s->row_t + (row - 1) * n * n, s->piece.next};
    triangle_apply_transposed(&p, b, &log_size);
  }
  memset(s->gradient, 0, (size_t)n * sizeof *s->gradient);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) s->gradient[j] += s->first[i * n + j] * b[i] * exp(log_size);
  return st;
}

/* ---- result ---------------------------------------------------------------------------------- */

static void set_adjoint(Sensitivity *s, Value *r, Shape each, bool known) {
  Flow *f = &s->g.f;
  double *norm = NULL;
  if (known) {
    norm = ARENA_ARRAY(f->arena, double, s->rows + 1);
    for (int64_t i = 0; i <= s->rows; i++) norm[i] = exp(s->adjoint[i]);
  }
  value_set(r, 4, "loss", flow_array(f, SHAPE_SCALAR, known ? &s->value : NULL, DIM_ONE));
  value_set(r, 5, "adjoint", flow_array(f, each, norm, DIM_ONE));
  value_set(r, 6, "log_adjoint", flow_array(f, each, known ? s->adjoint : NULL, DIM_ONE));
  value_set(r, 7, "gradient", flow_array(f, shape_vec(f->dim), s->gradient, DIM_ONE));
}

static Value *result(Sensitivity *s, bool known) {
  Flow *f = &s->g.f;
  int64_t n = f->dim, rows = known ? s->rows + 1 : EXTENT_UNKNOWN;
  double *norm = NULL, *singular = NULL;
  if (known) {
    norm = ARENA_ARRAY(f->arena, double, rows);
    singular = ARENA_ARRAY(f->arena, double, rows *n);
    for (int64_t i = 0; i < rows * n; i++) singular[i] = exp(s->logs[i]);
    for (int64_t i = 0; i < rows; i++) norm[i] = singular[i * n];
  }
  Shape each = shape_vec(rows), all = shape_mat(rows, n);
  Value *r = value_record(f->s.ev, "sensitivity", has_adjoint(s) ? 8 : 4);
  value_set(r, 0, "t", flow_array(f, each, known ? s->t : NULL, setup_time_dim(&f->s)));
  value_set(r, 1, "norm", flow_array(f, each, norm, DIM_ONE));
  value_set(r, 2, "singular", flow_array(f, all, singular, DIM_ONE));
  value_set(r, 3, "log_singular", flow_array(f, all, known ? s->logs : NULL, DIM_ONE));
  if (has_adjoint(s)) set_adjoint(s, r, each, known);
  return r;
}

static Value *run(Sensitivity *s) {
  Flow *f = &s->g.f;
  if (!tangents_allocate(&s->g)) return &VALUE_ERROR;
  if (!tangents_read_start(&s->g, A_INIT, s->g.y) || !choose_rows(s)) return &VALUE_ERROR;
  if (!tangents_cover(&s->g, s->rows * s->pieces) || !open_adjoint(s)) return &VALUE_ERROR;
  s->product = triangle_new(f->arena, f->dim);
  s->t = ARENA_ARRAY(f->arena, double, s->rows + 1);
  s->logs = ARENA_ARRAY(f->arena, double, (s->rows + 1) * f->dim);
  tangents_plan(&s->g);
  Status st = propagate(s);
  if (st.code == STATUS_OK && has_adjoint(s)) st = go_back(s);
  if (st.code == STATUS_OK) return result(s, true);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(f->s.ev, f->s.c->at, st, "the sensitivity of `%s` cannot be computed at %s%s%s",
                 f->s.sys->name, setup_when(&f->s, st.t), st.what ? ": " : "",
                 st.what ? st.what : "");
}

static bool rehearse(Sensitivity *s) {
  return tangents_read_start(&s->g, A_INIT, NULL) && read_losses(s);
}

Value *verb_sensitivity(Ev *ev, Call *c) {
  Sensitivity s = {.rows = 0};
  if (!read_call(&s, ev, c)) return &VALUE_ERROR;
  s.g.f.arena = arena_new();
  Value *v = &VALUE_ERROR;
  if (!ev->rehearse)
    v = run(&s);
  else if (rehearse(&s))
    v = result(&s, false);
  arena_free(s.g.f.arena);
  return v;
}
