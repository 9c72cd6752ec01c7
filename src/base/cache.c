/* cache.c: see cache.h. A file begins with lines of text,

     dyn-cache 1
     what train
     where ring.dyn:12
     fact 0123456789abcdef net

   and an empty line. A record is its tag, a checksum (of the key, the tag and the bytes), the
   number of bytes, and these. Files lie in folders named by the first two digits of their key. */
#include "base/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"

static const char FORMAT[] = "dyn-cache 1\n";

typedef struct Record {
  char tag[CACHE_TAG], check[CACHE_TAG];
  int64_t size;
} Record;

struct Cache {
  Arena *arena;
  const char *folder, *trouble;
  bool written;
};

struct CacheLog {
  Cache *cache;
  Arena *arena;
  const char *key;
  Bytes head;
  int fd; /* -1: there is no file yet */
};

Cache *cache_open(Arena *a, const char *folder) {
  Cache *c = ARENA_NEW(a, Cache);
  *c = (Cache){.arena = a, .folder = arena_strdup(a, folder)};
  return c;
}

const char *cache_folder(const Cache *c) {
  return c->folder;
}

const char *cache_trouble(const Cache *c) {
  return c->trouble;
}

bool cache_has_written(const Cache *c) {
  return c->written;
}

static const char *path_of(Arena *a, const Cache *c, const char *key, const char *ending) {
  return arena_printf(a, "%s/%.2s/%s%s", c->folder, key, key + 2, ending);
}

/* ---- records --------------------------------------------------------------------------------- */

static Record make_record(const char *key, const char *tag, const void *data, size_t n) {
  Record r = {.size = (int64_t)n};
  Sha256 s;
  char hex[SHA256_HEX];
  memcpy(r.tag, tag, CACHE_TAG);
  sha256_begin(&s);
  sha256_add(&s, key, strlen(key));
  sha256_add(&s, tag, CACHE_TAG);
  sha256_add(&s, data, n);
  sha256_end(&s, hex);
  memcpy(r.check, hex, CACHE_TAG);
  return r;
}

static void put_line(Bytes *b, const char *word, const char *text) {
  bytes_put(b, word, strlen(word));
  for (const char *p = text; *p; p++) bytes_put(b, *p == '\n' ? " " : p, 1);
  bytes_put(b, "\n", 1);
}

