/* test_run.c: programs against the naive evaluator, the two executors against each other, scans.
   Each instruction set runs in a process of its own, since it is chosen once. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "pass/pass.h"
#include "random_graph.h"
#include "ref_eval.h"
#include "run/isa.h"
#include "run/run.h"

static bool near(double got, double want, double tol) {
  if (isnan(want)) return isnan(got);
  if (isinf(want)) return got == want;
  return fabs(got - want) <= tol * fmax(1, fabs(want));
}

/* ---- Random programs ---- */

static int64_t differences(const void *got, bool single, const Tensor *want, double tol) {
  int64_t bad = 0, n = shape_count(want->shape);
  for (int64_t i = 0; i < n; i++) {
    double x = single ? ((const float *)got)[i] : ((const double *)got)[i];
    bad += !near(x, want->data[i], tol);
  }
  return bad;
}

static const void *given(Arena *a, const Tensor *t, bool single) {
  int64_t n = shape_count(t->shape);
  float *f = ARENA_ARRAY(a, float, n + 1);
  for (int64_t i = 0; i < n; i++) f[i] = (float)t->data[i];
  return single ? (const void *)f : t->data;
}

/* How many elements of all outputs differ; -1: the program failed. */
static int64_t run_and_compare(Arena *a, const GraphFn *f, Tensor **in, Tensor **want,
                               const PlanOptions *o, double tol) {
  Program *p = program_plan(a, f, o);
  const void **from = ARENA_ARRAY(a, const void *, f->nin + 1);
  void **to = ARENA_ARRAY(a, void *, f->nout + 1);
  int64_t bad = 0;
  for (int k = 0; k < f->nin; k++) from[k] = given(a, in[k], o->single);
  for (int k = 0; k < f->nout; k++) to[k] = ARENA_ARRAY(a, double, shape_count(want[k]->shape) + 1);
  for (int times = 0; times < 2; times++) { /* the second run finds used buffers */
    if (program_run(p, from, to).code != STATUS_OK) return -1;
    for (int k = 0; k < f->nout; k++) bad += differences(to[k], o->single, want[k], tol);
  }
  return bad;
}

static Tensor **random_inputs(Rng *r, Arena *a, const GraphFn *f) {
  Tensor **in = ARENA_ARRAY(a, Tensor *, f->nin + 1);
  for (int k = 0; k < f->nin; k++) {
    const Node *n = graph_node(f->g, f->in[k]);
    in[k] = rng_tensor(r, a, shape_concat(ref_loop_shape(f->g, n->loops), n->shape), -2, 2);
  }
  return in;
}

static void test_random_programs(void) {
  int single_bad = 0;
  enum { PROGRAMS = 2000 };
  for (int seed = 1; seed <= PROGRAMS; seed++) {
    Arena *a = arena_new();
    Rng r = {(uint64_t)seed * 0x9E3779B97F4A7C15u};
    GraphFn *f = rng_graph(&r, a, 4 + (int)rng_below(&r, 30));
    Tensor **in = random_inputs(&r, a, f), **want = ARENA_ARRAY(a, Tensor *, f->nout);
    ref_eval(a, f, (const Tensor *const *)in, want);
    int64_t exact = run_and_compare(a, f, in, want, &(PlanOptions){.exact = true}, 1e-11);
    int64_t fast = run_and_compare(a, f, in, want, &(PlanOptions){0}, 1e-11);
    CHECK(exact == 0, "seed %d, exact: %lld\n%s", seed, (long long)exact, graph_print(a, f));
    CHECK(fast == 0, "seed %d, fast: %lld\n%s", seed, (long long)fast, graph_print(a, f));
    single_bad += run_and_compare(a, f, in, want, &(PlanOptions){.single = true}, 1e-3) != 0;
    arena_free(a);
  }
  /* A comparison or an index may fall the other way in single precision. */
  CHECK(single_bad < PROGRAMS / 50, "%d programs differ in single precision", single_bad);
}

/* ---- Broadcasts over lines that are longer than a tile's least, and views of all kinds ---- */

static const OpId simple_ops[] = {OP_add, OP_sub,  OP_mul, OP_minimum, OP_select,  OP_tanh, OP_neg,
                                  OP_sin, OP_clip, OP_lt,  OP_sigmoid, OP_maximum, OP_atan2};

