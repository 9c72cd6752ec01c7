/* build.c: nodes of expressions. Statements are in build_statement.c. */
#include "syntax/build.h"

#include <string.h>

#include "base/dim.h"

AstList *build_list_add(Parser *p, AstList *list, Ast *x) {
  if (!list) list = ARENA_NEW(p->arena, AstList);
  if (!x) {
    list->broken = true;
    return list;
  }
  AstLink *link = ARENA_NEW(p->arena, AstLink);
  link->ast = x;
  *(list->last ? &list->last->next : &list->first) = link;
  list->last = link;
  list->n++;
  return list;
}

AstList *build_unlike_add(Parser *p, AstList *list, Ast *x) {
  for (const AstLink *l = list && x ? list->first : NULL; l; l = l->next) {
    if (strcmp(l->ast->name, x->name) != 0) continue;
    Diag *d =
        diag_add(p->diags, E0203, parser_where(p, x->name_span), "`%s` is declared twice", x->name);
    diag_note(p->diags, d, parser_where(p, l->ast->name_span), "it is declared here first");
    break;
  }
  return build_list_add(p, list, x);
}

static Ast *make(Parser *p, AstKind kind, Span at, size_t nkids) {
  Ast *x = ARENA_NEW(p->arena, Ast);
  x->kind = (uint8_t)kind;
  x->span = at;
  x->src = p->src;
  x->height = 1;
  x->nkids = (uint32_t)nkids;
  if (nkids) x->kids = ARENA_ARRAY(p->arena, Ast *, nkids);
  return x;
}

static void complain_about_height(Parser *p, Span at) {
  if (p->too_high) return;
  p->too_high = true;
  diag_add(p->diags, E0136, parser_where(p, at),
           "more than %d levels of operators and calls inside each other; give parts of it a name "
           "with `let`, or use `sum` over an array",
           AST_MAX_HEIGHT);
}

/* Sets the height, which bounds the depth of every walk; too high a tree becomes a leaf. */
static Ast *with_height(Parser *p, Ast *x) {
  unsigned height = 1;
  for (uint32_t i = 0; i < x->nkids; i++) {
    if (x->kids[i] && x->kids[i]->height >= height) height = x->kids[i]->height + 1u;
  }
  if (height > AST_MAX_HEIGHT) {
    complain_about_height(p, x->span);
    x->nkids = 0;
    return build_placeholder(p, x->span);
  }
  x->height = (uint16_t)height;
  return x;
}

Ast *build_kids(Parser *p, AstKind kind, Span at, Ast *const *kids, size_t n) {
  Ast *x = make(p, kind, at, n);
  if (n) memcpy(x->kids, kids, n * sizeof *kids);
  return with_height(p, x);
}

Ast *build_node(Parser *p, AstKind kind, Span at, Ast *first, const AstList *list, Ast *last) {
  size_t n = (first != NULL) + (list ? list->n : 0) + (last != NULL), i = 0;
  Ast *x = make(p, kind, at, n);
  if (first) x->kids[i++] = first;
  for (const AstLink *l = list ? list->first : NULL; l; l = l->next) x->kids[i++] = l->ast;
  if (last) x->kids[i] = last;
  return with_height(p, x);
}

Ast *build_placeholder(Parser *p, Span at) {
  Ast *x = make(p, AST_NUMBER, at, 0);
  x->flags = AST_BROKEN;
  x->text = "0";
  return x;
}

/* ---- leaves ---------------------------------------------------------------------------------- */

Ast *build_number(Parser *p, const Token *t) {
  Ast *x = make(p, AST_NUMBER, t->span, 0);
  x->num = t->num;
  x->text = t->text;
  x->unit = t->unit;
  return x;
}

Ast *build_string(Parser *p, const Token *t) {
  Ast *x = make(p, AST_STRING, t->span, 0);
  x->text = t->text;
  x->len = t->len;
  return x;
}

Ast *build_bool(Parser *p, Span at, bool value) {
  Ast *x = make(p, AST_BOOL, at, 0);
  x->num = value;
  return x;
}

Ast *build_name(Parser *p, const Token *t) {
  Ast *x = make(p, AST_NAME, t->span, 0);
  x->name = t->text;
  x->name_span = t->span;
  return x;
}

static void set_name(Ast *x, const Token *name) {
  if (!name) return;
  x->name = name->text;
  x->name_span = name->span;
}

/* ---- operators ------------------------------------------------------------------------------- */

static Ast *with_op(Ast *x, AstOp op) {
  x->op = (uint8_t)op;
  return x;
}

Ast *build_unary(Parser *p, AstOp op, Span at, Ast *a) {
  return with_op(BUILD(p, AST_UNARY, at, a), op);
}

Ast *build_binary(Parser *p, AstOp op, Span at, Ast *a, Ast *b) {
  return with_op(BUILD(p, AST_BINARY, at, a, b), op);
}

