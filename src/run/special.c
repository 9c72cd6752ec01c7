/* special.c: polygamma by recurrence to a large argument and the asymptotic series there
   (Abramowitz & Stegun, Handbook of Mathematical Functions, 6.3.18, 6.4.6 and 6.4.11). */
#include "run/special.h"

#include <math.h>

enum { TERMS = 10, LARGEST_ORDER = 100, FARTHEST = 1000000 };

static const double bernoulli[TERMS] = {/* B_2, B_4 ... */
                                        1.0 / 6,       -1.0 / 30,      1.0 / 42, -1.0 / 30,
                                        5.0 / 66,      -691.0 / 2730,  7.0 / 6,  -3617.0 / 510,
                                        43867.0 / 798, -174611.0 / 330};

/* 6.3.18: psi(x) ~ ln x - 1/(2x) - sum of B_2k / (2k x^2k) */
static double digamma_far(double x) {
  double sum = log(x) - 0.5 / x, power = 1;
  for (int k = 1; k <= TERMS; k++) {
    power /= x * x;
    sum -= bernoulli[k - 1] * power / (2 * k);
  }
  return sum;
}

/* 6.4.11, without its sign: (n-1)!/x^n + n!/(2 x^(n+1)) + sum of B_2k (2k+n-1)!/((2k)! x^(2k+n)) */
static double polygamma_far(double n, double x) {
  double lead = tgamma(n) / pow(x, n), sum = lead + lead * n / (2 * x);
  double term = lead; /* (2k+n-1)!/((2k)! x^(2k+n)) */
  for (int k = 1; k <= TERMS; k++) {
    double m = 2 * k;
    term *= (m + n - 1) * (m + n - 2) / (m * (m - 1)) / (x * x);
    sum += bernoulli[k - 1] * term;
  }
  return sum;
}

double special_polygamma(double n, double x) {
  if (!(n >= 0 && n <= LARGEST_ORDER) || n != floor(n) || !(x > -FARTHEST) ||
      (x <= 0 && x == floor(x)))
    return NAN;
  double enough = 15 + n, sum = 0, sign = fmod(n, 2) == 0 ? -1 : 1;
  double factorial = n == 0 ? 1 : tgamma(n + 1);
  for (; x < enough; x += 1) sum += factorial / pow(x, n + 1); /* 6.4.6 */
  return n == 0 ? digamma_far(x) - sum : sign * (polygamma_far(n, x) + sum);
}
