/* dyn.y: the grammar of Dyn. It is stratified, without a precedence declaration, and has no
   conflict. Actions build nodes and do nothing else; what the grammar lets through though it is
   wrong (a chain of comparisons, an assignment to an element) is refused by the builders, which can
   say why. The tokens come from a filter: line ends that end nothing are gone, the words of bodies
   are keywords where they are meant as such, and brackets match. */
%require "3.8"
%expect 0
%define api.pure full
%define api.prefix {dyn_}
%define api.token.prefix {TOK_}
%define api.location.type {Span}
%define api.value.type union
%define api.header.include {"dyn.tab.h"}
%define parse.error custom
%define parse.lac full
%locations
%param {Parser *p}
%initial-action { @$ = (Span){0, 0}; }

%code requires {
#include "syntax/build.h"
}

%code provides {
int dyn_lex(DYN_STYPE *value, Span *at, Parser *p);
}

%code {
#include "syntax/mend.h"

/* An empty rule lies at the end of what comes before it. */
#define YYLLOC_DEFAULT(cur, rhs, n)                                            \
  do {                                                                         \
    (cur).start = (n) ? YYRHSLOC(rhs, 1).start : YYRHSLOC(rhs, 0).end;         \
    (cur).end = YYRHSLOC(rhs, n).end;                                          \
  } while (0)

/* The parser's stack; brackets are bounded long before, chains of prefix operators here. */
#define YYMAXDEPTH 20000

static void dyn_error(Span *at, Parser *p, const char *message);

#define NODE(kind, at, ...) BUILD(p, kind, at, __VA_ARGS__)
#define BINARY(op, at, a, b) build_binary(p, op, at, a, b)
#define COMPARE(op, at, a, b) build_comparison(p, op, at, a, b)
#define WITH(list, x) build_list_add(p, list, x)
#define UNLIKE(list, x) build_unlike_add(p, list, x)

enum { DRAWN_SHAPED = AST_DRAWN | AST_SHAPED };
}

%token <const Token *>
  NUMBER "a number"  STRING "a string"  NAME "a name"  DERIV "a derivative"
  PARAM "param"  LET "let"  FN "fn"  NEURON "neuron"  CONNECTIVITY "connectivity"
  NETWORK "network"  TASK "task"  ANALYSIS "analysis"  EXPECT "expect"  IMPORT "import"
  FROM "from"  IF "if"  THEN "then"  ELSE "else"  FOR "for"  IN "in"  SWEEP "sweep"  AND "and"
  OR "or"  NOT "not"  TRUE "true"  FALSE "false"
  STATE "state"  WEIGHT "weight"  INPUT "input"  OUTPUT "output"  NOISE "noise"
  TARGET "target"  DRAW "draw"  PHASE "phase"  POPULATION "population"  CONNECT "connect"
  NEXT "next"  SCORE "score"  MASK "mask"  WHEN "when"  STOP "stop"  TRAINABLE "trainable"  DURING "during"
  EVERY "every"  AS "as"  DYN "dyn"
  EQ "=="  NE "!="  LT "<"  LE "<="  GT ">"  GE ">="  RANGE ".."  PLUS "+"  MINUS "-"
  STAR "*"  SLASH "/"  PERCENT "%"  AT "@"  CARET "^"  QUOTE "'"  DOT "."  PLUSMINUS "+-"
  COMMA ","  COLON ":"  ASSIGN "="  ADD_ASSIGN "+="  TILDE "~"  ARROW "->"
  LPAREN "("  RPAREN ")"  LBRACKET "["  RBRACKET "]"  LBRACE "{"  RBRACE "}"
  SEP "the end of the line"
%token DYNEOF 0 "the end of the file"
%token COMMENT "a comment" /* for fmt; never seen here */
%token START_FILE START_EXPRESSION /* the first token says what is parsed */

%nterm <Ast *> file expr or and not comparison range sum product matrix unary power postfix primary
%nterm <Ast *> arg field index clause parameter block body statement body_statement definition
%nterm <Ast *> item let_item unpack name path
%nterm <AstList *> statements statement_list body_statements body_list exprs expr_list args arg_list
%nterm <AstList *> fields indices clauses clause_list parameters parameter_list items let_items
%nterm <AstList *> names options shape lambda_parameters index_list
%nterm <int> trainable drawn
%nterm <Dotted> dotted

%%

start:
  START_FILE file             { p->result = $file; }
