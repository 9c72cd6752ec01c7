/* limit_cycle.c: limit_cycle(net, near, period): a periodic orbit near a state, its Floquet
   multipliers and its stability; of a map, an orbit that comes back after a number of steps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/floquet.h"
#include "num/linalg.h"
#include "verb/cycle.h"
#include "verb/cycle_guess.h"
#include "verb/verb.h"

enum { A_NET, A_NEAR, A_PERIOD, A_INPUT, A_SEED, A_ABSENT = BUILTIN_MAX_ARGS - 1 };
enum { SEGMENTS = 20, NUMBERS_MOST = 1500, ROWS = 200, PIECES_MOST = 1000 };
enum { ROUNDS_MOST = 64 }; /* of an orbit that is one round */
enum { FOLLOWING = 100 };  /* states of a map's course from which an orbit is looked for */

static const double SEARCHES_MOST = 1e7; /* numbers in the matrices of all these searches */
static const double AT_REST = 1e-6;      /* an orbit that is smaller is a fixed point */
static const double SAME_POINT = 1e-6;   /* points nearer to each other are one */
static const double TRUSTED = 1e-3;      /* how far the multiplier along the orbit may be from 1 */

typedef struct LimitCycle {
  Cycle c;
  int64_t near; /* how many states are given */
  bool found;
  int64_t rows;
  double *x, *t;   /* of the orbit: [rows, D], [rows] */
  double *re, *im; /* multipliers [D] */
  double error, liouville;
  bool stable;
} LimitCycle;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool read_period(LimitCycle *l, Ev *ev, Call *c) {
  Cycle *o = &l->c;
  bool known = true, map = o->f.s.sys->kind == SYSTEM_MAP;
  if (!arg_given(c, A_PERIOD)) return true;
  if (!setup_time(&o->f.s, A_PERIOD, &o->period, &known)) return false;
  if (!known || ev->rehearse) return true;
  if (o->period > 0 && isfinite(o->period) && (!map || o->period == floor(o->period))) return true;
  arg_bad(ev, c, A_PERIOD, "must be above zero%s", map ? ", a whole number of steps" : "");
  return false;
}

static bool read_call(LimitCycle *l, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_ABSENT, A_ABSENT, A_SEED, false}, A_INPUT};
  Flow *f = &l->c.f;
  l->near = 1;
  if (!flow_setup(ev, c, &at, true, f) || !read_period(l, ev, c)) return false;
  return !arg_given(c, A_NEAR) || flow_count_starts(f, A_NEAR, &l->near);
}

/* The last of the states that are given, or the start of the network. */
static bool read_near(LimitCycle *l, double *x) {
  Call *c = l->c.f.s.c;
  int64_t n = l->near;
  if (!arg_given(c, A_NEAR)) return flow_draw_starts(&l->c.f, 1, x);
  double *all = ARENA_ARRAY(l->c.arena, double, n * l->c.n);
  if (!flow_read_starts(&l->c.f, c->arg[A_NEAR], c->arg_at[A_NEAR], &n, all)) return false;
  memcpy(x, all + (n - 1) * l->c.n, (size_t)l->c.n * sizeof *x);
  return true;
}

/* ---- the orbit ------------------------------------------------------------------------------- */

static double far(const Cycle *c, const double *a, const double *b) {
  double most = 0;
  for (int64_t i = 0; i < c->n; i++) most = fmax(most, fabs(a[i] - b[i]));
  return most;
}

static Status not_found(const char *why) {
  return (Status){STATUS_NO_CONVERGENCE, 0, -1, why};
}

/* Segments along the course from z. */
static Status cut(Cycle *c, const double *z) {
  int64_t n = c->n, most = NUMBERS_MOST / n;
  cycle_segments(c, c->map ? (int64_t)c->period : most > SEGMENTS ? SEGMENTS : most < 1 ? 1 : most);
  memcpy(c->z, z, (size_t)n * sizeof *z);
  for (int64_t i = 1; i < c->m; i++) {
    memcpy(c->z + i * n, c->z + (i - 1) * n, (size_t)n * sizeof *z);
    Status st = cycle_advance(c, c->period / (double)c->m, c->z + i * n);
    if (st.code != STATUS_OK) return not_found("the course from `near` cannot be integrated");
  }
  return STATUS_FINE;
}

