/* optimizer.c: see optimizer.h. */
#include "num/optimizer.h"

#include <math.h>
#include <string.h>

#define STEP(name)                                                                              \
  static void name(const OptimizerOptions *o, int64_t t, int64_t n, const double *g, double *x, \
                   double *m, double *v)

STEP(step_sgd) {
  (void)t, (void)m, (void)v;
  for (int64_t i = 0; i < n; i++) x[i] -= o->rate * g[i];
}

/* Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Comp. Math. 4
   (1964) 1, equation 9. */
STEP(step_momentum) {
  (void)t, (void)v;
  for (int64_t i = 0; i < n; i++) {
    m[i] = o->beta * m[i] - o->rate * g[i];
    x[i] += m[i];
  }
}

/* Tieleman & Hinton, "Neural networks for machine learning", lecture 6.5 (2012). */
STEP(step_rmsprop) {
  (void)t, (void)m;
  for (int64_t i = 0; i < n; i++) {
    v[i] = o->decay * v[i] + (1 - o->decay) * g[i] * g[i];
    x[i] -= o->rate * g[i] / (sqrt(v[i]) + o->eps);
  }
}

/* Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1. */
STEP(step_adam) {
  double mean = 1 / (1 - pow(o->beta1, (double)t)), square = 1 / (1 - pow(o->beta2, (double)t));
  for (int64_t i = 0; i < n; i++) {
    m[i] = o->beta1 * m[i] + (1 - o->beta1) * g[i];
    v[i] = o->beta2 * v[i] + (1 - o->beta2) * g[i] * g[i];
    x[i] -= o->rate * m[i] * mean / (sqrt(v[i] * square) + o->eps);
  }
}

/* Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2, the decay
   scaled by the rate. */
STEP(step_adamw) {
  for (int64_t i = 0; i < n; i++) x[i] -= o->rate * o->decay * x[i];
  step_adam(o, t, n, g, x, m, v);
}

static const Optimizer rows[] = {
    {"sgd", {.rate = 0.01}, step_sgd},
    {"momentum", {.rate = 0.01, .beta = 0.9}, step_momentum},
    {"rmsprop", {.rate = 0.001, .decay = 0.9, .eps = 1e-8}, step_rmsprop},
    {"adam", {.rate = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8}, step_adam},
    {"adamw",
     {.rate = 0.001, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.01},
     step_adamw},
};

enum { ROWS = sizeof rows / sizeof *rows };

const Optimizer *optimizer_at(int i) {
  return i < ROWS ? &rows[i] : NULL;
}

const Optimizer *optimizer_find(const char *name) {
  for (int i = 0; i < ROWS; i++)
    if (strcmp(rows[i].name, name) == 0) return &rows[i];
  return NULL;
}
