/* formula.c: see formula.h. Parentheses stand where the precedence of what is set needs them, not
   where the source has them: a fraction bar or an exponent groups by itself, but in plain text. */
#include "report/formula.h"

#include <stdlib.h>
#include <string.h>

#include "report/label.h"
#include "syntax/parse.h"

/* How tightly something binds; an operand of less is put in parentheses. */
enum { LOOSE, OR, AND, NOT, COMPARE, RANGE, SUM, PRODUCT, NEGATION, POWER, ATOM };

static const char *const signs[][NOTATIONS] = {
#define SIGN(name, mathml, latex, text) {mathml, latex, text},
#include "report/notation.def"
#undef SIGN
};

void formula_sign(Formula *f, Sign sign) {
  text_add(&f->text, signs[sign][f->as]);
}

static bool is_text(const Formula *f) {
  return f->as == NOTATION_TEXT;
}

/* ---- precedence ------------------------------------------------------------------------------ */

static int binary_level(const Formula *f, AstOp op) {
  switch (op) {
    case AOP_OR: return OR;
    case AOP_AND: return AND;
    case AOP_RANGE: return RANGE;
    case AOP_ADD:
    case AOP_SUB: return SUM;
    case AOP_MUL:
    case AOP_MATMUL:
    case AOP_MOD: return PRODUCT;
    case AOP_DIV: return is_text(f) ? PRODUCT : ATOM;
    case AOP_POW: return POWER;
    default: return COMPARE;
  }
}

static int level_of(const Formula *f, const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_NUMBER: return x->unit ? NEGATION : ATOM;
    case AST_UNARY: return x->op == AOP_NOT ? NOT : x->op == AOP_TRANSPOSE ? POWER : NEGATION;
    case AST_BINARY: return binary_level(f, (AstOp)x->op);
    case AST_APPROX: return COMPARE;
    case AST_IF: return is_text(f) ? ATOM : LOOSE;
    case AST_LAMBDA: return LOOSE;
    default: return ATOM;
  }
}

static void put_at(Formula *f, const Ast *x, int level) {
  bool parens = level_of(f, x) < level;
  formula_sign(f, SIGN_GROUP_OPEN);
  if (parens) formula_sign(f, SIGN_FENCE_OPEN);
  formula_expr(f, x);
  if (parens) formula_sign(f, SIGN_FENCE_CLOSE);
  formula_sign(f, SIGN_GROUP_CLOSE);
}

static void put_list(Formula *f, Ast *const *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    if (i) formula_sign(f, SIGN_COMMA);
    formula_expr(f, x[i]);
  }
}

/* ---- numbers and operators ------------------------------------------------------------------- */

static void put_text(Formula *f, Sign open, const char *text, Sign close) {
  formula_sign(f, open);
  text_add(&f->text, text);
  formula_sign(f, close);
}

static void put_number(Formula *f, const Ast *x) {
  enum { DIGITS = 15 };
  Arena *a = f->text.arena;
  double value = x->text ? strtod(x->text, NULL) : x->num;
  bool plain = x->text && !strpbrk(x->text, "eE_");
  text_printf(&f->text, f->as == NOTATION_MATHML ? "<mn>%s</mn>" : "%s",
              plain ? x->text : formula_number(a, f->as, value, DIGITS));
  if (x->unit) put_text(f, SIGN_UNIT_OPEN, formula_unit(a, f->as, x->unit), SIGN_UNIT_CLOSE);
}

static void put_unary(Formula *f, const Ast *x) {
  if (x->op == AOP_TRANSPOSE) {
    formula_sign(f, SIGN_POWER_OPEN);
    put_at(f, x->kids[0], ATOM);
    formula_sign(f, SIGN_TRANSPOSE);
    return;
  }
  formula_sign(f, x->op == AOP_NOT ? SIGN_NOT : SIGN_MINUS_SIGN);
  put_at(f, x->kids[0], x->op == AOP_NOT ? NOT : NEGATION);
}

static Sign operator_sign(AstOp op) {
  static const Sign of[] = {
      [AOP_ADD] = SIGN_ADD,     [AOP_SUB] = SIGN_SUB, [AOP_EQ] = SIGN_EQ,   [AOP_NE] = SIGN_NE,
      [AOP_LT] = SIGN_LT,       [AOP_LE] = SIGN_LE,   [AOP_GT] = SIGN_GT,   [AOP_GE] = SIGN_GE,
      [AOP_RANGE] = SIGN_RANGE, [AOP_MOD] = SIGN_MOD, [AOP_AND] = SIGN_AND, [AOP_OR] = SIGN_OR};
  return of[op];
}

/* The leftmost thing that is set of x is a number? */
static bool begins_with_number(const Ast *x) {
  while (x->kind == AST_BINARY && x->op != AOP_DIV) x = x->kids[0];
  return x->kind == AST_NUMBER;
}

