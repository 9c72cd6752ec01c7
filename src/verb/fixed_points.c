/* fixed_points.c: fixed_points(net, ...): zeros of the vector field (of a map: of next - x) from
   many starts, told apart, with the linear motion around each. Whether some are missing shows the
   sum of their indices, which is 1 where all motion stays bounded (Poincare and Hopf; Milnor,
   Topology from the Differentiable Viewpoint, 1965, section 6). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "num/newton.h"
#include "verb/point_set.h"
#include "verb/verb.h"

enum { A_NET, A_INPUT, A_STARTS, A_N, A_TOL, A_SLOW, A_METHOD, A_DT, A_SEED, A_VECTORS };
enum {
  ITERATIONS = 200,
  LANES_MOST = 64,
  ROUNDS = 3,           /* of the search between points */
  BETWEEN_LEAST = 1000, /* starts of such a round, if there are so many pairs */
  VECTORS_USUAL = 3,
  STARTS_SHOWN = 500 /* at most */
};

static const double LANES_NUMBERS = 100e3; /* in their Jacobians together: caches hold them */

typedef struct Points {
  Flow f;
  int64_t nstarts, lanes, vectors;
  double tol, slow;
  bool apart; /* slow points are asked for */
  FlowProgram *field, *jacobian;
  double spread; /* size of the starts, by which small distances are measured */
  Region region; /* theirs */
  int64_t faded; /* points that were left out, as the field had faded there */
  const double *starts;
  Found found;
  int64_t distinct;         /* points, before those were left out that are no zeros */
  PointSet *fixed, *slowly; /* NULL: in rehearsal */
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

/* ---- the search ------------------------------------------------------------------------------ */

/* Runs from more starts, and puts what they find behind what there is. */
static Status search(Points *p, int64_t count, const double *starts) {
  int64_t n = p->f.dim, before = p->found.count;
  double *x = ARENA_ARRAY(p->f.arena, double, (before + count) * n + 1);
  double *q = ARENA_ARRAY(p->f.arena, double, before + count + 1);
  if (before) memcpy(x, p->found.x, (size_t)(before * n) * sizeof *x);
  if (before) memcpy(q, p->found.q, (size_t)before * sizeof *q);
  memcpy(x + before * n, starts, (size_t)(count * n) * sizeof *x);
  p->found = (Found){before + count, p->nstarts, x, q};
  ZeroProblem z = {n, p->lanes, evaluate, tick, p};
  return newton_many(&z, &(ZeroOptions){p->tol, ITERATIONS}, count, x + before * n, q + before);
}

/* Unless all that was found is known. */
static Status classify(Points *p) {
  PointSet *now = point_set_new(&p->f, &p->found, -1, p->tol, p->spread);
  if (p->fixed && now->count == p->distinct) return STATUS_FINE;
  p->fixed = now;
  p->distinct = now->count;
  int64_t most = p->vectors > VECTORS_USUAL ? p->vectors : VECTORS_USUAL;
  Status st = point_set_linearise(&p->f, now, most < p->f.dim ? most : p->f.dim);
  if (st.code != STATUS_OK) return st;
  point_set_keep_zeros(&p->f, p->fixed, p->spread);
  p->faded = point_set_drop_faded(&p->f, p->fixed, &p->region);
  return STATUS_FINE;
}

/* The middles of pairs of points, or of stable ones, at most `most`: saddles lie between what they
   part. */
static int64_t middles(const Points *p, bool stable, int64_t most, double *x) {
  const PointSet *s = p->fixed;
  int64_t n = p->f.dim, made = 0, pair = 0;
  int64_t stride = (s->count * (s->count - 1) / 2 + most - 1) / most;
  for (int64_t i = 0; i < s->count; i++)
    for (int64_t j = 0; j < i; j++) {
      if (stable && (s->growing[i] || s->growing[j])) continue;
      if (pair++ % stride) continue;
      for (int64_t d = 0; d < n; d++) x[made * n + d] = (s->x[i * n + d] + s->x[j * n + d]) / 2;
      made++;
    }
  return made;
}

/* Places out along the growing directions of each point, to both sides, at most `most`: what draws
   few starts, or none, because it lies in a direction that they hardly have, may be there. */
static int64_t outward(const Points *p, int64_t most, double *x) {
  static const double DISTANCES[] = {0.3, 1, 3}; /* sizes of the starts */
  const PointSet *s = p->fixed;
  int64_t n = p->f.dim, made = 0;
  for (int64_t k = 0; k < s->count; k++)
    for (int64_t i = 0; i < s->growing[k] && i < VECTORS_USUAL; i++)
      for (int j = 0; j < 6 && made < most; j++, made++) {
        double length = (j % 2 ? -1 : 1) * DISTANCES[j / 2] * p->spread * sqrt((double)n);
        const double *part = s->im[k * n + i] < 0 ? s->vim : s->vre; /* both span the plane */
        const double *v = part + (k * s->vectors + i) * n;
        for (int64_t d = 0; d < n; d++) x[made * n + d] = s->x[k * n + d] + length * v[d];
      }
  return made;
}

/* Few starts lead to saddles with many unstable directions: the search goes on between stable
   points, or if the index sum shows that some are missing between all, and beside those that grow,
   as long as it finds any. */
static Status search_between(Points *p) {
  int64_t most = p->found.count > BETWEEN_LEAST ? p->found.count : BETWEEN_LEAST;
  double *x = ARENA_ARRAY(p->f.arena, double, most * p->f.dim + 1);
  Status st = STATUS_FINE;
  for (int round = 0; round < ROUNDS && st.code == STATUS_OK; round++) {
    double sum = point_set_index(p->fixed);
    int64_t before = p->fixed->count;
    if (before == 0 || isnan(sum)) break;
    int64_t count = middles(p, sum == 1, most, x);
    count += outward(p, most - count, x + count * p->f.dim);
    st = search(p, count, x);
    if (st.code == STATUS_OK) st = classify(p);
    if (p->fixed->count == before) break;
  }
  return st;
}

static Status find(Points *p, int64_t count, const double *starts) {
  Flow *f = &p->f;
  double most = LANES_NUMBERS / (double)(f->dim * f->dim);
  p->lanes = most > LANES_MOST ? LANES_MOST : most < 1 ? 1 : (int64_t)most;
  if (p->lanes > count) p->lanes = count;
  p->field = flow_plan(f, flow_function(f, false, 0), p->lanes);
  p->jacobian = flow_plan(f, flow_jacobian(f, true), p->lanes);
  flow_bind_inputs(f, p->field, -1, 0);
  flow_bind_inputs(f, p->jacobian, -1, 0);
  Status st = search(p, count, starts);
  if (st.code == STATUS_OK) st = classify(p);
  if (st.code == STATUS_OK) st = search_between(p);
  if (st.code != STATUS_OK || !p->apart) return st;
  p->slowly = point_set_new(f, &p->found, p->tol, p->slow, p->spread);
  return point_set_linearise(f, p->slowly, p->vectors);
}

/* ---- result ---------------------------------------------------------------------------------- */

/* Which points lie far from where the search began. */
static Value *far_away(Points *p, const PointSet *s) {
  Ev *ev = p->f.s.ev;
  int64_t n = p->f.dim;
  double *far = s ? ARENA_ARRAY(p->f.arena, double, s->count + 1) : NULL;
  for (int64_t k = 0; s && k < s->count; k++) far[k] = region_is_far(&p->region, s->x + k * n, n);
  return value_as_logical(ev, flow_array(&p->f, shape_vec(s ? s->count : -1), far, DIM_ONE));
}

static Value *slow_points(Points *p) {
  Value *r = value_record(p->f.s.ev, "fixed_points", POINT_FIELDS + 1);
  point_set_fields(&p->f, p->slowly, p->vectors, r);
  value_set(r, POINT_FIELDS, "far", far_away(p, p->slowly));
  return r;
}

/* The starts that were given, the states of a run perhaps, in which figures show the points: so
   many of them at even distances as tell where they lie. */
static Value *starts_shown(Points *p) {
  int64_t n = p->f.dim, each = (p->nstarts + STARTS_SHOWN - 1) / STARTS_SHOWN;
  if (!p->starts) return flow_array(&p->f, shape_mat(EXTENT_UNKNOWN, n), NULL, flow_dim(&p->f));
  int64_t rows = (p->nstarts + each - 1) / each;
  double *x = ARENA_ARRAY(p->f.arena, double, rows *n + 1);
  for (int64_t i = 0; i < rows; i++)
    memcpy(x + i * n, p->starts + i * each * n, (size_t)n * sizeof *x);
  return flow_array(&p->f, shape_mat(rows, n), x, flow_dim(&p->f));
}

static Value *result(Points *p) {
  Ev *ev = p->f.s.ev;
  double sum = p->fixed ? point_set_index(p->fixed) : NAN;
  Value *none = value_abstract(ev, SHAPE_SCALAR, DIM_ONE);
  bool given = arg_given(p->f.s.c, A_STARTS);
  Value *r = value_record(ev, "fixed_points", POINT_FIELDS + 3 + given + p->apart);
  point_set_fields(&p->f, p->fixed, p->vectors, r);
  value_set(r, POINT_FIELDS, "far", far_away(p, p->fixed));
  value_set(r, POINT_FIELDS + 1, "index_sum", p->fixed ? value_num(ev, sum) : none);
  value_set(r, POINT_FIELDS + 2, "complete",
            p->fixed ? value_bool(ev, sum == 1) : value_as_logical(ev, none));
  if (given) value_set(r, POINT_FIELDS + 3, "starts", starts_shown(p));
  if (p->apart) value_set(r, POINT_FIELDS + 3 + given, "slow", slow_points(p));
  return r;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool read_limits(Points *p, Ev *ev, Call *c) {
  if (!arg_number(ev, c, A_TOL, DIM_ONE, 1e-12, &p->tol)) return false;
  if (!arg_number(ev, c, A_SLOW, DIM_ONE, INFINITY, &p->slow)) return false;
  bool above = ev->rehearse || p->slow > p->tol;
  if (!(p->tol > 0)) arg_bad(ev, c, A_TOL, "must be above zero");
  if (!above) arg_bad(ev, c, A_SLOW, "must be above `tol`: both are limits of q");
  return p->tol > 0 && above;
}

static bool read_call(Points *p, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_DT, A_SEED, false}, A_INPUT};
  if (!flow_setup(ev, c, &at, true, &p->f)) return false;
  if (!arg_size(ev, c, A_N, 100, 1, &p->nstarts)) return false;
  if (!read_limits(p, ev, c)) return false;
  int64_t usual = p->f.dim < VECTORS_USUAL ? p->f.dim : VECTORS_USUAL;
  if (!arg_size(ev, c, A_VECTORS, usual, 0, &p->vectors)) return false;
  if (p->vectors > p->f.dim) {
    arg_bad(ev, c, A_VECTORS, "is at most %lld, the number of states", (long long)p->f.dim);
    return false;
  }
  p->apart = arg_given(c, A_SLOW);
  return !arg_given(c, A_STARTS) || flow_count_starts(&p->f, A_STARTS, &p->nstarts);
}

