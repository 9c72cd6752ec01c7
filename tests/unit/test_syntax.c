/* test_syntax.c: the front end, from tokens to trees and back to text. Whole programs stand in
   tests/syntax; every kind of error is tested by the examples of diag_syntax.def and by the list of
   traps below. */
#include <dirent.h>
#include <stdlib.h>

#include "base/file.h"
#include "check.h"
#include "dyn.tab.h"
#include "syntax/bracket.h"
#include "syntax/filter.h"
#include "syntax/parse.h"
#include "syntax/scan.h"

/* ---- helpers --------------------------------------------------------------------------------- */

static Ast *parse(Arena *a, const char *text, size_t n, DiagList *d) {
  diag_init(d, a);
  return parse_source(a, source_make(a, "test", text, n), d);
}

static Ast *parse_well(Arena *a, const char *text) {
  DiagList d;
  Ast *x = parse(a, text, strlen(text), &d);
  CHECK(x && !d.errors, "%s: %s", text, d.first ? d.first->msg : "no tree");
  return x;
}

/* The code of the first error, "" if there is none. */
static const char *first_error(Arena *a, const char *text) {
  DiagList d;
  parse(a, text, strlen(text), &d);
  return d.first ? diag_info(d.first->code)->code : "";
}

static const char *format(Arena *a, const char *text) {
  DiagList d;
  diag_init(&d, a);
  const char *out = fmt_source(a, source_make(a, "test", text, strlen(text)), &d);
  CHECK(out != NULL, "%s: %s", text, d.first ? d.first->msg : "");
  return out ? out : "";
}

static void check_text(const char *got, const char *want) {
  CHECK(strcmp(got, want) == 0, "got\n%s\nwant\n%s", got, want);
}

/* ---- the filter ------------------------------------------------------------------------------ */

/* The kinds of the tokens that the grammar sees, one letter or word each. */
static const char *filtered(Arena *a, const char *text) {
  DiagList d;
  diag_init(&d, a);
  Parser *p = parser_make(a, source_make(a, "test", text, strlen(text)), &d, TOK_START_FILE);
  const char *out = "";
  for (size_t i = 0; p && i + 1 < p->tokens.n; i++) {
    const Token *t = p->tokens.at[i];
    const Word *w = word_of_token(t->kind);
    const char *s = t->kind == TOK_SEP ? "|" : w ? "KEY" : t->kind == TOK_NAME ? "x" : "o";
    out = arena_printf(a, "%s%s", out, s);
  }
  return out;
}

static const struct {
  const char *text, *want;
} filter_cases[] = {
    /* line ends */
    {"a\nb", "x|x"},
    {"\n\na\n\n\nb\n", "x|x"},
    {"a;b;;c;", "x|x|x"},
    {"a # note\n# more\nb", "x|x"},
    {"a +\nb", "xox"},
    {"a\n+ b", "xox"},
    {"a\n- b", "xox"},
    {"a\n# between\n* b", "xox"},
    {"(a\nb)", "oxxo"},
    {"[a\n,b]", "oxoxo"},
    {"({\na\nb\n})", "oox|xoo"},
    {"a =\nb", "xox"},
    {"a,\nb", "xox"},
    {"a ->\nb", "xox"},
    {"x : [a] ~\nb", "xooxoox"},
    {"{ a }\nb", "oxo|x"},
    {"a\n= b", "x|ox"},
    {"a\nb'\nc", "x|xo|x"},
    /* words of bodies */
    {"state x", "KEYx"},
    {"state = x", "xox"},
    {"state phase = 0", "KEYxoo"},
    {"phase phase (2)", "KEYxooo"},
    {"next next = next + 1", "KEYxoxoo"},
    {"state state = 1", "KEYxoo"},
    {"state\nx", "x|x"},
    {"connect trainable E -> E", "KEYKEYxox"},
    {"connect trainable -> E", "KEYxox"},
    {"run.input x", "xoxx"},
    {"when a", "xx"},
    {"network n { when a }", "KEYxoKEYxo"},
    {"network n { when (a) }", "KEYxoKEYoxoo"},
    {"network n { when = a }", "KEYxoxoxo"},
    {"network n { x = when a }", "KEYxoxoxxo"},
    /* reserved words */
    {"f(for = 2)", "xoxooo"},
    {"f(for\n = 2)", "xoxooo"},
    {"[for = 2]", "oKEYooo"},
    {"x.for", "xox"},
    {"for = 2", "KEYoo"},
    {"f(a for b)", "xoxKEYxo"},
    {"dyn 1", "oo"},
    {"a; dyn 1", "x|xo"},
};

