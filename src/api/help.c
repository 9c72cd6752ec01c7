/* help.c: `dynrun help` and `dynrun explain`: the tables of the language in words. */
#include "api/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/dim.h"

/* ---- texts ---- */

void help_put_wrapped(FILE *out, const char *indent, const char *text) {
  enum { WIDTH = 80 };
  size_t column = 0;
  for (const char *word = text; *word;) {
    size_t n = strcspn(word, " \n");
    if (column && column + 1 + n > WIDTH) {
      putc('\n', out);
      column = 0;
    }
    column += (size_t)fprintf(out, "%s%.*s", column ? " " : indent, (int)n, word);
    word += n;
    word += strspn(word, " \n");
  }
  putc('\n', out);
}

const char *help_text_of(Dyn *d, void (*put)(FILE *, const void *), const void *what) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  put(out, what);
  fclose(out);
  const char *kept = arena_strndup(d->arena, text, len);
  free(text);
  return kept;
}

/* ---- explain ---- */

/* The lines of `text`, each after four blanks. */
static void put_example(FILE *out, const char *lead, const char *text) {
  if (!*text) return;
  fprintf(out, "\n%s\n", lead);
  while (*text) {
    int n = (int)strcspn(text, "\n");
    fprintf(out, "    %.*s\n", n, text);
    text += n + (text[n] == '\n');
  }
}

static void put_explanation(FILE *out, const void *what) {
  const DiagInfo *info = what;
  fprintf(out, "%s: %s\n\n", info->code, info->title);
  help_put_wrapped(out, "", info->text);
  put_example(out, "For example", info->bad);
  put_example(out, "Instead", info->good);
}

static void put_codes(FILE *out, const void *what) {
  (void)what;
  for (int i = DIAG_NONE + 1; i < DIAG_COUNT; i++) {
    const DiagInfo *info = diag_info((DiagCode)i);
    fprintf(out, "  %s  %s\n", info->code, info->title);
  }
  fputs("\n`dynrun explain CODE` tells about one of them.\n", out);
}

const char *dyn_explain(Dyn *d, const char *code) {
  if (!*code) return help_text_of(d, put_codes, NULL);
  const DiagInfo *info = diag_info_by_name(code);
  return info ? help_text_of(d, put_explanation, info) : NULL;
}

const char *dyn_code(Dyn *d, size_t i) {
  (void)d;
  size_t code = DIAG_NONE + 1 + i;
  return code < DIAG_COUNT ? diag_info((DiagCode)code)->code : NULL;
}

/* ---- names ---- */

static const Keyword keywords[] = {
#define KEYWORD(word, form, doc) {word, form, doc},
#include "api/keyword.def"
#undef KEYWORD
};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

const Keyword *help_keyword(size_t i) {
  return i < KEYWORDS ? &keywords[i] : NULL;
}

const HelpGroup help_groups[HELP_GROUPS] = {
    {"Verbs and analyses", BUILTIN_VERB},
    {"Figures", BUILTIN_FIGURE},
    {"Integrators, optimisers, losses", BUILTIN_METHOD},
    {"Distributions", BUILTIN_DIST},
    {"Functions", 0},
};

bool help_in_group(const Builtin *b, const HelpGroup *g) {
  unsigned all = 0;
  for (int i = 0; i < HELP_GROUPS; i++) all |= help_groups[i].flags;
  return g->flags ? (b->flags & g->flags) != 0 : (b->flags & all) == 0;
}

static size_t builtin_count(void) {
  size_t n = 0;
  while (builtin_at((int)n)) n++;
  return n;
}

const char *dyn_name(Dyn *d, size_t i) {
  const Builtin *b = builtin_at((int)i);
  if (b) return b->name;
  i -= builtin_count();
  if (i < KEYWORDS) return keywords[i].word;
  const char *const *units;
  size_t n = unit_names(&units);
  i -= KEYWORDS;
  if (i < n) return units[i];
  const LibraryItem *item = library_item(d, i - n);
  return item ? item->name : NULL;
}

/* Names in lines of at most 80 columns, under a heading that comes with the first. */
typedef struct NameList {
  FILE *out;
  const char *heading; /* NULL: none */
  size_t column;
} NameList;

static void put_name(NameList *l, const char *name) {
  enum { WIDTH = 80 };
  bool wraps = l->column + 1 + strlen(name) > WIDTH;
  if (!l->column && l->heading) fprintf(l->out, "%s\n", l->heading);
  if (l->column && wraps) putc('\n', l->out);
  if (wraps) l->column = 0;
  l->column += (size_t)fprintf(l->out, "%s%s", l->column ? " " : "    ", name);
}

