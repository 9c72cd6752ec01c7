/* test_pass.c: passes keep values, and derivatives agree with differences and with each other: for
   each op by itself and for random functions, with loops everywhere. Values are the reference's. */
#include "check.h"
#include "pass/pass.h"
#include "random_graph.h"
#include "ref_eval.h"

enum { MOST_IN = 16, MOST_OUT = 16 };

/* A function at a point. */
typedef struct Point {
  Arena *arena;
  Rng *rng;
  const GraphFn *f;
  const Tensor *in[MOST_IN];
  const char *what; /* for messages */
} Point;

static Tensor *random_like(const Point *p, const Tensor *t) {
  return rng_tensor(p->rng, p->arena, t->shape, -1, 1);
}

static void check_sound(const Point *p, const GraphFn *f, const char *after) {
  const char *why = graph_verify(p->arena, f);
  CHECK(!why, "%s after %s: %s", p->what, after, why);
}

static bool all_near(const Tensor *got, const Tensor *want, double tol) {
  if (!shape_equal(got->shape, want->shape)) return false;
  for (int64_t k = 0; k < shape_count(want->shape); k++) {
    double x = got->data[k], y = want->data[k];
    if (!isfinite(x) && !isfinite(y)) continue;
    if (!(fabs(x - y) <= tol * fmax(1, fabs(y)))) return false;
  }
  return true;
}

/* g has the inputs and outputs of f (lowered or not) and their values. */
static void check_same(const Point *p, const GraphFn *g, const char *after, Tensor *const *want) {
  Tensor *got[MOST_OUT];
  check_sound(p, g, after);
  ref_eval(p->arena, g, p->in, got);
  for (int k = 0; k < g->nout; k++) {
    bool same = all_near(got[k], want[k], 1e-9);
    CHECK(same, "%s: output %d after %s:\n%s", p->what, k, after, graph_print(p->arena, g));
  }
}

static void check_passes(const Point *p) {
  Tensor *want[MOST_OUT];
  ref_eval(p->arena, p->f, p->in, want);
  const GraphFn *all = p->f;
  for (const PassRow *pass = pass_table; pass->name; pass++) {
    check_same(p, pass->run(p->arena, p->f), pass->name, want);
    all = pass->run(p->arena, all);
  }
  check_same(p, all, "all of them", want);
}

/* ---- derivatives ----------------------------------------------------------------------------- */

/* The point moved by h times these directions (NULL: not moved). */
static void move(const Point *p, Tensor *const *direction, double h, const Tensor **in) {
  for (int k = 0; k < p->f->nin; k++) {
    in[k] = p->in[k];
    if (!direction[k]) continue;
    Tensor *t = tensor_new(p->arena, p->in[k]->shape);
    for (int64_t e = 0; e < shape_count(t->shape); e++)
      t->data[e] = p->in[k]->data[e] + h * direction[k]->data[e];
    in[k] = t;
  }
}

static void check_differences(const Point *p, Tensor *const *direction, Tensor *const *tangents) {
  const double h = 1e-6;
  const Tensor *in[MOST_IN];
  Tensor *up[MOST_OUT], *down[MOST_OUT];
  move(p, direction, h, in);
  ref_eval(p->arena, p->f, in, up);
  move(p, direction, -h, in);
  ref_eval(p->arena, p->f, in, down);
  for (int k = 0; k < p->f->nout; k++) {
    Tensor *slope = tensor_new(p->arena, up[k]->shape);
    for (int64_t e = 0; e < shape_count(slope->shape); e++)
      slope->data[e] = (up[k]->data[e] - down[k]->data[e]) / (2 * h);
    for (int64_t e = 0; e < shape_count(slope->shape);
         e++) /* nothing is said where there is no value */
      if (!isfinite(slope->data[e])) slope->data[e] = tangents[k]->data[e];
    bool same = all_near(tangents[k], slope, 2e-5);
    CHECK(same, "%s: tangent %d:\n%s", p->what, k, graph_print(p->arena, p->f));
  }
}

