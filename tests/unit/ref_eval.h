/* ref_eval.h: what every op means, written as naively as possible: the reference for kernels and
   passes. ref_op computes one op (lowered or not) on whole tensors; ref_eval a function, loops and
   all: each node is computed for each index of its loops by itself. Ops that draw are not here. */
#ifndef DYN_TESTS_REF_EVAL_H
#define DYN_TESTS_REF_EVAL_H

#include <assert.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

/* ---- elementwise: the third reading of the table
 * -------------------------------------------------- */

static inline double ref_sign(double a) {
  return isnan(a) ? a : (a > 0) - (a < 0);
}
static inline double ref_mod(double a, double b) {
  double r = fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
static inline double ref_minimum(double a, double b) {
  return isnan(a) || isnan(b) ? NAN : a < b ? a : b;
}
static inline double ref_maximum(double a, double b) {
  return isnan(a) || isnan(b) ? NAN : a > b ? a : b;
}
static inline double ref_softplus(double a) {
  return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a));
}
/* Above 0 only: that is where it is tested. */
static inline double ref_polygamma(double n, double x) {
  return x > 0 && x < 1e6 ? gsl_sf_psi_n((int)n, x) : NAN;
}

#define NUM(x) (x)
#define ADD(x, y) ((x) + (y))
#define SUB(x, y) ((x) - (y))
#define MUL(x, y) ((x) * (y))
#define DIV(x, y) ((x) / (y))
#define NEG(x) (-(x))
#define F1(op, x) ref_f_##op(x, 0, 0)
#define F2(op, x, y) ref_f_##op(x, y, 0)
#define F3(op, x, y, z) ref_f_##op(x, y, z)
#define REF_F(op, value)                                          \
  static inline double ref_f_##op(double a, double b, double c) { \
    (void)a, (void)b, (void)c;                                    \
    return value;                                                 \
  }
REF_F(mod, ref_mod(a, b))
REF_F(pow, pow(a, b))
REF_F(eq, a == b)
REF_F(ne, a != b)
REF_F(lt, a < b)
REF_F(le, a <= b)
REF_F(and, a != 0 && b != 0)
REF_F(or, a != 0 || b != 0)
REF_F(not, a == 0)
REF_F(select, a != 0 ? b : c)
REF_F(exp, exp(a))
REF_F(log, log(a))
REF_F(log10, log10(a))
REF_F(sqrt, sqrt(a))
REF_F(abs, fabs(a))
REF_F(sign, ref_sign(a))
REF_F(floor, floor(a))
REF_F(ceil, ceil(a))
REF_F(round, rint(a))
REF_F(sin, sin(a))
REF_F(cos, cos(a))
REF_F(tan, tan(a))
REF_F(asin, asin(a))
REF_F(acos, acos(a))
REF_F(atan, atan(a))
REF_F(atan2, atan2(a, b))
REF_F(sinh, sinh(a))
REF_F(cosh, cosh(a))
REF_F(tanh, tanh(a))
REF_F(sigmoid, 1 / (1 + exp(-a)))
REF_F(softplus, ref_softplus(a))
REF_F(relu, isnan(a) ? a : a > 0 ? a : 0)
REF_F(erf, erf(a))
REF_F(gamma_fn, tgamma(a))
REF_F(polygamma, ref_polygamma(a, b))
REF_F(minimum, ref_minimum(a, b))
REF_F(maximum, ref_maximum(a, b))
REF_F(clip, ref_minimum(ref_maximum(a, b), c))
REF_F(hypot, hypot(a, b))
REF_F(is_finite, isfinite(a) != 0)
#undef REF_F

#define REF_ROW(name, value)                                            \
  static inline double ref_value_##name(double a, double b, double c) { \
    (void)a, (void)b, (void)c;                                          \
    return value;                                                       \
  }
