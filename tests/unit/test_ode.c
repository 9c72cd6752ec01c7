/* Integrators: order conditions, orders of convergence, the Toronto problems, dense output, stops,
   failures. */
#include "check.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf.h>
#include <stdlib.h>

#include "num/gsl_glue.h"
#include "num/ode.h"

/* -- Order conditions: Butcher's, one for each rooted tree (Hairer, Norsett & Wanner I, theorem
   II.2.13). A tree with n vertices is a sequence of parents, parent[i] < i. Sequences that describe
   the same tree give the same condition, so nothing is lost by looking at all of them. */

enum { MAX_ORDER = 8, MAX_STAGES = 13 };

/* Weights of the subtree at v for each stage: product over children of sum_j a_ij weight_j. */
static void subtree(const Tableau *m, int n, const int *parent, int v, double *weight) {
  for (int i = 0; i < m->stages; i++) weight[i] = 1;
  for (int child = v + 1; child < n; child++) {
    if (parent[child] != v) continue;
    double below[MAX_STAGES];
    subtree(m, n, parent, child, below);
    for (int i = 0; i < m->stages; i++) {
      double sum = 0;
      for (int j = 0; j < m->stages; j++) sum += m->a[i * m->stages + j] * below[j];
      weight[i] *= sum;
    }
  }
}

static double density(int n, const int *parent) {
  int size[MAX_ORDER];
  double product = 1;
  for (int v = n - 1; v >= 0; v--) {
    size[v] = 1;
    for (int child = v + 1; child < n; child++)
      if (parent[child] == v) size[v] += size[child];
    product *= size[v];
  }
  return product;
}

/* Largest defect over all trees with n vertices of sum b_i weight_i = 1 / density. */
static double worst_defect(const Tableau *m, const double *b, int n) {
  int parent[MAX_ORDER] = {0};
  double worst = 0;
  for (;;) {
    double weight[MAX_STAGES], sum = 0;
    subtree(m, n, parent, 0, weight);
    for (int i = 0; i < m->stages; i++) sum += b[i] * weight[i];
    worst = fmax(worst, fabs(sum - 1 / density(n, parent)));
    int v = n - 1; /* the next sequence, as a counter with digit v below v; 0 stays the root */
    while (v > 0 && parent[v] == v - 1) parent[v--] = 0;
    if (v <= 0) return worst;
    parent[v]++;
  }
}

static void test_order_conditions(void) {
  for (int i = 0; tableau_at(i); i++) {
    const Tableau *m = tableau_at(i);
    for (int n = 1; n <= m->order; n++)
      CHECK(worst_defect(m, m->b, n) < 1e-12, "%s, trees with %d vertices: %g", m->name, n,
            worst_defect(m, m->b, n));
    if (m->order < MAX_ORDER)
      CHECK(worst_defect(m, m->b, m->order + 1) > 1e-4, "%s is better than its order", m->name);
    for (int s = 0; s < m->stages; s++) {
      double sum = 0;
      for (int j = 0; j < s; j++) sum += m->a[s * m->stages + j];
      CHECK_NEAR(m->c[s], sum, 2e-14, "%s, row %d", m->name, s);
      if (m->fsal) CHECK(m->a[(m->stages - 1) * m->stages + s] == m->b[s], "%s: fsal", m->name);
    }
    double sum = 0;
    for (int s = 0; m->e && s < m->stages; s++) sum += m->e[s];
    CHECK_NEAR(sum, 0, 1e-14, "%s: weights of the error", m->name);
    CHECK(m->doc && *m->doc && tableau_find(m->name) == m, "%s", m->name);
  }
}

/* -- Problems. */

typedef struct Problem {
  const char *name;
  int n;
  double t1, start[3], end[3]; /* at t1 */
  Status (*rhs)(void *ctx, double t, const double *y, double *dydt);
} Problem;

#define RHS(name)                                                       \
  static Status name(void *ctx, double t, const double *y, double *f) { \
    (void)ctx;                                                          \
    (void)t;                                                            \
    name##_rhs;                                                         \
    return STATUS_FINE;                                                 \
  }

