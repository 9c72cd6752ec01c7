/* provenance_read.c: reading it back; see provenance.h. */
#include <string.h>

#include "base/file.h"
#include "report/provenance.h"
#include "report/stamp.h"

static const char *text_or_empty(Arena *a, hid_t of, const char *name) {
  const char *text = h5_read_attr_text(a, of, name);
  return text ? text : "";
}

/* A data set that does not hold as many bytes as it should is as good as none. */
static const char *read_bytes(Arena *a, hid_t set, int64_t bytes) {
  hid_t space = H5Dget_space(set);
  hssize_t n = H5Sget_simple_extent_npoints(space);
  H5Sclose(space);
  if (n != bytes) return NULL;
  char *data = arena_alloc(a, (size_t)n + 1);
  if (n > 0 && H5Dread(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) return NULL;
  return data;
}

static void read_file(Arena *a, hid_t set, KeptFile *f) {
  f->name = text_or_empty(a, set, "name");
  f->path = text_or_empty(a, set, "path");
  f->sha256 = text_or_empty(a, set, "sha256");
  f->bytes = -1;
  h5_read_attr_int(set, "bytes", &f->bytes);
  f->data = read_bytes(a, set, f->bytes);
}

static void read_files(Arena *a, hid_t in, Provenance *p) {
  if (H5Lexists(in, "files", H5P_DEFAULT) <= 0) return;
  hid_t g = H5Gopen2(in, "files", H5P_DEFAULT);
  for (int i = 0; g >= 0; i++) {
    const char *name = arena_printf(a, "%d", i);
    hid_t set = H5Lexists(g, name, H5P_DEFAULT) > 0 ? H5Dopen2(g, name, H5P_DEFAULT) : -1;
    if (set < 0) break;
    read_file(a, set, vec_push(a, &p->files));
    H5Dclose(set);
  }
  if (g >= 0) H5Gclose(g);
}

static bool read_seed(hid_t g, uint64_t *seed) {
  if (H5Aexists(g, "seed") <= 0) return false;
  hid_t attr = H5Aopen(g, "seed", H5P_DEFAULT);
  bool ok = H5Aread(attr, H5T_NATIVE_UINT64, seed) >= 0;
  H5Aclose(attr);
  return ok;
}

static bool read_portable(hid_t g) {
  int8_t on = 0;
  if (H5Aexists(g, "portable") <= 0) return false;
  hid_t attr = H5Aopen(g, "portable", H5P_DEFAULT), type = H5Aget_type(attr);
  if (H5Tget_size(type) == 1 && H5Aread(attr, type, &on) < 0) on = 0;
  H5Tclose(type);
  H5Aclose(attr);
  return on;
}

static bool read_group(Arena *a, hid_t g, Provenance *p, const char **why) {
  p->dynrun = text_or_empty(a, g, "dynrun");
  if (!h5_read_attr_int(g, "layout", &p->layout)) {
    *why = "what it says about its model is damaged";
    return false;
  }
  if (p->layout > PROVENANCE_LAYOUT) {
    *why = arena_printf(a,
                        "it was written by dynrun %s in a layout that this version does not know"
                        " (%lld): use that version, or a later one",
                        p->dynrun, (long long)p->layout);
    return false;
  }
  size_t n;
  const char **source = h5_read_texts(a, g, "source", &n);
  p->model = text_or_empty(a, g, "model");
  p->command = text_or_empty(a, g, "command");
  p->kernels = text_or_empty(a, g, "kernels");
  p->blas = text_or_empty(a, g, "blas");
  p->processor = text_or_empty(a, g, "processor");
  p->libraries = text_or_empty(a, g, "libraries");
  p->portable = read_portable(g);
  p->set = h5_read_texts(a, g, "set", &p->nset);
  read_files(a, g, p);
  p->source = n == 1 ? source[0] : NULL;
  if (p->source && *p->model && read_seed(g, &p->seed)) return true;
  *why = "what it says about its model is damaged";
  return false;
}

static bool open_and_read(Arena *a, const char *path, Provenance *out, const char **why) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) {
    *why = "it is no HDF5 file, or is cut off";
    return false;
  }
  bool there = H5Lexists(file, ".provenance", H5P_DEFAULT) > 0, ok = false;
  hid_t g = there ? H5Gopen2(file, ".provenance", H5P_DEFAULT) : -1;
  if (g < 0)
    *why = "it does not hold its model: dynrun did not write it, or a version before 0.1 did";
  else
    ok = read_group(a, g, out, why);
  if (g >= 0) H5Gclose(g);
  H5Fclose(file);
  return ok;
}

/* A table says it in the file beside it. */
static bool find_text(Arena *a, const char *path, Provenance *out, const char **why) {
  const char *beside = stamp_beside(a, path);
  char *bytes;
  size_t n;
  if (!file_read(a, file_exists(beside) ? beside : path, &bytes, &n, why)) return false;
  return provenance_from_text(a, bytes, n, out, why);
}

bool provenance_read(Arena *a, const char *path, Provenance *out, const char **why) {
  static const char *const texts[] = {".svg", ".png", ".pdf", ".csv", ".npz", ".html", ".json"};
  const char *suffix = strrchr(path, '.');
  bool text = false;
  for (size_t i = 0; suffix && i < sizeof texts / sizeof *texts; i++)
    text = text || strcmp(suffix, texts[i]) == 0;
  *out = (Provenance){0};
  h5_begin();
  if (!file_exists(path)) {
    *why = arena_printf(a, "`%s`: there is no such file", path);
    return false;
  }
  if (text ? find_text(a, path, out, why) : open_and_read(a, path, out, why)) return true;
  *why = arena_printf(a, "`%s`: %s", path, *why);
  return false;
}
