/* import.c: modules. A file is read and parsed once, then evaluated in a scope of its own. Of a
   module only declarations count: its claims and statements are left out, and each `let` is
   computed when it is first read, so that what is not used costs nothing. */
#include "lang/stdlib.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "lang/core.h"
#include "lang/lazy.h"
#include "syntax/parse.h"

enum { IMPORT_DEPTH = 64 }; /* files that import files */

/* ---- reading ---- */

static const char *const std_prefix = "std.";

static const char *std_name(const Ast *s) {
  size_t n = strlen(std_prefix);
  return strncmp(s->text, std_prefix, n) == 0 ? s->text + n : NULL;
}

/* Does the text declare the name, at the start of a line? */
static bool text_declares(const char *text, const char *name) {
  static const char *const words[] = {"fn",   "neuron",   "connectivity", "network",
                                      "task", "analysis", "let"};
  size_t n = strlen(name);
  for (const char *line = text; line; line = strchr(line, '\n')) {
    line += *line == '\n';
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
      size_t w = strlen(words[k]);
      if (strncmp(line, words[k], w) != 0 || line[w] != ' ') continue;
      const char *end = line + w + 1 + n;
      if (strncmp(line + w + 1, name, n) == 0 && strchr(" (=:", *end)) return true;
    }
  }
  return false;
}

const char *stdlib_module_of(const char *name) {
  for (const StdlibFile *f = stdlib_files; f->name; f++)
    if (text_declares(f->text, name)) return f->name;
  return NULL;
}

/* What the module is known by: "std.tasks", or the path of its file. */
static const char *module_key(Ev *ev, const Ast *s) {
  if (!(s->flags & AST_QUOTED)) return s->text;
  const char *dir = path_dir(ev->arena, s->src->name);
  return strcmp(dir, ".") == 0 ? s->text : path_join(ev->arena, dir, s->text);
}

static const Source *std_source(Ev *ev, const Ast *s) {
  const char *name = std_name(s);
  VEC(const char *) names = {0};
  for (const StdlibFile *f = stdlib_files; f->name; f++) {
    if (name && strcmp(f->name, name) == 0)
      return source_make(ev->arena, arena_printf(ev->arena, "%s.dyn", s->text), f->text, f->len);
    *vec_push(ev->arena, &names) = f->name;
  }
  Where at = ast_where(s);
  Diag *d = ev_report(ev, E0217, at, "there is no module `%s`", s->text);
  const char *near = nearest_name(name ? name : s->text, names.at, names.n);
  if (near) diag_note(ev->diag, d, at, "did you mean `std.%s`?", near);
  if (!name)
    diag_note(ev->diag, d, at, "a file is imported by its name in quotes: import \"%s.dyn\"",
              s->text);
  return NULL;
}

static const Source *file_source(Ev *ev, const Ast *s, const char *key) {
  char *text;
  size_t n;
  const char *why, *elsewhere = map_get(&ev->elsewhere, key);
  if (file_read(ev->arena, elsewhere ? elsewhere : key, &text, &n, &why))
    return source_make(ev->arena, key, text, n);
  const char *reason = strrchr(why, ':');
  ev_error(ev, E0217, ast_where(s), "cannot import `%s`%s", key, reason ? reason : "");
  return NULL;
}

static const Ast *module_tree(Ev *ev, const Ast *s, const char *key) {
  const Ast *tree = map_get(&ev->trees, key);
  if (tree || map_has(&ev->trees, key)) return tree;
  bool file = (s->flags & AST_QUOTED) || map_has(&ev->elsewhere, key);
  const Source *src = file ? file_source(ev, s, key) : std_source(ev, s);
  int errors = ev->diag->errors;
  if (src) tree = parse_source(ev->arena, src, ev->diag);
  if (src && ev->diag->errors > errors) tree = NULL;
  map_set(&ev->trees, key, (void *)tree);
  return tree;
}

/* ---- names ---- */

static bool is_taken(const Ev *ev, const char *name) {
  for (size_t i = 0; i < ev->modules.n; i++) {
    const Value *module = ev->modules.items[i].value;
    if (module->path && strcmp(module->path, name) == 0) return true;
  }
  return false;
}

/* What the paths of a module's declarations begin with, a name: "std_tasks", "lab" of "lab.dyn";
   "lab_2" for a second file that would have the same. */
static const char *module_name(Ev *ev, const Ast *s) {
  const char *text = s->text, *ending = ".dyn";
  size_t n = strlen(text), m = strlen(ending);
  if ((s->flags & AST_QUOTED) && n > m && strcmp(text + n - m, ending) == 0) n -= m;
  while (n > 1 && !isalpha((unsigned char)*text)) text++, n--;
  char *name = arena_strndup(ev->arena, text, n);
  for (char *c = name; *c; c++)
    if (!isalnum((unsigned char)*c)) *c = '_';
  const char *unique = name;
  for (int k = 2; is_taken(ev, unique); k++) unique = arena_printf(ev->arena, "%s_%d", name, k);
  return unique;
}

/* ---- evaluating ---- */

/* A `let` of a module that waits for its first use. */
typedef struct Waiting {
  Scope *scope;
  const Ast *item;
  const char *name, *module;
} Waiting;

