/* mathml.c: see mathml.h. Parentheses stand where the precedence of what is set needs them, not
   where the source has them: a fraction bar or an exponent groups by itself. */
#include "report/mathml.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/label.h"
#include "report/svg.h"
#include "syntax/parse.h"

/* How tightly something binds; an operand of less is put in parentheses. */
enum { LOOSE, OR, AND, NOT, COMPARE, RANGE, SUM, PRODUCT, SIGN, POWER, ATOM };

static void put(Text *out, const char *s) {
  text_add(out, s);
}

static void put_escaped(Text *out, const char *s) {
  text_add(out, markup_escape(out->arena, s));
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const greek[][2] = {
    {"alpha", "α"},  {"beta", "β"},  {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"},
    {"eps", "ε"},    {"zeta", "ζ"},  {"eta", "η"},   {"theta", "θ"}, {"kappa", "κ"},
    {"lambda", "λ"}, {"lam", "λ"},   {"mu", "μ"},    {"nu", "ν"},    {"xi", "ξ"},
    {"rho", "ρ"},    {"sigma", "σ"}, {"tau", "τ"},   {"phi", "φ"},   {"chi", "χ"},
    {"psi", "ψ"},    {"omega", "ω"}, {"pi", "π"},    {"inf", "∞"},   {"Gamma", "Γ"},
    {"Delta", "Δ"},  {"Theta", "Θ"}, {"Phi", "Φ"},   {"Psi", "Ψ"},   {"Omega", "Ω"},
    {"Lambda", "Λ"}, {"Sigma", "Σ"}, {"Xi", "Ξ"},
};

/* One letter is set in italics, a word upright; both are what <mi> does by itself. */
static void put_word(Text *out, const char *word, size_t n) {
  char *text = arena_strndup(out->arena, word, n);
  const char *shown = text;
  for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
    if (strcmp(text, greek[i][0]) == 0) shown = greek[i][1];
  put(out, "<mi>");
  put_escaped(out, shown);
  put(out, "</mi>");
}

/* "th" of "V_th", "1" of "x1", "" of "rate". */
static size_t stem_length(const char *name, size_t n) {
  const char *bar = memchr(name, '_', n);
  if (bar && bar > name && bar + 1 < name + n) return (size_t)(bar - name);
  size_t stem = n;
  while (stem > 1 && isdigit((unsigned char)name[stem - 1])) stem--;
  return isalpha((unsigned char)name[stem - 1]) ? stem : n;
}

static void put_subscript(Text *out, const char *s, size_t n) {
  if (*s == '_') s++, n--;
  while (n) {
    size_t part = strcspn(s, "_");
    if (part > n) part = n;
    put_word(out, s, part);
    s += part;
    n -= part;
    if (!n) break;
    put(out, "<mo>,</mo>");
    s++, n--;
  }
}

/* A name without dots; `of`: what it belongs to, which becomes a superscript, or NULL. */
static void put_simple(Text *out, const char *name, size_t n, const char *of, size_t of_n) {
  size_t stem = stem_length(name, n);
  const char *tag = stem < n ? (of ? "msubsup" : "msub") : of ? "msup" : NULL;
  if (tag) text_printf(out, "<%s>", tag);
  put_word(out, name, stem);
  if (stem < n) {
    put(out, "<mrow>");
    put_subscript(out, name + stem, n - stem);
    put(out, "</mrow>");
  }
  if (of) put_word(out, of, of_n);
  if (tag) text_printf(out, "</%s>", tag);
}

void mathml_name(Text *out, const char *name) {
  const char *dot = strrchr(name, '.');
  if (dot)
    put_simple(out, dot + 1, strlen(dot + 1), name, (size_t)(dot - name));
  else
    put_simple(out, name, strlen(name), NULL, 0);
}

/* ---- precedence ------------------------------------------------------------------------------ */

static int binary_level(AstOp op) {
  switch (op) {
    case AOP_OR: return OR;
    case AOP_AND: return AND;
    case AOP_RANGE: return RANGE;
    case AOP_ADD:
    case AOP_SUB: return SUM;
    case AOP_MUL:
    case AOP_MATMUL:
    case AOP_MOD: return PRODUCT;
    case AOP_DIV: return ATOM;
    case AOP_POW: return POWER;
    default: return COMPARE;
  }
}

static int level_of(const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_NUMBER: return x->unit ? SIGN : ATOM;
    case AST_UNARY: return x->op == AOP_NOT ? NOT : x->op == AOP_TRANSPOSE ? POWER : SIGN;
    case AST_BINARY: return binary_level((AstOp)x->op);
    case AST_APPROX: return COMPARE;
    case AST_IF:
    case AST_LAMBDA: return LOOSE;
    default: return ATOM;
  }
}

static void put_at(Text *out, const Ast *x, int level) {
  bool parens = level_of(x) < level;
  put(out, parens ? "<mrow><mo>(</mo>" : "<mrow>");
  mathml_expr(out, x);
  put(out, parens ? "<mo>)</mo></mrow>" : "</mrow>");
}

static void put_list(Text *out, Ast *const *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    if (i) put(out, "<mo separator=\"true\">,</mo>");
    mathml_expr(out, x[i]);
  }
}

