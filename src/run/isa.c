/* isa.c: which instruction set to use, asked of the processor once. */
#include "run/isa.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_names[ISA_LEVELS] = {"plain", "avx2", "avx512"};

const char *isa_level_name(int level) {
  return level_names[level];
}

static int processor_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return ISA_PLAIN;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512bw"))
    return ISA_AVX2;
  return ISA_AVX512;
#else
  return ISA_PLAIN;
#endif
}

static int wanted_level(void) {
  const char *want = getenv("DYN_ISA");
  for (int i = 0; want && i < ISA_LEVELS; i++)
    if (strcmp(want, level_names[i]) == 0) return i;
  return ISA_LEVELS - 1;
}

static atomic_int known; /* level + 1; 0: not asked yet. Two threads would store the same. */

void isa_limit(int level) {
  if (level < run_isa_level()) atomic_store_explicit(&known, 1 + level, memory_order_relaxed);
}

int run_isa_level(void) {
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level == 0) {
    int best = processor_level(), want = wanted_level();
    level = 1 + (want < best ? want : best);
    atomic_store_explicit(&known, level, memory_order_relaxed);
  }
  return level - 1;
}
