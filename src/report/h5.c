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

/* Groups in the format of HDF5 1.8 and later take a tenth of the space. Arrays begin where their
   numbers can be read from the file in place. */
hid_t h5_create(H5 *h, const char *path) {
  hid_t access = h5_checked(h, H5Pcreate(H5P_FILE_ACCESS));
  h5_checked(h, H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_LATEST));
  h5_checked(h, H5Pset_alignment(access, ALIGNED_FROM, ALIGNMENT));
  hid_t file = h5_checked(h, H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access));
  H5Pclose(access);
  return file;
}
