/* continuation.c: continuation(fn(p) = net, from, to, ...): the branch of fixed points of a network
   with one parameter that passes through a start, what happens on it, and the branches that cross
   it. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/network.h"
#include "num/newton.h"
#include "verb/branch_walk.h"
#include "verb/verb.h"

enum { A_NET, A_FROM, A_TO, A_START, A_STEP, A_INPUT, A_POINTS, A_SEED };
enum { A_ABSENT = BUILTIN_MAX_ARGS - 1, NEWTON_STEPS = 200 };

typedef struct Continuation {
  Walker w;
  Dim dim; /* of the parameter */
  double longest;
  Walk main, *others; /* others: those that cross it */
  int nothers;
} Continuation;

/* ---- arguments ------------------------------------------------------------------------------- */

/* The network with its parameter stands in the place of the function from here on. */
static bool read_network(Continuation *k, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_ABSENT, A_ABSENT, A_SEED, false}, A_INPUT};
  Value *from = arg_array(ev, c, A_FROM);
  if (!value_is_array(from)) return false;
  if (!arg_rank(ev, c, A_FROM, from, 0, 0)) return false;
  k->dim = from->dim;
  Value *net = network_of_parameter(ev, c->arg[A_NET], from, c->arg_at[A_NET]);
  if (net->kind != V_NETWORK) return false;
  c->arg[A_NET] = net;
  k->w.f.parametric = true;
  if (!flow_setup(ev, c, &at, true, &k->w.f)) return false;
  return true;
}

static bool read_range(Continuation *k, Ev *ev, Call *c) {
  Walker *w = &k->w;
  if (!arg_number(ev, c, A_FROM, k->dim, 0, &w->from)) return false;
  if (!arg_number(ev, c, A_TO, k->dim, 0, &w->to)) return false;
  double range = fabs(w->to - w->from);
  if (!arg_number(ev, c, A_STEP, k->dim, range / 50, &k->longest)) return false;
  if (!arg_size(ev, c, A_POINTS, 2000, 2, &w->most)) return false;
  if (ev->rehearse) return true;
  if (!(range > 0) || !isfinite(range))
    return arg_bad(ev, c, A_TO, "must differ from `from`"), false;
  if (k->longest > 0 && k->longest <= range) return true;
  arg_bad(ev, c, A_STEP, "must lie between zero and the range of the parameter");
  return false;
}

static bool read_call(Continuation *k, Ev *ev, Call *c) {
  int64_t n = 1;
  if (!read_network(k, ev, c) || !read_range(k, ev, c)) return false;
  if (!arg_given(c, A_START)) return true;
  if (!flow_read_starts(&k->w.f, c->arg[A_START], c->arg_at[A_START], &n, NULL)) return false;
  if (n == 1 || n == EXTENT_UNKNOWN) return true;
  setup_report(&k->w.f.s, E0621, c->arg_at[A_START], "`start` is one state, not %lld",
               (long long)n);
  return false;
}

/* ---- the start ------------------------------------------------------------------------------- */

/* F and its derivatives by x at `from`. */
static Status evaluate_at_start(void *ctx, const double *x, double *f, double *jac) {
  Walker *w = ctx;
  int64_t n = w->n;
  double *y = w->b->step;
  memcpy(y, x, (size_t)n * sizeof *x);
  y[n] = w->from;
  Status st = w->problem.eval(w, y, f, w->b->jac);
  for (int64_t k = 0; jac && k < n * n; k++) jac[k] = w->b->jac[k % n * (n + 1) + k / n];
  return st;
}

static bool no_start(Continuation *k, Status st, double q) {
  Setup *s = &k->w.f.s;
  Where at = s->c->arg_at[arg_given(s->c, A_START) ? A_START : A_NET];
  if (st.code == STATUS_OK) st = (Status){STATUS_NO_CONVERGENCE, 0, -1, NULL};
  if (st.code != STATUS_CANCELLED)
    ev_fail(s->ev, at, st,
            "no fixed point of `%s` is found from the start, with the parameter at `from`: "
            "q = |F|^2 / 2 is still %.3g; give another `start`",
            s->sys->name, q);
  return false;
}

