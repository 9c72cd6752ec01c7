/* load_npz.c: NumPy's .npz archives: ZIP files of .npy members. */
#include <string.h>

#include "base/npz.h"
#include "base/zip.h"
#include "lang/load.h"

/* Members are called "name.npy". */
static Value *read_member(const Loader *l, Arena *scratch, const Zip *z, ZipEntry *e) {
  const char *bytes = zip_unpack(scratch, z, e, !l->ev->rehearse);
  if (!bytes)
    return load_damaged(l, arena_printf(l->ev->arena, "`%s` cannot be unpacked", e->name));
  size_t len = strlen(e->name);
  if (len > 4 && strcmp(e->name + len - 4, ".npy") == 0) e->name[len - 4] = '\0';
  return load_npy_bytes(l, bytes, e->size, e->name);
}

static Value *read_archive(const Loader *l, Arena *scratch, const LoadBytes *b) {
  Zip z;
  if (!zip_open(&z, b->at, b->n)) return load_damaged(l, "it has no directory of its members");
  Value *r = value_record(l->ev, "load", (int)z.count);
  r->nfields = 0;
  for (uint64_t k = 0; k < z.count; k++) {
    ZipEntry e;
    if (!zip_next(l->ev->arena, &z, &e)) return load_damaged(l, "its directory is cut off");
    if (npz_is_note(e.name)) continue;
    Value *v = read_member(l, scratch, &z, &e);
    if (value_is_error(v)) return v;
    value_set(r, r->nfields++, e.name, v);
  }
  return r;
}

Value *load_npz(const Loader *l) {
  LoadBytes b;
  if (!load_open(l, &b)) return &VALUE_ERROR;
  Arena *scratch = arena_new();
  Value *v = read_archive(l, scratch, &b);
  arena_free(scratch);
  load_close(&b);
  return v;
}
