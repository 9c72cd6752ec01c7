/* continuation.c: continuation(fn(p) = net, from, to, ...): the branch of fixed points of a network
   with one parameter that passes through a start, what happens on it, and the branches that cross
   it. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/network.h"
#include "num/newton.h"
#include "verb/continuation.h"
#include "verb/verb.h"

enum { A_ABSENT = BUILTIN_MAX_ARGS - 1, NEWTON_STEPS = 200 };

/* ---- arguments ------------------------------------------------------------------------------- */

static Value *one_parameter(Continuation *k, Ev *ev, Call *c) {
  Value *from = arg_array(ev, c, CONTINUATION_FROM);
  if (!value_is_array(from)) return NULL;
  if (!arg_rank(ev, c, CONTINUATION_FROM, from, 0, 0)) return NULL;
  k->dim = k->second = from->dim;
  return network_of_parameters(ev, c->arg[CONTINUATION_NET], &from, 1, c->arg_at[CONTINUATION_NET]);
}

/* The network with its parameters stands in the place of the function from here on. */
static bool read_network(Continuation *k, Ev *ev, Call *c) {
  static const FlowArgs at = {{CONTINUATION_NET, A_ABSENT, A_ABSENT, CONTINUATION_SEED, false},
                              CONTINUATION_INPUT};
  bool two = continuation_of_specials(c);
  Value *net = two ? continuation_two_parameters(k, ev, c) : one_parameter(k, ev, c);
  if (!net || net->kind != V_NETWORK) return false;
  c->arg[CONTINUATION_NET] = net;
  k->w.f.parameters = 1 + two;
  return flow_setup(ev, c, &at, true, &k->w.f);
}

static bool read_bounds(Continuation *k, Ev *ev, Call *c) {
  Walker *w = &k->w;
  if (k->of == OF_SPECIALS) return continuation_read_bounds(k, ev, c);
  return arg_number(ev, c, CONTINUATION_FROM, k->dim, 0, &w->from) &&
         arg_number(ev, c, CONTINUATION_TO, k->dim, 0, &w->to);
}

static bool read_range(Continuation *k, Ev *ev, Call *c) {
  if (!read_bounds(k, ev, c)) return false;
  double range = fabs(k->w.to - k->w.from);
  if (!arg_number(ev, c, CONTINUATION_STEP, k->second, range / 50, &k->longest)) return false;
  if (!arg_size(ev, c, CONTINUATION_POINTS, 2000, 2, &k->w.most)) return false;
  if (ev->rehearse) return true;
  if (!(range > 0) || !isfinite(range))
    return arg_bad(ev, c, CONTINUATION_TO, "must differ from `from`, and both be finite"), false;
  if (k->longest > 0 && k->longest <= range) return true;
  arg_bad(ev, c, CONTINUATION_STEP, "must lie between zero and the range of the parameter");
  return false;
}

bool continuation_bad_start(const Continuation *k, const char *why) {
  const Call *c = k->w.f.s.c;
  int i = arg_given(c, CONTINUATION_START) ? CONTINUATION_START : CONTINUATION_NET;
  setup_report(&k->w.f.s, E0621, c->arg_at[i], "%s", why);
  return false;
}

static bool read_start(Continuation *k, Call *c) {
  int64_t n = 1;
  if (k->of == OF_SPECIALS) return continuation_read_special(k);
  k->w.f.rounds = 1;
  if (!arg_given(c, CONTINUATION_START)) return true;
  if (continuation_of_orbits(k)) return continuation_read_orbit(k);
  if (continuation_of_cycles(c)) {
    k->of = OF_CYCLES;
    return continuation_read_cycle(k);
  }
  Where at = c->arg_at[CONTINUATION_START];
  if (!flow_read_starts(&k->w.f, c->arg[CONTINUATION_START], at, &n, NULL)) return false;
  if (n == 1 || n == EXTENT_UNKNOWN) return true;
  setup_report(&k->w.f.s, E0621, at, "`start` is one state, not %lld", (long long)n);
  return false;
}