/* NULL: reported. */
static double *get_starts(Points *p) {
  Call *c = p->f.s.c;
  double *x = ARENA_ARRAY(p->f.arena, double, p->nstarts * p->f.dim + 1);
  bool ok = arg_given(c, A_STARTS)
                ? flow_read_starts(&p->f, c->arg[A_STARTS], c->arg_at[A_STARTS], &p->nstarts, x)
                : flow_draw_starts(&p->f, p->nstarts, x);
  return ok ? x : NULL;
}

static void measure_starts(Points *p, const double *x) {
  int64_t n = p->f.dim;
  double *centre = ARENA_ARRAY(p->f.arena, double, n), reach = 0, most = 0;
  p->spread = point_size(x, p->nstarts * n);
  for (int64_t i = 0; i < p->nstarts * n; i++) centre[i % n] += x[i] / (double)p->nstarts;
  for (int64_t k = 0; k < p->nstarts; k++) {
    double d = point_distance(x + k * n, centre, n);
    reach += d / (double)p->nstarts;
    most = fmax(most, d);
  }
  p->region = (Region){centre, reach, most};
}

/* How to draw some outside of the network, if its states are plain numbers. */
static const char *drawn_starts(const Points *p) {
  const System *s = p->f.s.sys;
  bool flat = s->states.n > 1 || s->states.at[0].q.shape.rank < 2;
  for (size_t i = 0; i < s->states.n; i++) flat &= dim_is_one(s->states.at[i].q.dim);
  if (!flat) return "";
  return arena_printf(p->f.s.ev->arena, ", such as sample(normal(0, 1), [%lld, %lld])",
                      (long long)p->nstarts, (long long)p->f.dim);
}

