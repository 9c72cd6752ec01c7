/* build_statement.c: nodes of statements, and what a file, a block and a body may hold. */
#include <string.h>

#include "base/file.h"
#include "syntax/build.h"
#include "syntax/parse.h"

static Ast *refuse(Parser *p, DiagCode code, Span at, const char *message) {
  diag_add(p->diags, code, parser_where(p, at), "%s", message);
  return NULL;
}

static bool is_broken(const Ast *x) {
  return x->flags & AST_BROKEN;
}

static void take_name(Ast *x, const Ast *name) {
  if (!name) return;
  x->name = name->name;
  x->name_span = name->name_span;
}

/* ---- files and blocks ------------------------------------------------------------------------ */

static void refuse_bare(Parser *p, const Ast *x) {
  Where at = parser_where(p, x->span);
  if (x->kind == AST_STRING) {
    diag_add(p->diags, E0121, at,
             "a string alone does nothing; the reason of an `expect` stands on its line");
  } else if (x->kind == AST_SWEEP) {
    diag_add(p->diags, E0121, at, "a sweep alone does nothing; write `let points = sweep ...`");
  } else if (x->kind == AST_BINARY && x->op == AOP_EQ) {
    diag_add(p->diags, E0121, at, "a comparison alone does nothing; did you mean `expect %s`?",
             ast_print(p->arena, x));
  } else {
    diag_add(
        p->diags, E0121, at,
        "an expression alone does nothing: only a call stands by itself, such as `plot(x, y)`");
  }
}

/* Refuses expressions that are no calls, but for the last line of a block. */
static void check_expressions(Parser *p, const AstList *list, bool block) {
  for (const AstLink *l = list ? list->first : NULL; l; l = l->next) {
    if (l->ast->kind != AST_EXPR || (block && !l->next)) continue;
    const Ast *x = l->ast->kids[0];
    if (x->kind != AST_CALL && !is_broken(x)) refuse_bare(p, x);
  }
}

Ast *build_file(Parser *p, Span at, const Token *version, const AstList *statements) {
  check_expressions(p, statements, false);
  if (version && version->num != 1) {
    diag_add(p->diags, E0139, parser_where(p, version->span),
             "this is version 1 of the language; version %s is unknown", version->text);
  }
  Ast *x = build_node(p, AST_FILE, at, NULL, statements, NULL);
  x->num = version ? version->num : 0;
  return x;
}

static bool belongs_to_file(AstKind kind) {
  switch (kind) {
    case AST_PARAM:
    case AST_NEURON:
    case AST_CONNECTIVITY:
    case AST_NETWORK:
    case AST_TASK:
    case AST_ANALYSIS:
    case AST_IMPORT:
    case AST_FROM: return true;
    default: return false;
  }
}

Ast *build_block(Parser *p, Span at, const AstList *statements) {
  check_expressions(p, statements, true);
  for (const AstLink *l = statements ? statements->first : NULL; l; l = l->next) {
    AstKind kind = (AstKind)l->ast->kind;
    if (!belongs_to_file(kind)) continue;
    diag_add(p->diags, E0128, parser_where(p, l->ast->span),
             "`%s` stands at the top level of a file, not in a block", ast_kind_name(kind));
  }
  bool valued = statements && statements->last && statements->last->ast->kind == AST_EXPR;
  if (!valued && !(statements && statements->broken)) {
    diag_add(p->diags, E0122, parser_where(p, (Span){at.end - 1, at.end}),
             "a block ends with an expression, its value");
  }
  return build_node(p, AST_BLOCK, at, NULL, statements, NULL);
}

Ast *build_body(Parser *p, Span at, const AstList *statements) {
  return build_node(p, AST_BLOCK, at, NULL, statements, NULL);
}

/* ---- declarations ---------------------------------------------------------------------------- */

Ast *build_declaration(Parser *p, AstKind kind, Span at, Ast *name, const AstList *parameters,
                       Ast *body) {
  Ast *x = build_node(p, kind, at, NULL, parameters, body);
  take_name(x, name);
  return x;
}

Ast *build_drawn(Ast *x) {
  x->flags |= AST_DRAWN;
  return x;
}

Ast *build_named(Parser *p, AstKind kind, Span at, Ast *name, Ast *value) {
  Ast *x = BUILD(p, kind, at, value);
  take_name(x, name);
  return x;
}

Ast *build_param(Parser *p, Span at, Ast *name, Ast *value, Ast *lo, Ast *hi) {
  Ast *x = BUILD(p, AST_PARAM, at, value, lo, hi);
  take_name(x, name);
  return x;
}

