/* npz.h: writing NumPy's .npz archives: a ZIP file of .npy members (numpy.lib.format, version 1),
   which np.load and `load` read. */
#ifndef DYN_BASE_NPZ_H
#define DYN_BASE_NPZ_H

#include "base/arena.h"

typedef struct NpzArray {
  const char *name; /* without .npy */
  int rank;
  const int64_t *extent;
  const double *data; /* row-major */
} NpzArray;

/* Writes beside and renames. False: *why says why not. */
bool npz_write(Arena *a, const char *path, const NpzArray *arrays, int n, const char **why);
/* What stands before the numbers in a member, *len bytes. */
const char *npy_header(Arena *a, const NpzArray *x, size_t *len);
size_t npz_bytes(const NpzArray *x); /* of its numbers */

#endif