/* Computed as at the top of its file, whatever is being traced where it is read. */
static Value *eval_waiting(Ev *ev, void *ctx) {
  const Waiting *w = ctx;
  Graph *trace = ev->trace;
  TimeKind *time = ev->time;
  const char *path = ev->path, *module = ev->module;
  int attempts = ev->attempts, elementwise = ev->elementwise;
  ev->trace = NULL;
  ev->time = NULL;
  ev->path = NULL;
  ev->module = w->module;
  ev->attempts = ev->elementwise = 0;
  Scope *sc = scope_new(ev, w->scope);
  ev_let_item(ev, sc, w->item);
  ev->trace = trace;
  ev->time = time;
  ev->path = path;
  ev->module = module;
  ev->attempts = attempts;
  ev->elementwise = elementwise;
  return map_get(&sc->names, w->name);
}

static void wait_for(Ev *ev, Scope *sc, const Ast *item, const Ast *name) {
  Waiting *w = ARENA_NEW(ev->arena, Waiting);
  *w = (Waiting){.scope = sc, .item = item, .name = name->name, .module = ev->module};
  scope_set(sc, name->name, value_lazy(ev, name->name, ast_name_where(name), eval_waiting, w));
}

static void wait_for_let(Ev *ev, Scope *sc, const Ast *let) {
  for (uint32_t i = 0; i < let->nkids; i++) {
    const Ast *item = let->kids[i];
    if (item->kind == AST_ITEM) wait_for(ev, sc, item, item);
    for (uint32_t k = 1; item->kind == AST_UNPACK && k < item->nkids; k++)
      wait_for(ev, sc, item, item->kids[k]);
  }
}

static void eval_module(Ev *ev, Value *module, const Ast *tree) {
  Scope *sc = scope_new(ev, ev->builtins);
  sc->file = true;
  hoist(ev, sc, tree);
  for (uint32_t i = 0; i < tree->nkids; i++) {
    const Ast *s = tree->kids[i];
    if (s->kind == AST_LET) wait_for_let(ev, sc, s);
    if (s->kind == AST_PARAM || s->kind == AST_IMPORT || s->kind == AST_FROM)
      ev_statement(ev, sc, s);
  }
  module->scope = sc;
}

/* Why a module cannot be entered, or NULL. */
static Value *refused(Ev *ev, const Value *known, const Ast *s, const char *key) {
  if (known && !known->scope) {
    Diag *d = ev_report(ev, E0218, ast_where(s),
                        "`%s` is being imported already: files import each other", key);
    diag_note(ev->diag, d, ast_where(s), "what both need can stand in a third file");
    return &VALUE_ERROR;
  }
  if (ev->depth >= IMPORT_DEPTH)
    return ev_error(ev, E0218, ast_where(s), "imports nested more than %d deep", IMPORT_DEPTH);
  return NULL;
}

static Value *module_of(Ev *ev, const Ast *s) {
  const char *key = module_key(ev, s);
  Value *known = map_get(&ev->modules, key);
  if (known && known->scope) return known;
  if (refused(ev, known, s, key)) return &VALUE_ERROR;
  const Ast *tree = module_tree(ev, s, key);
  if (!tree) return &VALUE_ERROR;
  Value *module = ARENA_NEW(ev->arena, Value);
  module->kind = V_MODULE;
  module->at = ast_where(tree);
  module->path = module_name(ev, s);
  map_set(&ev->modules, key, module);
  const char *path = ev->path, *outer = ev->module;
  ev->path = NULL;
  ev->module = module->path;
  ev->depth++;
  eval_module(ev, module, tree);
  ev->depth--;
  ev->path = path;
  ev->module = outer;
  return module;
}

const Value *import_module(Ev *ev, const Ast *s) {
  return map_get(&ev->modules, module_key(ev, s));
}

const Ast *import_tree(Ev *ev, const Ast *s) {
  return map_get(&ev->trees, module_key(ev, s));
}

/* ---- statements ---- */

static void import_names(Ev *ev, Scope *sc, const Ast *s, Value *module) {
  VEC(const char *) all = {0};
  for (size_t i = 0; module->scope && i < module->scope->names.n; i++)
    *vec_push(ev->arena, &all) = module->scope->names.items[i].key;
  for (uint32_t i = 0; i < s->nkids; i++) {
    const Ast *name = s->kids[i];
    Value *v = module->kind == V_MODULE ? (Value *)value_field(module, name->name) : module;
    if (!v) {
      Where at = ast_where(name);
      Diag *d = ev_report(ev, E0219, at, "`%s` does not declare `%s`", s->text, name->name);
      const char *near = nearest_name(name->name, all.at, all.n);
      if (near) diag_note(ev->diag, d, at, "did you mean `%s`?", near);
      v = &VALUE_ERROR;
    }
    scope_set(sc, name->name, v);
  }
}

/* What `import std.tasks` or `import "lab.dyn"` is called here. */
const char *import_name(Ev *ev, const Ast *s) {
  if (s->name) return s->name;
  if (s->flags & AST_QUOTED) return path_stem(ev->arena, s->text);
  const char *dot = strrchr(s->text, '.');
  return dot ? dot + 1 : s->text;
}

void ev_import(Ev *ev, Scope *sc, const Ast *s) {
  Value *module = module_of(ev, s);
  if (s->kind == AST_FROM)
    import_names(ev, sc, s, module);
  else
    scope_set(sc, import_name(ev, s), module);
}