/* States count for what they are at the start, and for what the parameter makes of them. */
static void first_scale(Walker *w, const double *y, const double *t) {
  double range = fabs(w->to - w->from);
  w->b->scale[w->n] = range;
  for (int64_t i = 0; i < w->n; i++) {
    double size = fmax(fabs(y[i]), fmin(fabs(t[i] / t[w->n]) * range, 1e3 * fabs(y[i])));
    w->b->scale[i] = size > 1e-12 ? size : 1;
  }
}

/* The first point of the branch, its tangent towards `to`. */
static bool find_start(Continuation *k, BranchPoint *first) {
  Walker *w = &k->w;
  Call *c = w->f.s.c;
  int64_t n = 1;
  double *y = ARENA_ARRAY(w->arena, double, w->n + 1),
         *c0 = ARENA_ARRAY(w->arena, double, w->n + 1);
  double q = INFINITY;
  if (arg_given(c, A_START)) {
    if (!flow_read_starts(&w->f, c->arg[A_START], c->arg_at[A_START], &n, y)) return false;
  } else if (!flow_draw_starts(&w->f, 1, y)) {
    return false;
  }
  ZeroProblem z = {w->n, 1, evaluate_at_start, NULL, w};
  Status st = newton_many(&z, &(ZeroOptions){1e-20, NEWTON_STEPS}, 1, y, &q);
  y[w->n] = w->from;
  c0[w->n] = w->to > w->from ? 1 : -1;
  if (st.code == STATUS_OK) st = branch_correct(w->b, c0, y);
  if (st.code == STATUS_OK) st = branch_tangent(w->b, c0, w->square);
  if (st.code != STATUS_OK) return no_start(k, st, q);
  first_scale(w, y, w->square);
  w->step = k->longest / fabs(w->to - w->from);
  st = branch_correct(w->b, c0, y);
  y[w->n] = w->from;
  if (st.code == STATUS_OK) st = walker_describe(w, y, c0, first);
  return st.code == STATUS_OK || no_start(k, st, q);
}

/* ---- branches -------------------------------------------------------------------------------- */

/* The branch that crosses at a branch point, to one side of it. */
static Status follow_other(Continuation *k, const Special *s, const double *t, double sign) {
  Walker *w = &k->w;
  BranchPoint first = s->at;
  first.unstable = -1;
  first.t = ARENA_ARRAY(w->arena, double, w->n + 1);
  for (int64_t i = 0; i <= w->n; i++) first.t[i] = sign * t[i];
  Walk walk;
  Status st = walk_along(w, &first, &walk);
  if (walk.points.n < 2) return st;
  walk.points.at[0].unstable = walk.points.at[1].unstable; /* what holds beside it */
  k->others[k->nothers++] = walk;
  return st;
}

static Status follow_others(Continuation *k) {
  Walker *w = &k->w;
  size_t n = k->main.special[SPECIAL_BRANCH].n;
  double *t = ARENA_ARRAY(w->arena, double, w->n + 1);
  k->others = ARENA_ARRAY(w->arena, Walk, 2 * n + 1);
  for (size_t i = 0; i < n; i++) {
    const Special *s = &k->main.special[SPECIAL_BRANCH].at[i];
    if (s->degenerate || special_crossing(w, s, t).code != STATUS_OK) continue;
    Status st = follow_other(k, s, t, 1);
    if (st.code == STATUS_OK) st = follow_other(k, s, t, -1);
    if (st.code != STATUS_OK) return st;
  }
  return STATUS_FINE;
}

