/* linalg.h: decompositions of small dense row-major matrices, on LAPACK. Inputs are left alone. */
#ifndef DYN_NUM_LINALG_H
#define DYN_NUM_LINALG_H

#include "base/arena.h"
#include "base/status.h"

Status la_solve(int64_t n, int64_t nrhs, const double *A, const double *b, double *x);
Status la_lstsq(int64_t m, int64_t n, int64_t nrhs, const double *A, const double *b, double *x);
Status la_inv(int64_t n, const double *A, double *out);
Status la_pinv(int64_t m, int64_t n, const double *A,
               double *out); /* [n, m], rcond 1e-15 max(m, n) */
Status la_cholesky(int64_t n, const double *A,
                   double *L); /* lower; fails if not positive definite */
Status la_qr(int64_t m, int64_t n, const double *A, double *Q,
             double *R); /* [m, k], [k, n], k = min; R's diagonal >= 0 */
Status la_svd(int64_t m, int64_t n, const double *A, double *U, double *s,
              double *Vt); /* thin; U, Vt may be NULL */
/* Eigenvalues in descending order of real part (then imaginary part); vectors [n, n] in columns of
   unit norm, may be NULL. A symmetric A gives real, orthonormal vectors. */
Status la_eig(int64_t n, const double *A, double *re, double *im, double *vre, double *vim);
void la_gram(int64_t n, const double *A, double *G); /* the upper triangle of AA', [n, n] */
double la_det(int64_t n, const double *A);
double la_log_det(int64_t n, const double *A, int *sign); /* log |det|; the sign, 0: singular */

#endif
