/* collocate.c: see collocate.h. The unknowns of an interval are eliminated but for its first node,
   so that what is left is a ring of so many maps, whose product is the monodromy matrix. */
#include "num/collocate.h"

#include <math.h>
#include <string.h>

#include "num/lu.h"

enum { K = COLLOCATE_DEGREE };

/* ---- polynomials ----------------------------------------------------------------------------- */

/* Those of Lagrange with nodes at 0, 1/4, ... 1, and their derivatives, at s. */
static void polynomials(double s, double *value, double *slope) {
  for (int k = 0; k <= K; k++) {
    double product = 1, sum = 0;
    for (int i = 0; i <= K; i++) {
      if (i == k) continue;
      double part = K / (double)(k - i);
      for (int l = 0; l <= K; l++)
        if (l != k && l != i) part *= (K * s - l) / (k - l);
      product *= (K * s - i) / (k - i);
      sum += part;
    }
    value[k] = product;
    if (slope) slope[k] = sum;
  }
}

/* The rule of Gauss and Legendre with four points on [0, 1]. */
static double gauss_point(int c) {
  double near = sqrt(3.0 / 7 - 2.0 / 7 * sqrt(1.2)), far = sqrt(3.0 / 7 + 2.0 / 7 * sqrt(1.2));
  const double at[K] = {-far, -near, near, far};
  return (1 + at[c]) / 2;
}

static double gauss_weight(int c) {
  return (18 + (c == 1 || c == 2 ? sqrt(30) : -sqrt(30))) / 72;
}

Collocation *collocate_new(Arena *a, int64_t n, int64_t m, CollocateField *field, void *ctx) {
  Collocation *c = ARENA_NEW(a, Collocation);
  int64_t points = K * m, block = K * n;
  *c = (Collocation){.n = n, .m = m, .nodes = points, .field = field, .ctx = ctx};
  c->mesh = ARENA_ARRAY(a, double, m + 1);
  c->ring = ring_new(a, n, m, 2);
  c->phase = ARENA_ARRAY(a, double, points *n);
  c->x = ARENA_ARRAY(a, double, points *n);
  c->f = ARENA_ARRAY(a, double, points *n);
  c->jac = ARENA_ARRAY(a, double, points *n *n);
  c->by_p = ARENA_ARRAY(a, double, points *n);
  c->local = ARENA_ARRAY(a, double, m *block *block);
  c->pivot = ARENA_ARRAY(a, int, m *block);
  c->on = ARENA_ARRAY(a, double, m *(n + 2) * block);
  c->rest = ARENA_ARRAY(a, double, m *block);
  c->scratch = ARENA_ARRAY(a, double, points *n + 2);
  for (int64_t j = 0; j <= m; j++) c->mesh[j] = (double)j / (double)m;
  for (int i = 0; i < K; i++) polynomials(gauss_point(i), c->value[i], c->slope[i]);
  return c;
}

int64_t collocate_unknowns(const Collocation *c) {
  return c->nodes * c->n + 1;
}

static const double *node(const Collocation *c, const double *y, int64_t j, int k) {
  return y + (j * K + k) % c->nodes * c->n;
}

static double length(const Collocation *c, int64_t j) {
  return c->mesh[j + 1] - c->mesh[j];
}

/* The sum of the nodes of interval j with these factors. */
static void combine(const Collocation *c, const double *y, int64_t j, const double *factor,
                    double *out) {
  for (int64_t i = 0; i < c->n; i++) out[i] = 0;
  for (int k = 0; k <= K; k++) {
    const double *u = node(c, y, j, k);
    for (int64_t i = 0; i < c->n; i++) out[i] += factor[k] * u[i];
  }
}

/* ---- equations ------------------------------------------------------------------------------- */

