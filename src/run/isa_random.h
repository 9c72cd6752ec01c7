/* isa_random.h: Philox and what is made from it by formulas alone, many counters at a time. A lane
   is one counter; it gives four normal deviates, or two uniform or exponential ones. Value s of
   lane i goes to out[s * RANDOM_LANES + i]. Every operation is rounded as IEEE 754 says, fused
   multiply-adds included, so all instruction sets give the same bits. */
#ifndef DYN_RUN_ISA_RANDOM_H
#define DYN_RUN_ISA_RANDOM_H

#include <stdint.h>

enum { RANDOM_LANES = 64, RANDOM_LANE_GROUP = 8 };

typedef struct RandomLanes {
  uint32_t key[2], trial, step;
  int n; /* lanes in use: a multiple of RANDOM_LANE_GROUP, at most RANDOM_LANES */
  uint32_t counter[RANDOM_LANES], row[RANDOM_LANES];
} RandomLanes;

typedef void RandomLanesFn(const RandomLanes *lanes, double *out);

RandomLanesFn random_normal_plain, random_uniform_plain, random_exponential_plain;
RandomLanesFn random_normal_avx2, random_uniform_avx2, random_exponential_avx2;
RandomLanesFn random_normal_avx512, random_uniform_avx512, random_exponential_avx512;

#endif