/* ---- numbers and operators ------------------------------------------------------------------- */

static void put_unit(Text *out, const char *unit) {
  text_printf(out, "<mspace width=\"0.2em\"/><mtext>%s</mtext>",
              markup_escape(out->arena, label_unit(out->arena, unit)));
}

static void put_number(Text *out, const Ast *x) {
  char *end;
  double value = x->text ? strtod(x->text, &end) : x->num;
  bool plain = x->text && !strpbrk(x->text, "eE_");
  text_printf(out, "<mn>%s</mn>",
              plain ? markup_escape(out->arena, x->text) : label_number(out->arena, value, 15));
  if (x->unit) put_unit(out, x->unit);
}

static void put_unary(Text *out, const Ast *x) {
  if (x->op == AOP_TRANSPOSE) {
    put(out, "<msup>");
    put_at(out, x->kids[0], ATOM);
    put(out, "<mo>⊤</mo></msup>");
    return;
  }
  put(out, x->op == AOP_NOT ? "<mtext>not</mtext><mspace width=\"0.3em\"/>"
                            : "<mo form=\"prefix\">−</mo>");
  put_at(out, x->kids[0], x->op == AOP_NOT ? NOT : SIGN);
}

static const char *operator_text(AstOp op) {
  switch (op) {
    case AOP_SUB: return "−";
    case AOP_EQ: return "=";
    case AOP_NE: return "≠";
    case AOP_LT: return "&lt;";
    case AOP_LE: return "≤";
    case AOP_GT: return "&gt;";
    case AOP_GE: return "≥";
    case AOP_RANGE: return "…";
    case AOP_MOD: return "mod";
    case AOP_AND: return "and";
    case AOP_OR: return "or";
    default: return ast_op_text(op);
  }
}

/* The leftmost thing that is set of x is a number? */
static bool begins_with_number(const Ast *x) {
  while (x->kind == AST_BINARY && x->op != AOP_DIV) x = x->kids[0];
  return x->kind == AST_NUMBER;
}

/* A product is juxtaposed, but for a number on the right. */
static void put_product(Text *out, const Ast *x) {
  put_at(out, x->kids[0], PRODUCT);
  put(out, begins_with_number(x->kids[1]) ? "<mo>·</mo>" : "<mspace width=\"0.17em\"/>");
  put_at(out, x->kids[1], PRODUCT + 1);
}

static void put_binary(Text *out, const Ast *x) {
  AstOp op = (AstOp)x->op;
  int level = binary_level(op);
  if (op == AOP_MUL || op == AOP_MATMUL) {
    put_product(out, x);
  } else if (op == AOP_DIV || op == AOP_POW) {
    put(out, op == AOP_DIV ? "<mfrac>" : "<msup>");
    put_at(out, x->kids[0], op == AOP_DIV ? LOOSE : ATOM);
    put_at(out, x->kids[1], LOOSE);
    put(out, op == AOP_DIV ? "</mfrac>" : "</msup>");
  } else {
    put_at(out, x->kids[0], level);
    text_printf(out, "<mo lspace=\"0.25em\" rspace=\"0.25em\">%s</mo>", operator_text(op));
    put_at(out, x->kids[1], level + 1);
  }
}

