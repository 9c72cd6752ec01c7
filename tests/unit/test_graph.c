/* test_graph.c: nodes and loops, copies, verify, the text form both ways, tensors, sparse patterns.
 */
#include "check.h"
#include "random_graph.h"
#include "ref_eval.h"

/* ---- nodes ----------------------------------------------------------------------------------- */

static void test_equal_nodes(Arena *a) {
  Graph *g = graph_new(a);
  NodeId x = graph_input(g, "x", shape_vec(3), 0), y = graph_input(g, "x", shape_vec(3), 0);
  CHECK(x != y, "inputs are never one");
  CHECK(graph_op1(g, OP_tanh, x) == graph_op1(g, OP_tanh, x), "equal nodes are one");
  CHECK(graph_op2(g, OP_add, x, y) == graph_op2(g, OP_add, y, x), "add commutes");
  CHECK(graph_op2(g, OP_sub, x, y) != graph_op2(g, OP_sub, y, x), "sub does not");
  NodeId sum = graph_op2(g, OP_add, y, x);
  CHECK(graph_node(g, sum)->in[0] == x, "arguments stay as they first came");
  CHECK(graph_num(g, 2) == graph_num(g, 2) && graph_num(g, 0.0) != graph_num(g, -0.0), "numbers");
  Tensor *t = tensor_new(a, shape_vec(2)), *u = tensor_new(a, shape_vec(2));
  CHECK(graph_const(g, t) == graph_const(g, u), "small constants with equal numbers are one");
  t = tensor_new(a, shape_vec(100)), u = tensor_new(a, shape_vec(100));
  CHECK(graph_const(g, t) != graph_const(g, u), "large ones are compared by address");
  OpAttr along = {.axis = 0, .x = 7, .i = {5}};
  NodeId s = graph_add(g, OP_sum, &x, 1, &along);
  CHECK(s == graph_add(g, OP_sum, &x, 1, &(OpAttr){0}),
        "attributes that are not read do not count");
}

static void test_folding(Arena *a) {
  Graph *g = graph_new(a);
  double x;
  NodeId two = graph_num(g, 2), three = graph_num(g, 3);
  CHECK(graph_is_num(g, graph_op2(g, OP_sub, two, three), &x) && x == -1, "2 - 3");
  CHECK(graph_is_num(g, graph_op2(g, OP_lt, two, three), &x) && x == 1, "2 < 3");
  CHECK(graph_is_num(g, graph_op3(g, OP_select, graph_num(g, 0), two, three), &x) && x == 3,
        "select");
  CHECK(!graph_is_num(g, graph_op1(g, OP_exp, two), &x), "exp is left to its kernel");
  CHECK(!graph_is_num(g, graph_const(g, tensor_abstract(a, SHAPE_SCALAR)), &x), "without numbers");
  size_t before = g->nodes.n;
  graph_op2(g, OP_add, graph_op2(g, OP_mul, two, three), graph_num(g, 6));
  CHECK(g->nodes.n == before + 2, "6 and 12 are all that is new");
}

/* Every op that is folded gives what the reference gives. */
static void test_folded_values(Arena *a, Rng *r) {
  Graph *g = graph_new(a);
  int folded = 0;
  for (int k = 0; k < 3000; k++) {
    OpId op = (OpId)(1 + rng_below(r, OP_COUNT - 1));
    if (!(op_table[op].flags & OP_ELEMENTWISE)) continue;
    double x[3], value;
    NodeId in[3];
    for (int j = 0; j < 3; j++) {
      x[j] = rng_below(r, 4) ? rng_uniform(r, -3, 3) : (double)rng_below(r, 3);
      in[j] = graph_num(g, x[j]);
    }
    NodeId id = graph_add(g, op, in, op_table[op].arity, NULL);
    if (!graph_is_num(g, id, &value)) continue;
    double want = ref_values[op](x[0], x[1], x[2]);
    CHECK(memcmp(&value, &want, sizeof want) == 0 || (isnan(value) && isnan(want)),
          "%s(%g, %g, %g)", op_table[op].name, x[0], x[1], x[2]);
    folded++;
  }
  CHECK(folded > 200, "only %d were folded", folded);
}

