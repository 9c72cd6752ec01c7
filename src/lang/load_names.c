/* load_names.c: see load_names.h. */
#include "lang/load_names.h"

typedef struct Taking {
  Arena *arena;
  LoadNames *out;
} Taking;

static herr_t take_name(hid_t g, const char *name, const H5L_info_t *info, void *ctx) {
  (void)g;
  (void)info;
  const Taking *t = ctx;
  if (name[0] != '.') *vec_push(t->arena, t->out) = arena_strdup(t->arena, name);
  return 0;
}

bool load_names(Arena *a, hid_t group, LoadNames *out) {
  Taking t = {a, out};
  hsize_t from = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &from, take_name, &t) >= 0;
}