static void put_head(Bytes *b, const CacheHead *h) {
  bytes_put(b, FORMAT, strlen(FORMAT));
  put_line(b, "what ", h->what);
  put_line(b, "where ", h->where);
  for (size_t i = 0; i < h->nfacts; i++) {
    bytes_put(b, "fact ", 5);
    bytes_put(b, h->fact[i].hash, CACHE_FACT - 1);
    put_line(b, " ", h->fact[i].name);
  }
  bytes_put(b, "\n", 1);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Where the records begin; NULL: the file is of another format. */
static const char *after_head(const char *text, size_t n) {
  if (n < strlen(FORMAT) || memcmp(text, FORMAT, strlen(FORMAT)) != 0) return NULL;
  const char *end = memmem(text, n, "\n\n", 2);
  return end ? end + 2 : NULL;
}

/* A file that ends within a record belongs to a process that was killed. */
static CacheState read_records(const char *key, BytesReader *r, CacheTake *take, void *ctx) {
  Record x;
  while ((size_t)(r->end - r->at) >= sizeof x) {
    bytes_take(r, &x, sizeof x);
    if (x.size < 0) return CACHE_DAMAGED;
    if (x.size > r->end - r->at) break;
    Record sound = make_record(key, x.tag, r->at, (size_t)x.size);
    if (memcmp(&sound, &x, sizeof x) != 0) return CACHE_DAMAGED;
    take(ctx, x.tag, r->at, (size_t)x.size);
    r->at += x.size;
  }
  return CACHE_SOUND;
}

static CacheState read_file(const char *key, const char *path, CacheTake *take, void *ctx) {
  Arena *a = arena_new();
  char *text;
  size_t n;
  CacheState state = CACHE_ABSENT;
  if (file_read(a, path, &text, &n, NULL)) {
    BytesReader r = {after_head(text, n), text + n};
    state = r.at ? read_records(key, &r, take, ctx) : CACHE_DAMAGED;
    if (state == CACHE_DAMAGED)
      unlink(path);
    else
      utimensat(AT_FDCWD, path, NULL, 0); /* it was used now */
  }
  arena_free(a);
  return state;
}

typedef struct Reading {
  const char *key;
  CacheTake *take;
  void *ctx;
  CacheState state;
} Reading;

static void read_log(void *ctx, const char *path, const char *name) {
  Reading *r = ctx;
  if (strncmp(name, r->key + 2, strlen(r->key + 2)) != 0 || !strstr(name, ".log")) return;
  CacheState state = read_file(r->key, path, r->take, r->ctx);
  if (state > r->state) r->state = state;
}

CacheState cache_read(Cache *c, const char *key, CacheTake *take, void *ctx) {
  Arena *a = arena_new();
  Reading r = {key, take, ctx, read_file(key, path_of(a, c, key, ""), take, ctx)};
  if (r.state == CACHE_ABSENT)
    folder_each(a, path_join(a, c->folder, arena_strndup(a, key, 2)), read_log, &r);
  arena_free(a);
  return r.state;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void failed(Cache *c, const char *why) {
  c->trouble = arena_strdup(c->arena, why);
}

void cache_write(Cache *c, const char *key, const CacheHead *head, const void *data, size_t n) {
  static const char none[CACHE_TAG];
  if (c->trouble) return;
  Arena *a = arena_new();
  const char *path = path_of(a, c, key, ""), *why;
  Record r = make_record(key, none, data, n);
  Bytes b = {0};
  put_head(&b, head);
  bytes_put(&b, &r, sizeof r);
  bytes_put(&b, data, n);
  if (folder_make(a, path_dir(a, path), &why) && file_write(a, path, b.at, b.n, &why))
    c->written = true;
  else
    failed(c, why);
  bytes_free(&b);
  arena_free(a);
}

CacheLog *cache_log_new(Cache *c, const char *key, const CacheHead *head) {
  CacheLog *log = mem_alloc(sizeof *log);
  *log = (CacheLog){.cache = c, .arena = arena_new(), .fd = -1};
  log->key = arena_strdup(log->arena, key);
  put_head(&log->head, head);
  return log;
}

/* False with errno: what was written is taken back, for another record may still follow. */
static bool append(int fd, struct iovec *part, int n) {
  size_t size = 0;
  for (int i = 0; i < n; i++) size += part[i].iov_len;
  off_t end = lseek(fd, 0, SEEK_CUR);
  errno = ENOSPC; /* a disk that takes a part of it is full */
  if (writev(fd, part, n) == (ssize_t)size) return true;
  int code = errno;
  if (ftruncate(fd, end) == 0) lseek(fd, end, SEEK_SET);
  errno = code;
  return false;
}

static bool open_log(CacheLog *log, const char **why) {
  const char *path;
  int tries = 0;
  path = path_of(log->arena, log->cache, log->key, "");
  if (!folder_make(log->arena, path_dir(log->arena, path), why)) return false;
  do {
    path = path_of(log->arena, log->cache, log->key,
                   arena_printf(log->arena, ".%ld-%d.log", (long)getpid(), tries++));
    log->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (log->fd < 0 && errno == EEXIST);
  struct iovec head = {log->head.at, log->head.n};
  if (log->fd >= 0 && append(log->fd, &head, 1)) return log->cache->written = true;
  *why = arena_printf(log->arena, "cannot write `%s`: %s", path, strerror(errno));
  return false;
}

void cache_log_add(CacheLog *log, const char *tag, const void *data, size_t n) {
  const char *why;
  if (log->cache->trouble) return;
  if (log->fd < 0 && !open_log(log, &why)) {
    failed(log->cache, why);
    return;
  }
  Record r = make_record(log->key, tag, data, n);
  struct iovec part[] = {{&r, sizeof r}, {(void *)(uintptr_t)data, n}};
  if (append(log->fd, part, 2)) return;
  failed(log->cache, arena_printf(log->arena, "cannot write into `%s`: %s", log->cache->folder,
                                  strerror(errno)));
}

void cache_log_free(CacheLog *log) {
  if (!log) return;
  if (log->fd >= 0) close(log->fd);
  bytes_free(&log->head);
  arena_free(log->arena);
  mem_free(log);
}
