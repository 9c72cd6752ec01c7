/* base_noise.c: Ornstein-Uhlenbeck units by Euler and Maruyama. The normal deviates decide: 32
   xorshift generators side by side feed Box and Muller's transform in vectors. */
#include <math.h>
#include <stdint.h>

#include "bench/base.h"

enum { LANES = 32, UNITS = 1000, PADDED = 1024, STEPS = 100000 };

static uint64_t lane[2][LANES];

static void seed_lanes(void) {
  uint64_t z = 1;
  for (int i = 0; i < 2 * LANES; i++) {
    z += 0x9e3779b97f4a7c15u;
    uint64_t x = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    lane[i / LANES][i % LANES] = x ^ (x >> 27);
  }
}

/* Vigna's xorshift128+; the high bits make a uniform number in (0, 1]. */
static inline void uniforms(double *restrict u) {
  for (int i = 0; i < LANES; i++) {
    uint64_t a = lane[0][i], b = lane[1][i], sum = a + b;
    lane[0][i] = b;
    a ^= a << 23;
    lane[1][i] = a ^ b ^ (a >> 18) ^ (b >> 5);
    u[i] = ((double)(int64_t)(sum >> 12) + 1) * 0x1p-52;
  }
}

/* 2 LANES deviates. Two cosines, since a sine and a cosine of one argument become a scalar call. */
static inline void normals(double *restrict z) {
  double u[LANES], v[LANES];
  uniforms(u);
  uniforms(v);
  for (int i = 0; i < LANES; i++) {
    double r = sqrt(-2 * log(u[i])), angle = 2 * M_PI * v[i];
    z[i] = r * cos(angle);
    z[LANES + i] = r * cos(angle - M_PI / 2);
  }
}

double ou(void) {
  double *x = numbers(PADDED), z[2 * LANES], total = 0;
  const double dt = 0.01, keep = 1 - dt, spread = sqrt(2 * dt);
  seed_lanes();
  for (int s = 1; s <= STEPS; s++) {
    for (int b = 0; b < PADDED; b += 2 * LANES) {
      normals(z);
      for (int i = 0; i < 2 * LANES; i++) x[b + i] = keep * x[b + i] + spread * z[i];
    }
    if (s % 100 == 0 && s >= STEPS / 2)
      for (int i = 0; i < UNITS; i++) total += x[i] * x[i];
  }
  return total / UNITS / (STEPS / 200 + 1);
}