/* A smaller shape that broadcasts to s. */
static Shape shrunk(Rng *r, Shape s) {
  Shape t = shape_tail(s, (int)rng_below(r, s.rank + 1));
  for (int k = 0; k < t.rank; k++)
    if (rng_below(r, 3) == 0) t.n[k] = 1;
  return t;
}

static NodeId random_view(Rng *r, Graph *g, NodeId x) {
  Shape s = graph_node(g, x)->shape;
  OpAttr attr = {.n = s.rank};
  int what = (int)rng_below(r, 4);
  if (s.rank == 0) return x;
  for (int k = 0; k < s.rank; k++) {
    attr.i[k] = what == 0 ? s.rank - 1 - k : what == 1 ? s.n[k] / 3 : s.n[k];
    attr.j[k] = s.n[k] - s.n[k] / 3;
  }
  attr.axis = (int32_t)rng_below(r, s.rank);
  return graph_add(g,
                   what == 0   ? OP_transpose
                   : what == 1 ? OP_slice
                   : what == 2 ? OP_flip
                               : OP_neg,
                   &x, 1, what == 3 ? NULL : &attr);
}

static NodeId random_simple(Rng *r, Graph *g, const NodeId *pool, int npool) {
  OpId op = simple_ops[rng_below(r, (int64_t)(sizeof simple_ops / sizeof simple_ops[0]))];
  NodeId in[3] = {0};
  Shape shapes[3], out;
  const char *why;
  for (int k = 0; k < op_table[op].arity; k++) {
    in[k] = pool[rng_below(r, npool)];
    if (rng_below(r, 4) == 0) in[k] = random_view(r, g, in[k]);
    shapes[k] = graph_node(g, in[k])->shape;
  }
  if (!op_shape(op, NULL, shapes, op_table[op].arity, &out, g->arena, &why)) return NODE_NONE;
  return graph_add(g, op, in, op_table[op].arity, NULL);
}

static GraphFn *broadcasting_graph(Rng *r, Arena *a) {
  static const int64_t extents[] = {1, 2, 3, 33, 40, 129, 300};
  enum { NIN = 6, NOUT = 4, NODES = 30 };
  GraphFn *f = graph_fn_new(a, graph_new(a), NIN, NOUT);
  NodeId pool[NODES];
  int n = 0;
  Shape s = {.rank = 1 + (int)rng_below(r, 3)};
  for (int k = 0; k < s.rank; k++) s.n[k] = extents[rng_below(r, s.rank == 3 ? 5 : 7)];
  for (; n < NIN; n++) pool[n] = f->in[n] = graph_input(f->g, "x", shrunk(r, s), 0);
  pool[n++] = graph_const(f->g, rng_tensor(r, a, shrunk(r, s), -1, 1));
  pool[n++] = graph_num(f->g, 0.7);
  for (int tries = 0; n < NODES && tries < 500; tries++) {
    NodeId id = random_simple(r, f->g, pool, n);
    if (id != NODE_NONE) pool[n++] = id;
  }
  for (int k = 0; k < NOUT; k++) f->out[k] = pool[n - 1 - k];
  return f;
}

static void test_broadcasts(void) {
  for (int seed = 1; seed <= 150; seed++) {
    Arena *a = arena_new();
    Rng r = {(uint64_t)seed * 0x9E3779B97F4A7C15u};
    GraphFn *f = broadcasting_graph(&r, a);
    Tensor **in = random_inputs(&r, a, f), **want = ARENA_ARRAY(a, Tensor *, f->nout);
    ref_eval(a, f, (const Tensor *const *)in, want);
    int64_t bad = run_and_compare(a, f, in, want, &(PlanOptions){.exact = true}, 1e-11);
    CHECK(bad == 0, "seed %d: %lld\n%s", seed, (long long)bad, graph_print(a, f));
    arena_free(a);
  }
}

/* ---- Register code against tiles ---- */

/* The same function for single numbers (registers) and for lines of three (tiles). */
static GraphFn *chain(Arena *a, Rng *r, Shape s, int nodes) {
  enum { NIN = 4, NOUT = 3, MOST = 200 };
  GraphFn *f = graph_fn_new(a, graph_new(a), NIN, NOUT);
  NodeId pool[MOST];
  int n = 0;
  for (; n < NIN; n++) pool[n] = f->in[n] = graph_input(f->g, "x", s, 0);
  pool[n++] = graph_num(f->g, 0.3);
  while (n < nodes) {
    NodeId in[3];
    OpId op = (OpId)(1 + rng_below(r, OP_COUNT - 1));
    if (!(op_table[op].flags & OP_ELEMENTWISE) || op == OP_polygamma || op == OP_gamma_fn) continue;
    for (int k = 0; k < 3; k++) in[k] = pool[rng_below(r, n)];
    pool[n++] = graph_add(f->g, op, in, op_table[op].arity, NULL);
  }
  for (int k = 0; k < NOUT; k++) f->out[k] = pool[n - 1 - k];
  return f;
}

