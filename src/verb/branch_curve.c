/* branch_curve.c: see branch_curve.h. */
#include "verb/branch_curve.h"

#include <math.h>
#include <string.h>

#include "num/linalg.h"

static const double MOVED = 0.1; /* a start that is farther from a point of the curve, relative */

static bool is_map(const Walker *w) {
  return w->f.s.sys->kind == SYSTEM_MAP;
}

/* ---- unknowns -------------------------------------------------------------------------------- */

static int64_t place_of_kappa(const Walker *w) {
  return 3 * w->f.dim;
}

double curve_omega(const Walker *w, const BranchPoint *p) {
  double kappa = p->y[place_of_kappa(w)];
  return is_map(w) ? acos(fmax(-1, fmin(1, kappa))) : sqrt(fmax(0, kappa));
}

void curve_states(const Walker *w, const BranchPoint *p, double *x) {
  for (int64_t i = 0; i < w->f.dim; i++) x[i] = p->y[i] * w->curve->unit[i];
}

/* The critical eigenvalue that is real. */
static double critical(const Walker *w) {
  return w->curve->of == SPECIAL_FLIP ? -1 : is_map(w) ? 1 : 0;
}

/* ---- equations ------------------------------------------------------------------------------- */

/* A matrix and a vector of rates, from the units of states to numbers. */
static void to_units(const CurveBranch *c, int64_t n, double *mat, double *vec) {
  for (int64_t i = 0; i < n; i++) {
    if (vec) vec[i] /= c->unit[i];
    for (int64_t j = 0; mat && j < n; j++) mat[i * n + j] *= c->unit[j] / c->unit[i];
  }
}

static Status run_field(Walker *w, const double *y) {
  CurveBranch *c = w->curve;
  int64_t n = w->f.dim;
  for (int64_t i = 0; i < n; i++) c->x[i] = y[i] * c->unit[i];
  for (int64_t i = 0; i < (1 + c->pair) * n; i++) c->v[i] = y[n + i] * c->unit[i % n];
  c->field->in[FLOW_X] = c->x;
  c->field->in[FLOW_TANGENTS] = c->v;
  c->field->parameter[0] = y[w->n - 1];
  c->field->parameter[1] = y[w->n];
  void *out[] = {c->f,      c->jac,    c->by_p,     c->by_q,   c->jac_v[0],
                 c->v_p[0], c->v_q[0], c->jac_v[1], c->v_p[1], c->v_q[1]};
  Status st = program_run(c->field->p, c->field->in, out);
  to_units(c, n, c->jac, c->f);
  to_units(c, n, NULL, c->by_p);
  to_units(c, n, NULL, c->by_q);
  for (int k = 0; k <= c->pair; k++) {
    to_units(c, n, c->jac_v[k], c->v_p[k]);
    to_units(c, n, NULL, c->v_q[k]);
  }
  for (int64_t i = 0; i < n && is_map(w); i++) c->f[i] -= y[i];
  return st;
}

/* Row i of J v - ..., or of J w - .... */
static double eigen_row(Walker *w, const double *y, int k, int64_t i, double *row) {
  const CurveBranch *c = w->curve;
  int64_t n = w->f.dim, at_v = n + i, at_w = 2 * n + i, at = place_of_kappa(w);
  const double *v = y + n + k * n;
  for (int64_t j = 0; j < n; j++) {
    row[j] = c->jac_v[k][i * n + j];
    row[n + k * n + j] = c->jac[i * n + j];
  }
  row[w->n - 1] = c->v_p[k][i];
  row[w->n] = c->v_q[k][i];
  double sum = 0;
  for (int64_t j = 0; j < n; j++) sum += c->jac[i * n + j] * v[j];
  if (!c->pair) {
    row[at_v] -= critical(w);
    return sum - critical(w) * y[at_v];
  }
  if (k == 0) {
    row[at_w] = -1;
    return sum - y[at_w];
  }
  row[at_v] += is_map(w) ? 1 : y[at];
  row[at_w] -= is_map(w) ? 2 * y[at] : 0;
  row[at] = is_map(w) ? -2 * y[at_w] : y[at_v];
  return sum + (is_map(w) ? y[at_v] - 2 * y[at] * y[at_w] : y[at] * y[at_v]);
}

/* v has unit length; of a pair, it keeps to its place in the plane of both eigenvectors. */
static void normalise(Walker *w, const double *y, double *f, double *jac) {
  const CurveBranch *c = w->curve;
  int64_t n = w->f.dim, m = w->n + 1;
  double *row = jac + (w->n - 1 - c->pair) * m, *place = row + m;
  double length = -1, off = 0;
  for (int64_t i = 0; i < n; i++) {
    length += y[n + i] * y[n + i];
    row[n + i] = 2 * y[n + i];
  }
  f[w->n - 1 - c->pair] = length;
  for (int64_t i = 0; i < n && c->pair; i++) {
    off += c->across[i] * y[n + i];
    place[n + i] = c->across[i];
  }
  if (c->pair) f[w->n - 1] = off;
}

