/* branch_cycle.c: see branch_cycle.h. */
#include "verb/branch_cycle.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "num/floquet.h"

enum { INTERVALS = 60, ADAPT_EVERY = 3, FIRST_MESHES = 4 };

static const double SMALLEST = 1e-3;   /* a cycle that is smaller, in units of states, is a point */
static const double FIRST_SIZE = 5e-3; /* of a cycle that is born, as a length in the metric */
static const double LONGEST = 100;     /* of all periods, by the shortest */
/* A family of cycles at one value of the parameter, as around a center: they have grown so much
   while the parameter changed by no more than this part of its range. */
static const double GROWN = 100, STAYED = 1e-12;

/* ---- the field ------------------------------------------------------------------------------- */

/* That of the network, with states in their units. */
static Status field(void *ctx, double p, const double *x, double *f, double *jac, double *by_p) {
  Walker *w = ctx;
  const CycleBranch *c = w->cycle;
  int64_t n = c->c->n, points = c->c->nodes;
  if (ev_stopped(w->f.s.ev)) return (Status){STATUS_CANCELLED, 0, -1, NULL};
  for (int64_t i = 0; i < points * n; i++) c->x[i] = x[i] * c->unit[i % n];
  w->field->in[FLOW_X] = c->x;
  w->field->parameter[0] = p;
  Status st = program_run(w->field->p, w->field->in, (void *[]){f, jac, by_p});
  for (int64_t i = 0; i < points * n; i++) {
    double unit = c->unit[i % n];
    f[i] /= unit;
    by_p[i] /= unit;
    for (int64_t j = 0; j < n; j++) jac[i * n + j] *= c->unit[j] / unit;
  }
  return st;
}

static Status evaluate(void *ctx, const double *y, double *f, double *jac) {
  (void)jac;
  return collocate_evaluate(((Walker *)ctx)->cycle->c, y, f);
}

static bool solve(void *ctx, const double *row, double *s) {
  return collocate_solve(((Walker *)ctx)->cycle->c, row, s);
}

/* ---- multipliers ----------------------------------------------------------------------------- */

/* The reflection that turns the first axis to f: its vector v, 1 - 2 v v'. */
static void reflection(int64_t n, const double *f, double *v) {
  double size = 0, length = 0;
  for (int64_t i = 0; i < n; i++) size += f[i] * f[i];
  size = sqrt(size);
  for (int64_t i = 0; i < n; i++) v[i] = f[i] + (i == 0 ? (f[0] < 0 ? -size : size) : 0);
  for (int64_t i = 0; i < n; i++) length += v[i] * v[i];
  for (int64_t i = 0; i < n; i++) v[i] /= sqrt(length);
}

/* a [n, n] with reflection v from the left and u from the right, but for the first row and column:
   [n - 1, n - 1]. */
static void quotient(int64_t n, const double *a, const double *v, const double *u, double *out) {
  double vau = 0;
  for (int64_t i = 0; i < n; i++)
    for (int64_t j = 0; j < n; j++) vau += v[i] * a[i * n + j] * u[j];
  for (int64_t i = 1; i < n; i++)
    for (int64_t j = 1; j < n; j++) {
      double va = 0, au = 0;
      for (int64_t k = 0; k < n; k++) {
        va += v[k] * a[k * n + j];
        au += a[i * n + k] * u[k];
      }
      out[(i - 1) * (n - 1) + j - 1] =
          a[i * n + j] - 2 * v[i] * va - 2 * au * u[j] + 4 * v[i] * vau * u[j];
    }
}

/* How much longer G f is than the field where it ends, along that. */
static double stretch(int64_t n, const double *g, const double *f, const double *next) {
  double along = 0, size = 0;
  for (int64_t i = 0; i < n; i++) {
    size += next[i] * next[i];
    for (int64_t j = 0; j < n; j++) along += next[i] * g[i * n + j] * f[j];
  }
  return along / size;
}

/* The maps of the intervals take the field from node to node: what they do across it has all other
   multipliers, also where one of these is 1 too. */
