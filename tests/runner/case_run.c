/* case_run.c: runs cases and compares. Trees, passes and graphs are made by the library in a child;
   everything else goes through dynrun itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "case.h"
#include "compare.h"
#include "pass/pass.h"
#include "process.h"
#include "syntax/parse.h"

static const char *const program_name = "test.dyn";

typedef struct Runner {
  Arena *arena;
  const char *dynrun;
} Runner;

/* Compares and keeps what was found, if it is something else. */
static void settle(Section *s, const char *found, double tol) {
  s->found = texts_agree(s->text, found, tol) ? NULL : found;
}

/* ---- by the library ---- */

static int print_tree(void *ctx) {
  const Case *c = ctx;
  Arena *a = arena_new();
  DiagList d;
  diag_init(&d, a);
  const Ast *tree = parse_source(a, source_make(a, "<test>", c->program, strlen(c->program)), &d);
  diag_print_all(stdout, &d, DIAG_PLAIN);
  if (tree && d.errors == 0) puts(ast_dump(a, tree));
  arena_free(a);
  return 0;
}

static const PassRow *find_pass(const char *name) {
  for (const PassRow *p = pass_table; p->name; p++)
    if (strcmp(p->name, name) == 0) return p;
  return NULL;
}

/* False when the graph is not sound: said on standard output. */
static bool is_sound(Arena *a, const GraphFn *f, const char *after) {
  const char *why = graph_verify(a, f);
  if (why) printf("unsound after %s: %s\n", after, why);
  return !why;
}

/* Reads the first graph of the case, applies its passes, prints what comes out. */
static int print_passes(void *ctx) {
  Case *c = ctx;
  Arena *a = arena_new();
  DiagList d;
  diag_init(&d, a);
  const Section *given = case_find(c, "graph");
  GraphFn *f = graph_read(a, source_make(a, "<test>", given->text, strlen(given->text)), &d);
  diag_print_all(stdout, &d, DIAG_PLAIN);
  bool sound = f && is_sound(a, f, "reading");
  for (size_t i = 0; sound && i < c->sections.n; i++) {
    const Section *s = &c->sections.at[i];
    if (strcmp(s->name, "pass") != 0) continue;
    const PassRow *pass = find_pass(s->arg);
    if (pass) f = pass->run(a, f);
    if (!pass) printf("there is no pass `%s`\n", s->arg);
    sound = pass && is_sound(a, f, s->arg);
  }
  if (sound) puts(graph_print(a, f));
  arena_free(a);
  return 0;
}

/* What a child printed, with a word on its end if that was bad. */
static const char *told(Runner *r, Ran ran) {
  if (ran.status == 0) return ran.out;
  return arena_printf(r->arena, "%s%sended with status %d\n", ran.out, ran.err, ran.status);
}

static void run_passes(Runner *r, Case *c) {
  Section *last = NULL;
  for (size_t i = 0; i < c->sections.n; i++)
    if (strcmp(c->sections.at[i].name, "graph") == 0) last = &c->sections.at[i];
  settle(last, told(r, process_call(r->arena, print_passes, c)), 0);
}

/* ---- by dynrun ---- */

enum { MAX_WORDS = 32 };

/* Splits a command line at blanks; quotes hold words together. */
static int split_words(Arena *a, const char *text, char **words) {
  int n = 0;
  while (*(text += strspn(text, " ")) && n < MAX_WORDS) {
    bool quoted = *text == '"';
    text += quoted;
    size_t len = strcspn(text, quoted ? "\"" : " ");
    words[n++] = arena_strndup(a, text, len);
    text += len + (quoted && text[len]);
  }
  return n;
}

static Ran run_dynrun(Runner *r, const char *flags, const char *file) {
  char *argv[MAX_WORDS + 3] = {arena_strdup(r->arena, r->dynrun)};
  int n = 1 + split_words(r->arena, flags, argv + 1);
  argv[n] = arena_strdup(r->arena, file);
  Ran ran = process_run(r->arena, NULL, argv);
  ran.out = replace_all(r->arena, ran.out, file, "<test>");
  ran.err = replace_all(r->arena, ran.err, file, "<test>");
  return ran;
}