/* Goes the orbit round several times? If so, the period is that of one round. */
static Status divide(Cycle *c, bool *divided) {
  double *z = ARENA_ARRAY(c->arena, double, c->n);
  *divided = false;
  for (int64_t k = c->map ? c->m : ROUNDS_MOST; k > 1 && !*divided; k--) {
    if (c->map && c->m % k) continue;
    memcpy(z, c->z, (size_t)c->n * sizeof *z);
    Status st = cycle_advance(c, c->period / (double)k, z);
    if (st.code != STATUS_OK) return st;
    if (far(c, z, c->z) > SAME_POINT) continue;
    c->period /= (double)k;
    *divided = true;
  }
  return STATUS_FINE;
}

static Status find_orbit(Cycle *c, const double *z) {
  bool again = true;
  Status st = cut(c, z);
  while (again && st.code == STATUS_OK) {
    double *first = ARENA_ARRAY(c->arena, double, c->n), spread = 0;
    st = cycle_solve(c);
    if (st.code != STATUS_OK) return st;
    if (!(c->period > 0)) return not_found("the period shrank to nothing");
    for (int64_t i = 1; i < c->m; i++) spread = fmax(spread, far(c, c->z, c->z + i * c->n));
    if (!c->map && spread < AT_REST) return not_found("the search ended at a fixed point");
    st = divide(c, &again);
    memcpy(first, c->z, (size_t)c->n * sizeof *first);
    if (again && st.code == STATUS_OK) st = cut(c, first);
  }
  return st;
}

/* Of a map an orbit of just the period asked for, from the state or from those that follow it,
   which come near to many orbits; if there is none, the one that the state itself led to. */
static Status find_map_orbit(Cycle *c, const double *z) {
  double asked = c->period, *x = ARENA_ARRAY(c->arena, double, c->n);
  memcpy(x, z, (size_t)c->n * sizeof *x);
  double size = asked * (double)c->n; /* of the matrix of one search */
  for (int i = 0; i < FOLLOWING && (i == 0 || i * size * size < SEARCHES_MOST); i++) {
    c->period = asked;
    Status st = find_orbit(c, x);
    if (st.code == STATUS_CANCELLED || (st.code == STATUS_OK && c->period == asked)) return st;
    if (cycle_advance(c, 1, x).code != STATUS_OK) break;
  }
  c->period = asked;
  return find_orbit(c, z);
}

/* ---- multipliers ----------------------------------------------------------------------------- */

static void keep_row(LimitCycle *l, const double *z, double t) {
  const Cycle *c = &l->c;
  for (int64_t i = 0; i < c->n; i++) l->x[l->rows * c->n + i] = z[i] * c->scale[i];
  l->t[l->rows++] = t;
}

/* The orbit in pieces in which nothing shrinks by much, and their derivatives [pieces, D, D]. */
static Status follow(LimitCycle *l, int64_t each, double *g) {
  Cycle *c = &l->c;
  int64_t n = c->n, pieces = each * c->m;
  double *z = ARENA_ARRAY(c->arena, double, n), dt = c->period / (double)pieces;
  l->x = ARENA_ARRAY(c->arena, double, (pieces + 1) * n);
  l->t = ARENA_ARRAY(c->arena, double, pieces + 1);
  c->trace = 0;
  for (int64_t i = 0; i < pieces; i++) {
    if (i % each == 0) memcpy(z, c->z + i / each * n, (size_t)n * sizeof *z);
    keep_row(l, z, (double)i * dt);
    Status st = cycle_advance_with(c, dt, z, g + i * n * n, &c->trace);
    if (st.code != STATUS_OK) return st;
    int sign;
    if (c->map) c->trace += la_log_det(n, g + i * n * n, &sign);
  }
  if (!c->map) keep_row(l, c->z, c->period);
  return STATUS_FINE;
}

/* Which multiplier belongs to the direction along the orbit: the one nearest to 1. */
static int64_t along(const LimitCycle *l) {
  int64_t best = 0;
  for (int64_t i = 1; i < l->c.n; i++)
    if (hypot(l->re[i] - 1, l->im[i]) < hypot(l->re[best] - 1, l->im[best])) best = i;
  return best;
}

/* In the plane, Liouville's formula gives the other multiplier to all digits. */
static void judge(LimitCycle *l) {
  const Cycle *c = &l->c;
  int64_t own = c->map ? -1 : along(l);
  l->error = c->map ? 0 : hypot(l->re[own] - 1, l->im[own]);
  if (!c->map && c->n == 2) {
    l->re[1 - own] = exp(c->trace);
    l->im[0] = l->im[1] = 0;
  }
  l->stable = l->error < TRUSTED;
  for (int64_t i = 0; i < c->n; i++)
    if (i != own && hypot(l->re[i], l->im[i]) >= 1) l->stable = false;
}

