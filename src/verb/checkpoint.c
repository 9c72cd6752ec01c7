/* checkpoint.c: see checkpoint.h. */
#include "verb/checkpoint.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/npz.h"
#include "base/zip.h"
#include "lang/core.h"

enum { SECONDS_BETWEEN = 30 };

typedef struct Kept {
  const char *name;
  Shape shape; /* of a curve: of one row */
  double *data;
  int64_t stride; /* 0: no curve */
} Kept;

typedef struct Part {
  const char *name;
  double hash; /* 53 bits of it */
} Part;

struct Checkpoint {
  const Setup *s;
  Arena *arena;
  const char *folder, *prefix;
  const char *path; /* NULL: not written (any more) */
  VEC(Kept) arrays;
  VEC(Part) parts;
  int64_t every;
  double last; /* when the last one was written, or the work began */
  bool written;
};

/* ---- what it holds --------------------------------------------------------------------------- */

Checkpoint *checkpoint_new(const Setup *s, Arena *a, int64_t every) {
  Checkpoint *c = ARENA_NEW(a, Checkpoint);
  int line = 0, col = 0;
  if (s->c->at.src) source_line_col(s->c->at.src, s->c->at.span.start, &line, &col);
  *c = (Checkpoint){.s = s, .arena = a, .folder = s->ev->checkpoints, .every = every};
  c->prefix = arena_printf(a, "%s-%d-", s->verb, line);
  c->last = account_clock();
  return c;
}

void checkpoint_part(Checkpoint *c, const char *name, uint64_t hash) {
  *vec_push(c->arena, &c->parts) = (Part){name, (double)(hash >> 11)};
}

void checkpoint_array(Checkpoint *c, const char *name, Shape s, double *data) {
  *vec_push(c->arena, &c->arrays) = (Kept){name, s, data, 0};
}

void checkpoint_curve(Checkpoint *c, const char *name, double *data, int64_t width,
                      int64_t stride) {
  *vec_push(c->arena, &c->arrays) = (Kept){name, shape_vec(width), data, stride};
}

static const char *path_of(Checkpoint *c) {
  uint64_t h = 0;
  for (size_t i = 0; i < c->parts.n; i++)
    h = hash_bytes(&c->parts.at[i].hash, sizeof c->parts.at[i].hash, h);
  const char *name = arena_printf(c->arena, "%s%08" PRIx32 ".npz", c->prefix, (uint32_t)h);
  return path_join(c->arena, c->folder, name);
}

/* All members as they are after `done` steps: the hashes of the parts, the steps, then the arrays.
 */