static Status find_multipliers(Walker *w, BranchPoint *p, Orbit *o) {
  const CycleBranch *c = w->cycle;
  const Collocation *k = c->c;
  int64_t n = k->n, m = k->m, square = (n - 1) * (n - 1);
  double *v = c->by_p, log_det, along = 1;
  Status st = field(w, p->y[w->n], p->y, c->f, c->jac, c->by_p);
  if (st.code != STATUS_OK) return st;
  for (int64_t j = 0; j < m; j++) reflection(n, c->f + j * COLLOCATE_DEGREE * n, v + j * n);
  for (int64_t j = 0; j < m; j++) {
    int64_t next = (j + 1) % m;
    const double *g = k->ring.g + j * n * n;
    quotient(n, g, v + next * n, v + j * n, c->g + j * square);
    along *= stretch(n, g, c->f + j * COLLOCATE_DEGREE * n, c->f + next * COLLOCATE_DEGREE * n);
  }
  o->error = fabs(along - 1);
  st = floquet_multipliers(n - 1, m, c->g, p->re, p->im, &log_det);
  o->liouville = log_det + log(fabs(along)) - k->trace;
  if (n == 2) p->re[0] = exp(k->trace), p->im[0] = 0; /* to all digits */
  return st;
}

/* Of folds and branch points, one multiplier goes through 1; the parameter turns back at the
   former alone. */
static void judge(const Walker *w, BranchPoint *p) {
  double nearest = INFINITY;
  p->det_sign = p->t[w->n] < 0 ? -1 : 1;
  for (int64_t i = 0; i < w->neig; i++) {
    if (p->im[i] != 0) continue;
    nearest = fmin(nearest, fabs(p->re[i] - 1));
    if (p->re[i] > 1) p->det_sign = -p->det_sign;
  }
  p->log_det = isfinite(nearest) ? log(fmax(nearest, 1e-300)) : 0;
  walker_count(w, p);
}

static Status describe(Walker *w, BranchPoint *p) {
  const CycleBranch *c = w->cycle;
  int64_t n = c->c->n;
  Orbit *o = ARENA_NEW(w->arena, Orbit);
  o->x = ARENA_ARRAY(w->arena, double, 3 * n);
  o->low = o->x + n;
  o->high = o->low + n;
  o->period = p->y[w->n - 1];
  collocate_range(c->c, p->y, o->low, o->high);
  for (int64_t i = 0; i < n; i++) {
    o->x[i] = p->y[i] * c->unit[i];
    o->low[i] *= c->unit[i];
    o->high[i] *= c->unit[i];
  }
  p->orbit = o;
  Status st = find_multipliers(w, p, o);
  judge(w, p);
  return st;
}

/* ---- along the branch ------------------------------------------------------------------------ */

/* Lengths are those of the mean over time; a state counts for as much as it was ever large. */
static void measure(Walker *w, const double *y) {
  const Collocation *c = w->cycle->c;
  int64_t n = c->n, all = c->nodes * n, k = COLLOCATE_DEGREE;
  Branch *b = w->b;
  for (int64_t i = 0; i < all; i++) {
    int64_t j = i / (k * n);
    b->scale[i % n] = fmax(b->scale[i % n], fabs(y[i]));
    b->share[i] = (c->mesh[j + 1] - c->mesh[j]) / (double)(k * n);
  }
  for (int64_t i = n; i < all; i++) b->scale[i] = b->scale[i % n];
  b->scale[all] = y[all];
  b->share[all] = 1;
}

static void take_mesh(Walker *w, const double *mesh, double *y, double *t) {
  Collocation *c = w->cycle->c;
  double *fresh = ARENA_ARRAY(w->arena, double, c->m + 1);
  memcpy(fresh, mesh, (size_t)(c->m + 1) * sizeof *mesh);
  collocate_transfer(c, fresh, y);
  if (t) collocate_transfer(c, fresh, t);
  c->mesh = fresh;
}