/* A product is juxtaposed, but for a number on the right. */
static void put_product(Formula *f, const Ast *x) {
  put_at(f, x->kids[0], PRODUCT);
  formula_sign(f, begins_with_number(x->kids[1]) ? SIGN_TIMES_NUMBER : SIGN_TIMES);
  put_at(f, x->kids[1], PRODUCT + 1);
}

/* In plain text a unit below a line would seem to stand behind the whole: x/(1 mV). */
static void put_fraction(Formula *f, const Ast *x) {
  bool unit = x->kids[1]->kind == AST_NUMBER && x->kids[1]->unit;
  formula_sign(f, SIGN_FRACTION_OPEN);
  put_at(f, x->kids[0], is_text(f) ? PRODUCT : LOOSE);
  formula_sign(f, SIGN_FRACTION_BAR);
  put_at(f, x->kids[1], !is_text(f) ? LOOSE : unit ? ATOM : PRODUCT + 1);
  formula_sign(f, SIGN_FRACTION_CLOSE);
}

static bool is_digits(const Ast *x) {
  return x->kind == AST_NUMBER && x->text && !x->unit &&
         x->text[strspn(x->text, "0123456789")] == '\0';
}

static void put_power(Formula *f, const Ast *x) {
  const Ast *exponent = x->kids[1];
  formula_sign(f, SIGN_POWER_OPEN);
  put_at(f, x->kids[0], ATOM);
  if (is_text(f) && is_digits(exponent)) {
    text_add(&f->text, label_superscript(f->text.arena, exponent->text));
    return;
  }
  formula_sign(f, SIGN_POWER_BAR);
  put_at(f, exponent, is_text(f) ? ATOM : LOOSE);
  formula_sign(f, SIGN_POWER_CLOSE);
}

static void put_binary(Formula *f, const Ast *x) {
  AstOp op = (AstOp)x->op;
  int level = binary_level(f, op);
  switch (op) {
    case AOP_MUL:
    case AOP_MATMUL: put_product(f, x); return;
    case AOP_DIV: put_fraction(f, x); return;
    case AOP_POW: put_power(f, x); return;
    default: break;
  }
  put_at(f, x->kids[0], level);
  formula_sign(f, operator_sign(op));
  put_at(f, x->kids[1], level + 1);
}