static void test_registers(void) {
  for (int seed = 1; seed <= 300; seed++) {
    Arena *a = arena_new();
    Rng one = {(uint64_t)seed * 0x9E3779B97F4A7C15u}, three = one;
    GraphFn *f = chain(a, &one, SHAPE_SCALAR, 60), *g = chain(a, &three, shape_vec(3), 60);
    Program *p = program_plan(a, f, &(PlanOptions){0}), *q = program_plan(a, g, &(PlanOptions){0});
    double x[4], y[4][3], out[3], wide[3][3];
    for (int k = 0; k < 4; k++) {
      x[k] = rng_uniform(&one, -2, 2);
      for (int i = 0; i < 3; i++) y[k][i] = x[k];
    }
    program_run(p, (const void *[]){x, x + 1, x + 2, x + 3}, (void *[]){out, out + 1, out + 2});
    program_run(q, (const void *[]){y[0], y[1], y[2], y[3]}, (void *[]){wide[0], wide[1], wide[2]});
    for (int k = 0; k < 3; k++) {
      const double *w = graph_node(g->g, g->out[k])->shape.rank ? &wide[k][2] : &wide[k][0];
      CHECK(memcmp(&out[k], w, sizeof *w) == 0 || (isnan(out[k]) && isnan(*w)),
            "seed %d: %.17g in registers, %.17g in tiles", seed, out[k], *w);
    }
    arena_free(a);
  }
}

/* ---- Held matrices, and products that are summed ---- */

enum { ROWS = 3, WIDTH = 20 };

/* h' = tanh(h W), and h'h over the rows to be summed. */
static GraphFn *summing_step(Arena *a) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 2, 2);
  Graph *g = f->g;
  NodeId h = f->in[0] = graph_input(g, "h", shape_mat(ROWS, WIDTH), 0);
  NodeId W = f->in[1] = graph_input(g, "W", shape_mat(WIDTH, WIDTH), 0);
  f->out[0] = graph_op1(g, OP_tanh, graph_add(g, OP_matmul, (NodeId[]){h, W}, 2, NULL));
  OpAttr flip = {.n = 2, .i = {1, 0}};
  NodeId ht = graph_add(g, OP_transpose, &h, 1, &flip);
  f->out[1] = graph_add(g, OP_matmul, (NodeId[]){ht, f->out[0]}, 2, NULL);
  return f;
}

static void run_sums(Program *p, Tensor *W, Tensor *h, Tensor *sum, int steps) {
  Port ports[] = {{PORT_CARRY, 0, 0, h->data, 0},
                  {PORT_FIXED, 1, 0, W->data, 0},
                  {PORT_SUM, 1, 0, sum->data, 0}};
  ScanSpec s = {.ports = ports, .nports = 3, .steps = steps, .check = 2};
  CHECK(program_scan(p, &s).code == STATUS_OK, "scan");
}

static void test_held(void) {
  Arena *a = arena_new();
  Rng r = {12};
  const bool held[2] = {false, true};
  GraphFn *f = summing_step(a);
  Program *packed = program_plan(a, f, &(PlanOptions){.held = held});
  CHECK(strstr(program_print(a, packed), "packed product"), "%s", program_print(a, packed));
  for (int k = 0; k < 3; k++) { /* each time with another matrix */
    Tensor *W = rng_tensor(&r, a, shape_mat(WIDTH, WIDTH), -0.4, 0.4);
    Tensor *h = rng_tensor(&r, a, shape_mat(ROWS, WIDTH), -1, 1), *want[2];
    Tensor *sum = rng_tensor(&r, a, W->shape, -1, 1), *got_h = tensor_new(a, h->shape);
    Tensor *got_sum = tensor_new(a, W->shape);
    memcpy(got_h->data, h->data, sizeof(double) * ROWS * WIDTH);
    memcpy(got_sum->data, sum->data, sizeof(double) * WIDTH * WIDTH);
    run_sums(packed, W, got_h, got_sum, 5);
    for (int step = 0; step < 5; step++) {
      ref_eval(a, f, (const Tensor *[]){h, W}, want);
      for (int i = 0; i < WIDTH * WIDTH; i++) sum->data[i] += want[1]->data[i];
      h = want[0];
    }
    CHECK(differences(got_h->data, false, h, 1e-12) == 0, "the carry");
    CHECK(differences(got_sum->data, false, sum, 1e-12) == 0, "the sum");
    double one[ROWS * WIDTH], product[WIDTH * WIDTH];
    CHECK(program_run(packed, (const void *[]){h->data, W->data}, (void *[]){one, product}).code ==
              STATUS_OK,
          "a run after a scan");
    ref_eval(a, f, (const Tensor *[]){h, W}, want);
    CHECK(differences(product, false, want[1], 1e-12) == 0, "nothing is added in a run");
  }
  arena_free(a);
}

