/* map.h: a hash map from NUL-terminated names to pointers, in an arena. Iteration is in order of
   insertion, so nothing ever depends on the hash. Keys are not copied. */
#ifndef DYN_BASE_MAP_H
#define DYN_BASE_MAP_H

#include "base/arena.h"

typedef struct MapItem {
  const char *key;
  void *value;
} MapItem;

typedef struct Map {
  MapItem *items; /* in order of insertion */
  size_t n, cap;
  uint32_t *slots; /* index + 1 into items; 0 is empty */
  size_t nslots;
  Arena *arena;
} Map;

void map_init(Map *m, Arena *a);
void *map_get(const Map *m, const char *key); /* NULL if absent */
bool map_has(const Map *m, const char *key);
void map_set(Map *m, const char *key, void *value); /* adds or replaces */

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);
uint64_t hash_mix(uint64_t a, uint64_t b); /* mixes two hashes */

#endif
