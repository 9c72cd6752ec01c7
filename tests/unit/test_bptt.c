/* test_bptt.c: the gradients of whole training losses against central differences, in every kind of
   network and loss; steps of the optimizers against their formulas; and that training learns. */
#include "check.h"
#include "lang/builtin.h"
#include "lang/network.h"
#include "run/random.h"
#include "run/run.h"
#include "syntax/parse.h"
#include "verb/train.h"
#include "verb/verb.h"

enum { STEPS = 9, BATCH = 3, LATE = 6 };

typedef struct Fixture {
  Arena *arena;
  DiagList diag;
  Ev ev;
  Call call;
  Train m;
  Bptt *b;
} Fixture;

/* ---- a task by hand -------------------------------------------------------------------------- */

static NodeId draw(Graph *g, const GraphFn *f, uint64_t key, Shape s) {
  OpAttr attr = {.axis = RANDOM_NORMAL, .key = key, .n = s.rank};
  for (int k = 0; k < s.rank; k++) attr.i[k] = s.n[k];
  NodeId in[] = {graph_num(g, 0), f->in[1], f->in[0]};
  return graph_add(g, OP_random, in, 3, &attr);
}

/* Zeros before step `from`, ones from then on, for each of n channels. */
static NodeId late(Graph *g, int64_t from, int64_t n, bool flip) {
  Tensor *t = tensor_new(g->arena, shape_mat(STEPS, n));
  for (int64_t k = 0; k < STEPS * n; k++) t->data[k] = (k / n >= from) != flip;
  return graph_const(g, t);
}

/* Two numbers are shown at first and are to be given back later. */
static Trials *memory_task(Arena *a) {
  Trials *t = ARENA_NEW(a, Trials);
  Graph *g = graph_new(a);
  t->name = "memory";
  t->steps = STEPS;
  *vec_push(a, &t->inputs) = (TrialChannel){.name = "u", .shape = shape_vec(2)};
  *vec_push(a, &t->targets) = (TrialChannel){.name = "z", .shape = shape_vec(2)};
  GraphFn *f = t->f = graph_fn_new(a, g, 2, 4);
  f->in[0] = graph_input(g, "update", SHAPE_SCALAR, 0);
  f->in[1] = graph_input(g, "trial", SHAPE_SCALAR, 0);
  NodeId cue = graph_broadcast(g, draw(g, f, 7, shape_vec(2)), shape_mat(STEPS, 2));
  f->out[0] = graph_op2(g, OP_mul, cue, late(g, 3, 2, true));
  f->out[1] = graph_op2(g, OP_mul, cue, late(g, LATE, 2, false));
  f->out[2] = late(g, LATE, 2, false);
  f->out[3] = graph_num(g, STEPS);
  return t;
}

/* ---- networks -------------------------------------------------------------------------------- */

static void open_model(Fixture *x, const char *text, double dt, const char *method) {
  *x = (Fixture){.arena = arena_new()};
  diag_init(&x->diag, x->arena);
  Source *src = source_make(x->arena, "test", text, strlen(text));
  Ast *file = parse_source(x->arena, src, &x->diag);
  ev_init(&x->ev, x->arena, &x->diag);
  x->ev.main_source = src;
  bool ok = ev_file(&x->ev, file, true);
  CHECK(ok, "the model has errors");
  Value *net = scope_find(x->ev.top, "net");
  net = network_of(&x->ev, net, (Where){0});
  x->m = (Train){.batch = BATCH, .updates = 1, .arena = x->arena, .trials = memory_task(x->arena)};
  x->m.s = (Setup){.ev = &x->ev, .c = &x->call, .verb = "train", .net = net, .dt = dt};
  x->m.s.sys = network_system(&x->ev, net, (Where){0});
  x->m.s.method = method ? stepper_find(method) : NULL;
}

static bool open_training(Fixture *x, const char *loss) {
  Value *own = scope_find(x->ev.top, "loss");
  x->m.regularize = scope_find(x->ev.top, "regularize");
  x->m.loss = own;
  if (!own) {
    x->m.loss = value_record(&x->ev, loss, 0);
    x->m.loss->kind = V_METHOD;
  }
  bool ok = train_choose_weights(&x->m, 8, 9) && train_match(&x->m);
  x->b = ok ? bptt_new(&x->m, NULL) : NULL;
  CHECK(x->b, "training cannot begin");
  if (!x->b) diag_print_all(stdout, &x->diag, DIAG_PLAIN);
  return x->b != NULL;
}