#define UNARY(name, value, da, dims, lo, hi, doc) REF_ROW(name, value)
#define BINARY(name, value, da, db, dims, lo, hi, doc) REF_ROW(name, value)
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) REF_ROW(name, value)
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef REF_ROW
#undef NUM
#undef ADD
#undef SUB
#undef MUL
#undef DIV
#undef NEG
#undef F1
#undef F2
#undef F3

typedef double RefValue(double a, double b, double c);
static RefValue *const ref_values[OP_COUNT] = {
#define UNARY(name, value, da, dims, lo, hi, doc) [OP_##name] = ref_value_##name,
#define BINARY(name, value, da, db, dims, lo, hi, doc) [OP_##name] = ref_value_##name,
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) [OP_##name] = ref_value_##name,
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
};

/* ---- indices
 * ------------------------------------------------------------------------------------- */

typedef struct RefCall {
  Arena *arena;
  const OpAttr *attr;
  const Tensor *const *in;
  int nin;
  Tensor *out; /* of the right shape, zeros */
} RefCall;

static inline void ref_unravel(Shape s, int64_t flat, int64_t *at) {
  for (int k = s.rank; k-- > 0; flat /= s.n[k]) at[k] = flat % s.n[k];
}

static inline int64_t ref_ravel(Shape s, const int64_t *at) {
  int64_t flat = 0;
  for (int k = 0; k < s.rank; k++) flat = flat * s.n[k] + at[k];
  return flat;
}

/* The element of t at `at`, an index into an array of `rank` axes that t is broadcast to. */
static inline double ref_broadcast_at(const Tensor *t, const int64_t *at, int rank) {
  int64_t own[SHAPE_MAX_AXES];
  for (int k = 0; k < t->shape.rank; k++)
    own[k] = t->shape.n[k] == 1 ? 0 : at[rank - t->shape.rank + k];
  return t->data[ref_ravel(t->shape, own)];
}

static inline void ref_elementwise(const RefCall *c, OpId op) {
  int64_t at[SHAPE_MAX_AXES];
  Shape s = c->out->shape;
  for (int64_t e = 0; e < shape_count(s); e++) {
    double x[3] = {0};
    ref_unravel(s, e, at);
    for (int k = 0; k < c->nin; k++) x[k] = ref_broadcast_at(c->in[k], at, s.rank);
    c->out->data[e] = ref_values[op](x[0], x[1], x[2]);
  }
}

/* ---- form
 * ---------------------------------------------------------------------------------------- */

static inline void ref_broadcast(const RefCall *c) {
  int64_t at[SHAPE_MAX_AXES];
  Shape s = c->out->shape;
  for (int64_t e = 0; e < shape_count(s); e++) {
    ref_unravel(s, e, at);
    c->out->data[e] = ref_broadcast_at(c->in[0], at, s.rank);
  }
}

static inline void ref_reshape(const RefCall *c) {
  memcpy(c->out->data, c->in[0]->data, (size_t)shape_count(c->out->shape) * sizeof(double));
}

/* The three below: where does element `at` of the result come from? False: it is zero. */
static inline bool ref_source(OpId op, const OpAttr *attr, Shape in, const int64_t *at,
                              int64_t *from) {
  for (int k = 0; k < in.rank; k++) {
    if (op == OP_transpose) from[attr->i[k]] = at[k];
    if (op == OP_slice) from[k] = at[k] + attr->i[k];
    if (op == OP_flip) from[k] = k == attr->axis ? in.n[k] - 1 - at[k] : at[k];
    if (op == OP_pad) {
      from[k] = at[k] - attr->i[k];
      if (from[k] < 0 || from[k] >= in.n[k]) return false;
    }
  }
  return true;
}

static inline void ref_moved(const RefCall *c, OpId op) {
  int64_t at[SHAPE_MAX_AXES], from[SHAPE_MAX_AXES];
  for (int64_t e = 0; e < shape_count(c->out->shape); e++) {
    ref_unravel(c->out->shape, e, at);
    if (ref_source(op, c->attr, c->in[0]->shape, at, from))
      c->out->data[e] = c->in[0]->data[ref_ravel(c->in[0]->shape, from)];
  }
}

