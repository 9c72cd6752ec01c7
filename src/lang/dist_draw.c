/* dist_draw.c: drawing. Each distribution is a standard form of run/random.h, shifted and scaled by
   ops, so that one description serves arrays, graphs and, in rehearsal, shapes. */
#include <math.h>

#include "lang/core.h"
#include "lang/dist.h"
#include "lang/form.h"
#include "run/random.h"

struct Draw {
  Ev *ev;
  Shape shape;
  uint64_t key;
  int leaves;                   /* distributions met so far: each has a key of its own */
  Value *step, *trial, *update; /* traced draws; else NULL */
  bool abstract;                /* rehearsal: no numbers */
  const SparsePattern *pattern; /* draw at these places only, as a vector; or NULL */
  Where at;
};

static Value *draw_any(Draw *d, Value *v);

static uint64_t next_key(Draw *d) {
  return random_key_mix(d->key, (uint64_t)d->leaves++);
}

/* The shape of what is drawn: of the array, or of the entries at a pattern's places. */
static Shape drawn_shape(const Draw *d) {
  return d->pattern ? shape_vec(d->pattern->nnz) : d->shape;
}

/* ---- parameters
 * ---------------------------------------------------------------------------------- */

/* A parameter in a form that goes with drawn_shape: a number, or one for each element. */
static Value *parameter(Draw *d, const Dist *dist, int i) {
  Value *v = dist->arg[i];
  if (!value_is_array(v) || value_shape(v).rank == 0) return v;
  Shape joined;
  if (!shape_broadcast(value_shape(v), d->shape, &joined) || !shape_fits(joined, d->shape))
    return ev_error(d->ev, E0224, d->at, "a parameter %s of `%s` does not fit a draw of shape %s",
                    shape_text(d->ev->arena, value_shape(v)), dist->info->name,
                    shape_text(d->ev->arena, d->shape));
  if (!d->pattern) return v;
  if (d->abstract) return value_abstract(d->ev, shape_vec(EXTENT_UNKNOWN), v->dim);
  Value *full = form_broadcast(d->ev, v, d->shape, d->at);
  OpAttr attr = {.p = d->pattern};
  return ev_op(d->ev, OP_sparse_take, &attr, &full, 1, d->at);
}

/* Likewise for the random op itself, which does not broadcast. */
static Value *full_parameter(Draw *d, const Dist *dist, int i) {
  Value *v = parameter(d, dist, i);
  if (!value_is_array(v) || value_shape(v).rank == 0) return v;
  return form_broadcast(d->ev, v, drawn_shape(d), d->at);
}

/* ---- standard forms
 * --------------------------------------------------------------------------------- */

static Value *draw_at_pattern(Draw *d, RandomKind kind, uint64_t key, Value *const *param, int n) {
  const double *data[2];
  int64_t count[2];
  for (int i = 0; i < n; i++) {
    data[i] = param[i]->tensor->data;
    count[i] = shape_count(param[i]->tensor->shape);
  }
  Tensor *t = form_tensor(d->ev, drawn_shape(d), d->at);
  if (!t) return &VALUE_ERROR;
  random_fill_pattern(kind, (RandomPlace){.key = key}, d->pattern, data, count, t->data);
  return value_tensor(d->ev, t, DIM_ONE);
}

static Value *draw_op(Draw *d, RandomKind kind, uint64_t key, Value *const *param, int n) {
  OpAttr attr = {.axis = (int32_t)kind, .key = key, .n = d->shape.rank};
  for (int k = 0; k < d->shape.rank; k++) attr.i[k] = d->shape.n[k];
  Value *zero = value_num(d->ev, 0);
  Value *args[5] = {zero, zero, zero};
  if (d->step) args[0] = d->step, args[1] = d->trial, args[2] = d->update;
  for (int i = 0; i < n; i++) args[3 + i] = param[i];
  return ev_op(d->ev, OP_random, &attr, args, 3 + n, d->at);
}

/* `n` parameters from the distribution's argument `first` on. */
static Value *standard(Draw *d, RandomKind kind, Value *const *param, int n) {
  uint64_t key = next_key(d);
  for (int i = 0; i < n; i++)
    if (!value_is_array(param[i])) return param[i];
  if (d->abstract) return value_abstract(d->ev, drawn_shape(d), DIM_ONE);
  return d->pattern ? draw_at_pattern(d, kind, key, param, n) : draw_op(d, kind, key, param, n);
}

static Value *standard1(Draw *d, RandomKind kind, const Dist *dist, int i) {
  Value *p = full_parameter(d, dist, i);
  return standard(d, kind, &p, 1);
}

