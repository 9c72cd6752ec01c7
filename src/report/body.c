/* body.c: see body.h. */
#include "report/body.h"

#include "syntax/parse.h"

typedef struct Body {
  Arena *arena;
  Notation as;
  BodyLines lines;
  int indent;
} Body;

static Formula formula_of(const Body *b) {
  return (Formula){.text = {.arena = b->arena}, .as = b->as};
}

static void put_line(Body *b, const Formula *f, const Ast *s, const char *role) {
  *vec_push(b->arena, &b->lines) = (BodyLine){text_str(&f->text), s->doc, role, b->indent};
}

/* ", x ∈ ℝ^(N×N)" */
static void add_space(Formula *f, const Ast *item, bool first) {
  if (item->nkids < 2) return;
  if (!first) formula_sign(f, SIGN_AND_THEN);
  formula_name(f, item->name);
  formula_sign(f, SIGN_IN);
  formula_sign(f, SIGN_POWER_OPEN);
  formula_sign(f, SIGN_REALS);
  formula_sign(f, SIGN_SPACE_BAR);
  for (uint32_t i = 1; i < item->nkids; i++) {
    if (i > 1) formula_sign(f, SIGN_CROSS);
    formula_expr(f, item->kids[i]);
  }
  formula_sign(f, SIGN_SPACE_CLOSE);
}

static void put_item(Body *b, const Ast *item, const char *role, bool state) {
  Formula f = formula_of(b);
  bool valued = true;
  if (state && item->kids[0]) {
    formula_name(&f, item->name);
    formula_sign(&f, SIGN_AT_START);
    formula_sign(&f, item->flags & AST_DRAWN ? SIGN_DISTRIBUTED : SIGN_EQUALS);
    formula_expr(&f, item->kids[0]);
  } else {
    valued = formula_statement(&f, item);
    if (!valued && item->nkids < 2) formula_name(&f, item->name);
  }
  add_space(&f, item, !valued);
  put_line(b, &f, item, role);
}

static void put_items(Body *b, const Ast *s, const char *role) {
  for (uint32_t i = 0; i < s->nkids; i++)
    if (s->kids[i]->kind == AST_ITEM) put_item(b, s->kids[i], role, s->kind == AST_STATE);
}

static void put_formula(Body *b, const Ast *s, const char *role) {
  Formula f = formula_of(b);
  if (formula_statement(&f, s)) put_line(b, &f, s, role);
}

static void put_connect(Body *b, const Ast *s) {
  Formula f = formula_of(b);
  formula_path(&f, s->kids[0]);
  formula_sign(&f, SIGN_TO);
  formula_path(&f, s->kids[1]);
  formula_sign(&f, SIGN_COLON_THEN);
  if (s->name) {
    formula_name(&f, s->name);
    formula_sign(&f, s->flags & AST_DRAWN ? SIGN_IS_DRAWN : SIGN_IS);
  }
  formula_expr(&f, s->kids[2]);
  for (uint32_t i = 3; i < s->nkids; i++) {
    formula_sign(&f, SIGN_AND_THEN);
    formula_name(&f, s->kids[i]->name);
    formula_sign(&f, SIGN_IS);
    formula_expr(&f, s->kids[i]->kids[0]);
  }
  put_line(b, &f, s, s->flags & AST_TRAINABLE ? "trainable connection" : "connection");
}

static void put_population(Body *b, const Ast *s) {
  Formula f = formula_of(b);
  formula_name(&f, s->name);
  formula_sign(&f, SIGN_COLON_THEN);
  if (s->nkids > 1 && s->kids[1]) {
    formula_expr(&f, s->kids[1]);
    formula_sign(&f, SIGN_CROSS);
  }
  if (s->kids[0]->kind == AST_NAME)
    formula_word(&f, s->kids[0]->name);
  else
    formula_expr(&f, s->kids[0]);
  put_line(b, &f, s, "population");
}

static void put_event(Body *b, const Ast *s) {
  Formula f = formula_of(b);
  formula_sign(&f, SIGN_WHEN);
  formula_expr(&f, s->kids[0]);
  formula_sign(&f, SIGN_COLON_THEN);
  const Ast *block = s->kids[1];
  for (uint32_t i = 0; i < block->nkids; i++) {
    if (i) formula_sign(&f, SIGN_AND_THEN);
    formula_statement(&f, block->kids[i]);
  }
  put_line(b, &f, s, s->name ? arena_printf(b->arena, "event %s", s->name) : "event");
}

static void put_statement(Body *b, const Ast *s);

static void put_phase(Body *b, const Ast *s) {
  Formula f = formula_of(b);
  formula_sign(&f, SIGN_PHASE);
  formula_word(&f, s->name);
  formula_sign(&f, SIGN_SPACE);
  formula_sign(&f, SIGN_PAREN_OPEN);
  formula_expr(&f, s->kids[0]);
  formula_sign(&f, SIGN_PAREN_CLOSE);
  put_line(b, &f, s, "");
  b->indent++;
  for (uint32_t i = 0; i < s->kids[1]->nkids; i++) put_statement(b, s->kids[1]->kids[i]);
  b->indent--;
}

static const char *score_role(const Body *b, const Ast *s) {
  return s->text ? arena_printf(b->arena, "score during %s", s->text) : "score";
}

static void put_statement(Body *b, const Ast *s) {
  switch ((AstKind)s->kind) {
    case AST_STATE: put_items(b, s, "state"); break;
    case AST_INPUT: put_items(b, s, "input"); break;
    case AST_OUTPUT: put_items(b, s, "output"); break;
    case AST_WEIGHT: put_items(b, s, "weight"); break;
    case AST_NOISE: put_items(b, s, "white noise"); break;
    case AST_TARGET: put_items(b, s, "target"); break;
    case AST_DRAW: put_items(b, s, "draw"); break;
    case AST_LET: put_items(b, s, ""); break;
    case AST_CONNECT: put_connect(b, s); break;
    case AST_POPULATION: put_population(b, s); break;
    case AST_WHEN: put_event(b, s); break;
    case AST_PHASE: put_phase(b, s); break;
    case AST_MASK: put_formula(b, s, "mask"); break;
    case AST_SCORE: put_formula(b, s, score_role(b, s)); break;
    default: put_formula(b, s, "");
  }
}

BodyLines body_lines(Arena *a, Notation as, const Ast *decl) {
  Body b = {.arena = a, .as = as};
  const Ast *body = decl->kids[decl->nkids - 1];
  bool alone = decl->kind == AST_CONNECTIVITY || decl->kind == AST_FN;
  if (alone) put_statement(&b, decl);
  for (uint32_t i = 0; !alone && i < body->nkids; i++) put_statement(&b, body->kids[i]);
  return b.lines;
}

const char *body_signature(Arena *a, const Ast *decl) {
  Text t = {.arena = a};
  text_add(&t, decl->name);
  if (decl->nkids < 2) return text_str(&t);
  for (uint32_t i = 0; i + 1 < decl->nkids; i++) {
    text_printf(&t, "%s%s", i ? ", " : "(", decl->kids[i]->name);
    if (decl->kids[i]->kids[0]) text_printf(&t, " = %s", ast_print(a, decl->kids[i]->kids[0]));
  }
  text_add(&t, ")");
  return text_str(&t);
}
