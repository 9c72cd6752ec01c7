/* ranks.c: see ranks.h. */
#include "base/ranks.h"

#include <dlfcn.h>
#include <stdlib.h>

static const uint64_t LEAVING = 0; /* what a rank says when the others may be at work still */

/* The ranks that this process belongs to until it leaves: if it ends before, all are ended, as the
   others would wait for it. There is one launcher, so this is one for the process. */
static const Ranks *joined;

static void end_all(void) {
  if (joined) joined->end(1);
}

const Ranks *ranks_join(const char *module, const char **why) {
  RanksEntry *entry = NULL;
  void *library = dlopen(module, RTLD_NOW | RTLD_GLOBAL);
  if (library) *(void **)&entry = dlsym(library, RANKS_ENTRY);
  if (!entry) {
    *why = dlerror();
    return NULL;
  }
  const Ranks *r = entry();
  bool fits = r && r->version == RANKS_VERSION;
  *why = r && !fits ? "it belongs to another version of dynrun" : "it could not join the others";
  if (!fits) return NULL;
  joined = r;
  atexit(end_all);
  return r;
}

/* One that came to its end otherwise than the others takes part in all that they still agree on. */
void ranks_leave(const Ranks *r) {
  while (!r->agree(LEAVING)) continue;
  joined = NULL;
  r->leave();
}
