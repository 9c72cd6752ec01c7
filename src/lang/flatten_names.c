/* flatten_names.c: which names of a statement stand for declarations of files. Names that are bound
   closer to their use (arguments, quantities of a body, indices) are left alone. */
#include <string.h>

#include "lang/flatten_file.h"
#include "syntax/parse.h"

/* Names bound around a place in the text. */
typedef struct Bound {
  const struct Bound *up;
  VEC(const char *) names;
} Bound;

typedef struct Walk {
  Flat *f;
  FlatFile *file;
} Walk;

/* What a name or a path of fields stands for: a file as a whole, or a name declared in a file. */
typedef struct Target {
  FlatFile *file;
  const char *name; /* NULL: the file as a whole */
} Target;

static bool is_bound(const Bound *b, const char *name) {
  for (; b; b = b->up)
    for (size_t i = 0; i < b->names.n; i++)
      if (strcmp(b->names.at[i], name) == 0) return true;
  return false;
}

static void bind(const Walk *w, Bound *b, const char *name) {
  if (name) *vec_push(w->f->arena, &b->names) = name;
}

/* ---- what names stand for -------------------------------------------------------------------- */

static Target find(Flat *f, FlatFile *file, const char *name) {
  const Ast *import = map_get(&file->names, name);
  if (map_has(&file->declared, name)) return (Target){file, name};
  if (!import) return (Target){0};
  FlatFile *from = flat_imported(f, import);
  return import->kind == AST_FROM ? find(f, from, name) : (Target){from, NULL};
}

static Target target_of(const Walk *w, const Bound *b, const Ast *x) {
  if (x->kind == AST_NAME) return is_bound(b, x->name) ? (Target){0} : find(w->f, w->file, x->name);
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

/* ---- the walk -------------------------------------------------------------------------------- */

static void walk(const Walk *w, const Bound *up, const Ast *x);

static void walk_kids(const Walk *w, const Bound *up, const Ast *x) {
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i]) walk(w, up, x->kids[i]);
}

static void bind_items(const Walk *w, Bound *b, const Ast *s) {
  for (uint32_t k = 0; k < s->nkids; k++) {
    const Ast *item = s->kids[k];
    if (item && item->kind == AST_ITEM) bind(w, b, item->name);
    for (uint32_t j = 1; item && item->kind == AST_UNPACK && j < item->nkids; j++)
      bind(w, b, item->kids[j]->name);
  }
}

/* In the body of a network, neuron or task every name holds everywhere, and some are given. */
static void walk_body(const Walk *w, const Bound *up, const Ast *body) {
  static const char *const given[] = {"t", "fired", "out", "seed"};
  Bound b = {.up = up};
  for (size_t i = 0; i < sizeof given / sizeof *given; i++) bind(w, &b, given[i]);
  for (uint32_t i = 0; i < body->nkids; i++) {
    if (body->kids[i]->kind != AST_EXPR) bind(w, &b, body->kids[i]->name);
    bind_items(w, &b, body->kids[i]);
  }
  for (uint32_t i = 0; i < body->nkids; i++) {
    const Ast *s = body->kids[i];
    bool parts = s->kind == AST_PHASE || s->kind == AST_WHEN;
    walk(w, &b, parts ? s->kids[0] : s);
    if (parts) walk_kids(w, &b, s->kids[1]);
  }
}

/* In other blocks a value holds from behind its line on, a function everywhere. */
static void walk_block(const Walk *w, const Bound *up, const Ast *block) {
  Bound b = {.up = up};
  for (uint32_t i = 0; i < block->nkids; i++)
    if (ast_declares_function(block->kids[i])) bind(w, &b, block->kids[i]->name);
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    for (uint32_t k = 0; s->kind == AST_LET && k < s->nkids; k++) {
      walk(w, &b, s->kids[k]);
      bind_items(w, &b, &(Ast){.nkids = 1, .kids = (Ast *[]){s->kids[k]}});
    }
    if (s->kind != AST_LET) walk(w, &b, s);
    if (s->kind == AST_PARAM) bind(w, &b, s->name);
  }
}

static void walk_function(const Walk *w, const Bound *up, const Ast *x) {
  Bound b = {.up = up};
  bool body = x->kind == AST_NETWORK || x->kind == AST_NEURON || x->kind == AST_TASK;
  if (x->kind == AST_CONNECTIVITY) bind(w, &b, "post"), bind(w, &b, "pre");
  for (uint32_t i = 0; i + 1 < x->nkids; i++) {
    walk(w, &b, x->kids[i]);
    bind(w, &b, x->kids[i]->name);
  }
  (body ? walk_body : walk)(w, &b, x->kids[x->nkids - 1]);
}

static void walk_loop(const Walk *w, const Bound *up, const Ast *x) {
  Bound b = {.up = up};
  for (uint32_t i = 1; i < x->nkids; i++) {
    walk(w, &b, x->kids[i]->kids[0]);
    bind(w, &b, x->kids[i]->name);
  }
  walk(w, &b, x->kids[0]);
}

static void walk(const Walk *w, const Bound *up, const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_NAME: refer(w, up, x); return;
    case AST_FIELD:
      if (!refer(w, up, x)) walk_kids(w, up, x);
      return;
    case AST_FN:
    case AST_LAMBDA:
    case AST_ANALYSIS:
    case AST_CONNECTIVITY:
    case AST_NEURON:
    case AST_NETWORK:
    case AST_TASK: walk_function(w, up, x); return;
    case AST_BLOCK: walk_block(w, up, x); return;
    case AST_COMPREHENSION:
    case AST_SWEEP: walk_loop(w, up, x); return;
    case AST_UNPACK: walk(w, up, x->kids[0]); return;
    case AST_IMPORT:
    case AST_FROM: return;
    default: walk_kids(w, up, x);
  }
}

void flat_walk_statement(Flat *f, FlatFile *file, const Ast *s) {
  walk(&(Walk){f, file}, NULL, s);
}
