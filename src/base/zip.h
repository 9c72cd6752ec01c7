/* zip.h: reading ZIP archives (PKWARE's APPNOTE 6.3), of which NumPy's .npz are a kind:

     Zip z;
     ZipEntry e;
     bool ok = zip_open(&z, bytes, n);
     for (uint64_t k = 0; ok && k < z.count; k++)
       if ((ok = zip_next(a, &z, &e))) use(zip_unpack(a, &z, &e, true));                        */
#ifndef DYN_BASE_ZIP_H
#define DYN_BASE_ZIP_H

#include "base/arena.h"

typedef struct Zip {
  const unsigned char *bytes;
  size_t n;
  uint64_t count; /* of members */
  size_t next;    /* where the next entry of the directory stands */
} Zip;

typedef struct ZipEntry {
  char *name;
  int method;
  uint32_t crc;
  uint64_t packed, size, offset;
} ZipEntry;

bool zip_open(Zip *z, const void *bytes, size_t n); /* false: it has no directory */
bool zip_next(Arena *a, Zip *z, ZipEntry *e);       /* false: the directory is cut off */
/* The member's bytes, e->size of them; NULL: damaged. With `check` its checksum must agree. */
const char *zip_unpack(Arena *a, const Zip *z, const ZipEntry *e, bool check);

#endif