static inline void ref_concat(const RefCall *c) {
  int64_t at[SHAPE_MAX_AXES];
  int axis = c->attr->axis;
  for (int64_t e = 0; e < shape_count(c->out->shape); e++) {
    ref_unravel(c->out->shape, e, at);
    int k = 0;
    while (at[axis] >= c->in[k]->shape.n[axis]) at[axis] -= c->in[k++]->shape.n[axis];
    c->out->data[e] = c->in[k]->data[ref_ravel(c->in[k]->shape, at)];
  }
}

/* An index as the language has it: -1 if it is out of range. */
static inline int64_t ref_index(double x, int64_t n) {
  if (x < 0) x += (double)n;
  return x >= 0 && x < (double)n ? (int64_t)x : -1;
}

static inline void ref_gather(const RefCall *c) {
  Shape x = c->in[0]->shape, index = c->in[1]->shape;
  int64_t at[SHAPE_MAX_AXES], from[SHAPE_MAX_AXES];
  int axis = c->attr->axis;
  for (int64_t e = 0; e < shape_count(c->out->shape); e++) {
    ref_unravel(c->out->shape, e, at);
    for (int k = 0; k < x.rank; k++)
      if (k != axis) from[k] = k < axis ? at[k] : at[k - 1 + index.rank];
    from[axis] = ref_index(c->in[1]->data[ref_ravel(index, at + axis)], x.n[axis]);
    c->out->data[e] = from[axis] < 0 ? NAN : c->in[0]->data[ref_ravel(x, from)];
  }
}

static inline void ref_scatter_add(const RefCall *c) {
  Shape g = c->in[0]->shape, index = c->in[1]->shape, out = c->out->shape;
  int64_t at[SHAPE_MAX_AXES], to[SHAPE_MAX_AXES];
  int axis = c->attr->axis;
  for (int64_t e = 0; e < shape_count(g); e++) {
    ref_unravel(g, e, at);
    for (int k = 0; k < out.rank; k++)
      if (k != axis) to[k] = k < axis ? at[k] : at[k - 1 + index.rank];
    to[axis] = ref_index(c->in[1]->data[ref_ravel(index, at + axis)], out.n[axis]);
    if (to[axis] >= 0) c->out->data[ref_ravel(out, to)] += c->in[0]->data[e];
  }
}

/* ---- along an axis
 * --------------------------------------------------------------------------------- */

static inline int ref_ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  if (isnan(x) || isnan(y)) return isnan(x) - isnan(y);
  return (x > y) - (x < y);
}

/* One line of n values x; results (one, or n of them) to y. */
static inline void ref_line(OpId op, const double *x, int64_t n, double *y) {
  double sum = 0, product = 1;
  int64_t low = 0, high = 0, odd = 0; /* odd: the first NaN */
  bool nan = false;
  for (int64_t k = 0; k < n; k++) {
    sum += x[k];
    product *= x[k];
    if (!nan) odd = k;
    nan |= isnan(x[k]);
    if (x[k] < x[low]) low = k;
    if (x[k] > x[high]) high = k;
    if (op == OP_cumsum) y[k] = sum;
  }
  if (op == OP_sum) *y = sum;
  if (op == OP_prod) *y = product;
  if (op == OP_min_of) *y = nan ? NAN : x[low];
  if (op == OP_max_of) *y = nan ? NAN : x[high];
  if (op == OP_argmin) *y = (double)(nan ? odd : low);
  if (op == OP_argmax) *y = (double)(nan ? odd : high);
  if (op == OP_sort || op == OP_argsort) {
    for (int64_t k = 0; k < n; k++) { /* the rank of element k, equal ones in order */
      int64_t rank = 0;
      for (int64_t j = 0; j < n; j++) {
        int order = ref_ascending(&x[j], &x[k]);
        rank += order < 0 || (order == 0 && j < k);
      }
      y[rank] = op == OP_sort ? x[k] : (double)k;
    }
  }
}

