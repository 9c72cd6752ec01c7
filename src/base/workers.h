/* workers.h: the same work on many items, spread over processes that are forked from this one. An
   item is known by its number; what a process finds out about it comes back as bytes. The items may
   be finished in any order. */
#ifndef DYN_BASE_WORKERS_H
#define DYN_BASE_WORKERS_H

#include "base/bytes.h"

typedef struct Workers {
  int processes;
  int64_t first, last;      /* items first <= i < last */
  int64_t chunk;            /* how many a process is given at a time */
  void (*begin)(void *ctx); /* in a process of its own, first of all */
  /* In a process of its own: what is to be told of item i. */
  void (*work)(void *ctx, int64_t i, Bytes *out);
  /* In this process: what was told of item i. data NULL: the process that worked on it died, twice.
     False: stop. */
  bool (*done)(void *ctx, int64_t i, const char *data, size_t n);
  bool (*tick)(void *ctx); /* in this process, now and then. False: stop */
  void *ctx;
} Workers;

/* False: no process could be started, and nothing was done. */
bool workers_run(const Workers *w);

/* The same in steps, for who has something else to do meanwhile. `w` must live until the end. */
typedef struct Pool Pool;
/* Starts so many of the processes. NULL: none could be started. */
Pool *workers_start(const Workers *w, int processes);
void workers_attend(Pool *p); /* takes what was told so far, and gives out more */
void workers_finish(Pool *p); /* starts the other processes, and waits until all is told */
void workers_end(Pool *p);    /* what is not told by now never will be */

#endif
