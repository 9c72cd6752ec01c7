/* verb.c: the table of verbs. */
#include "verb/verb.h"

static const Builtin rows[] = {
#define VERB(name, signature, doc) {#name, signature, doc, BUILTIN_VERB, verb_##name},
#include "verb/verb.def"
#undef VERB
};

void verbs_register(void) {
  builtins_register(rows, (int)(sizeof rows / sizeof *rows));
}
