/* branch_special.c: folds, Hopf points, branch points and period doublings of a branch of fixed
   points, located as zeros of a test function along it, each value of which is taken at a point
   that Newton's method has brought onto the branch; they are accepted by what is left of the
   function, not by the length of a step. Normal forms and branching: Kuznetsov, Elements of Applied
   Bifurcation Theory, 3rd ed., sections 5.4 and 10.2, 10.3. */
#include <math.h>
#include <string.h>

#include "num/linalg.h"
#include "verb/branch_walk.h"

enum { TRIALS = 80 };

static const double ACCEPTED = 1e-7; /* of the test function, as a part of its values around */
static const double BESIDE = 1e-9;
static const double ROUNDING =
    1e-13; /* of the tangent, of unit length: at canards no more is left */

/* ---- test functions -------------------------------------------------------------------------- */

static double growth(const Walker *w, const BranchPoint *p, int64_t i) {
  return w->factors ? hypot(p->re[i], p->im[i]) - 1 : p->re[i];
}

/* The eigenvalue that grows fastest but for `rank` others: where the number of those that grow
   changes between two points, it is that of the smaller number's rank that crosses. */
static int64_t eigenvalue_of_rank(const Walker *w, const BranchPoint *p, int64_t rank) {
  for (int64_t i = 0; i < w->neig; i++) {
    int64_t faster = 0;
    for (int64_t j = 0; j < w->neig; j++) {
      double more = growth(w, p, j) - growth(w, p, i);
      faster += more > 0 || (more == 0 && j < i);
    }
    if (faster == rank) return i;
  }
  return 0;
}

/* How far the real eigenvalue nearest to -1 is from it. */
static double flip_value(const Walker *w, const BranchPoint *p) {
  double least = INFINITY;
  for (int64_t i = 0; i < w->neig; i++)
    if (p->im[i] == 0) least = fmin(least, fabs(p->re[i] + 1));
  return p->flip_sign * (isfinite(least) ? least : 1);
}

static double test_value(const Walker *w, SpecialKind kind, const BranchPoint *p, double log_unit,
                         int64_t rank) {
  switch (kind) {
    case SPECIAL_FOLD: return p->t[w->n] / w->b->scale[w->n];
    case SPECIAL_FLIP: return flip_value(w, p);
    case SPECIAL_CUSP:
    case SPECIAL_TAKENS: return p->test[kind - SPECIAL_CUSP];
    case SPECIAL_HOPF: return growth(w, p, eigenvalue_of_rank(w, p, rank));
    default: return p->det_sign * exp(p->log_det - log_unit);
  }
}

/* ---- location -------------------------------------------------------------------------------- */

/* The point of the branch that lies part of the way from a to b: from a cubic polynomial with their
   tangents, as near a branch point Newton's method only mends what is far smaller than the way to
   it. */
static bool point_between(Walker *w, const BranchPoint *a, const BranchPoint *b, double part,
                          BranchPoint *out) {
  double *y = ARENA_ARRAY(w->arena, double, w->n + 1);
  for (int64_t i = 0; i <= w->n; i++) y[i] = b->y[i] - a->y[i];
  double length = copysign(sqrt(branch_dot(w->b, y, y)), branch_dot(w->b, y, a->t));
  double q = 1 - part, along_a = part * q * q * length, along_b = -part * part * q * length;
  for (int64_t i = 0; i <= w->n; i++)
    y[i] = a->y[i] + part * part * (1 + 2 * q) * y[i] + along_a * a->t[i] + along_b * b->t[i];
  return branch_correct(w->b, a->t, y).code == STATUS_OK &&
         walker_describe(w, y, a->t, out).code == STATUS_OK;
}

/* The tangent there of the same polynomial: at a branch point the equations leave it open. */
static void tangent_between(Walker *w, const BranchPoint *a, const BranchPoint *b, double part,
                            double *t) {
  for (int64_t i = 0; i <= w->n; i++) t[i] = b->y[i] - a->y[i];
  double length = copysign(sqrt(branch_dot(w->b, t, t)), branch_dot(w->b, t, a->t));
  double q = 1 - part;
  for (int64_t i = 0; i <= w->n; i++)
    t[i] = 6 * part * q * t[i] +
           length * (q * (1 - 3 * part) * a->t[i] + part * (3 * part - 2) * b->t[i]);
  length = sqrt(branch_dot(w->b, t, t));
  for (int64_t i = 0; i <= w->n; i++) t[i] /= length;
}

