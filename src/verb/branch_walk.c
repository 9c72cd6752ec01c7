/* branch_walk.c: see branch_walk.h. Steps are predicted along the tangent; they grow while Newton's
   method is quick and the tangent turns little, and shrink where that fails, where the tangent
   jumps (another branch is near), or where more happens between two points than can be told apart.
 */
#include "verb/branch_walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/core.h"

static const double TURN_MOST = 0.866; /* the cosine of the angle between successive tangents */
static const double TURN_EASY = 0.97;
static const double SHORTEST = 1e-7; /* of all steps, as a part of the longest */
static const double TELL_APART = 1e-4;

static bool grows(const Walker *w, double re, double im) {
  return w->factors ? hypot(re, im) > 1 : re > 0;
}

void walker_count(const Walker *w, BranchPoint *p) {
  p->unstable = 0;
  p->flip_sign = 1;
  for (int64_t i = 0; i < w->neig; i++) {
    p->unstable += grows(w, p->re[i], p->im[i]);
    if (p->im[i] == 0 && p->re[i] < -1) p->flip_sign = -p->flip_sign;
  }
}

Status walker_describe(Walker *w, const double *y, const double *near, BranchPoint *out) {
  size_t n = (size_t)w->n, neig = (size_t)w->neig;
  double *all = ARENA_ARRAY(w->arena, double, 2 * (n + 1 + neig));
  *out = (BranchPoint){.y = all, .t = all + n + 1};
  out->re = all + 2 * (n + 1);
  out->im = out->re + neig;
  memcpy(out->y, y, (n + 1) * sizeof *y);
  Status st = branch_tangent(w->b, near, out->t);
  return st.code == STATUS_OK ? w->kind->describe(w, out) : st;
}

/* ---- what happens between two points --------------------------------------------------------- */

typedef struct Events {
  bool has[SPECIAL_KINDS];
  int count;
  bool clear; /* they explain how the number of unstable directions changes */
} Events;

static Events events_between(const Walker *w, const BranchPoint *a, const BranchPoint *b) {
  Events e = {.clear = a->unstable < 0 || w->kind->tests > 0};
  for (int k = 0; k < w->kind->tests; k++) e.has[SPECIAL_CUSP + k] = a->test[k] * b->test[k] < 0;
  if (e.clear) return e;
  int64_t change = llabs(b->unstable - a->unstable);
  e.has[SPECIAL_FOLD] = a->t[w->n] * b->t[w->n] < 0;
  e.has[SPECIAL_BRANCH] = a->det_sign * b->det_sign < 0;
  e.has[SPECIAL_FLIP] = w->factors && a->flip_sign != b->flip_sign;
  for (int k = 0; k < SPECIAL_KINDS; k++) e.count += e.has[k];
  e.clear = e.count == change && change <= 1;
  if (e.count == 0 && change == 2) e.clear = e.has[SPECIAL_HOPF] = true;
  if (!e.clear && change > e.count) e.has[change % 2 ? SPECIAL_BRANCH : SPECIAL_HOPF] = true;
  return e;
}

/* A point that is not what it was looked for is several eigenvalues that cross zero at once. */
static Status keep_special(Walker *w, Walk *out, SpecialKind kind, Special s) {
  Status st = STATUS_FINE;
  if ((kind == SPECIAL_HOPF || kind == SPECIAL_FLIP) && !s.degenerate)
    st = w->kind->normal_form(w, kind, &s);
  if (kind == SPECIAL_HOPF && s.degenerate) kind = SPECIAL_BRANCH;
  *vec_push(w->arena, &out->special[kind]) = s;
  return st;
}

