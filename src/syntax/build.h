/* build.h: what the grammar's actions call to make nodes. Besides making the node, a builder
   refuses what the grammar lets through because only here it can be told well. Nodes live in the
   parser's arena; a statement that is broken is NULL and is left out of its list. */
#ifndef DYN_SYNTAX_BUILD_H
#define DYN_SYNTAX_BUILD_H

#include "syntax/token.h"

typedef struct AstLink {
  struct AstLink *next;
  Ast *ast;
} AstLink;

/* A list on its way; NULL is an empty one. */
typedef struct AstList {
  AstLink *first, *last;
  uint32_t n;
  bool broken; /* something with an error was left out */
} AstList;

/* a.b.c, as imports have it */
typedef struct Dotted {
  const char *text;
  const Token *last;
  Span span;
} Dotted;

AstList *build_list_add(Parser *p, AstList *list, Ast *x);
AstList *build_unlike_add(Parser *p, AstList *list, Ast *x); /* one of each name */

/* A node with these children, NULL among them where one is absent. */
#define BUILD(p, kind, at, ...)                         \
  build_kids((p), (kind), (at), (Ast *[]){__VA_ARGS__}, \
             sizeof((Ast *[]){__VA_ARGS__}) / sizeof(Ast *))
Ast *build_kids(Parser *p, AstKind kind, Span at, Ast *const *kids, size_t n);
/* A node with the children first (unless NULL), those of the list, last (unless NULL). */
Ast *build_node(Parser *p, AstKind kind, Span at, Ast *first, const AstList *list, Ast *last);
Ast *build_placeholder(Parser *p, Span at); /* where an expression was broken */

/* expressions */
Ast *build_number(Parser *p, const Token *t);
Ast *build_string(Parser *p, const Token *t);
Ast *build_bool(Parser *p, Span at, bool value);
Ast *build_name(Parser *p, const Token *t);
Ast *build_unary(Parser *p, AstOp op, Span at, Ast *a);
Ast *build_binary(Parser *p, AstOp op, Span at, Ast *a, Ast *b);
Ast *build_comparison(Parser *p, AstOp op, Span at, Ast *a, Ast *b);
Ast *build_approx(Parser *p, AstOp op, Span at, Ast *a, Ast *b, Ast *tol);
Ast *build_power(Parser *p, Span at, Ast *a, Ast *b);
Ast *build_field(Parser *p, Span at, Ast *base, const Token *name);
Ast *build_call(Parser *p, Span at, Ast *callee, const AstList *args);
Ast *build_index(Parser *p, Span at, Ast *base, const AstList *items);
Ast *build_parens(Parser *p, Span at, Ast *x);
Ast *build_arg(Parser *p, Span at, const Token *name, Ast *value);
Ast *build_parameter(Parser *p, Span at, const Token *name, Ast *value);
Ast *build_clause(Parser *p, Span at, const Token *name, AstOp op, Ast *values);

/* statements */
Ast *build_file(Parser *p, Span at, const Token *version, const AstList *statements);
Ast *build_block(Parser *p, Span at, const AstList *statements); /* has a value */
Ast *build_body(Parser *p, Span at, const AstList *statements);
Ast *build_declaration(Parser *p, AstKind kind, Span at, Ast *name, const AstList *parameters,
                       Ast *body);
Ast *build_drawn(Ast *x); /* marks a fresh node as AST_DRAWN */
Ast *build_named(Parser *p, AstKind kind, Span at, Ast *name, Ast *value);
Ast *build_param(Parser *p, Span at, Ast *name, Ast *value, Ast *lo, Ast *hi);
Ast *build_let(Parser *p, Span at, const AstList *items);
Ast *build_item(Parser *p, Span at, Ast *name, const AstList *shape, Ast *value, int flags);
Ast *build_item_every(Parser *p, const Token *what, Ast *item);
Ast *build_expect(Parser *p, Span at, Ast *condition, const Token *why);
Dotted build_dotted(Parser *p, const Dotted *before, const Token *name);
Ast *build_import(Parser *p, Span at, Dotted what, const Token *as);
Ast *build_import_file(Parser *p, Span at, const Token *path, const Token *as);
Ast *build_from(Parser *p, Span at, Dotted what, const AstList *names);
Ast *build_from_file(Parser *p, Span at, const Token *path, const AstList *names);

/* statements of bodies */
Ast *build_equation(Parser *p, Span at, Ast *coef, const Token *of, Span of_at, Ast *rhs);
Ast *build_assignment(Parser *p, AstKind kind, Span at, Ast *to, Ast *value);
Ast *build_bare(Parser *p, Span at, const Ast *x);
Ast *build_population(Parser *p, Span at, Ast *name, Ast *unit);
Ast *build_path(Parser *p, Span at, Ast *x);
Ast *build_connect(Parser *p, Span at, Ast *label, Ast *from, Ast *to, Ast *weights,
                   const AstList *options, int flags);
Ast *build_when(Parser *p, Span at, Ast *label, Ast *condition, Ast *body);
Ast *build_phase(Parser *p, Span at, Ast *name, Ast *length, Ast *body);
Ast *build_score(Parser *p, Span at, Ast *name, Ast *value, const Token *during);

#endif