| START_EXPRESSION expr       { p->result = $expr; }
| START_EXPRESSION broken
;

/* Whatever is wrong is told once; mend_skip has put the next token at the end of the statement or
   of the brackets, so the one at hand is dropped. */
broken: error { yyerrok; yyclearin; };

/* ---- statements of a file or a block -------------------------------------------------------- */

file:
  statements                          { $$ = build_file(p, @$, NULL, $statements); }
| DYN NUMBER                          { $$ = build_file(p, @$, $NUMBER, NULL); }
| DYN NUMBER SEP statement_list[list] { $$ = build_file(p, @$, $NUMBER, $list); }
;

statements:
  %empty          { $$ = NULL; }
| statement_list
;

statement_list:
  statement                         { $$ = WITH(NULL, $statement); }
| statement_list[list] SEP statement { $$ = WITH($list, $statement); }
| statement_list[list] broken       { $$ = WITH($list, NULL); }
;

statement:
  definition
| PARAM name "=" expr
    { $$ = build_param(p, @$, $name, $expr, NULL, NULL); }
| PARAM name "=" expr[value] IN "[" expr[lo] "," expr[hi] "]"
    { $$ = build_param(p, @$, $name, $value, $lo, $hi); }
| NEURON name parameters body
    { $$ = build_declaration(p, AST_NEURON, @$, $name, $parameters, $body); }
| NETWORK name parameters body
    { $$ = build_declaration(p, AST_NETWORK, @$, $name, $parameters, $body); }
| TASK name parameters body
    { $$ = build_declaration(p, AST_TASK, @$, $name, $parameters, $body); }
| ANALYSIS name parameters block
    { $$ = build_declaration(p, AST_ANALYSIS, @$, $name, $parameters, $block); }
| CONNECTIVITY name parameters "=" expr
    { $$ = build_declaration(p, AST_CONNECTIVITY, @$, $name, $parameters, $expr); }
| CONNECTIVITY name parameters "~" expr
    { $$ = build_drawn(build_declaration(p, AST_CONNECTIVITY, @$, $name, $parameters, $expr)); }
| EXPECT expr               { $$ = build_expect(p, @$, $expr, NULL); }
| EXPECT expr STRING        { $$ = build_expect(p, @$, $expr, $STRING); }
| IMPORT dotted             { $$ = build_import(p, @$, $dotted, NULL); }
| IMPORT dotted AS NAME     { $$ = build_import(p, @$, $dotted, $NAME); }
| IMPORT STRING             { $$ = build_import_file(p, @$, $STRING, NULL); }
| IMPORT STRING AS NAME     { $$ = build_import_file(p, @$, $STRING, $NAME); }
| FROM dotted IMPORT names  { $$ = build_from(p, @$, $dotted, $names); }
| FROM STRING IMPORT names  { $$ = build_from_file(p, @$, $STRING, $names); }
| expr                      { $$ = NODE(AST_EXPR, @$, $expr); }
| broken                    { $$ = NULL; }
;

definition: /* in files, blocks and bodies */
  LET let_items                  { $$ = build_let(p, @$, $let_items); }
| FN name lambda_parameters[list] "=" expr
    { $$ = build_declaration(p, AST_FN, @$, $name, $list, $expr); }
| FN name lambda_parameters[list] block
    { $$ = build_declaration(p, AST_FN, @$, $name, $list, $block); }
;

let_items:
  let_item                    { $$ = WITH(NULL, $let_item); }
| let_items[list] "," let_item { $$ = WITH($list, $let_item); }
;

let_item: item | unpack;

unpack:
  "(" names ")" "=" expr     { $$ = build_node(p, AST_UNPACK, @$, $expr, $names, NULL); }
| "(" names "," ")" "=" expr { $$ = build_node(p, AST_UNPACK, @$, $expr, $names, NULL); }
;

items:
  item                { $$ = WITH(NULL, $item); }
| items[list] "," item { $$ = WITH($list, $item); }
;

item:
  name                        { $$ = build_item(p, @$, $name, NULL, NULL, 0); }
| name "=" expr               { $$ = build_item(p, @$, $name, NULL, $expr, 0); }
| name "~" expr               { $$ = build_item(p, @$, $name, NULL, $expr, AST_DRAWN); }
| name "~" expr EVERY NAME
    { $$ = build_item_every(p, $NAME, build_item(p, @$, $name, NULL, $expr, AST_DRAWN)); }