/* ---- Machine code against the interpreter ---- */

enum { LONG = 2000 }; /* steps enough to be translated */

typedef struct Long {
  double x[3], u[LONG], row[LONG], third[LONG / 3], sum;
} Long;

static void run_long(Program *p, Rng *r, Long *l) {
  *l = (Long){.x = {0.1, -0.2, 0.3}};
  for (int k = 0; k < LONG; k++) l->u[k] = rng_uniform(r, -1, 1);
  Port ports[] = {{PORT_CARRY, 0, 0, &l->x[0], 0}, {PORT_CARRY, 1, 1, &l->x[1], 0},
                  {PORT_CARRY, 2, 2, &l->x[2], 0}, {PORT_SLICE, 3, 0, l->u, 0},
                  {PORT_STACK, 0, 0, l->row, 1},   {PORT_STACK, 1, 0, l->third, 3},
                  {PORT_SUM, 2, 0, &l->sum, 0}};
  ScanSpec s = {.ports = ports, .nports = 7, .steps = LONG};
  CHECK(program_scan(p, &s).code == STATUS_OK, "scan");
}

static bool all_same(const double *a, const double *b, size_t n) {
  for (size_t k = 0; k < n; k++)
    if (memcmp(&a[k], &b[k], sizeof *a) != 0 && !(isnan(a[k]) && isnan(b[k]))) return false;
  return true;
}

static void check_translated_runs(Program *p, int seed) {
  double x[4] = {0.4, -0.7, 1.1, 0.2}, first[3], out[3];
  for (int k = 0; k < 150; k++) {
    program_run(p, (const void *[]){x, x + 1, x + 2, x + 3}, (void *[]){out, out + 1, out + 2});
    if (k == 0) memcpy(first, out, sizeof first);
  }
  CHECK(all_same(first, out, 3), "seed %d: the 150th run differs from the first", seed);
}

static void test_machine_code(void) {
  static Long by_code, by_interpreter;
  for (int seed = 1; seed <= 200; seed++) {
    Arena *a = arena_new();
    Rng build = {(uint64_t)seed * 0x9E3779B97F4A7C15u}, r = build, again = build;
    GraphFn *f = chain(a, &build, SHAPE_SCALAR, 10 + seed % 150);
    for (int k = 0; k < 3; k++) f->out[k] = graph_op1(f->g, OP_tanh, f->out[k]);
    Program *p = program_plan(a, f, &(PlanOptions){0});
    run_long(p, &r, &by_code);
    setenv("DYN_JIT", "0", 1);
    run_long(p, &again, &by_interpreter);
    unsetenv("DYN_JIT");
    CHECK(all_same((double *)&by_code, (double *)&by_interpreter, sizeof(Long) / sizeof(double)),
          "seed %d: machine code differs from the interpreter", seed);
    check_translated_runs(p, seed);
    arena_free(a);
  }
}

/* ---- Scans ---- */

/* One step of (x, y, k, u) -> (y, x + a y, x * u, k + u): carries that change places. */
static GraphFn *swapping(Arena *a, Shape s) {
  Graph *g = graph_new(a);
  GraphFn *f = graph_fn_new(a, g, 5, 4);
  static const char *const names[] = {"x", "y", "a", "step", "u"};
  for (int k = 0; k < 5; k++) f->in[k] = graph_input(g, names[k], k == 3 ? SHAPE_SCALAR : s, 0);
  f->out[0] = f->in[1];
  f->out[1] = graph_op2(g, OP_add, f->in[0], graph_op2(g, OP_mul, f->in[2], f->in[1]));
  f->out[2] = graph_op2(g, OP_mul, f->in[0], f->in[4]);
  f->out[3] = graph_op2(g, OP_add, f->in[3], f->in[4]);
  return f;
}

