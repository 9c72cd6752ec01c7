/* point_set.c: see point_set.h. */
#include "verb/point_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/core.h"
#include "num/linalg.h"
#include "num/lu.h"

/* A rate below this part of the fastest one, or a multiplier so close to 1, neither grows nor
   decays. */
static const double MARGIN = 1e-6;

/* As many times as far from where the search began as the starts are in the mean (Golub & Sussillo,
   J. Open Source Softw. 3, 1003, 2018). */
static const double FAR = 10;

/* Of Newton's next step, as a part of the size of states: where it is longer there is no zero, but
   a field that fades out; where it is longer than the second, the zero is a degenerate one. The
   third is how many steps apart two points near such a zero may be. */
static const double LEFT = 1e-2, DEGENERATE = 1e-6, STREWN = 10;

double point_distance(const double *a, const double *b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum / (double)n);
}

double point_size(const double *a, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += a[i] * a[i];
  return sqrt(sum / (double)n);
}

static bool is_map(const Flow *f) {
  return f->s.sys->kind == SYSTEM_MAP;
}

/* ---- distinct points ------------------------------------------------------------------------- */

typedef struct Order {
  const double *x;
  int64_t n;
} Order;

static int by_place(const void *a, const void *b, void *ctx) {
  const Order *o = ctx;
  const double *x = o->x + *(const int64_t *)a * o->n, *y = o->x + *(const int64_t *)b * o->n;
  double tol = 1e-6 * fmax(1e-3, point_size(x, o->n));
  for (int64_t i = 0; i < o->n; i++)
    if (fabs(x[i] - y[i]) > tol) return x[i] < y[i] ? -1 : 1;
  return 0;
}

/* Distinct points while they are gathered: where each stands among those found, and how many of
   the given starts led there. */
typedef struct Kept {
  int64_t at;
  double hits;
} Kept;

static PointSet *set_of(Flow *f, const Found *found, const Kept *kept, int64_t count) {
  int64_t n = f->dim;
  PointSet *s = ARENA_NEW(f->arena, PointSet);
  s->count = count;
  s->x = ARENA_ARRAY(f->arena, double, count *n + 1);
  s->q = ARENA_ARRAY(f->arena, double, count + 1);
  s->hits = ARENA_ARRAY(f->arena, double, count + 1);
  for (int64_t k = 0; k < count; k++) {
    memcpy(s->x + k * n, found->x + kept[k].at * n, (size_t)n * sizeof *s->x);
    s->q[k] = found->q[kept[k].at];
    s->hits[k] = kept[k].hits;
  }
  return s;
}

/* Zeros are polished, so that two of them differ by little only if they are the same; minima of q
   are less sharp. */
PointSet *point_set_new(Flow *f, const Found *found, double least, double most, double scale) {
  int64_t n = f->dim, count = 0;
  double close = least < 0 ? 1e-5 : 1e-2;
  Kept *kept = ARENA_ARRAY(f->arena, Kept, found->count + 1);
  for (int64_t k = 0; k < found->count; k++) {
    const double *x = found->x + k * n;
    if (!(found->q[k] > least && found->q[k] <= most)) continue;
    double limit = close * fmax(scale, point_size(x, n));
    int64_t j = 0;
    while (j < count && point_distance(x, found->x + kept[j].at * n, n) > limit) j++;
    if (j == count) kept[count++].at = k;
    if (found->q[k] < found->q[kept[j].at]) kept[j].at = k;
    kept[j].hits += k < found->given;
  }
  Order order = {found->x, n};
  qsort_r(kept, (size_t)count, sizeof *kept, by_place, &order);
  return set_of(f, found, kept, count);
}

/* ---- the linear motion ----------------------------------------------------------------------- */

/* One Jacobian and its decomposition. */
typedef struct Linear {
  FlowProgram *p;
  double *field, *jac, *re, *im, *vre, *vim, *rate;
  int64_t *order;
  int *pivot;
} Linear;

