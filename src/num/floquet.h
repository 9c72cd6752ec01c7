/* floquet.h: the eigenvalues of a product of matrices, G[m-1] ... G[1] G[0], which is never formed:
   its small eigenvalues would drown in the rounding errors of the large ones. */
#ifndef DYN_NUM_FLOQUET_H
#define DYN_NUM_FLOQUET_H

#include "base/status.h"

/* g [m, n, n]; eigenvalues [n] in falling order of their size; log_det: log |det| of the product.
 */
Status floquet_multipliers(int64_t n, int64_t m, const double *g, double *re, double *im,
                           double *log_det);

#endif