Ast *build_let(Parser *p, Span at, const AstList *items) {
  for (const AstLink *l = items->first; l; l = l->next) {
    if (l->ast->kind != AST_ITEM || l->ast->kids[0]) continue;
    diag_add(p->diags, E0142, parser_where(p, l->ast->span),
             "`%s` needs a value: `let %s = ...`, or `~` and a distribution", l->ast->name,
             l->ast->name);
  }
  return build_node(p, AST_LET, at, NULL, items, NULL);
}

Ast *build_item(Parser *p, Span at, Ast *name, const AstList *shape, Ast *value, int flags) {
  uint32_t n = shape ? shape->n : 0, i = 1;
  Ast **kids = ARENA_ARRAY(p->arena, Ast *, n + 1);
  kids[0] = value;
  for (const AstLink *l = shape ? shape->first : NULL; l; l = l->next) kids[i++] = l->ast;
  Ast *x = build_kids(p, AST_ITEM, at, kids, n + 1);
  x->flags = (uint8_t)flags;
  take_name(x, name);
  return x;
}

Ast *build_item_every(Parser *p, const Token *what, Ast *item) {
  if (strcmp(what->text, "step") != 0) {
    diag_add(p->diags, E0143, parser_where(p, what->span),
             "a draw is made once a trial or `every step`; there is no `every %s`", what->text);
  }
  item->flags |= AST_EVERY;
  return item;
}

Ast *build_expect(Parser *p, Span at, Ast *condition, const Token *why) {
  Ast *x = BUILD(p, AST_EXPECT, at, condition);
  x->text = why ? why->text : NULL;
  x->len = why ? why->len : 0;
  return x;
}

/* ---- imports --------------------------------------------------------------------------------- */

Dotted build_dotted(Parser *p, const Dotted *before, const Token *name) {
  if (!before) return (Dotted){name->text, name, name->span};
  const char *text = arena_printf(p->arena, "%s.%s", before->text, name->text);
  return (Dotted){text, name, span_join(before->span, name->span)};
}

/* The name of an import must be one that can be written. */
static bool is_plain_name(const char *s) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  const Word *w = word_find(s, strlen(s));
  bool digit_first = s[0] >= '0' && s[0] <= '9';
  return *s && !digit_first && !s[strspn(s, letters)] && !(w && w->kind == RESERVED);
}

static Ast *import(Parser *p, AstKind kind, Span at, const char *text, const AstList *names) {
  Ast *x = build_node(p, kind, at, NULL, names, NULL);
  x->text = text;
  return x;
}

Ast *build_import(Parser *p, Span at, Dotted what, const Token *as) {
  Ast *x = import(p, AST_IMPORT, at, what.text, NULL);
  x->name = as ? as->text : what.last->text;
  x->name_span = as ? as->span : what.last->span;
  if (is_plain_name(x->name)) return x;
  return refuse(p, E0141, x->name_span,
                "this import needs a name of its own: `import ... as name`");
}

Ast *build_import_file(Parser *p, Span at, const Token *path, const Token *as) {
  Ast *x = import(p, AST_IMPORT, at, path->text, NULL);
  x->flags = AST_QUOTED;
  x->len = path->len;
  x->name = as ? as->text : path_stem(p->arena, path->text);
  x->name_span = as ? as->span : path->span;
  if (is_plain_name(x->name)) return x;
  return refuse(p, E0141, path->span, "this import needs a name: `import \"file.dyn\" as name`");
}

Ast *build_from(Parser *p, Span at, Dotted what, const AstList *names) {
  return import(p, AST_FROM, at, what.text, names);
}

Ast *build_from_file(Parser *p, Span at, const Token *path, const AstList *names) {
  Ast *x = import(p, AST_FROM, at, path->text, names);
  x->flags = AST_QUOTED;
  x->len = path->len;
  return x;
}

/* ---- equations and assignments --------------------------------------------------------------- */

Ast *build_equation(Parser *p, Span at, Ast *coef, const Token *of, Span of_at, Ast *rhs) {
  Ast *x = BUILD(p, AST_EQUATION, at, coef, rhs);
  x->name = of->text;
  x->name_span = (Span){of_at.start + 1, of_at.end - (uint32_t)strlen("/dt")};
  return x;
}

static bool is_name(const Ast *x, const char *name) {
  return x->kind == AST_NAME && !(x->flags & AST_PARENS) && (!name || strcmp(x->name, name) == 0);
}

/* The path that an expression left of `=` stands for, or NULL. */
static Ast *path_of(Parser *p, Span at, const Ast *x) {
  bool dotted = x->kind == AST_FIELD && !(x->flags & AST_PARENS) && is_name(x->kids[0], NULL);
  if (!dotted && !is_name(x, NULL)) return NULL;
  Ast *path = build_kids(p, AST_PATH, at, NULL, 0);
  take_name(path, dotted ? x->kids[0] : x);
  path->text = dotted ? x->name : NULL;
  return path;
}

