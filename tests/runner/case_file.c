/* case_file.c: reads and writes files of cases. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "case.h"
#include "compare.h"

/* The lines from *at up to the next line that begins with === or ---. */
static const char *take_body(Arena *a, const char **at, int *line) {
  const char *start = *at, *p = start;
  while (*p && strncmp(p, "=== ", 4) != 0 && strncmp(p, "--- ", 4) != 0) {
    p += strcspn(p, "\n");
    if (*p) p++, ++*line;
  }
  *at = p;
  return arena_strndup(a, start, (size_t)(p - start));
}

/* The rest of the line after its mark; moves on to the next line. */
static const char *take_head(Arena *a, const char **at, int *line) {
  size_t n = strcspn(*at, "\n");
  const char *head = trim_end(a, arena_strndup(a, *at + 4, n - 4));
  *at += n;
  if (**at) ++*at, ++*line;
  return head;
}

static bool is_section(const char *name) {
  static const char *const names[] = {"file",  "flags", "out", "error", "exit",
                                      "graph", "ast",   "fmt", "pass"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

/* A section of another name would be compared with nothing. */
static bool sections_are_known(const CaseFile *f) {
  bool known = true;
  for (size_t i = 0; i < f->cases.n; i++) {
    const Case *c = &f->cases.at[i];
    for (size_t k = 0; k < c->sections.n; k++) {
      const Section *s = &c->sections.at[k];
      if (is_section(s->name)) continue;
      printf("%s:%d: a case has no section `%s`\n", f->path, s->line, s->name);
      known = false;
    }
  }
  return known;
}

static void take_section(Arena *a, Case *c, const char **at, int *line) {
  Section *s = vec_push(a, &c->sections);
  s->line = *line;
  const char *head = take_head(a, at, line);
  size_t n = strcspn(head, " ");
  s->name = arena_strndup(a, head, n);
  s->arg = head + n + strspn(head + n, " ");
  s->text = take_body(a, at, line);
}

CaseFile *case_file_read(Arena *a, const char *path) {
  char *text;
  size_t n;
  const char *why;
  if (!file_read(a, path, &text, &n, &why)) {
    printf("%s\n", why);
    return NULL;
  }
  CaseFile *f = ARENA_NEW(a, CaseFile);
  f->path = path;
  const char *at = text;
  int line = 1;
  f->comment = take_body(a, &at, &line);
  while (*at) {
    Case *c = vec_push(a, &f->cases);
    c->line = line;
    c->title = take_head(a, &at, &line);
    c->program = take_body(a, &at, &line);
    while (strncmp(at, "--- ", 4) == 0) take_section(a, c, &at, &line);
  }
  return sections_are_known(f) ? f : NULL;
}

Section *case_find(Case *c, const char *name) {
  for (size_t i = 0; i < c->sections.n; i++)
    if (strcmp(c->sections.at[i].name, name) == 0) return &c->sections.at[i];
  return NULL;
}

static void put_section(FILE *out, Arena *a, const Section *s) {
  bool is_exit = strcmp(s->name, "exit") == 0;
  const char *arg = is_exit && s->found ? s->found : s->arg;
  fprintf(out, "--- %s%s%s\n", s->name, *arg ? " " : "", arg);
  const char *body = trim_end(a, s->found && !is_exit ? s->found : s->text);
  if (*body) fprintf(out, "%s\n", body);
}

void case_file_bless(Arena *a, const CaseFile *f) {
  FILE *out = fopen(f->path, "w");
  if (!out) {
    perror(f->path);
    return;
  }
  fputs(f->comment, out);
  for (size_t i = 0; i < f->cases.n; i++) {
    const Case *c = &f->cases.at[i];
    const char *program = trim_end(a, c->program);
    fprintf(out, "%s=== %s\n%s%s", i ? "\n" : "", c->title, program, *program ? "\n" : "");
    for (size_t k = 0; k < c->sections.n; k++) put_section(out, a, &c->sections.at[k]);
  }
  fclose(out);
}
