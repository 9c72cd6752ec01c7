/* builtin_linalg.c: linear algebra. What can be differentiated (solve, inv, det, cholesky) is an
   op; the decompositions need numbers and go to LAPACK through num/linalg.h. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"
#include "num/linalg.h"

/* ---- ops
 * ------------------------------------------------------------------------------------------- */

/* An op on plain numbers whose result gets the dimension d. */
static Value *plain_op(Ev *ev, OpId op, Value *const *args, int n, Dim d, Where at) {
  Value *plain[2];
  for (int i = 0; i < n; i++) plain[i] = value_with_dim(ev, args[i], DIM_ONE);
  return value_with_dim(ev, ev_op(ev, op, NULL, plain, n, at), d);
}

static Value *square_arg(Ev *ev, Call *c) {
  Value *A = arg_array(ev, c, 0);
  return !value_is_array(A) || arg_square(ev, c, 0, A) ? A : &VALUE_ERROR;
}

Value *bi_solve(Ev *ev, Call *c) {
  Value *A = square_arg(ev, c), *b = arg_array(ev, c, 1);
  if (!value_is_array(A)) return A;
  if (!value_is_array(b)) return b;
  if (!arg_rank(ev, c, 1, b, 1, 2)) return &VALUE_ERROR;
  return plain_op(ev, OP_solve, (Value *[]){A, b}, 2, dim_div(b->dim, A->dim), c->at);
}

Value *bi_inv(Ev *ev, Call *c) {
  Value *A = square_arg(ev, c);
  if (!value_is_array(A)) return A;
  return plain_op(ev, OP_inv, &A, 1, dim_div(DIM_ONE, A->dim), c->at);
}

Value *bi_det(Ev *ev, Call *c) {
  Value *A = square_arg(ev, c);
  if (!value_is_array(A)) return A;
  int64_t n = value_shape(A).n[0];
  Dim d = DIM_ANY;
  if (n >= 0 || dim_is_one(A->dim)) dim_pow(A->dim, n < 0 ? 1 : (double)n, &d);
  return plain_op(ev, OP_det, &A, 1, d, c->at);
}

Value *bi_cholesky(Ev *ev, Call *c) {
  return ev_op1(ev, OP_cholesky, square_arg(ev, c), c->at);
}

/* ---- decompositions
 * -------------------------------------------------------------------------------- */

/* The result of a decomposition while it is being made: arrays without numbers in rehearsal. */
typedef struct Made {
  Ev *ev;
  Call *c;
  bool real; /* there are numbers to compute with */
  bool failed;
} Made;

static Made begin(Ev *ev, Call *c, const Value *a, const Value *b) {
  bool known = value_is_known(a) && (!b || value_is_known(b));
  return (Made){.ev = ev, .c = c, .real = known && !ev->rehearse};
}

static Value *new_array(Made *m, Shape s, Dim d) {
  if (!m->real) return value_abstract(m->ev, s, d);
  Tensor *t = form_tensor(m->ev, s, m->c->at);
  if (t) return value_tensor(m->ev, t, d);
  m->failed = true;
  return &VALUE_ERROR;
}

static double *data(const Value *v) {
  return v->tensor->data;
}

/* A report if the decomposition failed or found no finite numbers to work on. */
static Value *ended(Made *m, Status s, Value *result) {
  if (s.code == STATUS_OK) return result;
  return ev_fail(m->ev, m->c->at, s, "`%s` failed: %s", m->c->fn->name,
                 s.what ? s.what : "it found no solution");
}

static bool finite_argument(Ev *ev, Call *c, int i, const Value *v) {
  if (!value_is_known(v)) return true;
  int64_t n = shape_count(v->tensor->shape);
  for (int64_t k = 0; k < n; k++)
    if (!isfinite(v->tensor->data[k])) {
      arg_bad(ev, c, i, "holds %g, with which nothing can be computed", v->tensor->data[k]);
      return false;
    }
  return true;
}

/* Argument 0 as a finite matrix. */
static Value *matrix_arg(Ev *ev, Call *c) {
  Value *A = arg_numbers(ev, c, 0);
  if (!value_is_array(A)) return A;
  return arg_rank(ev, c, 0, A, 2, 2) && finite_argument(ev, c, 0, A) ? A : &VALUE_ERROR;
}

static int64_t lesser(int64_t m, int64_t n) {
  return m < 0 || n < 0 ? -1 : m < n ? m : n;
}