Ast *build_path(Parser *p, Span at, Ast *x) {
  return path_of(p, at, x);
}

/* Says what is wrong with the left side of an assignment. */
static Ast *refuse_target(Parser *p, const Ast *x) {
  if (is_broken(x)) return NULL;
  bool over_dt = x->kind == AST_BINARY && x->op == AOP_DIV && is_name(x->kids[1], "dt");
  const Ast *above = over_dt ? x->kids[0] : x;
  if (over_dt && above->kind == AST_FIELD && above->kids[0]->kind == AST_NAME) {
    return refuse(p, E0124, x->span, "the equations of a population stand in its neuron");
  }
  if (over_dt) {
    return refuse(p, E0124, x->span,
                  "a derivative is one word without blanks, such as `dx/dt`, and its factor stands "
                  "left of it: `tau * dx/dt = ...`");
  }
  if (x->kind == AST_UNARY && x->op == AOP_TRANSPOSE) {
    return refuse(p, E0124, x->span, "a derivative is written `dx/dt = ...`");
  }
  if (x->kind == AST_INDEX) {
    return refuse(p, E0126, x->span,
                  "an element cannot be assigned; give the whole array, for instance with "
                  "`if ... then ... else ...`");
  }
  return refuse(
      p, E0126, x->span,
      "left of `=` stands a name, a field such as `E.I`, or a derivative such as `dx/dt`");
}

Ast *build_assignment(Parser *p, AstKind kind, Span at, Ast *to, Ast *value) {
  Ast *path = path_of(p, to->span, to);
  return path ? BUILD(p, kind, at, path, value) : refuse_target(p, to);
}

Ast *build_bare(Parser *p, Span at, const Ast *x) {
  if (is_name(x, "stop")) {
    return refuse(p, E0128, at, "`stop` stands in an event: `when x > 1 { stop }`");
  }
  return refuse(p, E0121, at,
                "a body holds declarations, equations and assignments; an expression alone does "
                "nothing here");
}

/* ---- other statements of bodies -------------------------------------------------------------- */

Ast *build_population(Parser *p, Span at, Ast *name, Ast *unit) {
  Ast *size = NULL;
  if (is_broken(unit)) return NULL;
  bool sized = unit->kind == AST_INDEX && !(unit->flags & AST_PARENS);
  if (sized && (unit->nkids != 2 || unit->kids[1]->kind == AST_SLICE)) {
    return refuse(p, E0144, unit->span, "a population has one size: `population E = lif(...)[N]`");
  }
  if (sized) {
    size = unit->kids[1];
    unit = unit->kids[0];
  }
  if (unit->kind != AST_NAME && unit->kind != AST_FIELD && unit->kind != AST_CALL) {
    return refuse(p, E0144, unit->span,
                  "a population is made of a neuron or a network: `population E = lif(...)[N]`");
  }
  Ast *x = BUILD(p, AST_POPULATION, at, unit, size);
  take_name(x, name);
  return x;
}

Ast *build_connect(Parser *p, Span at, Ast *label, Ast *from, Ast *to, Ast *weights,
                   const AstList *options, int flags) {
  size_t n = 3;
  Ast **kids = ARENA_ARRAY(p->arena, Ast *, n + (options ? options->n : 0));
  kids[0] = from;
  kids[1] = to;
  kids[2] = weights;
  for (const AstLink *l = options ? options->first : NULL; l; l = l->next) kids[n++] = l->ast;
  Ast *x = build_kids(p, AST_CONNECT, at, kids, n);
  x->flags = (uint8_t)flags;
  take_name(x, label);
  return x;
}

Ast *build_when(Parser *p, Span at, Ast *label, Ast *condition, Ast *body) {
  for (uint32_t i = 0; i < body->nkids; i++) {
    const Ast *s = body->kids[i];
    if (s->kind == AST_ASSIGN || s->kind == AST_ADD || s->kind == AST_STOP) continue;
    diag_add(p->diags, E0145, parser_where(p, s->span),
             "an event holds only assignments, such as `V = V_reset` and `g += 1`, and `stop`");
  }
  Ast *x = BUILD(p, AST_WHEN, at, condition, body);
  take_name(x, label);
  return x;
}

Ast *build_phase(Parser *p, Span at, Ast *name, Ast *length, Ast *body) {
  Ast *x = BUILD(p, AST_PHASE, at, length, body);
  take_name(x, name);
  return x;
}

Ast *build_score(Parser *p, Span at, Ast *name, Ast *value, const Token *during) {
  Ast *x = build_named(p, AST_SCORE, at, name, value);
  x->text = during ? during->text : NULL;
  return x;
}
