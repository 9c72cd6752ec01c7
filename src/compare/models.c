/* models.c: see models.h. Each statement is known by a kind and a name, "equation" and
   "chaos: dx/dt"; its text is printed from the tree, in one line. */
#include "compare/models.h"

#include <string.h>

#include "syntax/parse.h"

typedef struct Part {
  const char *what, *name, *text;
} Part;

typedef struct Parts {
  Arena *arena;
  VEC(Part) of;
} Parts;

/* Parts of the same name, such as two `plot` of the same text, are numbered. */
static void add_part(Parts *p, const char *prefix, const char *what, const char *name,
                     const char *text) {
  const char *full = *prefix ? arena_printf(p->arena, "%s: %s", prefix, name) : name;
  int before = 0;
  for (size_t i = 0; i < p->of.n; i++) {
    const char *known = p->of.at[i].name;
    size_t n = strlen(full);
    bool same = strncmp(known, full, n) == 0 && (!known[n] || strncmp(known + n, " (", 2) == 0);
    before += same && strcmp(p->of.at[i].what, what) == 0;
  }
  if (before) full = arena_printf(p->arena, "%s (%d)", full, before + 1);
  *vec_push(p->arena, &p->of) = (Part){what, full, text};
}

/* ---- statements ------------------------------------------------------------------------------ */

/* What a statement is called, if nothing else can have the name: by which changes are found. */
static const char *name_of(Arena *a, const Ast *s) {
  switch ((AstKind)s->kind) {
    case AST_EQUATION: return arena_printf(a, "d%s/dt", s->name);
    case AST_NEXT:
    case AST_PARAM:
    case AST_FN:
    case AST_NEURON:
    case AST_CONNECTIVITY:
    case AST_NETWORK:
    case AST_TASK:
    case AST_ANALYSIS:
    case AST_POPULATION:
    case AST_PHASE:
    case AST_MASK:
    case AST_SCORE: return s->name;
    case AST_ASSIGN:
    case AST_ADD: return ast_print(a, s->kids[0]);
    case AST_CONNECT:
      if (s->name) return s->name;
      return arena_printf(a, "%s -> %s", ast_print(a, s->kids[0]), ast_print(a, s->kids[1]));
    case AST_EXPECT: return ast_print(a, s->kids[0]);
    default: return s->name ? s->name : ast_print(a, s);
  }
}

static const char *what_of(const Ast *s) {
  switch ((AstKind)s->kind) {
    case AST_PARAM: return "parameter";
    case AST_EQUATION:
    case AST_NEXT:
    case AST_ASSIGN:
    case AST_ADD: return "equation";
    case AST_EXPECT: return "claim";
    case AST_FN: return "function";
    case AST_EXPR: return "statement";
    case AST_CONNECT: return "connection";
    default: return ast_kind_name((AstKind)s->kind);
  }
}

static const Ast *body_of(const Ast *s) {
  bool bodied = s->kind == AST_NEURON || s->kind == AST_NETWORK || s->kind == AST_TASK ||
                s->kind == AST_ANALYSIS;
  const Ast *body = bodied ? s->kids[s->nkids - 1] : NULL;
  return body && body->kind == AST_BLOCK ? body : NULL;
}

static void add_statement(Parts *p, const char *prefix, const Ast *s);

/* The arguments, and each statement of the body. */
static void add_declaration(Parts *p, const Ast *s, const Ast *body) {
  for (uint32_t i = 0; i + 1 < s->nkids; i++)
    add_part(p, s->name, "argument", s->kids[i]->name, ast_print(p->arena, s->kids[i]));
  for (uint32_t i = 0; i < body->nkids; i++) add_statement(p, s->name, body->kids[i]);
  if (s->nkids == 1 && body->nkids == 0) add_part(p, "", what_of(s), s->name, "empty");
}

static void add_items(Parts *p, const char *prefix, const Ast *s) {
  for (uint32_t i = 0; i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    const char *text = ast_print(p->arena, item);
    add_part(p, prefix, what_of(s), item->kind == AST_ITEM ? item->name : text, text);
  }
}

static void add_statement(Parts *p, const char *prefix, const Ast *s) {
  const Ast *body = body_of(s);
  const Ast *one = s->nkids ? s->kids[0] : NULL;
  bool items = one && (one->kind == AST_ITEM || one->kind == AST_UNPACK);
  if (body)
    add_declaration(p, s, body);
  else if (items)
    add_items(p, prefix, s);
  else
    add_part(p, prefix, what_of(s), name_of(p->arena, s), ast_print(p->arena, s));
}

static void read_parts(Arena *a, const char *text, Parts *out) {
  DiagList diag;
  diag_init(&diag, a);
  *out = (Parts){.arena = a};
  const Source *src = source_make(a, "model.dyn", text, strlen(text));
  const Ast *tree = parse_source(a, src, &diag);
  for (uint32_t i = 0; tree && i < tree->nkids; i++) add_statement(out, "", tree->kids[i]);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static const Part *find_part(const Parts *all, const Part *like) {
  for (size_t i = 0; i < all->of.n; i++)
    if (strcmp(all->of.at[i].what, like->what) == 0 && strcmp(all->of.at[i].name, like->name) == 0)
      return &all->of.at[i];
  return NULL;
}

static void add_row(Comparison *c, const Part *part, const char *first, const char *second) {
  comparison_texts(c, part->what, part->name, first, second);
}

void compare_models(const char *first, const char *second, Comparison *c) {
  Parts p, q;
  read_parts(c->arena, first, &p);
  read_parts(c->arena, second, &q);
  for (size_t i = 0; i < p.of.n; i++) {
    const Part *other = find_part(&q, &p.of.at[i]);
    add_row(c, &p.of.at[i], p.of.at[i].text, other ? other->text : NULL);
  }
  for (size_t i = 0; i < q.of.n; i++)
    if (!find_part(&p, &q.of.at[i])) add_row(c, &q.of.at[i], NULL, q.of.at[i].text);
}

/* ---- origins --------------------------------------------------------------------------------- */

static const char *setting(Arena *a, const Provenance *p, const char *name) {
  size_t n = strlen(name);
  for (size_t i = 0; i < p->nset; i++)
    if (strncmp(p->set[i], name, n) == 0 && p->set[i][n] == '=')
      return arena_strdup(a, p->set[i] + n + 1);
  return NULL;
}

static void compare_settings(const Provenance *p, const Provenance *q, bool second_alone,
                             Comparison *c) {
  for (size_t i = 0; i < p->nset; i++) {
    const char *name = arena_strndup(c->arena, p->set[i], strcspn(p->set[i], "="));
    const char *here = setting(c->arena, p, name), *there = setting(c->arena, q, name);
    if (!second_alone)
      comparison_texts(c, "setting", name, here, there);
    else if (!there)
      comparison_texts(c, "setting", name, NULL, here);
  }
}

void compare_origins(const Provenance *first, const Provenance *second, Comparison *c) {
  Arena *a = c->arena;
  compare_models(first->source, second->source, c);
  compare_settings(first, second, false, c);
  compare_settings(second, first, true, c);
  comparison_texts(c, "setting", "--seed", arena_printf(a, "%llu", (unsigned long long)first->seed),
                   arena_printf(a, "%llu", (unsigned long long)second->seed));
  comparison_texts(c, "setting", "--portable", first->portable ? "yes" : "no",
                   second->portable ? "yes" : "no");
}