static inline void ref_lines(const RefCall *c, OpId op) {
  Shape s = c->in[0]->shape;
  int64_t n = s.n[c->attr->axis], inner = 1, outer = 1;
  for (int k = 0; k < s.rank; k++) {
    if (k < c->attr->axis) outer *= s.n[k];
    if (k > c->attr->axis) inner *= s.n[k];
  }
  int64_t m = c->out->shape.rank == s.rank ? n : 1;
  double *x = mem_alloc((size_t)(n + 1) * sizeof *x), *y = mem_alloc((size_t)(n + 1) * sizeof *y);
  for (int64_t o = 0; o < outer; o++) {
    for (int64_t i = 0; i < inner; i++) {
      for (int64_t k = 0; k < n; k++) x[k] = c->in[0]->data[(o * n + k) * inner + i];
      ref_line(op, x, n, y);
      for (int64_t k = 0; k < m; k++) c->out->data[(o * m + k) * inner + i] = y[k];
    }
  }
  mem_free(x);
  mem_free(y);
}

static inline void ref_convolve(const RefCall *c) {
  Shape s = c->in[0]->shape, t = c->out->shape;
  int axis = c->attr->axis;
  int64_t n = s.n[axis], m = c->in[1]->shape.n[0], at[SHAPE_MAX_AXES];
  int64_t first = c->attr->i[0] == 0 ? 0 : c->attr->i[0] == 1 ? (m - 1) / 2 : m - 1;
  for (int64_t e = 0; e < shape_count(t); e++) {
    ref_unravel(t, e, at);
    int64_t place = at[axis] + first;
    for (int64_t k = 0; k < m; k++) {
      at[axis] = place - k;
      if (at[axis] >= 0 && at[axis] < n)
        c->out->data[e] += c->in[1]->data[k] * c->in[0]->data[ref_ravel(s, at)];
    }
  }
}

/* ---- products
 * -------------------------------------------------------------------------------------- */

static inline void ref_gemm(const RefCall *c) {
  int flags = c->attr->axis;
  Shape a = shape_tail(c->in[0]->shape, flags & 1);
  Shape s = shape_tail(c->out->shape, flags & 3 ? 1 : 0);
  int64_t m = s.n[0], n = s.n[1], k = a.n[flags & 4 ? 0 : 1],
          batch = flags & 3 ? c->out->shape.n[0] : 1;
  for (int64_t e = 0; e < batch * m * n; e++) {
    int64_t b = e / (m * n), i = e / n % m, j = e % n;
    const double *x = c->in[0]->data + (flags & 1 ? b * m * k : 0);
    const double *y = c->in[1]->data + (flags & 2 ? b * k * n : 0);
    for (int64_t l = 0; l < k; l++)
      c->out->data[e] +=
          x[flags & 4 ? l * m + i : i * k + l] * y[flags & 8 ? j * k + l : l * n + j];
  }
}

/* The reference's own packed form: the matrix as [k, n] at the front of the buffer. */
static inline void ref_pack(const RefCall *c) {
  Shape s = c->in[0]->shape;
  int64_t k = s.n[c->attr->axis ? 1 : 0], n = s.n[c->attr->axis ? 0 : 1];
  for (int64_t e = 0; e < k * n; e++)
    c->out->data[e] = c->in[0]->data[c->attr->axis ? e % n * k + e / n : e];
}

static inline void ref_gemm_packed(const RefCall *c) {
  int64_t k = c->attr->i[0], n = c->attr->i[1];
  for (int64_t e = 0; e < shape_count(c->out->shape); e++)
    for (int64_t l = 0; l < k; l++)
      c->out->data[e] += c->in[0]->data[e / n * k + l] * c->in[1]->data[l * n + e % n];
}

