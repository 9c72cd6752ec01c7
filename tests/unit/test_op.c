/* test_op.c: the tables of ops, shapes, and the rules of shape and dimension. */
#include "check.h"
#include "op/op.h"
#include "random_graph.h"

/* ---- tables ---------------------------------------------------------------------------------- */

static void test_tables(void) {
  for (int id = OP_NONE + 1; id < OP_COUNT; id++) {
    const OpInfo *o = &op_table[id];
    CHECK(o->name && op_find(o->name) == (OpId)id, "op %d", id);
    CHECK(o->arity >= -1 && o->arity <= 3, "arity of %s", o->name);
    CHECK(o->doc, "doc of %s", o->name);
    if (o->flags & OP_ELEMENTWISE) CHECK(o->lo < o->hi, "range of %s", o->name);
    if (!(o->flags & OP_ELEMENTWISE)) CHECK(o->doc[0], "doc of %s", o->name);
    CHECK(!(o->flags & OP_COMMUTES) || o->arity == 2, "%s commutes", o->name);
    CHECK(!(o->flags & OP_BILINEAR) || o->arity == 2, "%s is bilinear", o->name);
  }
  CHECK(op_find("no such op") == OP_NONE && op_find("") == OP_NONE, "unknown names");
  CHECK(op_table[OP_lt].flags & OP_LOGICAL && !(op_table[OP_select].flags & OP_LOGICAL), "logical");
}

/* ---- shapes ---------------------------------------------------------------------------------- */

static void test_shapes(Arena *a) {
  Shape s, b = shape_make(3, (int64_t)4, (int64_t)1, (int64_t)3), unknown = shape_mat(-1, 3);
  CHECK(shape_count(b) == 12 && shape_count(SHAPE_SCALAR) == 1, "counts");
  CHECK(shape_count(unknown) == -1 && !shape_known(unknown) && shape_known(b), "unknown");
  CHECK(shape_count(shape_mat(INT64_MAX, 3)) == INT64_MAX, "a product that is too large");
  CHECK(shape_broadcast(b, shape_mat(5, 1), &s) && s.n[1] == 5 && s.n[2] == 3, "broadcast");
  CHECK(!shape_broadcast(shape_vec(2), shape_vec(3), &s), "2 and 3");
  CHECK(shape_broadcast(shape_vec(-1), shape_vec(3), &s) && s.n[0] == 3, "? and 3");
  CHECK(shape_broadcast(shape_vec(-1), shape_vec(1), &s) && s.n[0] == -1, "? and 1");
  CHECK(shape_fits(unknown, shape_mat(7, 3)) && !shape_fits(unknown, shape_mat(7, 4)), "fits");
  CHECK(shape_equal(shape_tail(b, 1), shape_mat(1, 3)), "tail");
  CHECK(shape_equal(shape_concat(shape_vec(4), shape_mat(1, 3)), b), "concat");
  CHECK(strcmp(shape_text(a, unknown), "[?, 3]") == 0, "%s", shape_text(a, unknown));
  CHECK(strcmp(shape_text(a, SHAPE_SCALAR), "[]") == 0, "scalar");
}

/* ---- shape rules ----------------------------------------------------------------------------- */

typedef struct ShapeCase {
  OpId op;
  OpAttr attr;
  Shape in[3];
  const char *want; /* the shape, or the end of the sentence that refuses it */
} ShapeCase;

#define VEC1(n) \
  {             \
    1, {        \
      n         \
    }           \
  }
#define MAT(m, n) \
  {               \
    2, {          \
      m, n        \
    }             \
  }
#define ARR(a, b, c) \
  {                  \
    3, {             \
      a, b, c        \
    }                \
  }
#define NUMBER \
  {            \
    0, {       \
      0        \
    }          \
  }

