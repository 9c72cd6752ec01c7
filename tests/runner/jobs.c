/* jobs.c: forks, counts, prints in order. */
#include "jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

typedef struct Running {
  pid_t pid;  /* 0: not begun, or over */
  FILE *told; /* what it printed */
  bool over;
} Running;

static void add(Counts *to, Counts c) {
  to->passed += c.passed;
  to->failed += c.failed;
  to->skipped += c.skipped;
}

/* `counts` is memory that both processes see: a child that dies leaves one failure there. */
static void begin(Running *r, const Job *job, const void *ctx, Counts *counts) {
  *counts = (Counts){.failed = 1};
  r->told = tmpfile();
  fflush(NULL);
  r->pid = fork();
  if (r->pid != 0) return;
  if (!r->told || dup2(fileno(r->told), STDOUT_FILENO) < 0) _exit(126);
  Arena *a = arena_new();
  process_begin(a);
  *counts = job->run(ctx, a, job->path);
  process_end(a);
  fflush(NULL);
  _exit(0);
}

static void wait_for_one(Running *all, const JobList *jobs) {
  int status;
  pid_t pid = wait(&status);
  for (size_t i = 0; i < jobs->n; i++) {
    if (all[i].pid != pid) continue;
    all[i].pid = 0;
    all[i].over = true;
    if (status != 0) fprintf(stderr, "%s: the test runner ended here\n", jobs->at[i].path);
  }
}

static void print_told(Running *r) {
  char buf[4096];
  rewind(r->told);
  for (size_t n; (n = fread(buf, 1, sizeof buf, r->told)) > 0;) fwrite(buf, 1, n, stdout);
  fclose(r->told);
}

/* Prints the jobs from `next` on that are over; a group is counted when its last one is. */
static size_t print_over(const JobList *jobs, Running *all, const Counts *counts, size_t next) {
  for (; next < jobs->n && all[next].over; next++) {
    const char *group = jobs->at[next].group;
    print_told(&all[next]);
    if (next + 1 < jobs->n && strcmp(jobs->at[next + 1].group, group) == 0) continue;
    Counts sum = {0};
    for (size_t i = 0; i <= next; i++)
      if (strcmp(jobs->at[i].group, group) == 0) add(&sum, counts[i]);
    printf("%-9s %d passed, %d failed\n", group, sum.passed, sum.failed);
  }
  fflush(stdout);
  return next;
}

Counts jobs_run(Arena *a, const JobList *jobs, const void *ctx) {
  size_t begun = 0, printed = 0, at_once = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
  Counts *counts = mmap(NULL, (jobs->n + 1) * sizeof *counts, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (counts == MAP_FAILED) exit(2);
  Running *all = arena_alloc(a, (jobs->n + 1) * sizeof *all);
  for (size_t over = 0; over < jobs->n; over++) {
    for (; begun < jobs->n && begun < over + at_once; begun++)
      begin(&all[begun], &jobs->at[begun], ctx, &counts[begun]);
    wait_for_one(all, jobs);
    printed = print_over(jobs, all, counts, printed);
  }
  Counts sum = {0};
  for (size_t i = 0; i < jobs->n; i++) add(&sum, counts[i]);
  munmap(counts, (jobs->n + 1) * sizeof *counts);
  return sum;
}
