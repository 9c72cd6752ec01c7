/* portable.c: see portable.h. OpenBLAS chooses its kernels when it is loaded, before main: the
   variable that names them must be there when the process starts. */
#include "cli/portable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const variable = "OPENBLAS_CORETYPE", *const core = "Haswell";

static bool refuse(const char *why) {
  fprintf(stderr, "dynrun: these bits cannot be computed here: %s\n", why);
  return false;
}

bool portable_enter(const Options *o) {
  const char *now = getenv(variable);
  if (now && strcmp(now, core) == 0) {
    const char *why = dyn_make_portable();
    return why ? refuse(why) : true;
  }
  if (setenv(variable, core, 1) == 0) execv("/proc/self/exe", o->words);
  return refuse(strerror(errno));
}