static double width_of(const Walker *w, const Orbit *o) {
  double most = 0;
  for (int64_t i = 0; i < w->cycle->c->n; i++)
    most = fmax(most, (o->high[i] - o->low[i]) / w->cycle->unit[i]);
  return most;
}

static bool is_vertical(const Walker *w, const BranchPoint *b) {
  const CycleBranch *c = w->cycle;
  return width_of(w, b->orbit) > GROWN * c->first_size &&
         fabs(b->y[w->n] - c->first_p) <= STAYED * fabs(w->to - w->from);
}

static void settle(Walker *w, BranchPoint *p) {
  CycleBranch *c = w->cycle;
  if (c->first_size == 0) {
    c->first_size = width_of(w, p->orbit);
    c->first_p = p->y[w->n];
  }
  if (++c->since >= ADAPT_EVERY) {
    collocate_mesh(c->c, p->y, c->row);
    take_mesh(w, c->row, p->y, p->t);
    c->since = 0;
  }
  c->shortest = fmin(c->shortest, p->orbit->period);
  measure(w, p->y);
  collocate_refer(c->c, p->y);
}

static double size_of(const Walker *w, const Orbit *o) {
  double most = 0;
  for (int64_t i = 0; i < w->cycle->c->n; i++)
    most = fmax(most, (o->high[i] - o->low[i]) / (w->b->scale[i] * w->cycle->unit[i]));
  return most;
}

/* Beyond a Hopf point the branch comes back, half a period later. */
static bool is_turned(const Walker *w, const double *a, const double *b) {
  const Collocation *c = w->cycle->c;
  double *x = w->cycle->x, *y = w->cycle->f, sum = 0;
  for (int64_t i = 0; i < c->n; i++) {
    x[i] = y[i] = 0;
    for (int64_t k = 0; k < c->nodes; k++) {
      double part = w->b->share[k * c->n] * (double)c->n;
      x[i] += part * a[k * c->n + i];
      y[i] += part * b[k * c->n + i];
    }
    for (int64_t k = 0; k < c->nodes; k++)
      sum += w->b->share[k * c->n] * (a[k * c->n + i] - x[i]) * (b[k * c->n + i] - y[i]);
  }
  return sum < 0;
}

static WalkEnd end(Walker *w, const BranchPoint *a, const BranchPoint *b, bool *gone) {
  *gone = b->orbit->period <= 0 || is_turned(w, a->y, b->y);
  if (*gone || size_of(w, b->orbit) < SMALLEST) return WALK_HOPF;
  if (is_vertical(w, b)) return WALK_VERTICAL;
  return b->orbit->period > LONGEST * w->cycle->shortest ? WALK_PERIOD : WALK_POINTS;
}

static Status normal_form(Walker *w, SpecialKind kind, Special *s) {
  (void)w;
  if (kind == SPECIAL_HOPF) s->omega = atan2(fabs(s->at.im[s->critical]), s->at.re[s->critical]);
  return STATUS_FINE;
}

/* ---- the start ------------------------------------------------------------------------------- */

void cycle_walker_start(Walker *w, const double *unit) {
  static const WalkKind cycles = {describe, settle, NULL, end, normal_form, 0};
  Arena *a = w->arena;
  CycleBranch *c = w->cycle = ARENA_NEW(a, CycleBranch);
  int64_t n = w->f.dim, nodes = COLLOCATE_DEGREE * INTERVALS;
  w->kind = &cycles;
  w->factors = true;
  w->field = flow_plan(&w->f, flow_parametric(&w->f), nodes);
  flow_bind_inputs(&w->f, w->field, -1, 0);
  c->c = collocate_new(a, n, INTERVALS, field, w);
  w->n = collocate_unknowns(c->c);
  w->neig = n - 1;
  c->unit = ARENA_ARRAY(a, double, n);
  memcpy(c->unit, unit, (size_t)n * sizeof *unit);
  c->shortest = INFINITY;
  c->x = ARENA_ARRAY(a, double, nodes *n);
  c->f = ARENA_ARRAY(a, double, nodes *n);
  c->by_p = ARENA_ARRAY(a, double, nodes *n);
  c->jac = ARENA_ARRAY(a, double, nodes *n *n);
  c->g = ARENA_ARRAY(a, double, INTERVALS *(n - 1) * (n - 1));
  c->row = ARENA_ARRAY(a, double, w->n + 1);
  w->problem = (BranchProblem){.n = w->n, .eval = evaluate, .solve = solve, .ctx = w};
  w->b = branch_new(a, &w->problem);
  w->b->tol = 1e-10;
  w->b->scale[w->n] = fabs(w->to - w->from);
}

