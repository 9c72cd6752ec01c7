/* embedded.h: texts that are part of the program. The tables are generated at build time from the
   files under examples/ and templates/, sorted by name, and end with a row of NULLs. */
#ifndef DYN_CLI_EMBEDDED_H
#define DYN_CLI_EMBEDDED_H

#include <stddef.h>

typedef struct EmbeddedFile {
  const char *name; /* "lorenz" for examples/lorenz.dyn */
  const char *text; /* followed by a NUL */
  size_t len;
} EmbeddedFile;

extern const EmbeddedFile embedded_examples[], embedded_templates[];

#endif
