/* doc.c: finds the blocks, writes their files, runs their commands and compares what they print. */
#include "doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compare.h"
#include "process.h"

typedef struct Doc {
  Arena *arena;
  const char *path, *dynrun, *text;
  Counts *counts;
} Doc;

typedef struct Block {
  const char *info; /* what stands behind the ``` */
  const char *text; /* its lines */
  int line;
} Block;

static const char fence[] = "```";

/* The next block at *at, which moves behind it. False: there is none. */
static bool take_block(Doc *d, const char **at, Block *b) {
  const char *open = strncmp(*at, fence, strlen(fence)) == 0 ? *at : strstr(*at, "\n```");
  if (!open) return false;
  open += (*open == '\n') + strlen(fence);
  size_t n = strcspn(open, "\n");
  b->info = trim_end(d->arena, arena_strndup(d->arena, open, n));
  const char *text = open + n, *close = strstr(text, "\n```");
  if (!close) return false;
  b->text = close == text ? "" : arena_strndup(d->arena, text + 1, (size_t)(close - text));
  b->line = 1;
  for (const char *p = d->text; p < open; p++) b->line += *p == '\n';
  *at = close + strlen("\n```");
  return true;
}

static void count(Doc *d, const Block *b, bool ok, const char *what, const char *told) {
  ++*(ok ? &d->counts->passed : &d->counts->failed);
  if (!ok) printf("%s:%d: %s\n%s", d->path, b->line, what, told);
}

/* ---- blocks of Dyn --------------------------------------------------------------------------- */

static void put_file(Doc *d, const char *name, const char *text) {
  const char *why, *path = path_join(d->arena, process_folder(), name);
  if (!file_write(d->arena, path, text, strlen(text), &why)) printf("%s\n", why);
}

static void read_alone(Doc *d, const Block *b) {
  bool whole = strncmp(b->text, "dyn 1", 5) == 0;
  put_file(d, "block.dyn", b->text);
  char *argv[] = {arena_strdup(d->arena, d->dynrun), whole ? "check" : "fmt", "block.dyn", NULL};
  Ran ran = process_run(d->arena, NULL, argv);
  count(d, b, ran.status == 0, "a block of Dyn with errors", ran.err);
}

/* Does a command of the page mention the file? */
static bool is_used(const Doc *d, const char *name) {
  for (const char *p = d->text; (p = strstr(p, "\n$ ")); p++) {
    const char *found = strstr(p, name);
    if (found && found < p + 1 + strcspn(p + 1, "\n")) return true;
  }
  return false;
}

static void write_block(Doc *d, const Block *b, const char *name) {
  bool behind = strncmp(name, ">> ", 3) == 0;
  if (behind) name += 3;
  char *before = "";
  const char *why;
  size_t n;
  if (behind) file_read(d->arena, path_join(d->arena, process_folder(), name), &before, &n, &why);
  put_file(d, name, arena_printf(d->arena, "%s%s", before, b->text));
  if (!is_used(d, name))
    count(d, b, false, "no command uses this file:", arena_printf(d->arena, "  %s\n", name));
}

/* ---- commands -------------------------------------------------------------------------------- */

static Ran run_shell(Doc *d, const char *command) {
  const char *line = arena_printf(d->arena, "PATH='%s':/usr/bin:/bin; exec 2>&1; %s",
                                  path_dir(d->arena, d->dynrun), command);
  char *argv[] = {"/bin/sh", "-c", arena_strdup(d->arena, line), NULL};
  return process_run(d->arena, NULL, argv);
}

static bool is_there(Doc *d, const char *need) {
  const char *module = strchr(need, ':');
  const char *test =
      module ? arena_printf(d->arena, "%.*s -c 'import %s'", (int)(module - need), need, module + 1)
             : arena_printf(d->arena, "command -v %s", need);
  return run_shell(d, test).status == 0;
}

/* Reads the words behind `console`. False: a need is not met. */
static bool read_needs(Doc *d, const Block *b, double *tol) {
  for (const char *p = b->info + strcspn(b->info, " "); *(p += strspn(p, " "));) {
    size_t n = strcspn(p, " ");
    const char *word = arena_strndup(d->arena, p, n);
    p += n;
    if (*word == '~')
      *tol = strtod(word + 1, NULL);
    else if (!is_there(d, word))
      return printf("%s:%d: skipped: no %s here\n", d->path, b->line, word), false;
  }
  return true;
}

static void run_commands(Doc *d, const Block *b) {
  double tol = 0;
  if (!read_needs(d, b, &tol)) {
    d->counts->skipped++;
    return;
  }
  for (const char *p = b->text; strncmp(p, "$ ", 2) == 0;) {
    size_t n = strcspn(p, "\n");
    const char *command = arena_strndup(d->arena, p + 2, n - 2), *shown = p + n;
    const char *next = strstr(shown, "\n$ ");
    size_t length = next ? (size_t)(next - shown) : strlen(shown + 1);
    const char *expected = trim_end(d->arena, arena_strndup(d->arena, shown + 1, length));
    Ran ran = run_shell(d, command);
    bool ok = texts_agree(expected, ran.out, tol);
    count(d, b, ok, command, "");
    if (!ok) show_difference(expected, ran.out);
    p = next ? next + 1 : "";
  }
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void run_block(Doc *d, const Block *b) {
  const char *name = b->info + strcspn(b->info, " ");
  name += strspn(name, " ");
  if (strncmp(b->info, "console", 7) == 0)
    run_commands(d, b);
  else if (*name)
    write_block(d, b, name);
  else if (strcmp(b->info, "dyn") == 0)
    read_alone(d, b);
}

void doc_run(Arena *a, const char *path, const char *dynrun, Counts *counts) {
  Doc d = {.arena = a, .path = path, .dynrun = dynrun, .counts = counts};
  char *text;
  size_t n;
  const char *why;
  if (!file_read(a, path, &text, &n, &why)) return;
  d.text = text;
  Block b;
  for (const char *at = text; take_block(&d, &at, &b);) run_block(&d, &b);
}