static void open_linear(Flow *f, bool vectors, Linear *l) {
  Arena *a = f->arena;
  int64_t n = f->dim;
  *l = (Linear){.p = flow_plan(f, flow_jacobian(f, false), 0)};
  flow_bind_inputs(f, l->p, -1, 0);
  l->field = ARENA_ARRAY(a, double, n);
  l->jac = ARENA_ARRAY(a, double, n *n);
  l->re = ARENA_ARRAY(a, double, n);
  l->im = ARENA_ARRAY(a, double, n);
  l->rate = ARENA_ARRAY(a, double, n);
  l->order = ARENA_ARRAY(a, int64_t, n);
  l->pivot = ARENA_ARRAY(a, int, n);
  l->vre = vectors ? ARENA_ARRAY(a, double, n *n) : NULL;
  l->vim = vectors ? ARENA_ARRAY(a, double, n *n) : NULL;
}

/* How far the growth of a deviation is from neither: a rate, or the excess of a modulus over 1. */
static double growth(const Flow *f, double re, double im) {
  return is_map(f) ? hypot(re, im) - 1 : re;
}

static int by_growth(const void *a, const void *b, void *ctx) {
  const double *rate = ctx;
  int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  if (rate[i] != rate[j]) return rate[i] < rate[j] ? 1 : -1;
  return i < j ? -1 : 1;
}

/* The two of a complex pair have one rate, and keep together: la_eig gives them in order. */
static void put_in_order(const Flow *f, Linear *l) {
  for (int64_t i = 0; i < f->dim; i++) {
    bool second = i > 0 && l->im[i] < 0 && l->im[i] == -l->im[i - 1];
    l->rate[i] = second ? l->rate[i - 1] : growth(f, l->re[i], l->im[i]);
    l->order[i] = i;
  }
  qsort_r(l->order, (size_t)f->dim, sizeof *l->order, by_growth, l->rate);
}

static void count_directions(const Flow *f, const Linear *l, PointSet *s, int64_t k) {
  double margin = MARGIN;
  for (int64_t i = 0; i < f->dim && !is_map(f); i++)
    margin = fmax(margin, MARGIN * hypot(l->re[i], l->im[i]));
  if (!is_map(f)) margin -= MARGIN;
  int sign = 1;
  for (int64_t i = 0; i < f->dim; i++) {
    double excess = is_map(f) ? l->re[i] - 1 : l->re[i];
    s->growing[k] += l->rate[i] > margin;
    s->undecided[k] += fabs(l->rate[i]) <= margin;
    if (l->im[i] != 0) continue;
    sign *= fabs(excess) <= margin ? 0 : excess > 0 ? -1 : 1;
  }
  s->sign[k] = sign;
}

static void take_eigenvalues(const Flow *f, const Linear *l, PointSet *s, int64_t k) {
  int64_t n = f->dim;
  for (int64_t i = 0; i < n; i++) {
    int64_t from = l->order[i];
    s->re[k * n + i] = l->re[from];
    s->im[k * n + i] = l->im[from];
    for (int64_t j = 0; i < s->vectors && j < n; j++) {
      s->vre[(k * s->vectors + i) * n + j] = l->vre[j * n + from];
      s->vim[(k * s->vectors + i) * n + j] = l->vim[j * n + from];
    }
  }
}

/* The field at x (of a map next - x) and the length of Newton's step; of a singular Jacobian, which
   has none, 0. */
static double newton_length(const Flow *f, Linear *l, const double *x, double *field) {
  int64_t n = f->dim;
  for (int64_t i = 0; i < n && is_map(f); i++) {
    l->field[i] -= x[i];
    l->jac[i * n + i] -= 1;
  }
  *field = point_size(l->field, n);
  if (!lu_factor(n, l->jac, l->pivot)) return 0;
  lu_solve(n, l->jac, l->pivot, l->field);
  return point_size(l->field, n);
}

static Status linearise_one(Flow *f, Linear *l, PointSet *s, int64_t k) {
  const double *x = s->x + k * f->dim;
  l->p->in[FLOW_X] = x;
  Status st = program_run(l->p->p, l->p->in, (void *[]){l->field, l->jac});
  if (st.code == STATUS_OK) st = la_eig(f->dim, l->jac, l->re, l->im, l->vre, l->vim);
  if (st.code != STATUS_OK) return st;
  put_in_order(f, l);
  count_directions(f, l, s, k);
  take_eigenvalues(f, l, s, k);
  s->step[k] = newton_length(f, l, x, &s->field[k]);
  return STATUS_FINE;
}