void collocate_refer(Collocation *c, const double *motion) {
  int64_t n = c->n;
  double size = 0, *slope = c->f;
  memset(c->phase, 0, (size_t)(c->nodes * n) * sizeof *c->phase);
  for (int64_t j = 0; j < c->m; j++)
    for (int g = 0; g < K; g++) {
      combine(c, motion, j, c->slope[g], slope);
      for (int64_t i = 0; i < n; i++) {
        size += gauss_weight(g) * slope[i] * slope[i] / length(c, j);
        for (int k = 0; k <= K; k++)
          c->phase[(j * K + k) % c->nodes * n + i] += gauss_weight(g) * c->value[g][k] * slope[i];
      }
    }
  for (int64_t i = 0; i < c->nodes * n; i++) c->phase[i] /= sqrt(size);
}

/* x' / h = T f(x) at the Gauss points of interval j: what stands before its nodes 1 to 4. */
static bool factor_interval(Collocation *c, int64_t j, double period) {
  int64_t n = c->n, block = K * n;
  double *a = c->local + j * block * block;
  for (int g = 0; g < K; g++)
    for (int64_t i = 0; i < n; i++) {
      double *row = a + (g * n + i) * block;
      const double *jac = c->jac + ((j * K + g) * n + i) * n;
      for (int k = 1; k <= K; k++)
        for (int64_t l = 0; l < n; l++)
          row[(k - 1) * n + l] =
              (i == l ? c->slope[g][k] / length(c, j) : 0) - period * c->value[g][k] * jac[l];
    }
  return lu_factor(block, a, c->pivot + j * block);
}

static void solve_interval(const Collocation *c, int64_t j, double *x) {
  int64_t block = K * c->n;
  lu_solve(block, c->local + j * block * block, c->pivot + j * block, x);
}

/* How its nodes 1 to 4 go with node 0, the period and p; the last of them is the ring's. */
static void eliminate_interval(Collocation *c, int64_t j, double period) {
  int64_t n = c->n, block = K * n;
  double *on = c->on + j * (n + 2) * block;
  for (int g = 0; g < K; g++)
    for (int64_t i = 0; i < n; i++) {
      int64_t point = (j * K + g) * n + i, row = g * n + i;
      for (int64_t l = 0; l < n; l++)
        on[l * block + row] = period * c->value[g][0] * c->jac[point * n + l] -
                              (i == l ? c->slope[g][0] / length(c, j) : 0);
      on[n * block + row] = c->f[point];
      on[(n + 1) * block + row] = period * c->by_p[point];
    }
  for (int64_t l = 0; l < n + 2; l++) solve_interval(c, j, on + l * block);
  for (int64_t i = 0; i < n; i++) {
    for (int64_t l = 0; l < n; l++)
      c->ring.g[(j * n + i) * n + l] = on[l * block + (K - 1) * n + i];
    for (int64_t l = 0; l < 2; l++)
      c->ring.e[(j * n + i) * 2 + l] = on[(n + l) * block + (K - 1) * n + i];
  }
}

static double trace_of(const Collocation *c, int64_t j) {
  double sum = 0;
  for (int g = 0; g < K; g++)
    for (int64_t i = 0; i < c->n; i++)
      sum += gauss_weight(g) * length(c, j) * c->jac[((j * K + g) * c->n + i) * c->n + i];
  return sum;
}

Status collocate_evaluate(Collocation *c, const double *y, double *f) {
  int64_t n = c->n, all = c->nodes * n;
  double period = y[all];
  for (int64_t j = 0; j < c->m; j++)
    for (int g = 0; g < K; g++) combine(c, y, j, c->value[g], c->x + (j * K + g) * n);
  Status st = c->field(c->ctx, y[all + 1], c->x, c->f, c->jac, c->by_p);
  if (st.code != STATUS_OK) return st;
  c->trace = f[all] = 0;
  for (int64_t j = 0; j < c->m; j++) {
    for (int g = 0; g < K; g++) {
      double *out = f + (j * K + g) * n;
      combine(c, y, j, c->slope[g], out);
      for (int64_t i = 0; i < n; i++)
        out[i] = out[i] / length(c, j) - period * c->f[(j * K + g) * n + i];
    }
    if (!factor_interval(c, j, period))
      return (Status){STATUS_SINGULAR, 0, -1, "the equations of an interval are singular"};
    eliminate_interval(c, j, period);
    c->trace += period * trace_of(c, j);
  }
  for (int64_t i = 0; i < all; i++) f[all] += c->phase[i] * y[i];
  return STATUS_FINE;
}

