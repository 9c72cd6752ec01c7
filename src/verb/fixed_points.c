/* fixed_points.c: fixed_points(net, ...): zeros of the vector field (of a map: of next - x) from
   many starts, told apart, with the eigenvalues of the exact Jacobian at each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/linalg.h"
#include "num/newton.h"
#include "verb/flow.h"
#include "verb/verb.h"

enum { A_NET, A_INPUT, A_STARTS, A_N, A_TOL, A_SLOW, A_METHOD, A_DT, A_SEED };
enum { ITERATIONS = 200, LANES_MOST = 64 };

static const double LANES_NUMBERS = 100e3; /* in their Jacobians together: caches hold them */

typedef struct Points {
  Flow f;
  int64_t nstarts, lanes;
  double tol, slow;
  FlowProgram *field, *jacobian;
  double *x, *q;   /* of all starts, then of the distinct points */
  double spread;   /* size of the starts, by which small distances are measured */
  int64_t count;   /* distinct points */
  double *re, *im; /* [count, D] */
} Points;

/* ---- evaluation ------------------------------------------------------------------------------ */

/* A map's zeros are those of next - x. */
static void subtract_state(const Points *p, const double *x, double *f, double *jac) {
  int64_t n = p->f.dim;
  for (int64_t i = 0; i < p->lanes * n; i++) f[i] -= x[i];
  for (int64_t l = 0; jac && l < p->lanes; l++)
    for (int64_t i = 0; i < n; i++) jac[(l * n + i) * n + i] -= 1;
}

static Status evaluate(void *ctx, const double *x, double *f, double *jac) {
  Points *p = ctx;
  FlowProgram *prog = jac ? p->jacobian : p->field;
  void *out[] = {f, jac};
  prog->in[FLOW_X] = x;
  Status st = program_run(prog->p, prog->in, out);
  if (p->f.s.sys->kind == SYSTEM_MAP) subtract_state(p, x, f, jac);
  return st;
}

static bool tick(void *ctx, double done) {
  Points *p = ctx;
  Ev *ev = p->f.s.ev;
  if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "fixed_points", done, p->f.s.sys->name);
  return !ev_stopped(ev);
}

static Status search(Points *p) {
  Flow *f = &p->f;
  double most = LANES_NUMBERS / (double)(f->dim * f->dim);
  p->lanes = most > LANES_MOST ? LANES_MOST : most < 1 ? 1 : (int64_t)most;
  if (p->lanes > p->nstarts) p->lanes = p->nstarts;
  p->field = flow_plan(f, flow_function(f, false, 0), p->lanes);
  p->jacobian = flow_plan(f, flow_jacobian(f, false), p->lanes);
  flow_bind_inputs(f, p->field, -1, 0);
  flow_bind_inputs(f, p->jacobian, -1, 0);
  ZeroProblem z = {f->dim, p->lanes, evaluate, tick, p};
  return newton_many(&z, &(ZeroOptions){p->tol, ITERATIONS}, p->nstarts, p->x, p->q);
}

/* ---- distinct points ------------------------------------------------------------------------- */

static double distance(const double *a, const double *b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum / (double)n);
}

static double size_of(const double *a, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += a[i] * a[i];
  return sqrt(sum / (double)n);
}

/* Zeros are polished, so that two of them differ by little only if they are the same; minima of q
   are less sharp. */
static bool same_point(const Points *p, const double *a, const double *b, double q) {
  double scale = fmax(p->spread, size_of(a, p->f.dim));
  return distance(a, b, p->f.dim) <= (q < p->tol ? 1e-5 : 1e-2) * scale;
}

static int by_place(const void *a, const void *b, void *ctx) {
  const Points *p = ctx;
  const double *x = p->x + *(const int64_t *)a * p->f.dim,
               *y = p->x + *(const int64_t *)b * p->f.dim;
  double tol = 1e-6 * fmax(1e-3, size_of(x, p->f.dim));
  for (int64_t i = 0; i < p->f.dim; i++)
    if (fabs(x[i] - y[i]) > tol) return x[i] < y[i] ? -1 : 1;
  return 0;
}

/* The points that count, each once, in the order of their coordinates: the order of the starts does
   not show. */
static void keep_distinct(Points *p) {
  int64_t n = p->f.dim;
  double limit = fmax(p->tol, p->slow);
  int64_t *kept = ARENA_ARRAY(p->f.arena, int64_t, p->nstarts + 1);
  for (int64_t k = 0; k < p->nstarts; k++) {
    bool known = !(p->q[k] <= limit);
    for (int64_t j = 0; j < p->count && !known; j++)
      known = same_point(p, p->x + k * n, p->x + kept[j] * n, fmax(p->q[k], p->q[kept[j]]));
    if (!known) kept[p->count++] = k;
  }
  qsort_r(kept, (size_t)p->count, sizeof *kept, by_place, p);
  double *x = ARENA_ARRAY(p->f.arena, double, p->count *n + 1);
  double *q = ARENA_ARRAY(p->f.arena, double, p->count + 1);
  for (int64_t j = 0; j < p->count; j++) {
    memcpy(x + j * n, p->x + kept[j] * n, (size_t)n * sizeof *x);
    q[j] = p->q[kept[j]];
  }
  p->x = x;
  p->q = q;
}

/* ---- stability ------------------------------------------------------------------------------- */

