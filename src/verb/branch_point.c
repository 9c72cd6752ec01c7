/* branch_point.c: branches of fixed points: the field of a network with its parameter, its
   Jacobian and eigenvalues. */
#include <math.h>
#include <string.h>

#include "num/linalg.h"
#include "verb/branch_walk.h"

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

static Status describe(Walker *w, BranchPoint *p) {
  int64_t n = w->n;
  branch_bordered(w->b, p->t, w->square);
  p->log_det = la_log_det(n + 1, w->square, &p->det_sign);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      w->jac[i * n + j] = w->b->jac[i * (n + 1) + j] + (is_map(w) && i == j ? 1 : 0);
  Status st = la_eig(n, w->jac, p->re, p->im, NULL, NULL);
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

static WalkEnd end(Walker *w, const BranchPoint *a, const BranchPoint *b, bool *gone) {
  (void)w, (void)a, (void)b, (void)gone;
  return WALK_POINTS;
}

void walker_start(Walker *w) {
  static const WalkKind points = {describe, settle, closes, end, special_hopf, 0};
  Arena *a = w->arena;
  w->kind = &points;
  w->n = w->neig = w->f.dim;
  w->factors = is_map(w);
  w->field = flow_plan(&w->f, flow_parametric(&w->f), 0);
  w->curvature = flow_plan(&w->f, flow_curvature(&w->f), 0);
  flow_bind_inputs(&w->f, w->field, -1, 0);
  flow_bind_inputs(&w->f, w->curvature, -1, 0);
  w->jac = ARENA_ARRAY(a, double, w->n * w->n);
  w->square = ARENA_ARRAY(a, double, (w->n + 1) * (w->n + 1));
  w->problem = (BranchProblem){.n = w->n, .eval = evaluate, .ctx = w};
  w->b = branch_new(a, &w->problem);
}
