/* base.c: hand-written C for the workloads of `make bench`: what a patient programmer reaches with
   gcc -Ofast on this machine, one thread. usage: base WORK; prints a checksum. */
#include "bench/base.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

double *numbers(size_t n) {
  double *p = aligned_alloc(ALIGN, (n * sizeof *p + ALIGN - 1) / ALIGN * ALIGN);
  if (!p) exit(1);
  memset(p, 0, n * sizeof *p);
  return p;
}

double formula(double gain, int n, int i, int j) {
  return gain * sqrt(2.0 / n) * sin(0.7 * i * i + 1.3 * j * j + 0.9 * i * j);
}

static const struct {
  const char *name;
  double (*run)(void);
} works[] = {
    {"rate200", rate200},
    {"rate1000", rate1000},
    {"adaptive200", adaptive200},
    {"lorenz", lorenz_rk4},
    {"hh", hh},
    {"hh1024", hh1024},
    {"start", lorenz_short},
    {"vdp", vdp},
    {"robertson", robertson},
    {"stiff200", stiff200},
    {"ou", ou},
    {"rnn128", rnn128},
    {"rnn128d", rnn128_double},
    {"rnn512", rnn512},
    {"force1000", force1000},
    {"points128", points128},
    {"lyapunov100", lyapunov100},
    {"lyapunov3", lyapunov3},
    {"sweep1000", sweep1000},
};

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof works / sizeof *works; i++)
    if (!strcmp(argv[1], works[i].name)) return printf("%.10g\n", works[i].run()) < 0;
  return fprintf(stderr, "base: unknown work '%s'\n", argc > 1 ? argv[1] : ""), 2;
}