static void close_model(Fixture *x) {
  arena_free(x->arena);
}

#define RNN                                                                    \
  "network net { input u : [2] = 0; state h : [5] = 0\n"                       \
  "  weight W : [5, 5] ~ normal(0, 0.5)\n  weight U : [5, 2] ~ normal(0, 1)\n" \
  "  weight V : [2, 5] ~ normal(0, 1)\n  weight b : [5] ~ normal(0, 1)\n"      \
  "  next h = tanh(W @ h + U @ u + b)\n  output z = V @ h }\n"

#define RATES                                                                  \
  "network net { input u : [2] = 0; state x : [5] ~ normal(0, 0.3)\n"          \
  "  weight W : [5, 5] ~ normal(0, 0.5)\n  weight U : [5, 2] ~ normal(0, 1)\n" \
  "  weight V : [2, 5] ~ normal(0, 1)\n  let r = tanh(x)\n"                    \
  "  10 ms * dx/dt = -x + W @ r + U @ u\n  output z = V @ r }\n"

typedef struct Case {
  const char *what, *text, *loss, *method;
  double dt;
} Case;

static const Case cases[] = {
    {"tanh network", RNN, "mse", NULL, 1},
    {"hinge", RNN, "hinge", NULL, 1},
    {"classes", RNN, "cross_entropy", NULL, 1},
    {"euler", RATES, "mse", "euler", 2e-3},
    {"rk4", RATES, "mse", "rk4", 2e-3},
    {"exponential euler", RATES, "mse", "exponential_euler", 2e-3},
    {"gates",
     "network net { input u : [2] = 0; state h : [4] = 0\n"
     "  weight A : [4, 6] ~ normal(0, 1)\n  weight B : [4, 6] ~ normal(0, 1)\n"
     "  weight C : [4, 6] ~ normal(0, 1)\n  weight V : [2, 4] ~ normal(0, 1)\n"
     "  let v = concat(h, u)\n  let k = sigmoid(A @ v)\n  let q = sigmoid(B @ v)\n"
     "  next h = (1 - k) * h + k * tanh(C @ concat(q * h, u))\n  output z = V @ h }\n",
     "mse", NULL, 1},
    {"noise",
     "network net { input u : [2] = 0; state x : [5] = 0\n  noise xi : [5]\n"
     "  weight W : [5, 5] ~ normal(0, 0.5)\n  weight V : [2, 5] ~ normal(0, 1)\n"
     "  10 ms * dx/dt = -x + W @ tanh(x) + sum(u) + 0.1 * sqrt(10 ms) * xi\n"
     "  output z = V @ x }\n",
     "mse", "euler_maruyama", 2e-3},
    {"learned start",
     "network net { input u : [2] = 0; weight h0 : [5] ~ normal(0, 1)\n  state h : [5] = h0\n"
     "  weight W : [5, 5] ~ normal(0, 0.5)\n  weight V : [2, 5] ~ normal(0, 1)\n"
     "  next h = tanh(W @ h + sum(u))\n  output z = V @ h }\n",
     "mse", NULL, 1},
    {"sparse weights and populations",
     "neuron unit(tau) { input I; state x = 0.1; output r = tanh(x); tau * dx/dt = -x + I }\n"
     "connectivity some(p) ~ sparse(p, normal(0, 1))\n"
     "network net { input u : [2] = 0; population E = unit(10 ms)[6]\n"
     "  connect trainable rec: E -> E = some(0.5); connect trainable inp: u -> E = some(0.9)\n"
     "  weight V : [2, 6] ~ normal(0, 1); output z = V @ E.r }\n",
     "mse", "euler", 2e-3},
    {"functions of the user",
     RNN "fn loss(out, target) = mean((out - target)^4)\n"
         "fn regularize(net, run) = 0.1 * sum(net.W^2) + 0.3 * mean(run.h^2)\n",
     "", NULL, 1},
};

/* ---- gradients ------------------------------------------------------------------------------- */

/* The loss, with what the regulariser adds. */
static double loss_at(Fixture *x) {
  double loss = NAN;
  Status st = bptt_update(x->b, 1, &loss);
  CHECK(st.code == STATUS_OK, "%s", st.what ? st.what : "no value");
  return loss + bptt_penalty(x->b);
}

static double difference(Fixture *x, int64_t i) {
  const double h = 1e-5;
  double *p = &bptt_parameters(x->b)[i], was = *p;
  *p = was + h;
  double up = loss_at(x);
  *p = was - h;
  double down = loss_at(x);
  *p = was;
  return (up - down) / (2 * h);
}