Value *bi_qr(Ev *ev, Call *c) {
  Value *A = matrix_arg(ev, c);
  if (!value_is_array(A)) return A;
  int64_t m = value_shape(A).n[0], n = value_shape(A).n[1], k = lesser(m, n);
  Made made = begin(ev, c, A, NULL);
  Value *r = value_record(ev, "qr", 2);
  value_set(r, 0, "q", new_array(&made, shape_mat(m, k), DIM_ONE));
  value_set(r, 1, "r", new_array(&made, shape_mat(k, n), A->dim));
  if (!made.real || made.failed) return r;
  return ended(&made, la_qr(m, n, data(A), data(r->fields[0].value), data(r->fields[1].value)), r);
}

Value *bi_svd(Ev *ev, Call *c) {
  Value *A = matrix_arg(ev, c);
  if (!value_is_array(A)) return A;
  int64_t m = value_shape(A).n[0], n = value_shape(A).n[1], k = lesser(m, n);
  Made made = begin(ev, c, A, NULL);
  Value *u = new_array(&made, shape_mat(m, k), DIM_ONE),
        *s = new_array(&made, shape_vec(k), A->dim);
  Value *vt = new_array(&made, shape_mat(k, n), DIM_ONE), *r = value_record(ev, "svd", 3);
  value_set(r, 0, "u", u);
  value_set(r, 1, "s", s);
  value_set(r, 2, "vt", vt);
  if (!made.real || made.failed) return r;
  return ended(&made, la_svd(m, n, data(A), data(u), data(s), data(vt)), r);
}

Value *bi_eig(Ev *ev, Call *c) {
  Value *A = matrix_arg(ev, c);
  if (!value_is_array(A)) return A;
  if (!arg_square(ev, c, 0, A)) return &VALUE_ERROR;
  int64_t n = value_shape(A).n[0];
  static const char *const names[] = {"re", "im", "vectors_re", "vectors_im"};
  Made made = begin(ev, c, A, NULL);
  Value *r = value_record(ev, "eig", 4), *v[4];
  for (int i = 0; i < 4; i++) {
    v[i] = new_array(&made, i < 2 ? shape_vec(n) : shape_mat(n, n), i < 2 ? A->dim : DIM_ONE);
    value_set(r, i, names[i], v[i]);
  }
  if (!made.real || made.failed) return r;
  return ended(&made, la_eig(n, data(A), data(v[0]), data(v[1]), data(v[2]), data(v[3])), r);
}

Value *bi_spectral_radius(Ev *ev, Call *c) {
  Value *A = matrix_arg(ev, c);
  if (!value_is_array(A)) return A;
  if (!arg_square(ev, c, 0, A)) return &VALUE_ERROR;
  int64_t n = value_shape(A).n[0];
  Made made = begin(ev, c, A, NULL);
  if (!made.real) return value_abstract(ev, SHAPE_SCALAR, A->dim);
  double *re = ARENA_ARRAY(ev->arena, double, n + 1), *im = ARENA_ARRAY(ev->arena, double, n + 1);
  Status s = la_eig(n, data(A), re, im, NULL, NULL);
  double largest = 0;
  for (int64_t i = 0; i < n; i++) largest = fmax(largest, hypot(re[i], im[i]));
  return ended(&made, s, value_quantity(ev, largest, A->dim));
}

Value *bi_lstsq(Ev *ev, Call *c) {
  Value *A = matrix_arg(ev, c), *b = arg_numbers(ev, c, 1);
  if (!value_is_array(A)) return A;
  if (!value_is_array(b)) return b;
  if (!arg_rank(ev, c, 1, b, 1, 2) || !finite_argument(ev, c, 1, b)) return &VALUE_ERROR;
  Shape a = value_shape(A), rhs = value_shape(b), out = rhs;
  if (a.n[0] >= 0 && rhs.n[0] >= 0 && a.n[0] != rhs.n[0])
    return ev_error(ev, E0401, c->at, "`lstsq`: %s and %s do not fit each other",
                    shape_text(ev->arena, a), shape_text(ev->arena, rhs));
  out.n[0] = a.n[1];
  Made made = begin(ev, c, A, b);
  Value *x = new_array(&made, out, dim_div(b->dim, A->dim));
  if (!made.real || made.failed) return x;
  int64_t nrhs = rhs.rank == 2 ? rhs.n[1] : 1;
  return ended(&made, la_lstsq(a.n[0], a.n[1], nrhs, data(A), data(b), data(x)), x);
}