static Status note_events(Walker *w, Walk *out, const Events *e, const BranchPoint *a,
                          const BranchPoint *b) {
  Status st = STATUS_FINE;
  for (int k = 0; k < SPECIAL_KINDS && st.code == STATUS_OK; k++) {
    Special s = {.degenerate = !e->clear && llabs(b->unstable - a->unstable) > 1};
    if (!e->has[k]) continue;
    if (!special_locate(w, (SpecialKind)k, a, b, &s)) {
      out->missed++;
      continue;
    }
    st = keep_special(w, out, (SpecialKind)k, s);
    if (!e->clear) continue;
    s.at.unstable = a->unstable; /* a point of the branch too, at which what came before ends */
    *vec_push(w->arena, &out->points) = s.at;
  }
  return st;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static double cosine(const Walker *w, const double *u, const double *v) {
  return branch_dot(w->b, u, v) / sqrt(branch_dot(w->b, u, u) * branch_dot(w->b, v, v));
}

static bool outside(const Walker *w, double p) {
  return p < fmin(w->from, w->to) || p > fmax(w->from, w->to);
}

/* The last point lies on the end of the range itself. */
static bool land(Walker *w, const BranchPoint *a, const BranchPoint *b, BranchPoint *out) {
  int64_t n = w->n;
  double low = fmin(w->from, w->to), high = fmax(w->from, w->to);
  double end = b->y[n] < low ? low : high, part = (end - a->y[n]) / (b->y[n] - a->y[n]);
  double *y = ARENA_ARRAY(w->arena, double, n + 1), *c = ARENA_ARRAY(w->arena, double, n + 1);
  for (int64_t i = 0; i < n; i++) y[i] = a->y[i] + part * (b->y[i] - a->y[i]);
  y[n] = end;
  c[n] = w->b->scale[n];
  if (branch_correct(w->b, c, y).code != STATUS_OK) return false;
  y[n] = end;
  return walker_describe(w, y, a->t, out).code == STATUS_OK;
}

/* Has the branch come back to where it began? */
static bool closes(Walker *w, const Walk *out, const BranchPoint *b, double ds) {
  return w->kind->closes && out->points.n >= 8 && w->kind->closes(w, &out->points.at[0], b, ds);
}

typedef enum StepResult {
  STEP_TAKEN,
  STEP_TOO_LONG,
  STEP_FAILED,
  STEP_GONE /* beyond the end of the branch */
} StepResult;

/* A step of ds from a to b. */
static StepResult try_step(Walker *w, const BranchPoint *a, double ds, BranchPoint *b, Events *e,
                           Status *st) {
  double *y = ARENA_ARRAY(w->arena, double, w->n + 1);
  for (int64_t i = 0; i <= w->n; i++) y[i] = a->y[i] + ds * a->t[i];
  *st = branch_correct(w->b, a->t, y);
  if (st->code == STATUS_OK) *st = walker_describe(w, y, a->t, b);
  if (st->code != STATUS_OK) return STEP_FAILED;
  bool gone = false;
  w->kind->end(w, a, b, &gone);
  if (gone) return STEP_GONE;
  *e = events_between(w, a, b);
  if (cosine(w, a->t, b->t) < TURN_MOST) return STEP_TOO_LONG;
  return e->clear || ds < TELL_APART * w->step ? STEP_TAKEN : STEP_TOO_LONG;
}

static bool tick(Walker *w, const Walk *out) {
  Ev *ev = w->f.s.ev;
  double done = (double)out->points.n / (double)w->most;
  if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "continuation", done, w->f.s.sys->name);
  return !ev_stopped(ev);
}

/* Adds b, which lies a step after the last point. True: the branch ends here. */
static bool add_point(Walker *w, Walk *out, BranchPoint b, const Events *e, double ds, Status *st) {
  BranchPoint a = out->points.at[out->points.n - 1], end;
  bool left = outside(w, b.y[w->n]);
  if (left && land(w, &a, &b, &end)) b = end;
  Events here = left ? events_between(w, &a, &b) : *e;
  bool closed = !left && closes(w, out, &b, ds);
  bool at_branch_point = closed && out->points.at[0].unstable < 0;
  if (!at_branch_point) *st = note_events(w, out, &here, &a, &b);
  bool gone = false;
  out->end = left ? WALK_RANGE : closed ? WALK_CLOSED : w->kind->end(w, &a, &b, &gone);
  if ((left && outside(w, b.y[w->n])) || out->end == WALK_TAKENS) return true;
  BranchPoint *last = vec_push(w->arena, &out->points);
  *last = b;
  w->kind->settle(w, last);
  return out->end != WALK_POINTS;
}

/* Where nothing tells cycles apart, every test function is zero but for rounding. */
static void forget_specials(Walk *out) {
  for (int k = 0; k < SPECIAL_KINDS; k++) out->special[k].n = 0;
  out->missed = 0;
}

Status walk_along(Walker *w, const BranchPoint *first, Walk *out) {
  Status st = STATUS_FINE, why = STATUS_FINE;
  double ds = w->step / 10;
  *out = (Walk){.end = WALK_POINTS};
  *vec_push(w->arena, &out->points) = *first;
  w->kind->settle(w, &out->points.at[0]);
  while ((int64_t)out->points.n < w->most && st.code == STATUS_OK) {
    bool gone;
    BranchPoint b, a = out->points.at[out->points.n - 1];
    Events e;
    if (!tick(w, out)) return (Status){STATUS_CANCELLED, 0, -1, NULL};
    StepResult r = try_step(w, &a, ds, &b, &e, &why);
    if (why.code == STATUS_CANCELLED) return why;
    if (r != STEP_TAKEN) {
      ds /= 2;
      if (ds > SHORTEST * w->step) continue;
      out->end = r == STEP_GONE ? w->kind->end(w, &a, &b, &gone) : WALK_STUCK;
      break;
    }
    bool easy = w->b->iterations <= 4 && cosine(w, a.t, b.t) > TURN_EASY;
    if (add_point(w, out, b, &e, ds, &st)) break;
    if (easy) ds = fmin(1.5 * ds, w->step);
  }
  if (out->end == WALK_VERTICAL) forget_specials(out);
  return st;
}
