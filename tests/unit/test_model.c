/* test_model.c: what networks trace to: sizes of graphs, traced steps against the driver over
   callbacks, edges, the diagonal of the exponential Euler method, streams. */
#include "model/system.h"

#include "check.h"
#include "lang/builtin.h"
#include "lang/network.h"
#include "num/ode.h"
#include "run/run.h"
#include "syntax/parse.h"
#include "verb/verb.h"

typedef struct Model {
  Arena *arena;
  DiagList diag;
  Ev ev;
} Model;

static void model_open(Model *m, const char *text) {
  m->arena = arena_new();
  diag_init(&m->diag, m->arena);
  Source *src = source_make(m->arena, "test", text, strlen(text));
  Ast *file = parse_source(m->arena, src, &m->diag);
  ev_init(&m->ev, m->arena, &m->diag);
  m->ev.main_source = src;
  bool ok = ev_file(&m->ev, file, true);
  CHECK(ok, "the model has errors");
  if (!ok) diag_print_all(stdout, &m->diag, DIAG_PLAIN);
}

static System *model_system(Model *m, const char *name) {
  return network_system(&m->ev, scope_find(m->ev.top, name), (Where){0});
}

static void model_close(Model *m) {
  arena_free(m->arena);
}

/* ---- sizes --------------------------------------------------------------------------------- */

static const char sized[] =
    "neuron unit(tau) { input I; state x ~ normal(0, 1); let b ~ normal(0, 1); output r = tanh(x)\n"
    "  tau * dx/dt = -x + I + b }\n"
    "connectivity gauss(g) ~ normal(0, g / sqrt(pre))\n"
    "connectivity some(p) ~ sparse(p, normal(0, 1))\n"
    "network net(N) { population E = unit(linspace(1, 2, N))[N]; population I = unit(2)[N]\n"
    "  connect E -> E = gauss(1); connect trainable E -> I = some(0.01); connect I -> E = "
    "gauss(-1)\n"
    "  output m = mean(E.r) }\n"
    "let small = net(10), large = net(1000)\n";

static void test_sizes(void) {
  Model m;
  model_open(&m, sized);
  const System *a = model_system(&m, "small"), *b = model_system(&m, "large");
  CHECK(a && b && a->g->nodes.n == b->g->nodes.n, "%zu nodes for 10 units, %zu for 1000",
        a->g->nodes.n, b->g->nodes.n);
  CHECK(a->g->nodes.n < 80, "%zu nodes", a->g->nodes.n);
  CHECK(b->dim == 2000 && b->states.n == 2 && b->weights.n == 1, "dim %d", (int)b->dim);
  CHECK(b->weights.at[0].pattern && b->weights.at[0].trainable, "a sparse weight");
  GraphFn *f = system_fn(m.arena, b, &(SystemFnOptions){0});
  const char *bad = graph_verify(m.arena, f);
  CHECK(!bad, "%s", bad);
  model_close(&m);
}

/* ---- steps --------------------------------------------------------------------------------- */

typedef struct Flow {
  Program *p;
  const void **in;
  double t;
  const System *s;
} Flow;

static Status flow_rhs(void *ctx, double t, const double *y, double *dydt) {
  Flow *f = ctx;
  void *out[8];
  f->t = t;
  for (size_t i = 0; i < f->s->states.n; i++) {
    f->in[4 + i] = y + f->s->states.at[i].offset;
    out[i] = dydt + f->s->states.at[i].offset;
  }
  return program_run(f->p, f->in, out);
}

static const void **zero_inputs(Arena *a, const GraphFn *f) {
  const void **in = ARENA_ARRAY(a, const void *, f->nin);
  for (int i = 0; i < f->nin; i++)
    in[i] = ARENA_ARRAY(a, double, shape_count(graph_node(f->g, f->in[i])->shape) + 1);
  return in;
}

/* Takes 20 steps of a traced method and of the driver over callbacks. */
static void compare_step(Arena *a, const System *s, const Stepper *stepper) {
  const double dt = 0.01;
  double *start = ARENA_ARRAY(a, double, s->dim), *y = ARENA_ARRAY(a, double, s->dim);
  double *next = ARENA_ARRAY(a, double, s->dim), *traced = ARENA_ARRAY(a, double, s->dim);
  for (int64_t i = 0; i < s->dim; i++) start[i] = y[i] = traced[i] = 0.3 + 0.1 * (double)i;
  GraphFn *field = system_fn(a, s, &(SystemFnOptions){0});
  Flow flow = {program_plan(a, field, &(PlanOptions){0}), zero_inputs(a, field), 0, s};
  flow.in[0] = &flow.t;
  OdeProblem problem = {.n = s->dim, .rhs = flow_rhs, .ctx = &flow};
  Status st = ode_fixed(tableau_find(stepper->name), &problem, 0, dt, 20, y);
  GraphFn *step = system_step(a, s, &(SystemStep){.method = stepper, .dt = dt});
  CHECK(!graph_verify(a, step), "%s: %s", stepper->name, graph_verify(a, step));
  Program *p = program_plan(a, step, &(PlanOptions){0});
  const void **in = zero_inputs(a, step);
  double k;
  in[1] = &k;
  for (k = 0; k < 20 && st.code == STATUS_OK; k++) {
    void *out[8];
    for (size_t i = 0; i < s->states.n; i++) {
      in[4 + i] = traced + s->states.at[i].offset;
      out[i] = next + s->states.at[i].offset;
    }
    st = program_run(p, in, out);
    memcpy(traced, next, (size_t)s->dim * sizeof *next);
  }
  CHECK(st.code == STATUS_OK, "%s failed", stepper->name);
  for (int64_t i = 0; i < s->dim; i++)
    CHECK_NEAR(traced[i], y[i], 1e-13, "%s, component %d", stepper->name, (int)i);
}

