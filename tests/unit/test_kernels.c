/* test_kernels.c: every kernel against the naive reference in both precisions; accuracy in units of
   the last place; the same bits from every instruction set, for one number and for arrays. */
#include <stdlib.h>

#include "check.h"
#include "random_graph.h"
#include "ref_eval.h"
#include "run/isa.h"
#include "run/isa_kernels.h"
#include "run/run.h"

/* ---- Elementwise ops ---- */

typedef struct Row {
  OpId op;
  int arity;
  double lo, hi;
} Row;

static const Row rows[] = {
#define UNARY(name, value, da, dims, lo, hi, doc) {OP_##name, 1, lo, hi},
#define BINARY(name, value, da, db, dims, lo, hi, doc) {OP_##name, 2, lo, hi},
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) {OP_##name, 3, lo, hi},
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
};
enum { ROWS = sizeof rows / sizeof rows[0], COUNT = 1003 };

static const double awkward[] = {0,    -0.0, 1,    -1,       0.5,       2,      3,      -2,
                                 1e-9, 1e9,  NAN,  INFINITY, -INFINITY, 709.0,  -700.0, 88.9,
                                 -104, 1.5,  -2.5, 1e300,    -1e300,    5e-324, 1e17,   -3};
enum { AWKWARD = sizeof awkward / sizeof awkward[0], ORDINARY = COUNT - AWKWARD * AWKWARD };

/* Numbers in the row's range, then every pair of awkward ones. The order of a polygamma is whole,
   and the reference refuses awkward arguments. */
static void fill_arguments(const Row *row, Rng *r, double *x[3]) {
  bool plain = row->op == OP_polygamma;
  for (int i = 0; i < COUNT; i++) {
    int j = i - ORDINARY, pick[3] = {j / AWKWARD, j % AWKWARD, j % 7};
    for (int k = 0; k < 3; k++) {
      x[k][i] = rng_uniform(r, row->lo, row->hi);
      if (j >= 0 && !plain) x[k][i] = awkward[pick[k]];
    }
    if (plain) x[0][i] = (double)rng_below(r, 4);
  }
}

static bool same_bits(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}
static bool same_bits_float(float a, float b) {
  return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

typedef TileFn *TileFind(OpId op, unsigned scalars, bool single);

/* From which level on are bits the same? SLEEF's own functions need fused multiply-add. */
static bool plain_agrees(OpId op) {
  switch (op) {
#define ROW1(name, f, u) case OP_##name:
#define ROW2(name, f, u) case OP_##name:
#include "run/sleef.def"
#undef ROW1
#undef ROW2
    case OP_pow:
    case OP_softplus: return false;
    default: return true;
  }
}

static void check_instruction_sets(const Row *row, double *const x[3]) {
#ifdef __x86_64__
  TileFind *const find[] = {tile_find_plain, tile_find_avx2, tile_find_avx512};
  static double out[3][COUNT];
  static float fx[3][COUNT], fout[3][COUNT];
  int best = run_isa_level(), bad = 0;
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < COUNT; i++) fx[k][i] = (float)x[k][i];
  for (int level = 0; level <= best; level++) {
    find[level](row->op, 0, false)(out[level], x[0], x[1], x[2], COUNT);
    find[level](row->op, 0, true)(fout[level], fx[0], fx[1], fx[2], COUNT);
  }
  for (int level = plain_agrees(row->op) ? ISA_PLAIN : ISA_AVX2; level < best; level++)
    for (int i = 0; i < COUNT; i++)
      bad += !same_bits(out[level][i], out[best][i]) ||
             !same_bits_float(fout[level][i], fout[best][i]);
  CHECK(bad == 0, "%s: %d bits differ between instruction sets", op_table[row->op].name, bad);
#else
  (void)row, (void)x;
#endif
}

