/* main.c: the test runner: `runner [--bless] [--only WORD] DYNRUN [UNIT-TEST...]`, from the
   project's root. Runs the unit tests, the cases in tests/cases, the broken models in tests/broken,
   all examples, the blocks of code in the documentation, and tests/scripts; ends with a line that
   counts them. With --only, nothing but what has WORD in its path. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "case.h"
#include "compare.h"
#include "doc.h"
#include "process.h"

typedef struct Session {
  const char *dynrun; /* absolute */
  const char *only;   /* NULL: everything */
  bool bless;
  int passed, failed, skipped;
} Session;

typedef void RunFile(Session *s, Arena *a, const char *path);

static bool is_wanted(const Session *s, const char *path) {
  return !s->only || strstr(path, s->only);
}

static void count(Session *s, bool ok) {
  ++*(ok ? &s->passed : &s->failed);
}

/* Runs each file that a pattern finds, and says how many passed. */
static void run_group(Session *s, const char *what, const char *pattern, RunFile *run) {
  int passed = s->passed, failed = s->failed;
  glob_t files;
  if (glob(pattern, 0, NULL, &files) != 0) return;
  for (size_t i = 0; i < files.gl_pathc; i++) {
    Arena *a = arena_new();
    process_clean(a);
    if (is_wanted(s, files.gl_pathv[i])) run(s, a, files.gl_pathv[i]);
    arena_free(a);
  }
  globfree(&files);
  if (s->passed + s->failed > passed + failed)
    printf("%-9s %d passed, %d failed\n", what, s->passed - passed, s->failed - failed);
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

static void run_counting(Session *s, Arena *a, const char *name, char *const *argv) {
  Ran ran = process_run(a, ".", argv);
  int passed = 0, failed = 0;
  bool told = find_counts(ran.out, &passed, &failed);
  if (!told || (ran.status != 0 && failed == 0)) {
    failed++;
    printf("%s: ended with status %d\n", name, ran.status);
  }
  if (failed) printf("%s%s", ran.out, ran.err);
  s->passed += passed;
  s->failed += failed;
}

static void run_unit(Session *s, Arena *a, const char *path) {
  run_counting(s, a, path, (char *const[]){arena_strdup(a, path), NULL});
}

static void run_script(Session *s, Arena *a, const char *path) {
  char *argv[] = {"/bin/sh", arena_strdup(a, path), arena_strdup(a, s->dynrun), NULL};
  run_counting(s, a, path, argv);
}

/* ---- models ---- */

static void run_cases(Session *s, Arena *a, const char *path) {
  case_file_run(a, path, s->dynrun, s->bless, &s->passed, &s->failed);
}

/* An example runs without a word on standard error and all its claims hold. */
static void run_example(Session *s, Arena *a, const char *path) {
  char *argv[] = {arena_strdup(a, s->dynrun), "-q", "-o", NULL, NULL, NULL};
  argv[3] = arena_strdup(a, path_join(a, process_folder(), "example.run"));
  argv[4] = arena_strdup(a, path);
  Ran ran = process_run(a, ".", argv);
  bool ok = ran.status == 0 && !*ran.err;
  if (!ok) printf("%s: ended with status %d\n%s", path, ran.status, ran.err);
  count(s, ok);
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
static void run_broken(Session *s, Arena *a, const char *path) {
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
  count(s, ok);
}

/* ---- documentation ---- */

static void run_page(Session *s, Arena *a, const char *path) {
  DocCounts counts = {0};
  doc_run(a, path, s->dynrun, &counts);
  s->passed += counts.passed;
  s->failed += counts.failed;
  s->skipped += counts.skipped;
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
  process_begin(a);
  for (int i = 1; i < argc; i++)
    if (is_wanted(&s, argv[i])) run_unit(&s, a, argv[i]);
  if (argc > 1) printf("%-9s %d passed, %d failed\n", "unit", s.passed, s.failed);
  run_group(&s, "cases", "tests/cases/*.test", run_cases);
  run_group(&s, "broken", "tests/broken/*.dyn", run_broken);
  run_group(&s, "examples", "examples/*.dyn", run_example);
  run_group(&s, "docs", "docs/*.md", run_page);
  run_group(&s, "readme", "README.md", run_page);
  run_group(&s, "scripts", "tests/scripts/*.sh", run_script);
  process_end(a);
  arena_free(a);
  free((char *)s.dynrun);
  if (s.skipped) printf("skipped   %d, for want of a program\n", s.skipped);
  printf("%d passed, %d failed\n", s.passed, s.failed);
  return s.failed != 0;
}
