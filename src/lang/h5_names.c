/* h5_names.c: see h5_names.h. */
#include "lang/h5_names.h"

typedef struct Taking {
  Arena *arena;
  H5Names *out;
} Taking;

static herr_t take_name(hid_t g, const char *name, const H5L_info_t *info, void *ctx) {
  (void)g;
  (void)info;
  const Taking *t = ctx;
  if (name[0] != '.') *vec_push(t->arena, t->out) = arena_strdup(t->arena, name);
  return 0;
}

bool h5_names(Arena *a, hid_t group, H5Names *out) {
  Taking t = {a, out};
  hsize_t from = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &from, take_name, &t) >= 0;
}