/* The Illinois variant of regula falsi (Dowell & Jarratt, BIT 11, 1971): x and y always have a
   change of sign between them, and so have the points p and q of the branch that lie there. */
bool special_locate(Walker *w, SpecialKind kind, const BranchPoint *a, const BranchPoint *b,
                    Special *out) {
  double unit = fmax(a->log_det, b->log_det), x = 0, y = 1, best = INFINITY, moved = 1, at = 0;
  int64_t rank = a->unstable < b->unstable ? a->unstable : b->unstable;
  double at_x = test_value(w, kind, a, unit, rank), at_y = test_value(w, kind, b, unit, rank);
  double size = fmax(fabs(at_x), fabs(at_y));
  BranchPoint p = *a, q = *b;
  if (!(at_x * at_y <= 0)) return false;
  for (int i = 0; i < TRIALS && moved > 1e-15 && best > 1e-15 * size; i++) {
    double z = y - at_y * (y - x) / (at_y - at_x);
    if (!(z > fmin(x, y) && z < fmax(x, y))) z = (x + y) / 2;
    BranchPoint r;
    if (!point_between(w, &p, &q, (z - x) / (y - x), &r)) { /* at the very point: singular */
      z += BESIDE * (y - z);
      if (!point_between(w, &p, &q, (z - x) / (y - x), &r)) break;
    }
    double at_z = test_value(w, kind, &r, unit, rank);
    if (fabs(at_z) < best) best = fabs(at_z), out->at = r, at = z;
    moved = fabs(z - y);
    if (at_z * at_y < 0)
      x = y, at_x = at_y, p = q;
    else
      at_x /= 2;
    y = z;
    at_y = at_z;
    q = r;
  }
  double least = kind == SPECIAL_FOLD ? ROUNDING : 0;
  if (!(best <= fmax(ACCEPTED * size, least))) return false;
  if (kind == SPECIAL_BRANCH) tangent_between(w, a, b, at, out->at.t);
  out->critical = eigenvalue_of_rank(w, &out->at, rank);
  if (kind == SPECIAL_HOPF && out->at.im[out->critical] == 0) out->degenerate = true;
  return true;
}

/* ---- derivatives at a point ------------------------------------------------------------------ */

/* The second and third derivative of F by (x, p) along u, v and w, [D + 1] each; third may be
   NULL. */
static Status curvature(Walker *w, const BranchPoint *p, const double *u, const double *v,
                        const double *third_along, double *second, double *third) {
  int64_t m = w->n + 1;
  FlowProgram *c = w->curvature;
  double *q = ARENA_ARRAY(w->arena, double, 3 * m);
  memcpy(q, u, (size_t)m * sizeof *q);
  memcpy(q + m, v, (size_t)m * sizeof *q);
  memcpy(q + 2 * m, third_along ? third_along : u, (size_t)m * sizeof *q);
  c->in[FLOW_X] = p->y;
  c->in[FLOW_TANGENTS] = q;
  c->parameter[0] = p->y[w->n];
  if (!third) third = ARENA_ARRAY(w->arena, double, m);
  return program_run(c->p, c->in, (void *[]){second, third});
}

/* The Jacobian by x at a point, of a map that of its next state, and by (x, p), [D, D + 1]. */
static Status jacobian_at(Walker *w, const BranchPoint *p, double *by_x) {
  int64_t n = w->n;
  Status st = w->problem.eval(w, p->y, w->b->f, w->b->jac);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++)
      by_x[i * n + j] = w->b->jac[i * (n + 1) + j] + (w->factors && i == j ? 1 : 0);
  return st;
}

/* ---- Hopf points ----------------------------------------------------------------------------- */