typedef struct Swapped {
  double x[3], y[3], a[3], u[60], row[60], every4[15], sum[3];
} Swapped;

static void begin_swapped(Swapped *w, int n) {
  *w = (Swapped){.x = {1, 1, 1}, .y = {2, 2, 2}, .a = {-0.3, -0.3, -0.3}, .sum = {5, 5, 5}};
  for (int k = 0; k < 60; k++) w->u[k] = k / n + 0.5;
}

static void naive_swapped(Swapped *w, int n, int steps) {
  for (int k = 0; k < steps; k++)
    for (int i = 0; i < n; i++) {
      double x = w->x[i], u = w->u[k * n + i];
      w->row[k * n + i] = x * u;
      if ((k + 1) % 4 == 0) w->every4[k / 4 * n + i] = (double)(7 + k) + u;
      w->sum[i] += x * u;
      w->x[i] = w->y[i];
      w->y[i] = x + w->a[i] * w->y[i];
    }
}

static void check_scan(int n, int64_t check) {
  Arena *a = arena_new();
  Swapped got, want;
  int steps = 60 / n;
  begin_swapped(&got, n);
  begin_swapped(&want, n);
  naive_swapped(&want, n, steps);
  Program *p =
      program_plan(a, swapping(a, n == 1 ? SHAPE_SCALAR : shape_vec(n)), &(PlanOptions){0});
  Port ports[] = {{PORT_CARRY, 0, 0, got.x, 0}, {PORT_CARRY, 1, 1, got.y, 0},
                  {PORT_FIXED, 2, 0, got.a, 0}, {PORT_STEP, 3, 0, NULL, 0},
                  {PORT_SLICE, 4, 0, got.u, 0}, {PORT_STACK, 2, 0, got.row, 1},
                  {PORT_SUM, 2, 0, got.sum, 0}, {PORT_STACK, 3, 0, got.every4, 4}};
  ScanSpec s = {.ports = ports, .nports = 8, .first = 7, .steps = steps, .check = check};
  Status st = program_scan(p, &s);
  CHECK(st.code == STATUS_OK, "status %d", st.code);
  CHECK(memcmp(&got, &want, sizeof got) == 0, "%d wide, check %lld: the scan differs", n,
        (long long)check);
  arena_free(a);
}

/* x' = x^2 doubles its exponent until it overflows at step 9 of the run (2^(2^10)). */
static GraphFn *exploding(Arena *a, Shape s) {
  GraphFn *f = graph_fn_new(a, graph_new(a), 2, 2);
  f->in[0] = graph_input(f->g, "x", s, 0);
  f->in[1] = graph_input(f->g, "calm", s, 0);
  f->out[0] = graph_op1(f->g, OP_square, f->in[0]);
  f->out[1] = graph_op2(f->g, OP_mul, f->in[1], graph_num(f->g, 0.5));
  return f;
}

static void check_explosion(Shape shape, int64_t check) {
  Arena *a = arena_new();
  double calm[3] = {1, 1, 1}, x[3] = {1, 2, 1}, rows[40 * 3];
  int64_t n = shape_count(shape);
  if (n == 1) x[0] = 2;
  Program *p = program_plan(a, exploding(a, shape), &(PlanOptions){0});
  Port ports[] = {
      {PORT_CARRY, 1, 1, calm, 0}, {PORT_CARRY, 0, 0, x, 0}, {PORT_STACK, 1, 0, rows, 1}};
  ScanSpec s = {.ports = ports, .nports = 3, .first = 100, .steps = 40, .check = check};
  Status st = program_scan(p, &s);
  CHECK(st.code == STATUS_NONFINITE, "status %d", st.code);
  CHECK(st.t == 109 && st.index == (n == 1 ? 1 : 4), "step %g, index %lld, check %lld", st.t,
        (long long)st.index, (long long)check);
  CHECK(x[n == 1 ? 0 : 1] == 0x1p512 && calm[0] == 0x1p-9, "the last good state: %g, %g", x[0],
        calm[0]);
  arena_free(a);
}

static bool stop_after_20(void *ctx, int64_t step) {
  ++*(int *)ctx;
  return step < 20;
}