/* One element alone, and arguments that are one number, give the bits of whole arrays. */
static void check_forms(const Row *row, double *const x[3]) {
  static double whole[COUNT], other[COUNT], same[3][COUNT];
  int bad = 0;
  tile_kernel(row->op, 0, false)(whole, x[0], x[1], x[2], COUNT);
  for (int i = 0; i < COUNT; i++) {
    tile_kernel(row->op, 0, false)(other, x[0] + i, x[1] + i, x[2] + i, 1);
    bad += !same_bits(other[0], whole[i]);
  }
  for (unsigned mask = 1; mask + 1 < 1u << row->arity; mask++) {
    int which = (int)(mask * 37 % COUNT);
    for (int k = 0; k < 3; k++)
      for (int i = 0; i < COUNT; i++) same[k][i] = x[k][mask >> k & 1 ? which : i];
    tile_kernel(row->op, 0, false)(whole, same[0], same[1], same[2], COUNT);
    tile_kernel(row->op, mask, false)(other, same[0], same[1], same[2], COUNT);
    for (int i = 0; i < COUNT; i++) bad += !same_bits(whole[i], other[i]);
  }
  CHECK(bad == 0, "%s: %d bits differ between forms", op_table[row->op].name, bad);
}

static bool close_to(double got, double want, double tol) {
  if (isnan(want) || isnan(got)) return isnan(want) && isnan(got);
  return got == want || fabs(got - want) <= tol * fmax(1, fabs(want));
}

/* Relative for large numbers; what is hardly above zero may be zero. */
static bool value_agrees(double got, double want, double tol) {
  if (isnan(want) || isinf(want)) return same_bits(got, want);
  return fabs(want) < 1e-300 ? fabs(got) < 1e-300 : close_to(got, want, tol);
}

static void check_values(const Row *row, double *const x[3]) {
  static double out[COUNT];
  static float fx[3][COUNT], fout[COUNT];
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < COUNT; i++) fx[k][i] = (float)x[k][i];
  tile_kernel(row->op, 0, false)(out, x[0], x[1], x[2], COUNT);
  tile_kernel(row->op, 0, true)(fout, fx[0], fx[1], fx[2], COUNT);
  for (int i = 0; i < COUNT; i++) {
    double a = x[0][i], b = x[1][i], c = x[2][i], want = ref_values[row->op](a, b, c);
    CHECK(value_agrees(out[i], want, 1e-13), "%s(%g, %g, %g) = %.17g, not %.17g",
          op_table[row->op].name, a, b, c, out[i], want);
    if (i >= ORDINARY) continue;
    want = ref_values[row->op](fx[0][i], fx[1][i], fx[2][i]);
    CHECK(close_to(fout[i], want, 3e-5), "%s(%g, %g, %g) = %.9g in single, not %.9g",
          op_table[row->op].name, a, b, c, (double)fout[i], want);
  }
}

static void test_elementwise(void) {
  static double memory[3][COUNT];
  double *x[3] = {memory[0], memory[1], memory[2]};
  Rng r = {88172645463325252u};
  for (int k = 0; k < ROWS; k++) {
    fill_arguments(&rows[k], &r, x);
    check_instruction_sets(&rows[k], x);
    check_forms(&rows[k], x);
    check_values(&rows[k], x);
  }
}

/* ---- Accuracy ---- */

typedef long double Exact(long double x);
static long double exact_sigmoid(long double x) {
  return 1 / (1 + expl(-x));
}
static long double exact_softplus(long double x) {
  return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}

static double ulps(double got, long double want) {
  int exponent;
  frexp((double)want, &exponent);
  return (double)(fabsl((long double)got - want) / ldexpl(1, exponent - 53));
}

