/* jobs.h: the files of tests, each run in a process of its own, as many at once as there are
   processors. What they print comes out in the order of the list, whoever ends first. */
#ifndef DYN_TESTS_JOBS_H
#define DYN_TESTS_JOBS_H

#include <stdbool.h>

#include "base/vec.h"

typedef struct Counts {
  int passed, failed, skipped;
} Counts;

typedef struct Job {
  const char *group, *path;
  Counts (*run)(const void *ctx, Arena *a, const char *path);
} Job;

typedef VEC(Job) JobList;

/* Runs them, prints a line with the counts of each group, and returns their sum. */
Counts jobs_run(Arena *a, const JobList *jobs, const void *ctx);

#endif