static inline void ref_matmul(const RefCall *c) {
  Shape a = c->in[0]->shape, b = c->in[1]->shape, out = c->out->shape;
  int na = a.rank > 1, nb = b.rank > 1, lead = out.rank - na - nb;
  int64_t k = a.n[a.rank - 1], at[SHAPE_MAX_AXES], from[SHAPE_MAX_AXES];
  for (int64_t e = 0; e < shape_count(out); e++) {
    ref_unravel(out, e, at);
    for (int64_t l = 0; l < k; l++) {
      double x[2];
      for (int which = 0; which < 2; which++) {
        Shape s = which ? b : a;
        int matrix = s.rank > 1, own = matrix ? s.rank - 2 : 0;
        for (int d = 0; d < own; d++) from[d] = s.n[d] == 1 ? 0 : at[lead - own + d];
        if (matrix) from[own] = which ? l : at[lead];
        from[s.rank - 1] = which ? (matrix ? at[lead + na] : l) : l;
        x[which] = c->in[which]->data[ref_ravel(s, from)];
      }
      c->out->data[e] += x[0] * x[1];
    }
  }
}

static inline void ref_sparse(const RefCall *c, OpId op) {
  const SparsePattern *p = c->attr->p;
  Shape x = c->in[c->nin - 1]->shape;
  int64_t m = op == OP_spmm || op == OP_sddmm ? (x.rank == 2 ? x.n[1] : 1) : 1;
  for (int64_t r = 0; r < p->rows; r++) {
    for (int64_t e = p->start[r]; e < p->start[r + 1]; e++) {
      int64_t col = p->col[e];
      for (int64_t j = 0; j < m; j++) {
        if (op == OP_spmm)
          c->out->data[r * m + j] += c->in[0]->data[e] * c->in[1]->data[col * m + j];
        if (op == OP_sddmm)
          c->out->data[e] += c->in[0]->data[r * m + j] * c->in[1]->data[col * m + j];
      }
      if (op == OP_sparse_fill) c->out->data[r * p->cols + col] = c->in[0]->data[e];
      if (op == OP_sparse_take) c->out->data[e] = c->in[0]->data[r * p->cols + col];
    }
  }
}

/* ---- decompositions
 * ---------------------------------------------------------------------------------- */

/* Gauss-Jordan with row pivots: x [n, m] becomes a's inverse times x. Returns the determinant. */
static inline double ref_eliminate(double *a, int64_t n, double *x, int64_t m) {
  double det = 1;
  for (int64_t k = 0; k < n; k++) {
    int64_t best = k;
    for (int64_t r = k; r < n; r++)
      if (fabs(a[r * n + k]) > fabs(a[best * n + k])) best = r;
    if (best != k) det = -det;
    for (int64_t j = 0; j < n + m && best != k; j++) {
      double *u = j < n ? &a[best * n + j] : &x[best * m + j - n];
      double *v = j < n ? &a[k * n + j] : &x[k * m + j - n], swap = *u;
      *u = *v;
      *v = swap;
    }
    double pivot = a[k * n + k];
    det *= pivot;
    for (int64_t j = 0; j < n; j++) a[k * n + j] /= pivot;
    for (int64_t j = 0; j < m; j++) x[k * m + j] /= pivot;
    for (int64_t r = 0; r < n; r++) {
      double f = a[r * n + k];
      for (int64_t j = 0; j < n && r != k; j++) a[r * n + j] -= f * a[k * n + j];
      for (int64_t j = 0; j < m && r != k; j++) x[r * m + j] -= f * x[k * m + j];
    }
  }
  return det;
}

static inline void ref_linear(const RefCall *c, OpId op) {
  int64_t n = c->in[0]->shape.n[0];
  size_t bytes = (size_t)(n * n) * sizeof(double);
  double *a = mem_alloc(bytes);
  memcpy(a, c->in[0]->data, bytes);
  if (op == OP_solve) {
    ref_reshape(&(RefCall){c->arena, NULL, c->in + 1, 1, c->out});
    ref_eliminate(a, n, c->out->data, c->out->shape.rank == 2 ? c->out->shape.n[1] : 1);
  } else if (op == OP_inv) {
    for (int64_t k = 0; k < n; k++) c->out->data[k * n + k] = 1;
    ref_eliminate(a, n, c->out->data, n);
  } else {
    c->out->data[0] = ref_eliminate(a, n, a, 0);
  }
  mem_free(a);
}

