/* print.c: a tree as source text on one line. One function for each family of kinds; `level` says
   how tightly an expression binds, so that parentheses stand where they stood and where they must.
 */
#include <string.h>

#include "base/dim.h"
#include "base/text.h"
#include "syntax/parse.h"

enum {
  LEVEL_EXPR, /* if, fn, sweep */
  LEVEL_OR,
  LEVEL_AND,
  LEVEL_NOT,
  LEVEL_COMPARISON,
  LEVEL_RANGE,
  LEVEL_SUM,
  LEVEL_PRODUCT,
  LEVEL_MATRIX,
  LEVEL_UNARY,
  LEVEL_POWER,
  LEVEL_POSTFIX,
  LEVEL_PRIMARY
};

static const uint8_t op_levels[] = {
    [AOP_NONE] = LEVEL_PRIMARY,  [AOP_ADD] = LEVEL_SUM,           [AOP_SUB] = LEVEL_SUM,
    [AOP_MUL] = LEVEL_PRODUCT,   [AOP_DIV] = LEVEL_PRODUCT,       [AOP_MOD] = LEVEL_PRODUCT,
    [AOP_POW] = LEVEL_POWER,     [AOP_MATMUL] = LEVEL_MATRIX,     [AOP_NEG] = LEVEL_UNARY,
    [AOP_NOT] = LEVEL_NOT,       [AOP_TRANSPOSE] = LEVEL_POSTFIX, [AOP_AND] = LEVEL_AND,
    [AOP_OR] = LEVEL_OR,         [AOP_EQ] = LEVEL_COMPARISON,     [AOP_NE] = LEVEL_COMPARISON,
    [AOP_LT] = LEVEL_COMPARISON, [AOP_LE] = LEVEL_COMPARISON,     [AOP_GT] = LEVEL_COMPARISON,
    [AOP_GE] = LEVEL_COMPARISON, [AOP_RANGE] = LEVEL_RANGE,       [AOP_IN] = LEVEL_COMPARISON,
};

static int level_of(const Ast *x) {
  switch (x->kind) {
    case AST_UNARY:
    case AST_BINARY: return op_levels[x->op];
    case AST_APPROX: return LEVEL_COMPARISON;
    case AST_IF:
    case AST_LAMBDA:
    case AST_SWEEP: return LEVEL_EXPR;
    case AST_CALL:
    case AST_INDEX:
    case AST_FIELD: return LEVEL_POSTFIX;
    default: return LEVEL_PRIMARY;
  }
}

static void print_expr(Text *t, const Ast *x, int level);
static void print_any(Text *t, const Ast *x);

/* Kids from `from` on, with commas. */
static void print_list(Text *t, const Ast *x, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) {
    if (i > from) text_add(t, ", ");
    print_any(t, x->kids[i]);
  }
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void print_string(Text *t, const char *s) {
  static const char from[] = "\n\t\"\\", to[] = "nt\"\\";
  text_add(t, "\"");
  for (; *s; s++) {
    const char *escape = strchr(from, *s);
    if (escape) text_add(t, "\\");
    text_add_n(t, escape ? &to[escape - from] : s, 1);
  }
  text_add(t, "\"");
}

/* The unit's brackets are needed for compound ones, and to raise a quantity to a power. */
static void print_number(Text *t, const Ast *x, bool brackets) {
  text_add(t, x->text);
  if (!x->unit) return;
  bool plain = unit_is_name(x->unit, strlen(x->unit)) && !brackets;
  text_printf(t, plain ? " %s" : " [%s]", x->unit);
}

static void print_binary(Text *t, const Ast *x) {
  int level = op_levels[x->op];
  bool tight = x->op == AOP_POW || x->op == AOP_RANGE;
  bool symmetric = level == LEVEL_COMPARISON || level == LEVEL_RANGE;
  const Ast *a = x->kids[0];
  if (x->op == AOP_POW && a->kind == AST_NUMBER && !(a->flags & AST_PARENS)) {
    print_number(t, a, true);
  } else {
    print_expr(t, a, x->op == AOP_POW ? LEVEL_POSTFIX : symmetric ? level + 1 : level);
  }
  text_printf(t, tight ? "%s" : " %s ", ast_op_text((AstOp)x->op));
  print_expr(t, x->kids[1], x->op == AOP_POW ? LEVEL_UNARY : level + 1);
}

