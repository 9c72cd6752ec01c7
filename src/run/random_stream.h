/* random_stream.h: a Philox stream of any length for one place (an element, row, trial and step),
   for methods that reject and so need an unknown number of draws; and the kinds made with it. */
#ifndef DYN_RUN_RANDOM_STREAM_H
#define DYN_RUN_RANDOM_STREAM_H

#include "run/random.h"

typedef struct RandomStream {
  uint32_t key[2], counter[4], word[4];
  int left; /* words of the present block not yet given */
} RandomStream;

RandomStream random_stream(RandomPlace at, uint32_t element, uint32_t row);
uint32_t random_stream_u32(RandomStream *s);
double random_stream_unit(RandomStream *s); /* (0, 1), 53 bits */

/* One value; NaN where the parameters make no sense. */
double random_gamma(RandomStream *s, double shape, double unused);
double random_beta(RandomStream *s, double a, double b);
double random_poisson(RandomStream *s, double mean, double unused);
double random_vonmises(RandomStream *s, double kappa, double unused);

/* 0 .. n-1 in random order. */
void random_permutation(RandomStream *s, int64_t n, double *out);
/* Turns rows * cols normal deviates into a Haar-distributed matrix with orthonormal rows, or
   columns where it has more rows than columns. */
void random_orthogonal(int64_t rows, int64_t cols, double *inout);

#endif
