/* test_fft.c: transforms of all lengths against the sum that defines them. */
#include <stdlib.h>

#include "check.h"
#include "lang/fft.h"

static void naive(const double *z, int64_t n, double *out) {
  for (int64_t k = 0; k < n; k++) {
    out[2 * k] = out[2 * k + 1] = 0;
    for (int64_t j = 0; j < n; j++) {
      double angle = -2 * M_PI * (double)(j * k % n) / (double)n, c = cos(angle), s = sin(angle);
      out[2 * k] += z[2 * j] * c - z[2 * j + 1] * s;
      out[2 * k + 1] += z[2 * j] * s + z[2 * j + 1] * c;
    }
  }
}

static void test_length(int64_t n) {
  Arena *a = arena_new();
  double *z = ARENA_ARRAY(a, double, 2 * n), *want = ARENA_ARRAY(a, double, 2 * n), worst = 0;
  for (int64_t k = 0; k < 2 * n; k++) z[k] = sin(1.7 * (double)(k * k) + 0.3);
  naive(z, n, want);
  fft_forward(a, z, n);
  for (int64_t k = 0; k < 2 * n; k++) worst = fmax(worst, fabs(z[k] - want[k]));
  CHECK(worst < 1e-12 * (double)n, "length %lld: off by %g", (long long)n, worst);
  arena_free(a);
}

int main(void) {
  for (int64_t n = 1; n <= 40; n++) test_length(n);
  const int64_t lengths[] = {64, 67, 97, 128, 134, 211, 500, 509, 1009, 1024};
  for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) test_length(lengths[k]);
  return check_done("fft");
}