static Value *op2(Draw *d, OpId op, Value *a, Value *b) {
  return ev_op2(d->ev, op, a, b, d->at);
}

/* The same on single numbers: what it makes of dimensions, at no cost. */
static Value *shifted_zero(Draw *d, Value *shift, Value *scale) {
  Value *zero = value_num(d->ev, 0);
  Value *product = op2(d, OP_mul, scale, zero);
  return shift ? op2(d, OP_add, shift, product) : product;
}

double ev_nudged(const Ev *ev, int64_t place, double x) {
  if (ev->nudge == 0) return x;
  double part = (double)(int64_t)hash_mix(ev->nudge_key, (uint64_t)place) * 0x1p-63;
  return x + x * (ev->nudge * part);
}

/* shift + scale * z, z being a fresh draw; shift NULL: none. Single numbers are applied in place,
   for a weight matrix should be in memory once. The roundings are those of the two ops. */
static Value *shifted(Draw *d, Value *shift, Value *scale, Value *z) {
  bool single = value_is_known(z) && value_is_known(scale) && value_is_scalar(scale) &&
                (!shift || (value_is_known(shift) && value_is_scalar(shift)));
  if (!single) {
    Value *product = op2(d, OP_mul, scale, z);
    return shift ? op2(d, OP_add, shift, product) : product;
  }
  Value *zero = shifted_zero(d, shift, scale);
  if (!value_is_array(zero)) return zero;
  double by = scale->tensor->data[0], from = shift ? shift->tensor->data[0] : 0;
  double *x = z->tensor->data;
  int64_t n = shape_count(z->tensor->shape);
  for (int64_t i = 0; i < n; i++) {
    x[i] *= by;
    if (shift) x[i] += from;
  }
  for (int64_t i = 0; d->ev->nudge > 0 && i < n; i++) x[i] = ev_nudged(d->ev, i, x[i]);
  return value_with_dim(d->ev, z, zero->dim);
}

/* ---- the rows of dist.def
 * ------------------------------------------------------------------------------ */

static Value *draw_normal(Draw *d, const Dist *dist) {
  Value *z = standard(d, RANDOM_NORMAL, NULL, 0);
  return shifted(d, parameter(d, dist, 0), parameter(d, dist, 1), z);
}

static Value *draw_uniform(Draw *d, const Dist *dist) {
  Value *lo = parameter(d, dist, 0), *hi = parameter(d, dist, 1);
  return shifted(d, lo, op2(d, OP_sub, hi, lo), standard(d, RANDOM_UNIFORM, NULL, 0));
}

static Value *draw_lognormal(Draw *d, const Dist *dist) {
  return ev_op1(d->ev, OP_exp, draw_normal(d, dist), d->at);
}

static Value *draw_exponential(Draw *d, const Dist *dist) {
  return shifted(d, NULL, parameter(d, dist, 0), standard(d, RANDOM_EXPONENTIAL, NULL, 0));
}

static Value *draw_gamma(Draw *d, const Dist *dist) {
  return shifted(d, NULL, parameter(d, dist, 1), standard1(d, RANDOM_GAMMA, dist, 0));
}

static Value *draw_beta(Draw *d, const Dist *dist) {
  Value *p[] = {full_parameter(d, dist, 0), full_parameter(d, dist, 1)};
  return standard(d, RANDOM_BETA, p, 2);
}

static Value *draw_poisson(Draw *d, const Dist *dist) {
  return standard1(d, RANDOM_POISSON, dist, 0);
}

static Value *draw_bernoulli(Draw *d, const Dist *dist) {
  return op2(d, OP_lt, standard(d, RANDOM_UNIFORM, NULL, 0), parameter(d, dist, 0));
}

/* Back into (-pi, pi]. */
static Value *wrapped(Draw *d, Value *angle) {
  Value *turn = value_num(d->ev, 2 * M_PI), *pi = value_num(d->ev, M_PI);
  Value *turns = ev_op1(d->ev, OP_ceil, op2(d, OP_div, op2(d, OP_sub, angle, pi), turn), d->at);
  return op2(d, OP_sub, angle, op2(d, OP_mul, turns, turn));
}

static Value *draw_vonmises(Draw *d, const Dist *dist) {
  Value *z = standard1(d, RANDOM_VONMISES, dist, 1);
  return wrapped(d, op2(d, OP_add, parameter(d, dist, 0), z));
}

