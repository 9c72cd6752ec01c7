/* map.c: open addressing with linear probing over indices into the list of items; at most half of
   the slots are taken. */
#include "base/map.h"

#include <string.h>

/* The finaliser of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
   generators", OOPSLA, figure 16). */
static uint64_t scramble(uint64_t x) {
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

uint64_t hash_mix(uint64_t a, uint64_t b) {
  return scramble(scramble(a + UINT64_C(0x9e3779b97f4a7c15)) ^ b);
}

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed) {
  const unsigned char *bytes = p;
  uint64_t h = hash_mix(seed, n);
  for (; n >= 8; bytes += 8, n -= 8) {
    uint64_t word = 0;
    for (int i = 0; i < 8; i++) word |= (uint64_t)bytes[i] << (8 * i);
    h = hash_mix(h, word);
  }
  uint64_t tail = 0;
  for (size_t i = 0; i < n; i++) tail |= (uint64_t)bytes[i] << (8 * i);
  return n ? hash_mix(h, tail) : h;
}

void map_init(Map *m, Arena *a) {
  *m = (Map){.arena = a};
}

/* The slot of a key, or the empty one where it belongs. */
static uint32_t *slot_of(const Map *m, const char *key) {
  size_t mask = m->nslots - 1;
  size_t i = (size_t)hash_bytes(key, strlen(key), 0) & mask;
  while (m->slots[i] && strcmp(m->items[m->slots[i] - 1].key, key) != 0) i = (i + 1) & mask;
  return &m->slots[i];
}

static MapItem *find(const Map *m, const char *key) {
  if (!m->n) return NULL;
  uint32_t at = *slot_of(m, key);
  return at ? &m->items[at - 1] : NULL;
}

void *map_get(const Map *m, const char *key) {
  MapItem *item = find(m, key);
  return item ? item->value : NULL;
}

bool map_has(const Map *m, const char *key) {
  return find(m, key) != NULL;
}

static void grow(Map *m) {
  size_t cap = m->cap ? m->cap * 2 : 8;
  MapItem *items = ARENA_ARRAY(m->arena, MapItem, cap);
  if (m->n) memcpy(items, m->items, m->n * sizeof *items);
  m->items = items;
  m->cap = cap;
  m->nslots = cap * 2;
  m->slots = ARENA_ARRAY(m->arena, uint32_t, m->nslots);
  for (size_t i = 0; i < m->n; i++) *slot_of(m, items[i].key) = (uint32_t)i + 1;
}

void map_set(Map *m, const char *key, void *value) {
  MapItem *item = find(m, key);
  if (item) {
    item->value = value;
    return;
  }
  if (m->n == m->cap) grow(m);
  uint32_t *slot = slot_of(m, key);
  m->items[m->n++] = (MapItem){key, value};
  *slot = (uint32_t)m->n;
}
