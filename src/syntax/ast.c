/* ast.c: the names of node kinds and operators. */
#include "syntax/ast.h"

#include <string.h>

static const char *const kind_names[AST_KINDS] = {
    [AST_NUMBER] = "number",
    [AST_STRING] = "string",
    [AST_BOOL] = "truth value",
    [AST_NAME] = "name",
    [AST_UNARY] = "unary operation",
    [AST_BINARY] = "operation",
    [AST_APPROX] = "approximate comparison",
    [AST_IF] = "if",
    [AST_LAMBDA] = "function",
    [AST_CALL] = "call",
    [AST_INDEX] = "index",
    [AST_SLICE] = "slice",
    [AST_FIELD] = "field",
    [AST_ARRAY] = "array",
    [AST_COMPREHENSION] = "comprehension",
    [AST_RECORD] = "record",
    [AST_BLOCK] = "block",
    [AST_SWEEP] = "sweep",
    [AST_ARG] = "argument",
    [AST_PARAMETER] = "parameter",
    [AST_CLAUSE] = "clause",
    [AST_ITEM] = "item",
    [AST_UNPACK] = "unpack",
    [AST_PATH] = "path",
    [AST_PARAM] = "param",
    [AST_LET] = "let",
    [AST_FN] = "fn",
    [AST_NEURON] = "neuron",
    [AST_CONNECTIVITY] = "connectivity",
    [AST_NETWORK] = "network",
    [AST_TASK] = "task",
    [AST_ANALYSIS] = "analysis",
    [AST_EXPECT] = "expect",
    [AST_IMPORT] = "import",
    [AST_FROM] = "from",
    [AST_EXPR] = "expression",
    [AST_STATE] = "state",
    [AST_INPUT] = "input",
    [AST_OUTPUT] = "output",
    [AST_WEIGHT] = "weight",
    [AST_NOISE] = "noise",
    [AST_TARGET] = "target",
    [AST_DRAW] = "draw",
    [AST_EQUATION] = "equation",
    [AST_NEXT] = "next",
    [AST_ASSIGN] = "assignment",
    [AST_ADD] = "addition",
    [AST_POPULATION] = "population",
    [AST_CONNECT] = "connect",
    [AST_WHEN] = "when",
    [AST_STOP] = "stop",
    [AST_PHASE] = "phase",
    [AST_MASK] = "mask",
    [AST_SCORE] = "score",
    [AST_FILE] = "file",
};

static const char *const op_texts[] = {
    [AOP_NONE] = "", [AOP_ADD] = "+",   [AOP_SUB] = "-",       [AOP_MUL] = "*",
    [AOP_DIV] = "/", [AOP_MOD] = "%",   [AOP_POW] = "^",       [AOP_MATMUL] = "@",
    [AOP_NEG] = "-", [AOP_NOT] = "not", [AOP_TRANSPOSE] = "'", [AOP_AND] = "and",
    [AOP_OR] = "or", [AOP_EQ] = "==",   [AOP_NE] = "!=",       [AOP_LT] = "<",
    [AOP_LE] = "<=", [AOP_GT] = ">",    [AOP_GE] = ">=",       [AOP_RANGE] = "..",
    [AOP_IN] = "in",
};

const char *ast_kind_name(AstKind k) {
  return kind_names[k];
}

const char *ast_kind_article(AstKind k) {
  return strchr("aeiou", kind_names[k][0]) ? "an" : "a";
}

const char *ast_op_text(AstOp op) {
  return op_texts[op];
}
