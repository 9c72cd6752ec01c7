/* document.c: see document.h. Trees alone are read, so that a file with errors of other kinds than
   grammar has a documentation too. */
#include "report/document.h"

#include <string.h>

#include "syntax/parse.h"

typedef struct Document {
  Outline *o;
  Arena *arena;
  const Ast *file;
  int level;
} Document;

/* ---- where it is used ------------------------------------------------------------------------ */

/* An argument of the same name hides it from there on. */
typedef VEC(int) Lines;

static void find_uses(Document *d, const Ast *x, const Ast *decl, Lines *lines) {
  int line, column;
  if (x == decl) return;
  if (x->kind == AST_NAME && strcmp(x->name, decl->name) == 0) {
    source_line_col(x->src, x->span.start, &line, &column);
    if (!lines->n || lines->at[lines->n - 1] != line) *vec_push(d->arena, lines) = line;
  }
  for (uint32_t i = 0; i < x->nkids; i++) {
    const Ast *kid = x->kids[i];
    if (kid) find_uses(d, kid, decl, lines);
    if (kid && kid->kind == AST_PARAMETER && strcmp(kid->name, decl->name) == 0) return;
  }
}

static void put_uses(Document *d, const Ast *decl) {
  enum { MOST = 12 };
  Lines lines = {0};
  Text t = {.arena = d->arena};
  find_uses(d, d->file, decl, &lines);
  if (!lines.n) return;
  text_printf(&t, "Used in line%s", lines.n > 1 ? "s" : "");
  for (size_t i = 0; i < lines.n && i < MOST; i++)
    text_printf(&t, "%s %d", i ? "," : "", lines.at[i]);
  if (lines.n > MOST) text_printf(&t, " and %zu more", lines.n - MOST);
  text_add(&t, ".");
  outline_doc(d->o, text_str(&t));
}

/* ---- arguments and quantities ---------------------------------------------------------------- */

enum { COLUMNS = 3 };

typedef struct Table {
  VEC(const char *) cells;
} Table;

static void add_cell(Document *d, Table *t, const char *ready) {
  *vec_push(d->arena, &t->cells) = ready;
}

static void add_row(Document *d, Table *t, const char *code, const char *role, const char *doc) {
  char *line = arena_strdup(d->arena, doc ? doc : "");
  for (char *c = line; *c; c++)
    if (*c == '\n' || *c == '`') *c = ' ';
  add_cell(d, t, outline_named(d->o, code));
  add_cell(d, t, outline_plain(d->o, role));
  add_cell(d, t, outline_plain(d->o, line));
}

/* Items without a comment of their own have that of their statement, which need not be told for
   each of several. */
static void add_items(Document *d, Table *t, const Ast *s, const char *role) {
  for (uint32_t i = 0; i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    if (item->kind != AST_ITEM) continue;
    add_row(d, t, ast_print(d->arena, item), role, i && item->doc == s->doc ? "" : item->doc);
  }
}

static void add_quantities(Document *d, Table *t, const Ast *body) {
  static const AstKind kinds[] = {AST_INPUT, AST_STATE, AST_WEIGHT, AST_OUTPUT, AST_TARGET};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    for (uint32_t i = 0; i < body->nkids; i++)
      if ((AstKind)body->kids[i]->kind == kinds[k])
        add_items(d, t, body->kids[i], ast_kind_name(kinds[k]));
}

/* Arguments that have a comment; what a body takes, holds and shows. */
static void put_parts(Document *d, const Ast *decl) {
  static const char *const head[COLUMNS] = {"Name", "Kind", ""};
  Table t = {0};
  const Ast *body = decl->kids[decl->nkids - 1];
  for (int i = 0; i < COLUMNS; i++) add_cell(d, &t, head[i]);
  for (uint32_t i = 0; i + 1 < decl->nkids; i++) {
    const Ast *parameter = decl->kids[i];
    if (parameter->doc) add_row(d, &t, ast_print(d->arena, parameter), "argument", parameter->doc);
  }
  bool bodied = decl->kind == AST_NEURON || decl->kind == AST_NETWORK || decl->kind == AST_TASK;
  if (bodied) add_quantities(d, &t, body);
  outline_table(d->o, t.cells.at, t.cells.n / COLUMNS - 1, COLUMNS);
}

/* ---- declarations ---------------------------------------------------------------------------- */

static void put_declaration(Document *d, const Ast *s) {
  outline_code_heading(d->o, d->level + 1, ast_kind_name((AstKind)s->kind),
                       body_signature(d->arena, s));
  outline_doc(d->o, s->doc);
  put_parts(d, s);
  put_uses(d, s);
}

static void put_param(Document *d, const Ast *s) {
  const char *word = "param ", *text = ast_print(d->arena, s);
  outline_code_heading(d->o, d->level + 1, "param", text + strlen(word));
  outline_doc(d->o, s->doc);
  put_uses(d, s);
}

/* Values that the author says something about. */
static void put_let(Document *d, const Ast *s) {
  for (uint32_t i = 0; i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    if (item->kind != AST_ITEM || !item->doc) continue;
    outline_code_heading(d->o, d->level + 1, "let", item->name);
    outline_doc(d->o, item->doc);
    put_uses(d, item);
  }
}

void document_file(Outline *o, const Ast *file, const char *title, int level) {
  Document d = {.o = o, .arena = o->text.arena, .file = file, .level = level};
  outline_heading(o, level, title);
  outline_doc(o, file->doc);
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    switch ((AstKind)s->kind) {
      case AST_PARAM: put_param(&d, s); break;
      case AST_LET: put_let(&d, s); break;
      case AST_FN:
      case AST_NEURON:
      case AST_CONNECTIVITY:
      case AST_NETWORK:
      case AST_TASK:
      case AST_ANALYSIS: put_declaration(&d, s); break;
      default: break;
    }
  }
}