static double dot(const Tensor *a, const Tensor *b) {
  double sum = 0;
  for (int64_t k = 0; k < shape_count(a->shape); k++) sum += a->data[k] * b->data[k];
  return sum;
}

/* c . (J v) = (J' c) . v, and lowering keeps the reverse derivative. */
static void check_reverse(const Point *p, const bool *wrt, Tensor *const *direction,
                          Tensor *const *tangents) {
  GraphFn *back = pass_vjp(p->arena, p->f, wrt);
  Point b = *p;
  Tensor *out[MOST_OUT];
  double forward = 0, reverse = 0;
  check_sound(p, back, "vjp");
  b.f = back;
  for (int k = 0; k < p->f->nout; k++) {
    Tensor *c = random_like(p, tangents[k]);
    b.in[p->f->nin + k] = c;
    forward += dot(c, tangents[k]);
  }
  ref_eval(p->arena, back, b.in, out);
  for (int k = 0, m = p->f->nout; k < p->f->nin; k++) {
    if (!wrt[k]) continue;
    CHECK(shape_equal(out[m]->shape, p->in[k]->shape), "%s: shape of a cotangent", p->what);
    reverse += dot(out[m++], direction[k]);
  }
  if (isfinite(forward)) CHECK_NEAR(reverse, forward, 1e-8, "%s: reverse and forward", p->what);
  check_same(&b, pass_lower(p->arena, back), "vjp and lower", out);
}

/* Which inputs to derive to, and along what. */
static void check_derivatives(const Point *p, const bool *wrt) {
  Tensor *direction[MOST_IN] = {0}, *out[2 * MOST_OUT];
  Point j = *p;
  int extra = p->f->nin;
  for (int k = 0; k < p->f->nin; k++)
    if (wrt[k]) j.in[extra++] = direction[k] = random_like(p, p->in[k]);
  j.f = pass_jvp(p->arena, p->f, wrt);
  check_sound(p, j.f, "jvp");
  ref_eval(p->arena, j.f, j.in, out);
  check_differences(p, direction, out + p->f->nout);
  check_reverse(p, wrt, direction, out + p->f->nout);
}

/* ---- one op at a time ------------------------------------------------------------------------ */

/* A square matrix that is well conditioned and positive definite. */
static void make_definite(Tensor *t) {
  int rank = t->shape.rank;
  int64_t n = t->shape.n[rank - 1];
  for (int64_t k = 0; k < shape_count(t->shape); k++) {
    t->data[k] *= 0.3;
    if (k / n % n == k % n) t->data[k] += 3;
  }
}

static void make_ascending(Tensor *t) {
  int64_t n = t->shape.n[t->shape.rank - 1];
  for (int64_t k = 0; k < shape_count(t->shape); k++)
    t->data[k] = 0.3 * t->data[k] + (double)(k % n) - 0.5 * (double)n;
}

static bool takes_matrix(OpId op) {
  return op == OP_solve || op == OP_inv || op == OP_cholesky || op == OP_det;
}

static bool is_lookup(OpId op) {
  return op == OP_lookup || op == OP_lookup_slope;
}

/* Shapes of arguments that have a fair chance to fit. */
static Shape shape_for(Rng *r, OpId op, int k, const Shape *in) {
  Shape s = rng_shape(r, (int)rng_below(r, 4));
  if (takes_matrix(op) && k == 0) s = shape_mat(s.rank + 1, s.rank + 1);
  if (op == OP_solve && k == 1)
    s = rng_below(r, 2) ? shape_vec(in[0].n[0]) : shape_mat(in[0].n[0], 2);
  if (is_lookup(op) && k == 1) s = shape_vec(1 + rng_below(r, 4));
  if (is_lookup(op) && k == 2) s = rng_below(r, 2) ? in[1] : shape_mat(in[1].n[0], 2);
  if (op == OP_matmul && s.rank == 0) s = shape_vec(2);
  if (op == OP_matmul && k == 1 && s.rank == 1) s.n[0] = in[0].n[in[0].rank - 1];
  if (op == OP_matmul && k == 1 && s.rank > 1) s.n[s.rank - 2] = in[0].n[in[0].rank - 1];
  if ((op == OP_matmul || op == OP_concat) && k == 1 && rng_below(r, 2)) s = in[0];
  if (op == OP_convolve && k == 1) s = shape_vec(1 + rng_below(r, 3));
  return s;
}