static void end_names(const NameList *l) {
  if (l->column) fputs("\n\n", l->out);
}

static void put_group(FILE *out, const HelpGroup *g) {
  NameList l = {out, g->heading, 0};
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++)
    if (help_in_group(b, g)) put_name(&l, b->name);
  end_names(&l);
}

/* The declarations of each module of the standard library. */
static void put_library(FILE *out, Dyn *d) {
  NameList l = {out, NULL, 0};
  const char *module = NULL;
  const LibraryItem *item;
  for (size_t i = 0; (item = library_item(d, i)); i++) {
    if (module != item->module) end_names(&l);
    if (module != item->module)
      l = (NameList){out, arena_printf(d->arena, "std.%s", item->module), 0};
    module = item->module;
    put_name(&l, item->tree->name);
  }
  end_names(&l);
}

static void put_names(FILE *out, const void *what) {
  for (int i = 0; i < HELP_GROUPS; i++) put_group(out, &help_groups[i]);
  NameList words = {out, "Words of the language", 0};
  for (int i = 0; i < KEYWORDS; i++) put_name(&words, keywords[i].word);
  end_names(&words);
  NameList units = {out, "Units", 0};
  const char *const *unit;
  size_t n = unit_names(&unit);
  for (size_t i = 0; i < n; i++) put_name(&units, unit[i]);
  end_names(&units);
  put_library(out, (Dyn *)what);
  fputs("`dynrun help NAME` tells about one of them.\n", out);
}

/* ---- one name ---- */

static void put_keyword(FILE *out, const void *what) {
  const Keyword *k = what;
  fprintf(out, "%s\n\n", k->form);
  help_put_wrapped(out, "", k->doc);
}

static void put_builtin(FILE *out, const void *what) {
  const Builtin *b = what;
  help_put_wrapped(out, "", b->signature);
  putc('\n', out);
  help_put_wrapped(out, "", b->doc);
}

static void put_unit(FILE *out, const void *what) {
  const char *name = what;
  Arena *a = arena_new();
  fprintf(out, "1 %s\n\nA unit: %s. It follows its number after a blank: 10 %s.\n", name,
          help_unit(a, name), name);
  arena_free(a);
}

const char *help_unit(Arena *a, const char *name) {
  Dim dim;
  double factor;
  const char *bad;
  unit_parse(name, strlen(name), &dim, &factor, a, &bad);
  return arena_printf(a, "%.15g %s", factor,
                      dim_is_one(dim) ? "(a plain number)" : dim_name(a, dim));
}

/* ---- arguments ---- */

static bool takes(const Builtin *b, const char *name) {
  const char *cursor = b->signature;
  BuiltinParam p;
  while (builtin_next_param(&cursor, &p))
    if ((size_t)p.len == strlen(name) && memcmp(p.name, name, (size_t)p.len) == 0) return true;
  return false;
}

static bool is_argument(const char *name) {
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++)
    if (takes(b, name)) return true;
  return false;
}

static void put_argument(FILE *out, const void *what) {
  const char *name = what;
  fprintf(out, "An argument called %s is taken by\n\n", name);
  NameList l = {out, NULL, 0};
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++)
    if (takes(b, name)) put_name(&l, b->name);
  fputs("\n\nwhose help says what it means.\n", out);
}

/* ---- any name ---- */

static const Keyword *find_keyword(const char *word) {
  for (int i = 0; i < KEYWORDS; i++)
    if (strcmp(keywords[i].word, word) == 0) return &keywords[i];
  return NULL;
}

const char *dyn_help(Dyn *d, const char *name) {
  if (!*name) return help_text_of(d, put_names, d);
  const Builtin *b = builtin_find(name);
  if (b) return help_text_of(d, put_builtin, b);
  const Keyword *k = find_keyword(name);
  if (k) return help_text_of(d, put_keyword, k);
  if (unit_is_name(name, strlen(name))) return help_text_of(d, put_unit, name);
  const LibraryItem *item = library_find(d, name);
  if (item) return help_text_of(d, library_put, item);
  return is_argument(name) ? help_text_of(d, put_argument, name) : NULL;
}

const char *dyn_help_nearest(Dyn *d, const char *name) {
  VEC(const char *) names = {0};
  const char *known;
  for (size_t i = 0; (known = dyn_name(d, i)); i++) *vec_push(d->arena, &names) = known;
  const LibraryItem *item;
  for (size_t i = 0; (item = library_item(d, i)); i++)
    *vec_push(d->arena, &names) = item->tree->name;
  return nearest_name(name, names.at, names.n);
}