static void put_approx(Text *out, const Ast *x) {
  put_at(out, x->kids[0], COMPARE + 1);
  text_printf(out, "<mo>%s</mo>", operator_text((AstOp)x->op));
  put_at(out, x->kids[1], SUM);
  put(out, "<mo>±</mo>");
  put_at(out, x->kids[2], SUM);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool is_call_of(const Ast *x, const char *name, uint32_t arguments) {
  return x->kids[0]->kind == AST_NAME && strcmp(x->kids[0]->name, name) == 0 &&
         x->nkids == arguments + 1 && !x->kids[1]->name;
}

static void put_argument(Text *out, const Ast *arg) {
  if (arg->name) {
    mathml_name(out, arg->name);
    put(out, "<mo>=</mo>");
  }
  mathml_expr(out, arg->kids[0]);
}

/* sum([x for i < N]) as a sum over i. */
static bool put_sum(Text *out, const Ast *x) {
  if (!is_call_of(x, "sum", 1)) return false;
  const Ast *c = x->kids[1]->kids[0];
  if (c->kind != AST_COMPREHENSION || c->nkids != 2) return false;
  put(out, "<munder><mo largeop=\"true\">∑</mo><mrow>");
  mathml_name(out, c->kids[1]->name);
  put(out, c->kids[1]->op == AOP_LT ? "<mo>&lt;</mo>" : "<mo>∈</mo>");
  mathml_expr(out, c->kids[1]->kids[0]);
  put(out, "</mrow></munder>");
  put_at(out, c->kids[0], PRODUCT);
  return true;
}

/* Functions with a notation of their own: what stands before and behind their only argument. */
static const char *const notations[][3] = {
    {"sqrt", "<msqrt>", "</msqrt>"},       {"abs", "<mo>|</mo>", "<mo>|</mo>"},
    {"norm", "<mo>‖</mo>", "<mo>‖</mo>"},  {"mean", "<mo>⟨</mo>", "<mo>⟩</mo>"},
    {"floor", "<mo>⌊</mo>", "<mo>⌋</mo>"}, {"ceil", "<mo>⌈</mo>", "<mo>⌉</mo>"},
};

static bool put_notation(Text *out, const Ast *x) {
  for (size_t i = 0; i < sizeof notations / sizeof *notations; i++) {
    if (!is_call_of(x, notations[i][0], 1)) continue;
    put(out, notations[i][1]);
    mathml_expr(out, x->kids[1]->kids[0]);
    put(out, notations[i][2]);
    return true;
  }
  return false;
}

/* delay(x, d) as x at t - d. */
static bool put_delay(Text *out, const Ast *x) {
  if (!is_call_of(x, "delay", 2)) return false;
  put_at(out, x->kids[1]->kids[0], ATOM);
  put(out, "<mo>(</mo><mi>t</mi><mo>−</mo>");
  put_at(out, x->kids[2]->kids[0], SUM + 1);
  put(out, "<mo>)</mo>");
  return true;
}

/* A function of several letters has its name whole: no part of it is a subscript. */
static void put_callee(Text *out, const Ast *x) {
  bool whole = x->kind == AST_NAME && stem_length(x->name, strlen(x->name)) > 1;
  if (whole)
    put_word(out, x->name, strlen(x->name));
  else
    put_at(out, x, ATOM);
}

static void put_call(Text *out, const Ast *x) {
  if (put_sum(out, x) || put_notation(out, x) || put_delay(out, x)) return;
  put_callee(out, x->kids[0]);
  put(out, "<mo>(</mo>");
  for (uint32_t i = 1; i < x->nkids; i++) {
    if (i > 1) put(out, "<mo separator=\"true\">,</mo>");
    put_argument(out, x->kids[i]);
  }
  put(out, "<mo>)</mo>");
}

/* ---- other expressions ----------------------------------------------------------------------- */

/* The branches of nested conditions, one below the other. Braces and parentheses that grow need a
   font for mathematics: the style sheet draws lines instead. */
static void put_if(Text *out, const Ast *x) {
  put(out, "<mtable class=\"cases\">");
  for (; x->kind == AST_IF; x = x->kids[2]) {
    put(out, "<mtr><mtd>");
    mathml_expr(out, x->kids[1]);
    put(out, "</mtd><mtd><mtext>if</mtext><mspace width=\"0.4em\"/>");
    mathml_expr(out, x->kids[0]);
    put(out, "</mtd></mtr>");
  }
  put(out, "<mtr><mtd>");
  mathml_expr(out, x);
  put(out, "</mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable>");
}

static void put_function(Text *out, const Ast *x, const char *sign) {
  put(out, "<mo>(</mo>");
  for (uint32_t i = 0; i + 1 < x->nkids; i++) {
    const Ast *parameter = x->kids[i];
    if (i) put(out, "<mo separator=\"true\">,</mo>");
    mathml_name(out, parameter->name);
    if (!parameter->nkids || !parameter->kids[0]) continue;
    put(out, "<mo>=</mo>");
    mathml_expr(out, parameter->kids[0]);
  }
  text_printf(out, "<mo>)</mo><mo>%s</mo>", sign);
  mathml_expr(out, x->kids[x->nkids - 1]);
}

static void put_lambda(Text *out, const Ast *x) {
  put_function(out, x, "↦");
}

static void put_index(Text *out, const Ast *x) {
  put(out, "<msub>");
  put_at(out, x->kids[0], ATOM);
  put(out, "<mrow>");
  put_list(out, x->kids + 1, x->nkids - 1);
  put(out, "</mrow></msub>");
}

static void put_slice(Text *out, const Ast *x) {
  if (x->kids[0]) mathml_expr(out, x->kids[0]);
  put(out, "<mo>:</mo>");
  if (x->kids[1]) mathml_expr(out, x->kids[1]);
}

static bool is_matrix(const Ast *x) {
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i]->kind != AST_ARRAY || x->kids[i]->nkids != x->kids[0]->nkids) return false;
  return x->nkids > 0;
}

