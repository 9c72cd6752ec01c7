/* folder.c: see folder.h. run.json holds digests of all that the run has written: what does not
   agree with them was altered since. */
#include "compare/folder.h"

#include <string.h>

#include "base/file.h"
#include "base/sha256.h"

static const Json *read_json(Arena *a, const char *path, const char **why) {
  char *text;
  size_t n;
  if (!file_read(a, path, &text, &n, why)) return NULL;
  const Json *json = json_parse(a, text, why);
  if (!json) {
    *why = arena_printf(a, "`%s` is damaged: %s", path, *why);
    return NULL;
  }
  const Json *layout = json_member(json, "layout");
  const char *version = json_member_text(json, "dynrun");
  if (layout && layout->kind == JSON_NUMBER && layout->number <= PROVENANCE_LAYOUT) return json;
  *why = layout ? arena_printf(a,
                               "`%s` was written by dynrun %s in a layout that this version does "
                               "not know (%g): use that version, or a later one",
                               path, version ? version : "?", layout->number)
                : arena_printf(a, "`%s` lacks its layout: an earlier version wrote it", path);
  return NULL;
}

static bool read_quantities(Arena *a, RunFolder *f, const char **why) {
  hid_t file = H5Fopen(f->results, H5F_ACC_RDONLY, H5P_DEFAULT);
  f->quantities.arena = a;
  bool ok = file >= 0 && quantities_list(file, &f->quantities);
  if (file >= 0) H5Fclose(file);
  if (!ok) *why = arena_printf(a, "`%s` is damaged: not all of it can be read", f->results);
  return ok;
}

bool run_folder_read(Arena *a, const char *path, RunFolder *out, const char **why) {
  *out = (RunFolder){.path = path, .results = path_join(a, path, "results.h5")};
  if (!file_exists(path)) {
    *why = arena_printf(a, "there is no folder `%s`", path);
    return false;
  }
  return provenance_read(a, out->results, &out->origin, why) &&
         (out->json = read_json(a, path_join(a, path, "run.json"), why)) &&
         read_quantities(a, out, why);
}

/* ---- what was altered ------------------------------------------------------------------------ */

static void alter(Comparison *c, const char *what, const char *name, const char *note) {
  comparison_add(c, what, name, VERDICT_ALTERED)->note = note;
}

static void check_results(const RunFolder *f, Comparison *c) {
  const Json *sums = json_member(f->json, "results");
  for (size_t i = 0; sums && i < sums->n; i++) {
    const Json *sum = &sums->at[i];
    const Quantity *q = quantities_find(&f->quantities, sum->key);
    if (!q)
      alter(c, "result", sum->key, "it was recorded, and is not in results.h5");
    else if (sum->kind != JSON_STRING || strcmp(sum->text, q->sha256) != 0)
      alter(c, "result", sum->key, "its digest is not the one in run.json");
  }
  for (size_t i = 0; i < f->quantities.of.n; i++) {
    const char *name = f->quantities.of.at[i].name;
    if (!json_member(sums, name) && !json_member(f->json, "unfinished"))
      alter(c, "result", name, "run.json has no digest of it");
  }
}

static void check_files(const RunFolder *f, Comparison *c) {
  const Json *sums = json_member(f->json, "files");
  for (size_t i = 0; sums && i < sums->n; i++) {
    const Json *sum = &sums->at[i];
    char *bytes, hex[SHA256_HEX];
    size_t n;
    const char *ignored;
    if (!file_read(c->arena, path_join(c->arena, f->path, sum->key), &bytes, &n, &ignored)) {
      alter(c, "file", sum->key, "it is missing");
      continue;
    }
    sha256_hex(bytes, n, hex);
    if (sum->kind != JSON_STRING || strcmp(sum->text, hex) != 0)
      alter(c, "file", sum->key, "its digest is not the one in run.json");
  }
}

static void check_source(const RunFolder *f, Comparison *c) {
  char hex[SHA256_HEX];
  const char *sum = json_member_text(f->json, "source");
  sha256_hex(f->origin.source, strlen(f->origin.source), hex);
  if (!sum || strcmp(sum, hex) != 0)
    alter(c, "source", f->origin.model, "its digest is not the one in run.json");
  for (size_t i = 0; i < f->origin.files.n; i++) {
    const KeptFile *k = &f->origin.files.at[i];
    if (!k->data) continue;
    sha256_hex(k->data, (size_t)k->bytes, hex);
    if (strcmp(k->sha256, hex) != 0)
      alter(c, "data", k->name, "its digest is not the one that stands beside it");
  }
}

void run_folder_altered(const RunFolder *f, Comparison *c) {
  check_source(f, c);
  check_results(f, c);
  check_files(f, c);
}
