/* arena.c: blocks that double in size up to a limit; a large request gets a block of its own,
   behind the current one, so that the rest of that is not lost. Shared blocks are zeroed piece by
   piece, since many arenas use little of their last one; a block of its own comes zeroed, which
   costs nothing for fresh pages. Under AddressSanitizer what is not handed out is poisoned, with a
   gap after each piece, so overflows are found as with malloc. */
#include "base/arena.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif

enum { ALIGN = 16, FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, SMALL_REQUEST = 1 << 24 };

typedef struct Block {
  struct Block *next;
  size_t used, size; /* of data */
  bool zeroed;
  _Alignas(ALIGN) unsigned char data[];
} Block;

typedef struct Deferred {
  struct Deferred *next;
  void (*fn)(void *);
  void *p;
} Deferred;

struct Arena {
  Block *head; /* the one that is being filled */
  Deferred *deferred;
  size_t next_size;
};

static _Noreturn void out_of_memory(size_t bytes) {
  fprintf(stderr, "dynrun: out of memory (%zu bytes wanted)\n", bytes);
  abort();
}

static Block *block_new(size_t size, bool zeroed) {
  if (size > SIZE_MAX - sizeof(Block)) out_of_memory(size);
  Block *b = zeroed ? calloc(1, sizeof(Block) + size) : malloc(sizeof(Block) + size);
  if (!b) out_of_memory(size);
  *b = (Block){.size = size, .zeroed = zeroed};
  ASAN_POISON_MEMORY_REGION(b->data, size);
  return b;
}

Arena *arena_new(void) {
  Arena *a = calloc(1, sizeof *a);
  if (!a) out_of_memory(sizeof *a);
  a->next_size = FIRST_BLOCK;
  return a;
}

void arena_free(Arena *a) {
  if (!a) return;
  /* A deferred call may itself allocate or defer. */
  while (a->deferred) {
    Deferred *d = a->deferred;
    a->deferred = d->next;
    d->fn(d->p);
  }
  for (Block *b = a->head; b;) {
    Block *next = b->next;
    ASAN_UNPOISON_MEMORY_REGION(b->data, b->size);
    free(b);
    b = next;
  }
  free(a);
}

/* A block with room for `need` bytes; a large one does not become the head. */
static Block *block_with_room(Arena *a, size_t need) {
  if (a->head && a->head->size - a->head->used >= need) return a->head;
  bool own = need > a->next_size / 4;
  Block *b = block_new(own ? need : a->next_size, own);
  if (own && a->head) {
    b->next = a->head->next;
    a->head->next = b;
    return b;
  }
  b->next = a->head;
  a->head = b;
  if (a->next_size < LARGEST_BLOCK) a->next_size *= 2;
  return b;
}

void *arena_alloc(Arena *a, size_t bytes) {
  if (bytes > SIZE_MAX - ALIGN - GAP) out_of_memory(bytes);
  size_t need = ((bytes ? bytes : 1) + GAP + ALIGN - 1) / ALIGN * ALIGN;
  Block *b = block_with_room(a, need);
  void *p = b->data + b->used;
  b->used += need;
  ASAN_UNPOISON_MEMORY_REGION(p, bytes);
  return b->zeroed ? p : memset(p, 0, bytes);
}

void *arena_array(Arena *a, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) out_of_memory(SIZE_MAX);
  return arena_alloc(a, bytes);
}

char *arena_strndup(Arena *a, const char *s, size_t n) {
  char *copy = arena_alloc(a, n + 1);
  if (n) memcpy(copy, s, n);
  return copy;
}

char *arena_strdup(Arena *a, const char *s) {
  return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(Arena *a, const char *fmt, va_list ap) {
  va_list again;
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  if (n < 0) n = 0;
  char *s = arena_alloc(a, (size_t)n + 1);
  vsnprintf(s, (size_t)n + 1, fmt, again);
  va_end(again);
  return s;
}

char *arena_printf(Arena *a, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  char *s = arena_vprintf(a, fmt, ap);
  va_end(ap);
  return s;
}

void arena_defer(Arena *a, void (*fn)(void *), void *p) {
  Deferred *d = ARENA_NEW(a, Deferred);
  *d = (Deferred){a->deferred, fn, p};
  a->deferred = d;
}

/* The pages of a large block are taken as they are written. */
void *mem_reserve(size_t bytes) {
  void *p = NULL;
  if (posix_memalign(&p, 64, bytes ? bytes : 1) != 0) out_of_memory(bytes);
  return p;
}

void *mem_alloc(size_t bytes) {
  return memset(mem_reserve(bytes), 0, bytes);
}

void mem_free(void *p) {
  free(p);
}

static double mem_of_machine(void) {
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? (double)pages * (double)page : (double)(SIZE_MAX / 2);
}

bool mem_fits(double count, double size) {
  /* Most requests are small, and to ask for the size of the memory costs a system call. */
  if (count >= 0 && count * size <= SMALL_REQUEST) return true;
  double bytes = count * size;
  return bytes >= 0 && bytes <= mem_of_machine(); /* false for NaN */
}

/* All of it where the system does not say how much is in use. */
double mem_free_bytes(void) {
  double kilobytes = 0;
  char line[256];
  FILE *f = fopen("/proc/meminfo", "r");
  while (f && kilobytes == 0 && fgets(line, sizeof line, f))
    if (strncmp(line, "MemAvailable:", 13) == 0) kilobytes = strtod(line + 13, NULL);
  if (f) fclose(f);
  return kilobytes > 0 ? 1024 * kilobytes : mem_of_machine();
}

bool mem_has_room(double bytes) {
  return mem_fits(bytes, 1) && (bytes <= SMALL_REQUEST || bytes <= mem_free_bytes());
}

const char *mem_text(Arena *a, double bytes) {
  if (bytes >= 1e13) return arena_printf(a, "%.6g TB", floor(bytes / 1e12 + 0.5));
  if (bytes >= 1e9) return arena_printf(a, "%.6g GB", floor(bytes / 1e8 + 0.5) / 10);
  if (bytes >= 1e6) return arena_printf(a, "%.6g MB", floor(bytes / 1e5 + 0.5) / 10);
  return arena_printf(a, "%.6g kB", floor(bytes / 1e2 + 0.5) / 10);
}