#define a1_rhs f[0] = -y[0]
#define a2_rhs f[0] = -y[0] * y[0] * y[0] / 2
#define a3_rhs f[0] = y[0] * cos(t)
#define a4_rhs f[0] = y[0] / 4 * (1 - y[0] / 20)
#define a5_rhs f[0] = (y[0] - t) / (y[0] + t)
#define b1_rhs f[0] = 2 * (y[0] - y[0] * y[1]), f[1] = -(y[1] - y[0] * y[1])
#define b2_rhs f[0] = -y[0] + y[1], f[1] = y[0] - 2 * y[1] + y[2], f[2] = y[1] - y[2]
#define b3_rhs f[0] = -y[0], f[1] = y[0] - y[1] * y[1], f[2] = y[1] * y[1]
#define b4_rhs                  \
  double s = hypot(y[0], y[1]); \
  f[0] = -y[1] - y[0] * y[2] / s, f[1] = y[0] - y[1] * y[2] / s, f[2] = y[0] / s
#define b5_rhs f[0] = y[1] * y[2], f[1] = -y[0] * y[2], f[2] = -0.51 * y[0] * y[1]
#define e1_rhs f[0] = y[1], f[1] = -(y[1] / (t + 1) + (1 - 0.25 / ((t + 1) * (t + 1))) * y[0])
#define e2_rhs f[0] = y[1], f[1] = (1 - y[0] * y[0]) * y[1] - y[0]
#define e3_rhs f[0] = y[1], f[1] = y[0] * y[0] * y[0] / 6 - y[0] + 2 * sin(2.78535 * t)
#define e4_rhs f[0] = y[1], f[1] = 0.032 - 0.4 * y[1] * y[1]
RHS(a1)
RHS(a2)
RHS(a3)
RHS(a4)
RHS(a5)
RHS(b1)
RHS(b2)
RHS(b3)
RHS(b4)
RHS(b5)
RHS(e1)
RHS(e2)
RHS(e3)
RHS(e4)

/* The non-stiff test set of Toronto (Hull, Enright, Fellen & Sedgwick 1972, SIAM J. Numer. Anal. 9,
   603; Enright & Pryce 1987, ACM TOMS 13, 28). End values as distributed with DVODE_F90. */
static const Problem toronto[] = {
    {"A1", 1, 20, {1}, {2.061153353012535e-09}, a1},
    {"A2", 1, 20, {1}, {2.182178902359887e-01}, a2},
    {"A3", 1, 20, {1}, {2.491650271850414}, a3},
    {"A4", 1, 20, {1}, {17.73016648131483}, a4},
    {"A5", 1, 20, {4}, {-0.7887826688964196}, a5},
    {"B1", 2, 20, {1, 3}, {0.6761876008576667, 0.1860816099640036}, b1},
    {"B2", 3, 20, {2, 0, 1}, {1.000000001030576, 1, 0.9999999989694235}, b2},
    {"B3", 3, 20, {1, 0, 0}, {2.061153488557776e-09, 0.05257228022048349, 0.9474277177183630}, b3},
    {"B4", 3, 20, {3, 0, 0}, {0.9826950928005993, 2.198447081694832, 0.9129452507276399}, b4},
    {"B5", 3, 20, {0, 1, 1}, {-0.9396570798729192, -0.3421177754000779, 0.7414126596199957}, b5},
    {"E1",
     2,
     20,
     {0.79788456080286536 * 0.84147098480789651, 0.79788456080286536 * 0.11956681346419146},
     {0.1456723600728308, -0.09883500195574063},
     e1},
    {"E2", 2, 20, {2, 0}, {2.008149762174948, -0.04250887527320057}, e2},
    {"E3", 2, 20, {0, 0}, {-0.1004178858647128, 0.2411400132095954}, e3},
    {"E4", 2, 20, {30, 0}, {33.95091444646555, 0.2767822659672869}, e4},
};
enum { PROBLEMS = sizeof toronto / sizeof toronto[0] };

