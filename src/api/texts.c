/* texts.c: what a Dyn can tell in words: the model laid out anew, its graphs, help, and what
   diagnostics mean. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "lang/builtin.h"
#include "lang/network.h"
#include "pass/pass.h"
#include "run/run.h"
#include "syntax/parse.h"

const char *dyn_format(Dyn *d) {
  if (!d->source) return NULL;
  api_begin(d);
  const char *text = fmt_source(d->work, d->source, &d->diag);
  api_show_diagnostics(d);
  return text;
}

/* ---- graphs ---- */

/* A network, or a declaration that can be used without arguments. */
static bool stands_for_network(const Value *v) {
  if (v->kind == V_NETWORK) return true;
  if (v->kind != V_FUNCTION || !v->fn || v->fn->kind != AST_NETWORK) return false;
  for (uint32_t i = 0; i + 1 < v->fn->nkids; i++)
    if (v->fn->kids[i]->nkids == 0 || !v->fn->kids[i]->kids[0]) return false;
  return true;
}

static void print_system(FILE *out, Arena *a, const char *name, const System *s) {
  GraphFn *f = system_fn(a, s, &(SystemFnOptions){0});
  Program *p = program_plan(a, f, &(PlanOptions){0});
  fprintf(out, "network %s\n%s\nprogram %s\n%s\n", name, graph_print(a, pass_simplify(a, f, true)),
          name, program_print(a, p));
}

const char *dyn_graph(Dyn *d) {
  if (api_rehearse(d) != DYN_OK) return NULL;
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  const Map *names = &d->ev.top->names;
  for (size_t i = 0; i < names->n; i++) {
    Value *v = names->items[i].value;
    if (!stands_for_network(v)) continue;
    Value *net = network_of(&d->ev, v, v->at);
    System *s = net ? network_system(&d->ev, net, v->at) : NULL;
    if (s) print_system(out, d->work, names->items[i].key, s);
  }
  fclose(out);
  const char *kept = arena_strndup(d->work, text, len);
  free(text);
  api_show_diagnostics(d);
  return d->diag.errors ? NULL : kept;
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

/* Words of `text` in lines of at most 80 columns. */
static void put_wrapped(FILE *out, const char *indent, const char *text) {
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

/* Runs `put` on a stream in memory and keeps the text in the arena of the Dyn. */
static const char *text_of(Dyn *d, void (*put)(FILE *, const void *), const void *what) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  put(out, what);
  fclose(out);
  const char *kept = arena_strndup(d->arena, text, len);
  free(text);
  return kept;
}

static void put_explanation(FILE *out, const void *what) {
  const DiagInfo *info = what;
  fprintf(out, "%s: %s\n\n", info->code, info->title);
  put_wrapped(out, "", info->text);
  put_example(out, "For example", info->bad);
  put_example(out, "Instead", info->good);
}

const char *dyn_explain(Dyn *d, const char *code) {
  const DiagInfo *info = diag_info_by_name(code);
  return info ? text_of(d, put_explanation, info) : NULL;
}

/* ---- help ---- */

typedef struct Keyword {
  const char *word, *form, *doc;
} Keyword;

static const Keyword keywords[] = {
#define KEYWORD(word, form, doc) {word, form, doc},
#include "api/keyword.def"
#undef KEYWORD
};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

static const Keyword *find_keyword(const char *word) {
  for (int i = 0; i < KEYWORDS; i++)
    if (strcmp(keywords[i].word, word) == 0) return &keywords[i];
  return NULL;
}

static void put_keyword(FILE *out, const void *what) {
  const Keyword *k = what;
  fprintf(out, "%s\n\n", k->form);
  put_wrapped(out, "", k->doc);
}

static void put_builtin(FILE *out, const void *what) {
  const Builtin *b = what;
  put_wrapped(out, "", b->signature);
  putc('\n', out);
  put_wrapped(out, "", b->doc);
}

/* Names in lines of at most 80 columns, under a heading that comes with the first. */
typedef struct NameList {
  FILE *out;
  const char *heading;
  size_t column;
} NameList;

static void put_name(NameList *l, const char *name) {
  enum { WIDTH = 80 };
  bool wraps = l->column + 1 + strlen(name) > WIDTH;
  if (!l->column) fprintf(l->out, "%s\n", l->heading);
  if (l->column && wraps) putc('\n', l->out);
  if (wraps) l->column = 0;
  l->column += (size_t)fprintf(l->out, "%s%s", l->column ? " " : "    ", name);
}

static void end_names(const NameList *l) {
  if (l->column) fputs("\n\n", l->out);
}

/* All builtins with this flag; 0 stands for those that are in no group of their own. */
static void put_group(FILE *out, const char *heading, unsigned flag) {
  const unsigned groups = BUILTIN_VERB | BUILTIN_FIGURE | BUILTIN_METHOD | BUILTIN_DIST;
  NameList l = {out, heading, 0};
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++)
    if (flag ? (b->flags & flag) != 0 : (b->flags & groups) == 0) put_name(&l, b->name);
  end_names(&l);
}

static void put_names(FILE *out, const void *what) {
  (void)what;
  put_group(out, "Verbs and analyses", BUILTIN_VERB);
  put_group(out, "Figures", BUILTIN_FIGURE);
  put_group(out, "Integrators, optimisers, losses", BUILTIN_METHOD);
  put_group(out, "Distributions", BUILTIN_DIST);
  put_group(out, "Functions", 0);
  NameList l = {out, "Words of the language", 0};
  for (int i = 0; i < KEYWORDS; i++) put_name(&l, keywords[i].word);
  end_names(&l);
  fputs("`dynrun help NAME` tells about one of them.\n", out);
}

const char *dyn_help(Dyn *d, const char *name) {
  if (!*name) return text_of(d, put_names, NULL);
  const Builtin *b = builtin_find(name);
  if (b) return text_of(d, put_builtin, b);
  const Keyword *k = find_keyword(name);
  return k ? text_of(d, put_keyword, k) : NULL;
}

const char *dyn_help_nearest(Dyn *d, const char *name) {
  VEC(const char *) names = {0};
  const Builtin *b;
  for (int i = 0; (b = builtin_at(i)); i++) *vec_push(d->arena, &names) = b->name;
  for (int i = 0; i < KEYWORDS; i++) *vec_push(d->arena, &names) = keywords[i].word;
  return nearest_name(name, names.at, names.n);
}
