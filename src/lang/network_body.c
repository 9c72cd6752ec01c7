/* network_body.c: reads the statements of a body: which names it declares, and what is attached to
   them. One row of a table for each statement says in which bodies it may stand and who reads it.
 */
#include "lang/network_body.h"

#include <string.h>

#include "lang/core.h"

Diag *body_report(Body *b, DiagCode code, Where at, const char *fmt, ...) {
  b->tr->failed = true;
  va_list ap;
  va_start(ap, fmt);
  const char *msg = arena_vprintf(b->tr->ev->arena, fmt, ap);
  va_end(ap);
  return ev_report(b->tr->ev, code, at, "%s", msg);
}

Body *body_make(Tracer *tr, Body *up, const Ast *decl, Scope *closure, const char *prefix,
                const char *path) {
  Arena *a = tr->ev->arena;
  Body *b = ARENA_NEW(a, Body);
  *b = (Body){.tr = tr, .up = up, .decl = decl, .prefix = prefix, .path = path, .extent = 1};
  b->scope = b->now = scope_new(tr->ev, closure);
  scope_set(b->scope, "t", tr->t);
  map_init(&b->names, a);
  map_init(&b->refused, a);
  return b;
}

Inside body_enter(Body *b) {
  Inside saved = {b->tr->ev->path, b->tr->body};
  b->tr->ev->path = b->path;
  b->tr->body = b;
  return saved;
}

void body_leave(Body *b, Inside saved) {
  b->tr->ev->path = saved.path;
  b->tr->body = saved.body;
}

Entry *body_find(const Body *b, const char *name) {
  return map_get(&b->names, name);
}