static void test_accuracy(void) {
  static const struct {
    OpId op;
    Exact *exact;
    double lo, hi, most;
  } table[] = {{OP_exp, expl, -700, 709, 1.1},
               {OP_exp, expl, -1, 1, 1.1},
               {OP_sigmoid, exact_sigmoid, -30, 30, 2.0},
               {OP_tanh, tanhl, -20, 20, 3.5},
               {OP_tanh, tanhl, -0.1, 0.1, 3.5},
               {OP_log, logl, 1e-6, 1e6, 1.0},
               {OP_sin, sinl, -100, 100, 1.0},
               {OP_cos, cosl, -100, 100, 1.0},
               {OP_erf, erfl, -4, 4, 1.0},
               {OP_atan, atanl, -50, 50, 1.0},
               {OP_softplus, exact_softplus, -30, 30, 2.0},
               {OP_sinh, sinhl, -20, 20, 1.0},
               {OP_cosh, coshl, -20, 20, 1.0},
               {OP_gamma_fn, tgammal, 0.1, 20, 1.0}};
  static double x[COUNT], y[COUNT];
  Rng r = {2463534242u};
  for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
    double worst = 0;
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < COUNT; i++) x[i] = rng_uniform(&r, table[k].lo, table[k].hi);
      tile_kernel(table[k].op, 0, false)(y, x, NULL, NULL, COUNT);
      for (int i = 0; i < COUNT; i++) worst = fmax(worst, ulps(y[i], table[k].exact(x[i])));
    }
    CHECK(worst <= table[k].most, "%s: %.2f units in the last place", op_table[table[k].op].name,
          worst);
  }
}

static void check_one(OpId op, double a, double b, double want) {
  double got;
  tile_kernel(op, 0, false)(&got, &a, &b, &a, 1);
  CHECK(same_bits(got, want), "%s(%g, %g) = %.17g, not %.17g", op_table[op].name, a, b, got, want);
}

/* What the language promises. */
static void test_rules(void) {
  check_one(OP_mod, -1, 3, 2);
  check_one(OP_mod, 1, -3, -2);
  check_one(OP_mod, 5.5, INFINITY, 5.5);
  check_one(OP_mod, 1e17, 3, fmod(1e17, 3));
  check_one(OP_mod, 1, 0, NAN);
  check_one(OP_round, 0.5, 0, 0);
  check_one(OP_round, 1.5, 0, 2);
  check_one(OP_round, 2.5, 0, 2);
  check_one(OP_minimum, NAN, 1, NAN);
  check_one(OP_minimum, 1, NAN, NAN);
  check_one(OP_maximum, NAN, 1, NAN);
  check_one(OP_maximum, 1, NAN, NAN);
  check_one(OP_pow, 0, 0, 1);
  check_one(OP_pow, -2, 3, -8);
  check_one(OP_pow, 3, 2, 9);
  check_one(OP_pow, 2, -1, 0.5);
  check_one(OP_pow, -8, 0.5, NAN);
  check_one(OP_exp, 0, 0, 1);
  check_one(OP_exp, 710, 0, INFINITY);
  check_one(OP_exp, -800, 0, 0);
  check_one(OP_exp, NAN, 0, NAN);
  check_one(OP_tanh, INFINITY, 0, 1);
  check_one(OP_sigmoid, -1000, 0, 0);
  check_one(OP_sigmoid, 1000, 0, 1);
  check_one(OP_cos, M_PI, 0, -1);
  check_one(OP_sin, M_PI / 2, 0, 1);
  check_one(OP_log, 0, 0, -INFINITY);
  check_one(OP_log, 1, 0, 0);
  check_one(OP_log, -1, 0, NAN);
  check_one(OP_sqrt, -1, 0, NAN);
  check_one(OP_sign, -3, 0, -1);
  check_one(OP_relu, NAN, 0, NAN);
}

/* ---- Other ops ---- */

static bool tensors_agree(const Tensor *got, const Tensor *want, double tol) {
  if (!got || !want || !shape_equal(got->shape, want->shape)) return false;
  for (int64_t i = 0; i < shape_count(want->shape); i++)
    if (!close_to(got->data[i], want->data[i], tol)) return false;
  return true;
}