typedef struct Hopf {
  Walker *w;
  const BranchPoint *p;
  int64_t n;
  double re, im;   /* the eigenvalue */
  double *jac;     /* [D, D] */
  double *a, *b;   /* its eigenvector a + i b, [D + 1] */
  double *ca, *cb; /* the eigenvector of the transpose, [D] */
  double pr, pi;   /* their product */
  double *h11;     /* [D + 1] */
  double *h20r, *h20i;
} Hopf;

/* Column k of vectors [D, D]. */
static void take_column(int64_t n, const double *v, int64_t k, double *out) {
  for (int64_t i = 0; i < n; i++) out[i] = v[i * n + k];
}

/* The eigenvector of matrix m for the eigenvalue. */
static Status eigenvector(const Hopf *h, const double *m, double *re, double *im) {
  int64_t n = h->n, best = 0;
  Arena *a = h->w->arena;
  double *er = ARENA_ARRAY(a, double, n), *ei = ARENA_ARRAY(a, double, n), least = INFINITY;
  double *vr = ARENA_ARRAY(a, double, n *n), *vi = ARENA_ARRAY(a, double, n *n);
  Status st = la_eig(n, m, er, ei, vr, vi);
  for (int64_t i = 0; i < n; i++) {
    double off = hypot(er[i] - h->re, ei[i] - h->im);
    if (off < least) least = off, best = i;
  }
  take_column(n, vr, best, re);
  take_column(n, vi, best, im);
  return st;
}

static Status eigenvectors(Hopf *h) {
  int64_t n = h->n;
  double *transposed = ARENA_ARRAY(h->w->arena, double, n *n);
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) transposed[i * n + j] = h->jac[j * n + i];
  Status st = eigenvector(h, h->jac, h->a, h->b);
  if (st.code == STATUS_OK) st = eigenvector(h, transposed, h->ca, h->cb);
  h->pr = h->pi = 0;
  for (int64_t i = 0; i < n; i++) {
    h->pr += h->ca[i] * h->a[i] - h->cb[i] * h->b[i];
    h->pi += h->ca[i] * h->b[i] + h->cb[i] * h->a[i];
  }
  return st;
}

/* The real part of rotation * (left eigenvector . (re + i im)) / (left . right eigenvector). */
static double projected(const Hopf *h, const double *re, const double *im, double cr, double ci) {
  double sr = 0, si = 0, size = h->pr * h->pr + h->pi * h->pi;
  for (int64_t i = 0; i < h->n; i++) {
    sr += h->ca[i] * re[i] - h->cb[i] * im[i];
    si += h->ca[i] * im[i] + h->cb[i] * re[i];
  }
  double qr = (sr * h->pr + si * h->pi) / size, qi = (si * h->pr - sr * h->pi) / size;
  return cr * qr - ci * qi;
}

static Status second(const Hopf *h, const double *u, const double *v, double *out) {
  return curvature(h->w, h->p, u, v, NULL, out, NULL);
}

/* h11 = A^-1 B(q, q*), A being J, or of a map J - 1. */
static Status solve_h11(Hopf *h) {
  int64_t n = h->n;
  Arena *a = h->w->arena;
  double *x = ARENA_ARRAY(a, double, n), *y = ARENA_ARRAY(a, double, n);
  double *m = ARENA_ARRAY(a, double, n *n);
  Status st = second(h, h->a, h->a, x);
  if (st.code == STATUS_OK) st = second(h, h->b, h->b, y);
  memcpy(m, h->jac, (size_t)(n * n) * sizeof *m);
  for (int64_t i = 0; i < n; i++) {
    x[i] += y[i];
    if (h->w->factors) m[i * n + i] -= 1;
  }
  return st.code == STATUS_OK ? la_solve(n, 1, m, x, h->h11) : st;
}