static Status evaluate(void *ctx, const double *y, double *f, double *jac) {
  Walker *w = ctx;
  const CurveBranch *c = w->curve;
  int64_t n = w->f.dim, m = w->n + 1;
  Status st = run_field(w, y);
  if (st.code != STATUS_OK) return st;
  memset(jac, 0, (size_t)(w->n * m) * sizeof *jac);
  for (int64_t i = 0; i < n; i++) {
    double *row = jac + i * m;
    f[i] = c->f[i];
    for (int64_t j = 0; j < n; j++) row[j] = c->jac[i * n + j] - (is_map(w) && i == j ? 1 : 0);
    row[w->n - 1] = c->by_p[i];
    row[w->n] = c->by_q[i];
    for (int k = 0; k <= c->pair; k++)
      f[n + k * n + i] = eigen_row(w, y, k, i, jac + (n + k * n + i) * m);
  }
  normalise(w, y, f, jac);
  return STATUS_FINE;
}

/* ---- points ---------------------------------------------------------------------------------- */

/* The singular vector of J - z for the least singular value: from the left, or from the right. */
static Status null_vector(Walker *w, bool left, double *out) {
  int64_t n = w->f.dim;
  double *a = ARENA_ARRAY(w->arena, double, 3 * n * n), *u = a + n * n, *vt = u + n * n;
  double *s = ARENA_ARRAY(w->arena, double, n);
  memcpy(a, w->curve->jac, (size_t)(n * n) * sizeof *a);
  for (int64_t i = 0; i < n; i++) a[i * n + i] -= critical(w);
  Status st = la_svd(n, n, a, u, s, vt);
  for (int64_t i = 0; i < n; i++) out[i] = left ? u[i * n + n - 1] : vt[(n - 1) * n + i];
  return st;
}

/* How far a pair is from being real. */
static double room(const Walker *w, const double *y) {
  double kappa = y[place_of_kappa(w)];
  return is_map(w) ? 1 - kappa * kappa : kappa;
}

/* On a curve of folds: psi . F''(v, v), zero at cusps, and psi . v, zero at Bogdanov-Takens points
   (of maps: where a second eigenvalue is 1), psi being the left eigenvector. On a curve of Hopf
   points, which ends at the latter: where omega is 0, of a map also where it is pi. Kuznetsov,
   sections 8.2 and 8.4. */
static Status describe(Walker *w, BranchPoint *p) {
  CurveBranch *c = w->curve;
  int64_t n = w->f.dim;
  p->test[0] = p->test[1] = 1;
  if (c->pair) p->test[1] = room(w, p->y);
  if (c->of != SPECIAL_FOLD) return STATUS_FINE;
  double *psi = ARENA_ARRAY(w->arena, double, n), along = 0;
  const double *v = p->y + n;
  Status st = null_vector(w, true, psi);
  for (int64_t i = 0; i < n; i++) along += psi[i] * c->left[i];
  p->test[0] = p->test[1] = 0;
  for (int64_t i = 0; i < n; i++) {
    if (along < 0) psi[i] = -psi[i];
    p->test[1] += psi[i] * v[i];
    for (int64_t j = 0; j < n; j++) p->test[0] += psi[i] * c->jac_v[0][i * n + j] * v[j];
  }
  memcpy(c->left, psi, (size_t)n * sizeof *psi);
  return st;
}

/* Orthogonal to v in the plane of v and w. */
static void refer(Walker *w, const double *y) {
  CurveBranch *c = w->curve;
  int64_t n = w->f.dim;
  double both = 0, length = 0;
  for (int64_t i = 0; i < n; i++) both += y[n + i] * y[2 * n + i];
  for (int64_t i = 0; i < n; i++) {
    c->across[i] = y[2 * n + i] - both * y[n + i];
    length = hypot(length, c->across[i]);
  }
  for (int64_t i = 0; i < n; i++) c->across[i] /= length;
}

static void settle(Walker *w, BranchPoint *p) {
  for (int64_t i = 0; i < w->f.dim; i++) w->b->scale[i] = fmax(w->b->scale[i], fabs(p->y[i]));
  if (w->curve->pair) refer(w, p->y);
}

static WalkEnd end(Walker *w, const BranchPoint *a, const BranchPoint *b, bool *gone) {
  const CurveBranch *c = w->curve;
  double p = b->y[w->n - 1];
  (void)a;
  if (c->pair && !(room(w, b->y) > 0)) return WALK_TAKENS;
  *gone = p < c->low || p > c->high;
  return *gone ? WALK_RANGE : WALK_POINTS;
}

/* ---- the start ------------------------------------------------------------------------------- */