Status point_set_linearise(Flow *f, PointSet *s, int64_t vectors) {
  Arena *a = f->arena;
  int64_t n = f->dim;
  Linear l;
  open_linear(f, vectors > 0, &l);
  s->vectors = vectors;
  s->re = ARENA_ARRAY(a, double, s->count *n + 1);
  s->im = ARENA_ARRAY(a, double, s->count *n + 1);
  s->vre = ARENA_ARRAY(a, double, s->count *vectors *n + 1);
  s->vim = ARENA_ARRAY(a, double, s->count *vectors *n + 1);
  s->step = ARENA_ARRAY(a, double, s->count + 1);
  s->field = ARENA_ARRAY(a, double, s->count + 1);
  s->growing = ARENA_ARRAY(a, int64_t, s->count + 1);
  s->undecided = ARENA_ARRAY(a, int64_t, s->count + 1);
  s->sign = ARENA_ARRAY(a, int, s->count + 1);
  for (int64_t k = 0; k < s->count; k++) {
    Status st = linearise_one(f, &l, s, k);
    if (st.code != STATUS_OK) return st;
  }
  return STATUS_FINE;
}

/* ---- zeros ----------------------------------------------------------------------------------- */

/* Is k the same as the zero j? Around a degenerate one, to which Newton's method goes slowly, the
   points that it found are strewn as far as its steps tell. */
static bool is_same_zero(const Flow *f, const PointSet *s, int64_t j, int64_t k) {
  double reach = STREWN * fmax(s->step[j], s->step[k]);
  return point_distance(s->x + j * f->dim, s->x + k * f->dim, f->dim) <= reach;
}

static void move_rows(double *x, int64_t from, int64_t to, int64_t length) {
  memmove(x + to * length, x + from * length, (size_t)length * sizeof *x);
}

static void move_point(const Flow *f, PointSet *s, int64_t from, int64_t to) {
  int64_t n = f->dim;
  move_rows(s->x, from, to, n);
  move_rows(s->re, from, to, n);
  move_rows(s->im, from, to, n);
  move_rows(s->vre, from, to, s->vectors * n);
  move_rows(s->vim, from, to, s->vectors * n);
  s->q[to] = s->q[from];
  s->step[to] = s->step[from];
  s->field[to] = s->field[from];
  s->growing[to] = s->growing[from];
  s->undecided[to] = s->undecided[from];
  s->sign[to] = s->sign[from];
}

void point_set_keep_zeros(Flow *f, PointSet *s, double scale) {
  int64_t left = 0;
  for (int64_t k = 0; k < s->count; k++) {
    double size = fmax(scale, point_size(s->x + k * f->dim, f->dim)), hits = s->hits[k];
    if (s->step[k] > LEFT * size) continue;
    if (s->step[k] > DEGENERATE * size) s->sign[k] = 0, s->undecided[k] += !s->undecided[k];
    int64_t j = 0;
    while (j < left && !is_same_zero(f, s, j, k)) j++;
    bool known = j < left;
    if (!known || s->step[k] < s->step[j]) move_point(f, s, k, j);
    s->hits[j] = hits + (known ? s->hits[j] : 0);
    left += !known;
  }
  s->count = left;
}

bool region_is_far(const Region *r, const double *x, int64_t n) {
  return r->reach > 0 && point_distance(x, r->centre, n) > FAR * r->reach;
}

static bool is_faded(const PointSet *s, const Region *r, int64_t k, int64_t n) {
  const double *x = s->x + k * n;
  if (!s->undecided[k] || r->reach == 0) return false;
  bool outside = point_distance(x, r->centre, n) > r->most;
  return region_is_far(r, x, n) || (outside && s->undecided[k] == n);
}

int64_t point_set_drop_faded(const Flow *f, PointSet *s, const Region *r) {
  int64_t left = 0, count = s->count;
  for (int64_t k = 0; k < count; k++) {
    if (is_faded(s, r, k, f->dim)) continue;
    s->hits[left] = s->hits[k];
    move_point(f, s, k, left++);
  }
  s->count = left;
  return count - left;
}

double point_set_index(const PointSet *s) {
  double sum = 0;
  for (int64_t k = 0; k < s->count; k++) sum += s->sign[k] ? s->sign[k] : NAN;
  return sum;
}

