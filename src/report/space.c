/* space.c: is there room for the results? HDF5 cannot close a file whose last pages do not fit on
   the disk, so room is asked for before the file is made. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lang/network.h"
#include "report/report.h"
#include "report/store.h"

/* What HDF5 needs for the head of an object and its attributes, and for the file: generous. */
enum { OBJECT_BYTES = 4096, FILE_BYTES = 16384 };

static int64_t tensor_bytes(const Tensor *t) {
  return t ? 8 * shape_count(t->shape) : 0;
}

static int64_t network_bytes(const System *s) {
  int64_t bytes = 0;
  for (size_t i = 0; s && i < s->weights.n; i++) {
    const SysWeight *w = &s->weights.at[i];
    bytes += OBJECT_BYTES + tensor_bytes(w->value);
    if (w->pattern) bytes += 3 * OBJECT_BYTES + 12 * w->pattern->nnz + 8 * w->pattern->rows;
  }
  return bytes;
}

/* A network that nothing has run yet is traced here. */
static int64_t value_bytes(Ev *ev, Value *v) {
  int64_t bytes = OBJECT_BYTES;
  if (v->kind == V_ARRAY && store_set(ev->store, v->tensor) < 0) bytes += tensor_bytes(v->tensor);
  if (v->kind == V_SPARSE) bytes += 3 * OBJECT_BYTES + 20 * v->pattern->nnz + 8 * v->pattern->rows;
  if (v->kind == V_STRING) bytes += (int64_t)v->len;
  if (v->kind == V_NETWORK) bytes += network_bytes(network_system(ev, v, v->at));
  if (v->kind == V_RECORD || v->kind == V_LIST)
    for (int i = 0; i < v->nfields; i++) bytes += value_bytes(ev, v->fields[i].value);
  return bytes;
}

static int64_t results_bytes(Ev *ev) {
  int64_t bytes = FILE_BYTES;
  for (size_t i = 0; i < ev->params.n; i++) bytes += value_bytes(ev, ev->params.at[i].value);
  for (size_t i = 0; i < ev->results.n; i++) bytes += value_bytes(ev, ev->results.at[i].value);
  for (size_t i = 0; i < ev->saved.n; i++) bytes += value_bytes(ev, ev->saved.at[i].value);
  return bytes;
}

/* Not posix_fallocate: where the file system cannot reserve, that would write every page. */
bool results_fit(Ev *ev, const char *path, const char **why) {
  int fd = open(path, O_WRONLY | O_CREAT, 0666);
  off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END); /* above zero where records were streamed */
  bool ok = fd >= 0 && (fallocate(fd, 0, size, results_bytes(ev)) == 0 || errno == EOPNOTSUPP);
  if (ok) ok = ftruncate(fd, size) == 0; /* gives it back */
  if (!ok) *why = arena_printf(ev->arena, "cannot write `%s`: %s", path, strerror(errno));
  if (fd >= 0) close(fd);
  return ok;
}