static void allocate(Walker *w, CurveBranch *c) {
  Arena *a = w->arena;
  int64_t n = w->f.dim;
  double **vectors[] = {&c->unit, &c->left,   &c->across, &c->x,      &c->f,     &c->by_p,
                        &c->by_q, &c->v_p[0], &c->v_p[1], &c->v_q[0], &c->v_q[1]};
  double **squares[] = {&c->jac, &c->jac_v[0], &c->jac_v[1]};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    *vectors[i] = ARENA_ARRAY(a, double, n);
  for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
    *squares[i] = ARENA_ARRAY(a, double, n *n);
  c->v = ARENA_ARRAY(a, double, 2 * n);
}

void curve_walker_start(Walker *w, SpecialKind of, double low, double high) {
  static const WalkKind curves = {describe, settle, NULL, end, NULL, 2};
  CurveBranch *c = w->curve = ARENA_NEW(w->arena, CurveBranch);
  *c = (CurveBranch){.of = of, .pair = of == SPECIAL_HOPF, .low = low, .high = high};
  w->kind = &curves;
  w->neig = 0;
  w->n = w->f.dim * (2 + c->pair) + 1 + c->pair;
  allocate(w, c);
  c->field = flow_plan(&w->f, flow_bordered(&w->f, 1 + c->pair), 0);
  flow_bind_inputs(&w->f, c->field, -1, 0);
  w->problem = (BranchProblem){.n = w->n, .eval = evaluate, .ctx = w};
  w->b = branch_new(w->arena, &w->problem);
  for (int64_t i = 0; i < w->n; i++) w->b->share[i] = 1 / (double)w->f.dim;
  w->b->share[w->n - 1] = 1;
  w->b->scale[w->n - 1] = high - low;
  w->b->scale[w->n] = fabs(w->to - w->from);
}

/* v, the real part of the eigenvector of a pair, w = J v, and kappa. */
static Status eigenvector(Walker *w, double omega, double *y) {
  int64_t n = w->f.dim, best = 0;
  double *re = ARENA_ARRAY(w->arena, double, 2 * n), *im = re + n, least = INFINITY, length = 0;
  double *vr = ARENA_ARRAY(w->arena, double, 2 * n * n), *vi = vr + n * n;
  double zr = is_map(w) ? cos(omega) : 0, zi = is_map(w) ? sin(omega) : omega;
  Status st = la_eig(n, w->curve->jac, re, im, vr, vi);
  for (int64_t i = 0; i < n; i++) {
    double off = hypot(re[i] - zr, im[i] - zi);
    if (off < least) least = off, best = i;
  }
  for (int64_t i = 0; i < n; i++) length = hypot(length, vr[i * n + best]);
  for (int64_t i = 0; i < n; i++) {
    y[n + i] = vr[i * n + best] / length;
    y[2 * n + i] = (zr * vr[i * n + best] - zi * vi[i * n + best]) / length;
  }
  y[place_of_kappa(w)] = is_map(w) ? zr : omega * omega;
  return st;
}

/* w and kappa are of the sizes of omega and its square. */
static void scale_pair(Walker *w, double omega) {
  int64_t n = w->f.dim;
  double *scale = w->b->scale;
  for (int64_t i = 2 * n; i < 3 * n && !is_map(w); i++) scale[i] = omega;
  if (!is_map(w)) scale[place_of_kappa(w)] = omega * omega;
}

static Status find_first(Walker *w, double omega, double *y, double *along) {
  CurveBranch *c = w->curve;
  int64_t n = w->f.dim;
  Status st = run_field(w, y);
  if (st.code == STATUS_OK) st = c->pair ? eigenvector(w, omega, y) : null_vector(w, false, y + n);
  if (st.code == STATUS_OK) st = null_vector(w, true, c->left);
  if (st.code != STATUS_OK) return st;
  if (c->pair) refer(w, y);
  along[w->n] = w->to > w->from ? 1 : -1;
  st = branch_correct(w->b, along, y);
  y[w->n] = w->from;
  return st;
}

Status curve_walker_from(Walker *w, const double *x, double p, double omega, BranchPoint *first) {
  CurveBranch *c = w->curve;
  int64_t n = w->f.dim;
  double *y = ARENA_ARRAY(w->arena, double, w->n + 1);
  double *along = ARENA_ARRAY(w->arena, double, w->n + 1);
  for (int64_t i = 0; i < n; i++) {
    c->unit[i] = fabs(x[i]) > 1e-12 ? fabs(x[i]) : 1;
    y[i] = x[i] / c->unit[i];
  }
  if (c->pair) scale_pair(w, omega);
  y[w->n - 1] = p;
  y[w->n] = w->from;
  Status st = find_first(w, omega, y, along);
  for (int64_t i = 0; i < n && st.code == STATUS_OK; i++)
    if (!(fabs(y[i] - x[i] / c->unit[i]) < MOVED)) st.code = STATUS_NO_CONVERGENCE;
  if (!(fabs(y[w->n - 1] - p) < MOVED * (c->high - c->low))) st.code = STATUS_NO_CONVERGENCE;
  return st.code == STATUS_OK ? walker_describe(w, y, along, first) : st;
}