static bool has_derivative(OpId op) {
  unsigned flags = op_table[op].flags;
  bool lowered = flags & OP_FUSED && !(flags & OP_ELEMENTWISE);
  return op_table[op].arity != 0 && !(flags & (OP_NOGRAD | OP_EAGER)) && !lowered;
}

/* Indices, conditions and orders have no derivative. */
static bool is_smooth_arg(OpId op, int k) {
  if (op == OP_select || op == OP_polygamma) return op == OP_select ? k > 0 : k == 1;
  return !((op == OP_gather || op == OP_scatter_add) && k == 1);
}

static Tensor *value_for(const Point *p, OpId op, int k, Shape whole) {
  bool elementwise = op_table[op].flags & OP_ELEMENTWISE;
  double lo = elementwise ? op_table[op].lo : -2, hi = elementwise ? op_table[op].hi : 2;
  Tensor *t = rng_tensor(p->rng, p->arena, whole, lo, hi);
  if (takes_matrix(op) && k == 0) make_definite(t);
  if (is_lookup(op) && k == 1) make_ascending(t);
  if (!is_smooth_arg(op, k))
    for (int64_t e = 0; e < shape_count(whole); e++) t->data[e] = floor(t->data[e]);
  return t;
}

/* A function that is this op alone, of inputs with random loops; false if the dice gave none. */
static bool op_function(Point *p, OpId op, GraphFn *f) {
  Graph *g = f->g;
  Shape shapes[3] = {SHAPE_SCALAR}, out;
  int nin = op_table[op].arity < 0 ? 1 + (int)rng_below(p->rng, 3) : op_table[op].arity;
  for (int k = 0; k < nin; k++) shapes[k] = shape_for(p->rng, op, k, shapes);
  OpAttr attr = rng_attr(p->rng, p->arena, op, shapes);
  LoopSet all = 0;
  f->nin = nin;
  for (int k = 0; k < nin; k++) {
    LoopSet loops = (LoopSet)rng_below(p->rng, 8);
    if (op == OP_unstack) loops &= ~((LoopSet)1 << (attr.axis = (int32_t)rng_below(p->rng, 3)));
    f->in[k] = graph_input(g, "x", shapes[k], loops);
    all |= loops;
  }
  if (op == OP_stack) attr.axis = (int32_t)rng_below(p->rng, 3);
  if (op == OP_stack || op == OP_unstack) attr.i[0] = g->loops[attr.axis].extent;
  const char *why;
  if (!op_shape(op, &attr, shapes, nin, &out, p->arena, &why)) return false;
  if (out.rank + __builtin_popcountll(all) > 8 || shape_count(out) > 200) return false;
  f->nout = 1;
  f->out[0] = graph_add(g, op, f->in, nin, &attr);
  for (int k = 0; k < nin; k++)
    p->in[k] = value_for(p, op, k, ref_whole_shape(g, graph_node(g, f->in[k])));
  return true;
}

static bool check_op_once(Rng *r, OpId op) {
  Arena *a = arena_new();
  Point p = {.arena = a, .rng = r, .what = op_table[op].name};
  Graph *g = graph_new(a);
  GraphFn *f = graph_fn_new(a, g, 3, 1);
  for (int k = 0; k < 3; k++) graph_add_loop(g, "l", 1 + rng_below(r, 3));
  bool sound = op_function(&p, op, f);
  if (sound) {
    bool wrt[3], any = false;
    p.f = f;
    check_passes(&p);
    for (int k = 0; k < f->nin; k++) any |= wrt[k] = is_smooth_arg(op, k) && rng_below(r, 4) > 0;
    if (has_derivative(op) && any) check_derivatives(&p, wrt);
  }
  arena_free(a);
  return sound;
}