static const ShapeCase shape_cases[] = {
    {OP_add, {0}, {VEC1(2), VEC1(3)}, "[2] and [3] do not fit each other"},
    {OP_add, {0}, {MAT(4, 1), VEC1(3)}, "[4, 3]"},
    {OP_select, {0}, {VEC1(3), NUMBER, MAT(2, 1)}, "[2, 3]"},
    {OP_sum, {.axis = 1}, {MAT(2, 3)}, "[2]"},
    {OP_sum, {.axis = 2}, {MAT(2, 3)}, "[2, 3] has no axis 2"},
    {OP_sum, {0}, {NUMBER}, "a single number has no axis 0"},
    {OP_max_of, {0}, {VEC1(0)}, "[0] has no elements"},
    {OP_matmul, {0}, {MAT(2, 3), VEC1(3)}, "[2]"},
    {OP_matmul, {0}, {VEC1(3), VEC1(3)}, "[]"},
    {OP_matmul, {0}, {VEC1(3), MAT(3, 2)}, "[2]"},
    {OP_matmul, {0}, {ARR(5, 2, 3), MAT(3, 4)}, "[5, 2, 4]"},
    {OP_matmul, {0}, {MAT(2, 3), MAT(2, 3)}, "[2, 3] and [2, 3] do not fit each other"},
    {OP_matmul,
     {0},
     {NUMBER, VEC1(3)},
     "a single number has no matrix product: use `*` instead of `@`"},
    {OP_reshape, {.n = 2, .i = {-1, 2}}, {VEC1(6)}, "[3, 2]"},
    {OP_reshape, {.n = 2, .i = {4, 2}}, {VEC1(6)}, "[6] does not have as many elements as [4, 2]"},
    {OP_reshape, {.n = 2, .i = {-1, 4}}, {VEC1(6)}, "[6] does not have as many elements as [?, 4]"},
    {OP_broadcast, {.n = 2, .i = {4, 3}}, {VEC1(3)}, "[4, 3]"},
    {OP_broadcast, {.n = 1, .i = {4}}, {VEC1(3)}, "[3] cannot be spread to [4]"},
    {OP_broadcast, {.n = 1, .i = {1}}, {VEC1(3)}, "[3] cannot be spread to [1]"},
    {OP_transpose, {.n = 2, .i = {1, 0}}, {MAT(2, 3)}, "[3, 2]"},
    {OP_transpose, {.n = 2, .i = {1, 1}}, {MAT(2, 3)}, "this is no order of the axes of [2, 3]"},
    {OP_slice, {.n = 1, .i = {2}, .j = {3}}, {VEC1(5)}, "[3]"},
    {OP_slice,
     {.n = 1, .i = {3}, .j = {3}},
     {VEC1(5)},
     "elements 3 to 6 lie outside axis 0 of [5]"},
    {OP_pad, {.n = 1, .i = {3}, .j = {1}}, {VEC1(5)}, "[9]"},
    {OP_gather, {.axis = 1}, {MAT(2, 3), MAT(5, 6)}, "[2, 5, 6]"},
    {OP_gather, {.axis = 2, .axis2 = 1}, {ARR(7, 2, 3), MAT(7, 5)}, "[7, 2, 5]"},
    {OP_scatter_add, {.axis = 1, .i = {9}}, {ARR(2, 5, 6), MAT(5, 6)}, "[2, 9]"},
    {OP_take_mask, {0}, {MAT(2, 3), VEC1(2)}, "[?, 3]"},
    {OP_take_mask, {0}, {MAT(2, 3), VEC1(3)}, "a mask of [3] does not fit [2, 3]"},
    {OP_where, {0}, {MAT(2, 3)}, "[?, 2]"},
    {OP_concat, {.axis = 1}, {MAT(2, 3), MAT(2, 4)}, "[2, 7]"},
    {OP_concat, {0}, {MAT(2, 3), MAT(2, 4)}, "[2, 3] and [2, 4] cannot be joined along axis 0"},
    {OP_convolve, {.i = {0}}, {VEC1(5), VEC1(3)}, "[7]"},
    {OP_convolve, {.i = {1}}, {VEC1(5), VEC1(3)}, "[5]"},
    {OP_convolve, {.i = {2}}, {VEC1(5), VEC1(3)}, "[3]"},
    {OP_convolve, {.i = {2}}, {VEC1(2), VEC1(3)}, "a kernel of 3 is longer than axis 0 of [2]"},
    {OP_solve, {0}, {MAT(3, 3), MAT(3, 2)}, "[3, 2]"},
    {OP_solve, {0}, {MAT(2, 3), VEC1(3)}, "[2, 3] is no square matrix"},
    {OP_det, {.axis2 = 1}, {ARR(5, 2, 2)}, "[5]"},
    {OP_lookup, {0}, {MAT(7, 8), VEC1(4), MAT(4, 2)}, "[7, 8, 2]"},
    {OP_lookup, {0}, {NUMBER, VEC1(4), VEC1(3)}, "the times are [4] but the values [3]"},
    {OP_gemm, {.axis = 1 | 2 | 8}, {ARR(5, 2, 3), ARR(5, 4, 3)}, "[5, 2, 4]"},
    {OP_gemm, {.axis = 4}, {MAT(3, 2), MAT(3, 4)}, "[2, 4]"},
    {OP_gemm_packed, {.i = {3, 4}}, {MAT(2, 3), VEC1(48)}, "[2, 4]"},
    {OP_pack, {.axis = 8}, {MAT(4, 3)}, "[49]"},
    {OP_add, {0}, {VEC1(-1), VEC1(3)}, "[3]"},
    {OP_concat, {0}, {VEC1(-1), VEC1(3)}, "[?]"},
};