static void warn_of(const Continuation *k, const Walk *b) {
  const Setup *s = &k->w.f.s;
  double p = b->points.at[b->points.n - 1].y[k->w.n];
  const char *where = value_text(s->ev, value_quantity(s->ev, p, k->dim));
  if (b->end == WALK_STUCK)
    diag_add(s->ev->diag, W0631, s->c->at,
             "the branch ends at p = %s after %zu points: from there no step is short enough",
             where, b->points.n);
  if (b->end == WALK_POINTS)
    diag_add(s->ev->diag, W0631, s->c->at,
             "the branch is given up at p = %s after %zu points: raise `points`, or `step`", where,
             b->points.n);
  if (b->missed)
    diag_add(s->ev->diag, W0631, s->c->at,
             "%d special point%s of the branch could not be located: try a shorter `step`",
             b->missed, b->missed == 1 ? "" : "s");
}

/* ---- result ---------------------------------------------------------------------------------- */

/* Points one after the other, as they are or within special points. */
typedef struct Rows {
  const BranchPoint *(*at)(const void *list, int64_t i);
  const void *list;
  int64_t n;
} Rows;

static const BranchPoint *plain_point(const void *list, int64_t i) {
  return (const BranchPoint *)list + i;
}
static const BranchPoint *special_point(const void *list, int64_t i) {
  return &((const Special *)list)[i].at;
}

/* .p, .x and .state of points, at the first three fields of a record. */
static void set_places(const Continuation *k, Value *r, const Rows *rows) {
  const Flow *f = &k->w.f;
  int64_t d = k->w.f.dim, n = rows ? rows->n : EXTENT_UNKNOWN;
  double *p = NULL, *x = NULL;
  if (rows) {
    p = ARENA_ARRAY(f->arena, double, n + 1);
    x = ARENA_ARRAY(f->arena, double, n *d + 1);
    for (int64_t i = 0; i < n; i++) {
      memcpy(x + i * d, rows->at(rows->list, i)->y, (size_t)d * sizeof *x);
      p[i] = rows->at(rows->list, i)->y[d];
    }
  }
  value_set(r, 0, "p", flow_array(f, shape_vec(n), p, k->dim));
  value_set(r, 1, "x", flow_array(f, shape_mat(n, d), x, flow_dim(f)));
  value_set(r, 2, "state", flow_states((Flow *)f, shape_vec(n), x));
}

static Dim rate_of(const Continuation *k) {
  const Setup *s = &k->w.f.s;
  return s->sys->kind == SYSTEM_MAP ? DIM_ONE : dim_div(DIM_ONE, setup_time_dim(s));
}

static Value *specials_value(const Continuation *k, const Walk *b, SpecialKind kind) {
  bool hopf = kind == SPECIAL_HOPF;
  Value *r = value_record(k->w.f.s.ev, NULL, hopf ? 5 : 3);
  size_t n = b ? b->special[kind].n : 0;
  const Special *list = b ? b->special[kind].at : NULL;
  Rows rows = {special_point, list, (int64_t)n};
  set_places(k, r, b ? &rows : NULL);
  if (!hopf) return r;
  Shape s = shape_vec(b ? (int64_t)n : EXTENT_UNKNOWN);
  double *omega = NULL, *l1 = NULL;
  if (b) {
    omega = ARENA_ARRAY(k->w.f.arena, double, n + 1);
    l1 = ARENA_ARRAY(k->w.f.arena, double, n + 1);
    for (size_t i = 0; i < n; i++) omega[i] = list[i].omega, l1[i] = list[i].l1;
  }
  value_set(r, 3, "omega", flow_array(&k->w.f, s, omega, rate_of(k)));
  value_set(r, 4, "l1", flow_array(&k->w.f, s, l1, DIM_ONE));
  return r;
}

