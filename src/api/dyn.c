/* dyn.c: a Dyn from dyn_new to dyn_free: loading, options, checking and running. */
#include "dyn.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/api.h"
#include "api/part.h"
#include "base/file.h"
#include "base/text.h"
#include "report/figure.h"
#include "report/report.h"
#include "report/store.h"
#include "run/run.h"
#include "syntax/parse.h"
#include "verb/checkpoint.h"
#include "verb/verb.h"

const char *dyn_make_portable(void) {
  const char *why = NULL;
  return run_make_portable(&why) ? NULL : why;
}

const char *dyn_version(void) {
  return DYN_VERSION;
}

Dyn *dyn_new(void) {
  Arena *a = arena_new();
  Dyn *d = ARENA_NEW(a, Dyn);
  d->arena = a;
  d->text = arena_new();
  d->work = arena_new();
  map_init(&d->sets, a);
  map_init(&d->elsewhere, a);
  verbs_register();
  figures_register();
  run_init();
  api_begin(d);
  return d;
}

void dyn_free(Dyn *d) {
  if (!d) return;
  if (d->ranks) ranks_leave(d->ranks);
  arena_free(d->work);
  arena_free(d->text);
  arena_free(d->arena);
}

/* ---- diagnostics ---- */

/* What was added since is shown in order of place. */
void api_show_diagnostics(Dyn *d) {
  DiagList fresh = d->diag;
  fresh.first = d->shown ? d->shown->next : d->diag.first;
  if (!fresh.first) return;
  for (const Diag *x = d->diag.first; x != fresh.first; x = x->next)
    fresh.errors -= x->level == DIAG_ERROR;
  d->shown = d->diag.last;
  if (!d->on.diagnostic || dyn_rank(d) > 0) return;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  diag_print_all(out, &fresh, (DiagStyle)d->on.style);
  fclose(out);
  d->on.diagnostic(d->on.ctx, text);
  free(text);
}

DynStatus api_error_status(const DiagList *diag) {
  DynStatus status = DYN_OK;
  for (const Diag *x = diag->first; x; x = x->next) {
    if (x->level != DIAG_ERROR) continue;
    const char *code = diag_info(x->code)->code;
    if (strncmp(code, "E07", 3) != 0 && strncmp(code, "E08", 3) != 0) return DYN_MODEL_ERROR;
    if (status != DYN_USAGE) status = code[2] == '8' ? DYN_USAGE : DYN_IO;
  }
  return status;
}

/* ---- set up ---- */

static bool has_cancelled(void *ctx) {
  Dyn *d = ctx;
  return d->on.cancelled && d->on.cancelled(d->on.ctx);
}

static void on_print(void *ctx, const char *text) {
  Dyn *d = ctx;
  api_show_diagnostics(d);
  if (d->on.print && dyn_rank(d) == 0) d->on.print(d->on.ctx, text);
}

static void on_progress(void *ctx, const char *what, double done, const char *detail) {
  Dyn *d = ctx;
  if (!ev_in_module(&d->ev)) api_show_diagnostics(d);
  if (d->on.progress && dyn_rank(d) == 0) d->on.progress(d->on.ctx, what, done, detail);
}

