/* optimizer.h: gradient methods for training: one step of many parameters at a time. */
#ifndef DYN_NUM_OPTIMIZER_H
#define DYN_NUM_OPTIMIZER_H

#include <stdint.h>

/* The options of all methods; each reads its own. */
typedef struct OptimizerOptions {
  double rate, beta, decay, eps, beta1, beta2;
} OptimizerOptions;

typedef struct Optimizer {
  const char *name;
  OptimizerOptions dflt;
  /* Step number `t`, from 1 on. m and v are the method's memory, zeros at the start. */
  void (*step)(const OptimizerOptions *o, int64_t t, int64_t n, const double *gradient, double *x,
               double *m, double *v);
} Optimizer;

const Optimizer *optimizer_find(const char *name); /* NULL if there is none */
const Optimizer *optimizer_at(int i);              /* NULL past the last */

#endif