static bool is_comparison(const Ast *x) {
  if (x->flags & AST_PARENS) return false;
  return x->kind == AST_APPROX || (x->kind == AST_BINARY && x->op >= AOP_EQ && x->op <= AOP_GE);
}

static void refuse_chain(Parser *p, Span at, const Ast *left) {
  if (!is_comparison(left)) return;
  diag_add(p->diags, E0116, parser_where(p, at),
           "comparisons do not chain; write `a < b and b < c`");
}

Ast *build_comparison(Parser *p, AstOp op, Span at, Ast *a, Ast *b) {
  refuse_chain(p, at, a);
  return build_binary(p, op, at, a, b);
}

Ast *build_approx(Parser *p, AstOp op, Span at, Ast *a, Ast *b, Ast *tol) {
  refuse_chain(p, at, a);
  return with_op(BUILD(p, AST_APPROX, at, a, b, tol), op);
}

static bool is_bare_number(const Ast *x) {
  return x->kind == AST_NUMBER && !(x->flags & (AST_PARENS | AST_BROKEN));
}

/* Was the unit of a number written in brackets? */
static bool unit_in_brackets(const Ast *x) {
  return x->src->text[x->span.end - 1] == ']';
}

Ast *build_power(Parser *p, Span at, Ast *a, Ast *b) {
  if (is_bare_number(a) && a->unit && !unit_in_brackets(a)) {
    const char *exponent = b->kind == AST_NUMBER && !b->unit ? b->text : "2";
    diag_add(p->diags, E0112, parser_where(p, at),
             "is this a power of the unit or of the quantity? write `%s [%s^%s]` or `(%s %s)^%s`",
             a->text, a->unit, exponent, a->text, a->unit, exponent);
  }
  return build_binary(p, AOP_POW, at, a, b);
}

/* ---- postfix forms --------------------------------------------------------------------------- */

Ast *build_field(Parser *p, Span at, Ast *base, const Token *name) {
  Ast *x = BUILD(p, AST_FIELD, at, base);
  set_name(x, name);
  return x;
}

/* A number before parentheses is a product that lost its sign; its unit may be a function's name.
 */
static void refuse_called_number(Parser *p, const Ast *number) {
  const char *name = number->unit && !unit_in_brackets(number) ? number->unit : NULL;
  Diag *d = diag_add(p->diags, E0113, parser_where(p, number->span),
                     "`*` is missing behind `%s%s%s`: a number cannot be called", number->text,
                     number->unit ? " " : "", number->unit ? number->unit : "");
  if (name) {
    diag_note(p->diags, d, parser_where(p, number->span),
              "`%s` behind a number is a unit; to call a function `%s`, write `%s * %s(...)`", name,
              name, number->text, name);
  }
}

static void refuse_late_positional(Parser *p, const AstList *args) {
  const Ast *named = NULL;
  for (const AstLink *l = args ? args->first : NULL; l; l = l->next) {
    if (l->ast->name) {
      named = l->ast;
    } else if (named) {
      Diag *d = diag_add(p->diags, E0133, parser_where(p, l->ast->span),
                         "an argument without a name cannot follow a named one");
      diag_note(p->diags, d, parser_where(p, named->span), "this one is named");
      return;
    }
  }
}

Ast *build_call(Parser *p, Span at, Ast *callee, const AstList *args) {
  if (is_bare_number(callee)) refuse_called_number(p, callee);
  refuse_late_positional(p, args);
  return build_node(p, AST_CALL, at, callee, args, NULL);
}

Ast *build_index(Parser *p, Span at, Ast *base, const AstList *items) {
  if (is_bare_number(base)) {
    diag_add(p->diags, E0111, parser_where(p, at), "a number cannot be indexed");
  }
  return build_node(p, AST_INDEX, at, base, items, NULL);
}

Ast *build_parens(Parser *p, Span at, Ast *x) {
  (void)p;
  x->flags |= AST_PARENS;
  x->span = at;
  return x;
}

/* ---- parts ----------------------------------------------------------------------------------- */

Ast *build_arg(Parser *p, Span at, const Token *name, Ast *value) {
  Ast *x = BUILD(p, AST_ARG, at, value);
  set_name(x, name);
  return x;
}

Ast *build_parameter(Parser *p, Span at, const Token *name, Ast *value) {
  const Word *w = word_find(name->text, strlen(name->text));
  if (w && w->kind == RESERVED) {
    diag_add(p->diags, E0120, parser_where(p, name->span),
             "`%s` is a reserved word: a parameter of this name could never be read", name->text);
  }
  Ast *x = BUILD(p, AST_PARAMETER, at, value);
  set_name(x, name);
  return x;
}

Ast *build_clause(Parser *p, Span at, const Token *name, AstOp op, Ast *values) {
  Ast *x = with_op(BUILD(p, AST_CLAUSE, at, values), op);
  set_name(x, name);
  return x;
}