static void print_unary(Text *t, const Ast *x) {
  if (x->op == AOP_TRANSPOSE) {
    print_expr(t, x->kids[0], LEVEL_POSTFIX);
    text_add(t, "'");
    return;
  }
  text_add(t, x->op == AOP_NOT ? "not " : "-");
  print_expr(t, x->kids[0], op_levels[x->op]);
}

static void print_approx(Text *t, const Ast *x) {
  print_expr(t, x->kids[0], LEVEL_RANGE);
  text_printf(t, " %s ", ast_op_text((AstOp)x->op));
  print_expr(t, x->kids[1], LEVEL_RANGE);
  text_add(t, " +- ");
  print_expr(t, x->kids[2], LEVEL_RANGE);
}

static void print_postfix(Text *t, const Ast *x) {
  print_expr(t, x->kids[0], LEVEL_POSTFIX);
  if (x->kind == AST_FIELD) {
    text_printf(t, ".%s", x->name);
    return;
  }
  text_add(t, x->kind == AST_CALL ? "(" : "[");
  print_list(t, x, 1, x->nkids);
  text_add(t, x->kind == AST_CALL ? ")" : "]");
}

static void print_between(Text *t, const Ast *x, const char *open, const char *close) {
  text_add(t, open);
  print_list(t, x, 0, x->nkids);
  text_add(t, close);
}

static void print_comprehension(Text *t, const Ast *x) {
  text_add(t, "[");
  print_any(t, x->kids[0]);
  text_add(t, " for ");
  print_list(t, x, 1, x->nkids);
  text_add(t, "]");
}

static void print_sweep(Text *t, const Ast *x) {
  text_add(t, "sweep ");
  print_list(t, x, 1, x->nkids);
  text_add(t, " ");
  print_any(t, x->kids[0]);
}

static void print_if(Text *t, const Ast *x) {
  static const char *const words[] = {"if ", " then ", " else "};
  for (int i = 0; i < 3; i++) {
    text_add(t, words[i]);
    print_any(t, x->kids[i]);
  }
}

static void print_parameters(Text *t, const Ast *x, bool always) {
  if (x->nkids < 2 && !always) return;
  text_add(t, "(");
  print_list(t, x, 0, x->nkids - 1);
  text_add(t, ")");
}

static void print_lambda(Text *t, const Ast *x) {
  text_add(t, "fn");
  print_parameters(t, x, true);
  text_add(t, " = ");
  print_any(t, x->kids[x->nkids - 1]);
}

static void print_slice(Text *t, const Ast *x) {
  if (x->kids[0]) print_any(t, x->kids[0]);
  text_add(t, ":");
  if (x->kids[1]) print_any(t, x->kids[1]);
}

static void print_block(Text *t, const Ast *x) {
  text_add(t, "{ ");
  for (uint32_t i = 0; i < x->nkids; i++) {
    print_any(t, x->kids[i]);
    text_add(t, i + 1 < x->nkids ? "; " : " ");
  }
  text_add(t, "}");
}

static void print_bare(Text *t, const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_NUMBER: print_number(t, x, false); break;
    case AST_STRING: print_string(t, x->text); break;
    case AST_BOOL: text_add(t, x->num != 0 ? "true" : "false"); break;
    case AST_UNARY: print_unary(t, x); break;
    case AST_BINARY: print_binary(t, x); break;
    case AST_APPROX: print_approx(t, x); break;
    case AST_IF: print_if(t, x); break;
    case AST_LAMBDA: print_lambda(t, x); break;
    case AST_CALL:
    case AST_INDEX:
    case AST_FIELD: print_postfix(t, x); break;
    case AST_ARRAY: print_between(t, x, "[", "]"); break;
    case AST_RECORD: print_between(t, x, "(", ")"); break;
    case AST_COMPREHENSION: print_comprehension(t, x); break;
    case AST_SWEEP: print_sweep(t, x); break;
    case AST_BLOCK: print_block(t, x); break;
    default: text_add(t, x->name); break;
  }
}