/* A program of one op, in single precision, on the same numbers rounded. */
static bool single_agrees(Arena *a, OpId op, const OpAttr *attr, const Tensor *const *in, int nin,
                          double tol) {
  Graph *g = graph_new(a);
  GraphFn *f = graph_fn_new(a, g, nin, 1);
  const void *from[8];
  Tensor *rounded[8];
  for (int k = 0; k < nin; k++) {
    int64_t n = shape_count(in[k]->shape);
    float *x = ARENA_ARRAY(a, float, n + 1);
    rounded[k] = tensor_new(a, in[k]->shape);
    for (int64_t i = 0; i < n; i++) rounded[k]->data[i] = x[i] = (float)in[k]->data[i];
    from[k] = x;
    f->in[k] = graph_input(g, "x", in[k]->shape, 0);
  }
  f->out[0] = graph_add(g, op, f->in, nin, attr);
  Tensor *want = ref_op(a, op, attr, (const Tensor *const *)rounded, nin);
  int64_t n = shape_count(want->shape);
  float *out = ARENA_ARRAY(a, float, n + 1);
  Program *p = program_plan(a, f, &(PlanOptions){.single = true, .exact = true});
  if (program_run(p, from, (void *[]){out}).code != STATUS_OK) return false;
  for (int64_t i = 0; i < n; i++)
    if (!close_to(out[i], want->data[i], tol)) return false;
  return true;
}

static void check_op(Arena *a, OpId op, const OpAttr *attr, const Tensor *const *in, int nin) {
  Tensor *got = NULL, *want = ref_op(a, op, attr, in, nin);
  Status st = run_op(a, op, attr, in, nin, &got);
  CHECK(st.code == STATUS_OK && tensors_agree(got, want, 1e-11), "%s of %s", op_table[op].name,
        shape_text(a, in[0]->shape));
  if (!(op_table[op].flags & OP_EAGER))
    CHECK(single_agrees(a, op, attr, in, nin, 1e-4), "%s of %s in single", op_table[op].name,
          shape_text(a, in[0]->shape));
}

/* Whole numbers from -2 to 3 for indices, ascending ones for tables, else anything. */
static Tensor *argument(Rng *r, Arena *a, OpId op, int k) {
  Tensor *t = rng_tensor(r, a, rng_shape(r, (int)rng_below(r, 4)), -2, 2);
  bool index = (op == OP_gather || op == OP_scatter_add) && k == 1;
  bool times = (op == OP_lookup || op == OP_lookup_slope) && k == 1;
  if (times) t = rng_tensor(r, a, shape_vec(1 + rng_below(r, 5)), 0, 1);
  for (int64_t i = 0; i < shape_count(t->shape); i++) {
    if (index) t->data[i] = (double)(rng_below(r, 6) - 2);
    if (times) t->data[i] += (double)i - 2;
    if (op == OP_take_mask && k == 1) t->data[i] = (double)rng_below(r, 2);
    if (op == OP_where || op == OP_unique) t->data[i] = (double)rng_below(r, 3);
  }
  return t;
}

static void test_random_ops(void) {
  static const OpId ops[] = {
      OP_broadcast, OP_reshape,      OP_transpose,   OP_slice,  OP_pad,         OP_flip,
      OP_concat,    OP_gather,       OP_scatter_add, OP_sum,    OP_prod,        OP_min_of,
      OP_max_of,    OP_argmin,       OP_argmax,      OP_cumsum, OP_sort,        OP_argsort,
      OP_matmul,    OP_convolve,     OP_spmm,        OP_sddmm,  OP_sparse_fill, OP_sparse_take,
      OP_lookup,    OP_lookup_slope, OP_take_mask,   OP_where,  OP_unique,      OP_add,
      OP_select};
  Rng r = {123456789u};
  for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++) {
    int done = 0;
    for (int tries = 0; tries < 20000 && done < 40; tries++) {
      Arena *a = arena_new();
      int nin = op_table[ops[k]].arity < 0 ? 1 + (int)rng_below(&r, 3) : op_table[ops[k]].arity;
      const Tensor *in[3];
      Shape shapes[3], out;
      const char *why;
      for (int i = 0; i < nin; i++) shapes[i] = (in[i] = argument(&r, a, ops[k], i))->shape;
      OpAttr attr = rng_attr(&r, a, ops[k], shapes);
      if (op_shape(ops[k], &attr, shapes, nin, &out, a, &why)) {
        check_op(a, ops[k], &attr, in, nin);
        done++;
      }
      arena_free(a);
    }
    CHECK(done > 0, "%s was never tried", op_table[ops[k]].name);
  }
}

