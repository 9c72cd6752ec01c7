/* provenance.c: collecting and writing; see provenance.h. */
#include "report/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "lang/flatten.h"
#include "report/machine.h"
#include "run/run.h"

/* Larger files are told by their digest and path. */
enum { KEPT_MOST = 16 << 20 };

/* ---- collecting ------------------------------------------------------------------------------ */

static const char *full_path(Arena *a, const char *path) {
  char *full = realpath(path, NULL);
  const char *kept = arena_strdup(a, full ? full : path);
  free(full);
  return kept;
}

/* A file that has gone since it was read is left out. */
static void add_file(Arena *a, Provenance *p, const char *name, const char *path) {
  char *bytes, hex[SHA256_HEX];
  size_t n;
  const char *ignored;
  if (!file_read(a, path, &bytes, &n, &ignored)) return;
  sha256_hex(bytes, n, hex);
  *vec_push(a, &p->files) = (KeptFile){.name = name,
                                       .path = full_path(a, path),
                                       .data = n <= KEPT_MOST ? bytes : NULL,
                                       .bytes = (int64_t)n,
                                       .sha256 = arena_strdup(a, hex)};
}

/* A module has its text already, be it of a file or of the standard library. */
static void add_module(Arena *a, Provenance *p, const char *name, const Source *s) {
  char hex[SHA256_HEX];
  sha256_hex(s->text, s->len, hex);
  *vec_push(a, &p->files) = (KeptFile){.name = name,
                                       .path = full_path(a, s->name),
                                       .data = s->text,
                                       .bytes = s->len,
                                       .sha256 = arena_strdup(a, hex)};
}

/* The model as one file, or NULL. Of a run that was cut short not every import is known. */
static const char *flattened(Ev *ev) {
  if (ev->cancelled || !ev->main_file) return NULL;
  DiagList *diag = ev->diag, own;
  bool failed = ev->failed;
  diag_init(&own, ev->arena);
  ev->diag = &own;
  const char *text = flatten(ev);
  ev->diag = diag;
  ev->failed = failed;
  return text;
}

/* The name of a file as seen from the folder of the model. */
static const char *beside_model(const Ev *ev, const char *path) {
  const char *dir = path_dir(ev->arena, ev->main_source->name);
  size_t n = strlen(dir);
  bool below = strncmp(path, dir, n) == 0 && path[n] == '/';
  return below ? path + n + 1 : path;
}

static void add_source(Ev *ev, Provenance *p) {
  p->source = flattened(ev);
  if (p->source) return;
  p->source = ev->main_source->text;
  for (size_t i = 0; i < ev->trees.n; i++) {
    const Ast *tree = ev->trees.items[i].value;
    if (tree) add_module(ev->arena, p, beside_model(ev, ev->trees.items[i].key), tree->src);
  }
}

static void add_set(Ev *ev, Provenance *p) {
  p->set = ARENA_ARRAY(ev->arena, const char *, ev->sets.n + 1);
  for (size_t i = 0; i < ev->sets.n; i++)
    p->set[p->nset++] = arena_printf(ev->arena, "%s=%s", ev->sets.items[i].key,
                                     (const char *)ev->sets.items[i].value);
}

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

void provenance_collect(Ev *ev, const RunInfo *info, Provenance *out) {
  Arena *a = ev->arena;
  *out = (Provenance){.layout = PROVENANCE_LAYOUT,
                      .dynrun = info->version,
                      .model = file_name(ev->main_source->name),
                      .kernels = run_isa(),
                      .blas = machine_blas_core(),
                      .portable = run_is_portable(),
                      .processor = machine_processor(a),
                      .libraries = machine_libraries(a),
                      .seed = ev->seed};
  add_source(ev, out);
  add_set(ev, out);
  out->command = provenance_command(a, out, out->model);
  for (size_t i = 0; i < ev->loaded.n; i++)
    add_file(a, out, ev->loaded.at[i].name, ev->loaded.at[i].path);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_texts(H5 *h, hid_t in, const char *name, const char *const *texts, size_t n) {
  if (n == 0) return;
  hid_t set = h5_set(h, in, name, h5_text_type(h), shape_vec((int64_t)n), texts);
  if (set >= 0) h5_checked(h, H5Dclose(set));
}

static void write_file(H5 *h, hid_t in, int i, const KeptFile *f) {
  const char *name = arena_printf(h->arena, "%d", i);
  hid_t set = h5_set(h, in, name, H5T_NATIVE_UINT8, shape_vec(f->data ? f->bytes : 0), f->data);
  if (set < 0) return;
  h5_attr_text(h, set, "name", f->name);
  h5_attr_text(h, set, "path", f->path);
  h5_attr_text(h, set, "sha256", f->sha256);
  h5_attr(h, set, "bytes", H5T_NATIVE_INT64, SHAPE_SCALAR, &f->bytes);
  h5_checked(h, H5Dclose(set));
}

static void write_files(H5 *h, hid_t in, const Provenance *p) {
  hid_t g = p->files.n ? h5_group(h, in, "files") : -1;
  if (g < 0) return;
  for (size_t i = 0; i < p->files.n; i++) write_file(h, g, (int)i, &p->files.at[i]);
  h5_checked(h, H5Gclose(g));
}

static void write_attributes(H5 *h, hid_t g, const Provenance *p) {
  const int8_t portable = p->portable;
  h5_attr(h, g, "layout", H5T_NATIVE_INT64, SHAPE_SCALAR, &p->layout);
  h5_attr_text(h, g, "dynrun", p->dynrun);
  h5_attr_text(h, g, "model", p->model);
  h5_attr(h, g, "seed", H5T_NATIVE_UINT64, SHAPE_SCALAR, &p->seed);
  h5_attr_text(h, g, "command", p->command);
  h5_attr_text(h, g, "kernels", p->kernels);
  h5_attr_text(h, g, "blas", p->blas);
  h5_attr(h, g, "portable", h5_bool_type(h), SHAPE_SCALAR, &portable);
  h5_attr_text(h, g, "processor", p->processor);
  h5_attr_text(h, g, "libraries", p->libraries);
}

void provenance_write(H5 *h, hid_t root, const Provenance *p) {
  hid_t g = h5_group(h, root, ".provenance");
  if (g < 0) return;
  write_attributes(h, g, p);
  hid_t set = h5_set(h, g, "source", h5_text_type(h), SHAPE_SCALAR, &p->source);
  if (set >= 0) h5_checked(h, H5Dclose(set));
  write_texts(h, g, "set", p->set, p->nset);
  write_files(h, g, p);
  h5_checked(h, H5Gclose(g));
}

/* ---- the command ----------------------------------------------------------------------------- */

const char *provenance_command(Arena *a, const Provenance *p, const char *model) {
  Text t = {.arena = a};
  text_add(&t, "dynrun");
  text_add_word(&t, model);
  for (size_t i = 0; i < p->nset; i++) {
    text_add(&t, " -p");
    text_add_word(&t, p->set[i]);
  }
  if (p->seed) text_printf(&t, " --seed %llu", (unsigned long long)p->seed);
  if (p->portable) text_add(&t, " --portable");
  return text_str(&t);
}