static void test_each_op(Rng *r) {
  for (int op = OP_NONE + 1; op < OP_COUNT; op++) {
    int sound = 0;
    bool skipped = op == OP_input || op == OP_const || op == OP_random ||
                   (op_table[op].flags & OP_FUSED && !(op_table[op].flags & OP_ELEMENTWISE)) ||
                   op_table[op].flags & OP_EAGER;
    if (skipped) continue;
    for (int k = 0; k < 10000 && sound < 60; k++) sound += check_op_once(r, (OpId)op);
    CHECK(sound >= 20, "%s was tried %d times only", op_table[op].name, sound);
  }
}

/* ---- random functions ------------------------------------------------------------------------ */

static void test_random_functions(int count) {
  for (int seed = 1; seed <= count; seed++) {
    Arena *a = arena_new();
    Rng r = {(uint64_t)seed * 7919};
    bool wrt[MOST_IN];
    for (int k = 0; k < 10; k++) rng_next(&r);
    GraphFn *f = rng_graph(&r, a, 6 + seed % 40);
    Point p = {.arena = a, .rng = &r, .f = f, .what = arena_printf(a, "seed %d", seed)};
    for (int k = 0; k < f->nin; k++) {
      p.in[k] = rng_tensor(&r, a, ref_whole_shape(f->g, graph_node(f->g, f->in[k])), -1, 1);
      wrt[k] = rng_below(&r, 3) > 0;
    }
    check_sound(&p, f, "making it");
    check_passes(&p);
    check_derivatives(&p, wrt);
    arena_free(a);
  }
}

/* The derivative of a derivative: of x' times the reverse derivative of sum f. */
static void test_second_derivatives(int count) {
  for (int seed = 1; seed <= count; seed++) {
    Arena *a = arena_new();
    Rng r = {(uint64_t)seed * 104729};
    bool wrt[MOST_IN] = {true, true, true, true, true};
    for (int k = 0; k < 10; k++) rng_next(&r);
    GraphFn *f = pass_vjp(a, rng_graph(&r, a, 6 + seed % 12), wrt);
    Point p = {.arena = a, .rng = &r, .f = f, .what = arena_printf(a, "second, seed %d", seed)};
    for (int k = 0; k < f->nin; k++)
      p.in[k] = rng_tensor(&r, a, ref_whole_shape(f->g, graph_node(f->g, f->in[k])), -1, 1);
    check_derivatives(&p, wrt);
    arena_free(a);
  }
}

/* ---- branches not taken ---------------------------------------------------------------------- */

/* if x > 0 then y(x) else 3 x, at a point where y or its slope is not finite: the slope is 3. */
static void check_branch(Arena *a, Rng *r, GraphFn *f, NodeId x, NodeId y, double at) {
  Graph *g = f->g;
  NodeId cond = graph_op2(g, OP_lt, graph_num(g, 0), x);
  NodeId other = graph_op2(g, OP_mul, graph_num(g, 3), x);
  f->out[0] = graph_op3(g, OP_select, cond, y, other);
  const bool wrt = true;
  Tensor *in[2] = {tensor_new(a, graph_node(g, x)->shape), NULL}, *out[2];
  for (int64_t k = 0; k < shape_count(in[0]->shape); k++) in[0]->data[k] = at;
  in[1] = tensor_new(a, graph_node(g, f->out[0])->shape);
  for (int64_t k = 0; k < shape_count(in[1]->shape); k++) in[1]->data[k] = 1;
  GraphFn *ways[2] = {pass_jvp(a, f, &wrt), pass_vjp(a, f, &wrt)};
  for (int k = 0; k < 2; k++) {
    ref_eval(a, ways[k], (const Tensor *const *)in, out);
    for (int64_t e = 0; e < shape_count(out[1]->shape); e++)
      CHECK(out[1]->data[e] == 3, "%s gives %g", k ? "vjp" : "jvp", out[1]->data[e]);
  }
  (void)r;
}