static void test_loops(Arena *a) {
  Graph *g = graph_new(a);
  int i = graph_add_loop(g, "i", 3), j = graph_add_loop(g, "j", 4);
  NodeId x = graph_input(g, "x", shape_mat(3, 4), 0);
  NodeId row = graph_unstack(g, x, i), element = graph_unstack(g, row, j);
  CHECK(graph_node(g, element)->loops == 3 && graph_node(g, element)->shape.rank == 0,
        "taken apart");
  NodeId back = graph_stack(g, element, i);
  CHECK(graph_node(g, back)->loops == 2 && graph_node(g, back)->shape.n[0] == 3, "stacked over i");
  NodeId spread = graph_spread(g, graph_num(g, 1), 3);
  CHECK(graph_node(g, spread)->loops == 3, "spread over both");
  CHECK(graph_node(g, graph_op2(g, OP_add, row, graph_iota(g, j)))->loops == 3, "union");
  while (graph_add_loop(g, "more", 1) >= 0) continue;
  CHECK(g->nloops == GRAPH_MAX_LOOPS, "no more than %d loops", GRAPH_MAX_LOOPS);
}

static void test_copy(Arena *a) {
  Graph *g = graph_new(a), *to = graph_new(a);
  graph_add_loop(g, "i", 3);
  graph_add_loop(to, "outer", 5);
  graph_add_loop(to, "i", 3);
  NodeId x = graph_input(g, "x", SHAPE_SCALAR, 1), y = graph_input(g, "y", SHAPE_SCALAR, 0);
  NodeId out[2] = {graph_op2(g, OP_mul, x, graph_iota(g, 0)), graph_op1(g, OP_exp, y)}, got[2];
  NodeId two = graph_num(to, 2);
  const int loops[] = {1};
  graph_copy(to, g, &x, &two, 1, loops, out, got, 2);
  const Node *m = graph_node(to, got[0]);
  CHECK(m->op == OP_mul && m->loops == 2 && m->in[0] == two, "x is 2, the loop is 1");
  CHECK(graph_node(to, graph_node(to, got[1])->in[0])->op == OP_input, "y is a new input");
  CHECK(graph_depends(g, x, out, 1) && !graph_depends(g, y, out, 1), "depends");
  CHECK(graph_depends(g, out[0], out, 2), "on itself");
}

/* A hundred thousand nodes in a row: nothing recurses. */
static void test_deep(Arena *a) {
  Graph *g = graph_new(a);
  GraphFn *f = graph_fn_new(a, g, 1, 1);
  NodeId x = f->in[0] = graph_input(g, "x", SHAPE_SCALAR, 0);
  for (int k = 0; k < 100000; k++) x = graph_op1(g, k % 2 ? OP_sin : OP_cos, x);
  f->out[0] = x;
  CHECK(graph_depends(g, f->in[0], &x, 1), "depends");
  CHECK(graph_verify(a, f) == NULL, "verify");
  const char *text = graph_print(a, f);
  DiagList d;
  diag_init(&d, a);
  GraphFn *back = graph_read(a, source_make(a, "t", text, strlen(text)), &d);
  CHECK(back && back->g->nodes.n == g->nodes.n, "reads back");
}

/* ---- verify ---------------------------------------------------------------------------------- */

static void expect_unsound(Arena *a, const GraphFn *f, const char *want) {
  const char *why = graph_verify(a, f);
  CHECK(why && strstr(why, want), "`%s` instead of `%s`", why ? why : "sound", want);
}

static void test_verify(Arena *a) {
  Graph *g = graph_new(a);
  GraphFn *f = graph_fn_new(a, g, 1, 1);
  graph_add_loop(g, "i", 3);
  f->in[0] = graph_input(g, "x", shape_vec(3), 0);
  f->out[0] = graph_op1(g, OP_tanh, graph_unstack(g, f->in[0], 0));
  CHECK(graph_verify(a, f) == NULL, "sound");
  Node *n = &g->nodes.at[f->out[0]], was = *n;
  n->shape = shape_vec(2);
  expect_unsound(a, f, "its shape is [2] but should be []");
  *n = was;
  n->loops = 0;
  expect_unsound(a, f, "its loops are");
  *n = was;
  n->loops = 2;
  expect_unsound(a, f, "a loop that does not exist");
  *n = was;
  n->in = &f->out[0];
  expect_unsound(a, f, "does not come before it");
  *n = was;
  n->op = OP_add;
  expect_unsound(a, f, "1 arguments instead of 2");
  n->op = OP_COUNT;
  expect_unsound(a, f, "no op");
  n->op = OP_sum;
  expect_unsound(a, f, "has no attributes");
  *n = was;
  g->loops[0].extent = 4;
  expect_unsound(a, f, "has another extent");
  g->loops[0].extent = 3;
  f->in[0] = f->out[0];
  expect_unsound(a, f, "input 0 is no input node");
}

/* ---- text ------------------------------------------------------------------------------------ */