static void write_beside(Runner *r, const char *name, const char *text) {
  const char *why;
  const char *path = path_join(r->arena, process_folder(), name);
  if (!file_write(r->arena, path, text, strlen(text), &why)) printf("%s\n", why);
}

static void run_layout(Runner *r, Section *s) {
  const char *once = told(r, run_dynrun(r, "fmt", program_name));
  settle(s, once, 0);
  write_beside(r, "again.dyn", once);
  const char *twice = told(r, run_dynrun(r, "fmt", "again.dyn"));
  if (!texts_agree(once, twice, 0))
    s->found = arena_printf(r->arena, "%s\nlaid out again, this becomes\n%s", once, twice);
}

static double tolerance_of(const Section *s) {
  return s->arg[0] == '~' ? strtod(s->arg + 1, NULL) : 0;
}

/* Sections that were not written stand for an empty `error` and the status that suits it. */
static void compare_run(Runner *r, Case *c, Ran ran) {
  Section *out = case_find(c, "out"), *error = case_find(c, "error"), *ended = case_find(c, "exit");
  if (out) settle(out, ran.out, tolerance_of(out));
  if (!error && *trim_end(r->arena, ran.err)) {
    error = vec_push(r->arena, &c->sections);
    *error = (Section){.name = "error", .arg = "", .text = "", .line = c->line};
    ended = case_find(c, "exit");
  }
  if (error) settle(error, ran.err, 0);
  bool errors = error && strstr(error->found ? error->found : error->text, "error:");
  int usual = errors ? 3 : 0;
  if (!ended && ran.status != usual) {
    ended = vec_push(r->arena, &c->sections);
    *ended = (Section){.name = "exit", .text = "", .line = c->line};
    ended->arg = arena_printf(r->arena, "%d", usual);
  }
  if (ended && atoi(ended->arg) != ran.status)
    ended->found = arena_printf(r->arena, "%d", ran.status);
}

static bool needs_run(Case *c) {
  static const char *const names[] = {"out", "error", "exit", "flags"};
  for (int i = 0; i < 4; i++)
    if (case_find(c, names[i])) return true;
  return !case_find(c, "ast") && !case_find(c, "fmt") && !case_find(c, "graph");
}

static void run_program(Runner *r, Case *c) {
  Section *ast = case_find(c, "ast"), *fmt = case_find(c, "fmt"), *graph = case_find(c, "graph");
  const Section *flags = case_find(c, "flags");
  for (size_t i = 0; i < c->sections.n; i++)
    if (strcmp(c->sections.at[i].name, "file") == 0)
      write_beside(r, c->sections.at[i].arg, c->sections.at[i].text);
  write_beside(r, program_name, c->program);
  if (ast) settle(ast, told(r, process_call(r->arena, print_tree, c)), 0);
  if (graph) settle(graph, told(r, run_dynrun(r, "graph", program_name)), 0);
  if (fmt) run_layout(r, fmt);
  if (needs_run(c)) compare_run(r, c, run_dynrun(r, flags ? flags->arg : "-q", program_name));
}

static bool report(const CaseFile *f, const Case *c) {
  bool agrees = true;
  for (size_t i = 0; i < c->sections.n; i++) {
    const Section *s = &c->sections.at[i];
    if (!s->found) continue;
    bool is_exit = strcmp(s->name, "exit") == 0;
    if (agrees) printf("%s:%d: %s\n", f->path, c->line, c->title);
    printf("  %s:%d: --- %s\n", f->path, s->line, s->name);
    show_difference(is_exit ? s->arg : s->text, s->found);
    agrees = false;
  }
  return agrees;
}

void case_file_run(Arena *a, const char *path, const char *dynrun, bool bless, int *passed,
                   int *failed) {
  Runner r = {a, dynrun};
  CaseFile *f = case_file_read(a, path);
  if (!f) {
    ++*failed;
    return;
  }
  bool changed = false;
  for (size_t i = 0; i < f->cases.n; i++) {
    Case *c = &f->cases.at[i];
    process_clean(a);
    if (!*trim_end(a, c->program) && case_find(c, "graph"))
      run_passes(&r, c);
    else
      run_program(&r, c);
    bool agrees = report(f, c);
    ++*(agrees ? passed : failed);
    changed |= !agrees;
  }
  if (bless && changed) case_file_bless(a, f);
}