static void put_approx(Formula *f, const Ast *x) {
  put_at(f, x->kids[0], COMPARE + 1);
  formula_sign(f, operator_sign((AstOp)x->op));
  put_at(f, x->kids[1], SUM);
  formula_sign(f, SIGN_PLUS_MINUS);
  put_at(f, x->kids[2], SUM);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool is_call_of(const Ast *x, const char *name, uint32_t arguments) {
  return x->kids[0]->kind == AST_NAME && strcmp(x->kids[0]->name, name) == 0 &&
         x->nkids == arguments + 1 && !x->kids[1]->name;
}

static void put_argument(Formula *f, const Ast *arg) {
  if (arg->name) {
    formula_name(f, arg->name);
    formula_sign(f, SIGN_IS);
  }
  formula_expr(f, arg->kids[0]);
}

static void put_clause(Formula *f, const Ast *clause) {
  formula_name(f, clause->name);
  formula_sign(f, clause->op == AOP_LT ? SIGN_BELOW : SIGN_IN);
  formula_expr(f, clause->kids[0]);
}

/* sum([x for i < N]) as a sum over i. */
static bool put_sum(Formula *f, const Ast *x) {
  if (!is_call_of(x, "sum", 1)) return false;
  const Ast *c = x->kids[1]->kids[0];
  if (c->kind != AST_COMPREHENSION || c->nkids != 2) return false;
  formula_sign(f, SIGN_SUM_OPEN);
  put_clause(f, c->kids[1]);
  formula_sign(f, SIGN_SUM_CLOSE);
  put_at(f, c->kids[0], PRODUCT);
  return true;
}

/* Functions with a notation of their own: what stands before and behind their only argument. */
static const struct {
  const char *name;
  Sign open, close;
} fences[] = {
    {"sqrt", SIGN_SQRT_OPEN, SIGN_SQRT_CLOSE},    {"abs", SIGN_ABS_BAR, SIGN_ABS_BAR},
    {"norm", SIGN_NORM_BAR, SIGN_NORM_BAR},       {"mean", SIGN_MEAN_OPEN, SIGN_MEAN_CLOSE},
    {"floor", SIGN_FLOOR_OPEN, SIGN_FLOOR_CLOSE}, {"ceil", SIGN_CEIL_OPEN, SIGN_CEIL_CLOSE},
};

static bool put_fenced(Formula *f, const Ast *x) {
  for (size_t i = 0; i < sizeof fences / sizeof *fences; i++) {
    if (!is_call_of(x, fences[i].name, 1)) continue;
    formula_sign(f, fences[i].open);
    formula_expr(f, x->kids[1]->kids[0]);
    formula_sign(f, fences[i].close);
    return true;
  }
  return false;
}

/* delay(x, d) as x at t - d. */
static bool put_delay(Formula *f, const Ast *x) {
  if (!is_call_of(x, "delay", 2)) return false;
  put_at(f, x->kids[1]->kids[0], ATOM);
  formula_sign(f, SIGN_AGO_OPEN);
  put_at(f, x->kids[2]->kids[0], SUM + 1);
  formula_sign(f, SIGN_PAREN_CLOSE);
  return true;
}

/* A function of several letters has its name whole: no part of it is a subscript. */
static void put_callee(Formula *f, const Ast *x) {
  if (x->kind == AST_NAME && formula_is_word(x->name))
    formula_word(f, x->name);
  else
    put_at(f, x, ATOM);
}

static void put_call(Formula *f, const Ast *x) {
  if (put_sum(f, x) || put_fenced(f, x) || put_delay(f, x)) return;
  put_callee(f, x->kids[0]);
  formula_sign(f, SIGN_FENCE_OPEN);
  for (uint32_t i = 1; i < x->nkids; i++) {
    if (i > 1) formula_sign(f, SIGN_COMMA);
    put_argument(f, x->kids[i]);
  }
  formula_sign(f, SIGN_FENCE_CLOSE);
}

/* ---- other expressions ----------------------------------------------------------------------- */

/* The branches of nested conditions, one below the other. Braces and parentheses that grow need a
   font for mathematics: the style sheet of a page draws lines instead. */
static void put_if(Formula *f, const Ast *x) {
  formula_sign(f, SIGN_CASES_OPEN);
  for (; x->kind == AST_IF; x = x->kids[2]) {
    formula_expr(f, x->kids[1]);
    formula_sign(f, SIGN_CASES_IF);
    formula_expr(f, x->kids[0]);
    formula_sign(f, SIGN_CASES_NEXT);
  }
  formula_expr(f, x);
  formula_sign(f, SIGN_CASES_CLOSE);
}

static void put_function(Formula *f, const Ast *x, Sign sign) {
  formula_sign(f, SIGN_PAREN_OPEN);
  for (uint32_t i = 0; i + 1 < x->nkids; i++) {
    const Ast *parameter = x->kids[i];
    if (i) formula_sign(f, SIGN_COMMA);
    formula_name(f, parameter->name);
    if (!parameter->nkids || !parameter->kids[0]) continue;
    formula_sign(f, SIGN_IS);
    formula_expr(f, parameter->kids[0]);
  }
  formula_sign(f, SIGN_PAREN_CLOSE);
  formula_sign(f, sign);
  formula_expr(f, x->kids[x->nkids - 1]);
}

static void put_lambda(Formula *f, const Ast *x) {
  put_function(f, x, SIGN_MAPS_TO);
}

static void put_index(Formula *f, const Ast *x) {
  formula_sign(f, SIGN_INDEX_OPEN);
  put_at(f, x->kids[0], ATOM);
  formula_sign(f, SIGN_INDEX_BAR);
  put_list(f, x->kids + 1, x->nkids - 1);
  formula_sign(f, SIGN_INDEX_CLOSE);
}

static void put_slice(Formula *f, const Ast *x) {
  if (x->kids[0]) formula_expr(f, x->kids[0]);
  formula_sign(f, SIGN_COLON);
  if (x->kids[1]) formula_expr(f, x->kids[1]);
}

static bool is_matrix(const Ast *x) {
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i]->kind != AST_ARRAY || x->kids[i]->nkids != x->kids[0]->nkids) return false;
  return x->nkids > 0;
}

static void put_matrix(Formula *f, const Ast *x) {
  formula_sign(f, SIGN_MATRIX_OPEN);
  for (uint32_t i = 0; i < x->nkids; i++) {
    if (i) formula_sign(f, SIGN_MATRIX_ROW);
    for (uint32_t k = 0; k < x->kids[i]->nkids; k++) {
      if (k) formula_sign(f, SIGN_MATRIX_CELL);
      formula_expr(f, x->kids[i]->kids[k]);
    }
  }
  formula_sign(f, SIGN_MATRIX_CLOSE);
}

static void put_array(Formula *f, const Ast *x) {
  if (is_matrix(x)) {
    put_matrix(f, x);
    return;
  }
  formula_sign(f, SIGN_BRACKET_OPEN);
  put_list(f, x->kids, x->nkids);
  formula_sign(f, SIGN_BRACKET_CLOSE);
}

