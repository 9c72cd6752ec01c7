/* stdlib.h: the standard library's texts, which are part of the program. The table is generated at
   build time from the files under stdlib/, sorted by name, and ends with a row of NULLs. */
#ifndef DYN_LANG_STDLIB_H
#define DYN_LANG_STDLIB_H

#include <stddef.h>

typedef struct StdlibFile {
  const char *name; /* "tasks" for stdlib/tasks.dyn */
  const char *text; /* followed by a NUL */
  size_t len;
} StdlibFile;

extern const StdlibFile stdlib_files[];

/* The file that declares the name; NULL: none. */
const char *stdlib_module_of(const char *name);

#endif
