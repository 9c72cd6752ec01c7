/* load.c: `load` chooses the reader by the ending of the file's name. */
#include "lang/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"

Value *load_error(const Loader *l, DiagCode code, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *text = arena_vprintf(l->ev->arena, fmt, ap);
  va_end(ap);
  return ev_error(l->ev, code, l->at, "\"%s\": %s", l->name, text);
}

Value *load_damaged(const Loader *l, const char *what) {
  return load_error(l, E0703, "the file is damaged: %s", what);
}

Value *load_array(const Loader *l, Shape s, Dim d, Tensor **t) {
  *t = NULL;
  if (!shape_affordable(l->ev, s, l->at)) return &VALUE_ERROR;
  if (l->ev->rehearse) return value_abstract(l->ev, s, d);
  *t = form_tensor(l->ev, s, l->at);
  return *t ? value_tensor(l->ev, *t, d) : &VALUE_ERROR;
}

static bool map_bytes(int fd, LoadBytes *out) {
  struct stat st;
  if (fstat(fd, &st) != 0) return false;
  errno = EISDIR;
  if (!S_ISREG(st.st_mode)) return false;
  *out = (LoadBytes){"", (size_t)st.st_size};
  if (out->n == 0) return true; /* nothing can be mapped */
  void *at = mmap(NULL, out->n, PROT_READ, MAP_PRIVATE, fd, 0);
  out->at = at;
  return at != MAP_FAILED;
}

bool load_open(const Loader *l, LoadBytes *out) {
  int fd = open(l->path, O_RDONLY | O_CLOEXEC);
  bool ok = fd >= 0 && map_bytes(fd, out);
  if (!ok) load_error(l, E0701, "%s", strerror(errno));
  if (fd >= 0) close(fd);
  return ok;
}

void load_close(LoadBytes *b) {
  if (b->n) munmap((void *)b->at, b->n);
}

static const struct {
  const char *ending;
  Value *(*read)(const Loader *l);
} readers[] = {{".h5", load_h5},
               {".hdf5", load_h5},
               {".npy", load_npy},
               {".npz", load_npz},
               {".csv", load_csv}};

enum { READERS = sizeof readers / sizeof *readers };

const char *load_path(const Ev *ev, Arena *a, const char *name) {
  const char *elsewhere = map_get(&ev->elsewhere, name);
  if (elsewhere) return elsewhere;
  const char *model = ev->main_source ? ev->main_source->name : ".";
  return path_join(a, path_dir(a, model), name);
}

void load_note(Ev *ev, const char *path, const char *name) {
  for (size_t i = 0; i < ev->loaded.n; i++)
    if (strcmp(ev->loaded.at[i].path, path) == 0) return;
  *vec_push(ev->keep, &ev->loaded) =
      (LoadedFile){arena_strdup(ev->keep, path), arena_strdup(ev->keep, name)};
}

Value *bi_load(Ev *ev, Call *c) {
  const char *name = arg_string(ev, c, 0, NULL);
  if (!name) return &VALUE_ERROR;
  Loader l = {ev, load_path(ev, ev->arena, name), name, c->arg_at[0]};
  load_note(ev, l.path, name);
  size_t n = strlen(name);
  for (int k = 0; k < READERS; k++) {
    size_t m = strlen(readers[k].ending);
    if (n <= m || strcasecmp(name + n - m, readers[k].ending) != 0) continue;
    if (!file_exists(l.path))
      return load_error(&l, E0701, "there is no such file%s",
                        name[0] == '/' ? "" : " beside the model");
    if (access(l.path, R_OK) != 0) return load_error(&l, E0701, "%s", strerror(errno));
    return readers[k].read(&l);
  }
  return load_error(&l, E0702, "`load` reads .h5, .hdf5, .npy, .npz and .csv");
}