static Status eigenvalues(Points *p) {
  int64_t n = p->f.dim;
  FlowProgram *one = flow_plan(&p->f, flow_jacobian(&p->f, false), 0);
  flow_bind_inputs(&p->f, one, -1, 0);
  double *f = ARENA_ARRAY(p->f.arena, double, n), *jac = ARENA_ARRAY(p->f.arena, double, n *n);
  p->re = ARENA_ARRAY(p->f.arena, double, p->count *n + 1);
  p->im = ARENA_ARRAY(p->f.arena, double, p->count *n + 1);
  for (int64_t k = 0; k < p->count; k++) {
    one->in[FLOW_X] = p->x + k * n;
    Status st = program_run(one->p, one->in, (void *[]){f, jac});
    if (st.code == STATUS_OK) st = la_eig(n, jac, p->re + k * n, p->im + k * n, NULL, NULL);
    if (st.code != STATUS_OK) return st;
  }
  return STATUS_FINE;
}

static bool grows(const Points *p, int64_t i) {
  if (p->f.s.sys->kind == SYSTEM_MAP) return hypot(p->re[i], p->im[i]) > 1;
  return p->re[i] > 0;
}

/* ---- result ---------------------------------------------------------------------------------- */

static Value *result(Points *p, bool known) {
  Ev *ev = p->f.s.ev;
  int64_t k = known ? p->count : EXTENT_UNKNOWN, n = p->f.dim;
  Shape each = shape_vec(k), all = shape_mat(k, n);
  bool map = p->f.s.sys->kind == SYSTEM_MAP;
  Dim x = flow_dim(&p->f), rate = map ? DIM_ONE : dim_div(DIM_ONE, setup_time_dim(&p->f.s));
  Dim speed = map ? x : dim_div(x, setup_time_dim(&p->f.s));
  double *unstable = NULL, *stable = NULL;
  if (known) {
    unstable = ARENA_ARRAY(p->f.arena, double, k + 1);
    stable = ARENA_ARRAY(p->f.arena, double, k + 1);
    for (int64_t i = 0; i < k * n; i++) unstable[i / n] += grows(p, i);
    for (int64_t i = 0; i < k; i++) stable[i] = unstable[i] == 0;
  }
  Value *r = value_record(ev, "fixed_points", 8);
  value_set(r, 0, "count",
            known ? value_num(ev, (double)k) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  value_set(r, 1, "x", flow_array(&p->f, all, known ? p->x : NULL, x));
  value_set(r, 2, "q", flow_array(&p->f, each, known ? p->q : NULL, dim_mul(speed, speed)));
  value_set(r, 3, "eig_re", flow_array(&p->f, all, p->re, rate));
  value_set(r, 4, "eig_im", flow_array(&p->f, all, p->im, rate));
  value_set(r, 5, "stable", value_as_logical(ev, flow_array(&p->f, each, stable, DIM_ONE)));
  value_set(r, 6, "n_unstable", flow_array(&p->f, each, unstable, DIM_ONE));
  value_set(r, 7, "state", flow_states(&p->f, each, known ? p->x : NULL));
  return r;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool read_call(Points *p, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_DT, A_SEED, false}, A_INPUT};
  if (!flow_setup(ev, c, &at, true, &p->f)) return false;
  if (!arg_size(ev, c, A_N, 100, 1, &p->nstarts)) return false;
  if (!arg_number(ev, c, A_TOL, DIM_ONE, 1e-12, &p->tol)) return false;
  if (!arg_number(ev, c, A_SLOW, DIM_ONE, 0, &p->slow)) return false;
  if (!arg_given(c, A_STARTS)) return true;
  return flow_read_starts(&p->f, c->arg[A_STARTS], c->arg_at[A_STARTS], &p->nstarts, NULL);
}

static bool set_starts(Points *p) {
  Call *c = p->f.s.c;
  p->x = ARENA_ARRAY(p->f.arena, double, p->nstarts * p->f.dim + 1);
  p->q = ARENA_ARRAY(p->f.arena, double, p->nstarts + 1);
  if (!arg_given(c, A_STARTS)) return flow_draw_starts(&p->f, p->nstarts, p->x);
  return flow_read_starts(&p->f, c->arg[A_STARTS], c->arg_at[A_STARTS], &p->nstarts, p->x);
}

static Value *run(Points *p) {
  Ev *ev = p->f.s.ev;
  double nearest = INFINITY;
  if (!set_starts(p)) return &VALUE_ERROR;
  p->spread = size_of(p->x, p->nstarts * p->f.dim);
  Status st = p->nstarts > 0 ? search(p) : STATUS_FINE;
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  for (int64_t k = 0; k < p->nstarts; k++) nearest = fmin(nearest, p->q[k]);
  keep_distinct(p);
  if (st.code == STATUS_OK) st = eigenvalues(p);
  if (st.code != STATUS_OK)
    return ev_fail(ev, p->f.s.c->at, st, "the fixed points of `%s` cannot be computed",
                   p->f.s.sys->name);
  if (p->count == 0)
    diag_add(ev->diag, W0622, p->f.s.c->at,
             "no fixed point was found from %lld starts: the smallest q = |F|^2 / 2 is %.3g",
             (long long)p->nstarts, nearest);
  return result(p, true);
}

Value *verb_fixed_points(Ev *ev, Call *c) {
  Points p = {.count = 0};
  if (!read_call(&p, ev, c)) return &VALUE_ERROR;
  p.f.arena = arena_new();
  Value *v = ev->rehearse ? result(&p, false) : run(&p);
  arena_free(p.f.arena);
  return v;
}
