/* test_cache.c: entries of the cache as they are read back: whole, cut off, changed, under the key
   of another, and pruned. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/file.h"
#include "check.h"

static const char KEY[] = "ab0123456789", OTHER[] = "ab9876543210";
static const char TAG[2][CACHE_TAG + 1] = {"0123456789abcdef0123456789abcdef",
                                           "fedcba9876543210fedcba9876543210"};
static const CacheFact fact = {"the text of net", "0123456789abcdef"};
static const CacheHead head = {"train", "ring.dyn:12", &fact, 1};

static void take(void *ctx, const char *tag, const char *data, size_t n) {
  char *all = ctx;
  size_t at = strlen(all);
  (void)tag;
  snprintf(all + at, 64 - at, "%.*s ", (int)n, data);
}

static CacheState read_back(Cache *c, const char *key, char *all) {
  *all = '\0';
  return cache_read(c, key, take, all);
}

/* The path of the one log there is. */
static void find_log(void *ctx, const char *path, const char *name) {
  if (strstr(name, ".log")) *(const char **)ctx = path;
}

static void test_entry(Cache *c) {
  char all[64];
  CHECK(read_back(c, KEY, all) == CACHE_ABSENT, "nothing is there yet");
  cache_write(c, KEY, &head, "result", 6);
  CHECK(!cache_trouble(c), "%s", cache_trouble(c));
  CHECK(read_back(c, KEY, all) == CACHE_SOUND && strcmp(all, "result ") == 0, "gives %s", all);
  CHECK(read_back(c, OTHER, all) == CACHE_ABSENT, "of another key");
}

static void test_moved(Arena *a, Cache *c) {
  char all[64];
  const char *from = arena_printf(a, "%s/ab/%s", cache_folder(c), KEY + 2);
  const char *to = arena_printf(a, "%s/ab/%s", cache_folder(c), OTHER + 2);
  CHECK(rename(from, to) == 0, "moved");
  CHECK(read_back(c, OTHER, all) == CACHE_DAMAGED && !*all, "an entry under a key not its own");
  CHECK(read_back(c, OTHER, all) == CACHE_ABSENT, "it is removed");
}

/* A log that was cut off anywhere gives the records that are whole. */
static void test_log(Arena *a, Cache *c) {
  char all[64], *text;
  size_t n;
  const char *path = NULL, *why;
  CacheLog *log = cache_log_new(c, KEY, &head);
  for (int i = 0; i < 2; i++) cache_log_add(log, TAG[i], i ? "second" : "first", i ? 6 : 5);
  cache_log_free(log);
  CHECK(read_back(c, KEY, all) == CACHE_SOUND && strcmp(all, "first second ") == 0, "%s", all);
  folder_each(a, arena_printf(a, "%s/ab", cache_folder(c)), find_log, &path);
  CHECK(path && file_read(a, path, &text, &n, &why), "the log is there");
  for (size_t cut = n - 1; cut > n - 75; cut -= 7) {
    CHECK(file_write(a, path, text, cut, &why), "%s", why);
    CHECK(read_back(c, KEY, all) == CACHE_SOUND && strcmp(all, "first ") == 0, "cut: %s", all);
  }
  text[n - 3] ^= 1;
  CHECK(file_write(a, path, text, n, &why), "%s", why);
  CHECK(read_back(c, KEY, all) == CACHE_DAMAGED && strcmp(all, "first ") == 0, "changed: %s", all);
  CHECK(read_back(c, KEY, all) == CACHE_ABSENT, "it is removed");
}

static void test_list(Arena *a, Cache *c) {
  size_t n;
  cache_write(c, KEY, &head, "result", 6);
  cache_write(c, OTHER, &head, "other", 5);
  const CacheFile *f = cache_list(a, cache_folder(c), &n);
  CHECK(n == 2, "%zu files", n);
  CHECK(strcmp(f[0].head.what, "train") == 0 && strcmp(f[0].head.where, "ring.dyn:12") == 0,
        "head");
  CHECK(f[0].head.nfacts == 1 && strcmp(f[0].head.fact[0].hash, fact.hash) == 0 &&
            strcmp(f[0].head.fact[0].name, fact.name) == 0,
        "fact");
  CHECK(cache_prune(a, cache_folder(c), (double)f[0].bytes + 10) == 1, "one is too many");
  CHECK(cache_prune(a, cache_folder(c), 0) == 1, "one is left");
}

int main(void) {
  char folder[] = "/tmp/dyn-cache-XXXXXX";
  const char *why;
  Arena *a = arena_new();
  CHECK(mkdtemp(folder) != NULL, "a folder");
  Cache *c = cache_open(a, folder);
  test_entry(c);
  test_moved(a, c);
  test_log(a, c);
  test_list(a, c);
  CHECK(folder_remove(a, folder, &why), "%s", why);
  arena_free(a);
  return check_done("cache");
}