static bool read_call(Continuation *k, Ev *ev, Call *c) {
  return read_network(k, ev, c) && read_range(k, ev, c) && read_start(k, c);
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
  Where at =
      s->c->arg_at[arg_given(s->c, CONTINUATION_START) ? CONTINUATION_START : CONTINUATION_NET];
  if (st.code == STATUS_OK) st = (Status){STATUS_NO_CONVERGENCE, 0, -1, NULL};
  if (st.code != STATUS_CANCELLED)
    ev_fail(s->ev, at, st,
            "no %s of `%s` is found from the start, with the parameter at `from`: "
            "q = |F|^2 / 2 is still %.3g; give another `start`",
            k->w.f.rounds > 1
                ? arena_printf(s->ev->arena, "orbit of %lld steps", (long long)k->w.f.rounds)
                : "fixed point",
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

/* The states from which the first point is looked for. */
static bool read_guess(Continuation *k, double *y) {
  Flow *f = &k->w.f;
  Call *c = f->s.c;
  int64_t n = 1;
  if (!arg_given(c, CONTINUATION_START)) return flow_draw_starts(f, 1, y);
  if (!continuation_of_orbits(k))
    return flow_read_starts(f, c->arg[CONTINUATION_START], c->arg_at[CONTINUATION_START], &n, y);
  continuation_orbit_state(k, y);
  return true;
}

/* The first point of the branch, its tangent towards `to`. */
static bool find_start(Continuation *k, BranchPoint *first) {
  Walker *w = &k->w;
  double *y = ARENA_ARRAY(w->arena, double, w->n + 1),
         *c0 = ARENA_ARRAY(w->arena, double, w->n + 1);
  double q = INFINITY;
  if (!read_guess(k, y)) return false;
  ZeroProblem z = {w->n, 1, evaluate_at_start, NULL, w};
  Status st = newton_many(&z, &(ZeroOptions){1e-20, NEWTON_STEPS}, 1, y, &q);
  y[w->n] = w->from;
  c0[w->n] = w->to > w->from ? 1 : -1;
  if (st.code == STATUS_OK) st = branch_correct(w->b, c0, y);
  if (st.code == STATUS_OK) st = branch_tangent(w->b, c0, w->square);
  if (st.code != STATUS_OK) return no_start(k, st, q);
  first_scale(w, y, w->square);
  st = branch_correct(w->b, c0, y);
  y[w->n] = w->from;
  if (st.code == STATUS_OK) st = walker_describe(w, y, c0, first);
  if (st.code != STATUS_OK) return no_start(k, st, q);
  return !continuation_orbit_is_shorter(k, first) ||
         continuation_bad_start(k,
                                "the orbit that is found from here has a shorter period: is "
                                "`from` the parameter of the start?");
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

/* ---- result ---------------------------------------------------------------------------------- */

static Value *result(Continuation *k) {
  continuation_warn(k, &k->main);
  if (k->of != OF_POINTS) return continuation_value(k, &k->main, NULL);
  Value *others = value_list(k->w.f.s.ev, k->nothers);
  for (int i = 0; i < k->nothers; i++)
    value_set(others, i, NULL, continuation_value(k, &k->others[i], NULL));
  for (int i = 0; i < k->nothers; i++) continuation_warn(k, &k->others[i]);
  return continuation_value(k, &k->main, others);
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool start(Continuation *k, BranchPoint *first) {
  Walker *w = &k->w;
  w->step = k->longest / fabs(w->to - w->from);
  if (k->of == OF_CYCLES) return continuation_start_cycle(k, first);
  if (k->of == OF_SPECIALS) return continuation_start_curve(k, first);
  walker_start(w);
  return continuation_at_flip(k) ? continuation_start_flip(k, first) : find_start(k, first);
}

static Value *run(Continuation *k) {
  Setup *s = &k->w.f.s;
  BranchPoint first;
  if (!start(k, &first)) return &VALUE_ERROR;
  Status st = walk_along(&k->w, &first, &k->main);
  if (first.unstable < 0 && k->main.points.n > 1) /* what holds beside a period doubling */
    k->main.points.at[0].unstable = k->main.points.at[1].unstable;
  if (st.code == STATUS_OK && k->of == OF_POINTS) st = follow_others(k);
  if (st.code == STATUS_OK) return result(k);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(s->ev, s->c->at, st, "the branch of `%s` cannot be computed", s->sys->name);
}

Value *verb_continuation(Ev *ev, Call *c) {
  Continuation k = {.nothers = 0};
  if (!read_call(&k, ev, c)) return &VALUE_ERROR;
  if (ev->rehearse) return continuation_value(&k, NULL, k.of == OF_POINTS ? &VALUE_UNKNOWN : NULL);
  k.w.arena = k.w.f.arena = arena_new();
  Value *v = run(&k);
  arena_free(k.w.arena);
  return v;
}