/* By cubic polynomials through the rows around. */
static void between_rows(const double *x, int64_t rows, int64_t n, double at, double *out) {
  int64_t m = rows - 1, k = (int64_t)floor(at * (double)m);
  double s = at * (double)m - (double)k;
  const double part[] = {-s * (s - 1) * (s - 2) / 6, (s + 1) * (s - 1) * (s - 2) / 2,
                         -(s + 1) * s * (s - 2) / 2, (s + 1) * s * (s - 1) / 6};
  for (int64_t i = 0; i < n; i++) {
    out[i] = 0;
    for (int r = 0; r < 4; r++) out[i] += part[r] * x[((k + r - 1 + m) % m) * n + i];
  }
}

/* The mesh first is that of even times, and adapts to the orbit. */
Status cycle_walker_from_orbit(Walker *w, const double *x, int64_t rows, double period,
                               BranchPoint *first) {
  Collocation *c = w->cycle->c;
  int64_t n = c->n, all = c->nodes * n;
  double *y = ARENA_ARRAY(w->arena, double, w->n + 1), *t = w->cycle->row;
  Status st = STATUS_FINE;
  for (int64_t k = 0; k < c->nodes; k++) {
    between_rows(x, rows, n, (double)k / (double)c->nodes, y + k * n);
    for (int64_t i = 0; i < n; i++) y[k * n + i] /= w->cycle->unit[i];
  }
  y[all] = period;
  y[all + 1] = w->from;
  for (int i = 0; i < FIRST_MESHES && st.code == STATUS_OK; i++) {
    collocate_mesh(c, y, w->cycle->row);
    take_mesh(w, w->cycle->row, y, NULL);
    measure(w, y);
    collocate_refer(c, y);
    memset(t, 0, (size_t)w->n * sizeof *t);
    t[w->n] = w->to > w->from ? 1 : -1;
    st = branch_correct(w->b, t, y);
    y[w->n] = w->from;
  }
  if (st.code == STATUS_OK) st = walker_describe(w, y, t, first);
  if (st.code == STATUS_OK && size_of(w, first->orbit) < SMALLEST)
    return (Status){STATUS_NO_CONVERGENCE, 0, -1, "the search ended at a fixed point"};
  return st;
}

Status cycle_walker_from_hopf(Walker *w, const double *x, double p, double omega, const double *re,
                              const double *im, BranchPoint *first) {
  const double turn = 2 * acos(-1);
  Collocation *c = w->cycle->c;
  int64_t n = c->n, all = c->nodes * n;
  double *y = ARENA_ARRAY(w->arena, double, 2 * (w->n + 1)), *t = y + w->n + 1;
  for (int64_t k = 0; k < c->nodes; k++)
    for (int64_t i = 0; i < n; i++) {
      double phase = turn * (double)k / (double)c->nodes;
      y[k * n + i] = x[i] / w->cycle->unit[i];
      t[k * n + i] = (re[i] * cos(phase) - im[i] * sin(phase)) / w->cycle->unit[i];
    }
  y[all] = turn / omega;
  y[all + 1] = p;
  measure(w, y);
  double length = sqrt(branch_dot(w->b, t, t));
  for (int64_t i = 0; i <= w->n; i++) t[i] /= length;
  collocate_refer(c, t);
  for (int64_t i = 0; i < all; i++) y[i] += FIRST_SIZE * t[i];
  Status st = branch_correct(w->b, t, y);
  if (st.code != STATUS_OK) return st;
  collocate_refer(c, y);
  return walker_describe(w, y, t, first);
}
