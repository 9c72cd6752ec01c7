/* random.h: random numbers as a function of (key, place): Philox 4x32-10 (Salmon, Moraes, Dror &
   Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011). The key says which declaration and
   which seeds; the counter says which element, row, trial and step. The same numbers come in any
   order, on any number of threads, for any vector width, and in a larger array.

   Elements are numbered along the last axis; all other axes together are the row. So element
   [i, j] of a matrix does not change when the matrix grows. */
#ifndef DYN_RUN_RANDOM_H
#define DYN_RUN_RANDOM_H

#include "graph/tensor.h"

void philox4x32(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);

/* Standard forms; the language's distributions are these, shifted and scaled. */
typedef enum RandomKind {
  RANDOM_NORMAL,      /* mean 0, sd 1 */
  RANDOM_UNIFORM,     /* [0, 1) */
  RANDOM_EXPONENTIAL, /* mean 1 */
  RANDOM_GAMMA,       /* parameter: shape; scale 1 */
  RANDOM_BETA,        /* a, b */
  RANDOM_POISSON,     /* mean */
  RANDOM_VONMISES,    /* kappa; mean 0, in (-pi, pi] */
  RANDOM_CHOICE,      /* parameter: cumulative weights [k]; gives indices 0..k-1 */
  RANDOM_PERMUTATION, /* of 0..n-1 along the last axis */
  RANDOM_ORTHOGONAL,  /* Haar-distributed rows or columns over the last two axes (Mezzadri 2007) */
  RANDOM_KINDS
} RandomKind;

typedef struct RandomPlace {
  uint64_t key;
  uint32_t trial, step;
} RandomPlace;

/* Fills out[0 .. count(shape)-1]. param[i] has nparam values: one for each element or a single one
   (choice: the whole table). */
void random_fill(RandomKind kind, RandomPlace at, Shape shape, const double *const *param,
                 const int64_t *nparam, double *out);

/* Keys: start from the run's seed, mix in names and numbers. */
uint64_t random_key(uint64_t seed, const char *path);
uint64_t random_key_mix(uint64_t key, uint64_t with);

/* Each element of [rows, cols] is there with probability p, by itself: the pattern of sparse(p, .).
 */
SparsePattern *random_sparse_pattern(Arena *a, RandomPlace at, int64_t rows, int64_t cols,
                                     double p);
/* Values of a distribution's standard form at the places of a pattern only: equal to what
   random_fill would give there. Parameters: one for each entry or a single one. */
void random_fill_pattern(RandomKind kind, RandomPlace at, const SparsePattern *s,
                         const double *const *param, const int64_t *nparam, double *out);

#endif
