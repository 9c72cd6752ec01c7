/* again.c: a run once more, from nothing but what its folder of results holds: writing its model
   out, and verifying it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api.h"
#include "base/file.h"
#include "base/text.h"
#include "compare/runs.h"
#include "report/provenance.h"
#include "run/run.h"

static DynStatus refuse(Dyn *d, DiagCode code, const char *why) {
  diag_add(&d->diag, code, (Where){0}, "%s", why);
  api_show_diagnostics(d);
  return DYN_IO;
}

/* A folder stands for the results.h5 in it. */
static const char *results_of(Arena *a, const char *path) {
  bool folder = file_exists(path_join(a, path, "."));
  return folder ? path_join(a, path, "results.h5") : path;
}

DynStatus dyn_provenance(Dyn *d, const char *path, DynProvenance *out) {
  Provenance p;
  const char *why;
  api_begin(d);
  *out = (DynProvenance){0};
  if (!provenance_read(d->work, results_of(d->work, path), &p, &why)) return refuse(d, E0714, why);
  *out = (DynProvenance){.model = p.model,
                         .version = p.dynrun,
                         .kernels = p.kernels,
                         .command = p.command,
                         .seed = p.seed,
                         .portable = p.portable};
  return DYN_OK;
}

/* ---- the files of a model -------------------------------------------------------------------- */

/* The content of a file that was too large to be kept, from where it was. */
static bool find_file(Dyn *d, KeptFile *f) {
  char *bytes, hex[SHA256_HEX];
  size_t n;
  const char *why;
  if (f->data) return true;
  bool there = file_read(d->work, f->path, &bytes, &n, &why);
  if (there) sha256_hex(bytes, n, hex);
  if (there && strcmp(hex, f->sha256) == 0) {
    f->data = bytes;
    return true;
  }
  refuse(d, E0715,
         arena_printf(d->work, "`%s` (%s) was too large to be kept in the results, and %s `%s`",
                      f->name, mem_text(d->work, (double)f->bytes),
                      there ? "there is another content now in" : "it is not in", f->path));
  return false;
}

/* Would a file of this name land in the folder of the model? */
static bool is_inside(const char *name) {
  for (const char *p = name; p; p = strchr(p, '/')) {
    p += p != name;
    if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2])) return false;
  }
  return name[0] != '/';
}

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void tell(Dyn *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void tell(Dyn *d, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  const char *text = arena_vprintf(d->work, fmt, ap);
  va_end(ap);
  if (d->on.print) d->on.print(d->on.ctx, text);
}

/* ---- reproduce ------------------------------------------------------------------------------- */

/* Files that lay elsewhere than below the model, and modules that are no files, get a folder of
   their own. */
static bool write_out(Dyn *d, const char *folder, const KeptFile *f, const char **why) {
  Arena *a = d->work;
  if (!f->data) {
    tell(d, "%s (%s) was too large to be kept; it %s%s\n", f->name, mem_text(a, (double)f->bytes),
         *f->path ? "was " : "may be in the results.h5 of the run", f->path);
    return true;
  }
  bool inside = is_inside(f->name);
  const char *place = inside ? f->name : path_join(a, "outside", last_part(f->name));
  const char *path = path_join(a, folder, place);
  if (!folder_make(a, path_dir(a, path), why)) return false;
  if (!file_write(a, path, f->data, (size_t)f->bytes, why)) return false;
  tell(d, "%s%s%s%s\n", path, inside ? "" : " (the model looks for it at `", inside ? "" : f->name,
       inside ? "" : "`)");
  return true;
}

static bool write_model(Dyn *d, const char *folder, const Provenance *p, const char **why) {
  Arena *a = d->work;
  const char *model = path_join(a, folder, last_part(p->model));
  if (!folder_make(a, folder, why)) return false;
  if (!file_write(a, model, p->source, strlen(p->source), why)) return false;
  tell(d, "%s\n", model);
  for (size_t i = 0; i < p->files.n; i++)
    if (!write_out(d, folder, &p->files.at[i], why)) return false;
  const char *kernels = *p->kernels ? arena_printf(a, " (%s kernels)", p->kernels) : "";
  tell(d, "It was run by dynrun %s%s. To run it again:\n  %s\n", p->dynrun, kernels,
       provenance_command(a, p, model));
  return true;
}

DynStatus dyn_reproduce(Dyn *d, const char *path, const char *folder) {
  Provenance p;
  const char *why;
  api_begin(d);
  if (!provenance_read(d->work, results_of(d->work, path), &p, &why)) return refuse(d, E0714, why);
  if (file_exists(folder) && !folder_is_empty(folder))
    return refuse(d, E0710,
                  arena_printf(d->work, "`%s` is there already and is not empty", folder));
  return write_model(d, folder, &p, &why) ? DYN_OK : refuse(d, E0710, why);
}

/* ---- verify ---------------------------------------------------------------------------------- */

/* The run from its folder, in a folder of its own. */
typedef struct Again {
  Dyn *d;   /* whose options and callbacks hold */
  Dyn *run; /* which runs the model */
  const char *folder;
  const RunFolder *recorded;
  bool single; /* something is computed in single precision */
} Again;

static bool put_files(Again *g) {
  Dyn *d = g->d;
  const char *why;
  for (size_t i = 0; i < g->recorded->origin.files.n; i++) {
    KeptFile f = g->recorded->origin.files.at[i];
    const char *path = path_join(d->work, g->folder, arena_printf(d->work, "file-%zu", i));
    if (!find_file(d, &f)) return false;
    if (!file_write(d->work, path, f.data, (size_t)f.bytes, &why)) {
      refuse(d, E0710, why);
      return false;
    }
    map_set(&g->run->elsewhere, arena_strdup(g->run->arena, f.name),
            arena_strdup(g->run->arena, path));
  }
  return true;
}

static void set_params(Dyn *run, const Provenance *p) {
  for (size_t i = 0; i < p->nset; i++) {
    size_t n = strcspn(p->set[i], "=");
    if (p->set[i][n])
      dyn_set_param(run, arena_strndup(run->arena, p->set[i], n), p->set[i] + n + 1);
  }
}

static bool names_single(const Ast *x) {
  if (x->kind == AST_NAME && strcmp(x->name, "single") == 0) return true;
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i] && names_single(x->kids[i])) return true;
  return false;
}

