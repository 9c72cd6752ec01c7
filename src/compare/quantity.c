/* quantity.c: see quantity.h. Digests are of the bytes in memory, as results.c takes them; a large
   data set is read in pieces. */
#include "compare/quantity.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/npz.h"
#include "base/text.h"
#include "base/zip.h"
#include "lang/load_names.h"

enum { PIECE_BYTES = 8 << 20, GROUPS_DEEP = 50 };

/* ---- digests --------------------------------------------------------------------------------- */

/* Rows of the first axis, so many that they fill a piece. */
static bool digest_rows(hid_t set, hid_t type, hid_t space, int rank, const hsize_t *extent,
                        Sha256 *s) {
  size_t row = H5Tget_size(type);
  hsize_t from[H5S_MAX_RANK] = {0}, count[H5S_MAX_RANK];
  for (int i = 1; i < rank; i++) row *= extent[i];
  memcpy(count, extent, (size_t)rank * sizeof *count);
  hsize_t most = row < PIECE_BYTES ? PIECE_BYTES / (row ? row : 1) : 1;
  bool ok = true;
  void *piece = mem_alloc((size_t)(most < extent[0] ? most : extent[0]) * row + 1);
  for (; ok && row && from[0] < extent[0]; from[0] += count[0]) {
    count[0] = extent[0] - from[0] < most ? extent[0] - from[0] : most;
    hid_t memory = H5Screate_simple(rank, count, NULL);
    ok = H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, count, NULL) >= 0 &&
         H5Dread(set, type, memory, space, H5P_DEFAULT, piece) >= 0;
    H5Sclose(memory);
    if (ok) sha256_add(s, piece, (size_t)count[0] * row);
  }
  mem_free(piece);
  return ok;
}

static bool digest_one(hid_t set, hid_t type, Sha256 *s) {
  char bytes[16];
  if (H5Tget_size(type) > sizeof bytes) return false;
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0) return false;
  sha256_add(s, bytes, H5Tget_size(type));
  return true;
}

/* Of the strings of a list also the bytes that end them. */
static bool digest_text(Arena *a, hid_t set, int rank, Sha256 *s) {
  size_t n;
  const char **text = h5_read_set_texts(a, set, &n);
  for (size_t i = 0; i < n; i++) sha256_add(s, text[i], strlen(text[i]) + (rank > 0));
  return n > 0;
}

/* ---- listing --------------------------------------------------------------------------------- */

static const char *extents_text(Arena *a, int rank, const hsize_t *extent) {
  Text t = {.arena = a};
  text_add(&t, "[");
  for (int i = 0; i < rank; i++)
    text_printf(&t, "%s%llu", i ? ", " : "", (unsigned long long)extent[i]);
  text_add(&t, "]");
  return text_str(&t);
}

static QuantityKind kind_of(hid_t type) {
  H5T_class_t c = H5Tget_class(type);
  return c == H5T_STRING ? QUANTITY_TEXT : c == H5T_ENUM ? QUANTITY_LOGICAL : QUANTITY_REAL;
}

static bool add_set(Quantities *all, hid_t set, const char *name) {
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  hsize_t extent[H5S_MAX_RANK] = {0};
  int rank = H5Sget_simple_extent_dims(space, extent, NULL);
  const char *unit = h5_read_attr_text(all->arena, set, "unit");
  Sha256 s;
  sha256_begin(&s);
  Quantity q = {.name = name, .unit = unit ? unit : "", .kind = kind_of(type)};
  q.shape = extents_text(all->arena, rank > 0 ? rank : 0, extent);
  q.count = (int64_t)H5Sget_simple_extent_npoints(space);
  bool ok = q.kind == QUANTITY_TEXT ? digest_text(all->arena, set, rank, &s)
            : rank > 0              ? digest_rows(set, type, space, rank, extent, &s)
                                    : digest_one(set, type, &s);
  sha256_end(&s, q.sha256);
  H5Sclose(space);
  H5Tclose(type);
  if (ok) *vec_push(all->arena, &all->of) = q;
  return ok;
}

static bool add_group(Quantities *all, hid_t g, const char *prefix, int depth) {
  LoadNames names = {0};
  bool ok = depth < GROUPS_DEEP && load_names(all->arena, g, &names);
  for (size_t i = 0; ok && i < names.n; i++) {
    const char *name = arena_printf(all->arena, "%s%s", prefix, names.at[i]);
    hid_t object = H5Oopen(g, names.at[i], H5P_DEFAULT);
    H5I_type_t kind = object < 0 ? H5I_BADID : H5Iget_type(object);
    if (kind == H5I_DATASET) ok = add_set(all, object, name);
    if (kind == H5I_GROUP)
      ok = add_group(all, object, arena_printf(all->arena, "%s/", name), depth + 1);
    if (kind == H5I_BADID) ok = false;
    if (object >= 0) H5Oclose(object);
  }
  return ok;
}

