/* test_dist.c: a draw as an array and the same draw as nodes of a graph give the same numbers, and
   steps, trials and updates give others. Also how signatures are read. */
#include "check.h"

#include "lang/builtin.h"
#include "lang/dist.h"
#include "run/random.h"
#include "run/run.h"
#include "syntax/parse.h"

typedef struct World {
  Arena *arena;
  DiagList diag;
  Ev ev;
} World;

static void world_open(World *w) {
  w->arena = arena_new();
  diag_init(&w->diag, w->arena);
  ev_init(&w->ev, w->arena, &w->diag);
  w->ev.builtins = scope_new(&w->ev, NULL);
  builtins_install(&w->ev, w->ev.builtins);
}

static Value *eval(World *w, const char *text) {
  Source *src = source_make(w->arena, "test", text, strlen(text));
  Ast *x = parse_expression(w->arena, src, &w->diag);
  return x ? ev_expr(&w->ev, w->ev.builtins, x) : &VALUE_ERROR;
}

/* The traced draw at a place, computed. */
static const Tensor *traced(World *w, Value *dist, Shape s, uint64_t key, double step, double trial,
                            double update) {
  Graph *g = graph_new(w->arena);
  NodeId at[3];
  double place[3] = {step, trial, update};
  for (int k = 0; k < 3; k++) at[k] = graph_input(g, "place", SHAPE_SCALAR, 0);
  Value *v = dist_trace(&w->ev, g, dist, s, key, at[0], at[1], at[2], (Where){0});
  CHECK(value_is_traced(v), "a node");
  GraphFn f = {.g = g, .in = at, .nin = 3, .out = &v->node, .nout = 1};
  const Tensor *in[3];
  for (int k = 0; k < 3; k++) in[k] = tensor_scalar(w->arena, place[k]);
  Tensor *out;
  Status status = run_graph(w->arena, &f, in, &out);
  CHECK(status.code == STATUS_OK, "%s", status.what ? status.what : "");
  return out;
}

static bool same(const Tensor *a, const Tensor *b) {
  return shape_equal(a->shape, b->shape) &&
         memcmp(a->data, b->data, (size_t)shape_count(a->shape) * sizeof(double)) == 0;
}

static const struct {
  const char *text;
  int rank;
} dists[] = {
    {"normal(1, 2)", 2},
    {"uniform(-1, 1)", 2},
    {"lognormal(0, 1)", 1},
    {"exponential(3)", 2},
    {"gamma(2.5, 2)", 2},
    {"gamma([1, 2, 3, 4], 2)", 2},
    {"beta(2, [1, 2, 3, 4])", 1},
    {"poisson(4)", 2},
    {"bernoulli(0.4)", 1},
    {"choice([3, 1, 4], [1, 2, 3])", 2},
    {"vonmises(2, 3)", 1},
    {"orthogonal(2)", 2},
    {"permutation()", 1},
    {"2 * normal(0, 1) - exp(normal(0, 1))", 2},
    {"sparse(0.5, normal(0, 1))", 1},
};

static void test_traced_draws(void) {
  World w;
  world_open(&w);
  uint64_t key = random_key(7, "net.J");
  for (size_t k = 0; k < sizeof dists / sizeof *dists; k++) {
    Shape s = dists[k].rank == 1 ? shape_vec(4) : shape_mat(3, 4);
    Value *dist = eval(&w, dists[k].text);
    Value *drawn = dist_draw_key(&w.ev, dist, s, key, (Where){0});
    CHECK(value_is_known(drawn) && shape_equal(value_shape(drawn), s), "%s", dists[k].text);
    const Tensor *here = traced(&w, dist, s, key, 0, 0, 0);
    CHECK(same(drawn->tensor, here), "%s: traced as drawn", dists[k].text);
    bool differs = false;
    for (int place = 0; place < 3; place++) {
      const Tensor *there = traced(&w, dist, s, key, place == 0, place == 1, place == 2);
      differs = differs || !same(here, there);
    }
    CHECK(differs, "%s: other places, other numbers", dists[k].text);
    CHECK(!same(drawn->tensor, dist_draw_key(&w.ev, dist, s, key + 1, (Where){0})->tensor) ||
              dists[k].rank == 1,
          "%s: another key", dists[k].text);
  }
  CHECK(w.diag.errors == 0, "%s", w.diag.first ? w.diag.first->msg : "");
  arena_free(w.arena);
}

/* Growing a sparse matrix leaves what was there. */
static void test_sparse_grows(void) {
  World w;
  world_open(&w);
  Value *dist = eval(&w, "sparse(0.3, normal(0, 1))");
  Value *small = dist_draw_key(&w.ev, dist, shape_mat(20, 30), 5, (Where){0});
  Value *large = dist_draw_key(&w.ev, dist, shape_mat(25, 30), 5, (Where){0});
  CHECK(small->kind == V_SPARSE && large->kind == V_SPARSE, "stored sparse");
  int64_t n = small->pattern->nnz;
  CHECK(n > 100 && n < 260, "%lld of 600", (long long)n);
  CHECK(memcmp(small->pattern->col, large->pattern->col, (size_t)n * sizeof(int32_t)) == 0,
        "places");
  CHECK(memcmp(small->entries->tensor->data, large->entries->tensor->data,
               (size_t)n * sizeof(double)) == 0,
        "entries");
  w.ev.rehearse = true;
  Value *shape_only = dist_draw_key(&w.ev, dist, shape_mat(20, 30), 5, (Where){0});
  CHECK(shape_only->kind == V_SPARSE && shape_equal(value_shape(shape_only), shape_mat(20, 30)),
        "rehearsed");
  CHECK(!value_is_known(shape_only->entries), "without numbers");
  arena_free(w.arena);
}

static int count_params(const char *signature, BuiltinParam *last) {
  const char *cursor = signature;
  int n = 0;
  while (builtin_next_param(&cursor, last)) n++;
  return n;
}

static void test_signatures(void) {
  BuiltinParam p;
  CHECK(count_params("f()", &p) == 0, "none");
  CHECK(count_params("f(a, b = [1, 2], c = g(x, y))", &p) == 3 && p.optional && p.len == 1,
        "three");
  CHECK(count_params("f(x, ...rest)", &p) == 2 && p.rest && !p.named, "a rest");
  CHECK(count_params("f(...rest = value, axis = 0)", &p) == 2 && !p.rest, "a rest in front");
  CHECK(count_params("f(...rest = value)", &p) == 1 && p.rest && p.named, "a named rest");
  for (int i = 0; builtin_at(i); i++) {
    const Builtin *b = builtin_at(i);
    size_t len = strlen(b->name);
    CHECK(strncmp(b->signature, b->name, len) == 0 && b->signature[len] == '(', "%s", b->signature);
    CHECK(b->signature[strlen(b->signature) - 1] == ')', "%s", b->signature);
    CHECK(strlen(b->doc) > 10, "%s is documented", b->name);
    CHECK(count_params(b->signature, &p) <= BUILTIN_MAX_ARGS, "%s", b->signature);
    CHECK(builtin_find(b->name) == b, "%s stands once", b->name);
  }
}

int main(void) {
  run_init();
  test_traced_draws();
  test_sparse_grows();
  test_signatures();
  return check_done("dist");
}
