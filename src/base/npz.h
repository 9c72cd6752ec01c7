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

/* Writes beside and renames. `note`, unless NULL, is a member of its own, text in bytes, which is
   no array of the model. False: *why says why not. */
bool npz_write(Arena *a, const char *path, const NpzArray *arrays, int n, const char *note,
               const char **why);
bool npz_is_note(const char *member); /* the name that it has in the archive */
/* What stands before the numbers in a member, *len bytes. */
const char *npy_header(Arena *a, const NpzArray *x, size_t *len);
size_t npz_bytes(const NpzArray *x); /* of its numbers */

#endif