| name shape                  { $$ = build_item(p, @$, $name, $shape, NULL, AST_SHAPED); }
| name shape "=" expr         { $$ = build_item(p, @$, $name, $shape, $expr, AST_SHAPED); }
| name shape "~" expr         { $$ = build_item(p, @$, $name, $shape, $expr, DRAWN_SHAPED); }
| name shape "~" expr EVERY NAME
    { $$ = build_item_every(p, $NAME, build_item(p, @$, $name, $shape, $expr, DRAWN_SHAPED)); }
;

shape: ":" "[" exprs "]" { $$ = $exprs; };

dotted:
  NAME                    { $$ = build_dotted(p, NULL, $NAME); }
| dotted[before] "." NAME { $$ = build_dotted(p, &$before, $NAME); }
;

names:
  name                 { $$ = WITH(NULL, $name); }
| names[list] "," name { $$ = WITH($list, $name); }
;

name: NAME { $$ = build_name(p, $NAME); };

parameters:
  %empty                         { $$ = NULL; }
| "(" ")"                        { $$ = NULL; }
| "(" parameter_list[list] ")"     { $$ = $list; }
| "(" parameter_list[list] "," ")" { $$ = $list; }
| "(" broken ")"                 { $$ = NULL; }
;

parameter_list:
  parameter                       { $$ = WITH(NULL, $parameter); }
| parameter_list[list] "," parameter { $$ = UNLIKE($list, $parameter); }
;

parameter:
  NAME          { $$ = build_parameter(p, @$, $NAME, NULL); }
| NAME "=" expr { $$ = build_parameter(p, @$, $NAME, $expr); }
;

block: "{" statements "}" { $$ = build_block(p, @$, $statements); };

/* ---- bodies of neurons, networks, tasks, phases and events ----------------------------------- */

body: "{" body_statements "}" { $$ = build_body(p, @$, $body_statements); };

body_statements:
  %empty { $$ = NULL; }
| body_list
;

body_list:
  body_statement                     { $$ = WITH(NULL, $body_statement); }
| body_list[list] SEP body_statement { $$ = WITH($list, $body_statement); }
| body_list[list] broken             { $$ = WITH($list, NULL); }
;

body_statement:
  definition
| STATE items                      { $$ = build_node(p, AST_STATE, @$, NULL, $items, NULL); }
| INPUT items                      { $$ = build_node(p, AST_INPUT, @$, NULL, $items, NULL); }
| OUTPUT items                     { $$ = build_node(p, AST_OUTPUT, @$, NULL, $items, NULL); }
| WEIGHT items                     { $$ = build_node(p, AST_WEIGHT, @$, NULL, $items, NULL); }
| NOISE items                      { $$ = build_node(p, AST_NOISE, @$, NULL, $items, NULL); }
| TARGET items                     { $$ = build_node(p, AST_TARGET, @$, NULL, $items, NULL); }
| DRAW items                       { $$ = build_node(p, AST_DRAW, @$, NULL, $items, NULL); }
| DERIV "=" expr                   { $$ = build_equation(p, @$, NULL, $DERIV, @DERIV, $expr); }
| product[coef] "*" DERIV "=" expr { $$ = build_equation(p, @$, $coef, $DERIV, @DERIV, $expr); }
| NEXT name "=" expr               { $$ = build_named(p, AST_NEXT, @$, $name, $expr); }
| product "=" expr                 { $$ = build_assignment(p, AST_ASSIGN, @$, $product, $expr); }
| product "+=" expr                { $$ = build_assignment(p, AST_ADD, @$, $product, $expr); }
| product                          { $$ = build_bare(p, @$, $product); }
| POPULATION name "=" expr         { $$ = build_population(p, @$, $name, $expr); }
| CONNECT trainable path[from] "->" path[to] drawn expr options
    { $$ = build_connect(p, @$, NULL, $from, $to, $expr, $options, $trainable | $drawn); }
| CONNECT trainable name ":" path[from] "->" path[to] drawn expr options
    { $$ = build_connect(p, @$, $name, $from, $to, $expr, $options, $trainable | $drawn); }
