/* sensitivity.c: sensitivity(net, for): how much a small change of the start makes at later times:
   the singular values of the state-transition matrix dx(t)/dx(0) along a run. The matrix is kept as
   a product of an orthogonal and triangular factors, by QR from time to time (Dieci & Van Vleck, J.
   Dyn. Diff. Eq. 14, 2002), so that long runs neither overflow nor lose what decays. */
#include <math.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/triangle.h"
#include "verb/tangents.h"
#include "verb/verb.h"

enum { A_NET, A_FOR, A_EVERY, A_INPUT, A_METHOD, A_DT, A_SEED, A_INIT };
enum { ROWS = 200, STEPS_MOST = 20 };

typedef struct Sensitivity {
  Tangents g; /* as many as there are states */
  Triangle product;
  double length, every;
  bool known;       /* are they? Not always in rehearsal */
  int64_t rows;     /* of the result, without that of the start */
  int64_t pieces;   /* between two rows: decompositions of adaptive runs, or steps */
  double *t, *logs; /* times [rows + 1], logarithms of singular values [rows + 1, D] */
} Sensitivity;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool read_times(Sensitivity *s) {
  Setup *u = &s->g.f.s;
  Call *c = u->c;
  bool known = true, more = true;
  if (!arg_given(c, A_FOR)) {
    setup_report(u, E0611, c->at, "how long? Say `for = %s`",
                 u->sys->time == TIME_SECONDS ? "10 s" : "1000");
    return false;
  }
  if (!setup_time(u, A_FOR, &s->length, &known)) return false;
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

/* ---- the run --------------------------------------------------------------------------------- */

static Status decompose(Sensitivity *s) {
  Status st = tangents_decompose(&s->g);
  if (st.code == STATUS_OK) triangle_multiply(&s->product, s->g.r);
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

static Status propagate(Sensitivity *s) {
  Ev *ev = s->g.f.s.ev;
  int64_t n = s->g.f.dim;
  for (int64_t row = 0; row < s->rows; row++) {
    Arena *scratch = arena_new();
    Status st = advance(s, row);
    s->t[row + 1] = (double)(row + 1) * s->every;
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

/* ---- result ---------------------------------------------------------------------------------- */

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
  Value *r = value_record(f->s.ev, "sensitivity", 4);
  value_set(r, 0, "t", flow_array(f, each, known ? s->t : NULL, setup_time_dim(&f->s)));
  value_set(r, 1, "norm", flow_array(f, each, norm, DIM_ONE));
  value_set(r, 2, "singular", flow_array(f, all, singular, DIM_ONE));
  value_set(r, 3, "log_singular", flow_array(f, all, known ? s->logs : NULL, DIM_ONE));
  return r;
}

static Value *run(Sensitivity *s) {
  Flow *f = &s->g.f;
  tangents_allocate(&s->g);
  if (!tangents_read_start(&s->g, A_INIT, s->g.y) || !choose_rows(s)) return &VALUE_ERROR;
  s->product = triangle_new(f->arena, f->dim);
  s->t = ARENA_ARRAY(f->arena, double, s->rows + 1);
  s->logs = ARENA_ARRAY(f->arena, double, (s->rows + 1) * f->dim);
  tangents_plan(&s->g);
  Status st = propagate(s);
  if (st.code == STATUS_OK) return result(s, true);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(f->s.ev, f->s.c->at, st, "the sensitivity of `%s` cannot be computed at %s%s%s",
                 f->s.sys->name, setup_when(&f->s, st.t), st.what ? ": " : "",
                 st.what ? st.what : "");
}

Value *verb_sensitivity(Ev *ev, Call *c) {
  Sensitivity s = {.rows = 0};
  if (!read_call(&s, ev, c)) return &VALUE_ERROR;
  s.g.f.arena = arena_new();
  Value *v = &VALUE_ERROR;
  if (!ev->rehearse)
    v = run(&s);
  else if (tangents_read_start(&s.g, A_INIT, NULL))
    v = result(&s, false);
  arena_free(s.g.f.arena);
  return v;
}