static Tensor *positive_definite(Rng *r, Arena *a, Shape s) {
  Tensor *t = rng_tensor(r, a, s, -0.3, 0.3);
  int64_t n = s.n[s.rank - 1];
  for (int64_t b = 0; b < shape_count(s) / (n * n); b++)
    for (int64_t i = 0; i < n; i++)
      for (int64_t j = 0; j <= i; j++) {
        double *m = t->data + b * n * n;
        m[i * n + j] = m[j * n + i] = i == j ? (double)n : m[i * n + j];
      }
  return t;
}

static void test_linear_algebra(void) {
  Rng r = {987654321u};
  for (int64_t n = 1; n < 9; n++)
    for (int batched = 0; batched < 2; batched++) {
      Arena *a = arena_new();
      Shape lead = batched ? shape_vec(3) : SHAPE_SCALAR;
      OpAttr attr = {.axis2 = batched};
      Tensor *m = positive_definite(&r, a, shape_concat(lead, shape_mat(n, n)));
      Tensor *b = rng_tensor(&r, a, shape_concat(lead, shape_vec(n)), -1, 1);
      Tensor *c = rng_tensor(&r, a, shape_concat(lead, shape_mat(n, 2)), -1, 1);
      check_op(a, OP_solve, &attr, (const Tensor *[]){m, b}, 2);
      check_op(a, OP_solve, &attr, (const Tensor *[]){m, c}, 2);
      check_op(a, OP_inv, &attr, (const Tensor *[]){m}, 1);
      check_op(a, OP_cholesky, &attr, (const Tensor *[]){m}, 1);
      if (n < 6) check_op(a, OP_det, &attr, (const Tensor *[]){m}, 1);
      arena_free(a);
    }
  Arena *a = arena_new();
  Tensor *zero = tensor_new(a, shape_mat(2, 2)), *out;
  CHECK(run_op(a, OP_inv, NULL, (const Tensor *[]){zero}, 1, &out).code == STATUS_SINGULAR, "inv");
  CHECK(run_op(a, OP_cholesky, NULL, (const Tensor *[]){zero}, 1, &out).code == STATUS_SINGULAR,
        "cholesky");
  CHECK(run_op(a, OP_det, NULL, (const Tensor *[]){zero}, 1, &out).code == STATUS_OK &&
            out->data[0] == 0,
        "det");
  arena_free(a);
}

/* ---- Products ---- */

static void test_gemm(void) {
  Rng r = {5551212u};
  for (int round = 0; round < 300; round++) {
    Arena *a = arena_new();
    int64_t m = 1 + rng_below(&r, 6), k = 1 + rng_below(&r, 6), n = 1 + rng_below(&r, 6);
    int flags = (int)rng_below(&r, 16);
    Shape x = flags & 4 ? shape_mat(k, m) : shape_mat(m, k);
    Shape y = flags & 8 ? shape_mat(n, k) : shape_mat(k, n);
    if (flags & 1) x = shape_concat(shape_vec(3), x);
    if (flags & 2) y = shape_concat(shape_vec(3), y);
    const Tensor *in[] = {rng_tensor(&r, a, x, -1, 1), rng_tensor(&r, a, y, -1, 1)};
    check_op(a, OP_gemm, &(OpAttr){.axis = flags}, in, 2);
    arena_free(a);
  }
}