| WHEN expr body                   { $$ = build_when(p, @$, NULL, $expr, $body); }
| WHEN name ":" expr body          { $$ = build_when(p, @$, $name, $expr, $body); }
| STOP                             { $$ = build_node(p, AST_STOP, @$, NULL, NULL, NULL); }
| PHASE name "(" expr ")" body     { $$ = build_phase(p, @$, $name, $expr, $body); }
| MASK name "=" expr               { $$ = build_named(p, AST_MASK, @$, $name, $expr); }
| SCORE name "=" expr              { $$ = build_score(p, @$, $name, $expr, NULL); }
| SCORE name "=" expr DURING NAME  { $$ = build_score(p, @$, $name, $expr, $NAME); }
| broken                           { $$ = NULL; }
;

trainable: %empty { $$ = 0; } | TRAINABLE { $$ = AST_TRAINABLE; };
drawn:     "="    { $$ = 0; } | "~"       { $$ = AST_DRAWN; };

path:
  name               { $$ = build_path(p, @$, $name); }
| name "." NAME      { $$ = build_path(p, @$, build_field(p, @$, $name, $NAME)); }
;

options:
  %empty                          { $$ = NULL; }
| options[list] "," field         { $$ = WITH($list, $field); }
;

/* ---- expressions, from loosest to tightest --------------------------------------------------- */

expr:
  or
| IF expr[c] THEN expr[a] ELSE expr[b] { $$ = NODE(AST_IF, @$, $c, $a, $b); }
| FN lambda_parameters[list] "=" expr[value]
    { $$ = build_node(p, AST_LAMBDA, @$, NULL, $list, $value); }
| FN lambda_parameters[list] block
    { $$ = build_node(p, AST_LAMBDA, @$, NULL, $list, $block); }
| SWEEP clauses block
    { $$ = build_node(p, AST_SWEEP, @$, $block, $clauses, NULL); }
;

lambda_parameters:
  "(" ")"                          { $$ = NULL; }
| "(" parameter_list[list] ")"     { $$ = $list; }
| "(" parameter_list[list] "," ")" { $$ = $list; }
| "(" broken ")"                   { $$ = NULL; }
;

or:  and | or[l] OR and[r]   { $$ = BINARY(AOP_OR, @$, $l, $r); };
and: not | and[l] AND not[r] { $$ = BINARY(AOP_AND, @$, $l, $r); };
not: comparison | NOT not[a] { $$ = build_unary(p, AOP_NOT, @$, $a); };

comparison:
  range
| comparison[l] "==" range[r] { $$ = COMPARE(AOP_EQ, @$, $l, $r); }
| comparison[l] "!=" range[r] { $$ = COMPARE(AOP_NE, @$, $l, $r); }
| comparison[l] "<" range[r]  { $$ = COMPARE(AOP_LT, @$, $l, $r); }
| comparison[l] "<=" range[r] { $$ = COMPARE(AOP_LE, @$, $l, $r); }
| comparison[l] ">" range[r]  { $$ = COMPARE(AOP_GT, @$, $l, $r); }
| comparison[l] ">=" range[r] { $$ = COMPARE(AOP_GE, @$, $l, $r); }
| comparison[l] "==" range[r] "+-" range[tol] { $$ = build_approx(p, AOP_EQ, @$, $l, $r, $tol); }
| comparison[l] "!=" range[r] "+-" range[tol] { $$ = build_approx(p, AOP_NE, @$, $l, $r, $tol); }
;

range: sum | sum[l] ".." sum[r] { $$ = BINARY(AOP_RANGE, @$, $l, $r); };

sum:
  product
| sum[l] "+" product[r] { $$ = BINARY(AOP_ADD, @$, $l, $r); }
| sum[l] "-" product[r] { $$ = BINARY(AOP_SUB, @$, $l, $r); }
;

product:
  matrix
| product[l] "*" matrix[r] { $$ = BINARY(AOP_MUL, @$, $l, $r); }
| product[l] "/" matrix[r] { $$ = BINARY(AOP_DIV, @$, $l, $r); }
| product[l] "%" matrix[r] { $$ = BINARY(AOP_MOD, @$, $l, $r); }
;

matrix: unary | matrix[l] "@" unary[r] { $$ = BINARY(AOP_MATMUL, @$, $l, $r); };

unary: power | "-" unary[a] { $$ = build_unary(p, AOP_NEG, @$, $a); };

power: postfix | postfix[l] "^" unary[r] { $$ = build_power(p, @$, $l, $r); };

postfix:
  primary
