/* process.c: forks, redirects, waits, collects. */
#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { TIME_LIMIT = 300 }; /* seconds; a child that takes longer is ended by SIGALRM */

static char folder[] = "/tmp/dyn-tests-XXXXXX";
static const char *work; /* inside `folder`, beside the files of output */

void process_begin(Arena *a) {
  const char *why;
  if (!mkdtemp(folder)) {
    perror("runner: cannot make a temporary folder");
    exit(1);
  }
  work = path_join(a, folder, "work");
  folder_make(a, work, &why);
  setenv("DYN_CACHE", "off", 1); /* a test that is about the cache has one of its own */
}

void process_end(Arena *a) {
  const char *why;
  folder_remove(a, folder, &why);
}

const char *process_folder(void) {
  return work;
}

void process_clean(Arena *a) {
  const char *why;
  folder_remove(a, work, &why);
  folder_make(a, work, &why);
}

static void redirect(int fd, const char *path, int flags) {
  int to = open(path, flags, 0666);
  if (to < 0 || dup2(to, fd) < 0) _exit(126);
  close(to);
}

typedef struct Output {
  const char *out, *err;
} Output;

static void enter(const char *where, const Output *o) {
  redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
  redirect(STDOUT_FILENO, o->out, O_WRONLY | O_CREAT | O_TRUNC);
  redirect(STDERR_FILENO, o->err, O_WRONLY | O_CREAT | O_TRUNC);
  if (chdir(where) != 0) _exit(126);
  alarm(TIME_LIMIT);
}

static Ran collect(Arena *a, pid_t child, const Output *o) {
  int status;
  size_t n;
  char *out = "", *err = "";
  const char *why;
  waitpid(child, &status, 0);
  file_read(a, o->out, &out, &n, &why);
  file_read(a, o->err, &err, &n, &why);
  return (Ran){WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out, err};
}

static Output output_files(Arena *a) {
  return (Output){path_join(a, folder, "out"), path_join(a, folder, "err")};
}

Ran process_run(Arena *a, const char *where, char *const *argv) {
  Output o = output_files(a);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    enter(where ? where : work, &o);
    execv(argv[0], argv);
    _exit(127);
  }
  return collect(a, child, &o);
}

Ran process_call(Arena *a, int (*fn)(void *ctx), void *ctx) {
  Output o = output_files(a);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    enter(work, &o);
    int status = fn(ctx);
    fflush(NULL);
    _exit(status);
  }
  return collect(a, child, &o);
}