/* ---- solution -------------------------------------------------------------------------------- */

/* Border row i of the ring from a row by all nodes, period and p. */
static void reduce_row(Collocation *c, int64_t i, const double *nodes, const double *ends,
                       double rhs) {
  int64_t n = c->n, block = K * n, all = c->m * n;
  double *out = c->ring.rows + i * (all + 2);
  memset(out, 0, (size_t)(all + 2) * sizeof *out);
  memcpy(out + all, ends, 2 * sizeof *out);
  for (int64_t j = 0; j < c->m; j++) {
    const double *row = nodes + j * block, *inner = row + n;
    const double *on = c->on + j * (n + 2) * block, *rest = c->rest + j * block;
    for (int64_t l = 0; l < n; l++) out[j * n + l] += row[l];
    for (int64_t s = 0; s < block - n; s++) {
      for (int64_t l = 0; l < n + 2; l++)
        out[l < n ? j * n + l : all + l - n] += inner[s] * on[l * block + s];
      rhs -= inner[s] * rest[s];
    }
  }
  c->ring.rhs[i] = rhs;
}

/* Nodes from those at the starts of intervals, [m n], period and p. */
static void spread(const Collocation *c, const double *u, double *s) {
  int64_t n = c->n, block = K * n;
  const double *e = u + c->m * n;
  for (int64_t j = 0; j < c->m; j++) {
    const double *on = c->on + j * (n + 2) * block, *rest = c->rest + j * block;
    memcpy(s + j * block, u + j * n, (size_t)n * sizeof *s);
    for (int64_t i = 0; i < block - n; i++) {
      double sum = rest[i];
      for (int64_t l = 0; l < n + 2; l++)
        sum += on[l * block + i] * (l < n ? u[j * n + l] : e[l - n]);
      s[j * block + n + i] = sum;
    }
  }
  memcpy(s + c->nodes * n, e, 2 * sizeof *s);
}

bool collocate_solve(Collocation *c, const double *row, double *s) {
  int64_t n = c->n, block = K * n, all = c->nodes * n;
  static const double none[2] = {0, 0};
  memcpy(c->rest, s, (size_t)all * sizeof *s);
  for (int64_t j = 0; j < c->m; j++) {
    solve_interval(c, j, c->rest + j * block);
    memcpy(c->ring.r + j * n, c->rest + (j * K + K - 1) * n, (size_t)n * sizeof *s);
  }
  reduce_row(c, 0, c->phase, none, s[all]);
  reduce_row(c, 1, row, row + all, s[all + 1]);
  if (!ring_solve(&c->ring, c->scratch)) return false;
  spread(c, c->scratch, s);
  return true;
}

/* ---- along the orbit ------------------------------------------------------------------------- */

static int64_t interval_of(const Collocation *c, double time) {
  int64_t low = 0, high = c->m;
  while (high - low > 1) {
    int64_t mid = (low + high) / 2;
    if (c->mesh[mid] <= time)
      low = mid;
    else
      high = mid;
  }
  return low;
}

void collocate_at(const Collocation *c, const double *y, double time, double *x) {
  double value[K + 1];
  int64_t j = interval_of(c, time);
  polynomials((time - c->mesh[j]) / length(c, j), value, NULL);
  combine(c, y, j, value, x);
}

