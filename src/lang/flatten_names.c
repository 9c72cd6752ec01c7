/* flatten_names.c: which names of a statement stand for declarations of files. Names that are bound
   closer to their use (arguments, quantities of a body, indices) are left alone. */
#include "lang/bound.h"
#include "lang/flatten_file.h"
#include "syntax/parse.h"

typedef struct Walk {
  Flat *f;
  FlatFile *file;
} Walk;

/* What a name or a path of fields stands for: a file as a whole, or a name declared in a file. */
typedef struct Target {
  FlatFile *file;
  const char *name; /* NULL: the file as a whole */
} Target;

/* ---- what names stand for -------------------------------------------------------------------- */

static Target find(Flat *f, FlatFile *file, const char *name) {
  const Ast *import = map_get(&file->names, name);
  if (map_has(&file->declared, name)) return (Target){file, name};
  if (!import) return (Target){0};
  FlatFile *from = flat_imported(f, import);
  return import->kind == AST_FROM ? find(f, from, name) : (Target){from, NULL};
}

static Target target_of(const Walk *w, const Bound *b, const Ast *x) {
  if (x->kind == AST_NAME)
    return bound_has(b, x->name) ? (Target){0} : find(w->f, w->file, x->name);
  Target base = x->kind == AST_FIELD ? target_of(w, b, x->kids[0]) : (Target){0};
  return base.file && !base.name ? find(w->f, base.file, x->name) : (Target){0};
}

static void need(Flat *f, FlatFile *file, const char *name) {
  const Ast *s = map_get(&file->declared, name);
  const char *key = arena_printf(f->arena, "%u", s->span.start);
  if (!file->prefix || map_has(&file->needed, key)) return;
  map_set(&file->needed, key, (void *)s);
  flat_walk_statement(f, file, s);
}

static bool refer(const Walk *w, const Bound *b, const Ast *x) {
  Flat *f = w->f;
  Target t = target_of(w, b, x);
  if (!t.file) return false;
  if (!t.name) {
    f->failed = true;
    ev_error(f->ev, E0813, ast_where(x), "the imported file `%s` is used as a value",
             ast_print(f->arena, x));
    return true;
  }
  need(f, t.file, t.name);
  bool changed = t.file->prefix || x->kind == AST_FIELD;
  if (changed)
    flat_edit(f, w->file, x->span,
              t.file->prefix ? arena_printf(f->arena, "%s_%s", t.file->prefix, t.name) : t.name);
  return true;
}

static bool visit(void *ctx, const Bound *b, const Ast *x) {
  return x->kind != AST_EXPECT && refer(ctx, b, x);
}

void flat_walk_statement(Flat *f, FlatFile *file, const Ast *s) {
  Walk w = {f, file};
  bound_walk(&(BoundWalk){f->arena, visit, &w}, NULL, s);
}