static Status find_multipliers(LimitCycle *l) {
  Cycle *c = &l->c;
  double log_det, pieces = fmin(PIECES_MOST, fmax(ROWS, fabs(c->trace)));
  int64_t each = c->map ? 1 : (int64_t)ceil(pieces / (double)c->m);
  double *g = ARENA_ARRAY(c->arena, double, each * c->m * c->n * c->n);
  Status st = follow(l, each, g);
  if (st.code == STATUS_OK) st = floquet_multipliers(c->n, each * c->m, g, l->re, l->im, &log_det);
  if (st.code != STATUS_OK) return st;
  l->liouville = log_det - c->trace;
  judge(l);
  return STATUS_FINE;
}

/* ---- result ---------------------------------------------------------------------------------- */

static Value *number(const LimitCycle *l, bool known, double x, Dim d) {
  Ev *ev = l->c.f.s.ev;
  return known ? value_quantity(ev, x, d) : value_abstract(ev, SHAPE_SCALAR, d);
}

static Value *truth(const LimitCycle *l, bool known, bool x) {
  Ev *ev = l->c.f.s.ev;
  return value_as_logical(ev, number(l, known, x, DIM_ONE));
}

static Value *result(LimitCycle *l, bool known) {
  Flow *f = &l->c.f;
  Dim time = setup_time_dim(&f->s);
  int64_t d = f->dim, rows = known ? l->rows : EXTENT_UNKNOWN;
  Value *r = value_record(f->s.ev, "limit_cycle", 10);
  value_set(r, 0, "found", truth(l, known, l->found));
  value_set(r, 1, "period", number(l, known, l->c.period, time));
  value_set(r, 2, "t", flow_array(f, shape_vec(rows), known ? l->t : NULL, time));
  value_set(r, 3, "x", flow_array(f, shape_mat(rows, d), known ? l->x : NULL, flow_dim(f)));
  value_set(r, 4, "state", flow_states(f, shape_vec(rows), known ? l->x : NULL));
  value_set(r, 5, "multipliers_re", flow_array(f, shape_vec(d), known ? l->re : NULL, DIM_ONE));
  value_set(r, 6, "multipliers_im", flow_array(f, shape_vec(d), known ? l->im : NULL, DIM_ONE));
  value_set(r, 7, "stable", truth(l, known, l->stable));
  value_set(r, 8, "error", number(l, known, l->error, DIM_ONE));
  value_set(r, 9, "liouville", number(l, known, l->liouville, DIM_ONE));
  return r;
}

/* Nothing was found: said in the result, and why in a warning. */
static Value *nothing(LimitCycle *l, const char *why) {
  Setup *s = &l->c.f.s;
  diag_add(s->ev->diag, W0630, s->c->at, "no limit cycle of `%s` is found: %s", s->sys->name, why);
  l->rows = 0;
  l->x = l->t = ARENA_ARRAY(l->c.arena, double, 1);
  l->c.period = l->error = l->liouville = NAN;
  for (int64_t i = 0; i < l->c.n; i++) l->re[i] = l->im[i] = NAN;
  return result(l, true);
}

static void warn_of_error(const LimitCycle *l) {
  const Setup *s = &l->c.f.s;
  if (l->error < TRUSTED) return;
  diag_add(s->ev->diag, W0630, s->c->at,
           "the multiplier along the limit cycle is off 1 by %.2g: its stability is not known",
           l->error);
}

static Value *run(LimitCycle *l) {
  Cycle *c = &l->c;
  Setup *s = &c->f.s;
  cycle_start(c);
  l->re = ARENA_ARRAY(c->arena, double, c->n);
  l->im = ARENA_ARRAY(c->arena, double, c->n);
  double *z = ARENA_ARRAY(c->arena, double, c->n);
  if (!read_near(l, z)) return &VALUE_ERROR;
  Status st = cycle_guess(c, z);
  if (st.code == STATUS_OK) st = c->map ? find_map_orbit(c, z) : find_orbit(c, z);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  if (st.code != STATUS_OK) return nothing(l, st.what ? st.what : "the course is not finite");
  st = find_multipliers(l);
  if (st.code != STATUS_OK)
    return ev_fail(s->ev, s->c->at, st, "the multipliers of `%s` cannot be computed", s->sys->name);
  l->found = true;
  warn_of_error(l);
  return result(l, true);
}

Value *verb_limit_cycle(Ev *ev, Call *c) {
  LimitCycle l = {.rows = 0};
  if (!read_call(&l, ev, c)) return &VALUE_ERROR;
  if (ev->rehearse) return result(&l, false);
  l.c.arena = l.c.f.arena = arena_new();
  Value *v = run(&l);
  arena_free(l.c.arena);
  return v;
}
