/* lu.h: LU with row exchanges, in place, of a row-major matrix. Small ones skip LAPACK, whose calls
   cost more than their elimination. */
#ifndef DYN_NUM_LU_H
#define DYN_NUM_LU_H

#include <stdbool.h>
#include <stdint.h>

bool lu_factor(int64_t n, double *a, int *pivot); /* false: singular */
void lu_solve(int64_t n, const double *a, const int *pivot, double *b);

#endif