static int arity_of(const ShapeCase *c) {
  return c->op == OP_concat ? 2 : op_table[c->op].arity;
}

static void test_shape_cases(Arena *a) {
  for (size_t k = 0; k < sizeof shape_cases / sizeof shape_cases[0]; k++) {
    const ShapeCase *c = &shape_cases[k];
    Shape out;
    const char *why = "";
    bool sound = op_shape(c->op, &c->attr, c->in, arity_of(c), &out, a, &why);
    const char *got = sound ? shape_text(a, out) : why;
    CHECK(strcmp(got, c->want) == 0, "%s: `%s` instead of `%s`", op_table[c->op].name, got,
          c->want);
  }
}

/* Whatever holds for known extents holds when some of them are not known. */
static void test_unknown_extents(Arena *a, Rng *r) {
  int sound = 0;
  for (int k = 0; k < 20000; k++) {
    OpId op = (OpId)(1 + rng_below(r, OP_COUNT - 1));
    int nin = op_table[op].arity < 0 ? 2 : op_table[op].arity;
    if (op == OP_const || op == OP_random) continue;
    Shape in[3] = {SHAPE_SCALAR}, out, open;
    for (int j = 0; j < nin; j++) in[j] = rng_shape(r, (int)rng_below(r, 4));
    OpAttr attr = rng_attr(r, a, op, in);
    const char *why = NULL;
    if (!op_shape(op, &attr, in, nin, &out, a, &why)) {
      CHECK(why && why[0], "%s refuses without a word", op_table[op].name);
      continue;
    }
    sound++;
    for (int j = 0; j < nin; j++)
      for (int d = 0; d < in[j].rank; d++)
        if (rng_below(r, 3) == 0) in[j].n[d] = EXTENT_UNKNOWN;
    bool still = op_shape(op, &attr, in, nin, &open, a, &why);
    CHECK(still, "%s: %s", op_table[op].name, still ? "" : why);
    if (still) CHECK(shape_fits(open, out), "%s changes its shape", op_table[op].name);
  }
  CHECK(sound > 3000, "only %d were sound", sound);
}

/* Adding axes until there is no room is refused, not a crash. */
static void test_too_many_axes(Arena *a) {
  Shape many = {SHAPE_MAX_AXES, {0}}, out;
  for (int k = 0; k < SHAPE_MAX_AXES; k++) many.n[k] = 1;
  static const OpId ops[] = {OP_stack, OP_gather, OP_lookup, OP_scatter_add, OP_take_mask};
  for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++) {
    Shape in[3] = {many, many, many};
    const char *why = "";
    if (ops[k] == OP_lookup) in[1] = shape_vec(1);
    if (ops[k] == OP_scatter_add || ops[k] == OP_take_mask) in[1] = SHAPE_SCALAR;
    bool sound = op_shape(ops[k], &(OpAttr){.i = {1}}, in, op_table[ops[k]].arity, &out, a, &why);
    CHECK(!sound && strstr(why, "more than 14 axes"), "%s: %s", op_table[ops[k]].name, why);
  }
}

/* ---- dimensions ------------------------------------------------------------------------------ */

typedef struct DimCase {
  OpId op;
  const char *in[3]; /* units; NULL: a plain number */
  double exponent;   /* of pow; NAN: not constant */
  const char *want;  /* unit of the result (NULL: plain), or the end of a sentence */
} DimCase;