/* Central differences: good enough for the Jacobian of any problem here. */
static Status numeric_jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  const Problem *q = ctx;
  double up[3], down[3], x[3];
  for (int j = 0; j < q->n; j++) {
    double h = 1e-6 * fmax(1, fabs(y[j]));
    memcpy(x, y, (size_t)q->n * sizeof *x);
    x[j] = y[j] + h;
    q->rhs(NULL, t, x, up);
    x[j] = y[j] - h;
    q->rhs(NULL, t, x, down);
    for (int i = 0; i < q->n; i++) dfdy[i * q->n + j] = (up[i] - down[i]) / (2 * h);
  }
  q->rhs(NULL, t + 1e-6, y, up);
  q->rhs(NULL, t - 1e-6, y, down);
  for (int i = 0; i < q->n; i++) dfdt[i] = (up[i] - down[i]) / 2e-6;
  return STATUS_FINE;
}

static OdeProblem problem(const Problem *q) {
  return (OdeProblem){q->n, q->rhs, numeric_jac, (void *)(uintptr_t)q};
}

static double largest_error(const Problem *q, const double *y) {
  double worst = 0;
  for (int i = 0; i < q->n; i++) worst = fmax(worst, fabs(y[i] - q->end[i]));
  return worst;
}

static Status run(const Stepper *s, const Problem *q, const OdeOptions *o, double *y,
                  OdeStats *stats) {
  OdeProblem p = problem(q);
  double t = 0;
  memcpy(y, q->start, sizeof q->start);
  Status st = s->solve(s, &p, o, &t, q->t1, y, NULL, stats);
  CHECK(st.code || t == q->t1, "%s on %s ends at %.17g", s->name, q->name, t);
  return st;
}

static void test_toronto(void) {
  const Stepper *s = stepper_find("dop853");
  OdeOptions o = {.rtol = 1e-12, .atol = 1e-14};
  for (int i = 0; i < PROBLEMS; i++) {
    double y[3];
    Status st = run(s, &toronto[i], &o, y, NULL);
    CHECK(st.code == STATUS_OK, "%s: code %d at %g", toronto[i].name, st.code, st.t);
    for (int j = 0; j < toronto[i].n; j++)
      CHECK_NEAR(y[j], toronto[i].end[j], 1e-9, "%s, component %d", toronto[i].name, j);
  }
}

/* -- Orders of convergence. Three problems with an explicit solution: the slope of the error
   between two step sizes (fixed), and the error against the tolerance (adaptive). */

static Status decay(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  f[0] = -2 * t * y[0];
  return STATUS_FINE;
}
static Status turn(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = y[1];
  f[1] = -y[0];
  return STATUS_FINE;
}
static Status logistic(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = y[0] * (1 - y[0]);
  return STATUS_FINE;
}

static const Problem solved[] = {
    {"exp(-t^2)", 1, 1.5, {1}, {0.10539922456186433}, decay},
    {"turn", 2, 2, {0, 1}, {0.90929742682568170, -0.41614683654714239}, turn},
    {"logistic", 1, 3, {0.1}, {0.6905678577030157}, logistic},
};
enum { SOLVED = sizeof solved / sizeof solved[0] };

static double fixed_error(const Tableau *m, const Problem *q, int64_t steps) {
  OdeProblem p = problem(q);
  double y[3];
  memcpy(y, q->start, sizeof y);
  Status st = ode_fixed(m, &p, 0, q->t1 / (double)steps, steps, y);
  CHECK(st.code == STATUS_OK, "%s", m->name);
  return largest_error(q, y);
}

static void test_fixed_orders(void) {
  for (int i = 0; tableau_at(i); i++)
    for (int j = 0; j < SOLVED; j++) {
      const Tableau *m = tableau_at(i);
      int64_t steps = m->order <= 2 ? 400 : m->order <= 4 ? 80 : m->order == 5 ? 24 : 8;
      double slope =
          log2(fixed_error(m, &solved[j], steps) / fixed_error(m, &solved[j], 2 * steps));
      CHECK(slope > m->order - 0.6 && slope < m->order + 1.3, "%s on %s: order %.2f", m->name,
            solved[j].name, slope);
    }
}