/* h20 = (z - J)^-1 B(q, q) with z = 2 i omega, or of a map the eigenvalue squared. */
static Status solve_h20(Hopf *h) {
  int64_t n = h->n, m = 2 * n;
  Arena *a = h->w->arena;
  double *x = ARENA_ARRAY(a, double, n), *y = ARENA_ARRAY(a, double, n);
  double *rhs = ARENA_ARRAY(a, double, m), *sol = ARENA_ARRAY(a, double, m);
  double *big = ARENA_ARRAY(a, double, m *m);
  double zr = h->w->factors ? h->re * h->re - h->im * h->im : 0;
  double zi = h->w->factors ? 2 * h->re * h->im : 2 * h->im;
  Status st = second(h, h->a, h->a, x);
  if (st.code == STATUS_OK) st = second(h, h->b, h->b, y);
  if (st.code == STATUS_OK) st = second(h, h->a, h->b, rhs + n);
  for (int64_t i = 0; i < n; i++) {
    rhs[i] = x[i] - y[i];
    rhs[n + i] *= 2;
    for (int64_t j = 0; j < n; j++) {
      double entry = (i == j ? zr : 0) - h->jac[i * n + j];
      big[i * m + j] = big[(n + i) * m + n + j] = entry;
    }
    big[i * m + n + i] = -zi;
    big[(n + i) * m + i] = zi;
  }
  if (st.code == STATUS_OK) st = la_solve(m, 1, big, rhs, sol);
  memcpy(h->h20r, sol, (size_t)n * sizeof *sol);
  memcpy(h->h20i, sol + n, (size_t)n * sizeof *sol);
  return st;
}

/* Adds k times a second (third along z: third) derivative to `sum`. */
static Status add(const Hopf *h, double *sum, double k, const double *u, const double *v,
                  const double *z) {
  double *b = ARENA_ARRAY(h->w->arena, double, h->n), *c = ARENA_ARRAY(h->w->arena, double, h->n);
  Status st = curvature(h->w, h->p, u, v, z, b, c);
  for (int64_t i = 0; i < h->n; i++) sum[i] += k * (z ? c[i] : b[i]);
  return st;
}

/* C(q, q, q*) - 2 B(q, h11) + B(q*, h20) as a sum of real derivatives. */
static Status cubic_terms(const Hopf *h, double *re, double *im) {
  const double *a = h->a, *b = h->b, *c = h->h20r, *d = h->h20i;
  const struct {
    double *sum, k;
    const double *u, *v, *z;
  } terms[] = {
      {re, 1, a, a, a},       {re, 1, a, b, b},       {im, 1, a, a, b}, {im, 1, b, b, b},
      {re, -2, a, h->h11, 0}, {im, -2, b, h->h11, 0}, {re, 1, a, c, 0}, {re, 1, b, d, 0},
      {im, 1, a, d, 0},       {im, -1, b, c, 0},
  };
  Status st = STATUS_FINE;
  for (size_t i = 0; i < sizeof terms / sizeof *terms && st.code == STATUS_OK; i++)
    st = add(h, terms[i].sum, terms[i].k, terms[i].u, terms[i].v, terms[i].z);
  return st;
}

/* Kuznetsov (5.39) for flows, (5.74) for maps, with an eigenvector of unit norm. */
Status special_hopf(Walker *w, Special *s) {
  int64_t n = w->n, i = s->critical;
  Arena *a = w->arena;
  Hopf h = {.w = w, .p = &s->at, .n = n, .re = s->at.re[i], .im = fabs(s->at.im[i])};
  double **vectors[] = {&h.a, &h.b, &h.ca, &h.cb, &h.h11, &h.h20r, &h.h20i};
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    *vectors[k] = ARENA_ARRAY(a, double, n + 1);
  double *re = ARENA_ARRAY(a, double, n), *im = ARENA_ARRAY(a, double, n);
  h.jac = ARENA_ARRAY(a, double, n *n);
  Status st = jacobian_at(w, &s->at, h.jac);
  if (st.code == STATUS_OK) st = eigenvectors(&h);
  if (st.code == STATUS_OK) st = solve_h11(&h);
  if (st.code == STATUS_OK) st = solve_h20(&h);
  if (st.code == STATUS_OK) st = cubic_terms(&h, re, im);
  s->omega = w->factors ? atan2(h.im, h.re) : h.im;
  s->l1 = w->factors ? projected(&h, re, im, h.re, -h.im) / 2
                     : projected(&h, re, im, 1, 0) / (2 * h.im);
  return st;
}

