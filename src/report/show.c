/* show.c: see show.h. */
#include "report/show.h"

#include <string.h>

#include "base/file.h"
#include "report/label.h"
#include "report/report.h"
#include "report/uses.h"
#include "syntax/parse.h"

typedef VEC(const Ast *) Decls;

typedef struct Show {
  Ev *ev;
  Arena *arena;
  Outline o;
  Decls shown; /* what has its equations above */
} Show;

static void add_decl(Show *s, Decls *all, const Ast *decl) {
  for (size_t i = 0; i < all->n; i++)
    if (all->at[i] == decl) return;
  *vec_push(s->arena, all) = decl;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* In text the name as it is typed; else as it stands in the equations. */
static const char *name_cell(const Show *s, const char *name) {
  if (s->o.as == OUTLINE_TEXT) return name;
  Formula f = {.text = {.arena = s->arena}, .as = outline_notation(&s->o)};
  formula_name(&f, name);
  return outline_formula(&s->o, text_str(&f.text));
}

static const char *range_text(const Show *s, const Param *p) {
  if (!p->lo || !p->hi) return "";
  return arena_printf(s->arena, "in [%s, %s]", value_line(s->ev, p->lo), value_line(s->ev, p->hi));
}

static const char *value_cell(const Show *s, const Param *p) {
  const char *value = value_line(s->ev, p->value);
  if (s->o.as == OUTLINE_TEXT) value = arena_printf(s->arena, "= %s", value);
  if (!p->set_from) return value;
  return arena_printf(s->arena, "%s (default %s)", value, value_line(s->ev, p->dflt));
}

static const char *one_line(const Show *s, const char *doc) {
  char *line = arena_strdup(s->arena, doc ? doc : "");
  for (char *c = line; *c; c++)
    if (*c == '\n' || *c == '`') *c = ' ';
  return line;
}

static void show_params(Show *s) {
  enum { COLUMNS = 4 };
  static const char *const head[COLUMNS] = {"Parameter", "Value", "Range", ""};
  VEC(const char *) cells = {0};
  const Ev *ev = s->ev;
  if (!ev->params.n) return;
  outline_heading(&s->o, 2, "Parameters");
  for (int i = 0; i < COLUMNS; i++) *vec_push(s->arena, &cells) = head[i];
  for (size_t i = 0; i < ev->params.n; i++) {
    const Param *p = &ev->params.at[i];
    *vec_push(s->arena, &cells) = name_cell(s, p->name);
    *vec_push(s->arena, &cells) = outline_plain(&s->o, value_cell(s, p));
    *vec_push(s->arena, &cells) = outline_plain(&s->o, range_text(s, p));
    *vec_push(s->arena, &cells) = outline_plain(&s->o, one_line(s, p->doc));
  }
  outline_table(&s->o, cells.at, ev->params.n, COLUMNS);
}

/* ---- declarations ---------------------------------------------------------------------------- */

static bool is_shown(const Show *s, const Ast *decl) {
  for (size_t i = 0; i < s->shown.n; i++)
    if (s->shown.at[i] == decl) return true;
  return false;
}

static const char *kind_title(const Ast *decl) {
  switch ((AstKind)decl->kind) {
    case AST_NETWORK: return "Network";
    case AST_NEURON: return "Neuron";
    case AST_TASK: return "Task";
    case AST_CONNECTIVITY: return "Connectivity";
    default: return "Function";
  }
}

static void show_decl(Show *s, const Ast *decl) {
  if (is_shown(s, decl)) return;
  *vec_push(s->arena, &s->shown) = decl;
  bool line = decl->kind == AST_CONNECTIVITY || decl->kind == AST_FN;
  outline_code_heading(&s->o, 2, kind_title(decl),
                       line ? decl->name : body_signature(s->arena, decl));
  outline_doc(&s->o, decl->doc);
  BodyLines lines = body_lines(s->arena, outline_notation(&s->o), decl);
  for (size_t i = 0; line && i < lines.n; i++) lines.at[i].doc = NULL;
  outline_lines(&s->o, lines.at, lines.n);
  if (decl->kind == AST_TASK) show_trial(s->ev, &s->o, decl);
}

/* Networks of the declaration that have a name in the file. */
static void show_instances(Show *s, const Ast *decl, const char *only) {
  enum { MOST = 8 };
  const Map *names = &s->ev->top->names;
  int n = 0;
  for (size_t i = 0; i < names->n && n < MOST; i++) {
    const char *name = names->items[i].key;
    if (only && strcmp(only, name) != 0) continue;
    Value *net = uses_network(s->ev, names->items[i].value, decl);
    if (!net) continue;
    show_instance(s->ev, &s->o, name, net);
    n++;
  }
}

/* What the declaration refers to. */
static void show_used(Show *s, const Ast *decl, const Scope *scope) {
  Uses uses = uses_of(s->ev, decl, scope);
  for (size_t i = 0; i < uses.decls.n; i++) show_decl(s, uses.decls.at[i]);
}

/* ---- what verbs do --------------------------------------------------------------------------- */

static void show_solvers(Show *s, const Ast *only) {
  enum { COLUMNS = 4 };
  static const char *const head[COLUMNS] = {"Call", "Line", "Solver", "Why"};
  VEC(const char *) cells = {0};
  const Ev *ev = s->ev;
  for (int i = 0; i < COLUMNS; i++) *vec_push(s->arena, &cells) = head[i];
  for (size_t i = 0; i < ev->solves.n; i++) {
    const Solve *x = &ev->solves.at[i];
    int line = 0, column;
    if (only && strcmp(x->network, only->name) != 0) continue;
    if (x->at.src) source_line_col(x->at.src, x->at.span.start, &line, &column);
    const char *call = arena_printf(s->arena, "%s(%s)", x->verb, x->network);
    *vec_push(s->arena, &cells) = outline_named(&s->o, call);
    *vec_push(s->arena, &cells) = arena_printf(s->arena, "line %d", line);
    *vec_push(s->arena, &cells) = outline_plain(&s->o, x->method);
    *vec_push(s->arena, &cells) = outline_plain(&s->o, x->why);
  }
  if (cells.n == COLUMNS) return;
  outline_heading(&s->o, 2, "Solvers");
  outline_table(&s->o, cells.at, cells.n / COLUMNS - 1, COLUMNS);
}

/* ---- all, or one ----------------------------------------------------------------------------- */

/* Declarations of the kind in the file's text, and those that its names stand for. */
static Decls declared(Show *s, AstKind kind) {
  const Ast *file = s->ev->main_file;
  const Map *names = &s->ev->top->names;
  Decls all = {0};
  for (uint32_t i = 0; i < file->nkids; i++)
    if (file->kids[i]->kind == kind) add_decl(s, &all, file->kids[i]);
  for (size_t i = 0; i < names->n; i++) {
    const Value *v = names->items[i].value;
    if (v->kind == V_NETWORK && kind == AST_NETWORK) add_decl(s, &all, v->network->decl);
    bool function = v->kind == V_FUNCTION && v->fn && (AstKind)v->fn->kind == kind;
    if (function) add_decl(s, &all, v->fn);
  }
  return all;
}

static void show_head(Show *s) {
  const Ev *ev = s->ev;
  const char *doc = ev->main_file->doc ? ev->main_file->doc : "";
  const char *title = label_title(s->arena, doc);
  outline_heading(&s->o, 1, *title ? title : path_stem(s->arena, ev->main_source->name));
  outline_doc(&s->o, label_after_title(s->arena, doc));
}

static void show_all(Show *s) {
  Decls networks = declared(s, AST_NETWORK), tasks = declared(s, AST_TASK);
  show_head(s);
  show_params(s);
  for (size_t i = 0; i < networks.n; i++) {
    show_decl(s, networks.at[i]);
    show_instances(s, networks.at[i], NULL);
  }
  for (size_t i = 0; i < networks.n; i++) show_used(s, networks.at[i], s->ev->top);
  for (size_t i = 0; i < tasks.n; i++) show_decl(s, tasks.at[i]);
  show_solvers(s, NULL);
  if (!networks.n && !tasks.n)
    outline_doc(&s->o, "The model has no network of its own and no task.");
}

/* The declaration that a name of the file stands for; NULL: it is none that can be shown. */
static const Ast *declaration_of(const Value *v) {
  if (!v) return NULL;
  if (v->kind == V_NETWORK) return v->network->decl;
  const Ast *fn = v->kind == V_FUNCTION ? v->fn : NULL;
  return fn && fn->kind != AST_LAMBDA && fn->kind != AST_ANALYSIS ? fn : NULL;
}

static bool report_unknown(Show *s, const char *name) {
  VEC(const char *) all = {0};
  const Map *names = &s->ev->top->names;
  for (size_t i = 0; i < names->n; i++)
    if (declaration_of(names->items[i].value)) *vec_push(s->arena, &all) = names->items[i].key;
  Diag *d = diag_add(s->ev->diag, E0812, (Where){0},
                     "the model has nothing to show that is called `%s`", name);
  const char *near = nearest_name(name, all.at, all.n);
  if (near) diag_note(s->ev->diag, d, (Where){0}, "did you mean `%s`?", near);
  return false;
}

static bool show_one(Show *s, const char *name) {
  Value *v = map_get(&s->ev->top->names, name);
  const Ast *decl = declaration_of(v);
  if (!decl) return report_unknown(s, name);
  show_decl(s, decl);
  if (decl->kind != AST_NETWORK) return true;
  show_instances(s, decl, strcmp(name, decl->name) == 0 ? NULL : name);
  show_used(s, decl, v->kind == V_NETWORK ? v->network->scope : v->scope);
  show_solvers(s, decl);
  return true;
}

const char *show_model(Ev *ev, const char *name, OutlineFormat as) {
  Show s = {.ev = ev, .arena = ev->arena, .o = {.text = {.arena = ev->arena}, .as = as}};
  if (!name)
    show_all(&s);
  else if (!show_one(&s, name))
    return NULL;
  return text_str(&s.o.text);
}