/* Starts that were not given are all the same if no state is drawn: one of them does. */
static void warn_of_equal_starts(Points *p, const double *x) {
  size_t row = (size_t)p->f.dim * sizeof *x;
  for (int64_t k = 1; k < p->nstarts; k++)
    if (memcmp(x, x + k * p->f.dim, row) != 0) return;
  if (p->nstarts == 1) return;
  diag_add(p->f.s.ev->diag, W0623, p->f.s.c->at,
           "all %lld starts are the same, as no state of `%s` is drawn: only the point next to it "
           "can be found; give `starts`%s, or draw a state: state %s ~ normal(0, 1)",
           (long long)p->nstarts, p->f.s.sys->name, drawn_starts(p),
           p->f.s.sys->states.at[0].q.name);
  p->nstarts = 1;
}

/* How far the search got, if nowhere. */
static void warn_of_nothing(const Points *p) {
  double nearest = INFINITY;
  for (int64_t k = 0; k < p->found.count; k++) nearest = fmin(nearest, p->found.q[k]);
  if (p->fixed->count == 0)
    diag_add(p->f.s.ev->diag, W0622, p->f.s.c->at,
             "no fixed point was found from %lld starts: the smallest q = |F|^2 / 2 is %.3g",
             (long long)p->nstarts, nearest);
}