Value *bi_pinv(Ev *ev, Call *c) {
  Value *A = matrix_arg(ev, c);
  if (!value_is_array(A)) return A;
  int64_t m = value_shape(A).n[0], n = value_shape(A).n[1];
  Made made = begin(ev, c, A, NULL);
  Value *x = new_array(&made, shape_mat(n, m), dim_div(DIM_ONE, A->dim));
  if (!made.real || made.failed) return x;
  return ended(&made, la_pinv(m, n, data(A), data(x)), x);
}

/* ---- principal components
 * ---------------------------------------------------------------------------- */

typedef struct Pca {
  int64_t samples, dims, k;
  double *mean, *axes, *scores, *variance;
} Pca;

static void centre(const Pca *p, const double *X, double *centred) {
  for (int64_t i = 0; i < p->samples; i++)
    for (int64_t j = 0; j < p->dims; j++) p->mean[j] += X[i * p->dims + j] / (double)p->samples;
  for (int64_t i = 0; i < p->samples; i++)
    for (int64_t j = 0; j < p->dims; j++)
      centred[i * p->dims + j] = X[i * p->dims + j] - p->mean[j];
}

/* A singular vector's sign is arbitrary: its largest entry is made positive. */
static double sign_of(const double *axis, int64_t n) {
  double largest = 0;
  for (int64_t j = 0; j < n; j++)
    if (fabs(axis[j]) > fabs(largest)) largest = axis[j];
  return largest < 0 ? -1 : 1;
}

/* By the singular value decomposition of the centred samples (Jolliffe, Principal Component
   Analysis, 2002, section 3.5). */
static Status components(Arena *a, const Pca *p, const double *X) {
  int64_t n = p->samples, d = p->dims, r = n < d ? n : d;
  double *centred = ARENA_ARRAY(a, double, n *d), *u = ARENA_ARRAY(a, double, n *r);
  double *s = ARENA_ARRAY(a, double, r), *vt = ARENA_ARRAY(a, double, r *d);
  centre(p, X, centred);
  Status status = la_svd(n, d, centred, u, s, vt);
  if (status.code != STATUS_OK) return status;
  for (int64_t c = 0; c < p->k; c++) {
    double sign = sign_of(vt + c * d, d);
    p->variance[c] = s[c] * s[c] / (double)n;
    for (int64_t j = 0; j < d; j++) p->axes[c * d + j] = sign * vt[c * d + j];
    for (int64_t i = 0; i < n; i++) p->scores[i * p->k + c] = sign * u[i * r + c] * s[c];
  }
  return STATUS_FINE;
}

static Value *pca_record(Made *made, const Value *X, Shape scores, int64_t d, int64_t k) {
  Dim square;
  dim_pow(X->dim, 2, &square);
  Value *r = value_record(made->ev, "pca", 4);
  value_set(r, 0, "mean", new_array(made, shape_vec(d), X->dim));
  value_set(r, 1, "axes", new_array(made, shape_mat(k, d), DIM_ONE));
  value_set(r, 2, "scores", new_array(made, scores, X->dim));
  value_set(r, 3, "variance", new_array(made, shape_vec(k), square));
  return r;
}

Value *bi_pca(Ev *ev, Call *c) {
  Value *X = arg_numbers(ev, c, 0);
  if (!value_is_array(X)) return X;
  if (!arg_rank(ev, c, 0, X, 2, SHAPE_MAX_RANK) || !finite_argument(ev, c, 0, X))
    return &VALUE_ERROR;
  Shape s = value_shape(X), lead = s, scores = s;
  lead.rank--;
  int64_t d = s.n[s.rank - 1], n = shape_count(lead), most = lesser(n, d), k;
  if (!arg_size(ev, c, 1, most, 1, &k)) return &VALUE_ERROR;
  if (most >= 0 && k > most)
    return arg_bad(ev, c, 1, "is %lld, but %lld samples of %lld numbers have %lld components",
                   (long long)k, (long long)n, (long long)d, (long long)most);
  scores.n[s.rank - 1] = k;
  Made made = begin(ev, c, X, NULL);
  Value *r = pca_record(&made, X, scores, d, k);
  if (!made.real || made.failed) return r;
  Pca p = {n,
           d,
           k,
           data(r->fields[0].value),
           data(r->fields[1].value),
           data(r->fields[2].value),
           data(r->fields[3].value)};
  Arena *scratch = arena_new();
  Status status = components(scratch, &p, data(X));
  arena_free(scratch);
  return ended(&made, status, r);
}
