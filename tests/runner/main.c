/* main.c: the test runner: `runner [--bless] [--only WORD] DYNRUN [UNIT-TEST...]`, from the
   project's root. Runs the unit tests, the cases in tests/cases, the broken models in tests/broken,
   all examples, the blocks of code in the documentation, and tests/scripts; ends with a line that
   counts them. With --only, nothing but what has WORD in its path. Files run beside each other. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "case.h"
#include "compare.h"
#include "doc.h"
#include "jobs.h"
#include "process.h"

typedef struct Session {
  const char *dynrun; /* absolute */
  const char *only;   /* NULL: everything */
  bool bless;
} Session;

static Counts count(bool ok) {
  return ok ? (Counts){.passed = 1} : (Counts){.failed = 1};
}

/* ---- programs that count for themselves ---- */

/* The counts of the last line "...: N passed, M failed". */
static bool find_counts(const char *text, int *passed, int *failed) {
  bool found = false;
  for (const char *p = text; (p = strstr(p, " passed, ")); p++) {
    const char *line = p;
    while (line > text && line[-1] != '\n') line--;
    found = sscanf(line, "%*[^:]: %d passed, %d failed", passed, failed) == 2;
  }
  return found;
}

static Counts run_counting(Arena *a, const char *name, char *const *argv) {
  Ran ran = process_run(a, ".", argv);
  Counts c = {0};
  bool told = find_counts(ran.out, &c.passed, &c.failed);
  if (!told || (ran.status != 0 && c.failed == 0)) {
    c.failed++;
    printf("%s: ended with status %d\n", name, ran.status);
  }
  if (c.failed) printf("%s%s", ran.out, ran.err);
  return c;
}

static Counts run_unit(const void *ctx, Arena *a, const char *path) {
  (void)ctx;
  return run_counting(a, path, (char *const[]){arena_strdup(a, path), NULL});
}

static Counts run_script(const void *ctx, Arena *a, const char *path) {
  const Session *s = ctx;
  char *argv[] = {"/bin/sh", arena_strdup(a, path), arena_strdup(a, s->dynrun), NULL};
  return run_counting(a, path, argv);
}

/* ---- models ---- */

static Counts run_cases(const void *ctx, Arena *a, const char *path) {
  const Session *s = ctx;
  Counts c = {0};
  case_file_run(a, path, s->dynrun, s->bless, &c.passed, &c.failed);
  return c;
}

/* The options of an example by its row in tests/papers/small; NULL if it is left out here. */
static const char *example_options(Arena *a, const char *path, const Session *s) {
  static const char examples[] = "examples/", papers[] = "examples/papers/";
  char *text = "", file[256], where[8], options[256];
  size_t n;
  const char *why;
  path += strncmp(path, papers, sizeof papers - 1) == 0 ? sizeof papers - 1 : sizeof examples - 1;
  file_read(a, "tests/papers/small", &text, &n, &why);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    *options = 0;
    if (sscanf(line, "%255s %7s %255[^\n]", file, where, options) < 2) continue;
    if (strcmp(path, file) != 0) continue;
    bool out =
        strstr(s->dynrun, "build-san") ? !strchr(where, 's') : !s->only && strchr(where, 'x');
    return out ? NULL : arena_strdup(a, options);
  }
  return "";
}

/* An example runs without a word on standard error and all its claims hold, at a size that suits a
   test. */
static Counts run_example(const void *ctx, Arena *a, const char *path) {
  const Session *s = ctx;
  const char *options = example_options(a, path, s);
  if (!options) return (Counts){0};
  const char *command = arena_printf(a, "exec '%s' -q -o '%s/example.run' %s %s", s->dynrun,
                                     process_folder(), options, path);
  char *argv[] = {"/bin/sh", "-c", arena_strdup(a, command), NULL};
  Ran ran = process_run(a, ".", argv);
  bool ok = ran.status == 0 && !*ran.err;
  if (!ok) printf("%s %s: ended with status %d\n%s", path, options, ran.status, ran.err);
  return count(ok);
}

/* The exit status and flags in the first line of an .err file: `# exit 3 flags...`. */
static const char *expected_end(Arena *a, const char **text, int *status) {
  int n = 0;
  *status = 3;
  if (sscanf(*text, "# exit %d%n", status, &n) != 1) return "";
  size_t line = strcspn(*text, "\n");
  const char *flags = arena_strndup(a, *text + n, line - (size_t)n);
  *text += line + ((*text)[line] == '\n');
  return flags;
}