/* ---- branch points --------------------------------------------------------------------------- */

/* The null vector of a square matrix: its last right singular vector, or left one. */
static Status null_vector(Walker *w, int64_t m, const double *mat, bool left, double *out) {
  double *u = ARENA_ARRAY(w->arena, double, m *m), *vt = ARENA_ARRAY(w->arena, double, m *m);
  double *s = ARENA_ARRAY(w->arena, double, m);
  Status st = la_svd(m, m, mat, u, s, vt);
  for (int64_t i = 0; i < m; i++) out[i] = left ? u[i * m + m - 1] : vt[(m - 1) * m + i];
  return st;
}

/* Kuznetsov, section 5.4, with an eigenvector of unit norm. */
Status special_flip(Walker *w, Special *s) {
  int64_t n = w->n;
  Arena *a = w->arena;
  double *q = ARENA_ARRAY(a, double, n + 1), *left = ARENA_ARRAY(a, double, n);
  double *h = ARENA_ARRAY(a, double, n + 1), *along_h = ARENA_ARRAY(a, double, n);
  double *second = ARENA_ARRAY(a, double, n), *third = ARENA_ARRAY(a, double, n);
  double *m = ARENA_ARRAY(a, double, n *n), product = 0, sum = 0;
  Status st = jacobian_at(w, &s->at, m);
  for (int64_t i = 0; i < n; i++) m[i * n + i] += 1;
  if (st.code == STATUS_OK) st = null_vector(w, n, m, false, q);
  if (st.code == STATUS_OK) st = null_vector(w, n, m, true, left);
  if (st.code == STATUS_OK) st = curvature(w, &s->at, q, q, q, second, third);
  for (int64_t i = 0; i < n; i++) m[i * n + i] -= 2;
  if (st.code == STATUS_OK) st = la_solve(n, 1, m, second, h);
  if (st.code == STATUS_OK) st = curvature(w, &s->at, q, h, NULL, along_h, NULL);
  for (int64_t i = 0; i < n; i++) {
    product += left[i] * q[i];
    sum += left[i] * (third[i] / 6 - along_h[i] / 2);
  }
  s->doubling = sum / product;
  return st;
}

/* With tangent t of one branch, v the other null vector of F's derivative and psi the left one, the
   directions of branches are t + k v with psi . (2 k F''(t, v) + k^2 F''(v, v)) = 0. */
Status special_crossing(Walker *w, const Special *s, double *t) {
  int64_t n = w->n, m = n + 1;
  double *v = ARENA_ARRAY(w->arena, double, m), *psi = ARENA_ARRAY(w->arena, double, m);
  double *tv = ARENA_ARRAY(w->arena, double, n), *vv = ARENA_ARRAY(w->arena, double, n);
  Status st = jacobian_at(w, &s->at, w->jac);
  branch_bordered(w->b, s->at.t, w->square);
  if (st.code == STATUS_OK) st = null_vector(w, m, w->square, false, v);
  if (st.code == STATUS_OK) st = null_vector(w, m, w->square, true, psi);
  for (int64_t i = 0; i < m; i++) v[i] *= w->b->scale[i];
  double length = sqrt(branch_dot(w->b, v, v)), c12 = 0, c22 = 0;
  for (int64_t i = 0; i < m; i++) v[i] /= length;
  if (st.code == STATUS_OK) st = curvature(w, &s->at, s->at.t, v, NULL, tv, NULL);
  if (st.code == STATUS_OK) st = curvature(w, &s->at, v, v, NULL, vv, NULL);
  for (int64_t i = 0; i < n; i++) {
    c12 += psi[i] * tv[i];
    c22 += psi[i] * vv[i];
  }
  length = hypot(c22, 2 * c12);
  for (int64_t i = 0; i < m; i++) t[i] = (2 * c12 * v[i] - c22 * s->at.t[i]) / length;
  if (!(length > 0)) return (Status){STATUS_SINGULAR, 0, -1, "the branches touch"};
  return st;
}