static void test_fixed_stepper(void) {
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_FIXED) || !s->solve) continue;
    double y[3], z[3];
    OdeOptions o = {.h0 = 2. / 64};
    CHECK(run(s, &solved[1], &o, y, NULL).code == STATUS_OK, "%s", s->name);
    OdeProblem p = problem(&solved[1]);
    memcpy(z, solved[1].start, sizeof z);
    ode_fixed(tableau_find(s->name), &p, 0, 2. / 64, 64, z);
    CHECK_NEAR(y[0], z[0], 1e-14, "%s", s->name);
    OdeOptions none = {.rtol = 1};
    CHECK(run(s, &solved[1], &none, y, NULL).code == STATUS_INVALID, "%s without a step", s->name);
  }
}

/* The error falls with the tolerance, for every method and problem. */
static void test_adaptive(void) {
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_ADAPTIVE)) continue;
    for (int j = 0; j < SOLVED; j++)
      for (double rtol = 1e-4; rtol > 1e-9; rtol /= 100) {
        double y[3];
        OdeOptions o = {.rtol = rtol, .atol = rtol};
        OdeStats stats = {0};
        Status st = run(s, &solved[j], &o, y, &stats);
        CHECK(st.code == STATUS_OK, "%s on %s: code %d at %g", s->name, solved[j].name, st.code,
              st.t);
        CHECK(largest_error(&solved[j], y) < 100 * rtol, "%s on %s at %g: error %g", s->name,
              solved[j].name, rtol, largest_error(&solved[j], y));
        CHECK(stats.steps > 0 && stats.rhs >= stats.steps, "%s", s->name);
        CHECK(!(s->flags & STEPPER_NEEDS_JAC) || stats.jac > 0, "%s", s->name);
      }
  }
}

/* -- Values between steps. */

typedef struct Seen {
  int64_t rows;
  double worst, last;
} Seen;

static bool see_sine(void *ctx, int64_t k, double t, const double *y) {
  Seen *seen = ctx;
  seen->rows += k == seen->rows;
  seen->worst = fmax(seen->worst, fmax(fabs(y[0] - sin(t)), fabs(y[1] - cos(t))));
  seen->last = t;
  return true;
}

static void test_rows(void) {
  enum { N = 401 };
  double times[N];
  for (int k = 0; k < N; k++) times[k] = 0.05 * k;
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_ADAPTIVE)) continue;
    OdeProblem p = problem(&solved[1]);
    OdeOptions o = {.rtol = 1e-8, .atol = 1e-8};
    double t = 0, y[2] = {0, 1};
    Seen seen = {0};
    Status st = ode_solve(s, &p, &o, &t, y, times, N, see_sine, &seen, NULL);
    CHECK(st.code == STATUS_OK && t == times[N - 1], "%s: code %d at %g", s->name, st.code, t);
    CHECK(seen.rows == N && seen.last == times[N - 1], "%s: %d rows", s->name, (int)seen.rows);
    CHECK(seen.worst < 5e-5, "%s: %g between steps", s->name, seen.worst);
  }
}

/* Order of the interpolant itself: the error in the middle of one step of h, against h. */
typedef struct Middle {
  double error, h;
} Middle;

static OdeAction look_inside(void *ctx, const OdeStep *s, double *t, double *y) {
  Middle *m = ctx;
  (void)t;
  (void)y;
  double z[2];
  m->h = s->t1 - s->t0;
  for (double x = 0; x <= 1; x += 0.125) {
    double at = s->t0 + x * m->h;
    s->dense(s, at, z);
    m->error = fmax(m->error, fmax(fabs(z[0] - sin(at)), fabs(z[1] - cos(at))));
  }
  return ODE_STOP;
}

static double middle_error(const Stepper *s, double h) {
  OdeProblem p = problem(&solved[1]);
  OdeOptions o = {.rtol = 1e3, .atol = 1e3, .h0 = h};
  OdeObserver obs;
  Middle m = {0};
  double t = 0, y[2] = {0, 1};
  obs = (OdeObserver){look_inside, &m};
  s->solve(s, &p, &o, &t, 10, y, &obs, NULL);
  CHECK_NEAR(m.h, h, 1e-12, "%s", s->name);
  return m.error;
}