const char *body_near(const Body *b, const char *name, EntryKind kind) {
  VEC(const char *) names = {0};
  for (size_t i = 0; i < b->names.n; i++) {
    const Entry *e = b->names.items[i].value;
    if (kind == ENTRY_KINDS || e->kind == kind) *vec_push(b->tr->ev->arena, &names) = e->name;
  }
  return nearest_name(name, names.at, names.n);
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const reserved[] = {"t", "final", "target", "stopped"};

bool body_name_is_free(Body *b, const char *name, Where at) {
  size_t n = b->up ? 1 : sizeof reserved / sizeof *reserved;
  for (size_t i = 0; i < n; i++) {
    if (strcmp(name, reserved[i]) != 0) continue;
    body_report(b, E0511, at, "`%s` cannot be declared: %s", name,
                i == 0 ? "it is the time" : "it is a field of every result");
    return false;
  }
  const Entry *first = body_find(b, name);
  if (!first) return true;
  Diag *d = body_report(b, E0203, at, "`%s` is declared twice", name);
  if (d) diag_note(b->tr->ev->diag, d, first->at, "it is declared here first");
  return false;
}

Entry *entry_add(Body *b, EntryKind kind, const char *name, Where at, const Ast *item) {
  Ev *ev = b->tr->ev;
  if (!body_name_is_free(b, name, at)) {
    map_set(&b->refused, name, (void *)item);
    return NULL;
  }
  Entry *e = ARENA_NEW(ev->arena, Entry);
  *e = (Entry){.kind = kind, .name = name, .at = at, .body = b, .item = item, .scope = b->now};
  e->full = arena_printf(ev->arena, "%s%s", b->prefix, name);
  e->node = e->init = e->next = NODE_NONE;
  e->inner = value_lazy(ev, e->full, at, entry_compute_inner, e);
  e->outer = b->up ? value_lazy(ev, e->full, at, entry_compute_outer, e) : e->inner;
  map_set(&b->names, name, e);
  return e;
}

/* `let` names are seen from their line on, so each opens a scope of its own. */
static void add_let(Body *b, EntryKind kind, const Ast *item, Value *record) {
  Entry *e = entry_add(b, kind, item->name, ast_name_where(item), item);
  if (!e) return;
  e->record = record;
  map_set(&b->scope->places, item->name, (void *)item);
  Scope *sc = scope_new(b->tr->ev, b->now);
  scope_set(sc, item->name, e->inner);
  b->now = sc;
}

static Value *unpacked(Ev *ev, void *ctx) {
  const Line *line = ctx;
  return ev_expr(ev, line->scope, line->stmt->kids[0]);
}

static void declare_unpack(Body *b, const Ast *x) {
  Ev *ev = b->tr->ev;
  Line *line = ARENA_NEW(ev->arena, Line);
  *line = (Line){x, b, b->now, NULL};
  Value *record = value_lazy(ev, "let (…)", ast_where(x), unpacked, line);
  for (uint32_t i = 1; i < x->nkids; i++) add_let(b, ENTRY_PART, x->kids[i], record);
}

static void declare_let(Body *b, const Ast *s) {
  for (uint32_t i = 0; i < s->nkids; i++) {
    if (s->kids[i]->kind == AST_UNPACK)
      declare_unpack(b, s->kids[i]);
    else
      add_let(b, ENTRY_LET, s->kids[i], NULL);
  }
}

static void declare_items(Body *b, const Ast *s, EntryKind kind) {
  for (uint32_t i = 0; i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    if (kind == ENTRY_OUTPUT && !item->kids[0]) continue; /* `output x` shows what there is */
    Entry *e = entry_add(b, kind, item->name, ast_name_where(item), item);
    if (e) scope_set(b->scope, item->name, e->inner);
  }
}

static void declare_state(Body *b, const Ast *s) {
  declare_items(b, s, ENTRY_STATE);
}

static void declare_input(Body *b, const Ast *s) {
  declare_items(b, s, ENTRY_INPUT);
}

static void declare_line(Body *b, const Ast *s) {
  *vec_push(b->tr->ev->arena, &b->lines) = (Line){s, b, b->now, NULL};
}

static void declare_output(Body *b, const Ast *s) {
  declare_items(b, s, ENTRY_OUTPUT);
  declare_line(b, s);
}

static void declare_weight(Body *b, const Ast *s) {
  declare_items(b, s, ENTRY_WEIGHT);
}

static void declare_noise(Body *b, const Ast *s) {
  declare_items(b, s, ENTRY_NOISE);
}

static void declare_draw(Body *b, const Ast *s) {
  for (uint32_t i = 0; i < s->nkids; i++) {
    if (s->kids[i]->flags & AST_EVERY) continue;
    body_report(b, E0515, ast_where(s->kids[i]),
                "a `draw` of a network is made `every step`; a fixed one is a `let %s ~ …`",
                s->kids[i]->name);
  }
  declare_items(b, s, ENTRY_DRAW);
}

static void declare_fn(Body *b, const Ast *s) {
  if (!body_name_is_free(b, s->name, ast_name_where(s))) return;
  Inside saved = body_enter(b);
  scope_set(b->scope, s->name, closure_make(b->tr->ev, b->now, s));
  body_leave(b, saved);
}

static void declare_population(Body *b, const Ast *s) {
  Entry *e = entry_add(b, ENTRY_POPULATION, s->name, ast_name_where(s), s);
  if (!e) return;
  e->outer = e->inner;
  scope_set(b->scope, s->name, e->inner);
}

/* ---- what is attached to names --------------------------------------------------------------- */

static void attach_output(Body *b, const Line *line) {
  for (uint32_t i = 0; i < line->stmt->nkids; i++) {
    const Ast *item = line->stmt->kids[i];
    const Entry *e = body_find(b, item->name);
    if (item->kids[0] || (e && e->kind != ENTRY_POPULATION)) continue;
    const char *near = body_near(b, item->name, ENTRY_KINDS);
    Diag *d = body_report(b, E0201, ast_name_where(item),
                          "`output %s` shows nothing: `%s` has no quantity of this name",
                          item->name, b->decl->name);
    if (d && near) diag_note(b->tr->ev->diag, d, ast_name_where(item), "did you mean `%s`?", near);
  }
}

static void report_no_state(Body *b, const Ast *s) {
  if (map_has(&b->refused, s->name)) return;
  const Entry *e = body_find(b, s->name);
  const char *near = body_near(b, s->name, ENTRY_STATE);
  Diag *d =
      body_report(b, E0504, ast_name_where(s), "`%s` is no state of `%s`", s->name, b->decl->name);
  if (!d) return;
  if (e)
    diag_note(b->tr->ev->diag, d, e->at, "`%s` is declared here", s->name);
  else if (near)
    diag_note(b->tr->ev->diag, d, ast_name_where(s), "did you mean `%s`?", near);
}

static void attach_equation(Body *b, const Line *line) {
  const Ast *s = line->stmt;
  Ev *ev = b->tr->ev;
  SystemKind kind = s->kind == AST_NEXT ? SYSTEM_MAP : SYSTEM_CONTINUOUS;
  if (kind != b->tr->sys->kind) {
    body_report(b, E0505, ast_where(s),
                "`%s` has `dx/dt` and `next x`: a network is continuous or a map, not both",
                b->tr->sys->name);
    b->tr->mixed = true;
    return;
  }
  Entry *e = body_find(b, s->name);
  if (!e || e->kind != ENTRY_STATE) {
    report_no_state(b, s);
  } else if (e->equation.stmt) {
    Diag *d = body_report(b, E0503, ast_where(s), "`%s` has two equations", s->name);
    if (d) diag_note(ev->diag, d, ast_where(e->equation.stmt), "the first one is here");
  } else {
    e->equation = *line;
  }
}

/* ---- the table ------------------------------------------------------------------------------- */

typedef struct StatementRow {
  void (*declare)(Body *b, const Ast *s);
  void (*attach)(Body *b, const Line *line);
  bool neuron; /* may stand in a neuron too */
} StatementRow;

static const StatementRow rows[AST_KINDS] = {
    [AST_STATE] = {declare_state, NULL, true},
    [AST_INPUT] = {declare_input, NULL, true},
    [AST_OUTPUT] = {declare_output, attach_output, true},
    [AST_WEIGHT] = {declare_weight, NULL, true},
    [AST_NOISE] = {declare_noise, NULL, true},
    [AST_DRAW] = {declare_draw, NULL, true},
    [AST_LET] = {declare_let, NULL, true},
    [AST_FN] = {declare_fn, NULL, true},
    [AST_POPULATION] = {declare_population, NULL, false},
    [AST_EQUATION] = {declare_line, attach_equation, true},
    [AST_NEXT] = {declare_line, attach_equation, true},
    [AST_CONNECT] = {declare_line, connect_attach, false},
    [AST_ADD] = {declare_line, connect_attach, false},
    [AST_WHEN] = {declare_line, event_attach, true},
};

static void refuse_statement(Body *b, const Ast *s) {
  AstKind kind = (AstKind)s->kind;
  Diag *d =
      body_report(b, E0515, ast_where(s), "%s %s cannot stand in a %s", ast_kind_article(kind),
                  ast_kind_name(kind), ast_kind_name((AstKind)b->decl->kind));
  if (d && s->kind == AST_ASSIGN)
    diag_note(
        b->tr->ev->diag, d, ast_where(s),
        "a state changes by `dx/dt = ...`, `next x = ...` or an event; `let x = ...` names what "
        "does not");
}

void body_declare(Body *b) {
  const Ast *block = b->decl->kids[b->decl->nkids - 1];
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    const StatementRow *row = &rows[s->kind];
    if (row->declare && (row->neuron || b->decl->kind == AST_NETWORK))
      row->declare(b, s);
    else
      refuse_statement(b, s);
  }
  for (size_t i = 0; i < b->names.n; i++) {
    Entry *e = b->names.items[i].value;
    if (e->kind == ENTRY_POPULATION) population_open(e);
  }
}

void body_attach(Body *b) {
  for (size_t i = 0; i < b->lines.n; i++)
    rows[b->lines.at[i].stmt->kind].attach(b, &b->lines.at[i]);
  for (size_t i = 0; i < b->names.n; i++) {
    const Entry *e = b->names.items[i].value;
    if (e->part) body_attach(e->part);
  }
}
