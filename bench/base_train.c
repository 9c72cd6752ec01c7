/* base_train.c: training: a tanh RNN by backpropagation through time with Adam, in single and in
   double precision, and recursive least squares (FORCE). The weights' gradient is one product over
   all time steps; nothing is allocated inside the loop. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>

#include "bench/base.h"

#define REAL float
#define NAME(x) x##_single
#define GEMM cblas_sgemm
#include "bench/base_rnn.h"
#undef REAL
#undef NAME
#undef GEMM

#define REAL double
#define NAME(x) x##_double
#define GEMM cblas_dgemm
#include "bench/base_rnn.h"

double rnn128(void) {
  return rnn_single(128, 20);
}

double rnn128_double(void) {
  return rnn_double(128, 20);
}

double rnn512(void) {
  return rnn_single(512, 4);
}

/* ---- FORCE: the last updates of the inverse correlation matrix are kept as vectors and folded in
   by one symmetric product every BLOCK steps ----------------------------------------------------
 */

enum { UNITS = 1000, FORCE_STEPS = 1000, BLOCK = 32 };

typedef struct Force {
  double *J, *x, *rate, *drive, *feedback, *readout, *P, *gain, *pending, *overlap;
  int count;
} Force;

static void force_step(Force *f, double target, double *z) {
  cblas_dgemv(CblasRowMajor, CblasNoTrans, UNITS, UNITS, 1, f->J, UNITS, f->rate, 1, 0, f->drive,
              1);
  for (int i = 0; i < UNITS; i++) {
    f->x[i] = 0.9 * f->x[i] + 0.1 * (f->drive[i] + f->feedback[i] * *z);
    f->rate[i] = tanh(f->x[i]);
  }
  *z = cblas_ddot(UNITS, f->readout, 1, f->rate, 1);
  cblas_dsymv(CblasRowMajor, CblasLower, UNITS, 1, f->P, UNITS, f->rate, 1, 0, f->gain, 1);
  if (f->count) {
    cblas_dgemv(CblasRowMajor, CblasNoTrans, f->count, UNITS, 1, f->pending, UNITS, f->rate, 1, 0,
                f->overlap, 1);
    cblas_dgemv(CblasRowMajor, CblasTrans, f->count, UNITS, -1, f->pending, UNITS, f->overlap, 1, 1,
                f->gain, 1);
  }
  double c = 1 / (1 + cblas_ddot(UNITS, f->rate, 1, f->gain, 1)), root = sqrt(c);
  for (int i = 0; i < UNITS; i++) f->pending[f->count * UNITS + i] = root * f->gain[i];
  if (++f->count == BLOCK) {
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, UNITS, BLOCK, -1, f->pending, UNITS, 1, f->P,
                UNITS);
    f->count = 0;
  }
  cblas_daxpy(UNITS, -c * (*z - target), f->gain, 1, f->readout, 1);
}

double force1000(void) {
  const size_t n = UNITS;
  Force f = {.J = numbers(n * n),
             .x = numbers(n),
             .rate = numbers(n),
             .drive = numbers(n),
             .feedback = numbers(n),
             .readout = numbers(n),
             .P = numbers(n * n),
             .gain = numbers(n),
             .pending = numbers(n * BLOCK),
             .overlap = numbers(BLOCK)};
  for (int i = 0; i < UNITS; i++) {
    for (int j = 0; j < UNITS; j++) f.J[(size_t)i * n + j] = formula(1.5, UNITS, i, j);
    f.x[i] = sin(1.0 + i);
    f.rate[i] = tanh(f.x[i]);
    f.feedback[i] = sin(3.0 + 7 * i);
    f.P[i * (n + 1)] = 1;
  }
  double z = 0, total = 0;
  for (int s = 1; s <= FORCE_STEPS; s++) {
    double t = 2 * M_PI * 1e-3 * s, target = sin(t) + 0.5 * sin(2 * t) + 0.25 * sin(3 * t);
    force_step(&f, target, &z);
    total += (z - target) * (z - target);
  }
  return total / FORCE_STEPS;
}
