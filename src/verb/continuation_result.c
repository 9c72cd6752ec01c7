/* continuation_result.c: branches of `continuation` as records, a column for each thing that is
   known of a point, and what is said of their ends. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "verb/continuation.h"

/* Points of a branch, or special ones. */
typedef struct Rows {
  Continuation *k;
  const BranchPoint *points; /* NULL: */
  const Special *specials;
  int64_t n; /* EXTENT_UNKNOWN: in rehearsal */
} Rows;

static const BranchPoint *point(const Rows *r, int64_t i) {
  return r->points ? &r->points[i] : &r->specials[i].at;
}

/* ---- columns --------------------------------------------------------------------------------- */

typedef void Read(const Rows *r, int64_t i, double *out);

/* The parameter along which the branch is walked, and that before it. */
static void read_last(const Rows *r, int64_t i, double *out) {
  *out = point(r, i)->y[r->k->w.n];
}
static void read_first(const Rows *r, int64_t i, double *out) {
  *out = point(r, i)->y[r->k->w.n - 1];
}
static void read_period(const Rows *r, int64_t i, double *out) {
  *out = point(r, i)->orbit->period;
}
static void read_rounds(const Rows *r, int64_t i, double *out) {
  (void)i;
  *out = (double)r->k->w.f.rounds;
}
static void read_x(const Rows *r, int64_t i, double *out) {
  const BranchPoint *p = point(r, i);
  if (r->k->of == OF_SPECIALS)
    curve_states(&r->k->w, p, out);
  else
    memcpy(out, p->orbit ? p->orbit->x : p->y, (size_t)r->k->w.f.dim * sizeof *out);
}
static void read_low(const Rows *r, int64_t i, double *out) {
  memcpy(out, point(r, i)->orbit->low, (size_t)r->k->w.f.dim * sizeof *out);
}
static void read_high(const Rows *r, int64_t i, double *out) {
  memcpy(out, point(r, i)->orbit->high, (size_t)r->k->w.f.dim * sizeof *out);
}

/* The states of a periodic orbit of a map one after the other. */
static void read_round(const Rows *r, int64_t i, double *out) {
  const BranchPoint *p = point(r, i);
  int64_t rounds = r->k->w.f.rounds;
  memcpy(out, rounds > 1 ? p->round : p->y, (size_t)(rounds * r->k->w.f.dim) * sizeof *out);
}

/* Of a cycle with the multiplier along the orbit at its place among the others. */
static void read_eigenvalues(const Rows *r, int64_t i, double *out, const double *from,
                             double own) {
  const BranchPoint *p = point(r, i);
  int64_t n = r->k->w.neig, before = 0;
  while (p->orbit && before < n && hypot(p->re[before], p->im[before]) > 1) before++;
  memcpy(out, from, (size_t)(p->orbit ? before : n) * sizeof *out);
  if (!p->orbit) return;
  out[before] = own;
  memcpy(out + before + 1, from + before, (size_t)(n - before) * sizeof *out);
}
static void read_re(const Rows *r, int64_t i, double *out) {
  read_eigenvalues(r, i, out, point(r, i)->re, 1);
}
static void read_im(const Rows *r, int64_t i, double *out) {
  read_eigenvalues(r, i, out, point(r, i)->im, 0);
}
static void read_unstable(const Rows *r, int64_t i, double *out) {
  *out = (double)point(r, i)->unstable;
}
static void read_stable(const Rows *r, int64_t i, double *out) {
  const BranchPoint *p = point(r, i);
  *out = p->unstable == 0 && (!p->orbit || p->orbit->error < CYCLE_TRUSTED);
}
static void read_error(const Rows *r, int64_t i, double *out) {
  *out = point(r, i)->orbit->error;
}
static void read_liouville(const Rows *r, int64_t i, double *out) {
  *out = point(r, i)->orbit->liouville;
}
static void read_omega(const Rows *r, int64_t i, double *out) {
  *out = r->k->of == OF_SPECIALS ? curve_omega(&r->k->w, point(r, i)) : r->specials[i].omega;
}
static void read_l1(const Rows *r, int64_t i, double *out) {
  *out = r->specials[i].l1;
}
static void read_doubling(const Rows *r, int64_t i, double *out) {
  *out = r->specials[i].doubling;
}