static int core_count(void) {
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

void api_begin(Dyn *d) {
  arena_free(d->work);
  d->work = arena_new();
  d->shown = NULL;
  diag_init(&d->diag, d->work);
  ev_init(&d->ev, d->work, &d->diag);
  d->ev.network_jacobian = verb_network_jacobian;
  d->ev.hooks = (Hooks){on_print, on_progress, has_cancelled, d};
  d->ev.seed = d->seed;
  d->ev.elsewhere = d->elsewhere;
  d->ev.nudge = d->nudge;
  d->ev.nudge_key = d->nudge_key;
  d->comparison = (Comparison){.arena = d->work};
  d->ev.memory = d->memory;
  d->ev.ranks = d->ranks;
  d->ev.workers = d->ranks ? 1 : d->workers ? d->workers : core_count();
  d->ev.fail_fast = d->fail_fast;
  d->ev.main_source = d->source;
  for (size_t i = 0; i < d->sets.n; i++)
    if (d->sets.items[i].value) map_set(&d->ev.sets, d->sets.items[i].key, d->sets.items[i].value);
}

static DynStatus load(Dyn *d, const char *name, const char *text, size_t len) {
  d->source = source_make(d->text, name, text, len);
  d->file = parse_source(d->text, d->source, &d->diag);
  if (d->diag.errors) d->file = NULL;
  api_show_diagnostics(d);
  return api_error_status(&d->diag);
}

void api_unload(Dyn *d) {
  d->source = NULL;
  d->file = NULL;
  d->path = NULL;
  d->nparts = 0;
  api_begin(d);
  arena_free(d->text);
  d->text = arena_new();
}

DynStatus dyn_load_file(Dyn *d, const char *path) {
  api_unload(d);
  d->path = arena_strdup(d->text, path);
  char *text;
  size_t len;
  const char *why;
  if (file_read(d->text, path, &text, &len, &why)) return load(d, d->path, text, len);
  diag_add(&d->diag, E0701, (Where){0}, "%s", why);
  api_show_diagnostics(d);
  return DYN_IO;
}

DynStatus dyn_load_text(Dyn *d, const char *name, const char *text, size_t len) {
  api_unload(d);
  return load(d, arena_strdup(d->text, name), arena_strndup(d->text, text, len), len);
}

void dyn_set_param(Dyn *d, const char *name, const char *value) {
  const char *copy = value ? arena_strdup(d->arena, value) : NULL;
  map_set(&d->sets, arena_strdup(d->arena, name), (void *)copy);
}

void dyn_set_seed(Dyn *d, uint64_t seed) {
  d->seed = seed;
}

void dyn_set_workers(Dyn *d, int workers) {
  d->workers = workers;
}

bool dyn_join(Dyn *d, const char *module, const char **why) {
  d->ranks = ranks_join(module, why);
  return d->ranks != NULL;
}

int dyn_rank(const Dyn *d) {
  return d->ranks ? d->ranks->rank : 0;
}

void dyn_set_fail_fast(Dyn *d, bool fail_fast) {
  d->fail_fast = fail_fast;
}

void dyn_set_memory(Dyn *d, double bytes) {
  d->memory = bytes > 0 ? bytes : 0;
}

void dyn_set_output(Dyn *d, const char *folder) {
  d->output = folder ? arena_strdup(d->arena, folder) : NULL;
}

void dyn_set_command(Dyn *d, int nwords, char *const *words) {
  Text t = {.arena = d->arena};
  for (int i = 0; i < nwords; i++) text_add_word(&t, words[i]);
  d->command = text_str(&t);
}

void dyn_set_callbacks(Dyn *d, const DynCallbacks *callbacks) {
  d->on = *callbacks;
}

/* ---- work ---- */

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static Store *make_store(Dyn *d, const char *folder) {
  return store_make(d->work, folder, report_beside(d->work, folder));
}

DynStatus api_rehearse(Dyn *d) {
  if (!d->file) return DYN_MODEL_ERROR;
  api_begin(d);
  d->ev.store = make_store(d, d->path ? d->path : "model"); /* results would go beside it */
  ev_file(&d->ev, d->file, false);
  api_show_diagnostics(d);
  return has_cancelled(d) ? DYN_INTERRUPTED : api_error_status(&d->diag);
}

DynStatus dyn_check(Dyn *d) {
  return api_rehearse(d);
}

/* What a run that went through its whole text came to. */
static DynStatus outcome(const Ev *ev) {
  if (ev->failed || ev->diag->errors) {
    return api_error_status(ev->diag) == DYN_IO ? DYN_IO : DYN_NUMERICAL;
  }
  for (size_t i = 0; i < ev->claims.n; i++)
    if (!ev->claims.at[i].held) return DYN_CLAIM_FAILED;
  return DYN_OK;
}

static DynStatus output_error(Dyn *d, const char *why) {
  diag_add(&d->diag, E0710, (Where){0},
           "the results cannot be written: %s; `-o FOLDER` puts them elsewhere", why);
  api_show_diagnostics(d);
  return DYN_IO;
}

static const char *status_text(DynStatus s) {
  return s == DYN_OK ? "ok" : s == DYN_CLAIM_FAILED ? "a claim failed" : "a statement failed";
}

DynStatus api_perform(Dyn *d, RunInfo *info) {
  double begun = now(CLOCK_MONOTONIC);
  bool sound = ev_file(&d->ev, d->file, true);
  info->seconds = now(CLOCK_MONOTONIC) - begun;
  api_show_diagnostics(d);
  if (d->ev.cancelled || has_cancelled(d)) return DYN_INTERRUPTED;
  return sound ? outcome(&d->ev) : api_error_status(&d->diag);
}

/* Earlier results stay as they are. */
static DynStatus interrupted(Dyn *d, RunInfo *info) {
  const char *why, *folder = path_suffixed(d->work, d->output, ".interrupted");
  info->status = "interrupted";
  if (!report_write(&d->ev, info, folder, &why))
    output_error(d, why);
  else
    diag_add(&d->diag, W0711, (Where){0}, "interrupted; what was streamed so far is in `%s`",
             folder);
  api_show_diagnostics(d);
  return DYN_INTERRUPTED;
}

/* What ranks other than the first do: the same, but nothing is written. */
static DynStatus run_along(Dyn *d) {
  RunInfo info = {.version = DYN_VERSION};
  char suffix[32];
  snprintf(suffix, sizeof suffix, ".rank-%d", dyn_rank(d));
  if (d->output) d->ev.store = make_store(d, path_suffixed(d->work, d->output, suffix));
  api_open_cache(d);
  DynStatus status = api_perform(d, &info);
  if (d->ev.store) store_discard(d->ev.store);
  return status;
}

DynStatus dyn_run(Dyn *d) {
  if (!d->file) return DYN_MODEL_ERROR;
  api_begin(d);
  if (d->part_of) return dyn_rank(d) > 0 ? DYN_OK : part_run(d);
  if (dyn_rank(d) > 0) return run_along(d);
  const char *why;
  if (d->output && !report_probe(d->work, d->output, &why)) return output_error(d, why);
  api_open_cache(d);
  if (d->output) {
    d->ev.checkpoints = path_suffixed(d->work, d->output, ".checkpoints");
    d->ev.store = make_store(d, d->output);
  }
  double begun = now(CLOCK_REALTIME_COARSE);
  RunInfo info = {.version = DYN_VERSION,
                  .command = d->command,
                  .bare = d->bare,
                  .started = now(CLOCK_REALTIME)};
  DynStatus status = api_perform(d, &info);
  api_close_cache(d);
  bool performed = status == DYN_OK || status == DYN_CLAIM_FAILED || status == DYN_NUMERICAL;
  if (status == DYN_INTERRUPTED && store_has_parts(d->ev.store)) return interrupted(d, &info);
  if (!performed && d->ev.store) store_discard(d->ev.store);
  if (!performed || !d->output) return status;
  info.status = status_text(status);
  bool written = report_write(&d->ev, &info, d->output, &why);
  api_show_diagnostics(d);
  if (written && status != DYN_NUMERICAL) checkpoints_clear(d->work, d->ev.checkpoints, begun);
  return written ? status : output_error(d, why);
}