static Value *needs_axes(Draw *d, const Dist *dist, int axes) {
  if (!d->pattern && d->shape.rank >= axes) return NULL;
  return ev_error(d->ev, E0240, d->at, "`%s` needs the shape of a %s, not %s%s", dist->info->name,
                  axes == 2 ? "matrix" : "vector", d->pattern ? "a sparse matrix " : "",
                  shape_text(d->ev->arena, d->shape));
}

static Value *draw_orthogonal(Draw *d, const Dist *dist) {
  Value *bad = needs_axes(d, dist, 2);
  if (bad) return bad;
  Value *q = standard(d, RANDOM_ORTHOGONAL, NULL, 0);
  return dist->arg[0] ? shifted(d, NULL, parameter(d, dist, 0), q) : q;
}

static Value *draw_permutation(Draw *d, const Dist *dist) {
  Value *bad = needs_axes(d, dist, 1);
  return bad ? bad : standard(d, RANDOM_PERMUTATION, NULL, 0);
}

/* ---- choice
 * -------------------------------------------------------------------------------------------- */

/* The sums of the first 1, 2 ... k weights, relative to their total. */
static Value *cumulative(Draw *d, const Dist *dist, int64_t k) {
  Value *w = dist->arg[1];
  if (!w || w->kind == V_NONE) w = form_fill(d->ev, shape_vec(k), 1, DIM_ONE, d->at);
  if (!value_is_array(w)) return w;
  Value *sums = form_along(d->ev, OP_cumsum, w, 0, d->at);
  return op2(d, OP_div, sums, form_along(d->ev, OP_sum, w, 0, d->at));
}

static Value *choose_of_list(Draw *d, Value *list, Value *index) {
  if (value_is_traced(index))
    return ev_error(d->ev, E0240, d->at,
                    "a draw afresh in each trial needs numbers to choose from");
  if (!value_is_known(index)) return index->kind == V_ARRAY ? &VALUE_UNKNOWN : index;
  const double *at = index->tensor->data;
  if (d->shape.rank == 0) return list->fields[(int)at[0]].value;
  Value *out = value_list(d->ev, (int)shape_count(d->shape));
  for (int i = 0; i < out->nfields; i++) value_set(out, i, NULL, list->fields[(int)at[i]].value);
  return out;
}

/* Values of higher rank: the draws are rows, which take up the trailing axes of the shape. */
static Value *draw_choice(Draw *d, const Dist *dist) {
  Value *values = dist->arg[0];
  if (values->kind == V_UNKNOWN) return values;
  bool list = values->kind == V_LIST;
  Shape row = list ? SHAPE_SCALAR : shape_tail(value_shape(values), 1), all = d->shape;
  Shape tail = shape_tail(all, all.rank >= row.rank ? all.rank - row.rank : 0);
  if (!shape_fits(tail, row) || ((list || row.rank) && d->pattern) || (list && all.rank > 1))
    return ev_error(d->ev, E0240, d->at, "the choice among %s gives no draw of shape %s",
                    value_kind_name(d->ev, values), shape_text(d->ev->arena, all));
  Value *table = cumulative(d, dist, list ? values->nfields : value_shape(values).n[0]);
  d->shape.rank -= row.rank;
  Value *index = standard(d, RANDOM_CHOICE, &table, 1);
  d->shape = all;
  if (!value_is_array(index)) return index;
  return list ? choose_of_list(d, values, index) : form_gather(d->ev, values, index, 0, d->at);
}

/* ---- sparse matrices
 * ------------------------------------------------------------------------------------- */

static const SparsePattern *draw_pattern(Draw *d, const Dist *dist) {
  uint64_t key = next_key(d);
  int64_t rows = d->shape.n[0], cols = d->shape.n[1];
  if (d->abstract) {
    SparsePattern *p = ARENA_NEW(d->ev->arena, SparsePattern);
    *p = (SparsePattern){.rows = rows, .cols = cols, .nnz = EXTENT_UNKNOWN};
    return p;
  }
  double p = dist->arg[0]->tensor->data[0];
  Shape expected = shape_vec((int64_t)(p * (double)rows * (double)cols));
  if (!shape_affordable(d->ev, expected, d->at)) return NULL;
  return random_sparse_pattern(d->ev->arena, (RandomPlace){.key = key}, rows, cols, p);
}

static Value *sparse_matrix(Draw *d, const Dist *dist) {
  const SparsePattern *pattern = draw_pattern(d, dist);
  if (!pattern) return &VALUE_ERROR;
  Draw at_places = *d;
  at_places.pattern = pattern;
  Value *entries = draw_any(&at_places, dist->arg[1]);
  d->leaves = at_places.leaves;
  entries = form_broadcast(d->ev, entries, drawn_shape(&at_places), d->at);
  if (!value_is_array(entries)) return entries;
  Value *v = ARENA_NEW(d->ev->arena, Value);
  *v = (Value){.kind = V_SPARSE, .pattern = pattern, .entries = entries, .dim = entries->dim};
  v->at = d->at;
  return v;
}

