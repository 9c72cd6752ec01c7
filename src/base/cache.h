/* cache.h: results that are kept from one run to the next, as files of a folder that any number of
   runs share. The name of an entry is a key, the digest of all that the result depends on; the file
   holds the same in words, then records: a tag, a checksum, bytes. An entry of one record is
   written beside its place and renamed. One of many, a log, grows by a record at a time, so that a
   process that is killed leaves all that it has finished; each process writes logs of its own. What
   is damaged is noticed by the checksums and removed. */
#ifndef DYN_BASE_CACHE_H
#define DYN_BASE_CACHE_H

#include "base/arena.h"
#include "base/sha256.h"

enum { CACHE_TAG = 32, CACHE_FACT = 17 }; /* digits of a tag; of the hash of a fact, with the NUL */

/* One of the things that an entry depends on. */
typedef struct CacheFact {
  const char *name;
  char hash[CACHE_FACT];
} CacheFact;

/* What an entry is, in words. */
typedef struct CacheHead {
  const char *what;  /* "train" */
  const char *where; /* "ring.dyn:12" */
  const CacheFact *fact;
  size_t nfacts;
} CacheHead;

typedef struct Cache Cache;
typedef enum CacheState { CACHE_ABSENT, CACHE_SOUND, CACHE_DAMAGED } CacheState;

/* Nothing is looked at or made yet. */
Cache *cache_open(Arena *a, const char *folder);
const char *cache_folder(const Cache *c);
/* Why something could not be written; NULL: all could. From then on, nothing more is. */
const char *cache_trouble(const Cache *c);
bool cache_has_written(const Cache *c);

typedef void CacheTake(void *ctx, const char *tag, const char *data, size_t n);
/* Gives all records under a key; data is valid during the call. */
CacheState cache_read(Cache *c, const char *key, CacheTake *take, void *ctx);
/* An entry of one record. */
void cache_write(Cache *c, const char *key, const CacheHead *head, const void *data, size_t n);

typedef struct CacheLog CacheLog; /* in memory of its own */
/* The file is made with its first record. head and key are copied. */
CacheLog *cache_log_new(Cache *c, const char *key, const CacheHead *head);
void cache_log_add(CacheLog *log, const char *tag, const void *data, size_t n);
void cache_log_free(CacheLog *log); /* NULL is allowed */

/* ---- all of it ---- */

typedef struct CacheFile {
  const char *path, *key;
  CacheHead head;
  int64_t bytes;
  double used; /* seconds since 1970 */
} CacheFile;

/* All files, the one that was used last first; those of another format without a head. */
CacheFile *cache_list(Arena *a, const char *folder, size_t *n);
/* Removes the files that were used least recently until so many bytes are left. Gives how many
   files went. */
size_t cache_prune(Arena *a, const char *folder, double bytes);

#endif
