/* reference.c: the pages of the reference: the same rows, and the same words, as `dynrun help` and
   `dynrun explain`, in Markdown. */
#include <string.h>

#include "api/help.h"
#include "base/dim.h"
#include "report/document.h"

/* A page: its title, what it opens with, and what is on it. */
typedef struct Page {
  const char *name, *title, *lead;
  void (*put)(FILE *out, unsigned flags);
  unsigned flags; /* of the builtins on it */
} Page;

/* ---- Markdown ---- */

/* Text whose stars, underscores and brackets stay what they are; code between `` is left alone. */
static void put_text(FILE *out, const char *text) {
  bool code = false;
  for (; *text; text++) {
    if (*text == '`') code = !code;
    if (!code && strchr("*_<>[]~|\\", *text)) putc('\\', out);
    putc(*text, out);
  }
}

static void put_block(FILE *out, const char *text) {
  size_t n = strlen(text);
  fprintf(out, "```\n%s%s```\n", text, n && text[n - 1] == '\n' ? "" : "\n");
}

static void put_entry(FILE *out, const char *name, const char *form, const char *doc) {
  fprintf(out, "\n### %s\n\n", name);
  put_block(out, form);
  putc('\n', out);
  put_text(out, doc);
  putc('\n', out);
}

/* ---- what is on a page ---- */

static void put_link(FILE *out, bool first, const char *name) {
  fprintf(out, "%s[%s](#%s)", first ? "" : " ·\n", name, name);
}

static void put_index(FILE *out, const HelpGroup *g) {
  bool first = true;
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++) {
    if (!help_in_group(b, g)) continue;
    put_link(out, first, b->name);
    first = false;
  }
  putc('\n', out);
}

static void put_group(FILE *out, const HelpGroup *g) {
  fprintf(out, "\n## %s\n\n", g->heading);
  put_index(out, g);
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++)
    if (help_in_group(b, g)) put_entry(out, b->name, b->signature, b->doc);
}

static void put_builtins(FILE *out, unsigned flags) {
  for (int i = 0; i < HELP_GROUPS; i++) {
    const HelpGroup *g = &help_groups[i];
    if (flags ? (g->flags & flags) != 0 : g->flags == 0) put_group(out, g);
  }
}

static void put_words(FILE *out, unsigned flags) {
  (void)flags;
  const Keyword *k;
  for (size_t i = 0; (k = help_keyword(i)); i++) put_entry(out, k->word, k->form, k->doc);
  fputs("\n## Units\n\n| unit | is |\n|---|---|\n", out);
  Arena *a = arena_new();
  const char *const *unit;
  size_t n = unit_names(&unit);
  for (size_t i = 0; i < n; i++) fprintf(out, "| %s | %s |\n", unit[i], help_unit(a, unit[i]));
  arena_free(a);
}

static void put_diagnostics(FILE *out, unsigned flags) {
  (void)flags;
  for (int i = DIAG_NONE + 1; i < DIAG_COUNT; i++) {
    const DiagInfo *info = diag_info((DiagCode)i);
    fprintf(out, "\n### %s\n\n**", info->code);
    put_text(out, info->title);
    fputs("**\n\n", out);
    put_text(out, info->text);
    putc('\n', out);
    if (*info->bad) fputs("\nFor example:\n\n", out);
    if (*info->bad) put_block(out, info->bad);
    if (*info->good) fputs("\nInstead:\n\n", out);
    if (*info->good) put_block(out, info->good);
  }
}

/* The modules, as `dynrun doc std.NAME` has them. */
static void put_stdlib(FILE *out, unsigned flags) {
  (void)flags;
  Arena *a = arena_new();
  Outline o = {.text = {.arena = a}, .as = OUTLINE_MARKDOWN};
  for (const StdlibFile *f = stdlib_files; f->name; f++)
    document_file(&o, library_parse(a, f), arena_printf(a, "std.%s", f->name), 2);
  fprintf(out, "\n%s", text_str(&o.text));
  arena_free(a);
}

static const Page pages[] = {
    {"functions", "Functions",
     "Elementwise functions, reductions, shapes, linear algebra, time series, and functions of "
     "functions. Arguments with `=` may be left out.",
     put_builtins, 0},
    {"verbs", "Verbs and figures",
     "What runs networks, trains and analyses them, and what draws. Every verb takes named "
     "arguments; those with `=` may be left out.",
     put_builtins, BUILTIN_VERB | BUILTIN_FIGURE},
    {"methods", "Methods",
     "Integrators, optimisers and losses: ordinary values, given to verbs as `method = rk4` or "
     "`method = rkf45(rtol = 1e-6)`.",
     put_builtins, BUILTIN_METHOD},
    {"distributions", "Distributions",
     "What stands on the right of `~`, or is drawn by `sample(dist, shape)`.", put_builtins,
     BUILTIN_DIST},
    {"stdlib", "Standard library",
     "What `import std.neurons` and the like bring: written in Dyn, in the folder `stdlib`.",
     put_stdlib, 0},
    {"words", "Words and units",
     "The reserved words, the words that have a meaning in bodies only, and the units.", put_words,
     0},
    {"diagnostics", "Diagnostics",
     "Every error (E) and warning (W) has a stable code; `dynrun explain CODE` shows what stands "
     "here.",
     put_diagnostics, 0},
};
enum { PAGES = sizeof pages / sizeof *pages };

static void put_page(FILE *out, const void *what) {
  const Page *p = what;
  fprintf(out,
          "# %s\n\n%s\n\nThis page is made by `dynrun reference %s`; `dynrun help NAME` shows one "
          "entry.\n",
          p->title, p->lead, p->name);
  p->put(out, p->flags);
}

const char *dyn_reference(Dyn *d, const char *page) {
  for (int i = 0; i < PAGES; i++)
    if (strcmp(pages[i].name, page) == 0) return help_text_of(d, put_page, &pages[i]);
  return NULL;
}

const char *dyn_reference_page(Dyn *d, size_t i) {
  (void)d;
  return i < PAGES ? pages[i].name : NULL;
}