/* The largest value of the parabola through three numbers, if it is the middle that is largest. */
static double crest(double a, double b, double d) {
  double bend = a - 2 * b + d;
  if (!(b >= a && b >= d) || bend == 0) return fmax(b, fmax(a, d));
  return b - (a - d) * (a - d) / (8 * bend);
}

void collocate_range(const Collocation *c, const double *y, double *low, double *high) {
  enum { PARTS = 32 };
  double value[PARTS + 1][K + 1], x[PARTS + 1];
  for (int s = 0; s <= PARTS; s++) polynomials((double)s / PARTS, value[s], NULL);
  for (int64_t i = 0; i < c->n; i++) {
    low[i] = INFINITY, high[i] = -INFINITY;
    for (int64_t j = 0; j < c->m; j++) {
      for (int s = 0; s <= PARTS; s++) {
        x[s] = 0;
        for (int k = 0; k <= K; k++) x[s] += value[s][k] * node(c, y, j, k)[i];
      }
      for (int s = 1; s < PARTS; s++) {
        high[i] = fmax(high[i], crest(x[s - 1], x[s], x[s + 1]));
        low[i] = fmin(low[i], -crest(-x[s - 1], -x[s], -x[s + 1]));
      }
    }
  }
}

/* ---- meshes ---------------------------------------------------------------------------------- */

/* The fourth derivative of interval j, the highest that the polynomials have. */
static void highest(const Collocation *c, const double *y, int64_t j, double *out) {
  static const double differences[K + 1] = {1, -4, 6, -4, 1};
  double h4 = pow(length(c, j) / K, -K);
  combine(c, y, j, differences, out);
  for (int64_t i = 0; i < c->n; i++) out[i] *= h4;
}

/* The size of the fifth derivative between intervals j and j + 1. */
static double fifth(const Collocation *c, const double *y, int64_t j) {
  int64_t next = (j + 1) % c->m;
  double *a = c->scratch, *b = a + c->n, most = 0;
  highest(c, y, j, a);
  highest(c, y, next, b);
  for (int64_t i = 0; i < c->n; i++) most = fmax(most, fabs(b[i] - a[i]));
  return 2 * most / (length(c, j) + length(c, next));
}

/* The error of an interval goes with h^5 |x^(5)|: equal where the integral of |x^(5)|^(1/5) is. */
void collocate_mesh(const Collocation *c, const double *y, double *mesh) {
  int64_t m = c->m, j = 0;
  double *density = c->rest, total = 0, sum = 0;
  for (int64_t i = 0; i < m; i++)
    density[i] =
        pow((fifth(c, y, (i + m - 1) % m) + fifth(c, y, i)) / 2, 1.0 / (COLLOCATE_DEGREE + 1));
  for (int64_t i = 0; i < m; i++) total += density[i] * length(c, i);
  for (int64_t i = 0; i < m; i++) density[i] += total / 4; /* no interval is very long */
  total *= 1.25;
  if (!(total > 0) || !isfinite(total)) {
    memcpy(mesh, c->mesh, (size_t)(m + 1) * sizeof *mesh);
    return;
  }
  mesh[0] = 0;
  for (int64_t i = 1; i < m; i++) {
    double want = total * (double)i / (double)m;
    while (j < m - 1 && sum + density[j] * length(c, j) < want) {
      sum += density[j] * length(c, j);
      j++;
    }
    mesh[i] = c->mesh[j] + (want - sum) / density[j];
  }
  mesh[m] = 1;
}

void collocate_transfer(Collocation *c, const double *mesh, double *y) {
  int64_t n = c->n;
  double *out = c->scratch;
  for (int64_t j = 0; j < c->m; j++)
    for (int k = 0; k < K; k++) {
      double time = mesh[j] + (mesh[j + 1] - mesh[j]) * k / K;
      collocate_at(c, y, time, out + (j * K + k) * n);
    }
  memcpy(y, out, (size_t)(c->nodes * n) * sizeof *y);
}
