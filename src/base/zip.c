/* zip.c: reading ZIP archives, see zip.h. Members are found through the central directory at the
   end, and are stored or deflated. */
#include "base/zip.h"

#include <string.h>
#include <zlib.h>

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

bool zip_open(Zip *z, const void *bytes, size_t n) {
  *z = (Zip){.bytes = bytes, .n = n};
  if (z->n < DIRECTORY_END_SIZE) return false;
  size_t end = z->n - DIRECTORY_END_SIZE, least = end > COMMENT_MAX ? end - COMMENT_MAX : 0;
  while (number(z, end, 4) != DIRECTORY_END)
    if (end-- == least) return false;
  z->count = number(z, end + 10, 2);
  z->next = number(z, end + 16, 4);
  if (z->next == UINT32_MAX ||
      z->count == UINT16_MAX) { /* the larger form stands 20 bytes before */
    size_t wide = end >= 20 ? number(z, end - 20 + 8, 8) : z->n;
    if (number(z, wide, 4) != DIRECTORY_END_64) return false;
    z->count = number(z, wide + 32, 8);
    z->next = number(z, wide + 48, 8);
  }
  return z->next < z->n && z->count <= z->n / ENTRY_SIZE;
}

/* Sizes that do not fit into 32 bits stand in the extra field 1, in this order. */
static void read_wide_sizes(const Zip *z, size_t extra, size_t len, ZipEntry *e) {
  uint64_t *fields[] = {&e->size, &e->packed, &e->offset};
  for (size_t at = extra; at + 4 <= extra + len; at += 4 + number(z, at + 2, 2)) {
    if (number(z, at, 2) != 1) continue;
    size_t from = at + 4;
    for (int k = 0; k < 3; k++)
      if (*fields[k] == UINT32_MAX) *fields[k] = number(z, from, 8), from += 8;
  }
}

bool zip_next(Arena *a, Zip *z, ZipEntry *e) {
  size_t at = z->next;
  if (at + ENTRY_SIZE > z->n || number(z, at, 4) != ENTRY) return false;
  size_t name = number(z, at + 28, 2), extra = number(z, at + 30, 2), note = number(z, at + 32, 2);
  if (at + ENTRY_SIZE + name + extra > z->n) return false;
  e->method = (int)number(z, at + 10, 2);
  e->crc = (uint32_t)number(z, at + 16, 4);
  e->packed = number(z, at + 20, 4);
  e->size = number(z, at + 24, 4);
  e->offset = number(z, at + 42, 4);
  e->name = arena_strndup(a, (const char *)z->bytes + at + ENTRY_SIZE, name);
  z->next = at + ENTRY_SIZE + name + extra + note;
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

/* zlib counts in 32 bits here too. */
static bool crc_agrees(const unsigned char *bytes, uint64_t n, uint32_t want) {
  const uint64_t most = 1u << 30;
  uLong crc = crc32(0, NULL, 0);
  for (uint64_t at = 0; at < n; at += most)
    crc = crc32(crc, bytes + at, (uInt)(n - at < most ? n - at : most));
  return crc == want;
}

const char *zip_unpack(Arena *a, const Zip *z, const ZipEntry *e, bool check) {
  if (e->offset > z->n || number(z, e->offset, 4) != LOCAL_HEADER) return NULL;
  size_t at = e->offset + LOCAL_SIZE + number(z, e->offset + 26, 2) + number(z, e->offset + 28, 2);
  if (at > z->n || e->packed > z->n - at) return NULL;
  const unsigned char *bytes = z->bytes + at;
  if (e->method == DEFLATED && mem_fits((double)e->size, 1)) {
    char *out = arena_alloc(a, e->size + 1);
    if (!inflate_all(bytes, e->packed, out, e->size)) return NULL;
    bytes = (const unsigned char *)out;
  } else if (e->method != STORED || e->size != e->packed) {
    return NULL;
  }
  return !check || crc_agrees(bytes, e->size, e->crc) ? (const char *)bytes : NULL;
}