/* One packed product of every shape around the widths of vectors and panels. */
static double panel_error(Rng *r, int64_t m, int64_t k, int64_t n, bool single, bool transposed) {
  Arena *arena = arena_new();
  size_t size = single ? sizeof(float) : sizeof(double);
  Tensor *a = rng_tensor(r, arena, shape_mat(m, k), -1, 1);
  Tensor *c = rng_tensor(r, arena, transposed ? shape_mat(n, k) : shape_mat(k, n), -1, 1);
  float *fa = ARENA_ARRAY(arena, float, m *k), *fc = ARENA_ARRAY(arena, float, k *n);
  for (int64_t i = 0; i < m * k; i++) a->data[i] = fa[i] = (float)a->data[i];
  for (int64_t i = 0; i < k * n; i++) c->data[i] = fc[i] = (float)c->data[i];
  void *packed = mem_alloc(panel_bytes(k, n, single)), *out = mem_alloc((size_t)(m * n) * size);
  PanelCall call = {.m = m, .k = k, .n = n, .single = single, .width = panel_width(m)};
  panel_pack(single ? (void *)fc : c->data, transposed, k, n, call.width, single, packed);
  call.a = single ? (void *)fa : a->data;
  call.packed = packed;
  call.out = out;
  panel_product(&call);
  double worst = 0;
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0, got = single ? ((float *)out)[i * n + j] : ((double *)out)[i * n + j];
      for (int64_t q = 0; q < k; q++)
        sum += a->data[i * k + q] * c->data[transposed ? j * k + q : q * n + j];
      worst = fmax(worst, fabs(got - sum));
    }
  mem_free(packed);
  mem_free(out);
  arena_free(arena);
  return worst;
}

static void test_panels(void) {
  static const int64_t rows_tried[] = {1, 2, 3, 4, 5, 7, 8, 13, 16, 17};
  static const int64_t columns[] = {1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 63, 64, 65, 100, 129, 200};
  Rng r = {42};
  for (size_t i = 0; i < sizeof rows_tried / sizeof rows_tried[0]; i++)
    for (size_t j = 0; j < sizeof columns / sizeof columns[0]; j++)
      for (int form = 0; form < 4; form++) {
        double e =
            panel_error(&r, rows_tried[i], 1 + rng_below(&r, 40), columns[j], form & 1, form & 2);
        CHECK(e < (form & 1 ? 1e-4 : 1e-13), "%lld rows, %lld columns, form %d: %g",
              (long long)rows_tried[i], (long long)columns[j], form, e);
      }
}

/* The bits of a product do not tell whether zeros were skipped; the number behind the panels
   forbids it. */
static void thin_panels(Rng *r, int64_t m, int64_t k, int64_t n, bool single) {
  Arena *arena = arena_new();
  size_t size = single ? sizeof(float) : sizeof(double), bytes = (size_t)(m * n) * size;
  double *a = ARENA_ARRAY(arena, double, m *k), *c = ARENA_ARRAY(arena, double, k *n);
  float *fa = ARENA_ARRAY(arena, float, m *k), *fc = ARENA_ARRAY(arena, float, k *n);
  for (int64_t i = 0; i < m * k; i++)
    a[i] = fa[i] = rng_below(r, 8) ? 0 : (float)rng_uniform(r, -1, 1);
  for (int64_t i = 0; i < k * n; i++) c[i] = fc[i] = (float)rng_uniform(r, -1, 1);
  char *packed = arena_alloc(arena, panel_bytes(k, n, single));
  char *last = packed + panel_bytes(k, n, single) - size;
  void *skipped = arena_alloc(arena, bytes), *all = arena_alloc(arena, bytes);
  PanelCall call = {.m = m, .k = k, .n = n, .single = single, .width = panel_width(m)};
  call.a = single ? (void *)fa : a;
  call.packed = packed;
  panel_pack(single ? (void *)fc : c, false, k, n, call.width, single, packed);
  CHECK(last[size - 1] == 0, "all of it is finite");
  call.out = skipped;
  panel_product(&call);
  memcpy(last, single ? (void *)&(float){1} : (void *)&(double){1}, size);
  call.out = all;
  panel_product(&call);
  CHECK(memcmp(skipped, all, bytes) == 0, "%lld x %lld x %lld: other bits", (long long)m,
        (long long)k, (long long)n);
  arena_free(arena);
}

