/* results.c: see results.h. */
#include "cli/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/portable.h"
#include "cli/terminal.h"

static int show_comparison(const Options *o, Dyn *d, DynStatus status, bool all) {
  if (status != DYN_OK && status != DYN_DIFFERENT) return status;
  bool silent = o->quiet && status == DYN_OK;
  if (!silent || o->json_output) fputs(dyn_comparison(d, all, o->json_output), stdout);
  return status;
}

/* A run that was portable is repeated as such, by a process that was started for it. */
int results_verify(const Options *o, Dyn *d) {
  DynProvenance p;
  DynStatus status = dyn_provenance(d, o->operand[0], &p);
  if (status != DYN_OK) return status;
  if (p.portable && !portable_enter(o)) return DYN_USAGE;
  status = dyn_verify(d, o->operand[0]);
  terminal_end();
  return show_comparison(o, d, status, !o->quiet);
}

int results_diff(const Options *o, Dyn *d) {
  return show_comparison(o, d, dyn_diff(d, o->operand[0], o->operand[1]), false);
}

/* "chaos.dyn" goes into the folder "chaos". */
static char *folder_for(const char *model) {
  size_t n = strlen(model);
  if (n > 4 && strcmp(model + n - 4, ".dyn") == 0) return strndup(model, n - 4);
  size_t size = n + sizeof ".model";
  char *folder = malloc(size);
  if (folder) snprintf(folder, size, "%s.model", model);
  return folder;
}

int results_reproduce(const Options *o, Dyn *d) {
  DynProvenance p;
  DynStatus status = dyn_provenance(d, o->operand[0], &p);
  if (status != DYN_OK) return status;
  char *folder = o->output ? strdup(o->output) : folder_for(p.model);
  status = dyn_reproduce(d, o->operand[0], folder);
  free(folder);
  return status;
}
