/* process.h: children of the test runner. Each runs in the runner's temporary folder with its
   output in files there, so that a crash or an endless loop is one failed test. */
#ifndef DYN_TESTS_PROCESS_H
#define DYN_TESTS_PROCESS_H

#include "base/arena.h"

typedef struct Ran {
  int status; /* exit status, or 128 + the signal that ended it */
  const char *out, *err;
} Ran;

/* Makes the temporary folder; removed by process_end. */
void process_begin(Arena *a);
void process_end(Arena *a);
const char *process_folder(void);
/* Empties it. */
void process_clean(Arena *a);

/* Runs a program in `folder` (NULL: the temporary one). */
Ran process_run(Arena *a, const char *folder, char *const *argv);
/* Runs fn(ctx) in a child; what it prints is its output. */
Ran process_call(Arena *a, int (*fn)(void *ctx), void *ctx);

#endif