static void test_interpolants(void) {
  static const struct {
    const char *name;
    double h, order; /* of the error of a single step */
  } rows[] = {{"bs23", 0.1, 4}, {"dopri5", 0.2, 5}, {"dop853", 0.4, 8}, {"rodas4", 0.05, 4}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const Stepper *s = stepper_find(rows[i].name);
    double slope = log2(middle_error(s, rows[i].h) / middle_error(s, rows[i].h / 2));
    CHECK(slope > rows[i].order - 0.3, "%s: order %.2f inside a step", s->name, slope);
  }
}

/* -- Edges: y' = 1 before 1/3, 100 from there on, 0 from 2/3 on; t is watched. */

typedef struct Edges {
  bool crossed;
  int64_t calls;
} Edges;

static Status stairs(void *ctx, double t, const double *y, double *f) {
  Edges *e = ctx;
  (void)y;
  e->calls++;
  f[0] = t < 1. / 3 ? 1 : t < 2. / 3 ? 100 : 0;
  return STATUS_FINE;
}

static OdeAction watch_edges(void *ctx, const OdeStep *s, double *t, double *y) {
  Edges *e = ctx;
  (void)t;
  (void)y;
  for (int k = 1; k <= 2; k++)
    if (s->t0 < k / 3. && s->t1 > k / 3.) e->crossed = true;
  return ODE_GO;
}

static void test_stops(void) {
  const double stops[] = {1. / 3, 2. / 3};
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!s->solve || (s->flags & STEPPER_NEEDS_JAC)) continue;
    Edges e = {0};
    OdeProblem p = {1, stairs, NULL, &e};
    OdeOptions o = {.rtol = 1e-9, .atol = 1e-9, .stops = stops, .nstops = 2};
    if (s->flags & STEPPER_FIXED) o.h0 = 0.01;
    OdeObserver obs = {watch_edges, &e};
    double t = 0, y = 0;
    Status st = s->solve(s, &p, &o, &t, 1, &y, &obs, NULL);
    CHECK(st.code == STATUS_OK && t == 1, "%s: code %d", s->name, st.code);
    CHECK(!e.crossed, "%s crosses an edge", s->name);
    CHECK_NEAR(y, 101. / 3, 1e-12, "%s", s->name);
    CHECK(s->flags & STEPPER_FIXED || e.calls < 400, "%s: %d calls", s->name, (int)e.calls);
  }
}

/* An edge at the very end is the next run's business; atol may be 0. */
static Status over_at_one(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  f[0] = t < 1 ? -y[0] : NAN;
  f[1] = 0;
  return STATUS_FINE;
}

static void test_edge_at_end(void) {
  const double stop = 1;
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_ADAPTIVE) || (s->flags & STEPPER_NEEDS_JAC)) continue;
    OdeProblem p = {2, over_at_one, NULL, NULL};
    OdeOptions o = {.rtol = 1e-8, .atol = 0, .stops = &stop, .nstops = 1};
    if (!(s->flags & STEPPER_DENSE)) o.atol = 1e-12;
    double t = 0, y[2] = {1, 0};
    Status st = s->solve(s, &p, &o, &t, 1, y, NULL, NULL);
    CHECK(st.code == STATUS_OK && t == 1, "%s: code %d", s->name, st.code);
    CHECK_NEAR(y[0], exp(-1), 1e-6, "%s", s->name);
  }
}

/* -- The observer. */

static OdeAction reset_at_one(void *ctx, const OdeStep *s, double *t, double *y) {
  int *resets = ctx;
  if (s->y1[0] < 1) return ODE_GO;
  double low = s->t0, high = s->t1, z;
  for (int i = 0; i < 60; i++) {
    double middle = (low + high) / 2;
    s->dense(s, middle, &z);
    *(z < 1 ? &low : &high) = middle;
  }
  *t = high;
  y[0] = 0;
  return ++*resets == 3 ? ODE_STOP : ODE_RESTART;
}

static Status leak(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = 1.5 - y[0];
  return STATUS_FINE;
}

