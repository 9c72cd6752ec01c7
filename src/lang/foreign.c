/* foreign.c: what stands here for names that users of other languages reach for. */
#include <string.h>

#include "lang/core.h"

static const struct Foreign {
  const char *name, *hint;
} rows[] = {
#define FOREIGN(name, hint) {name, hint},
#include "lang/foreign.def"
#undef FOREIGN
};

const char *foreign_hint(const char *name) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].name, name) == 0) return rows[i].hint;
  return NULL;
}