static GraphFn *one_input(Arena *a, Shape s) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 1, 1);
  f->in[0] = graph_input(f->g, "x", s, 0);
  return f;
}

static void test_branches(Arena *a, Rng *r) {
  static const OpId ops[] = {OP_log, OP_sqrt, OP_asin, OP_gamma_fn, OP_exp};
  for (size_t k = 0; k < sizeof ops / sizeof ops[0]; k++) {
    for (int far = 0; far < 2; far++) {
      GraphFn *f = one_input(a, shape_vec(3));
      NodeId y = graph_op1(f->g, ops[k], graph_op1(f->g, OP_square, f->in[0]));
      y = graph_op1(f->g, OP_log, graph_op2(f->g, OP_mul, y, f->in[0]));
      check_branch(a, r, f, f->in[0], y, far ? -1e200 : 0);
    }
  }
  GraphFn *f = one_input(a, shape_vec(3));
  NodeId inf = graph_op2(f->g, OP_div, graph_num(f->g, 1), f->in[0]);
  NodeId square = graph_op2(f->g, OP_matmul, inf, inf);
  check_branch(a, r, f, f->in[0], graph_broadcast(f->g, square, shape_vec(3)), 0);
  f = one_input(a, shape_vec(3));
  inf = graph_op2(f->g, OP_div, graph_num(f->g, 1), f->in[0]);
  NodeId product = graph_add(f->g, OP_prod, &inf, 1, &(OpAttr){0});
  check_branch(a, r, f, f->in[0], graph_broadcast(f->g, product, shape_vec(3)), 0);
}

/* ---- batch ----------------------------------------------------------------------------------- */

/* What the batched function gives for row k is what f gives for row k alone. */
static void check_batch(Rng *r, int seed, bool lead) {
  enum { EXTENT = 3 };
  Arena *a = arena_new();
  GraphFn *f = rng_graph(r, a, 8 + seed % 20);
  bool batched[MOST_IN];
  const Tensor *in[MOST_IN], *one[MOST_IN];
  Tensor *got[MOST_OUT], *want[MOST_OUT];
  for (int k = 0; k < f->nin; k++) {
    Shape s = ref_whole_shape(f->g, graph_node(f->g, f->in[k]));
    batched[k] = rng_below(r, 2);
    if (batched[k]) s = shape_concat(shape_vec(EXTENT), s);
    in[k] = rng_tensor(r, a, s, -1, 1);
  }
  GraphFn *b = pass_batch(a, f, "batch", EXTENT, batched, lead);
  const char *why = graph_verify(a, b);
  CHECK(!why, "batch: %s", why);
  /* With `lead` the new axis stands behind the loops. */
  for (int k = 0; k < f->nin && lead; k++)
    if (graph_node(f->g, f->in[k])->loops) batched[k] = false;
  bool plain = true;
  for (int k = 0; k < f->nin && lead; k++) plain &= !graph_node(f->g, f->in[k])->loops;
  if (plain) ref_eval(a, b, in, got);
  for (int row = 0; row < EXTENT && plain; row++) {
    for (int k = 0; k < f->nin; k++) {
      Shape s = ref_whole_shape(f->g, graph_node(f->g, f->in[k]));
      one[k] = batched[k] ? tensor_view(a, in[k], s, row * shape_count(s)) : in[k];
    }
    ref_eval(a, f, one, want);
    for (int k = 0; k < f->nout; k++) {
      bool varies = lead || graph_node(b->g, b->out[k])->loops & 1;
      if (lead && graph_node(f->g, f->out[k])->loops) continue;
      Tensor *part = got[k];
      if (varies) part = tensor_view(a, part, want[k]->shape, row * shape_count(want[k]->shape));
      CHECK(all_near(part, want[k], 1e-12), "batch %d: row %d of output %d", seed, row, k);
    }
  }
  arena_free(a);
}