static GraphFn *read_text(Arena *a, const char *text, DiagList *d) {
  diag_init(d, a);
  return graph_read(a, source_make(a, "t", text, strlen(text)), d);
}

static void test_round_trip(Rng *r) {
  for (int k = 0; k < 400; k++) {
    Arena *a = arena_new();
    DiagList d;
    GraphFn *f = rng_graph(r, a, 5 + k % 60);
    const char *text = graph_print(a, f);
    GraphFn *back = read_text(a, text, &d);
    CHECK(back, "%s\n%s", d.first ? d.first->msg : "", text);
    if (back) {
      const char *why = graph_verify(a, back);
      CHECK(!why, "%s", why);
      CHECK(strcmp(graph_print(a, back), text) == 0, "another text:\n%s", text);
    }
    arena_free(a);
  }
}

static void test_input_order(Arena *a) {
  DiagList d;
  static const char text[] =
      "%0 = input \"x\"\n%1 = input \"y\" [2]\n%2 = add %0 %1 : [2]\ninputs %1, %0\nreturn %2, "
      "%0\n";
  GraphFn *f = read_text(a, text, &d);
  CHECK(f && f->nin == 2 && f->in[0] == 1 && f->nout == 2, "inputs in their own order");
  CHECK(f && strcmp(graph_print(a, f), text) == 0, "%s", f ? graph_print(a, f) : "");
}

typedef struct TextCase {
  const char *text;
  int line, col;
  const char *message;
} TextCase;

static const TextCase text_cases[] = {
    {"", 1, 1, "expected `return`"},
    {"%0 = tanh %1\nreturn %0", 1, 11, "%1 is not defined above"},
    {"%1 = const 1\nreturn %1", 1, 1, "the next node is %0"},
    {"%0 = tanhh %1\nreturn %0", 1, 6, "unknown op `tanhh`"},
    {"%0 = const x\nreturn %0", 1, 12, "expected a number"},
    {"%0 = const [2] [1]\nreturn %0", 1, 18, "expected `,`"},
    {"%0 = const [200, 200] #12\nreturn %0", 1, 23,
     "the numbers of this constant are not in the text"},
    {"%0 = const 1\n%1 = tanh %0 : [2]\nreturn %1", 2, 16, "the shape is []"},
    {"%0 = const 1\n%1 = sum %0 axis=0\nreturn %1", 2, 6, "sum: a single number has no axis 0"},
    {"%0 = const 1\n%1 = sum %0\nreturn %1", 2, 12, "sum needs the attribute `axis`"},
    {"%0 = const 1\n%1 = sum %0 axes=0\nreturn %1", 2, 13, "sum has no attribute `axes`"},
    {"%0 = const 1\n%1 = add %0\nreturn %1", 2, 6, "add: 2 arguments, not 1"},
    {"%0 = iota loop=0\nreturn %0", 1, 16, "expected a number from 0 to -1"},
    {"loop 1 i 3\nreturn", 1, 7, "the next loop is 0"},
    {"loop 0 i 3\n%0 = input \"x\" [3] {0}\n%1 = unstack %0 loop=0\nreturn %1", 3, 6,
     "the argument of unstack depends on loop 0 already"},
    {"%0 = input \"x\nreturn %0", 1, 14, "expected `\"`"},
    {"%0 = const 1 2\nreturn %0", 1, 14, "expected the end of the line"},
    {"%0 = const 1\nreturn %0\n%1 = const 2\n", 3, 1, "nothing may follow `return`"},
    {"hello", 1, 1, "expected `loop`, `%0 = ...`, `inputs` or `return`"},
    {"%0 = const 1\ninputs %0\nreturn %0", 2, 7, "not all are inputs"},
    {"%0 = input \"e\" [2]\n%1 = sparse_fill %0 pattern=2x2{1:0, 0:1}\nreturn %1", 2, 29,
     "the places do not ascend"},
    {"%0 = input \"x\" [99999999999999999999]\nreturn %0", 1, 17, "this number is too large"},
    {"%0 = const [100000, 100000] [1]\nreturn %0", 1, 29,
     "the numbers of this constant are not in the text"},
};

static void test_text_errors(Arena *a) {
  for (size_t k = 0; k < sizeof text_cases / sizeof text_cases[0]; k++) {
    const TextCase *c = &text_cases[k];
    DiagList d;
    int line = 0, col = 0;
    GraphFn *f = read_text(a, c->text, &d);
    CHECK(!f && d.errors == 1, "%s: %d errors", c->text, d.errors);
    if (!d.first) continue;
    source_line_col(d.first->at.src, d.first->at.span.start, &line, &col);
    CHECK(strcmp(d.first->msg, c->message) == 0, "`%s` instead of `%s`", d.first->msg, c->message);
    CHECK(line == c->line && col == c->col, "%s at %d:%d", c->message, line, col);
  }
}