/* As the recorded run was made, with the kernels that it had if this machine has them. */
static DynStatus prepare(Again *g) {
  Dyn *d = g->d, *run = g->run;
  const Provenance *p = &g->recorded->origin;
  run->on = d->on;
  run->on.print = NULL;
  run->bare = true;
  run->workers = d->workers;
  run->memory = d->memory;
  run->seed = p->seed;
  set_params(run, p);
  run_limit_kernels(p->kernels);
  if (!put_files(g)) return DYN_IO;
  DynStatus status = dyn_load_text(run, last_part(p->model), p->source, strlen(p->source));
  if (status == DYN_OK) g->single = names_single(run->file);
  return status;
}

/* Runs into folder/name and reads what is there then. */
static DynStatus run_into(Again *g, const char *name, RunFolder *out) {
  const char *folder = path_join(g->d->work, g->folder, name), *why;
  dyn_set_output(g->run, folder);
  DynStatus status = dyn_run(g->run);
  bool written = status == DYN_OK || status == DYN_CLAIM_FAILED || status == DYN_NUMERICAL;
  if (!written) return status;
  return run_folder_read(g->d->work, folder, out, &why) ? DYN_OK : refuse(g->d, E0714, why);
}

/* Runs from starts and draws that are changed by little more than what is rounded off. */
static DynStatus judge(Again *g, const RunFolder *fresh, Comparison *c) {
  enum { RUNS = 4 };
  RunFolder runs[RUNS];
  DynStatus status = DYN_OK;
  g->run->on.diagnostic = NULL;
  g->run->nudge = g->single ? 0x1p-20 : 0x1p-42;
  for (int k = 0; k < RUNS && status == DYN_OK; k++) {
    g->run->nudge_key = (uint64_t)k + 1;
    status = run_into(g, arena_printf(g->d->work, "near-%d", k), &runs[k]);
  }
  Nearby near = {runs, RUNS, g->single ? 1e-5 : 1e-12};
  if (status == DYN_OK) compare_nearby(g->recorded, fresh, &near, c);
  return status == DYN_INTERRUPTED ? status : DYN_OK;
}

static bool is_open(const Comparison *c) {
  for (size_t i = 0; i < c->of.n; i++)
    if (c->of.at[i].verdict == VERDICT_OTHER) return true;
  return false;
}

static DynStatus compare_again(Again *g) {
  Comparison *c = &g->d->comparison;
  RunFolder fresh;
  run_folder_altered(g->recorded, c);
  DynStatus status = prepare(g);
  if (status == DYN_OK) status = run_into(g, "run", &fresh);
  if (status != DYN_OK) return status;
  compare_runs(g->recorded, &fresh, c);
  if (is_open(c)) status = judge(g, &fresh, c);
  if (status != DYN_OK) return status;
  return comparison_agrees(c) ? DYN_OK : DYN_DIFFERENT;
}

DynStatus dyn_verify(Dyn *d, const char *folder) {
  RunFolder recorded;
  const char *why, *base = getenv("TMPDIR");
  api_begin(d);
  if (!run_folder_read(d->work, folder, &recorded, &why)) return refuse(d, E0714, why);
  char *place = arena_printf(d->work, "%s/dyn-verify-XXXXXX", base && *base ? base : "/tmp");
  if (!mkdtemp(place))
    return refuse(d, E0710,
                  arena_printf(d->work, "cannot make folder `%s`: %s", place, strerror(errno)));
  Again g = {.d = d, .run = dyn_new(), .folder = place, .recorded = &recorded};
  DynStatus status = compare_again(&g);
  dyn_free(g.run);
  folder_remove(d->work, place, &why);
  return status;
}
