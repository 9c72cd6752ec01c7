/* load_npz.c: NumPy's .npz archives: ZIP files (PKWARE's APPNOTE 6.3) of .npy members, stored or
   deflated. Members are found through the central directory at the end. */
#include <string.h>
#include <zlib.h>

#include "lang/load.h"

typedef struct Zip {
  const unsigned char *bytes;
  size_t n;
} Zip;

/* Little-endian numbers; 0 beyond the end. */
static uint64_t number(const Zip *z, size_t at, int width) {
  uint64_t x = 0;
  for (int k = 0; k < width && at + (size_t)k < z->n; k++) x |= (uint64_t)z->bytes[at + k] << 8 * k;
  return x;
}

enum {
  LOCAL_HEADER = 0x04034b50,
  ENTRY = 0x02014b50,
  DIRECTORY_END = 0x06054b50,
  DIRECTORY_END_64 = 0x06064b50,
  DIRECTORY_END_SIZE = 22,
  ENTRY_SIZE = 46,
  LOCAL_SIZE = 30,
  COMMENT_MAX = 65535,
  STORED = 0,
  DEFLATED = 8,
};

typedef struct Entry {
  char *name;
  int method;
  uint64_t packed, size, offset;
  size_t next; /* where the next entry stands */
} Entry;

/* The directory and its number of entries; false if there is none. */
static bool find_directory(const Zip *z, size_t *at, uint64_t *count) {
  if (z->n < DIRECTORY_END_SIZE) return false;
  size_t end = z->n - DIRECTORY_END_SIZE, least = end > COMMENT_MAX ? end - COMMENT_MAX : 0;
  while (number(z, end, 4) != DIRECTORY_END)
    if (end-- == least) return false;
  *count = number(z, end + 10, 2);
  *at = number(z, end + 16, 4);
  if (*at == UINT32_MAX || *count == UINT16_MAX) { /* the larger form stands 20 bytes before */
    size_t wide = end >= 20 ? number(z, end - 20 + 8, 8) : z->n;
    if (number(z, wide, 4) != DIRECTORY_END_64) return false;
    *count = number(z, wide + 32, 8);
    *at = number(z, wide + 48, 8);
  }
  return *at < z->n;
}

/* Sizes that do not fit into 32 bits stand in the extra field 1, in this order. */
static void read_wide_sizes(const Zip *z, size_t extra, size_t len, Entry *e) {
  uint64_t *fields[] = {&e->size, &e->packed, &e->offset};
  for (size_t at = extra; at + 4 <= extra + len; at += 4 + number(z, at + 2, 2)) {
    if (number(z, at, 2) != 1) continue;
    size_t from = at + 4;
    for (int k = 0; k < 3; k++)
      if (*fields[k] == UINT32_MAX) *fields[k] = number(z, from, 8), from += 8;
  }
}

static bool read_entry(Arena *a, const Zip *z, size_t at, Entry *e) {
  if (at + ENTRY_SIZE > z->n || number(z, at, 4) != ENTRY) return false;
  size_t name = number(z, at + 28, 2), extra = number(z, at + 30, 2), note = number(z, at + 32, 2);
  if (at + ENTRY_SIZE + name + extra > z->n) return false;
  e->method = (int)number(z, at + 10, 2);
  e->packed = number(z, at + 20, 4);
  e->size = number(z, at + 24, 4);
  e->offset = number(z, at + 42, 4);
  e->name = arena_strndup(a, (const char *)z->bytes + at + ENTRY_SIZE, name);
  e->next = at + ENTRY_SIZE + name + extra + note;
  read_wide_sizes(z, at + ENTRY_SIZE + name, extra, e);
  return true;
}

/* Raw deflate data of a known size. */
static bool inflate_all(const unsigned char *from, uint64_t packed, char *to, uint64_t size) {
  z_stream s = {.next_in = (Bytef *)from};
  if (inflateInit2(&s, -MAX_WBITS) != Z_OK) return false;
  int code = Z_OK;
  s.next_out = (Bytef *)to;
  while (code == Z_OK) { /* zlib counts in 32 bits */
    const uint64_t most = 1u << 30;
    uint64_t left_in = packed - s.total_in, left_out = size - s.total_out;
    s.avail_in = (uInt)(left_in < most ? left_in : most);
    s.avail_out = (uInt)(left_out < most ? left_out : most);
    code = inflate(&s, Z_NO_FLUSH);
  }
  bool whole = code == Z_STREAM_END && s.total_out == size;
  inflateEnd(&s);
  return whole;
}

/* The member's bytes, or NULL when the archive is damaged. */
static const char *unpack(Arena *a, const Zip *z, const Entry *e) {
  if (e->offset > z->n || number(z, e->offset, 4) != LOCAL_HEADER) return NULL;
  size_t at = e->offset + LOCAL_SIZE + number(z, e->offset + 26, 2) + number(z, e->offset + 28, 2);
  if (at > z->n || e->packed > z->n - at) return NULL;
  if (e->method == STORED) return e->size == e->packed ? (const char *)z->bytes + at : NULL;
  if (e->method != DEFLATED || !mem_fits((double)e->size, 1)) return NULL;
  char *out = arena_alloc(a, e->size + 1);
  return inflate_all(z->bytes + at, e->packed, out, e->size) ? out : NULL;
}

/* Members are called "name.npy". */
static Value *read_member(const Loader *l, Arena *scratch, const Zip *z, Entry *e) {
  const char *bytes = unpack(scratch, z, e);
  if (!bytes)
    return load_damaged(l, arena_printf(l->ev->arena, "`%s` cannot be unpacked", e->name));
  size_t len = strlen(e->name);
  if (len > 4 && strcmp(e->name + len - 4, ".npy") == 0) e->name[len - 4] = '\0';
  return load_npy_bytes(l, bytes, e->size, e->name);
}

static Value *read_archive(const Loader *l, Arena *scratch, const Zip *z) {
  size_t at;
  uint64_t count;
  if (!find_directory(z, &at, &count) || count > z->n / ENTRY_SIZE)
    return load_damaged(l, "it has no directory of its members");
  Value *r = value_record(l->ev, "load", (int)count);
  for (uint64_t k = 0; k < count; k++) {
    Entry e;
    if (!read_entry(l->ev->arena, z, at, &e)) return load_damaged(l, "its directory is cut off");
    Value *v = read_member(l, scratch, z, &e);
    if (value_is_error(v)) return v;
    value_set(r, (int)k, e.name, v);
    at = e.next;
  }
  return r;
}

Value *load_npz(const Loader *l) {
  LoadBytes b;
  if (!load_open(l, &b)) return &VALUE_ERROR;
  Arena *scratch = arena_new();
  Value *v = read_archive(l, scratch, &(Zip){(const unsigned char *)b.at, b.n});
  arena_free(scratch);
  load_close(&b);
  return v;
}