static void put_comprehension(Formula *f, const Ast *x) {
  formula_sign(f, SIGN_FAMILY_OPEN);
  formula_expr(f, x->kids[0]);
  formula_sign(f, SIGN_FAMILY_BAR);
  for (uint32_t i = 1; i < x->nkids; i++) {
    if (i > 1) formula_sign(f, SIGN_COMMA);
    put_clause(f, x->kids[i]);
  }
  formula_sign(f, SIGN_FAMILY_CLOSE);
}

/* E.x; what is not a plain path is set with its dot. */
static void put_field(Formula *f, const Ast *x) {
  const Ast *base = x->kids[0];
  if (base->kind == AST_NAME) {
    formula_member(f, x->name, base->name);
    return;
  }
  put_at(f, base, ATOM);
  formula_sign(f, SIGN_DOT);
  formula_name(f, x->name);
}

/* As in the source: for what has no notation. */
static void put_source(Formula *f, const Ast *x) {
  Arena *a = f->text.arena;
  put_text(f, SIGN_TEXT_OPEN, formula_escape(a, f->as, ast_print(a, x)), SIGN_TEXT_CLOSE);
}

static void put_name(Formula *f, const Ast *x) {
  formula_name(f, x->name);
}

static void (*const put_kind[AST_KINDS])(Formula *, const Ast *) = {
    [AST_NUMBER] = put_number,
    [AST_NAME] = put_name,
    [AST_UNARY] = put_unary,
    [AST_BINARY] = put_binary,
    [AST_APPROX] = put_approx,
    [AST_IF] = put_if,
    [AST_LAMBDA] = put_lambda,
    [AST_CALL] = put_call,
    [AST_INDEX] = put_index,
    [AST_SLICE] = put_slice,
    [AST_FIELD] = put_field,
    [AST_ARRAY] = put_array,
    [AST_COMPREHENSION] = put_comprehension,
};

void formula_expr(Formula *f, const Ast *x) {
  (put_kind[x->kind] ? put_kind[x->kind] : put_source)(f, x);
}

/* ---- statements ------------------------------------------------------------------------------ */

static void put_equation(Formula *f, const Ast *s) {
  if (s->kids[0]) {
    put_at(f, s->kids[0], PRODUCT);
    formula_sign(f, SIGN_TIMES);
  }
  formula_sign(f, SIGN_DERIVATIVE_OPEN);
  formula_name(f, s->name);
  formula_sign(f, SIGN_DERIVATIVE_CLOSE);
  formula_sign(f, SIGN_EQUALS);
  formula_expr(f, s->kids[1]);
}

/* "name = value", with another sign between. */
static void put_definition(Formula *f, const char *name, Sign sign, const Ast *value) {
  formula_name(f, name);
  formula_sign(f, sign);
  formula_expr(f, value);
}

static void put_next(Formula *f, const Ast *s) {
  formula_name(f, s->name);
  formula_sign(f, SIGN_AT_NEXT);
  formula_sign(f, SIGN_EQUALS);
  formula_expr(f, s->kids[0]);
}

void formula_path(Formula *f, const Ast *path) {
  formula_name(
      f, path->text ? arena_printf(f->text.arena, "%s.%s", path->name, path->text) : path->name);
}

static void put_assignment(Formula *f, const Ast *s, Sign sign) {
  formula_path(f, s->kids[0]);
  formula_sign(f, sign);
  formula_expr(f, s->kids[1]);
}

static void put_declared(Formula *f, const Ast *s, Sign sign) {
  formula_name(f, s->name);
  put_function(f, s, sign);
}

bool formula_statement(Formula *f, const Ast *s) {
  bool drawn = (s->flags & AST_DRAWN) != 0;
  switch ((AstKind)s->kind) {
    case AST_EQUATION: put_equation(f, s); return true;
    case AST_NEXT: put_next(f, s); return true;
    case AST_ITEM:
      if (!s->kids[0]) return false;
      put_definition(f, s->name, drawn ? SIGN_DISTRIBUTED : SIGN_EQUALS, s->kids[0]);
      return true;
    case AST_SCORE: put_definition(f, s->name, SIGN_EQUALS, s->kids[0]); return true;
    case AST_MASK: put_definition(f, s->name, SIGN_BECOMES, s->kids[0]); return true;
    case AST_CONNECTIVITY: put_declared(f, s, drawn ? SIGN_IS_DRAWN : SIGN_IS); return true;
    case AST_FN: put_declared(f, s, SIGN_IS); return true;
    case AST_ADD: put_assignment(f, s, SIGN_INCREASES); return true;
    case AST_ASSIGN: put_assignment(f, s, SIGN_BECOMES); return true;
    case AST_STOP: formula_sign(f, SIGN_STOP); return true;
    default: return false;
  }
}
