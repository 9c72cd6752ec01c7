/* op_shape.c: the shape of an op's result: one rule for all elementwise ops and a function
   rule_<name> for each row of op.def. Lowered ops may be batched (see op.def): `batch` is then one
   axis in front, which the helpers below skip. A rule refuses with the end of a sentence. */
#include "op/op.h"

typedef struct ShapeCall {
  const OpAttr *attr;
  const Shape *in;
  int nin;
  Shape *out;
  Arena *arena;
  const char **why;
} ShapeCall;

static bool refuse(const ShapeCall *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool refuse(const ShapeCall *c, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  *c->why = arena_vprintf(c->arena, fmt, ap);
  va_end(ap);
  return false;
}

static const char *text(const ShapeCall *c, Shape s) {
  return shape_text(c->arena, s);
}

static bool refuse_pair(const ShapeCall *c, Shape a, Shape b) {
  return refuse(c, "%s and %s do not fit each other", text(c, a), text(c, b));
}

static bool give(const ShapeCall *c, Shape s) {
  *c->out = s;
  return true;
}

static bool agree(int64_t a, int64_t b) {
  return a == b || a < 0 || b < 0;
}

static int64_t joined(int64_t a, int64_t b) {
  return a < 0 ? b : a;
}

static int64_t sum_extents(int64_t a, int64_t b) {
  int64_t sum;
  if (a < 0 || b < 0) return EXTENT_UNKNOWN;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static bool has_room(const ShapeCall *c, int rank) {
  return rank <= SHAPE_MAX_AXES ||
         refuse(c, "the result would have more than %d axes", SHAPE_MAX_AXES);
}

static int batch_of(const ShapeCall *c) {
  return c->attr->axis2 != 0;
}

/* The extents without the batch axis. */
static Shape element(const ShapeCall *c, int k) {
  return shape_tail(c->in[k], batch_of(c));
}

static Shape with_batch(const ShapeCall *c, Shape s) {
  return batch_of(c) ? shape_concat(shape_vec(c->in[0].n[0]), s) : s;
}

/* A batched op has the same leading axis in all arguments. */
static bool batch_agrees(const ShapeCall *c) {
  for (int k = 0; k < c->nin && batch_of(c); k++) {
    if (c->in[k].rank == 0) return refuse(c, "argument %d lacks the batch axis", k + 1);
    if (!agree(c->in[k].n[0], c->in[0].n[0])) return refuse_pair(c, c->in[0], c->in[k]);
  }
  return true;
}

static Shape attr_shape(const OpAttr *attr) {
  Shape s = {attr->n, {0}};
  for (int k = 0; k < s.rank; k++) s.n[k] = attr->i[k];
  return s;
}

static Shape without_axis(Shape s, int axis) {
  Shape t = {s.rank - 1, {0}};
  for (int k = 0; k < t.rank; k++) t.n[k] = s.n[k < axis ? k : k + 1];
  return t;
}

/* s with the axis replaced by all of `with`. */
static Shape replace_axis(Shape s, int axis, Shape with) {
  Shape head = s;
  head.rank = axis;
  return shape_concat(shape_concat(head, with), shape_tail(s, axis + 1));
}

static bool axis_exists(const ShapeCall *c, Shape s) {
  int axis = c->attr->axis;
  if (axis >= 0 && axis < s.rank) return true;
  if (s.rank == 0) return refuse(c, "a single number has no axis %d", axis);
  return refuse(c, "%s has no axis %d", text(c, s), axis);
}

static bool rank_is(const ShapeCall *c, int k, int rank) {
  Shape s = element(c, k);
  static const char *const names[] = {"a number", "a vector", "a matrix"};
  return s.rank == rank ||
         refuse(c, "argument %d must be %s, not %s", k + 1, names[rank], text(c, s));
}

static bool has_n_entries(const ShapeCall *c, int rank) {
  return c->attr->n == rank ||
         refuse(c, "%d axes are given for %s", (int)c->attr->n, text(c, c->in[0]));
}

/* ---- elementwise ----------------------------------------------------------------------------- */

static bool rule_elementwise(const ShapeCall *c) {
  Shape s = c->in[0];
  for (int k = 1; k < c->nin; k++)
    if (!shape_broadcast(s, c->in[k], &s)) return refuse_pair(c, s, c->in[k]);
  return give(c, s);
}

/* ---- leaves and loops ------------------------------------------------------------------------ */

static bool rule_input(const ShapeCall *c) {
  return give(c, attr_shape(c->attr));
}

static bool rule_const(const ShapeCall *c) {
  /* A Tensor begins with its shape; the type itself is declared above this folder. */
  return give(c, *(const Shape *)c->attr->p);
}

static bool rule_iota(const ShapeCall *c) {
  return give(c, SHAPE_SCALAR);
}

static bool rule_unstack(const ShapeCall *c) {
  Shape s = c->in[0];
  if (s.rank == 0) return refuse(c, "a single number cannot be taken apart");
  if (!agree(s.n[0], c->attr->i[0]))
    return refuse(c, "%s has no leading axis of %lld", text(c, s), (long long)c->attr->i[0]);
  return give(c, shape_tail(s, 1));
}

static bool rule_stack(const ShapeCall *c) {
  return has_room(c, c->in[0].rank + 1) &&
         give(c, shape_concat(shape_vec(c->attr->i[0]), c->in[0]));
}

/* ---- form ------------------------------------------------------------------------------------ */

static bool rule_broadcast(const ShapeCall *c) {
  Shape s, want = attr_shape(c->attr);
  if (!shape_broadcast(c->in[0], want, &s) || s.rank != want.rank || !shape_fits(s, want))
    return refuse(c, "%s cannot be spread to %s", text(c, c->in[0]), text(c, want));
  return give(c, want);
}

static bool rule_reshape(const ShapeCall *c) {
  Shape want = attr_shape(c->attr), open = want;
  int unknown = -1, unknowns = 0;
  for (int k = 0; k < want.rank; k++)
    if (want.n[k] < 0) unknown = k, open.n[k] = 1, unknowns++;
  int64_t have = shape_count(c->in[0]), rest = shape_count(open);
  if (have < 0 || unknowns > 1) return give(c, want);
  if (unknowns == 1 && rest > 0 && have % rest == 0) want.n[unknown] = have / rest;
  if (shape_count(want) != have)
    return refuse(c, "%s does not have as many elements as %s", text(c, c->in[0]),
                  text(c, attr_shape(c->attr)));
  return give(c, want);
}

static bool rule_transpose(const ShapeCall *c) {
  Shape s = c->in[0], t = s;
  if (!has_n_entries(c, s.rank)) return false;
  unsigned seen = 0;
  for (int k = 0; k < s.rank; k++) {
    int64_t from = c->attr->i[k];
    if (from < 0 || from >= s.rank || seen >> from & 1)
      return refuse(c, "this is no order of the axes of %s", text(c, s));
    seen |= 1u << from;
    t.n[k] = s.n[from];
  }
  return give(c, t);
}

static bool rule_slice(const ShapeCall *c) {
  Shape s = c->in[0], t = s;
  if (!has_n_entries(c, s.rank)) return false;
  for (int k = 0; k < s.rank; k++) {
    int64_t from = c->attr->i[k], count = c->attr->j[k];
    if (s.n[k] >= 0 && (from < 0 || (count >= 0 && from + count > s.n[k])))
      return refuse(c, "elements %lld to %lld lie outside axis %d of %s", (long long)from,
                    (long long)(from + count), k, text(c, s));
    t.n[k] = count;
  }
  return give(c, t);
}

static bool rule_pad(const ShapeCall *c) {
  Shape s = c->in[0];
  if (!has_n_entries(c, s.rank)) return false;
  for (int k = 0; k < s.rank; k++) {
    if (c->attr->i[k] < 0 || c->attr->j[k] < 0) return refuse(c, "padding cannot be negative");
    s.n[k] = sum_extents(s.n[k], c->attr->i[k] + c->attr->j[k]);
  }
  return give(c, s);
}

static bool rule_along_axis(const ShapeCall *c) {
  return axis_exists(c, c->in[0]) && give(c, c->in[0]);
}

static bool rule_flip(const ShapeCall *c) {
  return rule_along_axis(c);
}

static bool rule_concat(const ShapeCall *c) {
  if (c->nin == 0) return refuse(c, "there is nothing to join");
  if (!axis_exists(c, c->in[0])) return false;
  Shape s = c->in[0];
  for (int k = 1; k < c->nin; k++) {
    Shape next = c->in[k];
    if (next.rank != s.rank) return refuse_pair(c, c->in[0], next);
    for (int d = 0; d < s.rank; d++) {
      if (d == c->attr->axis) {
        s.n[d] = sum_extents(s.n[d], next.n[d]);
      } else if (agree(s.n[d], next.n[d])) {
        s.n[d] = joined(s.n[d], next.n[d]);
      } else {
        return refuse(c, "%s and %s cannot be joined along axis %d", text(c, c->in[0]),
                      text(c, next), c->attr->axis);
      }
    }
  }
  return give(c, s);
}

static bool rule_gather(const ShapeCall *c) {
  if (!batch_agrees(c) || !axis_exists(c, c->in[0])) return false;
  Shape index = element(c, 1);
  return has_room(c, c->in[0].rank - 1 + index.rank) &&
         give(c, replace_axis(c->in[0], c->attr->axis, index));
}

/* The reverse of gather: the index's axes stand where one axis of the result will be. */
static bool rule_scatter_add(const ShapeCall *c) {
  if (!batch_agrees(c)) return false;
  Shape g = c->in[0], index = element(c, 1), head = g;
  int axis = c->attr->axis;
  if (axis < 0 || axis + index.rank > g.rank)
    return refuse(c, "%s has no axes of %s at %d", text(c, g), text(c, index), axis);
  for (int k = 0; k < index.rank; k++)
    if (!agree(g.n[axis + k], index.n[k])) return refuse_pair(c, g, index);
  if (!has_room(c, g.rank - index.rank + 1)) return false;
  head.rank = axis;
  Shape s = shape_concat(head, shape_vec(c->attr->i[0]));
  return give(c, shape_concat(s, shape_tail(g, axis + index.rank)));
}

static bool rule_take_mask(const ShapeCall *c) {
  Shape x = c->in[0], mask = c->in[1], head = x;
  if (mask.rank > x.rank)
    return refuse(c, "a mask of %s does not fit %s", text(c, mask), text(c, x));
  head.rank = mask.rank;
  if (!shape_fits(mask, head))
    return refuse(c, "a mask of %s does not fit %s", text(c, mask), text(c, x));
  return has_room(c, x.rank - mask.rank + 1) &&
         give(c, shape_concat(shape_vec(EXTENT_UNKNOWN), shape_tail(x, mask.rank)));
}

static bool rule_where(const ShapeCall *c) {
  int rank = c->in[0].rank;
  if (rank == 0) return refuse(c, "a single number has no indices");
  return give(c, rank == 1 ? shape_vec(EXTENT_UNKNOWN) : shape_mat(EXTENT_UNKNOWN, rank));
}

static bool rule_unique(const ShapeCall *c) {
  return give(c, shape_vec(EXTENT_UNKNOWN));
}

/* ---- reductions ------------------------------------------------------------------------------ */

static bool rule_sum(const ShapeCall *c) {
  return axis_exists(c, c->in[0]) && give(c, without_axis(c->in[0], c->attr->axis));
}

static bool rule_prod(const ShapeCall *c) {
  return rule_sum(c);
}

/* Extremes of nothing do not exist. */
static bool rule_extreme(const ShapeCall *c) {
  if (!axis_exists(c, c->in[0])) return false;
  if (c->in[0].n[c->attr->axis] == 0) return refuse(c, "%s has no elements", text(c, c->in[0]));
  return rule_sum(c);
}

static bool rule_min_of(const ShapeCall *c) {
  return rule_extreme(c);
}
static bool rule_max_of(const ShapeCall *c) {
  return rule_extreme(c);
}
static bool rule_argmin(const ShapeCall *c) {
  return rule_extreme(c);
}
static bool rule_argmax(const ShapeCall *c) {
  return rule_extreme(c);
}
static bool rule_cumsum(const ShapeCall *c) {
  return rule_along_axis(c);
}
static bool rule_sort(const ShapeCall *c) {
  return rule_along_axis(c);
}
static bool rule_argsort(const ShapeCall *c) {
  return rule_along_axis(c);
}

/* ---- products -------------------------------------------------------------------------------- */

/* The leading axes of a stack of matrices. */
static Shape matrix_batch(Shape s) {
  s.rank = s.rank > 2 ? s.rank - 2 : 0;
  return s;
}

static bool rule_matmul(const ShapeCall *c) {
  Shape a = c->in[0], b = c->in[1], lead;
  if (a.rank == 0 || b.rank == 0)
    return refuse(c, "a single number has no matrix product: use `*` instead of `@`");
  int64_t inner_a = a.n[a.rank - 1], inner_b = b.rank == 1 ? b.n[0] : b.n[b.rank - 2];
  if (!agree(inner_a, inner_b) || !shape_broadcast(matrix_batch(a), matrix_batch(b), &lead))
    return refuse_pair(c, a, b);
  if (a.rank > 1) lead = shape_concat(lead, shape_vec(a.n[a.rank - 2]));
  if (b.rank > 1) lead = shape_concat(lead, shape_vec(b.n[b.rank - 1]));
  return give(c, lead);
}

static bool rule_convolve(const ShapeCall *c) {
  if (!batch_agrees(c) || !axis_exists(c, c->in[0]) || !rank_is(c, 1, 1)) return false;
  Shape s = c->in[0];
  int64_t n = s.n[c->attr->axis], m = element(c, 1).n[0], mode = c->attr->i[0];
  if (mode < 0 || mode >= CONVOLVE_MODES) return refuse(c, "there is no mode %d", (int)mode);
  if (n == 0 || m == 0) return refuse(c, "%s is empty", n == 0 ? "the array" : "the kernel");
  if (mode == CONVOLVE_VALID && n >= 0 && m > n)
    return refuse(c, "a kernel of %lld is longer than axis %d of %s", (long long)m, c->attr->axis,
                  text(c, s));
  if (mode != CONVOLVE_SAME)
    n = n < 0 || m < 0 ? EXTENT_UNKNOWN : mode == CONVOLVE_FULL ? sum_extents(n, m - 1) : n - m + 1;
  s.n[c->attr->axis] = n;
  return give(c, s);
}

/* What the rules of sparse matrices see of a SparsePattern, which begins so. */
typedef struct PatternSize {
  int64_t rows, cols, nnz;
} PatternSize;

/* Does argument k, batched or not, begin with `extent`? The rest of it goes to *rest. */
static bool begins_with(const ShapeCall *c, int k, bool batched, int64_t extent, Shape *rest) {
  Shape s = c->in[k];
  if (batched && s.rank == 0) return refuse(c, "argument %d lacks the batch axis", k + 1);
  s = shape_tail(s, batched);
  if (s.rank == 0 || !agree(s.n[0], extent))
    return refuse(c, "%s does not fit a sparse matrix that needs [%lld]", text(c, s),
                  (long long)extent);
  *rest = shape_tail(s, 1);
  return true;
}

/* The batch axis of a product with flags in `axis` (bit k: argument k is batched), or none. */
static bool product_batch(const ShapeCall *c, Shape *batch) {
  int flags = c->attr->axis & (GEMM_A_BATCHED | GEMM_C_BATCHED);
  *batch = SHAPE_SCALAR;
  if (!flags) return true;
  for (int k = 0; k < 2; k++)
    if (flags >> k & 1 && c->in[k].rank == 0)
      return refuse(c, "argument %d lacks the batch axis", k + 1);
  int64_t n = c->in[flags & 1 ? 0 : 1].n[0];
  if (flags == 3 && !agree(n, c->in[1].n[0])) return refuse_pair(c, c->in[0], c->in[1]);
  *batch = shape_vec(n);
  return true;
}

static bool rule_spmm(const ShapeCall *c) {
  const PatternSize *p = c->attr->p;
  Shape batch, none, rest;
  if (!product_batch(c, &batch) || !begins_with(c, 0, c->attr->axis & 1, p->nnz, &none) ||
      !begins_with(c, 1, c->attr->axis & 2, p->cols, &rest))
    return false;
  if (none.rank > 0) return refuse(c, "%s are no entries", text(c, c->in[0]));
  if (rest.rank > 1) return refuse(c, "%s has too many axes", text(c, c->in[1]));
  return give(c, shape_concat(shape_concat(batch, shape_vec(p->rows)), rest));
}

static bool rule_sddmm(const ShapeCall *c) {
  const PatternSize *p = c->attr->p;
  Shape batch, g, x;
  if (!product_batch(c, &batch) || !begins_with(c, 0, c->attr->axis & 1, p->rows, &g) ||
      !begins_with(c, 1, c->attr->axis & 2, p->cols, &x))
    return false;
  if (!shape_fits(g, x) || g.rank > 1) return refuse_pair(c, c->in[0], c->in[1]);
  return give(c, shape_concat(batch, shape_vec(p->nnz)));
}

static bool rule_sparse_fill(const ShapeCall *c) {
  const PatternSize *p = c->attr->p;
  Shape rest;
  if (!batch_agrees(c) || !begins_with(c, 0, batch_of(c), p->nnz, &rest)) return false;
  if (rest.rank > 0) return refuse(c, "%s are no entries", text(c, c->in[0]));
  return give(c, with_batch(c, shape_mat(p->rows, p->cols)));
}

static bool rule_sparse_take(const ShapeCall *c) {
  const PatternSize *p = c->attr->p;
  Shape want = shape_mat(p->rows, p->cols);
  if (!batch_agrees(c)) return false;
  if (!shape_fits(element(c, 0), want)) return refuse_pair(c, element(c, 0), want);
  return give(c, with_batch(c, shape_vec(p->nnz)));
}

/* ---- decompositions -------------------------------------------------------------------------- */

static bool square(const ShapeCall *c) {
  if (!batch_agrees(c)) return false;
  Shape s = element(c, 0);
  return (s.rank == 2 && agree(s.n[0], s.n[1])) || refuse(c, "%s is no square matrix", text(c, s));
}

static bool rule_solve(const ShapeCall *c) {
  if (!square(c)) return false;
  Shape a = element(c, 0), b = element(c, 1);
  if (b.rank < 1 || b.rank > 2 || !agree(a.n[1], b.n[0])) return refuse_pair(c, a, b);
  return give(c, c->in[1]);
}

static bool rule_inv(const ShapeCall *c) {
  return square(c) && give(c, c->in[0]);
}

static bool rule_cholesky(const ShapeCall *c) {
  return rule_inv(c);
}

static bool rule_det(const ShapeCall *c) {
  return square(c) && give(c, with_batch(c, SHAPE_SCALAR));
}

/* ---- tables, random numbers ------------------------------------------------------------------ */

static bool rule_lookup(const ShapeCall *c) {
  if (!batch_agrees(c) || !rank_is(c, 1, 1)) return false;
  Shape times = element(c, 1), values = element(c, 2);
  if (values.rank == 0 || !agree(times.n[0], values.n[0]))
    return refuse(c, "the times are %s but the values %s", text(c, times), text(c, values));
  if (times.n[0] == 0) return refuse(c, "the table is empty");
  return has_room(c, c->in[0].rank + values.rank - 1) &&
         give(c, shape_concat(c->in[0], shape_tail(values, 1)));
}

static bool rule_lookup_slope(const ShapeCall *c) {
  return rule_lookup(c);
}

static bool rule_random(const ShapeCall *c) {
  return batch_agrees(c) && give(c, attr_shape(c->attr));
}

/* ---- lowered products ------------------------------------------------------------------------ */

static bool rule_gemm(const ShapeCall *c) {
  int flags = c->attr->axis;
  Shape batch, a = c->in[0], b = c->in[1];
  if (!product_batch(c, &batch)) return false;
  a = shape_tail(a, flags & GEMM_A_BATCHED ? 1 : 0);
  b = shape_tail(b, flags & GEMM_C_BATCHED ? 1 : 0);
  if (a.rank != 2 || b.rank != 2) return refuse_pair(c, c->in[0], c->in[1]);
  int at = flags & GEMM_A_TRANSPOSED ? 1 : 0, bt = flags & GEMM_C_TRANSPOSED ? 1 : 0;
  if (!agree(a.n[1 - at], b.n[bt])) return refuse_pair(c, c->in[0], c->in[1]);
  return give(c, shape_concat(batch, shape_mat(a.n[at], b.n[1 - bt])));
}

/* Panels are whole vectors of columns, 16 floats the widest; one more number follows them. */
static bool rule_pack(const ShapeCall *c) {
  if (!rank_is(c, 0, 2)) return false;
  int t = c->attr->axis & GEMM_C_TRANSPOSED ? 1 : 0;
  int64_t k = c->in[0].n[t], n = sum_extents(c->in[0].n[1 - t], 15);
  return give(c, shape_vec(sum_extents(shape_count(shape_mat(k, n < 0 ? n : n / 16 * 16)), 1)));
}

static bool rule_gemm_packed(const ShapeCall *c) {
  Shape a = c->in[0];
  if (a.rank != 2 || !agree(a.n[1], c->attr->i[0]))
    return refuse(c, "%s does not fit packed [%lld, %lld]", text(c, a), (long long)c->attr->i[0],
                  (long long)c->attr->i[1]);
  return give(c, shape_mat(a.n[0], c->attr->i[1]));
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static bool (*const rules[OP_COUNT])(const ShapeCall *) = {
#define OP(name, arity, flags, dims, doc) [OP_##name] = rule_##name,
#include "op/op.def"
#undef OP
};

bool op_shape(OpId op, const OpAttr *attr, const Shape *in, int nin, Shape *out, Arena *a,
              const char **why) {
  static const OpAttr none;
  ShapeCall call = {attr ? attr : &none, in, nin, out, a, why};
  int arity = op_table[op].arity;
  if (arity >= 0 && arity != nin) return refuse(&call, "%d arguments, not %d", arity, nin);
  return op_table[op].flags & OP_ELEMENTWISE ? rule_elementwise(&call) : rules[op](&call);
}
