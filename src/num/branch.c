/* branch.c: see branch.h. */
#include "num/branch.h"

#include <math.h>
#include <string.h>

#include "num/lu.h"

enum { NEWTON_MOST = 12 };

Branch *branch_new(Arena *a, const BranchProblem *p) {
  Branch *b = ARENA_NEW(a, Branch);
  int64_t n = p->n;
  *b = (Branch){.p = p, .tol = 1e-11};
  b->scale = ARENA_ARRAY(a, double, n + 1);
  b->share = ARENA_ARRAY(a, double, n + 1);
  b->f = ARENA_ARRAY(a, double, n);
  b->jac = p->solve ? NULL : ARENA_ARRAY(a, double, n *(n + 1));
  b->step = ARENA_ARRAY(a, double, n + 1);
  b->a = ARENA_ARRAY(a, double, (p->solve ? 1 : n + 1) * (n + 1));
  b->pivot = ARENA_ARRAY(a, int, n + 1);
  for (int64_t i = 0; i <= n; i++) {
    b->scale[i] = 1;
    b->share[i] = i < n ? 1 / (double)n : 1;
  }
  return b;
}

/* What v_i counts for in the metric. */
static double weight_of(const Branch *b, int64_t i) {
  return b->share[i] / (b->scale[i] * b->scale[i]);
}

double branch_dot(const Branch *b, const double *u, const double *v) {
  double sum = 0;
  for (int64_t i = 0; i <= b->p->n; i++) sum += u[i] * v[i] * weight_of(b, i);
  return sum;
}

/* Columns in units of their scale, so that the factors do not depend on units. */
void branch_bordered(const Branch *b, const double *t, double *out) {
  int64_t n = b->p->n, m = n + 1;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < m; j++) out[i * m + j] = b->jac[i * m + j] * b->scale[j];
  for (int64_t j = 0; j < m; j++) out[n * m + j] = t[j] * weight_of(b, j) * b->scale[j];
}

/* Solves [F_y; c'] s = b->step in place. */
static bool solve(Branch *b, const double *c) {
  int64_t m = b->p->n + 1;
  if (b->p->solve) {
    for (int64_t j = 0; j < m; j++) b->a[j] = c[j] * weight_of(b, j);
    return b->p->solve(b->p->ctx, b->a, b->step);
  }
  branch_bordered(b, c, b->a);
  if (!lu_factor(m, b->a, b->pivot)) return false;
  lu_solve(m, b->a, b->pivot, b->step);
  for (int64_t j = 0; j < m; j++) b->step[j] *= b->scale[j];
  return true;
}

static Status no_convergence(const char *what) {
  return (Status){STATUS_NO_CONVERGENCE, 0, -1, what};
}

/* The largest part of the last step, relative to its scale. */
static double step_size(const Branch *b) {
  double most = 0;
  for (int64_t i = 0; i <= b->p->n; i++) {
    double part = fabs(b->step[i]) / b->scale[i];
    if (!(part <= most)) most = part;
  }
  return most;
}

/* The steps of Newton's method shrink quadratically until rounding stops them: then, or when they
   are small enough, the point is as good as it gets. */
Status branch_correct(Branch *b, const double *c, double *y) {
  int64_t n = b->p->n;
  double before = INFINITY, moved = 0;
  for (b->iterations = 0; b->iterations < NEWTON_MOST; b->iterations++) {
    Status st = b->p->eval(b->p->ctx, y, b->f, b->jac);
    if (st.code != STATUS_OK) return st;
    if (before <= b->tol) return STATUS_FINE;
    for (int64_t i = 0; i < n; i++) b->step[i] = -b->f[i];
    b->step[n] = -moved;
    if (!solve(b, c)) return no_convergence("the Jacobian is singular");
    double now = step_size(b);
    if (!isfinite(now) || (b->iterations > 2 && now > 2 * before && before > 1e-8)) break;
    for (int64_t i = 0; i <= n; i++) y[i] += b->step[i];
    moved += branch_dot(b, c, b->step);
    before = now;
  }
  if (before <= 1e3 * b->tol) return STATUS_FINE;
  return no_convergence("Newton's method does not converge");
}

Status branch_tangent(Branch *b, const double *near, double *t) {
  int64_t n = b->p->n;
  memset(b->step, 0, (size_t)n * sizeof *b->step);
  b->step[n] = 1;
  if (!solve(b, near)) return no_convergence("the tangent is not unique");
  double length = sqrt(branch_dot(b, b->step, b->step));
  if (!(length > 0) || !isfinite(length)) return no_convergence("the tangent is not unique");
  for (int64_t i = 0; i <= n; i++) t[i] = b->step[i] / length;
  return STATUS_FINE;
}
