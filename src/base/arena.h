/* arena.h: memory by lifetime. An arena hands out zeroed blocks and frees them all at once; passing
   an arena to a function says who owns what it makes. Foreign resources are freed with the arena
   through arena_defer. Out of memory prints one line and aborts here, and nowhere else. */
#ifndef DYN_BASE_ARENA_H
#define DYN_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *a); /* runs the deferred calls, newest first; NULL is allowed */

void *arena_alloc(Arena *a, size_t bytes);              /* zeroed, 16-byte aligned */
void *arena_array(Arena *a, size_t count, size_t size); /* as calloc; the product is checked */
char *arena_strdup(Arena *a, const char *s);
char *arena_strndup(Arena *a, const char *s, size_t n);
char *arena_printf(Arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *a, const char *fmt, va_list ap);

/* Calls fn(p) when the arena is freed. */
void arena_defer(Arena *a, void (*fn)(void *), void *p);

/* malloc and realloc that never return NULL: for blocks with a lifetime of their own. */
void *mem_alloc(size_t bytes);                /* zeroed, 64-byte aligned; free with mem_free */
void *mem_reserve(size_t bytes);              /* likewise, to be written before it is read */
bool mem_fits(double count, double size);     /* would count * size bytes be a sane request here? */
bool mem_has_room(double bytes);              /* are so many free now? */
double mem_free_bytes(void);                  /* of the machine's memory, as it stands now */
const char *mem_text(Arena *a, double bytes); /* "1.5 GB", "8000 TB" */
void mem_free(void *p);

#define ARENA_NEW(arena, type) ((type *)arena_alloc(arena, sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_array(arena, (size_t)(n), sizeof(type)))

#endif