/* A leaky unit that is reset at 1: its period is log(1.5 / 0.5). */
static void test_observer(void) {
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_ADAPTIVE) || (s->flags & STEPPER_NEEDS_JAC)) continue;
    OdeProblem p = {1, leak, NULL, NULL};
    OdeOptions o = {.rtol = 1e-9, .atol = 1e-9};
    int resets = 0;
    OdeObserver obs = {reset_at_one, &resets};
    double t = 0, y = 0;
    Status st = s->solve(s, &p, &o, &t, 100, &y, &obs, NULL);
    CHECK(st.code == STATUS_OK && resets == 3 && y == 0, "%s: code %d", s->name, st.code);
    CHECK_NEAR(t, 3 * log(3), 1e-5, "%s", s->name);
  }
}

/* -- What goes wrong. */

static Status nan_after_half(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  f[0] = -y[0];
  f[1] = t > 0.5 ? NAN : 1;
  return STATUS_FINE;
}
static Status blow_up(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = 1;
  f[1] = y[1] * y[1];
  return STATUS_FINE;
}
static Status blow_jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  (void)ctx;
  (void)t;
  memset(dfdy, 0, 4 * sizeof *dfdy);
  dfdy[3] = 2 * y[1];
  dfdt[0] = dfdt[1] = 0;
  return STATUS_FINE;
}
static Status nan_jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  (void)ctx;
  (void)t;
  (void)y;
  const double jac[4] = {-1, 0, 0, 0};
  memcpy(dfdy, jac, sizeof jac);
  dfdt[0] = dfdt[1] = 0;
  return STATUS_FINE;
}
static Status cancelled(void *ctx, double t, const double *y, double *f) {
  int *calls = ctx;
  (void)y;
  f[0] = f[1] = 1;
  return ++*calls > 50 ? (Status){STATUS_CANCELLED, t, -1, NULL} : STATUS_FINE;
}
static Status root(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = 1 / (2 * y[0]);
  return STATUS_FINE;
}

static void test_failures(void) {
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_ADAPTIVE)) continue;
    OdeOptions o = {.rtol = 1e-6, .atol = 1e-9};
    double t = 0, y[2] = {1, 0};
    OdeProblem p = {2, nan_after_half, nan_jac, NULL};
    Status st = s->solve(s, &p, &o, &t, 1, y, NULL, NULL);
    CHECK(st.code == STATUS_NONFINITE && st.index == 1, "%s: code %d, component %d", s->name,
          st.code, (int)st.index);
    CHECK(fabs(st.t - 0.5) < 0.01 && t <= 0.5 && t > 0.4, "%s: at %g, %g", s->name, st.t, t);
    CHECK_NEAR(y[0], exp(-t), 1e-4, "%s: the last good state", s->name);

    p = (OdeProblem){2, blow_up, blow_jac, NULL};
    t = 0, y[0] = 0, y[1] = 1;
    st = s->solve(s, &p, &o, &t, 2, y, NULL, NULL);
    CHECK(st.code == STATUS_DIVERGES && st.index == 1, "%s: code %d, component %d", s->name,
          st.code, (int)st.index);
    CHECK(fabs(st.t - 1) < 0.01, "%s: at %.17g", s->name, st.t);
    CHECK(st.what && strcmp(st.what, "grows without bound") == 0, "%s", s->name);

    int calls = 0;
    p = (OdeProblem){2, cancelled, nan_jac, &calls};
    t = 0;
    o.hmax = 0.01;
    st = s->solve(s, &p, &o, &t, 10, y, NULL, NULL);
    CHECK(st.code == STATUS_CANCELLED, "%s: code %d", s->name, st.code);

    o.max_steps = 5;
    calls = -100000;
    st = s->solve(s, &p, &o, &t, 10, y, NULL, NULL);
    CHECK(st.code == STATUS_TOO_MANY_STEPS, "%s: code %d", s->name, st.code);
  }
}

