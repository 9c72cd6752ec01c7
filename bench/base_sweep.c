/* base_sweep.c: many small rate networks dx/dt = -x + J tanh(x), each with its own weights, by
   Runge and Kutta's classical rule, one after the other. The drawing of the weights counts, too. */
#include <math.h>
#include <string.h>

#include "bench/base.h"

enum { NETS = 1000, UNITS = 50, PADDED = 56, STEPS = 1000 };

static double J[UNITS][PADDED];

/* J' in rows, so that the sums of all units grow side by side. */
static void draw(int net) {
  for (int i = 0; i < UNITS; i++)
    for (int j = 0; j < UNITS; j++)
      J[j][i] = formula(0.5 + 1.0 * net / (NETS - 1), UNITS, i + net, j);
}

static void slope(const double *restrict x, double *restrict dx) {
  double rate[PADDED], sum[PADDED] = {0};
  for (int i = 0; i < PADDED; i++) rate[i] = tanh(x[i]);
  for (int j = 0; j < UNITS; j++)
    for (int i = 0; i < PADDED; i++) sum[i] += J[j][i] * rate[j];
  for (int i = 0; i < PADDED; i++) dx[i] = sum[i] - x[i];
}

static void step(double *restrict x, double h) {
  static const double weight[4] = {1, 2, 2, 1}, ahead[4] = {0.5, 0.5, 1, 0};
  double y[PADDED], k[PADDED], sum[PADDED] = {0};
  memcpy(y, x, sizeof y);
  for (int s = 0; s < 4; s++) {
    slope(y, k);
    for (int i = 0; i < PADDED; i++) {
      sum[i] += weight[s] * k[i];
      y[i] = x[i] + h * ahead[s] * k[i];
    }
  }
  for (int i = 0; i < PADDED; i++) x[i] += h / 6 * sum[i];
}

double sweep1000(void) {
  double total = 0;
  for (int net = 0; net < NETS; net++) {
    double x[PADDED] = {0};
    draw(net);
    for (int i = 0; i < UNITS; i++) x[i] = sin(1.0 + i);
    for (int s = 0; s < STEPS; s++) step(x, 0.1);
    for (int i = 0; i < UNITS; i++) total += x[i] * x[i];
  }
  return total / NETS / UNITS;
}
