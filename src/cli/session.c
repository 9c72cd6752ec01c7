/* session.c: from options to a run. */
#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

/* DYN_CACHE, else dyn below XDG_CACHE_HOME, else ~/.cache/dyn, by the rules of the XDG Base
   Directory Specification 0.8. NULL: there is none. */
static char *cache_folder(void) {
  const char *named = getenv("DYN_CACHE"), *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  char *folder = NULL;
  int n = 0;
  if (named && *named) return strcmp(named, "off") == 0 ? NULL : strdup(named);
  if (base && *base == '/')
    n = asprintf(&folder, "%s/dyn", base);
  else if (home && *home)
    n = asprintf(&folder, "%s/.cache/dyn", home);
  return n > 0 ? folder : NULL;
}

void session_begin(const Options *o, Dyn *d) {
  DynCallbacks callbacks = terminal_callbacks(o);
  dyn_set_callbacks(d, &callbacks);
  dyn_set_command(d, o->nwords, o->words);
  dyn_set_seed(d, o->seed);
  dyn_set_workers(d, o->workers);
  dyn_set_fail_fast(d, o->fail_fast);
  dyn_set_memory(d, o->memory);
  dyn_set_fresh(d, o->fresh);
  dyn_set_part(d, o->part_number, o->part_of);
  char *cache = cache_folder();
  dyn_set_cache(d, cache);
  free(cache);
  for (int i = 0; i < o->nparams; i++) {
    size_t n = strcspn(o->params[i], "=");
    char *name = strndup(o->params[i], n);
    dyn_set_param(d, name, o->params[i] + n + 1);
    free(name);
  }
}

/* "dir/model.dyn" gives "dir/model.run"; a part of it "dir/model.3of16.run". */
static char *default_folder(const Options *o, const char *file) {
  int n = (int)strlen(file);
  char *folder = NULL;
  if (n > 4 && strcmp(file + n - 4, ".dyn") == 0) n -= 4;
  int made = o->part_of ? asprintf(&folder, "%.*s.%dof%d.run", n, file, o->part_number, o->part_of)
                        : asprintf(&folder, "%.*s.run", n, file);
  return made < 0 ? NULL : folder;
}

static void part_summary(const Options *o, const char *folder) {
  if (!o->quiet) printf("Part %d of %d is in %s.\n", o->part_number, o->part_of, folder);
}

DynStatus session_run(const Options *o, Dyn *d, const char *file) {
  char *folder = o->output ? strdup(o->output) : default_folder(o, file);
  dyn_set_output(d, folder);
  DynStatus status = dyn_run(d);
  terminal_end();
  bool written = status == DYN_OK || status == DYN_CLAIM_FAILED || status == DYN_NUMERICAL;
  if (written && !o->part_of) terminal_summary(d, o, folder);
  if (status == DYN_OK && o->part_of) part_summary(o, folder);
  free(folder);
  return status;
}