static void warn_of_faded(const Points *p) {
  if (p->faded == 0) return;
  diag_add(
      p->f.s.ev->diag, W0624, p->f.s.c->at,
      "left out: %lld of the points found, farther out than the starts, where `%s` hardly moves "
      "whatever its state, as where a gate is closed",
      (long long)p->faded, p->f.s.sys->name);
}

static Value *run(Points *p) {
  double *starts = get_starts(p);
  if (!starts) return &VALUE_ERROR;
  if (!arg_given(p->f.s.c, A_STARTS)) warn_of_equal_starts(p, starts);
  p->starts = starts;
  measure_starts(p, starts);
  Status st = find(p, p->nstarts, starts);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  if (st.code != STATUS_OK)
    return ev_fail(p->f.s.ev, p->f.s.c->at, st, "the fixed points of `%s` cannot be computed",
                   p->f.s.sys->name);
  warn_of_faded(p);
  warn_of_nothing(p);
  return result(p);
}

Value *verb_fixed_points(Ev *ev, Call *c) {
  Points p = {.nstarts = 0};
  if (!read_call(&p, ev, c)) return &VALUE_ERROR;
  p.f.arena = arena_new();
  Value *v = ev->rehearse ? result(&p) : run(&p);
  arena_free(p.f.arena);
  return v;
}
