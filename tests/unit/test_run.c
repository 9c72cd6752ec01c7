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

static int run_all(void) {
  run_init();
  test_random_programs();
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
