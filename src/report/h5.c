/* h5.c: see h5.h. */
#include "report/h5.h"

#include <string.h>

enum { ALIGNED_FROM = 1024, ALIGNMENT = 64 }; /* bytes */

void h5_begin(void) {
  H5dont_atexit(); /* or HDF5 complains again about a full disk when the process ends */
  H5open();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* HDF5 keeps its reasons on a stack; the system's is inside the deepest one that has any. */
static herr_t find_reason(unsigned n, const H5E_error2_t *e, void *ctx) {
  (void)n;
  H5 *h = ctx;
  const char *mark = "error message = '";
  const char *at = e->desc ? strstr(e->desc, mark) : NULL;
  if (!at) return 0;
  at += strlen(mark);
  h->why = arena_strndup(h->arena, at, strcspn(at, "'"));
  return 1;
}

hid_t h5_checked(H5 *h, hid_t result) {
  if (result >= 0 || h->why) return result;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, find_reason, h);
  if (!h->why) h->why = "HDF5 refused to write";
  return result;
}

hid_t h5_space(H5 *h, Shape s) {
  if (s.rank == 0) return h5_checked(h, H5Screate(H5S_SCALAR));
  hsize_t n[SHAPE_MAX_AXES];
  for (int i = 0; i < s.rank; i++) n[i] = (hsize_t)s.n[i];
  return h5_checked(h, H5Screate_simple(s.rank, n, NULL));
}

hid_t h5_plan(H5 *h, hid_t kind) {
  hid_t plan = h5_checked(h, H5Pcreate(kind));
  h5_checked(h, H5Pset_obj_track_times(plan, false));
  return plan;
}

/* Groups in the format of HDF5 1.8 and later take a tenth of the space. Arrays begin where their
   numbers can be read from the file in place. */
hid_t h5_create(H5 *h, const char *path) {
  hid_t access = h5_checked(h, H5Pcreate(H5P_FILE_ACCESS));
  h5_checked(h, H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST));
  h5_checked(h, H5Pset_alignment(access, ALIGNED_FROM, ALIGNMENT));
  hid_t plan = h5_plan(h, H5P_FILE_CREATE);
  hid_t file = h5_checked(h, H5Fcreate(path, H5F_ACC_TRUNC, plan, access));
  H5Pclose(plan);
  H5Pclose(access);
  return file;
}

hid_t h5_text_type(H5 *h) {
  if (h->text_type > 0) return h->text_type;
  hid_t t = h5_checked(h, H5Tcopy(H5T_C_S1));
  h5_checked(h, H5Tset_size(t, H5T_VARIABLE));
  h5_checked(h, H5Tset_cset(t, H5T_CSET_UTF8));
  return h->text_type = t;
}

hid_t h5_bool_type(H5 *h) {
  if (h->bool_type > 0) return h->bool_type;
  hid_t t = h5_checked(h, H5Tenum_create(H5T_NATIVE_INT8));
  h5_checked(h, H5Tenum_insert(t, "FALSE", &(int8_t){0}));
  h5_checked(h, H5Tenum_insert(t, "TRUE", &(int8_t){1}));
  return h->bool_type = t;
}

void h5_end(H5 *h) {
  if (h->text_type > 0) H5Tclose(h->text_type);
  if (h->bool_type > 0) H5Tclose(h->bool_type);
  h->text_type = h->bool_type = 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

hid_t h5_group(H5 *h, hid_t in, const char *name) {
  hid_t plan = h5_plan(h, H5P_GROUP_CREATE);
  hid_t group = h5_checked(h, H5Gcreate2(in, name, H5P_DEFAULT, plan, H5P_DEFAULT));
  H5Pclose(plan);
  return group;
}

hid_t h5_set(H5 *h, hid_t in, const char *name, hid_t type, Shape s, const void *data) {
  hid_t space = h5_space(h, s), plan = h5_plan(h, H5P_DATASET_CREATE);
  hid_t set = h5_checked(h, H5Dcreate2(in, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT));
  H5Pclose(plan);
  if (set >= 0 && shape_count(s) > 0)
    h5_checked(h, H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
  H5Sclose(space);
  return set;
}

void h5_attr(H5 *h, hid_t to, const char *name, hid_t type, Shape s, const void *data) {
  hid_t space = h5_space(h, s);
  hid_t attr = h5_checked(h, H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
  if (attr >= 0) {
    h5_checked(h, H5Awrite(attr, type, data));
    h5_checked(h, H5Aclose(attr));
  }
  H5Sclose(space);
}

void h5_attr_text(H5 *h, hid_t to, const char *name, const char *text) {
  h5_attr(h, to, name, h5_text_type(h), SHAPE_SCALAR, &text);
}

/* ---- reading --------------------------------------------------------------------------------- */

const char *h5_read_attr_text(Arena *a, hid_t of, const char *name) {
  if (H5Aexists(of, name) <= 0) return NULL;
  hid_t attr = H5Aopen(of, name, H5P_DEFAULT), type = H5Aget_type(attr), space = H5Aget_space(attr);
  char *text = NULL;
  const char *copy = NULL;
  bool one = H5Sget_simple_extent_npoints(space) == 1;
  if (one && H5Tis_variable_str(type) > 0 && H5Aread(attr, type, &text) >= 0 && text) {
    copy = arena_strdup(a, text);
    H5free_memory(text);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attr);
  return copy;
}

bool h5_read_attr_int(hid_t of, const char *name, int64_t *x) {
  if (H5Aexists(of, name) <= 0) return false;
  hid_t attr = H5Aopen(of, name, H5P_DEFAULT), space = H5Aget_space(attr);
  bool ok = H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attr, H5T_NATIVE_INT64, x) >= 0;
  H5Sclose(space);
  H5Aclose(attr);
  return ok;
}

const char **h5_read_set_texts(Arena *a, hid_t set, size_t *n) {
  *n = 0;
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  hssize_t count = H5Sget_simple_extent_npoints(space);
  const char **texts = NULL;
  char **read = count > 0 ? arena_array(a, (size_t)count, sizeof *read) : NULL;
  if (read && H5Tis_variable_str(type) > 0 &&
      H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, read) >= 0) {
    texts = arena_array(a, (size_t)count, sizeof *texts);
    for (hssize_t i = 0; i < count; i++) texts[i] = arena_strdup(a, read[i] ? read[i] : "");
    *n = (size_t)count;
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, read);
  }
  H5Sclose(space);
  H5Tclose(type);
  return texts;
}

const char **h5_read_texts(Arena *a, hid_t in, const char *name, size_t *n) {
  *n = 0;
  hid_t set = H5Dopen2(in, name, H5P_DEFAULT);
  if (set < 0) return NULL;
  const char **texts = h5_read_set_texts(a, set, n);
  H5Dclose(set);
  return texts;
}