static void test_steps(void) {
  Model m;
  model_open(&m,
             "network lorenz { state x = 1, y = 1, z = 1\n"
             "  dx/dt = 10 * (y - x); dy/dt = x * (28 - z) - y; dz/dt = x * y - 8/3 * z }\n"
             "network driven { state v : [3] = 0, w = 1; let J : [3, 3] ~ normal(0, 1)\n"
             "  dv/dt = J @ tanh(v) + sin(3 * t) * w; dw/dt = -w * sum(v^2) }\n");
  for (int i = 0; stepper_at(i); i++) {
    const Stepper *s = stepper_at(i);
    if (!(s->flags & STEPPER_TRACED) || !tableau_find(s->name)) continue;
    compare_step(m.arena, model_system(&m, "lorenz"), s);
    compare_step(m.arena, model_system(&m, "driven"), s);
  }
  model_close(&m);
}

/* ---- edges --------------------------------------------------------------------------------- */

static double node_number(Arena *a, const Graph *g, NodeId n, int64_t i) {
  GraphFn f = {(Graph *)g, NULL, 0, &n, 1};
  Tensor *t = NULL;
  return run_graph(a, &f, NULL, &t).code == STATUS_OK ? t->data[i] : NAN;
}

static bool has_edge(Model *m, const System *s, double t) {
  for (size_t i = 0; i < s->edges.n; i++) {
    int64_t n = shape_count(graph_node(s->g, s->edges.at[i].at)->shape);
    for (int64_t k = 0; k < n; k++)
      if (fabs(node_number(m->arena, s->g, s->edges.at[i].at, k) - t) < 1e-12) return true;
  }
  return false;
}

static void test_edges(void) {
  Model m;
  model_open(&m,
             "neuron u(t0) { state x = 0; dx/dt = if t < t0 then 1 else 0 }\n"
             "network a { state x = 0; dx/dt = if 2 * t - 1 > 4 then 1 else 0 }\n"
             "network b { state x = 0; dx/dt = pulse(t, 3, 3.5, 2) + min(t, 7) }\n"
             "network c { population E = u([1, 2, 4])[3] }\n"
             "network d { state x = 0; dx/dt = lookup(t, [0.5, 1.5], [0, 1]) }\n"
             "network e { state x = 0; dx/dt = -x + sin(t) }\n");
  CHECK(has_edge(&m, model_system(&m, "a"), 2.5), "an affine comparison");
  const double of_b[] = {3, 3.5, 7};
  for (int i = 0; i < 3; i++) CHECK(has_edge(&m, model_system(&m, "b"), of_b[i]), "%g", of_b[i]);
  const double of_c[] = {1, 2, 4};
  for (int i = 0; i < 3; i++) CHECK(has_edge(&m, model_system(&m, "c"), of_c[i]), "%g", of_c[i]);
  CHECK(has_edge(&m, model_system(&m, "d"), 1.5), "a table");
  CHECK(model_system(&m, "e")->edges.n == 0 && model_system(&m, "e")->uses_t, "a smooth drive");
  model_close(&m);
}

/* ---- the diagonal -------------------------------------------------------------------------- */

static void test_diagonal(void) {
  Model m;
  model_open(&m,
             "network n { state x : [3] = 1; weight J : [3, 3] = 1\n"
             "  dx/dt = -[1, 2, 3] * x + J @ tanh(x) - x^2 + sum(x) }\n"
             "network free { state x : [3] = 1; weight J : [3, 3] = 1; dx/dt = J @ x }\n");
  System *s = model_system(&m, "n");
  NodeId x = s->states.at[0].q.node, d = system_diagonal(m.arena, s->g, x, s->states.at[0].next);
  CHECK(d != NODE_NONE, "there is a leak");
  NodeId in[] = {x};
  GraphFn f = {s->g, in, 1, &d, 1};
  Tensor *at = tensor_new(m.arena, shape_vec(3)), *out = NULL;
  const Tensor *ins[] = {at};
  for (int i = 0; i < 3; i++) at->data[i] = 0.5 * i;
  CHECK(run_graph(m.arena, &f, ins, &out).code == STATUS_OK, "it can be computed");
  for (int i = 0; i < 3; i++) CHECK_NEAR(out->data[i], -(i + 1) - 2 * at->data[i], 1e-14, "%d", i);
  System *free = model_system(&m, "free");
  NodeId none =
      system_diagonal(m.arena, free->g, free->states.at[0].q.node, free->states.at[0].next);
  CHECK(none == NODE_NONE, "products mix");
  model_close(&m);
}

static void test_streams(void) {
  CHECK(system_stream(0, 0) == 0 && system_stream(0, 7) == 7, "no seed");
  double a = system_stream(1, 0), b = system_stream(1, 1), c = system_stream(2, 0);
  CHECK(a != b && a != c && b != c, "seeds and updates differ");
  CHECK(a == floor(a) && a < 4503599627370496.0, "exact as a double");
}

int main(void) {
  verbs_register();
  run_init();
  test_sizes();
  test_steps();
  test_edges();
  test_diagonal();
  test_streams();
  return check_done("model");
}
