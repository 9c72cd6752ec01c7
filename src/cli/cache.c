/* cache.c: what earlier runs have kept: listed, pruned, explained. */
#include "cli/cache.h"

#include <stdio.h>
#include <string.h>

static int no_cache(void) {
  fputs("dynrun: there is no cache: DYN_CACHE is off, or there is no home folder\n", stderr);
  return DYN_USAGE;
}

static int bad_word(const char *word) {
  fprintf(stderr, "dynrun: `%s` cannot stand here\nTry `dynrun help cache`.\n", word);
  return DYN_USAGE;
}

static int show(const char *text) {
  if (!text) return no_cache();
  fputs(text, stdout);
  return DYN_OK;
}

static int prune(Dyn *d, const char *size) {
  double bytes = 0;
  if (size && !options_bytes(size, &bytes)) return bad_word(size);
  if (!dyn_cache_list(d)) return no_cache();
  size_t n = dyn_cache_prune(d, bytes);
  printf("%zu entr%s removed\n", n, n == 1 ? "y" : "ies");
  return DYN_OK;
}

static int explain(Dyn *d, const char *file) {
  if (!dyn_cache_list(d)) return no_cache();
  DynStatus status = dyn_load_file(d, file);
  if (status != DYN_OK) return status;
  const char *text = dyn_cache_why(d);
  if (text) fputs(text, stdout);
  return text ? DYN_OK : DYN_MODEL_ERROR;
}

int cache_command(const Options *o, Dyn *d) {
  const char *word = o->operand[0];
  if (!word) return show(dyn_cache_list(d));
  if (strcmp(word, "prune") == 0) return prune(d, o->operand[1]);
  if (strcmp(word, "why") == 0 && o->operand[1]) return explain(d, o->operand[1]);
  return bad_word(word);
}