static inline void ref_cholesky(const RefCall *c) {
  int64_t n = c->in[0]->shape.n[0];
  double *l = c->out->data;
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j <= i; j++) {
      double s = c->in[0]->data[i * n + j];
      for (int64_t k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i == j ? sqrt(s) : s / l[j * n + j];
    }
  }
}

/* ---- tables
 * ------------------------------------------------------------------------------------------ */

static inline void ref_lookup(const RefCall *c, bool slope) {
  int64_t k = c->in[1]->shape.n[0], width = k ? shape_count(c->in[2]->shape) / k : 0;
  const double *time = c->in[1]->data, *value = c->in[2]->data;
  for (int64_t e = 0; e < shape_count(c->in[0]->shape); e++) {
    double t = c->in[0]->data[e];
    int64_t j = 0;
    while (j + 2 < k && t >= time[j + 1]) j++;
    bool inside = k > 1 && t >= time[0] && t < time[k - 1];
    double w = inside ? (t - time[j]) / (time[j + 1] - time[j]) : 0;
    for (int64_t i = 0; i < width; i++) {
      double lo = value[j * width + i], hi = inside ? value[(j + 1) * width + i] : lo;
      double held = isnan(t) ? t : t < time[0] ? value[i] : value[(k - 1) * width + i];
      double *out = &c->out->data[e * width + i];
      *out = slope    ? (inside ? (hi - lo) / (time[j + 1] - time[j]) : 0)
             : inside ? lo + w * (hi - lo)
                      : held;
    }
  }
}

/* ---- one op
 * ------------------------------------------------------------------------------------------ */

static inline void ref_compute(const RefCall *c, OpId op);

/* One element of the batch after another. */
static inline void ref_batched(const RefCall *c, OpId op) {
  int64_t batch = c->out->shape.n[0];
  OpAttr attr = *c->attr;
  attr.axis2 = 0;
  attr.axis -= 1;
  for (int64_t b = 0; b < batch; b++) {
    const Tensor *in[3];
    for (int k = 0; k < c->nin; k++) {
      Shape s = shape_tail(c->in[k]->shape, 1);
      in[k] = tensor_view(c->arena, c->in[k], s, b * shape_count(s));
    }
    Shape s = shape_tail(c->out->shape, 1);
    Tensor *out = tensor_view(c->arena, c->out, s, b * shape_count(s));
    ref_compute(&(RefCall){c->arena, &attr, in, c->nin, out}, op);
  }
}

/* spmm and sddmm with flags for each argument. */
static inline void ref_sparse_batched(const RefCall *c, OpId op) {
  int flags = c->attr->axis;
  OpAttr attr = *c->attr;
  attr.axis = 0;
  for (int64_t b = 0; b < c->out->shape.n[0]; b++) {
    const Tensor *in[2];
    for (int k = 0; k < 2; k++) {
      Shape s = shape_tail(c->in[k]->shape, flags >> k & 1);
      in[k] = flags >> k & 1 ? tensor_view(c->arena, c->in[k], s, b * shape_count(s)) : c->in[k];
    }
    Shape s = shape_tail(c->out->shape, 1);
    Tensor *out = tensor_view(c->arena, c->out, s, b * shape_count(s));
    ref_sparse(&(RefCall){c->arena, &attr, in, 2, out}, op);
  }
}