/* All rows of `width` numbers; NULL: in rehearsal. */
static double *numbers(const Rows *r, Read *read, int64_t width) {
  if (r->n < 0) return NULL;
  double *x = ARENA_ARRAY(r->k->w.arena, double, r->n *width + 1);
  for (int64_t i = 0; i < r->n; i++) read(r, i, x + i * width);
  return x;
}

static Value *column(const Rows *r, Read *read, Dim d) {
  return flow_array(&r->k->w.f, shape_vec(r->n), numbers(r, read, 1), d);
}

/* A number for each state. */
static Value *by_state(const Rows *r, Read *read, Dim d) {
  int64_t dim = r->k->w.f.dim;
  return flow_array(&r->k->w.f, shape_mat(r->n, dim), numbers(r, read, dim), d);
}

static Value *states(const Rows *r, Read *read) {
  Flow *f = &r->k->w.f;
  return flow_states(f, shape_vec(r->n), numbers(r, read, f->dim));
}

static Value *extreme(const Rows *r, Read *read) {
  Value *v = value_record(r->k->w.f.s.ev, NULL, 2);
  value_set(v, 0, "x", by_state(r, read, flow_dim(&r->k->w.f)));
  value_set(v, 1, "state", states(r, read));
  return v;
}

/* Of a map: every state of the orbits, [K, period, ...]. */
static Value *orbit(const Rows *r) {
  Flow *f = &r->k->w.f;
  int64_t rounds = f->rounds < 0 ? EXTENT_UNKNOWN : f->rounds;
  const double *x = rounds < 0 ? NULL : numbers(r, read_round, rounds * f->dim);
  Value *v = value_record(f->s.ev, NULL, 2);
  value_set(
      v, 0, "x",
      flow_array(f, shape_concat(shape_mat(r->n, rounds), shape_vec(f->dim)), x, flow_dim(f)));
  value_set(v, 1, "state", flow_states(f, shape_mat(r->n, rounds), x));
  return v;
}

/* ---- records --------------------------------------------------------------------------------- */

static Dim rate_of(const Continuation *k) {
  const Setup *s = &k->w.f.s;
  return s->sys->kind == SYSTEM_MAP ? DIM_ONE : dim_div(DIM_ONE, setup_time_dim(s));
}

/* Where points lie: fields of a record from number i on. The next number. */
static int set_places(const Rows *r, Value *v, int i) {
  const Flow *f = &r->k->w.f;
  BranchOf of = r->k->of;
  value_set(v, i++, "p", column(r, of == OF_SPECIALS ? read_first : read_last, r->k->dim));
  if (of == OF_SPECIALS) value_set(v, i++, "q", column(r, read_last, r->k->second));
  bool map = of == OF_POINTS && f->s.sys->kind == SYSTEM_MAP;
  if (of == OF_CYCLES) value_set(v, i++, "period", column(r, read_period, setup_time_dim(&f->s)));
  if (map) value_set(v, i++, "period", column(r, read_rounds, DIM_ONE));
  value_set(v, i++, "x", by_state(r, read_x, flow_dim(f)));
  value_set(v, i++, "state", states(r, read_x));
  if (map) value_set(v, i++, "orbit", orbit(r));
  if (of == OF_CYCLES) value_set(v, i++, "high", extreme(r, read_high));
  if (of == OF_CYCLES) value_set(v, i++, "low", extreme(r, read_low));
  return i;
}

/* The special points of each sort of branch: their field, and the type of their records. */
typedef struct SpecialField {
  const char *name, *type;
  SpecialKind kind;
} SpecialField;