static void print_expr(Text *t, const Ast *x, int level) {
  bool parens = (x->flags & AST_PARENS) || level_of(x) < level;
  if (parens) text_add(t, "(");
  print_bare(t, x);
  if (parens) text_add(t, ")");
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void print_valued(Text *t, const char *name, const char *between, const Ast *value) {
  text_add(t, name);
  if (!value) return;
  text_add(t, between);
  print_any(t, value);
}

static void print_item(Text *t, const Ast *x) {
  text_add(t, x->name);
  if (x->flags & AST_SHAPED) {
    text_add(t, " : [");
    print_list(t, x, 1, x->nkids);
    text_add(t, "]");
  }
  print_valued(t, "", x->flags & AST_DRAWN ? " ~ " : " = ", x->kids[0]);
  if (x->flags & AST_EVERY) text_add(t, " every step");
}

static void print_unpack(Text *t, const Ast *x) {
  text_add(t, "(");
  print_list(t, x, 1, x->nkids);
  text_add(t, ") = ");
  print_any(t, x->kids[0]);
}

static void print_path(Text *t, const Ast *x) {
  text_printf(t, "%s%s%s", x->name, x->text ? "." : "", x->text ? x->text : "");
}

/* ---- statements ------------------------------------------------------------------------------ */

static void print_named(Text *t, const Ast *x, const Ast *value) {
  text_printf(t, "%s ", ast_kind_name((AstKind)x->kind));
  print_valued(t, x->name, " = ", value);
}

static void print_declaration(Text *t, const Ast *x) {
  const Ast *body = x->kids[x->nkids - 1];
  bool bodied = x->kind != AST_FN && x->kind != AST_CONNECTIVITY;
  print_named(t, x, NULL);
  print_parameters(t, x, x->kind == AST_FN);
  text_add(t, bodied ? " " : x->flags & AST_DRAWN ? " ~ " : " = ");
  print_any(t, body);
}

static void print_param(Text *t, const Ast *x) {
  print_named(t, x, x->kids[0]);
  if (!x->kids[1]) return;
  text_add(t, " in [");
  print_list(t, x, 1, 3);
  text_add(t, "]");
}

static void print_import(Text *t, const Ast *x) {
  text_add(t, x->kind == AST_FROM ? "from " : "import ");
  if (x->flags & AST_QUOTED) {
    print_string(t, x->text);
  } else {
    text_add(t, x->text);
  }
  if (x->kind == AST_FROM) {
    text_add(t, " import ");
    print_list(t, x, 0, x->nkids);
    return;
  }
  const char *dot = strrchr(x->text, '.');
  const char *last = dot ? dot + 1 : x->text;
  if ((x->flags & AST_QUOTED) || strcmp(last, x->name) != 0) text_printf(t, " as %s", x->name);
}

static void print_equation(Text *t, const Ast *x) {
  if (x->kids[0]) {
    print_expr(t, x->kids[0], LEVEL_PRODUCT);
    text_add(t, " * ");
  }
  text_printf(t, "d%s/dt = ", x->name);
  print_any(t, x->kids[1]);
}

static void print_population(Text *t, const Ast *x) {
  print_named(t, x, NULL);
  text_add(t, " = ");
  print_expr(t, x->kids[0], LEVEL_POSTFIX);
  if (!x->kids[1]) return;
  text_add(t, "[");
  print_any(t, x->kids[1]);
  text_add(t, "]");
}

static void print_connect(Text *t, const Ast *x) {
  text_add(t, x->flags & AST_TRAINABLE ? "connect trainable " : "connect ");
  if (x->name) text_printf(t, "%s: ", x->name);
  print_any(t, x->kids[0]);
  text_add(t, " -> ");
  print_any(t, x->kids[1]);
  text_add(t, x->flags & AST_DRAWN ? " ~ " : " = ");
  print_list(t, x, 2, x->nkids);
}

static void print_when(Text *t, const Ast *x) {
  text_add(t, "when ");
  if (x->name) text_printf(t, "%s: ", x->name);
  print_any(t, x->kids[0]);
  text_add(t, " ");
  print_any(t, x->kids[1]);
}

static void print_phase(Text *t, const Ast *x) {
  print_named(t, x, NULL);
  text_add(t, " (");
  print_any(t, x->kids[0]);
  text_add(t, ") ");
  print_any(t, x->kids[1]);
}

static void print_score(Text *t, const Ast *x) {
  print_named(t, x, x->kids[0]);
  if (x->text) text_printf(t, " during %s", x->text);
}

static void print_assignment(Text *t, const Ast *x) {
  print_path(t, x->kids[0]);
  text_add(t, x->kind == AST_ADD ? " += " : " = ");
  print_any(t, x->kids[1]);
}

static void print_expect(Text *t, const Ast *x) {
  text_add(t, "expect ");
  print_any(t, x->kids[0]);
  if (!x->text) return;
  text_add(t, " ");
  print_string(t, x->text);
}

static void print_file(Text *t, const Ast *x) {
  if (x->num != 0) text_printf(t, "dyn %g\n", x->num);
  for (uint32_t i = 0; i < x->nkids; i++) {
    print_any(t, x->kids[i]);
    text_add(t, "\n");
  }
}

/* `state`, `let` and the like, with their items. */
static void print_items(Text *t, const Ast *x) {
  text_printf(t, "%s ", ast_kind_name((AstKind)x->kind));
  print_list(t, x, 0, x->nkids);
}

static void print_statement(Text *t, const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_FILE: print_file(t, x); break;
    case AST_PARAM: print_param(t, x); break;
    case AST_FN:
    case AST_NEURON:
    case AST_CONNECTIVITY:
    case AST_NETWORK:
    case AST_TASK:
    case AST_ANALYSIS: print_declaration(t, x); break;
    case AST_EXPECT: print_expect(t, x); break;
    case AST_IMPORT:
    case AST_FROM: print_import(t, x); break;
    case AST_EXPR: print_any(t, x->kids[0]); break;
    case AST_EQUATION: print_equation(t, x); break;
    case AST_NEXT:
    case AST_MASK: print_named(t, x, x->kids[0]); break;
    case AST_ASSIGN:
    case AST_ADD: print_assignment(t, x); break;
    case AST_POPULATION: print_population(t, x); break;
    case AST_CONNECT: print_connect(t, x); break;
    case AST_WHEN: print_when(t, x); break;
    case AST_STOP: text_add(t, "stop"); break;
    case AST_PHASE: print_phase(t, x); break;
    case AST_SCORE: print_score(t, x); break;
    default: print_items(t, x); break;
  }
}

static void print_any(Text *t, const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_ARG:
      if (x->name) text_printf(t, "%s = ", x->name);
      print_any(t, x->kids[0]);
      break;
    case AST_PARAMETER: print_valued(t, x->name, " = ", x->kids[0]); break;
    case AST_CLAUSE: print_valued(t, x->name, x->op == AOP_LT ? " < " : " in ", x->kids[0]); break;
    case AST_SLICE: print_slice(t, x); break;
    case AST_ITEM: print_item(t, x); break;
    case AST_UNPACK: print_unpack(t, x); break;
    case AST_PATH: print_path(t, x); break;
    default:
      if (x->kind < AST_ARG) {
        print_expr(t, x, LEVEL_EXPR);
      } else {
        print_statement(t, x);
      }
  }
}

const char *ast_print(Arena *a, const Ast *x) {
  Text t = {.arena = a};
  print_any(&t, x);
  return text_str(&t);
}