static void test_batch(Rng *r) {
  for (int seed = 0; seed < 300; seed++) check_batch(r, seed, seed % 2);
}

/* ---- lowered forms --------------------------------------------------------------------------- */

static int count_op(const GraphFn *f, OpId op) {
  uint8_t *live = graph_live(f->g, f->out, f->nout);
  int count = 0;
  for (size_t id = 0; id < f->g->nodes.n; id++) count += live[id] && f->g->nodes.at[id].op == op;
  mem_free(live);
  return count;
}

/* -x + J @ tanh(x) over trials. */
static GraphFn *rate_network(Arena *a, int64_t n, bool fixed) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 2, 1);
  graph_add_loop(f->g, "trials", 8);
  f->in[0] = graph_input(f->g, "x", shape_vec(n), 1);
  f->in[1] = graph_input(f->g, "J", shape_mat(n, n), 0);
  NodeId j = fixed ? graph_const(f->g, tensor_new(a, shape_mat(n, n))) : f->in[1];
  NodeId drive = graph_op2(f->g, OP_matmul, j, graph_op1(f->g, OP_tanh, f->in[0]));
  f->out[0] = graph_op2(f->g, OP_sub, drive, f->in[0]);
  return f;
}

static void test_lowered_network(Arena *a) {
  const bool wrt[2] = {true, true};
  GraphFn *fixed = pass_lower(a, rate_network(a, 20, true));
  CHECK(count_op(fixed, OP_gemm_packed) == 1 && count_op(fixed, OP_pack) == 1, "packed");
  CHECK(count_op(fixed, OP_transpose) == 0 && count_op(fixed, OP_reshape) == 0, "nothing moves");
  GraphFn *trained = pass_lower(a, rate_network(a, 20, false));
  CHECK(count_op(trained, OP_gemm) == 1 && count_op(trained, OP_pack) == 0, "gemm");
  CHECK(count_op(trained, OP_transpose) == 0, "nothing moves");
  GraphFn *back = pass_lower(a, pass_vjp(a, rate_network(a, 20, false), wrt));
  CHECK(count_op(back, OP_gemm) == 3, "three products, not %d", count_op(back, OP_gemm));
  CHECK(count_op(back, OP_transpose) == 0, "%d transposes", count_op(back, OP_transpose));
  CHECK(count_op(back, OP_sum) == 0, "the sum over trials is in the product");
  GraphFn *large = pass_lower(a, pass_vjp(a, rate_network(a, 500, false), wrt));
  CHECK(large->g->nodes.n == back->g->nodes.n, "as many nodes for 500 units as for 20");
}

/* A comprehension that reads rows and elements by index moves nothing either. */
static void test_lowered_comprehension(Arena *a) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 2, 1);
  Graph *g = f->g;
  int i = graph_add_loop(g, "i", 5), j = graph_add_loop(g, "j", 4);
  f->in[0] = graph_input(g, "W", shape_mat(5, 4), 0);
  f->in[1] = graph_input(g, "th", shape_vec(5), 0);
  NodeId row = graph_op2(g, OP_gather, f->in[0], graph_iota(g, i));
  NodeId element = graph_op2(g, OP_gather, row, graph_iota(g, j));
  NodeId shifted = graph_op2(g, OP_add, graph_iota(g, j), graph_num(g, 1));
  NodeId both = graph_op2(g, OP_sub, graph_op2(g, OP_gather, f->in[1], graph_iota(g, i)),
                          graph_op2(g, OP_gather, f->in[1], shifted));
  f->out[0] = graph_stack(g, graph_stack(g, graph_op2(g, OP_mul, element, both), j), i);
  GraphFn *low = pass_lower(a, pass_simplify(a, f, false));
  CHECK(count_op(low, OP_gather) == 0 && count_op(low, OP_transpose) == 0, "%s",
        graph_print(a, low));
}