enum { SPECIALS_MOST = 4, FIELDS_MOST = 20 };

static const SpecialField specials[][SPECIALS_MOST] = {
    [OF_POINTS] = {{"folds", "fold", SPECIAL_FOLD},
                   {"hopfs", "hopf", SPECIAL_HOPF},
                   {"branch_points", "branch_point", SPECIAL_BRANCH},
                   {"flips", "flip", SPECIAL_FLIP}},
    [OF_CYCLES] = {{"folds", NULL, SPECIAL_FOLD},
                   {"tori", NULL, SPECIAL_HOPF},
                   {"branch_points", NULL, SPECIAL_BRANCH},
                   {"flips", NULL, SPECIAL_FLIP}},
    [OF_SPECIALS] = {{"cusps", NULL, SPECIAL_CUSP}, {"takens", NULL, SPECIAL_TAKENS}}};

/* A record of FIELDS_MOST fields without those that were not used. */
static Value *ended(Value *v, int fields) {
  v->nfields = fields;
  return v;
}

static Value *special_value(Continuation *k, const Walk *b, const SpecialField *s) {
  Rows r = {.k = k, .n = EXTENT_UNKNOWN};
  if (b) r.specials = b->special[s->kind].at, r.n = (int64_t)b->special[s->kind].n;
  Value *v = value_record(k->w.f.s.ev, s->type, FIELDS_MOST);
  int i = set_places(&r, v, 0);
  if (s->kind == SPECIAL_HOPF)
    value_set(v, i++, "omega", column(&r, read_omega, k->of == OF_CYCLES ? DIM_ONE : rate_of(k)));
  if (s->kind == SPECIAL_HOPF && k->of == OF_POINTS)
    value_set(v, i++, "l1", column(&r, read_l1, DIM_ONE));
  if (s->kind == SPECIAL_FLIP && k->of == OF_POINTS)
    value_set(v, i++, "doubling", column(&r, read_doubling, DIM_ONE));
  return ended(v, i);
}

/* Eigenvalues or multipliers, and what follows from them. */
static int set_stability(const Rows *r, Value *v, int i) {
  bool cycles = r->k->of == OF_CYCLES;
  Dim d = cycles ? DIM_ONE : rate_of(r->k);
  value_set(v, i++, cycles ? "multipliers_re" : "eig_re", by_state(r, read_re, d));
  value_set(v, i++, cycles ? "multipliers_im" : "eig_im", by_state(r, read_im, d));
  Value *stable = column(r, read_stable, DIM_ONE);
  value_set(v, i++, "stable", value_as_logical(r->k->w.f.s.ev, stable));
  value_set(v, i++, "n_unstable", column(r, read_unstable, DIM_ONE));
  if (cycles) value_set(v, i++, "error", column(r, read_error, DIM_ONE));
  if (cycles) value_set(v, i++, "liouville", column(r, read_liouville, DIM_ONE));
  return i;
}

Value *continuation_value(Continuation *k, const Walk *b, Value *others) {
  static const char *const ends[] = {
      [WALK_RANGE] = "range",   [WALK_CLOSED] = "closed", [WALK_STUCK] = "stuck",
      [WALK_POINTS] = "points", [WALK_HOPF] = "hopf",     [WALK_PERIOD] = "period",
      [WALK_FLIP] = "flip",     [WALK_TAKENS] = "takens", [WALK_VERTICAL] = "vertical"};
  const SpecialField *s = specials[k->of];
  Rows r = {.k = k, .n = EXTENT_UNKNOWN};
  if (b) r.points = b->points.at, r.n = (int64_t)b->points.n;
  Ev *ev = k->w.f.s.ev;
  Value *v = value_record(ev, "continuation", FIELDS_MOST);
  int i = set_places(&r, v, 0);
  if (k->of != OF_SPECIALS) i = set_stability(&r, v, i);
  if (k->of == OF_SPECIALS && k->kind == SPECIAL_HOPF)
    value_set(v, i++, "omega", column(&r, read_omega, rate_of(k)));
  for (int n = 0; n < SPECIALS_MOST && s[n].name; n++)
    value_set(v, i++, s[n].name, special_value(k, b, &s[n]));
  value_set(v, i++, "end", value_string(ev, ends[b ? b->end : WALK_RANGE]));
  if (others) value_set(v, i++, "others", others);
  return ended(v, i);
}