static void check_gradient(const Case *c) {
  Fixture x;
  open_model(&x, c->text, c->dt, c->method);
  if (open_training(&x, c->loss)) {
    int64_t n = bptt_count(x.b);
    double *gradient = ARENA_ARRAY(x.arena, double, n), size = 0;
    loss_at(&x);
    memcpy(gradient, bptt_gradient(x.b), (size_t)n * sizeof *gradient);
    for (int64_t i = 0; i < n; i++) {
      double want = difference(&x, i);
      size = fmax(size, fabs(want));
      CHECK_NEAR(gradient[i], want, 1e-7, "%s: parameter %d", c->what, (int)i);
    }
    CHECK(size > 1e-4, "%s: the gradient is nearly zero", c->what);
  }
  close_model(&x);
}

static void test_single(void) {
  Fixture x, y;
  open_model(&x, RNN, 1, NULL);
  open_model(&y, RNN, 1, NULL);
  y.m.single = true;
  if (open_training(&x, "mse") && open_training(&y, "mse")) {
    CHECK_NEAR(loss_at(&y), loss_at(&x), 1e-5, "loss in single precision");
    for (int64_t i = 0; i < bptt_count(x.b); i++)
      CHECK_NEAR(bptt_gradient(y.b)[i], bptt_gradient(x.b)[i], 1e-5, "parameter %d", (int)i);
  }
  close_model(&x);
  close_model(&y);
}

/* Cut after every step, what is remembered does not reach the cue: inputs get no gradient. */
static void test_truncated(void) {
  Fixture x;
  open_model(&x, RNN, 1, NULL);
  x.m.truncate = 1;
  if (open_training(&x, "mse")) {
    loss_at(&x);
    double sum = 0;
    for (int i = 25; i < 35; i++) sum += fabs(bptt_gradient(x.b)[i]);
    CHECK(sum == 0, "inputs were shown before the first target: %g", sum);
  }
  close_model(&x);
}

/* ---- optimizers ------------------------------------------------------------------------------ */

static double one_step(const char *name, int64_t t, double g, double x, double m, double v) {
  const Optimizer *o = optimizer_find(name);
  o->step(&o->dflt, t, 1, &g, &x, &m, &v);
  return x;
}

static void test_optimizers(void) {
  const double g = 0.3, x = 2, m = 0.1, v = 0.04;
  CHECK_NEAR(one_step("sgd", 1, g, x, m, v), x - 0.01 * g, 1e-15, "sgd");
  CHECK_NEAR(one_step("momentum", 1, g, x, m, v), x + 0.9 * m - 0.01 * g, 1e-15, "momentum");
  double w = 0.9 * v + 0.1 * g * g;
  CHECK_NEAR(one_step("rmsprop", 1, g, x, m, v), x - 0.001 * g / (sqrt(w) + 1e-8), 1e-15,
             "rmsprop");
  double m1 = 0.9 * m + 0.1 * g, v1 = 0.999 * v + 0.001 * g * g;
  double adam =
      0.001 * (m1 / (1 - 0.9 * 0.9 * 0.9)) / (sqrt(v1 / (1 - 0.999 * 0.999 * 0.999)) + 1e-8);
  CHECK_NEAR(one_step("adam", 3, g, x, m, v), x - adam, 1e-15, "adam");
  CHECK_NEAR(one_step("adamw", 3, g, x, m, v), x - 0.001 * 0.01 * x - adam, 1e-15, "adamw");
}

static void test_learning(void) {
  Fixture x;
  double first = 0, last = 0;
  open_model(&x, RNN, 1, NULL);
  x.m.batch = 32;
  if (open_training(&x, "mse")) {
    int64_t n = bptt_count(x.b);
    double *m = ARENA_ARRAY(x.arena, double, n), *v = ARENA_ARRAY(x.arena, double, n);
    const Optimizer *adam = optimizer_find("adam");
    OptimizerOptions o = adam->dflt;
    o.rate = 0.01;
    for (int k = 1; k <= 500; k++) {
      bptt_update(x.b, k, &last);
      if (k == 1) first = last;
      adam->step(&o, k, n, bptt_gradient(x.b), bptt_parameters(x.b), m, v);
    }
    CHECK(last < 0.3 * first, "the loss went from %g to %g", first, last);
  }
  close_model(&x);
}

int main(void) {
  verbs_register();
  run_init();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_gradient(&cases[i]);
  test_single();
  test_truncated();
  test_optimizers();
  test_learning();
  return check_done("bptt");
}