static inline void ref_compute(const RefCall *c, OpId op) {
  if (op_table[op].flags & OP_ELEMENTWISE) {
    ref_elementwise(c, op);
    return;
  }
  bool sparse2 = op == OP_spmm || op == OP_sddmm;
  if (sparse2 && c->attr->axis) {
    ref_sparse_batched(c, op);
    return;
  }
  if (!sparse2 && c->attr && c->attr->axis2) {
    ref_batched(c, op);
    return;
  }
  switch ((int)op) {
    case OP_const:
      ref_reshape(&(RefCall){c->arena, NULL, (const Tensor *const[]){c->attr->p}, 1, c->out});
      break;
    case OP_broadcast: ref_broadcast(c); break;
    case OP_reshape: ref_reshape(c); break;
    case OP_transpose:
    case OP_slice:
    case OP_pad:
    case OP_flip: ref_moved(c, op); break;
    case OP_concat: ref_concat(c); break;
    case OP_gather: ref_gather(c); break;
    case OP_scatter_add: ref_scatter_add(c); break;
    case OP_sum:
    case OP_prod:
    case OP_min_of:
    case OP_max_of:
    case OP_argmin:
    case OP_argmax:
    case OP_cumsum:
    case OP_sort:
    case OP_argsort: ref_lines(c, op); break;
    case OP_matmul: ref_matmul(c); break;
    case OP_convolve: ref_convolve(c); break;
    case OP_spmm:
    case OP_sddmm:
    case OP_sparse_fill:
    case OP_sparse_take: ref_sparse(c, op); break;
    case OP_solve:
    case OP_inv:
    case OP_det: ref_linear(c, op); break;
    case OP_cholesky: ref_cholesky(c); break;
    case OP_lookup: ref_lookup(c, false); break;
    case OP_lookup_slope: ref_lookup(c, true); break;
    case OP_gemm: ref_gemm(c); break;
    case OP_pack: ref_pack(c); break;
    case OP_gemm_packed: ref_gemm_packed(c); break;
    default: assert(!"an op that the reference does not know");
  }
}

/* take_mask, where, unique: their shape depends on the values. */
static inline Tensor *ref_eager(Arena *a, OpId op, const Tensor *const *in) {
  const Tensor *x = in[0], *mask = op == OP_take_mask ? in[1] : in[0];
  int64_t n = shape_count(mask->shape), width = shape_count(x->shape) / (n ? n : 1), found = 0;
  int64_t at[SHAPE_MAX_AXES];
  double *data = mem_alloc((size_t)(shape_count(x->shape) * (mask->shape.rank + 1)) * sizeof *data);
  for (int64_t e = 0; e < n; e++) {
    if (op == OP_unique) {
      bool new = true;
      for (int64_t k = 0; k < found; k++) new &= data[k] != x->data[e];
      if (new) data[found++] = x->data[e];
    } else if (mask->data[e] != 0) {
      ref_unravel(mask->shape, e, at);
      for (int64_t k = 0; k < (op == OP_where ? mask->shape.rank : width); k++)
        data[found * (op == OP_where ? mask->shape.rank : width) + k] =
            op == OP_where ? (double)at[k] : x->data[e * width + k];
      found++;
    }
  }
  if (op == OP_unique) qsort(data, (size_t)found, sizeof *data, ref_ascending);
  Shape s = shape_vec(found);
  if (op == OP_where && mask->shape.rank > 1) s = shape_mat(found, mask->shape.rank);
  if (op == OP_take_mask) s = shape_concat(s, shape_tail(x->shape, mask->shape.rank));
  Tensor *out = tensor_new(a, s);
  memcpy(out->data, data, (size_t)shape_count(s) * sizeof *data);
  mem_free(data);
  return out;
}

static inline Tensor *ref_op(Arena *a, OpId op, const OpAttr *attr, const Tensor *const *in,
                             int nin) {
  Shape shapes[16], s;
  const char *why;
  if (op_table[op].flags & OP_EAGER) return ref_eager(a, op, in);
  for (int k = 0; k < nin; k++) shapes[k] = in[k]->shape;
  if (!op_shape(op, attr, shapes, nin, &s, a, &why)) return NULL;
  Tensor *out = tensor_new(a, s);
  ref_compute(&(RefCall){a, attr, in, nin, out}, op);
  return out;
}