bool quantities_list(hid_t file, Quantities *out) {
  return add_group(out, file, "", 0);
}

const Quantity *quantities_find(const Quantities *all, const char *name) {
  for (size_t i = 0; i < all->of.n; i++)
    if (strcmp(all->of.at[i].name, name) == 0) return &all->of.at[i];
  return NULL;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Logical values are enumerations of one byte, which HDF5 does not convert. */
static bool read_logical(hid_t set, hid_t type, double *x, int64_t n) {
  int8_t *bits = mem_alloc((size_t)n + 1);
  bool ok = H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bits) >= 0;
  for (int64_t i = 0; ok && i < n; i++) x[i] = bits[i];
  mem_free(bits);
  return ok;
}

double *quantity_numbers(Arena *a, hid_t file, const char *name, int64_t *n) {
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  if (set < 0) return NULL;
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  *n = (int64_t)H5Sget_simple_extent_npoints(space);
  double *x = mem_alloc((size_t)*n * sizeof *x + 1);
  bool ok = kind_of(type) == QUANTITY_LOGICAL
                ? read_logical(set, type, x, *n)
                : *n == 0 || H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0;
  arena_defer(a, mem_free, x);
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(set);
  return ok ? x : NULL;
}

const char **quantity_texts(Arena *a, hid_t file, const char *name, size_t *n) {
  return h5_read_texts(a, file, name, n);
}

typedef VEC(double) Numbers;

/* The fields of a table that are numbers; its head is none. */
static void csv_numbers(Arena *a, char *text, Numbers *out) {
  for (char *rest = NULL, *field = strtok_r(text, ",\n", &rest); field;
       field = strtok_r(NULL, ",\n", &rest)) {
    char *end;
    double x = strtod(field, &end);
    if (end != field && !*end) *vec_push(a, out) = x;
  }
}

/* What npz.c writes: doubles after a head that ends with a line break. */
static bool npz_numbers(Arena *a, const char *bytes, size_t n, Numbers *out) {
  Zip z;
  ZipEntry e;
  bool ok = zip_open(&z, bytes, n);
  for (uint64_t k = 0; ok && k < z.count; k++) {
    const char *at = zip_next(a, &z, &e) ? zip_unpack(a, &z, &e, true) : NULL;
    if (at && npz_is_note(e.name)) continue;
    const char *head = at ? memchr(at + 10, '\n', e.size > 10 ? e.size - 10 : 0) : NULL;
    ok = head != NULL;
    for (const char *p = ok ? head + 1 : NULL; ok && p + sizeof(double) <= at + e.size;
         p += sizeof(double))
      memcpy(vec_push(a, out), p, sizeof(double));
  }
  return ok;
}

static const char *next_array(Arena *a, Zip *z, ZipEntry *e) {
  do
    if (!zip_next(a, z, e)) return NULL;
  while (npz_is_note(e->name));
  return zip_unpack(a, z, e, true);
}

bool npz_same(Arena *a, char *const bytes[2], const size_t size[2]) {
  Zip z[2];
  ZipEntry e[2];
  const char *at[2];
  for (int k = 0; k < 2; k++)
    if (!zip_open(&z[k], bytes[k], size[k])) return false;
  do {
    for (int k = 0; k < 2; k++) at[k] = next_array(a, &z[k], &e[k]);
    if (!at[0] || !at[1]) return !at[0] && !at[1];
  } while (strcmp(e[0].name, e[1].name) == 0 && e[0].size == e[1].size &&
           memcmp(at[0], at[1], e[0].size) == 0);
  return false;
}

double *file_numbers(Arena *a, const char *path, int64_t *n) {
  char *bytes;
  size_t size;
  const char *ignored, *dot = strrchr(path, '.');
  Numbers all = {0};
  if (!dot || !file_read(a, path, &bytes, &size, &ignored)) return NULL;
  if (strcmp(dot, ".csv") == 0)
    csv_numbers(a, bytes, &all);
  else if (!npz_numbers(a, bytes, size, &all))
    return NULL;
  *n = (int64_t)all.n;
  return all.n ? all.at : ARENA_NEW(a, double);
}
