/* report.c: fills the folder of a run beside its place and renames it there. */
#include "report/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/npz.h"
#include "lang/save.h"
#include "report/figures.h"
#include "report/label.h"
#include "report/provenance.h"
#include "report/stamp.h"
#include "report/store.h"

const char *value_line(Ev *ev, const Value *v) {
  enum { MOST = 120 };
  char *text = arena_strdup(ev->arena, value_text(ev, v));
  for (char *c = text; *c; c++)
    if (*c == '\n') *c = ' ';
  if (label_length(text) <= MOST) return text;
  size_t n = MOST;
  while (n && ((unsigned char)text[n] & 0xc0) == 0x80) n--;
  return arena_printf(ev->arena, "%.*s…", (int)n, text);
}

const char *kept_text(Arena *a, const Timing *t) {
  if (t->kept == 0) return "";
  if (t->kept == t->calls) return "from the cache";
  return arena_printf(a, "%lld of %lld from the cache", (long long)t->kept, (long long)t->calls);
}

const char *unit_label(Arena *a, Dim d) {
  return dim_is_one(d) ? "1" : dim_name(a, d);
}

const char *report_beside(Arena *a, const char *folder) {
  return path_suffixed(a, folder, arena_printf(a, ".%ld.part", (long)getpid()));
}

/* Only a folder that a run has made, or an empty one, may be replaced. */
static bool may_replace(Arena *a, const char *folder, const char **why) {
  if (!file_exists(folder) || folder_is_empty(folder) ||
      file_exists(path_join(a, folder, "run.json")))
    return true;
  *why = arena_printf(a, "`%s` exists and holds no earlier run", folder);
  return false;
}

bool report_probe(Arena *a, const char *folder, const char **why) {
  const char *beside = report_beside(a, folder);
  if (!may_replace(a, folder, why) || !folder_make(a, path_dir(a, folder), why)) return false;
  if (folder_make(a, beside, why)) return folder_remove(a, beside, why);
  *why = arena_printf(a, "cannot make folder `%s`: %s", folder, strerror(errno));
  return false;
}

bool saved_apart(const Result *r) {
  return save_is_npz(r->name) || csv_wanted(r);
}

static bool write_npz(Ev *ev, const Result *r, const char *path, const char *origin,
                      const char **why) {
  SaveMembers m = {0};
  save_members(ev, r->value, &m);
  NpzArray *arrays = ARENA_ARRAY(ev->arena, NpzArray, m.n + 1);
  for (size_t i = 0; i < m.n; i++) {
    const Tensor *t = m.at[i].value->tensor;
    arrays[i] = (NpzArray){m.at[i].name, t->shape.rank, t->shape.n, t->data};
  }
  return npz_write(ev->arena, path, arrays, (int)m.n, origin, why);
}

static bool add_file(Ev *ev, const char *path, const char *name, Sums *sums, const char **why) {
  char *bytes;
  size_t n;
  if (!file_read(ev->arena, path, &bytes, &n, why)) return false;
  Sum *sum = vec_push(ev->arena, sums);
  sum->name = name;
  sha256_hex(bytes, n, sum->sha256);
  return true;
}

/* What `save(name, value)` asked for as a file of its own. */
static bool write_saved(Ev *ev, const char *folder, const char *origin, Sums *sums,
                        const char **why) {
  for (size_t i = 0; i < ev->saved.n; i++) {
    const Result *r = &ev->saved.at[i];
    if (!saved_apart(r)) continue;
    const char *path = path_join(ev->arena, folder, r->name);
    bool ok = save_is_npz(r->name)
                  ? write_npz(ev, r, path, origin, why)
                  : csv_write(ev->arena, r, path, why) && stamp_csv(ev->arena, path, origin, why);
    if (!ok) return false;
    if (!add_file(ev, path, r->name, sums, why)) return false;
  }
  return true;
}

/* The page takes the figures as they were drawn, so they are stamped after it. */
static bool show(Ev *ev, const RunRecord *record, const Figures *figures, const char *folder,
                 const char **why) {
  if (!html_write(ev, record->info, figures, folder, why)) return false;
  stamp_file(ev->arena, path_join(ev->arena, folder, "report.html"), record->origin_text);
  figures_stamp(ev, figures, path_join(ev->arena, folder, "figures"), record->origin_text);
  return true;
}

static bool fill(Ev *ev, const RunInfo *info, const char *folder, const char **why) {
  Arena *a = ev->arena;
  const char *results = path_join(a, folder, "results.h5");
  Figures figures;
  Provenance origin;
  RunRecord record = {.info = info, .origin = &origin};
  provenance_collect(ev, info, &origin);
  record.origin_text = provenance_text(a, &origin);
  figures_collect(ev, &figures);
  if (!info->bare) figures_draw(ev, &figures, path_join(a, folder, "figures"));
  return results_fit(ev, results, why) &&
         results_write(ev, &origin, results, &record.results, why) &&
         write_saved(ev, folder, record.origin_text, &record.files, why) &&
         (info->bare || show(ev, &record, &figures, folder, why)) &&
         run_json_write(ev, &record, path_join(a, folder, "run.json"), why);
}

/* What went wrong in the folder beside, told of the one that was asked for. */
static const char *about_folder(Arena *a, const char *why, const char *beside, const char *folder) {
  const char *at = strstr(why, beside);
  if (!at) return why;
  return arena_printf(a, "%.*s%s%s", (int)(at - why), why, folder, at + strlen(beside));
}

bool report_write(Ev *ev, const RunInfo *info, const char *folder, const char **why) {
  const char *beside = ev->store ? store_beside(ev->store) : report_beside(ev->arena, folder);
  if (!may_replace(ev->arena, folder, why) || !folder_make(ev->arena, beside, why)) return false;
  if (fill(ev, info, beside, why) && folder_swap(ev->arena, beside, folder, why)) return true;
  const char *ignored; /* the first failure is what matters */
  folder_remove(ev->arena, beside, &ignored);
  *why = about_folder(ev->arena, *why, beside, folder);
  return false;
}