static void put_array(Text *out, const Ast *x) {
  if (is_matrix(x)) {
    put(out, "<mtable class=\"matrix\">");
    for (uint32_t i = 0; i < x->nkids; i++) {
      put(out, "<mtr>");
      for (uint32_t k = 0; k < x->kids[i]->nkids; k++) {
        put(out, "<mtd>");
        mathml_expr(out, x->kids[i]->kids[k]);
        put(out, "</mtd>");
      }
      put(out, "</mtr>");
    }
    put(out, "</mtable>");
  } else {
    put(out, "<mo>(</mo>");
    put_list(out, x->kids, x->nkids);
    put(out, "<mo>)</mo>");
  }
}

static void put_comprehension(Text *out, const Ast *x) {
  put(out, "<msub><mrow><mo>[</mo>");
  mathml_expr(out, x->kids[0]);
  put(out, "<mo>]</mo></mrow><mrow>");
  for (uint32_t i = 1; i < x->nkids; i++) {
    if (i > 1) put(out, "<mo separator=\"true\">,</mo>");
    mathml_name(out, x->kids[i]->name);
    put(out, x->kids[i]->op == AOP_LT ? "<mo>&lt;</mo>" : "<mo>∈</mo>");
    mathml_expr(out, x->kids[i]->kids[0]);
  }
  put(out, "</mrow></msub>");
}

/* E.x; what is not a plain path is set with its dot. */
static void put_field(Text *out, const Ast *x) {
  const Ast *base = x->kids[0];
  if (base->kind == AST_NAME) {
    put_simple(out, x->name, strlen(x->name), base->name, strlen(base->name));
    return;
  }
  put_at(out, base, ATOM);
  put(out, "<mo>.</mo>");
  mathml_name(out, x->name);
}

/* As in the source: for what has no notation. */
static void put_source(Text *out, const Ast *x) {
  put(out, "<mtext>");
  put_escaped(out, ast_print(out->arena, x));
  put(out, "</mtext>");
}

static void put_name(Text *out, const Ast *x) {
  mathml_name(out, x->name);
}

static void (*const put_kind[AST_KINDS])(Text *, const Ast *) = {
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

void mathml_expr(Text *out, const Ast *x) {
  (put_kind[x->kind] ? put_kind[x->kind] : put_source)(out, x);
}

/* ---- statements ------------------------------------------------------------------------------ */

static void put_relation(Text *out, const char *sign) {
  text_printf(out, "<mo lspace=\"0.4em\" rspace=\"0.4em\">%s</mo>", sign);
}

static void put_equation(Text *out, const Ast *s) {
  if (s->kids[0]) {
    put_at(out, s->kids[0], PRODUCT);
    put(out, "<mspace width=\"0.17em\"/>");
  }
  put(out, "<mfrac><mrow><mi>d</mi>");
  mathml_name(out, s->name);
  put(out, "</mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>");
  put_relation(out, "=");
  mathml_expr(out, s->kids[1]);
}

static void put_next(Text *out, const Ast *s) {
  mathml_name(out, s->name);
  put(out, "<mo>(</mo><mi>k</mi><mo>+</mo><mn>1</mn><mo>)</mo>");
  put_relation(out, "=");
  mathml_expr(out, s->kids[0]);
}

static void put_path(Text *out, const Ast *path) {
  const char *full =
      path->text ? arena_printf(out->arena, "%s.%s", path->name, path->text) : path->name;
  mathml_name(out, full);
}

/* Items are separate statements: a name and what it is, or is drawn from. */
static void put_item(Text *out, const Ast *item) {
  mathml_name(out, item->name);
  put_relation(out, item->flags & AST_DRAWN ? "∼" : "=");
  mathml_expr(out, item->kids[0]);
}

static bool put_assignment(Text *out, const Ast *s, const char *sign) {
  put_path(out, s->kids[0]);
  put_relation(out, sign);
  mathml_expr(out, s->kids[1]);
  return true;
}

bool mathml_statement(Text *out, const Ast *s) {
  switch ((AstKind)s->kind) {
    case AST_EQUATION: put_equation(out, s); return true;
    case AST_NEXT: put_next(out, s); return true;
    case AST_ITEM:
      if (!s->kids[0]) return false;
      put_item(out, s);
      return true;
    case AST_SCORE:
    case AST_MASK:
      mathml_name(out, s->name);
      put_relation(out, "=");
      mathml_expr(out, s->kids[0]);
      return true;
    case AST_CONNECTIVITY:
      mathml_name(out, s->name);
      put_function(out, s, s->flags & AST_DRAWN ? "∼" : "=");
      return true;
    case AST_ADD: return put_assignment(out, s, "+=");
    case AST_ASSIGN: return put_assignment(out, s, "←");
    case AST_FN:
      mathml_name(out, s->name);
      put_function(out, s, "=");
      return true;
    default: return false;
  }
}