/* .eig_re, .eig_im, .stable and .n_unstable of all points, from field 3 on. */
static void set_stability(const Continuation *k, Value *r, const Walk *b) {
  const Flow *f = &k->w.f;
  int64_t d = f->dim, n = b ? (int64_t)b->points.n : EXTENT_UNKNOWN;
  double *re = NULL, *im = NULL, *stable = NULL, *unstable = NULL;
  if (b) {
    re = ARENA_ARRAY(f->arena, double, n *d + 1);
    im = ARENA_ARRAY(f->arena, double, n *d + 1);
    stable = ARENA_ARRAY(f->arena, double, n + 1);
    unstable = ARENA_ARRAY(f->arena, double, n + 1);
  }
  for (int64_t i = 0; b && i < n; i++) {
    memcpy(re + i * d, b->points.at[i].re, (size_t)d * sizeof *re);
    memcpy(im + i * d, b->points.at[i].im, (size_t)d * sizeof *im);
    unstable[i] = (double)b->points.at[i].unstable;
    stable[i] = unstable[i] == 0;
  }
  value_set(r, 3, "eig_re", flow_array(f, shape_mat(n, d), re, rate_of(k)));
  value_set(r, 4, "eig_im", flow_array(f, shape_mat(n, d), im, rate_of(k)));
  value_set(r, 5, "stable",
            value_as_logical(f->s.ev, flow_array(f, shape_vec(n), stable, DIM_ONE)));
  value_set(r, 6, "n_unstable", flow_array(f, shape_vec(n), unstable, DIM_ONE));
}

/* A branch as a record; b NULL: in rehearsal. */
static Value *branch_value(const Continuation *k, const Walk *b, Value *others) {
  static const char *const ends[] = {[WALK_RANGE] = "range",
                                     [WALK_CLOSED] = "closed",
                                     [WALK_STUCK] = "stuck",
                                     [WALK_POINTS] = "points"};
  static const char *const names[] = {[SPECIAL_FOLD] = "folds",
                                      [SPECIAL_HOPF] = "hopfs",
                                      [SPECIAL_BRANCH] = "branch_points",
                                      [SPECIAL_FLIP] = "flips"};
  Ev *ev = k->w.f.s.ev;
  Value *r = value_record(ev, "continuation", 8 + SPECIAL_KINDS + (others != NULL));
  Rows rows = {plain_point, b ? b->points.at : NULL, b ? (int64_t)b->points.n : 0};
  set_places(k, r, b ? &rows : NULL);
  set_stability(k, r, b);
  for (int i = 0; i < SPECIAL_KINDS; i++)
    value_set(r, 7 + i, names[i], specials_value(k, b, (SpecialKind)i));
  value_set(r, 7 + SPECIAL_KINDS, "end", value_string(ev, ends[b ? b->end : WALK_RANGE]));
  if (others) value_set(r, 8 + SPECIAL_KINDS, "others", others);
  return r;
}

static Value *result(Continuation *k) {
  Value *others = value_list(k->w.f.s.ev, k->nothers);
  for (int i = 0; i < k->nothers; i++)
    value_set(others, i, NULL, branch_value(k, &k->others[i], NULL));
  warn_of(k, &k->main);
  for (int i = 0; i < k->nothers; i++) warn_of(k, &k->others[i]);
  return branch_value(k, &k->main, others);
}

/* ---- all ------------------------------------------------------------------------------------- */

static Value *run(Continuation *k) {
  Setup *s = &k->w.f.s;
  BranchPoint first;
  walker_start(&k->w);
  if (!find_start(k, &first)) return &VALUE_ERROR;
  Status st = walk_along(&k->w, &first, &k->main);
  if (st.code == STATUS_OK) st = follow_others(k);
  if (st.code == STATUS_OK) return result(k);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(s->ev, s->c->at, st, "the branch of `%s` cannot be computed", s->sys->name);
}

Value *verb_continuation(Ev *ev, Call *c) {
  Continuation k = {.nothers = 0};
  if (!read_call(&k, ev, c)) return &VALUE_ERROR;
  if (ev->rehearse) return branch_value(&k, NULL, &VALUE_UNKNOWN);
  k.w.arena = k.w.f.arena = arena_new();
  Value *v = run(&k);
  arena_free(k.w.arena);
  return v;
}