/* Solving for many right-hand sides decomposes the matrix once. */
static void test_lowered_solve(Arena *a) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 2, 1);
  graph_add_loop(f->g, "trials", 6);
  f->in[0] = graph_input(f->g, "A", shape_mat(3, 3), 0);
  f->in[1] = graph_input(f->g, "b", shape_vec(3), 1);
  f->out[0] = graph_op2(f->g, OP_solve, f->in[0], f->in[1]);
  GraphFn *low = pass_lower(a, f);
  const Node *n = NULL;
  for (size_t id = 0; id < low->g->nodes.n; id++)
    if (low->g->nodes.at[id].op == OP_solve) n = &low->g->nodes.at[id];
  CHECK(n && n->attr->axis2 == 0 && n->shape.n[1] == 6, "one matrix, six columns");
}

/* Draws over loops: one batch of all of them. */
static void test_lowered_random(Arena *a) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 1, 1);
  graph_add_loop(f->g, "trials", 6);
  f->in[0] = graph_input(f->g, "step", SHAPE_SCALAR, 0);
  NodeId in[3] = {f->in[0], graph_iota(f->g, 0), graph_num(f->g, 0)};
  f->out[0] = graph_add(f->g, OP_random, in, 3, &(OpAttr){.n = 1, .i = {4}, .key = 9});
  GraphFn *low = pass_lower(a, f);
  const Node *n = graph_node(low->g, low->out[0]);
  CHECK(n->op == OP_random && n->attr->axis2 == 1 && n->attr->key == 9, "one batched draw");
  CHECK(shape_equal(n->shape, shape_mat(6, 4)), "%s", shape_text(a, n->shape));
}

/* The fused forms have the bits of the separate ops. */
static void test_fused_bits(Arena *a, Rng *r) {
  for (int k = 0; k < 200; k++) {
    GraphFn *f = graph_fn_new(a, graph_new(a), 3, 4);
    Graph *g = f->g;
    Tensor *in[3], *want[4], *got[4];
    for (int j = 0; j < 3; j++) {
      f->in[j] = graph_input(g, "x", shape_vec(7), 0);
      in[j] = rng_tensor(r, a, shape_vec(7), 0.1, 2);
    }
    NodeId x = f->in[0], y = f->in[1], z = f->in[2];
    NodeId e = graph_op1(g, OP_exp, y), q = graph_op1(g, OP_exp, graph_op1(g, OP_neg, x));
    f->out[0] = graph_op2(g, OP_add, graph_op2(g, OP_mul, x, y), z);
    f->out[1] = graph_op2(g, OP_sub, z, graph_op1(g, OP_square, x));
    f->out[2] = graph_op2(g, OP_div, z, graph_op2(g, OP_sub, e, x));
    f->out[3] = graph_op2(g, OP_div, graph_num(g, 1), graph_op2(g, OP_add, graph_num(g, 1), q));
    GraphFn *fused = pass_fuse(a, f);
    CHECK(count_op(fused, OP_muladd) == 1 && count_op(fused, OP_submul) == 1, "multiply-adds");
    CHECK(count_op(fused, OP_div_add_exp) == 1 && count_op(fused, OP_div_sub_exp) == 1,
          "quotients");
    CHECK(count_op(fused, OP_exp) == 0 && count_op(fused, OP_mul) == 0, "nothing is left over");
    ref_eval(a, f, (const Tensor *const *)in, want);
    ref_eval(a, fused, (const Tensor *const *)in, got);
    for (int j = 0; j < 4; j++)
      CHECK(memcmp(want[j]->data, got[j]->data, 7 * sizeof(double)) == 0, "output %d", j);
  }
}

/* Small arrays element by element: the same values; what is large or more than elementwise stays.
 */