/* Traced, of another rank, or with a probability for each element: dense. */
static Value *draw_sparse(Draw *d, const Dist *dist) {
  if (d->pattern) return ev_error(d->ev, E0240, d->at, "`sparse` stands inside of `sparse`");
  Value *p = parameter(d, dist, 0);
  if (!value_is_array(p)) return p;
  if (!d->step && d->shape.rank == 2 && value_shape(p).rank == 0 && !value_is_traced(p))
    return sparse_matrix(d, dist);
  Value *there = op2(d, OP_lt, standard(d, RANDOM_UNIFORM, NULL, 0), p);
  Value *x = form_broadcast(d->ev, draw_any(d, dist->arg[1]), d->shape, d->at);
  return ev_select(d->ev, there, x, value_quantity(d->ev, 0, DIM_ANY), d->at);
}

const DistInfo dist_table[DIST_COUNT] = {
#define DIST(name, signature, doc) {#name, draw_##name},
#include "lang/dist.def"
#undef DIST
};

/* ---- expressions of distributions
 * ---------------------------------------------------------------------- */

/* Through the operators where there is one: these keep sparse matrices sparse. */
static Value *apply(Draw *d, OpId op, Value **args, int n) {
  static const struct {
    OpId op;
    AstOp as;
  } operators[] = {{OP_add, AOP_ADD}, {OP_sub, AOP_SUB}, {OP_mul, AOP_MUL},
                   {OP_div, AOP_DIV}, {OP_mod, AOP_MOD}, {OP_pow, AOP_POW}};
  if (op == OP_neg) return ev_unary(d->ev, AOP_NEG, args[0], d->at);
  for (size_t k = 0; k < sizeof operators / sizeof *operators; k++)
    if (operators[k].op == op) return ev_binary(d->ev, operators[k].as, args[0], args[1], d->at);
  return ev_op(d->ev, op, NULL, args, n, d->at);
}

static Value *draw_any(Draw *d, Value *v) {
  if (v->kind != V_DIST) return v;
  const Dist *dist = v->dist;
  if (dist->info) return dist->info->draw(d, dist);
  Value *args[4];
  for (int i = 0; i < dist->n; i++) {
    args[i] = draw_any(d, dist->arg[i]);
    if (value_is_error(args[i]) || args[i]->kind == V_UNKNOWN) return args[i];
  }
  return apply(d, dist->op, args, dist->n);
}

/* What is drawn has the declared shape, to which numbers and arrays are spread. */
static Value *draw_whole(Draw *d, Value *v) {
  v = draw_any(d, dist_of(d->ev, v, d->at));
  if (v->kind == V_SPARSE && shape_fits(value_shape(v), d->shape)) return v;
  if (!value_is_array(v) && v->kind != V_SPARSE) return v;
  Shape joined;
  if (!shape_broadcast(value_shape(v), d->shape, &joined) || !shape_fits(joined, d->shape))
    return ev_error(d->ev, E0224, d->at, "a value %s does not fit the declared shape %s",
                    shape_text(d->ev->arena, value_shape(v)), shape_text(d->ev->arena, d->shape));
  return form_broadcast(d->ev, ev_dense(d->ev, v, d->at), d->shape, d->at);
}

Value *dist_draw_key(Ev *ev, Value *dist, Shape shape, uint64_t key, Where at) {
  if (!shape_affordable(ev, shape, at)) return &VALUE_ERROR;
  Draw d = {.ev = ev, .shape = shape, .key = key, .at = at, .abstract = ev->rehearse};
  return draw_whole(&d, dist);
}

Value *dist_draw(Ev *ev, Value *dist, Shape shape, const char *path, Where at) {
  return dist_draw_key(ev, dist, shape, random_key(ev->seed, path), at);
}

Value *dist_trace(Ev *ev, Graph *g, Value *dist, Shape shape, uint64_t key, NodeId step,
                  NodeId trial, NodeId update, Where at) {
  if (!shape_affordable(ev, shape, at)) return &VALUE_ERROR;
  Draw d = {.ev = ev, .shape = shape, .key = key, .at = at};
  d.step = value_node(ev, g, step, DIM_ONE);
  d.trial = value_node(ev, g, trial, DIM_ONE);
  d.update = value_node(ev, g, update, DIM_ONE);
  return draw_whole(&d, dist);
}
