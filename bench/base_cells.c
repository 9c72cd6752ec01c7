/* base_cells.c: small systems by Runge and Kutta's classical rule: Lorenz's, one Hodgkin-Huxley
   neuron, and many in blocks that stay in the first-level cache. */
#include <math.h>

#include "bench/base.h"

/* ---- Lorenz ---------------------------------------------------------------------------------- */

static inline void lorenz_rhs(const double *x, double *d) {
  d[0] = 10 * (x[1] - x[0]);
  d[1] = x[0] * (28 - x[2]) - x[1];
  d[2] = x[0] * x[1] - 8.0 / 3 * x[2];
}

static double lorenz(long steps) {
  double x[3] = {1, 1, 1}, h = 0.01;
  for (long s = 0; s < steps; s++) {
    double k1[3], k2[3], k3[3], k4[3], y[3];
    lorenz_rhs(x, k1);
    for (int i = 0; i < 3; i++) y[i] = x[i] + h / 2 * k1[i];
    lorenz_rhs(y, k2);
    for (int i = 0; i < 3; i++) y[i] = x[i] + h / 2 * k2[i];
    lorenz_rhs(y, k3);
    for (int i = 0; i < 3; i++) y[i] = x[i] + h * k3[i];
    lorenz_rhs(y, k4);
    for (int i = 0; i < 3; i++) x[i] += h / 6 * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
  }
  return x[0] + x[1] + x[2];
}

/* ---- Hodgkin-Huxley, one neuron or many in blocks that stay in the first-level cache -----------
 */

enum { BLOCK = 64 };
typedef struct Cells {
  double v[BLOCK], m[BLOCK], h[BLOCK], n[BLOCK];
} Cells;

static inline __attribute__((always_inline)) void hh_rhs(int n, const double *restrict current,
                                                         const Cells *restrict s,
                                                         Cells *restrict d) {
  for (int i = 0; i < n; i++) {
    double v = s->v[i], m = s->m[i], h = s->h[i], g = s->n[i];
    double am = 0.1 * (v + 40) / (1 - exp(-(v + 40) / 10)), bm = 4 * exp(-(v + 65) / 18);
    double ah = 0.07 * exp(-(v + 65) / 20), bh = 1 / (1 + exp(-(v + 35) / 10));
    double an = 0.01 * (v + 55) / (1 - exp(-(v + 55) / 10)), bn = 0.125 * exp(-(v + 65) / 80);
    d->v[i] = current[i] - 120 * m * m * m * h * (v - 50) - 36 * g * g * g * g * (v + 77) -
              0.3 * (v + 54.387);
    d->m[i] = am * (1 - m) - bm * m;
    d->h[i] = ah * (1 - h) - bh * h;
    d->n[i] = an * (1 - g) - bn * g;
  }
}

static inline __attribute__((always_inline)) void hh_ahead(int n, Cells *y, const Cells *x,
                                                           double h, const Cells *restrict k) {
  for (int i = 0; i < n; i++) {
    y->v[i] = x->v[i] + h * k->v[i];
    y->m[i] = x->m[i] + h * k->m[i];
    y->h[i] = x->h[i] + h * k->h[i];
    y->n[i] = x->n[i] + h * k->n[i];
  }
}

static inline __attribute__((always_inline)) void hh_step(int n, const double *current, Cells *x,
                                                          double h) {
  static const double weight[4] = {1, 2, 2, 1}, ahead[4] = {0.5, 0.5, 1, 0};
  Cells k, y = *x, sum = *x;
  for (int s = 0; s < 4; s++) {
    hh_rhs(n, current, &y, &k);
    hh_ahead(n, &sum, &sum, h / 6 * weight[s], &k);
    hh_ahead(n, &y, x, h * ahead[s], &k);
  }
  *x = sum;
}

static Cells hh_rest(void) {
  Cells x;
  for (int i = 0; i < BLOCK; i++) x.v[i] = -65, x.m[i] = 0.05, x.h[i] = 0.6, x.n[i] = 0.32;
  return x;
}

static double hh_one(long steps) {
  Cells x = hh_rest();
  double current[BLOCK] = {10};
  for (long s = 0; s < steps; s++) hh_step(1, current, &x, 0.01);
  return x.v[0];
}

static double hh_many(int cells, long steps) {
  double total = 0;
  for (int b = 0; b < cells; b += BLOCK) {
    Cells x = hh_rest();
    double current[BLOCK];
    for (int i = 0; i < BLOCK; i++) current[i] = 5 + 10.0 * (b + i) / cells;
    for (long s = 0; s < steps; s++) hh_step(BLOCK, current, &x, 0.01);
    for (int i = 0; i < BLOCK; i++) total += x.v[i];
  }
  return total / cells;
}

double lorenz_rk4(void) {
  return lorenz(10000000);
}

double lorenz_short(void) {
  return lorenz(100);
}

double hh(void) {
  return hh_one(2000000);
}

double hh1024(void) {
  return hh_many(1024, 20000);
}