static void test_scalars(Arena *a, Rng *r) {
  int apart = 0;
  for (int k = 0; k < 300; k++) {
    Arena *own = arena_new();
    GraphFn *low = pass_fuse(own, pass_lower(own, rng_graph(r, own, 12)));
    GraphFn *f = pass_scalars(own, low);
    const Tensor *in[MOST_IN];
    Tensor *want[MOST_OUT];
    for (int i = 0; f && i < low->nin; i++)
      in[i] = rng_tensor(r, own, graph_node(low->g, low->in[i])->shape, -1, 1);
    if (f) {
      Tensor **got = arena_array(own, (size_t)f->nout + 1, sizeof *got);
      ref_eval(own, low, in, want);
      ref_eval(own, f, in, got);
      int m = 0;
      for (int i = 0; i < low->nout; i++)
        for (int64_t j = 0; j < shape_count(want[i]->shape); j++, m++)
          CHECK(memcmp(&want[i]->data[j], got[m]->data, sizeof(double)) == 0, "element %d", m);
      CHECK(m == f->nout, "%d outputs, not %d", f->nout, m);
      apart++;
    }
    arena_free(own);
  }
  CHECK(apart > 20, "%d functions were taken apart", apart);
  CHECK(!pass_scalars(a, pass_lower(a, rate_network(a, 4, true))), "products are not");
}

/* Of J tanh(x) along unit vectors no product is left: its Jacobian is J with scaled columns. */
static void test_unit_products(Arena *a, Rng *r) {
  enum { N = 5 };
  GraphFn *f = graph_fn_new(a, graph_new(a), 2, 1);
  Graph *g = f->g;
  int loop = graph_add_loop(g, "direction", N);
  NodeId J = f->in[0] = graph_input(g, "J", shape_mat(N, N), 0);
  NodeId x = f->in[1] = graph_input(g, "x", shape_vec(N), 0), d;
  NodeId y = graph_add(g, OP_matmul, (NodeId[]){J, graph_op1(g, OP_tanh, x)}, 2, NULL);
  Tensor *places = tensor_new(a, shape_vec(N));
  for (int i = 0; i < N; i++) places->data[i] = i;
  NodeId unit = graph_op2(g, OP_eq, graph_iota(g, loop), graph_const(g, places));
  graph_jvp(g, &x, &unit, 1, &y, &d, 1);
  f->out[0] = graph_stack(g, d, loop);
  graph_compact(f);
  CHECK(count_op(f, OP_matmul) == 0, "%s", graph_print(a, f));
  const Tensor *in[] = {rng_tensor(r, a, shape_mat(N, N), -1, 1),
                        rng_tensor(r, a, shape_vec(N), -1, 1)};
  Tensor *got;
  ref_eval(a, f, in, &got);
  for (int k = 0; k < N; k++)
    for (int i = 0; i < N; i++) {
      double slope = 1 - pow(tanh(in[1]->data[k]), 2);
      CHECK_NEAR(got->data[k * N + i], in[0]->data[i * N + k] * slope, 1e-14, "%d, %d", i, k);
    }
}

/* Passes over a hundred thousand nodes in a row do not recurse. */
static void test_deep(Arena *a) {
  GraphFn *f = one_input(a, SHAPE_SCALAR);
  NodeId x = f->in[0];
  for (int k = 0; k < 100000; k++) x = graph_op1(f->g, k % 2 ? OP_sin : OP_cos, x);
  f->out[0] = x;
  const bool wrt = true;
  GraphFn *back = pass_vjp(a, f, &wrt);
  CHECK(back->g->nodes.n > 300000, "%zu nodes", back->g->nodes.n);
  CHECK(graph_verify(a, pass_fuse(a, pass_lower(a, pass_jvp(a, f, &wrt)))) == NULL, "forward");
}

int main(void) {
  Arena *a = arena_new();
  Rng r = {4711};
  test_each_op(&r);
  test_random_functions(600);
  test_second_derivatives(100);
  test_branches(a, &r);
  test_batch(&r);
  test_lowered_network(a);
  test_lowered_comprehension(a);
  test_lowered_solve(a);
  test_lowered_random(a);
  test_fused_bits(a, &r);
  test_scalars(a, &r);
  test_unit_products(a, &r);
  test_deep(a);
  arena_free(a);
  return check_done("pass");
}