/* A start that has no derivative, a state that leaves the domain, methods that cannot run. */
static void test_refusals(void) {
  OdeOptions o = {.rtol = 1e-6, .atol = 1e-9};
  const double one = 1;
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    double t = 0, y = 0;
    OdeProblem p = {1, root, NULL, NULL};
    Status st = ode_solve(s, &p, &o, &t, &y, &one, 1, see_sine, NULL, NULL);
    if (!s->solve || (s->flags & STEPPER_NEEDS_JAC))
      CHECK(st.code == STATUS_INVALID && st.what, "%s: code %d", s->name, st.code);
    else if (s->flags & STEPPER_ADAPTIVE)
      CHECK(st.code == STATUS_NONFINITE && st.index == 0 && st.t == 0, "%s: code %d", s->name,
            st.code);
    CHECK(s->doc && *s->doc && stepper_find(s->name) == s, "%s", s->name);
  }
  CHECK(!stepper_find("rk5000") && !tableau_find("dop"), "unknown names");
}

/* GSL's errors come back as values with their reason, and its own handler is put back at the end.
 */
static void test_glue(void) {
  gsl_glue_install();
  Status st = TRY_GSL(gsl_sf_lnfact_e(3, &(gsl_sf_result){0}));
  CHECK(st.code == STATUS_OK, "code %d", st.code);
  st = TRY_GSL(gsl_sf_log_e(-1, &(gsl_sf_result){0}));
  CHECK(st.code == STATUS_INVALID && st.what && *st.what, "code %d", st.code);
  st = TRY_GSL(GSL_ESING);
  CHECK(st.code == STATUS_SINGULAR && st.what, "code %d", st.code);
  gsl_glue_restore();
}

/* -- Stiff problems: the Test Set for IVP Solvers, release 2.4 (Mazzia & Magherini 2008). */

static Status robertson(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = -0.04 * y[0] + 1e4 * y[1] * y[2];
  f[2] = 3e7 * y[1] * y[1];
  f[1] = -f[0] - f[2];
  return STATUS_FINE;
}
static Status robertson_jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  (void)ctx;
  (void)t;
  const double j[9] = {-0.04,       1e4 * y[2], 1e4 * y[1], 0.04, -1e4 * y[2] - 6e7 * y[1],
                       -1e4 * y[1], 0,          6e7 * y[1], 0};
  memcpy(dfdy, j, sizeof j);
  memset(dfdt, 0, 3 * sizeof *dfdt);
  return STATUS_FINE;
}
static Status stiff_vdp(void *ctx, double t, const double *y, double *f) {
  (void)ctx;
  (void)t;
  f[0] = y[1];
  f[1] = 1000 * (1 - y[0] * y[0]) * y[1] - y[0];
  return STATUS_FINE;
}
static Status stiff_vdp_jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  (void)ctx;
  (void)t;
  const double j[4] = {0, 1, -2000 * y[0] * y[1] - 1, 1000 * (1 - y[0] * y[0])};
  memcpy(dfdy, j, sizeof j);
  dfdt[0] = dfdt[1] = 0;
  return STATUS_FINE;
}

static void test_stiff(void) {
  static const char *const names[] = {"rodas4", "bdf", "msbdf", "bsimp"};
  for (int i = 0; i < 4; i++) {
    const Stepper *s = stepper_find(names[i]);
    OdeOptions o = {.rtol = 1e-8, .atol = 1e-14};
    OdeProblem p = {3, robertson, robertson_jac, NULL};
    double t = 0, y[3] = {1, 0, 0};
    OdeStats stats = {0};
    /* At t = 40, where rodas4, bsimp and rk4imp at rtol 1e-12 agree to eleven digits. */
    Status st = s->solve(s, &p, &o, &t, 40, y, NULL, &stats);
    CHECK(st.code == STATUS_OK, "%s: code %d at %g", s->name, st.code, st.t);
    CHECK_NEAR(y[0], 0.7158270687, 1e-7, "%s", s->name);
    CHECK_NEAR(y[1] * 1e5, 0.9185534765, 1e-6, "%s", s->name);
    CHECK_NEAR(y[2], 0.2841637457, 1e-7, "%s", s->name);
    CHECK(stats.steps < 5000, "%s: %d steps", s->name, (int)stats.steps);
  }
  const Stepper *s = stepper_find("rodas4");
  OdeOptions o = {.rtol = 1e-8, .atol = 1e-10};
  OdeProblem p = {2, stiff_vdp, stiff_vdp_jac, NULL};
  double t = 0, y[2] = {2, 0};
  CHECK(s->solve(s, &p, &o, &t, 2000, y, NULL, NULL).code == STATUS_OK, "van der Pol");
  CHECK_NEAR(y[0], 1.706167732170469, 1e-6, "van der Pol");
  CHECK_NEAR(y[1], -0.8928097010248125e-3, 1e-8, "van der Pol");
  o.atol = 1e-16;
  p = (OdeProblem){3, robertson, robertson_jac, NULL};
  double z[3] = {1, 0, 0};
  t = 0;
  CHECK(s->solve(s, &p, &o, &t, 1e11, z, NULL, NULL).code == STATUS_OK, "Robertson");
  CHECK_NEAR(z[0] / 0.2083340149701255e-7, 1, 1e-4, "Robertson at 1e11");
  CHECK_NEAR(z[2], 0.9999999791665050, 1e-9, "Robertson at 1e11");
}