/* ---- warnings -------------------------------------------------------------------------------- */

static const double ROUNDING = 1e-12; /* of p, as a part of its range */

static void warn_of_end(const Continuation *k, const Walk *b) {
  const Setup *s = &k->w.f.s;
  double p = b->points.at[b->points.n - 1].y[k->w.n];
  if (fabs(p) < ROUNDING * fabs(k->w.to - k->w.from)) p = 0;
  const char *where = arena_printf(s->ev->arena, "%s = %s", k->of == OF_SPECIALS ? "q" : "p",
                                   value_text(s->ev, value_quantity(s->ev, p, k->second)));
  if (b->end == WALK_STUCK)
    diag_add(s->ev->diag, W0631, s->c->at,
             "the branch ends at %s after %zu points: from there no step is short enough", where,
             b->points.n);
  if (b->end == WALK_POINTS)
    diag_add(s->ev->diag, W0631, s->c->at,
             "the branch is given up at %s after %zu points: raise `points`, or `step`", where,
             b->points.n);
  if (b->end == WALK_PERIOD)
    diag_add(s->ev->diag, W0631, s->c->at,
             "the branch is given up at %s, where the period is a hundred times its shortest "
             "one: the cycle seems to end at a fixed point, as a homoclinic orbit",
             where);
  if (b->end == WALK_VERTICAL)
    diag_add(s->ev->diag, W0631, s->c->at,
             "cycles of every size are found at %s, as around a center: a branch in p that crosses "
             "them begins at a result of `limit_cycle`",
             where);
}

/* A branch that hardly enters the range, as a part of it, lies beyond its end. */
static const double OUTSIDE = 1e-4;

static void warn_of_short(const Continuation *k, const Walk *b) {
  const Walker *w = &k->w;
  double most = 0;
  for (size_t i = 0; i < b->points.n; i++)
    most = fmax(most, fabs(b->points.at[i].y[w->n] - b->points.at[0].y[w->n]));
  if (b != &k->main || b->end != WALK_RANGE || most > OUTSIDE * fabs(w->to - w->from)) return;
  diag_add(
      w->f.s.ev->diag, W0631, w->f.s.c->at,
      "the branch leaves the range at once, at its end %s = %s: it lies beyond; widen the range",
      k->of == OF_SPECIALS ? "q" : "p",
      value_text(w->f.s.ev, value_quantity(w->f.s.ev, b->points.at[0].y[w->n], k->second)));
}

static void warn_of_error(const Continuation *k, const Walk *b) {
  const Setup *s = &k->w.f.s;
  double most = 0;
  size_t count = 0;
  for (size_t i = 0; i < b->points.n && k->of == OF_CYCLES; i++) {
    double error = b->points.at[i].orbit->error;
    count += !(error < CYCLE_TRUSTED);
    if (!(error <= most)) most = error;
  }
  if (count)
    diag_add(s->ev->diag, W0631, s->c->at,
             "the multiplier along the limit cycle is off 1 by up to %.2g: the stability of %zu "
             "point%s of the branch is not known",
             most, count, count == 1 ? "" : "s");
}

void continuation_warn(const Continuation *k, const Walk *b) {
  const Setup *s = &k->w.f.s;
  warn_of_end(k, b);
  warn_of_error(k, b);
  warn_of_short(k, b);
  if (b->missed)
    diag_add(s->ev->diag, W0631, s->c->at,
             "%d special point%s of the branch could not be located: try a shorter `step`",
             b->missed, b->missed == 1 ? "" : "s");
}