/* ---- functions
 * ----------------------------------------------------------------------------------------- */

static inline Shape ref_loop_shape(const Graph *g, LoopSet loops) {
  Shape s = SHAPE_SCALAR;
  for (int k = 0; k < g->nloops; k++)
    if (loops >> k & 1) s.n[s.rank++] = g->loops[k].extent;
  return s;
}

/* Loops outside, then the element: as pass_lower lays out nodes. */
static inline Shape ref_whole_shape(const Graph *g, const Node *n) {
  return shape_concat(ref_loop_shape(g, n->loops), n->shape);
}

/* The element of node n's value where loop k is at index[k]. */
static inline Tensor *ref_element(Arena *a, const Graph *g, const Node *n, const Tensor *whole,
                                  const int64_t *index) {
  int64_t flat = 0;
  for (int k = 0; k < g->nloops; k++)
    if (n->loops >> k & 1) flat = flat * g->loops[k].extent + index[k];
  return tensor_view(a, whole, n->shape, flat * shape_count(n->shape));
}

static inline void ref_loop_op(Arena *a, const Graph *g, const Node *n, Tensor *const *values,
                               int64_t *index, Tensor *out) {
  int loop = n->attr->axis;
  if (n->op == OP_iota) {
    out->data[0] = (double)index[loop];
    return;
  }
  const Node *x = graph_node(g, n->in[0]);
  int64_t size = shape_count(x->shape);
  if (n->op == OP_unstack) {
    Tensor *whole = ref_element(a, g, x, values[n->in[0]], index);
    memcpy(out->data, whole->data + index[loop] * shape_count(n->shape),
           (size_t)shape_count(n->shape) * sizeof(double));
    return;
  }
  for (index[loop] = 0; index[loop] < g->loops[loop].extent; index[loop]++)
    memcpy(out->data + index[loop] * size, ref_element(a, g, x, values[n->in[0]], index)->data,
           (size_t)size * sizeof(double));
}

static inline Tensor *ref_node(Arena *a, const Graph *g, const Node *n, Tensor *const *values) {
  Shape loops = ref_loop_shape(g, n->loops);
  Tensor *whole = tensor_new(a, ref_whole_shape(g, n));
  for (int64_t e = 0; e < shape_count(loops); e++) {
    int64_t at[SHAPE_MAX_AXES], index[GRAPH_MAX_LOOPS] = {0};
    const Tensor *in[16];
    ref_unravel(loops, e, at);
    for (int k = 0, j = 0; k < g->nloops; k++)
      if (n->loops >> k & 1) index[k] = at[j++];
    Tensor *out = ref_element(a, g, n, whole, index);
    if (n->op == OP_iota || n->op == OP_stack || n->op == OP_unstack) {
      ref_loop_op(a, g, n, values, index, out);
      continue;
    }
    for (int k = 0; k < n->nin; k++)
      in[k] = ref_element(a, g, graph_node(g, n->in[k]), values[n->in[k]], index);
    ref_compute(&(RefCall){a, n->attr, in, n->nin, out}, n->op);
  }
  return whole;
}

/* The outputs of f for these inputs (whole arrays: loops first). */
static inline void ref_eval(Arena *a, const GraphFn *f, const Tensor *const *in, Tensor **out) {
  Tensor **values = mem_alloc(f->g->nodes.n * sizeof *values);
  uint8_t *live = graph_live(f->g, f->out, f->nout);
  for (int k = 0; k < f->nin; k++) values[f->in[k]] = (Tensor *)in[k];
  for (size_t id = 0; id < f->g->nodes.n; id++)
    if (live[id] && !values[id])
      values[id] = ref_node(a, f->g, graph_node(f->g, (NodeId)id), values);
  for (int k = 0; k < f->nout; k++) out[k] = values[f->out[k]];
  mem_free(live);
  mem_free(values);
}

#endif