/* -- The method that chooses */

static Status circle_jac(void *ctx, double t, const double *y, double *dfdy, double *dfdt) {
  (void)ctx, (void)t, (void)y;
  dfdy[0] = dfdy[3] = 0;
  dfdy[1] = 1;
  dfdy[2] = -1;
  dfdt[0] = dfdt[1] = 0;
  return STATUS_FINE;
}

static Status circle_rhs(void *ctx, double t, const double *y, double *dydt) {
  (void)ctx, (void)t;
  dydt[0] = y[1];
  dydt[1] = -y[0];
  return STATUS_FINE;
}

static void test_auto(void) {
  const Stepper *chooser = stepper_find("auto"), *plain = stepper_find("dopri5");
  OdeOptions o = {.rtol = 1e-7, .atol = 1e-9};
  OdeProblem smooth = {2, circle_rhs, circle_jac, NULL};
  OdeStats stats = {0};
  double y[2] = {1, 0}, z[2] = {1, 0}, t = 0, u = 0;
  CHECK(!chooser->solve(chooser, &smooth, &o, &t, 100, y, NULL, &stats).code, "a circle");
  CHECK(!plain->solve(plain, &smooth, &o, &u, 100, z, NULL, NULL).code, "a circle");
  CHECK(stats.changes == 0 && !stats.stiff && y[0] == z[0] && y[1] == z[1], "dopri5 to the bit");
  stats = (OdeStats){.stiff = true};
  t = 0;
  y[0] = 1, y[1] = 0;
  CHECK(!chooser->solve(chooser, &smooth, &o, &t, 100, y, NULL, &stats).code, "a circle");
  CHECK(stats.changes == 1 && !stats.stiff, "back to dopri5 where nothing is stiff");
  CHECK_NEAR(y[0], cos(100), 1e-4, "a circle begun with the stiff method");
  OdeProblem vdp = {2, stiff_vdp, stiff_vdp_jac, NULL};
  stats = (OdeStats){0};
  t = 0;
  y[0] = 2, y[1] = 0;
  CHECK(!chooser->solve(chooser, &vdp, &o, &t, 2000, y, NULL, &stats).code, "van der Pol");
  CHECK(stats.changes > 0 && stats.steps < 3000, "a change of method: %lld in %lld steps",
        (long long)stats.changes, (long long)stats.steps);
  CHECK_NEAR(y[0], 1.706167732170469, 1e-5, "van der Pol");
  vdp.jac = NULL;
  stats = (OdeStats){0};
  t = 0;
  y[0] = 2, y[1] = 0;
  CHECK(!chooser->solve(chooser, &vdp, &o, &t, 10, y, NULL, &stats).code, "without a Jacobian");
  CHECK(stats.changes == 0 && t == 10, "dopri5 to the end where there is no Jacobian");
}

int main(void) {
  gsl_glue_install();
  test_order_conditions();
  test_toronto();
  test_fixed_orders();
  test_fixed_stepper();
  test_adaptive();
  test_rows();
  test_interpolants();
  test_stops();
  test_edge_at_end();
  test_observer();
  test_failures();
  test_refusals();
  test_stiff();
  test_auto();
  test_glue();
  gsl_glue_restore();
  return check_done("ode");
}