static NpzArray *members(Checkpoint *c, Arena *a, double *done, int *n) {
  NpzArray *m = ARENA_ARRAY(a, NpzArray, c->arrays.n + 2);
  double *hashes = ARENA_ARRAY(a, double, c->parts.n + 1);
  int64_t *count = ARENA_ARRAY(a, int64_t, 1);
  *count = (int64_t)c->parts.n;
  for (size_t i = 0; i < c->parts.n; i++) hashes[i] = c->parts.at[i].hash;
  *n = 0;
  m[(*n)++] = (NpzArray){"checkpoint:parts", 1, count, hashes};
  m[(*n)++] = (NpzArray){"checkpoint:steps", 0, NULL, done};
  for (size_t i = 0; i < c->arrays.n; i++) {
    const Kept *k = &c->arrays.at[i];
    Shape *s = ARENA_NEW(a, Shape);
    *s = k->shape;
    if (k->stride) *s = shape_mat((int64_t)*done / k->stride, k->shape.n[0]);
    m[(*n)++] = (NpzArray){k->name, s->rank, s->n, k->data};
  }
  return m;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct Reader {
  Arena *arena;
  const char *bytes;
  size_t n;
} Reader;

/* The numbers of a member that must be such an array; NULL: there is none, or it is damaged. */
static const char *find_member(const Reader *r, const NpzArray *want) {
  Zip z;
  ZipEntry e;
  const char *name = arena_printf(r->arena, "%s.npy", want->name);
  if (!zip_open(&z, r->bytes, r->n)) return NULL;
  for (uint64_t k = 0; k < z.count; k++) {
    if (!zip_next(r->arena, &z, &e)) return NULL;
    if (strcmp(e.name, name) != 0) continue;
    size_t len;
    const char *header = npy_header(r->arena, want, &len);
    const char *at = zip_unpack(r->arena, &z, &e, true);
    bool same = at && e.size == len + npz_bytes(want) && memcmp(at, header, len) == 0;
    return same ? at + len : NULL;
  }
  return NULL;
}

static bool read_steps(const Reader *r, int64_t *done) {
  double x = 0;
  const char *at = find_member(r, &(NpzArray){"checkpoint:steps", 0, NULL, &x});
  if (at) memcpy(&x, at, sizeof x);
  *done = (int64_t)x;
  return at != NULL;
}

/* Everything is found before anything is changed. */
static bool read_all(Checkpoint *c, const Reader *r, int64_t most, int64_t *done) {
  if (!read_steps(r, done) || *done < 0 || *done > most) return false;
  int n;
  double steps = (double)*done;
  NpzArray *want = members(c, r->arena, &steps, &n);
  const char **at = ARENA_ARRAY(r->arena, const char *, n);
  for (int i = 2; i < n; i++)
    if (!(at[i] = find_member(r, &want[i]))) return false;
  for (int i = 2; i < n; i++) memcpy(c->arrays.at[i - 2].data, at[i], npz_bytes(&want[i]));
  return true;
}

static bool open_reader(Reader *r, const char *path) {
  char *bytes;
  bool ok = file_read(r->arena, path, &bytes, &r->n, NULL);
  r->bytes = bytes;
  return ok;
}

/* ---- one that is not used -------------------------------------------------------------------- */

static void not_used(Checkpoint *c, const char *path, const char *why) {
  diag_add(c->s->ev->diag, W0656, c->s->c->at, "the checkpoint `%s` is not used: %s", path, why);
}

static const char *differences(Checkpoint *c, const Reader *r) {
  int n;
  double none = 0;
  const NpzArray *want = members(c, r->arena, &none, &n);
  const char *at = find_member(r, &want[0]), *text = "";
  if (!at) return NULL;
  for (size_t i = 0; i < c->parts.n; i++)
    if (memcmp(at + i * sizeof(double), &want[0].data[i], sizeof(double)) != 0)
      text = arena_printf(r->arena, "%s%s%s", text, *text ? ", " : "", c->parts.at[i].name);
  return text;
}

/* Is there one of the same call, but of other work? Not asked where a call is made many times. */
static void tell_of_others(Checkpoint *c) {
  bool often = c->s->ev->claiming > 0 || c->s->ev->frames != NULL;
  DIR *dir = often ? NULL : opendir(c->folder);
  for (struct dirent *e; dir && (e = readdir(dir));) {
    if (strncmp(e->d_name, c->prefix, strlen(c->prefix)) != 0 || strstr(e->d_name, ".tmp"))
      continue;
    Reader r = {.arena = arena_new()};
    const char *path = path_join(c->arena, c->folder, e->d_name);
    const char *what = open_reader(&r, path) ? differences(c, &r) : NULL;
    if (what && *what)
      not_used(c, path, arena_printf(c->arena, "it differs in %s; it stays where it is", what));
    arena_free(r.arena);
  }
  if (dir) closedir(dir);
}

/* ---- the work -------------------------------------------------------------------------------- */

/* A file that is read is marked as one of this run. */
int64_t checkpoint_resume(Checkpoint *c, int64_t most) {
  if (!c->folder) return 0;
  c->path = path_of(c);
  if (!file_exists(c->path)) {
    tell_of_others(c);
    return 0;
  }
  Reader r = {.arena = arena_new()};
  int64_t done = 0;
  c->written = open_reader(&r, c->path) && read_all(c, &r, most, &done);
  if (c->written) {
    utimensat(AT_FDCWD, c->path, NULL, 0);
  } else {
    not_used(c, c->path, done > most ? "it is of more steps than are asked for" : "it is damaged");
    done = 0;
  }
  arena_free(r.arena);
  return done;
}

const char *checkpoint_path(const Checkpoint *c) {
  return c->written ? c->path : NULL;
}

void checkpoint_write(Checkpoint *c, int64_t done) {
  if (!c->path) return;
  Arena *a = arena_new();
  int n;
  double steps = (double)done;
  const char *why;
  const NpzArray *m = members(c, a, &steps, &n);
  c->written = folder_make(a, c->folder, &why) && npz_write(a, c->path, m, n, NULL, &why);
  if (!c->written) {
    diag_add(c->s->ev->diag, W0657, c->s->c->at, "no checkpoint can be written: %s", why);
    c->path = NULL;
  }
  c->last = account_clock();
  arena_free(a);
}

static bool is_due(const Checkpoint *c, int64_t done) {
  return c->every ? done % c->every == 0 : account_clock() - c->last >= SECONDS_BETWEEN;
}

void checkpoint_step(Checkpoint *c, int64_t done) {
  if (is_due(c, done)) checkpoint_write(c, done);
}

void checkpoint_end(Checkpoint *c, int64_t done) {
  if (c->written || c->every) checkpoint_write(c, done);
}

void checkpoints_clear(Arena *a, const char *folder, double since) {
  DIR *dir = opendir(folder);
  for (struct dirent *e; dir && (e = readdir(dir));) {
    struct stat st;
    const char *path = path_join(a, folder, e->d_name);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) continue;
    double changed = (double)st.st_mtim.tv_sec + 1e-9 * (double)st.st_mtim.tv_nsec;
    if (changed >= since || strstr(e->d_name, ".tmp")) unlink(path);
  }
  if (dir) closedir(dir);
  rmdir(folder); /* unless others are left */
}