/* Any text gives a sound graph or an error. */
static void test_damaged_texts(Rng *r) {
  static const char bits[] = "%0123456789[]{},:=\"x-? #abcdefgh\nnan";
  int sound = 0;
  for (int k = 0; k < 3000; k++) {
    Arena *a = arena_new();
    DiagList d;
    char *text = arena_strdup(a, graph_print(a, rng_graph(r, a, 8 + k % 20)));
    int64_t n = (int64_t)strlen(text);
    for (int64_t m = rng_below(r, 4); m >= 0; m--)
      text[rng_below(r, n)] = bits[rng_below(r, (int64_t)sizeof bits - 1)];
    GraphFn *f = read_text(a, text, &d);
    const char *why = f ? graph_verify(a, f) : NULL;
    CHECK(f ? !why : d.errors == 1, "%s\n%s", why ? why : "no error", text);
    sound += f != NULL;
    arena_free(a);
  }
  CHECK(sound > 10 && sound < 2900, "%d of 3000 were still sound", sound);
}

/* ---- tensors, patterns ----------------------------------------------------------------------- */

static void test_tensors(Arena *a) {
  static const int64_t sizes[] = {0, 1, 7, 64, 65, 1000, 100000};
  for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
    Tensor *t = tensor_new(a, shape_vec(sizes[k]));
    CHECK((uintptr_t)t->data % 64 == 0, "%d numbers are aligned", (int)sizes[k]);
    bool zero = true;
    for (int64_t e = 0; e < sizes[k]; e++) {
      zero &= t->data[e] == 0;
      t->data[e] = 1;
    }
    CHECK(zero, "%d zeros", (int)sizes[k]);
  }
  CHECK(tensor_new(a, shape_mat(1000000, 1000000)) == NULL, "10^12 elements");
  CHECK(tensor_new(a, shape_mat(INT64_MAX, INT64_MAX)) == NULL, "more than an int64 can count");
  CHECK(tensor_new(a, shape_vec(-1)) == NULL, "an unknown extent");
  Tensor *m = tensor_new(a, shape_mat(2, 3));
  CHECK(tensor_view(a, m, shape_vec(3), 3)->data == m->data + 3, "a view");
  CHECK(tensor_view(a, tensor_abstract(a, shape_vec(3)), shape_vec(2), 1)->data == NULL,
        "of nothing");
}

static void test_patterns(Arena *a, Rng *r) {
  for (int k = 0; k < 200; k++) {
    SparsePattern *p = rng_pattern(r, a, 1 + rng_below(r, 6), 1 + rng_below(r, 6));
    const SparsePattern *t = sparse_transpose(p);
    CHECK(t == sparse_transpose(p), "made once");
    CHECK(t->rows == p->cols && t->cols == p->rows && t->nnz == p->nnz, "sizes");
    const Tensor *order = sparse_order(t);
    Tensor *entries = rng_tensor(r, a, shape_vec(p->nnz), -1, 1);
    Tensor *moved = tensor_new(a, shape_vec(p->nnz));
    for (int64_t e = 0; e < p->nnz; e++) moved->data[e] = entries->data[(int64_t)order->data[e]];
    const Tensor *full =
        ref_op(a, OP_sparse_fill, &(OpAttr){.p = p}, (const Tensor *[]){entries}, 1);
    const Tensor *back = ref_op(a, OP_sparse_fill, &(OpAttr){.p = t}, (const Tensor *[]){moved}, 1);
    OpAttr swap = {.n = 2, .i = {1, 0}};
    const Tensor *want = ref_op(a, OP_transpose, &swap, &full, 1);
    CHECK(memcmp(want->data, back->data, (size_t)(p->rows * p->cols) * sizeof(double)) == 0,
          "equal");
    for (int64_t row = 0; row < t->rows; row++)
      for (int64_t e = t->start[row] + 1; e < t->start[row + 1]; e++)
        CHECK(t->col[e] > t->col[e - 1], "columns ascend");
  }
}

int main(void) {
  Arena *a = arena_new();
  Rng r = {99};
  test_equal_nodes(a);
  test_folding(a);
  test_folded_values(a, &r);
  test_loops(a);
  test_copy(a);
  test_deep(a);
  test_verify(a);
  test_round_trip(&r);
  test_input_order(a);
  test_text_errors(a);
  test_damaged_texts(&r);
  test_tensors(a);
  test_patterns(a, &r);
  arena_free(a);
  return check_done("graph");
}