/* Zero times infinity is no number, however many zeros there are. */
static void test_thin_infinity(void) {
  enum { K = 300, N = 64 };
  static double a[K], c[K * N], out[N];
  PanelCall call = {.a = a, .out = out, .m = 1, .k = K, .n = N, .width = panel_width(1)};
  c[7 * N + 3] = INFINITY;
  void *packed = mem_alloc(panel_bytes(K, N, false));
  panel_pack(c, false, K, N, call.width, false, packed);
  call.packed = packed;
  panel_product(&call);
  CHECK(isnan(out[3]) && out[2] == 0, "0 * inf was skipped: %g", out[3]);
  mem_free(packed);
}

static void test_thin_panels(void) {
  static const int64_t sizes[][3] = {{1, 600, 64}, {5, 100, 65}, {300, 90, 200}, {100, 600, 600}};
  Rng r = {43};
  for (int i = 0; i < 8; i++)
    thin_panels(&r, sizes[i / 2][0], sizes[i / 2][1], sizes[i / 2][2], i % 2);
  test_thin_infinity();
}

/* ---- Reductions over long axes ---- */

static void test_long_sums(void) {
  Arena *a = arena_new();
  enum { N = 1000003 };
  Tensor *x = tensor_new(a, shape_vec(N)), *out;
  for (int64_t i = 0; i < N; i++) x->data[i] = 0.1;
  CHECK(run_op(a, OP_sum, NULL, (const Tensor *[]){x}, 1, &out).code == STATUS_OK, "sum");
  CHECK_NEAR(out->data[0], 0.1 * N, 1e-14, "a long sum");
  Tensor *columns = tensor_view(a, x, shape_mat(N / 3, 3), 0);
  CHECK(run_op(a, OP_sum, NULL, (const Tensor *[]){columns}, 1, &out).code == STATUS_OK, "sum");
  CHECK_NEAR(out->data[2], 0.1 * (N / 3), 1e-13, "a long column");
  arena_free(a);
}

static void test_empty(void) {
  Arena *a = arena_new();
  const Tensor *none = tensor_new(a, shape_vec(0)), *rows0 = tensor_new(a, shape_mat(0, 3));
  Tensor *out;
  CHECK(run_op(a, OP_sum, NULL, &none, 1, &out).code == STATUS_OK && out->data[0] == 0, "sum");
  CHECK(run_op(a, OP_prod, NULL, &none, 1, &out).code == STATUS_OK && out->data[0] == 1, "prod");
  CHECK(run_op(a, OP_exp, NULL, &none, 1, &out).code == STATUS_OK, "exp of nothing");
  CHECK(run_op(a, OP_sort, NULL, &rows0, 1, &out).code == STATUS_OK, "sort of nothing");
  CHECK(run_op(a, OP_flip, NULL, &rows0, 1, &out).code == STATUS_OK, "flip of nothing");
  CHECK(run_op(a, OP_add, NULL, (const Tensor *[]){rows0, rows0}, 2, &out).code == STATUS_OK,
        "add");
  arena_free(a);
}

int main(void) {
  run_init();
  test_elementwise();
  test_accuracy();
  test_rules();
  test_random_ops();
  test_linear_algebra();
  test_gemm();
  test_panels();
  test_thin_panels();
  test_long_sums();
  test_empty();
  return check_done("kernels");
}