static void test_filter(Arena *a) {
  for (size_t i = 0; i < sizeof filter_cases / sizeof *filter_cases; i++) {
    const char *got = filtered(a, filter_cases[i].text);
    CHECK(strcmp(got, filter_cases[i].want) == 0, "%s: %s, want %s", filter_cases[i].text, got,
          filter_cases[i].want);
  }
}

/* ---- expressions ----------------------------------------------------------------------------- */

/* Prints an expression with all the parentheses that its tree has. */
static const char *grouped(Arena *a, const Ast *x) {
  if (x->kind == AST_BINARY) {
    return arena_printf(a, "(%s %s %s)", grouped(a, x->kids[0]), ast_op_text((AstOp)x->op),
                        grouped(a, x->kids[1]));
  }
  if (x->kind == AST_UNARY) {
    const char *inner = grouped(a, x->kids[0]), *op = ast_op_text((AstOp)x->op);
    return x->op == AOP_TRANSPOSE ? arena_printf(a, "(%s%s)", inner, op)
                                  : arena_printf(a, "(%s %s)", op, inner);
  }
  return ast_print(a, x);
}

static void test_levels(Arena *a) {
  static const char *const cases[][2] = {
      {"-2^2", "(- (2 ^ 2))"},
      {"2^-1", "(2 ^ (- 1))"},
      {"2^3^2", "(2 ^ (3 ^ 2))"},
      {"2^-3^2", "(2 ^ (- (3 ^ 2)))"},
      {"g * J @ r", "(g * (J @ r))"},
      {"J @ r * g", "((J @ r) * g)"},
      {"-x @ y", "((- x) @ y)"},
      {"a - b - c", "((a - b) - c)"},
      {"a / b * c % d", "(((a / b) * c) % d)"},
      {"0..N-1", "(0 .. (N - 1))"},
      {"-1..1", "((- 1) .. 1)"},
      {"1..n == k", "((1 .. n) == k)"},
      {"not a == b", "(not (a == b))"},
      {"not a and b or c", "(((not a) and b) or c)"},
      {"A' @ B'", "((A') @ (B'))"},
      {"x''", "((x')')"},
      {"1 / 10 ms", "(1 / 10 ms)"},
      {"3 [mV]^2", "(3 mV ^ 2)"},
      {"dx / dt", "(dx / dt)"},
      {"dx/dtau", "(dx / dtau)"},
      {"- - a", "(- (- a))"},
      {"a == b +- 1", "a == b +- 1"},
      {"1..5", "(1 .. 5)"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    DiagList d;
    diag_init(&d, a);
    const char *text = cases[i][0];
    Ast *x = parse_expression(a, source_make(a, "test", text, strlen(text)), &d);
    CHECK(x != NULL, "%s: %s", text, d.first ? d.first->msg : "");
    if (!x) continue;
    CHECK(strcmp(grouped(a, x), cases[i][1]) == 0, "%s: %s", text, grouped(a, x));
  }
  DiagList d;
  diag_init(&d, a);
  CHECK(!parse_expression(a, source_make(a, "-p", "1; 2", 4), &d) && d.errors == 1,
        "one expression");
  CHECK(!parse_expression(a, source_make(a, "-p", "", 0), &d) && d.errors == 2, "no expression");
}

static const Ast *let_value(Arena *a, const char *value) {
  const Ast *x = parse_well(a, arena_printf(a, "let a = %s", value));
  return x->kids[0]->kids[0]->kids[0];
}

static void test_numbers(Arena *a) {
  static const struct {
    const char *text;
    double value;
    const char *unit;
  } cases[] = {{"10 ms", 0.01, "ms"},      {"1_000", 1000, NULL},
               {"1e-3", 1e-3, NULL},       {"36 [mS/cm^2]", 360, "mS/cm^2"},
               {"2 [1/ms]", 2000, "1/ms"}, {"0.5", 0.5, NULL},
               {"65 mV", 0.065, "mV"},     {"3 [Hz^0.5]", 3, "Hz^0.5"},
               {"10\tm", 10, "m"},         {"5 min", 300, "min"},
               {"0.3 ms", 0.0003, "ms"},   {"1.5E+2", 150, NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const Ast *x = let_value(a, cases[i].text);
    bool unit =
        x->unit && cases[i].unit ? strcmp(x->unit, cases[i].unit) == 0 : x->unit == cases[i].unit;
    CHECK(x->kind == AST_NUMBER && x->num == cases[i].value && unit, "%s: %.17g", cases[i].text,
          x->num);
  }
  const Ast *s = let_value(a, "\"a \\\"b\\\"\\n\\t\\\\ it's \xcf\x84\"");
  CHECK(s->kind == AST_STRING && strcmp(s->text, "a \"b\"\n\t\\ it's \xcf\x84") == 0, "%s",
        s->text);
  CHECK(s->len == strlen(s->text), "its length");
}

/* ---- trees ----------------------------------------------------------------------------------- */

static void test_statements(Arena *a) {
  const Ast *x = parse_well(a,
                            "network n(a, b = 2) {\n"
                            "  state x : [N] ~ normal(0, 1), y = 0, z : []\n"
                            "  draw k : [2] ~ normal(0, 1) every step\n"
                            "  connect trainable rec: E.s -> I = g, delay = 4 ms\n"
                            "  tau * dx/dt = -x\n"
                            "  dy/dt = 1\n"
                            "  when spike: x > 1 { E.v += 1 }\n"
                            "}\n");
  const Ast *n = x->kids[0];
  CHECK(n->kind == AST_NETWORK && strcmp(n->name, "n") == 0 && n->nkids == 3, "network");
  CHECK(n->kids[0]->kids[0] == NULL && n->kids[1]->kids[0]->num == 2, "defaults");
  const Ast *const *body = (const Ast *const *)n->kids[2]->kids;
  const Ast *item = body[0]->kids[0];
  CHECK(item->flags == (AST_SHAPED | AST_DRAWN) && item->nkids == 2 && item->kids[0], "x");
  CHECK(body[0]->kids[2]->flags == AST_SHAPED && body[0]->kids[2]->nkids == 1, "z : []");
  CHECK(body[0]->kids[2]->kids[0] == NULL, "z has no value");
  CHECK(body[1]->kids[0]->flags & AST_EVERY, "every step");
  const Ast *c = body[2];
  CHECK(c->flags == AST_TRAINABLE && strcmp(c->name, "rec") == 0 && c->nkids == 4, "connect");
  CHECK(strcmp(c->kids[0]->text, "s") == 0 && !c->kids[1]->text, "paths");
  CHECK(strcmp(c->kids[3]->name, "delay") == 0, "delay");
  CHECK(body[3]->kind == AST_EQUATION && body[3]->kids[0] && strcmp(body[3]->name, "x") == 0, "dx");
  CHECK(!body[4]->kids[0], "no factor");
  CHECK(body[5]->kids[1]->kids[0]->kind == AST_ADD, "an event");
}

static void test_spans(Arena *a) {
  const char *text = "let a = (b + c) * f(x, k = 2)[1:]\n";
  const Ast *item = parse_well(a, text)->kids[0]->kids[0], *product = item->kids[0];
  const Ast *sum = product->kids[0], *index = product->kids[1], *call = index->kids[0];
  struct {
    const Ast *x;
    const char *want;
  } cases[] = {{item, "a = (b + c) * f(x, k = 2)[1:]"},
               {product, "(b + c) * f(x, k = 2)[1:]"},
               {sum, "(b + c)"},
               {index, "f(x, k = 2)[1:]"},
               {call, "f(x, k = 2)"},
               {call->kids[2], "k = 2"},
               {index->kids[1], "1:"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    Span s = cases[i].x->span;
    const char *got = arena_strndup(a, text + s.start, s.end - s.start);
    CHECK(strcmp(got, cases[i].want) == 0, "%s, want %s", got, cases[i].want);
  }
  const char *network = "network n { 2 * dabc/dt = 1 }";
  const Ast *eq = parse_well(a, network)->kids[0]->kids[0]->kids[0];
  CHECK(strncmp(network + eq->name_span.start, "abc", 3) == 0, "name_span");
  CHECK(eq->name_span.end - eq->name_span.start == 3, "its length");
}

static void test_docs(Arena *a) {
  const Ast *x = parse_well(a,
                            "dyn 1\n\n## A file.\n\n## Lost.\n\n## Number\n## of units.\n"
                            "param N = 200\n#### no doc\nnetwork n(\n  a = 1, ## first\n"
                            "  ## second\n  b = 2,\n) {\n"
                            "  state v = 1, ## membrane\n        w = 2 ## gate\n"
                            "  ## both\n  state q = 3, r = 4\n}\n"
                            "let s = 1; let u = 2 ## u\n");
  const Ast *n = x->kids[1], *body = n->kids[2];
  CHECK(x->num == 1 && strcmp(x->doc, "A file.") == 0, "file");
  CHECK(strcmp(x->kids[0]->doc, "Number\nof units.") == 0, "param");
  CHECK(!n->doc, "a banner is no doc");
  CHECK(strcmp(n->kids[0]->doc, "first") == 0 && strcmp(n->kids[1]->doc, "second") == 0, "args");
  CHECK(strcmp(body->kids[0]->kids[0]->doc, "membrane") == 0, "v");
  CHECK(strcmp(body->kids[0]->kids[1]->doc, "gate") == 0, "w");
  CHECK(strcmp(body->kids[1]->kids[1]->doc, "both") == 0, "r");
  CHECK(!x->kids[2]->doc && strcmp(x->kids[3]->doc, "u") == 0, "the last on its line");
}

/* ---- errors ---------------------------------------------------------------------------------- */

/* The lexical traps of the language: what each is an error of, "" where it is none. */
static const char *const traps[][2] = {
    {"simulate(net, for = 2 s, from = 0, in = 1)", ""},
    {"let r = (in = 1, if = 2); let k = r.if", ""},
    {"fn f(for = 2) = 1", "E0120"},
    {"let a = 10 ms + 10 m + 2 g * x", ""},
    {"let a = 10 m s", "E0107"},
    {"let a = 5 min(a, b)", "E0113"},
    {"let a = 12 S(x)", "E0113"},
    {"let a = 10ms", "E0107"},
    {"let a = 2x", "E0113"},
    {"let a = 3[mV]", "E0107"},
    {"let a = 10\nms = 3", "E0125"},
    {"let a = (10\nms)", "E0101"},
    {"let a = 10 ms^2", "E0112"},
    {"let a = (10 ms)^2 + 10 [ms^2]", ""},
    {"let a = 5 mV/ms", ""},
    {"let a = 3 [mV] + sum([1 [mV], 2 [mV]]) + x[0 [mV]]", ""},
    {"let a = 3 [i]", "E0110"},
    {"let a = 3[0]", "E0111"},
    {"let a = x[0][1]", ""},
    {"let a = 3 mw", "E0110"},
    {"let a = 3 apples", "E0113"},
    {"let a = 1.", "E0108"},
    {"let a = .5", "E0108"},
    {"let a = 1..5", ""},
    {"let a = 1...5", "E0108"},
    {"let a = dx/dt", "E0124"},
    {"network n { dE.x/dt = 1 }", "E0124"},
    {"network n { dx / dt = 1 }", "E0124"},
    {"network n { dx/dt * 2 = 1 }", "E0124"},
    {"network n { x' = 1 }", "E0124"},
    {"network n { tau dx/dt = 1 }", "E0113"},
    {"network n { state d = 0, t2 = 0; dd/dt = 1; dt2/dt = 2 }", ""},
    {"let a = A' @ B'; print(\"it's\")", ""},
    {"print('it')", "E0140"},
    {"let a = a+-b", "E0115"},
    {"let a = a + -b", ""},
    {"let a = b\n  + c\n  * d\n  - e", ""},
    {"let a = if c\n  then x\n  else y", ""},
    {"let a = if c then x", "E0130"},
    {"expect x\n\"why\"", "E0121"},
    {"let a = f\n(3)", "E0121"},
    {"let a = f\n[0]", "E0121"},
    {"let a = { let b = c\n -d }", "E0122"},
    {"network n\n{ state x = 0 }", "E0117"},
    {"let a = sweep g in b\n{ (c = 1) }", "E0117"},
    {"let a = (b = 1); let c = ((b = 1)); let d = (b = 1,); let e = (f == 1)", ""},
    {"let a = ()", "E0134"},
    {"let f = fn(x) = x + 1, 3", "E0101"},
    {"network n { state x = 0; dx/dt = 1\n if x > 1 then x = 0 }", "E0147"},
    {"let a = 1\nif a > 0 { print(a) }", "E0147"},
    {"let f = 1 + fn(x) = x", "E0129"},
    {"let f = 1 + if a then b else c", "E0129"},
    {"network n { state x = 1  dx/dt = -x }", "E0132"},
    {"network n { } let b = 2", "E0132"},
    {"task t { draw e ~ d\nevery step }", "E0128"},
    {"task t { score a = 1\nduring b }", "E0128"},
    {"task t { draw e ~ d every trial }", "E0143"},
    {"task t { phase phase (2) { u = 1 } }", ""},
    {"let \xcf\x84 = 1", "E0103"},
    {"let a = 10 \xce\xbcs", "E0103"},
    {"let a = b \xe2\x88\x92 c", "E0104"},
    {"expect a < b < c", "E0116"},
    {"expect a == b == c", "E0116"},
    {"expect (a < b) == c", ""},
    {"let a = x[::2]", "E0123"},
    {"print(\"a\nb\")", "E0105"},
    {"print(\"a\\q\")", "E0106"},
    {"let a = b ** c", "E0114"},
    {"let for = 1", "E0120"},
    {"network n { state for = 1 }", "E0120"},
    {"netwrk n { }", "E0127"},
    {"parm a = 1", "E0127"},
    {"def f(x) = x", "E0127"},
    {"network n { stat x = 0 }", "E0127"},
    {"state x = 0", "E0128"},
    {"when x > 1 { x = 0 }", "E0128"},
    {"network n { param a = 1 }", "E0128"},
    {"let a = { param b = 1; b }", "E0128"},
    {"a = 3", "E0125"},
    {"a.b = 3", "E0125"},
    {"network n { x[0] = 3 }", "E0126"},
    {"expect a = 3", "E0131"},
    {"let a = (1 + 2\nlet b = 3", "E0118"},
    {"network a {\nstate x = 0\nnetwork b { }", "E0118"},
    {"let a = [1, 2)", "E0119"},
    {"let a = 1)", "E0119"},
    {"let a = f(x = 1, 2)", "E0133"},
    {"let a = 1e999", "E0109"},
    {"dyn 2", "E0139"},
    {"let a = $b", "E0102"},
    {"import \"my-file.dyn\"", "E0141"},
    {"let a", "E0142"},
    {"network n { population E = 3 }", "E0144"},
    {"network n { when x > 1 { let y = 2 } }", "E0145"},
    {"print(\"\xff\")", "E0146"},
    {"f(a; b)", "E0101"},
    {"network n { plot(x) }", "E0121"},
};

static void test_traps(Arena *a) {
  for (size_t i = 0; i < sizeof traps / sizeof *traps; i++) {
    const char *got = first_error(a, traps[i][0]);
    CHECK(strcmp(got, traps[i][1]) == 0, "%s: `%s`, want `%s`", traps[i][0], got, traps[i][1]);
  }
}

static void check_one_error(Arena *a, const char *text, size_t n, const char *code) {
  DiagList d;
  parse(a, text, n, &d);
  CHECK(d.errors == 1 && strcmp(diag_info(d.first->code)->code, code) == 0, "%s: %d errors, %s",
        code, d.errors, d.first ? d.first->msg : "");
}

static void check_message(Arena *a, const char *text, const char *want) {
  DiagList d;
  parse(a, text, strlen(text), &d);
  const char *got = d.first ? d.first->msg : "";
  CHECK(strcmp(got, want) == 0, "%s:\n  got  %s\n  want %s", text, got, want);
}

static void test_messages(Arena *a) {
  check_message(a, "let a = = 2", "unexpected `=`; expected an expression");
  check_message(a, "let a =", "unexpected the end of the file; expected an expression");
  check_message(a, "let a = f(b, c", "this `(` is never closed");
  check_message(a, "let a = f(b c)",
                "unexpected name `c`; an operator, or a `,`, is missing before it");
  check_message(a, "netwrk n { }",
                "a statement cannot begin with `netwrk`; did you mean `network`?");
  check_message(a, "let a = 10 mss",
                "`mss` is no unit; did you mean `10 ms`, or a product `10 * mss`?");
  check_message(a, "let a = 10ms", "a blank is missing between number and unit: `10 ms`");
  check_message(a, "let \xcf\x84_m = 1", "names are written in ASCII: `tau_m`");
  check_message(a, "network n { state x =\ndx/dt = -x }", "behind `=` an expression is missing");
  check_one_error(a, "print(\"done)\nlet a = 1", 22, "E0105");
  check_message(a, "fn f x = 3", "unexpected name `x`; expected `(`");
  check_message(a, "param a = 1, b = 2", "unexpected `,`; expected `in` or the end of the line");
  check_message(a, "let a = [x for i <= 3]",
                "a clause is `i < N`, for i from 0 to N - 1, or `g in values`");
}

/* Several errors in one text, each told once and in its place. */
static void test_several(Arena *a) {
  const char *text =
      "let a = = 2\n"
      "let b = f(1 +, 2) + [3 4]\n"
      "network n {\n"
      "  state x = \n"
      "  dx/dt = -x +* 2\n"
      "  when x >> 3 { x = 0 }\n"
      "  dy/dt = (1 + )\n"
      "}\n"
      "netwrk k { state x = 0; dx/dt = -x }\n"
      "let c = 3\n";
  static const int lines[] = {1, 2, 2, 4, 6, 7, 9};
  DiagList d;
  Ast *x = parse(a, text, strlen(text), &d);
  int n = 0, line, col;
  for (const Diag *e = d.first; e; e = e->next, n++) {
    source_line_col(e->at.src, e->at.span.start, &line, &col);
    CHECK(n < 7 && line == lines[n], "%d:%d: %s", line, col, e->msg);
  }
  CHECK(n == 7, "%d errors", n);
  CHECK(x && strcmp(x->kids[x->nkids - 1]->kids[0]->name, "c") == 0, "the last statement is there");
}

/* The examples that `explain` shows have the error that they are about, and their mends do not. */
static void test_explained(Arena *a) {
  for (int i = DIAG_NONE + 1; i < DIAG_COUNT; i++) {
    const DiagInfo *info = diag_info((DiagCode)i);
    bool shown_whole =
        !strstr(info->bad, "...") && info->bad[0] != '(' && !strstr(info->bad, "0xff");
    if (strncmp(info->code, "E01", 3) != 0 || !shown_whole) continue;
    const char *got = first_error(a, info->bad);
    CHECK(strcmp(got, info->code) == 0, "%s: `%s` gives %s", info->code, info->bad, got);
    parse_well(a, info->good);
  }
}

static char *repeated(Arena *a, const char *before, const char *part, size_t n,
                      const char *behind) {
  size_t k = strlen(part);
  char *text = arena_alloc(a, strlen(before) + n * k + strlen(behind) + 1);
  strcpy(text, before);
  char *at = text + strlen(before);
  for (size_t i = 0; i < n; i++, at += k) memcpy(at, part, k);
  strcpy(at, behind);
  return text;
}

static void test_limits(Arena *a) {
  static const struct {
    const char *before, *part;
    size_t n;
    const char *behind, *code;
  } cases[] = {{"let a = ", "(", 10000, "1", "E0135"},
               {"let a = 1", " + 1", 10000, "", "E0136"},
               {"let a = ", "-", 30000, "1", "E0135"},
               {"let a = ", "if a then b else ", 30000, "c", "E0135"},
               {"let a = ", "2^", 5000, "2", "E0136"},
               {"let a = x", "[0]", 5000, "", "E0136"},
               {"let a = ", "fn(x) = ", 2000, "x", "E0136"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *text = repeated(a, cases[i].before, cases[i].part, cases[i].n, cases[i].behind);
    DiagList d;
    parse(a, text, strlen(text), &d);
    const char *code = d.first ? diag_info(d.first->code)->code : "";
    CHECK(d.errors == 1 && strcmp(code, cases[i].code) == 0, "%s: %d errors, %s", cases[i].part,
          d.errors, code);
  }
  parse_well(a, repeated(a, "let a = ", "(", 390, repeated(a, "1", ")", 390, "")));
  parse_well(a, repeated(a, "let a = 1", " + 1", 990, ""));
  check_one_error(a, "let a = 1\0let b = 2", 19, "E0137");
  char *large = mem_alloc(SOURCE_MAX + 2u);
  memset(large, '\n', SOURCE_MAX + 1u);
  check_one_error(a, large, SOURCE_MAX + 1u, "E0138");
  mem_free(large);
}

/* ---- print and fmt --------------------------------------------------------------------------- */

/* fmt keeps the tree and changes nothing when done again; so does ast_print, but for docs. */
static void check_round_trip(Arena *a, const char *text) {
  const Ast *x = parse_well(a, text);
  if (!x) return;
  const char *dump = ast_dump(a, x), *laid = format(a, text);
  check_text(ast_dump(a, parse_well(a, laid)), dump);
  check_text(format(a, laid), laid);
  const char *printed = ast_print(a, x);
  check_text(ast_print(a, parse_well(a, printed)), printed);
}

static size_t count_of(const char *text, char c) {
  size_t n = 0;
  for (; *text; text++) n += *text == c;
  return n;
}

static void test_files(Arena *a) {
  DIR *dir = opendir("tests/syntax");
  CHECK(dir != NULL, "run from the root of the sources");
  for (struct dirent *e; dir && (e = readdir(dir));) {
    if (!strstr(e->d_name, ".dyn")) continue;
    char *text;
    size_t n;
    const char *why = "";
    bool read = file_read(a, path_join(a, "tests/syntax", e->d_name), &text, &n, &why);
    CHECK(read, "%s", why);
    if (!read) continue;
    check_round_trip(a, text);
    CHECK(count_of(text, '#') == count_of(format(a, text), '#'), "%s keeps its comments",
          e->d_name);
  }
  if (dir) closedir(dir);
}

static void test_fmt(Arena *a) {
  static const char *const cases[][2] = {
      {"let   a=1;let b  =-2\n\n\n\nlet c = a+b", "let a = 1; let b = -2\n\nlet c = a+b\n"},
      {"let a = 2*pi *x- y", "let a = 2*pi * x - y\n"},
      {"network n {\nstate x:[ N ]=1\n\n  tau*dx/dt=-x # note  \n}",
       "network n {\n  state x : [N] = 1\n\n  tau * dx/dt = -x  # note\n}\n"},
      {"plot( x [ 0 , : , 1 : 3 ] , title=\"a\" )", "plot(x[0, :, 1:3], title = \"a\")\n"},
      {"task t { phase p( 200 ms ){u=1;} }", "task t { phase p (200 ms) { u = 1 } }\n"},
      {"let f = fn ( x )=x ^ 2 .. 3", "let f = fn(x) = x^2..3\n"},
      {"let a = f(b,\nc,\n)\n", "let a = f(b,\n  c,\n)\n"},
      {"let a = b\n+ c\n\n\n# end\n\n", "let a = b\n  + c\n\n# end\n"},
      {"let a = 10   ms + 36  [mS/cm^2]", "let a = 10 ms + 36 [mS/cm^2]\n"},
      {"let a = { let b = 1;\n-b }", "let a = { let b = 1;\n  -b }\n"},
      {"network n { connect rec :E->I.g=w,delay=4 ms }",
       "network n { connect rec: E -> I.g = w, delay = 4 ms }\n"},
      {"let (q,r)=qr(A)\nlet a = not(b)and c", "let (q, r) = qr(A)\nlet a = not (b) and c\n"},
      {"network n {\n\nstate x = 0 # one\nstate long = 1 # two\n\n}\n",
       "network n {\n  state x = 0     # one\n  state long = 1  # two\n}\n"},
      {"let a = [\n[1, 2],\n[3, 4]\n]", "let a = [\n  [1, 2],\n  [3, 4]\n]\n"},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    check_text(format(a, cases[i][0]), cases[i][1]);
    check_round_trip(a, cases[i][0]);
  }
  DiagList d;
  diag_init(&d, a);
  CHECK(!fmt_source(a, source_make(a, "test", "let =", 5), &d) && d.errors == 1, "refused");
}

/* ---- random texts ---------------------------------------------------------------------------- */

static uint64_t random_state = 20240601;

static size_t pick(size_t n) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(random_state >> 33) % n;
}

static const char *const soup[] = {
    "let",  "network", "{",      "}",        "(",       ")",     "[",          "]",        "=",
    "+=",   "~",       "->",     ",",        ":",       ";",     "\n",         "\n",       " ",
    "+",    "-",       "*",      "/",        "@",       "^",     "'",          "..",       ".",
    "==",   "+-",      "<",      "if",       "then",    "else",  "fn",         "sweep",    "for",
    "in",   "state",   "when",   "next",     "draw",    "every", "step",       "phase",    "x",
    "y",    "dx/dt",   "1",      "10 ms",    "3 [mV]",  "\"s\"", "# c\n",      "## d\n",   "param",
    "task", "expect",  "import", "connect",  "as",      "0.5",   "population", "score",    "during",
    "not",  "and",     "true",   "\xcf\x84", "\xff",    "\"",    "$",          "analysis", "output",
    "e1",   "dyn",     "a.b",    "f(x)",     "x = 1\n", "{ x }"};

static char *random_soup(Arena *a, size_t words) {
  const char *out = "";
  for (size_t i = 0; i < words; i++) {
    const char *word = soup[pick(sizeof soup / sizeof *soup)];
    out = arena_printf(a, "%s%s%s", out, pick(4) ? " " : "", word);
  }
  return arena_strdup(a, out);
}

/* A text of tests/syntax with some bytes replaced, dropped or doubled. */
static char *mutated(Arena *a, const char *text, size_t n) {
  size_t from = pick(n), m = 1 + pick(n - from);
  char *out = arena_strndup(a, text + from, m);
  for (size_t k = pick(6); k > 0; k--) out[pick(m)] = " \n(){}[]=+-*;:,.#\"'^xd1"[pick(24)];
  return out;
}

static void check_total(const char *text) {
  Arena *a = arena_new();
  DiagList d;
  Ast *x = parse(a, text, strlen(text), &d);
  for (const Diag *e = d.first; e; e = e->next) {
    bool inside = e->at.span.start <= e->at.span.end && e->at.span.end <= strlen(text);
    CHECK(inside, "%s: a span outside", text);
  }
  if (x && !d.errors) check_round_trip(a, text);
  arena_free(a);
}

static void test_random(Arena *a) {
  char *text;
  size_t n;
  const char *why = "", *const files[] = {"tests/syntax/bodies.dyn", "tests/syntax/values.dyn"};
  for (int i = 0; i < 3000; i++) {
    Arena *scratch = arena_new();
    check_total(random_soup(scratch, 1 + pick(30)));
    arena_free(scratch);
  }
  for (size_t f = 0; f < 2; f++) {
    bool read = file_read(a, files[f], &text, &n, &why);
    CHECK(read, "%s", why);
    for (int i = 0; read && i < 1000; i++) {
      Arena *scratch = arena_new();
      check_total(mutated(scratch, text, n));
      arena_free(scratch);
    }
  }
}

int main(void) {
  Arena *a = arena_new();
  test_filter(a);
  test_levels(a);
  test_numbers(a);
  test_statements(a);
  test_spans(a);
  test_docs(a);
  test_traps(a);
  test_messages(a);
  test_several(a);
  test_explained(a);
  test_limits(a);
  test_fmt(a);
  test_files(a);
  test_random(a);
  arena_free(a);
  return check_done("syntax");
}