/* A broken model gives exactly the diagnostics in the .err file of its name, and its status. */
static Counts run_broken(const void *ctx, Arena *a, const char *path) {
  const Session *s = ctx;
  const char *folder = path_dir(a, path);
  const char *stem = path_stem(a, path), *why;
  const char *err_path = path_join(a, folder, arena_printf(a, "%s.err", stem));
  char *text = "";
  size_t n;
  bool known = file_read(a, err_path, &text, &n, &why);
  const char *expected = text;
  int status;
  const char *flags = expected_end(a, &expected, &status);
  const char *command = arena_printf(a, "exec '%s' -q -o '%s/broken.run' '%s.dyn' %s", s->dynrun,
                                     process_folder(), stem, flags);
  char *argv[] = {"/bin/sh", "-c", arena_strdup(a, command), NULL};
  Ran ran = process_run(a, folder, argv);
  bool ok = known && ran.status == status && texts_agree(expected, ran.err, 0);
  if (!ok) printf("%s: status %d, expected %d\n", path, ran.status, status);
  if (!ok) show_difference(expected, ran.err);
  if (!ok && s->bless) {
    const char *now = arena_printf(a, "# exit %d%s\n%s", ran.status, flags, ran.err);
    file_write(a, err_path, now, strlen(now), &why);
  }
  return count(ok);
}

/* ---- documentation ---- */

static Counts run_page(const void *ctx, Arena *a, const char *path) {
  const Session *s = ctx;
  Counts c = {0};
  doc_run(a, path, s->dynrun, &c);
  return c;
}

/* ---- the list ---- */

static void add_job(JobList *jobs, Arena *a, const Session *s, Job job) {
  if (!s->only || strstr(job.path, s->only)) *vec_push(a, jobs) = job;
}

static void add_jobs(JobList *jobs, Arena *a, const Session *s, const char *pattern, Job job) {
  glob_t files;
  if (glob(pattern, 0, NULL, &files) != 0) return;
  for (size_t i = 0; i < files.gl_pathc; i++) {
    job.path = arena_strdup(a, files.gl_pathv[i]);
    add_job(jobs, a, s, job);
  }
  globfree(&files);
}

static void read_arguments(Session *s, int *argc, char ***argv) {
  for (++*argv, --*argc; *argc && (*argv)[0][0] == '-'; ++*argv, --*argc) {
    if (strcmp((*argv)[0], "--bless") == 0) s->bless = true;
    if (strcmp((*argv)[0], "--only") == 0 && *argc > 1) ++*argv, --*argc, s->only = (*argv)[0];
  }
  char *path = *argc ? realpath((*argv)[0], NULL) : NULL;
  if (!path) {
    fputs("usage: runner [--bless] [--only WORD] DYNRUN [UNIT-TEST...]\n", stderr);
    exit(2);
  }
  s->dynrun = path;
}

int main(int argc, char **argv) {
  Session s = {0};
  Arena *a = arena_new();
  read_arguments(&s, &argc, &argv);
  JobList jobs = {0};
  for (int i = 1; i < argc; i++) add_job(&jobs, a, &s, (Job){"unit", argv[i], run_unit});
  add_jobs(&jobs, a, &s, "tests/cases/*.test", (Job){.group = "cases", .run = run_cases});
  add_jobs(&jobs, a, &s, "tests/broken/*.dyn", (Job){.group = "broken", .run = run_broken});
  add_jobs(&jobs, a, &s, "examples/*.dyn", (Job){.group = "examples", .run = run_example});
  add_jobs(&jobs, a, &s, "examples/papers/*/*.dyn", (Job){.group = "papers", .run = run_example});
  add_jobs(&jobs, a, &s, "docs/*.md", (Job){.group = "docs", .run = run_page});
  add_jobs(&jobs, a, &s, "README.md", (Job){.group = "readme", .run = run_page});
  add_jobs(&jobs, a, &s, "tests/scripts/*.sh", (Job){.group = "scripts", .run = run_script});
  Counts all = jobs_run(a, &jobs, &s);
  arena_free(a);
  free((char *)s.dynrun);
  if (all.skipped) printf("skipped   %d, for want of a program\n", all.skipped);
  printf("%d passed, %d failed\n", all.passed, all.failed);
  return all.failed != 0;
}