static void check_cancel(Shape shape) {
  Arena *a = arena_new();
  double calm[3] = {1, 1, 1}, x[3] = {1, 1, 1};
  int calls = 0;
  Program *p = program_plan(a, exploding(a, shape), &(PlanOptions){0});
  Port ports[] = {{PORT_CARRY, 0, 0, x, 0}, {PORT_CARRY, 1, 1, calm, 0}};
  ScanSpec s = {.ports = ports, .nports = 2, .steps = 100, .check = 8, .tick = stop_after_20};
  s.ctx = &calls;
  Status st = program_scan(p, &s);
  CHECK(st.code == STATUS_CANCELLED && st.t == 24 && calls == 3, "status %d at %g, %d calls",
        st.code, st.t, calls);
  CHECK(calm[0] == 0x1p-24, "carries when cancelled: %g", calm[0]);
  arena_free(a);
}

static void test_scans(void) {
  static const int64_t checks[] = {0, 1, 5, 64};
  for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++) {
    check_scan(1, checks[k]);
    check_scan(3, checks[k]);
    if (checks[k] > 0) check_explosion(SHAPE_SCALAR, checks[k]);
    if (checks[k] > 0) check_explosion(shape_vec(3), checks[k]);
  }
  check_cancel(SHAPE_SCALAR);
  check_cancel(shape_vec(3));
}

/* ---- Failures and shapes ---- */

static void test_failures(void) {
  Arena *a = arena_new();
  GraphFn *f = graph_fn_new(a, graph_new(a), 1, 1);
  f->in[0] = graph_input(f->g, "A", shape_mat(2, 2), 0);
  f->out[0] = graph_op1(f->g, OP_inv, f->in[0]);
  Program *p = program_plan(a, f, &(PlanOptions){0});
  double zero[4] = {0}, out[4];
  CHECK(program_run(p, (const void *[]){zero}, (void *[]){out}).code == STATUS_SINGULAR, "inv");
  CHECK(shape_equal(program_in_shape(p, 0), shape_mat(2, 2)), "input shape");
  CHECK(shape_equal(program_out_shape(p, 0), shape_mat(2, 2)), "output shape");
  GraphFn *c = graph_fn_new(a, graph_new(a), 0, 1);
  c->out[0] = graph_op1(c->g, OP_inv, graph_const(c->g, tensor_new(a, shape_mat(2, 2))));
  p = program_plan(a, c, &(PlanOptions){0});
  CHECK(program_run(p, NULL, (void *[]){out}).code == STATUS_SINGULAR, "a constant part fails");
  arena_free(a);
}

/* A product with a constant matrix, a group on either side of it, an input passed on. */
static void test_print(void) {
  Arena *a = arena_new();
  Rng r = {7};
  GraphFn *f = graph_fn_new(a, graph_new(a), 1, 2);
  NodeId w = graph_const(f->g, rng_tensor(&r, a, shape_mat(5, 5), -1, 1));
  f->in[0] = graph_input(f->g, "x", shape_vec(5), 0);
  NodeId y = graph_op2(f->g, OP_matmul, w, graph_op1(f->g, OP_tanh, f->in[0]));
  f->out[0] = graph_op2(f->g, OP_sub, y, f->in[0]);
  f->out[1] = f->in[0];
  const char *text = program_print(a, program_plan(a, f, &(PlanOptions){0}));
  const char *want =
      "tiles of 256 over [5], 0 slots: tanh\n"
      "packed product at2 = at1[1, 5] [5, 5]\n"
      "tiles of 256 over [5], 0 slots: sub\n"
      "copy out1 = in0\n";
  CHECK(strcmp(text, want) == 0, "printed:\n%s", text);
  arena_free(a);
}

static int run_all(void) {
  run_init();
  test_random_programs();
  test_broadcasts();
  test_registers();
  test_held();
  test_machine_code();
  test_scans();
  test_failures();
  test_print();
  char name[64];
  snprintf(name, sizeof name, "run (%s)", run_isa());
  return check_done(name);
}

/* ---- One process for each instruction set ---- */

static int run_as(const char *isa) {
  pid_t child = fork();
  if (child == 0) {
    setenv("DYN_ISA", isa, 1);
    int failed = run_all();
    fflush(stdout);
    _exit(failed);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return status != 0;
}

int main(void) {
  return run_as("plain") | run_as("avx2") | run_as("avx512");
}
