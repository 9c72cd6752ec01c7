/* npz.c: see npz.h. Members are stored, not deflated: weights do not shrink. Numbers are written as
   this machine has them, which is little-endian. */
#include "base/npz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/file.h"

size_t npz_bytes(const NpzArray *x) {
  size_t n = sizeof *x->data;
  for (int i = 0; i < x->rank; i++) n *= (size_t)x->extent[i];
  return n;
}

static const char *header_of(Arena *a, const char *type, const char *shape, size_t *len) {
  enum { PREFIX = 10, ALIGN = 64 };
  const char *text =
      arena_printf(a, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
  size_t used = PREFIX + strlen(text) + 1, pad = (ALIGN - used % ALIGN) % ALIGN;
  *len = used + pad;
  unsigned rest = (unsigned)(*len - PREFIX);
  char *header = arena_alloc(a, *len + 1);
  memset(header, ' ', *len);
  memcpy(header, "\x93NUMPY\x01", 8);
  header[8] = (char)(rest & 255);
  header[9] = (char)(rest >> 8);
  memcpy(header + PREFIX, text, strlen(text));
  header[*len - 1] = '\n';
  return header;
}

const char *npy_header(Arena *a, const NpzArray *x, size_t *len) {
  const char *shape = "";
  for (int i = 0; i < x->rank; i++)
    shape =
        arena_printf(a, "%s%lld,%s", shape, (long long)x->extent[i], i + 1 < x->rank ? " " : "");
  return header_of(a, "<f8", shape, len);
}

/* A member as the archive names it. */
typedef struct Member {
  const char *name, *header;
  const void *data;
  size_t header_len, bytes, offset;
  uint32_t crc;
} Member;

static void put(FILE *out, uint64_t x, int width) {
  for (int k = 0; k < width; k++) putc((int)(x >> 8 * k & 255), out);
}

/* What the local header and the entry of the directory share. */
static void put_common(FILE *out, const Member *m) {
  enum { VERSION = 20, STORED = 0, DATE = 0x21 /* 1 January 1980 */ };
  size_t size = m->header_len + m->bytes;
  put(out, VERSION, 2);
  put(out, 0, 2);
  put(out, STORED, 2);
  put(out, 0, 2);
  put(out, DATE, 2);
  put(out, m->crc, 4);
  put(out, size, 4);
  put(out, size, 4);
  put(out, strlen(m->name), 2);
  put(out, 0, 2);
}

static void put_member(FILE *out, Member *m) {
  m->offset = (size_t)ftell(out);
  put(out, 0x04034b50, 4);
  put_common(out, m);
  fputs(m->name, out);
  fwrite(m->header, 1, m->header_len, out);
  fwrite(m->data, 1, m->bytes, out);
}

static void put_directory(FILE *out, const Member *m, int n) {
  size_t from = (size_t)ftell(out);
  for (int i = 0; i < n; i++) {
    put(out, 0x02014b50, 4);
    put(out, 20, 2);
    put_common(out, &m[i]);
    put(out, 0, 6); /* no note, disk 0, no attributes */
    put(out, 0, 4);
    put(out, m[i].offset, 4);
    fputs(m[i].name, out);
  }
  size_t end = (size_t)ftell(out);
  put(out, 0x06054b50, 4);
  put(out, 0, 4);
  put(out, (uint64_t)n, 2);
  put(out, (uint64_t)n, 2);
  put(out, end - from, 4);
  put(out, from, 4);
  put(out, 0, 2);
}

static void add_checksum(Member *m) {
  uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)m->header, (uInt)m->header_len);
  m->crc = (uint32_t)crc32(crc, m->data, (uInt)m->bytes);
}

static Member describe(Arena *a, const NpzArray *x) {
  Member m = {.name = arena_printf(a, "%s.npy", x->name), .data = x->data, .bytes = npz_bytes(x)};
  m.header = npy_header(a, x, &m.header_len);
  add_checksum(&m);
  return m;
}

static const char NOTE[] = "_provenance.npy";

bool npz_is_note(const char *member) {
  return strcmp(member, NOTE) == 0;
}

static Member describe_note(Arena *a, const char *note) {
  Member m = {.name = NOTE, .data = note, .bytes = strlen(note)};
  m.header = header_of(a, arena_printf(a, "|S%zu", m.bytes), "", &m.header_len);
  add_checksum(&m);
  return m;
}

/* Sizes and places are of 32 bits, numbers of members of 16. */
static bool fits(const Member *m, int n) {
  const size_t overhead = 1024; /* headers of a member and its entry, names of any sane length */
  double total = 0;
  for (int i = 0; i < n; i++) total += (double)(m[i].bytes + overhead);
  return total < UINT32_MAX && n < UINT16_MAX;
}

bool npz_write(Arena *a, const char *path, const NpzArray *arrays, int n, const char *note,
               const char **why) {
  Member *m = ARENA_ARRAY(a, Member, n + 1);
  for (int i = 0; i < n; i++) m[i] = describe(a, &arrays[i]);
  if (note) m[n++] = describe_note(a, note);
  if (!fits(m, n)) {
    *why = "an .npz archive holds less than 4 GB";
    return false;
  }
  char *bytes = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&bytes, &len);
  for (int i = 0; i < n; i++) put_member(out, &m[i]);
  put_directory(out, m, n);
  fclose(out);
  bool ok = file_write(a, path, bytes, len, why);
  free(bytes);
  return ok;
}
