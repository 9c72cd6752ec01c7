/* flat.h: sums over flat vectors, the inner loops of the integrators. Results do not depend on the
   width of the machine's vectors. */
#ifndef DYN_NUM_FLAT_H
#define DYN_NUM_FLAT_H

#include <stdbool.h>
#include <stdint.h>

/* out = base + h * sum of coef[j] k[j], over the j < m whose coefficient is not 0; base NULL is 0.
 */
void flat_combine(int64_t n, const double *base, double h, int m, const double *coef,
                  double *const *k, double *out);

/* Mean of (e / (atol + rtol max(|a|, |b|)))^2. */
double flat_mean_square(int64_t n, const double *e, const double *a, const double *b, double atol,
                        double rtol);

/* The size of the largest eigenvalue of a [n, n], by four steps of the power method from v, which
   is left where it came to; work [n]. */
double flat_spectral_size(int64_t n, const double *a, double *v, double *work);
/* A vector that no symmetry makes orthogonal to what is sought, of size about 1. */
void flat_generic(int64_t n, double *v);

double flat_max_abs(int64_t n, const double *x);
int64_t flat_first_nonfinite(int64_t n, const double *x); /* -1 if there is none */

#endif