static const DimCase dim_cases[] = {
    {OP_add, {"V", "s"}, 0, "cannot add V and s"},
    {OP_sub, {"V", "s"}, 0, "cannot subtract s from V"},
    {OP_add, {"mV", "V"}, 0, "V"},
    {OP_lt, {"V", "V"}, 0, NULL},
    {OP_lt, {"V", NULL}, 0, "cannot compare V with a plain number"},
    {OP_exp, {"s"}, 0, "the argument of exp must be a plain number, found s"},
    {OP_exp, {NULL}, 0, NULL},
    {OP_maximum, {"V", "s"}, 0, "the arguments of max must be of one dimension, found V and s"},
    {OP_select, {NULL, "V", "s"}, 0, "the branches have unlike dimensions, V and s"},
    {OP_select, {"s", "V", "V"}, 0, "argument 1 of select must be a plain number, found s"},
    {OP_mul, {"V", "S"}, 0, "A"},
    {OP_div, {"V", "A"}, 0, "ohm"},
    {OP_matmul, {"S", "V"}, 0, "A"},
    {OP_sqrt, {"m^2"}, 0, "m"},
    {OP_square, {"m"}, 0, "m^2"},
    {OP_pow, {"m", NULL}, 3, "m^3"},
    {OP_pow, {"m", NULL}, NAN, "m can only be raised to a power that is a constant"},
    {OP_pow, {NULL, "s"}, 2, "an exponent must be a plain number, found s"},
    {OP_pow, {NULL, NULL}, NAN, NULL},
    {OP_sign, {"V"}, 0, NULL},
    {OP_cumsum, {"V"}, 0, "V"},
    {OP_gather, {"V", NULL}, 0, "V"},
    {OP_atan2, {"V", "V"}, 0, NULL},
    {OP_muladd, {"S", "V", "A"}, 0, "A"},
    {OP_concat, {"S", "V"}, 0, "cannot join S and V"},
};

static Dim unit(Arena *a, const char *text) {
  Dim d = DIM_ONE;
  double factor;
  const char *bad;
  if (text) CHECK(unit_parse(text, strlen(text), &d, &factor, a, &bad), "unit %s", text);
  return d;
}

static void test_dim_cases(Arena *a) {
  for (size_t k = 0; k < sizeof dim_cases / sizeof dim_cases[0]; k++) {
    const DimCase *c = &dim_cases[k];
    Dim in[3], out;
    int nin = c->op == OP_concat ? 2 : op_table[c->op].arity;
    for (int j = 0; j < nin; j++) in[j] = unit(a, c->in[j]);
    TimeKind time = TIME_PLAIN;
    const char *why = "";
    OpAttr attr = {.x = c->exponent};
    const OpAttr *given = isnan(c->exponent) ? NULL : &attr;
    if (op_dim(c->op, given, in, nin, &time, &out, a, &why)) {
      Dim want = unit(a, c->want);
      CHECK(dim_agree(out, want, NULL, NULL), "%s: %s", op_table[c->op].name, dim_name(a, out));
    } else {
      CHECK(c->want && strcmp(why, c->want) == 0, "%s: %s", op_table[c->op].name, why);
    }
  }
}

/* A literal 0 fits every dimension; the time of a network is settled by agreeing. */
static void test_open_dims(Arena *a) {
  Dim volt = unit(a, "V"), out;
  TimeKind time = TIME_UNKNOWN;
  const char *why = "";
  CHECK(op_dim(OP_add, NULL, (Dim[]){volt, DIM_ANY}, 2, &time, &out, a, &why), "%s", why);
  CHECK(dim_agree(out, volt, NULL, NULL) && !out.any, "V + 0");
  CHECK(op_dim(OP_add, NULL, (Dim[]){DIM_ANY, DIM_ANY}, 2, &time, &out, a, &why) && out.any,
        "0 + 0");
  CHECK(op_dim(OP_exp, NULL, &DIM_ANY, 1, &time, &out, a, &why), "exp(0)");
  Dim in[2] = {dim_seconds(), dim_time()};
  CHECK(op_dim(OP_add, NULL, in, 2, &time, &out, a, &why) && time == TIME_SECONDS,
        "time in seconds");
  CHECK(!op_dim(OP_exp, NULL, &in[1], 1, &time, &out, a, &why), "exp of a time");
  CHECK(op_dim(OP_add, NULL, in, 2, NULL, &out, a, &why) == false, "without a network");
}

int main(void) {
  Arena *a = arena_new();
  Rng r = {12345};
  test_tables();
  test_shapes(a);
  test_shape_cases(a);
  test_unknown_extents(a, &r);
  test_too_many_axes(a);
  test_dim_cases(a);
  test_open_dims(a);
  arena_free(a);
  return check_done("op");
}
