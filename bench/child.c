/* child.c: see child.h. */
#include "bench/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_all(int from, char *text, int size) {
  int n = 0;
  char rest[256];
  for (ssize_t got; (got = read(from, text + n, (size_t)(size - 1 - n))) > 0;) n += (int)got;
  while (read(from, rest, sizeof rest) > 0) continue;
  text[n] = 0;
}

double child_run(char *const argv[], char *text, int size) {
  int pipe_ends[2];
  if (pipe(pipe_ends)) exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(pipe_ends[1], 1);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    execv(argv[0], argv);
    _exit(127);
  }
  close(pipe_ends[1]);
  read_all(pipe_ends[0], text, size);
  close(pipe_ends[0]);
  int status;
  struct rusage use;
  wait4(pid, &status, 0, &use);
  if (status) return WIFEXITED(status) ? -WEXITSTATUS(status) : -1;
  return (double)use.ru_utime.tv_sec + (double)use.ru_stime.tv_sec +
         1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, ascending);
  return n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}
