/* lu.h: LU with row exchanges, in place, of a row-major matrix, and Cholesky of a symmetric
   one. Small matrices skip LAPACK in LU: its calls cost more than their elimination. */
#ifndef DYN_NUM_LU_H
#define DYN_NUM_LU_H

#include <stdbool.h>
#include <stdint.h>

bool lu_factor(int64_t n, double *a, int *pivot); /* false: singular */
void lu_solve(int64_t n, const double *a, const int *pivot, double *b);
void lu_solve_transposed(int64_t n, const double *a, const int *pivot, double *b); /* with a' */

/* Solves a x = b in place for a positive definite a, whose factor takes its place. Only the upper
   triangle is read. False: a is not positive definite. */
bool cholesky_solve(int64_t n, double *a, double *b);

#endif
