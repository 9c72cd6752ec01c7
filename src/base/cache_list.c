/* cache_list.c: all files of a cache: listing them, and removing those that nobody has used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/file.h"
#include "base/vec.h"

enum { HEAD_MOST = 1 << 16, ABANDONED = 3600 }; /* bytes; seconds */

typedef struct Listing {
  Arena *arena;
  const char *folder; /* the two digits in front of the names */
  VEC(CacheFile) files;
} Listing;

/* ---- heads ----------------------------------------------------------------------------------- */

static const char *rest_of(Arena *a, const char *line, size_t n, const char *word) {
  size_t m = strlen(word);
  return n >= m && memcmp(line, word, m) == 0 ? arena_strndup(a, line + m, n - m) : NULL;
}

static void read_line(Arena *a, CacheHead *h, CacheFact *fact, const char *line, size_t n) {
  const char *text;
  if ((text = rest_of(a, line, n, "what "))) h->what = text;
  if ((text = rest_of(a, line, n, "where "))) h->where = text;
  if (!(text = rest_of(a, line, n, "fact ")) || strlen(text) < CACHE_FACT) return;
  memcpy(fact[h->nfacts].hash, text, CACHE_FACT - 1);
  fact[h->nfacts++].name = text + CACHE_FACT;
}

static void read_head(Arena *a, const char *path, CacheHead *h) {
  FILE *f = fopen(path, "rb");
  if (!f) return;
  char *text = arena_alloc(a, HEAD_MOST + 1);
  text[fread(text, 1, HEAD_MOST, f)] = '\0';
  fclose(f);
  size_t lines = 0;
  for (const char *p = text; (p = strchr(p, '\n')); p++) lines++;
  CacheFact *fact = ARENA_ARRAY(a, CacheFact, lines + 1);
  h->fact = fact;
  if (strncmp(text, "dyn-cache 1\n", 12) != 0) return;
  for (const char *p = text; *p && *p != '\n';) {
    size_t n = strcspn(p, "\n");
    read_line(a, h, fact, p, n);
    p += n + (p[n] == '\n');
  }
}

/* ---- files ----------------------------------------------------------------------------------- */

static double seconds_of(struct timespec t) {
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void add_file(void *ctx, const char *path, const char *name) {
  Listing *l = ctx;
  struct stat st;
  if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return;
  CacheFile *f = vec_push(l->arena, &l->files);
  *f = (CacheFile){.path = path, .bytes = st.st_size, .used = seconds_of(st.st_mtim)};
  f->key = arena_printf(l->arena, "%s%.62s", l->folder, name);
}

/* Only folders that are named as those of a cache are looked into. */
static void add_folder(void *ctx, const char *path, const char *name) {
  Listing *l = ctx;
  if (strlen(name) != 2 || strspn(name, "0123456789abcdef") != 2) return;
  l->folder = name;
  folder_each(l->arena, path, add_file, l);
}

static int compare_used(const void *a, const void *b) {
  const CacheFile *x = a, *y = b;
  return x->used > y->used ? -1 : x->used < y->used ? 1 : strcmp(x->path, y->path);
}

static CacheFile *list_files(Arena *a, const char *folder, size_t *n) {
  Listing l = {.arena = a};
  folder_each(a, folder, add_folder, &l);
  if (l.files.n) qsort(l.files.at, l.files.n, sizeof *l.files.at, compare_used);
  *n = l.files.n;
  return l.files.at;
}

static bool is_unfinished(const CacheFile *f) {
  return strstr(f->path, ".tmp") != NULL;
}

CacheFile *cache_list(Arena *a, const char *folder, size_t *n) {
  CacheFile *files = list_files(a, folder, n);
  size_t kept = 0;
  for (size_t i = 0; i < *n; i++)
    if (!is_unfinished(&files[i])) files[kept++] = files[i];
  *n = kept;
  for (size_t i = 0; i < *n; i++) read_head(a, files[i].path, &files[i].head);
  return files;
}

/* What a process that was killed has left unfinished goes in any case. */
size_t cache_prune(Arena *a, const char *folder, double bytes) {
  size_t n, gone = 0;
  const CacheFile *files = list_files(a, folder, &n);
  for (size_t i = 0; i < n; i++) {
    bool abandoned =
        is_unfinished(&files[i]) && difftime(time(NULL), (time_t)files[i].used) > ABANDONED;
    if (!is_unfinished(&files[i])) bytes -= (double)files[i].bytes;
    if ((abandoned || (bytes < 0 && !is_unfinished(&files[i]))) && unlink(files[i].path) == 0)
      gone++;
  }
  return gone;
}