| postfix[a] "'"                { $$ = build_unary(p, AOP_TRANSPOSE, @$, $a); }
| postfix[a] "." NAME           { $$ = build_field(p, @$, $a, $NAME); }
| postfix[a] "(" args ")"       { $$ = build_call(p, @$, $a, $args); }
| postfix[a] "(" broken ")"     { $$ = build_placeholder(p, @$); }
| postfix[a] "[" indices "]"    { $$ = build_index(p, @$, $a, $indices); }
| postfix[a] "[" broken "]"     { $$ = build_placeholder(p, @$); }
;

primary:
  NUMBER                      { $$ = build_number(p, $NUMBER); }
| STRING                      { $$ = build_string(p, $STRING); }
| TRUE                        { $$ = build_bool(p, @$, true); }
| FALSE                       { $$ = build_bool(p, @$, false); }
| name
| "(" expr ")"                { $$ = build_parens(p, @$, $expr); }
| "(" fields ")"              { $$ = build_node(p, AST_RECORD, @$, NULL, $fields, NULL); }
| "(" fields "," ")"          { $$ = build_node(p, AST_RECORD, @$, NULL, $fields, NULL); }
| "(" broken ")"              { $$ = build_placeholder(p, @$); }
| "[" exprs "]"               { $$ = build_node(p, AST_ARRAY, @$, NULL, $exprs, NULL); }
| "[" expr FOR clauses "]"    { $$ = build_node(p, AST_COMPREHENSION, @$, $expr, $clauses, NULL); }
| "[" broken "]"              { $$ = build_placeholder(p, @$); }
| block
;

exprs:
  %empty { $$ = NULL; }
| expr_list
| expr_list ","
;

expr_list:
  expr                     { $$ = WITH(NULL, $expr); }
| expr_list[list] "," expr { $$ = WITH($list, $expr); }
;

args:
  %empty { $$ = NULL; }
| arg_list
| arg_list ","
;

arg_list:
  arg                    { $$ = WITH(NULL, $arg); }
| arg_list[list] "," arg { $$ = WITH($list, $arg); }
;

arg:
  expr { $$ = build_arg(p, @$, NULL, $expr); }
| field
;

field: NAME "=" expr { $$ = build_arg(p, @$, $NAME, $expr); };

fields:
  field                  { $$ = WITH(NULL, $field); }
| fields[list] "," field { $$ = WITH($list, $field); }
;

indices: index_list | index_list ",";

index_list:
  index                      { $$ = WITH(NULL, $index); }
| index_list[list] "," index { $$ = WITH($list, $index); }
;

index:
  expr
| expr[from] ":" expr[to] { $$ = NODE(AST_SLICE, @$, $from, $to); }
| expr[from] ":"          { $$ = NODE(AST_SLICE, @$, $from, NULL); }
| ":" expr[to]            { $$ = NODE(AST_SLICE, @$, NULL, $to); }
| ":"                     { $$ = NODE(AST_SLICE, @$, NULL, NULL); }
;

clauses: clause_list | clause_list ",";

clause_list:
  clause                       { $$ = WITH(NULL, $clause); }
| clause_list[list] "," clause { $$ = UNLIKE($list, $clause); }
;

clause:
  NAME "<" expr { $$ = build_clause(p, @$, $NAME, AOP_LT, $expr); }
| NAME IN expr  { $$ = build_clause(p, @$, $NAME, AOP_IN, $expr); }
;

%%

int dyn_lex(DYN_STYPE *value, Span *at, Parser *p) {
  int start = p->start;
  p->start = 0;
  if (start) return start;
  const Token *t = p->tokens.at[p->pos];
  p->look = p->pos;
  if (t->kind != TOK_DYNEOF) p->pos++;
  if (t->kind == TOK_DYN_error) mend_skip(p);
  value->TOK_NAME = t; /* every token's value is itself, in a member of one type */
  *at = t->span;
  return t->kind;
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *p) {
  enum { MOST = YYNTOKENS };
  yysymbol_kind_t kinds[MOST];
  const char *names[MOST];
  int n = yypcontext_expected_tokens(context, kinds, MOST);
  for (int i = 0; i < n; i++) names[i] = yysymbol_name(kinds[i]);
  const char *found = yysymbol_name(yypcontext_token(context));
  mend_report(p, found, names, n > 0 ? (size_t)n : 0);
  return 0;
}

/* Bison calls this only when its stack is full. */
static void dyn_error(Span *at, Parser *p, const char *message) {
  (void)message;
  mend_report_depth(p, *at);
}