/* ---- as fields of a record ------------------------------------------------------------------- */

static const char *kind_of(Flow *f, const PointSet *s, int64_t k) {
  bool turns = s->im[k * f->dim] != 0;
  if (s->undecided[k]) return "marginal";
  if (s->growing[k] == 0) return turns ? "stable focus" : "stable node";
  if (s->growing[k] == f->dim) return turns ? "unstable focus" : "unstable node";
  return arena_printf(f->s.ev->arena, "saddle of index %lld", (long long)s->growing[k]);
}

static Value *kinds(Flow *f, const PointSet *s) {
  if (!s) return &VALUE_UNKNOWN;
  Value *list = value_list(f->s.ev, (int)s->count);
  for (int64_t k = 0; k < s->count; k++)
    list->fields[k].value = value_string(f->s.ev, kind_of(f, s, k));
  return list;
}

/* Numbers that follow from the others, one for each point. */
typedef enum Derived { STABLE, GROWING, TAU } Derived;

static Value *derived(Flow *f, const PointSet *s, Derived what, Shape shape, Dim d) {
  double *x = s ? ARENA_ARRAY(f->arena, double, shape_count(shape) + 1) : NULL;
  for (int64_t k = 0; s && k < s->count && what != TAU; k++)
    x[k] = what == STABLE ? !s->growing[k] && !s->undecided[k] : (double)s->growing[k];
  for (int64_t i = 0; s && i < s->count * f->dim && what == TAU; i++)
    x[i] = -1 / (is_map(f) ? log(hypot(s->re[i], s->im[i])) : s->re[i]);
  return flow_array(f, shape, x, d);
}

/* The first `vectors` eigenvectors of each, of those that were computed. */
static const double *first_vectors(Flow *f, const PointSet *s, const double *v, int64_t vectors) {
  int64_t n = f->dim;
  double *first = ARENA_ARRAY(f->arena, double, s->count *vectors *n + 1);
  for (int64_t k = 0; k < s->count; k++)
    memcpy(first + k * vectors * n, v + k * s->vectors * n, (size_t)(vectors * n) * sizeof *v);
  return first;
}

void point_set_fields(Flow *f, const PointSet *s, int64_t vectors, Value *r) {
  Ev *ev = f->s.ev;
  int64_t k = s ? s->count : EXTENT_UNKNOWN, n = f->dim;
  Shape each = shape_vec(k), all = shape_mat(k, n);
  Shape directions = shape_concat(each, shape_mat(vectors, n));
  Dim x = flow_dim(f), time = setup_time_dim(&f->s);
  Dim rate = is_map(f) ? DIM_ONE : dim_div(DIM_ONE, time);
  Dim speed = is_map(f) ? x : dim_div(x, time);
  Value *stable = derived(f, s, STABLE, each, DIM_ONE);
  value_set(r, 0, "count",
            s ? value_num(ev, (double)k) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  value_set(r, 1, "x", flow_array(f, all, s ? s->x : NULL, x));
  value_set(r, 2, "q", flow_array(f, each, s ? s->q : NULL, dim_mul(speed, speed)));
  value_set(r, 3, "eig_re", flow_array(f, all, s ? s->re : NULL, rate));
  value_set(r, 4, "eig_im", flow_array(f, all, s ? s->im : NULL, rate));
  value_set(r, 5, "stable", value_as_logical(ev, stable));
  value_set(r, 6, "n_unstable", derived(f, s, GROWING, each, DIM_ONE));
  value_set(r, 7, "state", flow_states(f, each, s ? s->x : NULL));
  value_set(r, 8, "kind", kinds(f, s));
  value_set(r, 9, "tau", derived(f, s, TAU, all, is_map(f) ? DIM_ONE : time));
  const double *vre = s ? first_vectors(f, s, s->vre, vectors) : NULL;
  const double *vim = s ? first_vectors(f, s, s->vim, vectors) : NULL;
  value_set(r, 10, "vec_re", flow_array(f, directions, vre, DIM_ONE));
  value_set(r, 11, "vec_im", flow_array(f, directions, vim, DIM_ONE));
  value_set(r, 12, "hits", flow_array(f, each, s ? s->hits : NULL, DIM_ONE));
}
