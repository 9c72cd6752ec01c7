/* branch_point.c: branches of fixed points: the field of a network with its parameter, its
   Jacobian and eigenvalues; of maps also of periodic orbits, which are fixed points of several
   steps, and whose multipliers come from the derivatives of the steps one by one. */
#include <math.h>
#include <string.h>

#include "num/floquet.h"
#include "num/linalg.h"
#include "verb/branch_walk.h"

/* How far the halves of an orbit are from each other, in units of states: where it is about to end,
   and where it is already that of half its period. */
static const double SHRUNK = 1e-3, ONE_HALF = 1e-6;

static bool is_map(const Walker *w) {
  return w->f.s.sys->kind == SYSTEM_MAP;
}

static Status evaluate(void *ctx, const double *y, double *f, double *jac) {
  Walker *w = ctx;
  int64_t n = w->n;
  double *by_p = w->square;
  w->field->in[FLOW_X] = y;
  w->field->parameter[0] = y[n];
  Status st = program_run(w->field->p, w->field->in, (void *[]){f, w->jac, by_p});
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j < n; j++)
      jac[i * (n + 1) + j] = w->jac[i * n + j] - (is_map(w) && i == j ? 1 : 0);
    jac[i * (n + 1) + n] = by_p[i];
    if (is_map(w)) f[i] -= y[i];
  }
  return st;
}

/* The states of an orbit, and its multipliers. */
static Status describe_orbit(Walker *w, BranchPoint *p) {
  int64_t n = w->n, rounds = w->f.rounds;
  double *g = ARENA_ARRAY(w->arena, double, rounds *n *n), *next = w->square, log_det;
  Status st = STATUS_FINE;
  p->round = ARENA_ARRAY(w->arena, double, (rounds + 1) * n);
  memcpy(p->round, p->y, (size_t)n * sizeof *p->y);
  w->one->parameter[0] = p->y[n];
  for (int64_t k = 0; k < rounds && st.code == STATUS_OK; k++) {
    w->one->in[FLOW_X] = p->round + k * n;
    st =
        program_run(w->one->p, w->one->in, (void *[]){p->round + (k + 1) * n, g + k * n * n, next});
  }
  return st.code == STATUS_OK ? floquet_multipliers(n, rounds, g, p->re, p->im, &log_det) : st;
}

static Status describe(Walker *w, BranchPoint *p) {
  int64_t n = w->n;
  branch_bordered(w->b, p->t, w->square);
  p->log_det = la_log_det(n + 1, w->square, &p->det_sign);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      w->jac[i * n + j] = w->b->jac[i * (n + 1) + j] + (is_map(w) && i == j ? 1 : 0);
  Status st = w->one ? describe_orbit(w, p) : la_eig(n, w->jac, p->re, p->im, NULL, NULL);
  walker_count(w, p);
  return st;
}

/* States count for as much as they were ever large on the branch. */
static void settle(Walker *w, BranchPoint *p) {
  for (int64_t i = 0; i < w->n; i++) w->b->scale[i] = fmax(w->b->scale[i], fabs(p->y[i]));
}

static bool closes(Walker *w, const BranchPoint *first, const BranchPoint *b, double ds) {
  const Branch *m = w->b;
  double *d = w->b->step;
  double both = sqrt(branch_dot(m, first->t, first->t) * branch_dot(m, b->t, b->t));
  if (branch_dot(m, first->t, b->t) < 0.9 * both) return false;
  for (int64_t i = 0; i <= w->n; i++) d[i] = b->y[i] - first->y[i];
  return branch_dot(m, d, d) < ds * ds;
}

/* How far the states of an orbit are from those half a period later, and the product of this for
   two orbits. */
static double halves(const Walker *w, const BranchPoint *a, const BranchPoint *b) {
  int64_t n = w->n, half = w->f.rounds / 2 * n;
  double sum = 0;
  for (int64_t i = 0; i < n; i++) {
    double scale = w->b->scale[i];
    sum += (a->y[i] - a->round[half + i]) / scale * (b->y[i] - b->round[half + i]) / scale;
  }
  return sum;
}

/* An orbit may shrink to one of half its period, whose branch a step must not take for its own, and
   beyond which it would come back with its halves exchanged. */
static WalkEnd end(Walker *w, const BranchPoint *a, const BranchPoint *b, bool *gone) {
  bool doubled = w->one && w->f.rounds % 2 == 0 && a->unstable >= 0;
  double size = doubled ? halves(w, b, b) : 0;
  *gone = doubled && (halves(w, a, b) < 0 || size < ONE_HALF * ONE_HALF);
  bool shrunk = doubled && size < SHRUNK * SHRUNK && size < halves(w, a, a);
  return *gone || shrunk ? WALK_FLIP : WALK_POINTS;
}

static Status normal_form(Walker *w, SpecialKind kind, Special *s) {
  return kind == SPECIAL_HOPF ? special_hopf(w, s) : special_flip(w, s);
}

void walker_start(Walker *w) {
  static const WalkKind points = {describe, settle, closes, end, normal_form, 0};
  Arena *a = w->arena;
  w->kind = &points;
  w->n = w->neig = w->f.dim;
  w->factors = is_map(w);
  w->field = flow_plan(&w->f, flow_parametric(&w->f), 0);
  w->curvature = flow_plan(&w->f, flow_curvature(&w->f), 0);
  flow_bind_inputs(&w->f, w->field, -1, 0);
  flow_bind_inputs(&w->f, w->curvature, -1, 0);
  if (w->f.rounds > 1) {
    Flow one = w->f;
    one.rounds = 1;
    w->one = flow_plan(&w->f, flow_parametric(&one), 0);
    flow_bind_inputs(&w->f, w->one, -1, 0);
  }
  w->jac = ARENA_ARRAY(a, double, w->n * w->n);
  w->square = ARENA_ARRAY(a, double, (w->n + 1) * (w->n + 1));
  w->problem = (BranchProblem){.n = w->n, .eval = evaluate, .ctx = w};
  w->b = branch_new(a, &w->problem);
}
