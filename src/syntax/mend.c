/* mend.c: see mend.h. A fault is looked at by the functions of `traps`, in order; each knows one
   kind of mistake and its mend. What none of them knows gets the general message, "unexpected this;
   expected that". */
#include "syntax/mend.h"

#include <string.h>

#include "base/dim.h"
#include "dyn.tab.h"

typedef struct Fault {
  Parser *p;
  const Token *tok, *prev, *next; /* in hand, before and behind it; prev and next may be tok */
  const Token *first;             /* of the statement */
  const Token *opener;            /* the `(` or `[` around tok in its statement, or NULL */
  bool in_body;                   /* the statement is one of a body */
  const char *found;
  const char *const *expected;
  size_t n;
} Fault;

static bool opening(int kind) {
  return kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE;
}

static bool closing(int kind) {
  return kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE;
}

/* ---- going on -------------------------------------------------------------------------------- */

void mend_skip(Parser *p) {
  size_t i = p->look;
  Token *const *tokens = p->tokens.at;
  /* In hand again is where the last fault ended: that place helped nobody. */
  if (i == p->sync && i > 0 && tokens[i]->kind != TOK_DYNEOF) i++;
  for (size_t depth = 0; tokens[i]->kind != TOK_DYNEOF; i++) {
    int kind = tokens[i]->kind;
    if (depth == 0 && (kind == TOK_SEP || closing(kind))) break;
    if (opening(kind)) depth++;
    if (closing(kind)) depth--;
  }
  p->pos = p->sync = i;
}

/* ---- the place of a fault -------------------------------------------------------------------- */

/* The index of the first token of the statement that token i belongs to. */
static size_t statement_start(const Parser *p, size_t i, const Token **opener) {
  *opener = NULL;
  for (size_t depth = 0; i > 0; i--) {
    const Token *t = p->tokens.at[i - 1];
    if (closing(t->kind)) depth++;
    if (depth == 0 && (t->kind == TOK_SEP || t->kind == TOK_LBRACE)) break;
    if (!opening(t->kind)) continue;
    if (depth > 0) {
      depth--;
    } else if (!*opener) {
      *opener = t;
    }
  }
  return i;
}

/* The index of the `{` around token i; false if there is none. */
static bool enclosing_brace(const Parser *p, size_t i, size_t *brace) {
  for (size_t depth = 0; i > 0; i--) {
    int kind = p->tokens.at[i - 1]->kind;
    *brace = i - 1;
    if (closing(kind)) depth++;
    if (depth == 0 && kind == TOK_LBRACE) return true;
    if (opening(kind) && depth > 0) depth--;
  }
  return false;
}

static bool heads_body(int kind) {
  return kind == TOK_NEURON || kind == TOK_NETWORK || kind == TOK_TASK || kind == TOK_PHASE ||
         kind == TOK_WHEN;
}

static Fault fault_at(Parser *p, const char *found, const char *const *expected, size_t n) {
  size_t i = p->look;
  Token *const *tokens = p->tokens.at;
  Fault f = {.p = p, .tok = tokens[i], .found = found, .expected = expected, .n = n};
  f.prev = tokens[i > 0 ? i - 1 : 0];
  f.next = tokens[f.tok->kind == TOK_DYNEOF ? i : i + 1];
  f.first = tokens[statement_start(p, i, &f.opener)];
  size_t brace;
  if (enclosing_brace(p, i, &brace)) {
    const Token *opener;
    size_t header = statement_start(p, brace, &opener);
    f.in_body = !opener && heads_body(tokens[header]->kind);
  }
  return f;
}

static bool expects(const Fault *f, const char *symbol) {
  for (size_t i = 0; i < f->n; i++) {
    if (strcmp(f->expected[i], symbol) == 0) return true;
  }
  return false;
}

static Where at(const Fault *f) {
  return parser_where(f->p, f->tok->span);
}

static bool on_one_line(const Fault *f, const Token *a, const Token *b) {
  const char *text = f->p->src->text;
  return b->span.start >= a->span.end &&
         !memchr(text + a->span.end, '\n', b->span.start - a->span.end);
}

static const Word *reserved(const Token *t) {
  const Word *w = word_of_token(t->kind);
  return w && w->kind == RESERVED ? w : NULL;
}

#define SAY(code, ...) (diag_add(f->p->diags, code, at(f), __VA_ARGS__), true)

/* ---- words of messages --------------------------------------------------------------------- */

/* The words "a number", "the end of the line" name kinds of tokens; the rest are tokens. */
static bool names_kind(const char *symbol) {
  return strncmp(symbol, "a ", 2) == 0 || strncmp(symbol, "the ", 4) == 0;
}

static const char *quoted(Arena *a, const char *symbol) {
  return names_kind(symbol) ? symbol : arena_printf(a, "`%s`", symbol);
}

static const char *found_text(const Fault *f) {
  Arena *a = f->p->arena;
  const Token *t = f->tok;
  bool semicolon = t->kind == TOK_SEP && f->p->src->text[t->span.start] == ';';
  if (semicolon) return "`;`";
  if (t->kind == TOK_NAME) return arena_printf(a, "name `%s`", t->text);
  if (t->kind == TOK_NUMBER) return arena_printf(a, "number `%s`", t->text);
  if (t->kind == TOK_STRING) return "string";
  if (t->kind == TOK_DERIV) return arena_printf(a, "`d%s/dt`", t->text);
  return quoted(a, f->found);
}

/* ---- traps ----------------------------------------------------------------------------------- */

static bool trap_brace_below(const Fault *f) {
  bool header = f->tok->kind == TOK_SEP && f->next->kind == TOK_LBRACE && expects(f, "{");
  if (!header) return false;
  diag_add(f->p->diags, E0117, parser_where(f->p, f->next->span),
           "`{` stands on the line that it belongs to, not below");
  return true;
}

static bool trap_plus_minus(const Fault *f) {
  if (f->tok->kind != TOK_PLUSMINUS) return false;
  return SAY(E0115, "`+-` gives the tolerance of a comparison, `x == y +- 0.1`; a sum is `a + -b`");
}

static bool trap_derivative(const Fault *f) {
  if (f->tok->kind != TOK_DERIV) return false;
  const char *x = f->tok->text;
  if (!f->in_body || f->opener || f->first->kind == TOK_LET) {
    return SAY(E0124,
               "`d%s/dt` is the left side of an equation in a body; a division has blanks: "
               "`d%s / dt`",
               x, x);
  }
  if (f->prev == f->first || !word_of_token(f->first->kind)) {
    if (token_ends_operand(f->prev->kind) && expects(f, "*")) {
      return SAY(E0113, "`*` is missing before `d%s/dt`", x);
    }
    return SAY(E0124, "an equation is `factor * d%s/dt = ...` or `d%s/dt = ...`", x, x);
  }
  if (!token_ends_operand(f->prev->kind)) return false;
  return SAY(E0132, "a `;` or a new line is missing before `d%s/dt`", x);
}

/* `state x =` and then the next statement. */
static bool trap_unfinished(const Fault *f) {
  const Word *w = word_of_token(f->tok->kind);
  bool begins = f->tok->kind == TOK_DERIV || (w && w->place != NOWHERE);
  bool below = f->tok != f->prev && !on_one_line(f, f->prev, f->tok);
  if (!begins || !below || !expects(f, "a number") || expects(f, "let")) return false;
  Span last = f->prev->span;
  diag_add(f->p->diags, E0101, parser_where(f->p, last), "behind `%.*s` an expression is missing",
           (int)(last.end - last.start), f->p->src->text + last.start);
  return true;
}

static bool trap_behind_derivative(const Fault *f) {
  if (f->prev->kind != TOK_DERIV || f->tok->kind == TOK_ASSIGN || !f->in_body) return false;
  return SAY(E0124, "behind `d%s/dt` comes `=`; a factor stands left of it: `tau * d%s/dt = ...`",
             f->prev->text, f->prev->text);
}

static bool trap_slice_step(const Fault *f) {
  bool second =
      f->tok->kind == TOK_COLON && f->opener && f->opener->kind == TOK_LBRACKET && !expects(f, ":");
  if (!second) return false;
  return SAY(E0123, "a slice has no step; index with `x[arange(from, to, step)]`");
}

static bool trap_empty_parens(const Fault *f) {
  if (f->tok->kind != TOK_RPAREN || f->prev->kind != TOK_LPAREN) return false;
  return SAY(E0134, "`()` is no value: a value, or fields such as `(a = 1)`, stand inside");
}

static bool trap_quote(const Fault *f) {
  if (f->tok->kind != TOK_QUOTE || !expects(f, "a number")) return false;
  return SAY(E0140, "a string has double quotes: `\"text\"`; `'` transposes what is before it");
}

/* `if`, `fn` and `sweep` as operands. */
static bool trap_inner_if(const Fault *f) {
  int kind = f->tok->kind;
  bool whole =
      kind == TOK_IF || kind == TOK_SWEEP || (kind == TOK_FN && f->next->kind == TOK_LPAREN);
  if (!whole || !expects(f, "a number") || expects(f, "if")) return false;
  const char *word = word_of_token(kind)->text;
  return SAY(E0129, "inside an expression `%s` stands in parentheses: `(%s ...)`", word, word);
}

static bool trap_if_without_else(const Fault *f) {
  int kind = f->tok->kind;
  bool over = kind == TOK_SEP || kind == TOK_DYNEOF || kind == TOK_COMMA || closing(kind);
  if (!over || !expects(f, "else")) return false;
  return SAY(E0130, "an `if` is a value and needs its `else`: `if c then a else b`");
}

static bool trap_assign_in_condition(const Fault *f) {
  bool condition = f->first->kind == TOK_EXPECT || f->first->kind == TOK_WHEN || expects(f, "then");
  if (f->tok->kind != TOK_ASSIGN || !condition) return false;
  return SAY(E0131, "`=` gives a value to a name; a comparison is `==`");
}

static bool trap_unclear_assign(const Fault *f) {
  int kind = f->tok->kind;
  bool assigns = kind == TOK_ASSIGN || kind == TOK_ADD_ASSIGN;
  if (!assigns || f->in_body || f->opener || f->first->kind != TOK_NAME) return false;
  if (f->prev != f->first) {
    return SAY(E0125, "values never change; a new one is made with `let`");
  }
  const char *name = f->first->text;
  return SAY(E0125, "a value gets its name by `let %s = ...`%s", name,
             kind == TOK_ASSIGN ? ", and keeps it" : "; it never changes");
}

static bool trap_misspelt(const Fault *f) {
  bool first_two = f->prev == f->first && f->first->kind == TOK_NAME && f->tok != f->first;
  bool name_behind = f->tok->kind == TOK_NAME || f->tok->kind == TOK_STRING || reserved(f->tok);
  if (!first_two || !name_behind || f->opener) return false;
  const Word *w = word_find(f->first->text, strlen(f->first->text));
  if (w && reserved(f->tok)) {
    return SAY(E0120, "`%s` is a reserved word and cannot be a name here", reserved(f->tok)->text);
  }
  const char *near = word_nearest(f->first->text, f->in_body);
  if (!near) return false;
  diag_add(f->p->diags, E0127, parser_where(f->p, f->first->span),
           "a statement cannot begin with `%s`; did you mean `%s`?", f->first->text, near);
  return true;
}

static const char *place_text(WordPlace place) {
  return place == BODIES ? "in the body of a neuron, a network or a task"
         : place == TOP  ? "at the top level of a file"
                         : "at the top level of a file or in a block";
}

static bool trap_misplaced(const Fault *f) {
  const Word *w = word_of_token(f->tok->kind);
  if (!w || f->tok != f->first || w->place == EVERYWHERE) return false;
  if (w->place == NOWHERE && w->kind == BODY) {
    return SAY(E0128, "`%s` stays on the line of what it belongs to", w->text);
  }
  if (w->place == NOWHERE) return false;
  return SAY(E0128, "`%s` stands %s", w->text, place_text(w->place));
}

/* `when` is a keyword only in bodies, so elsewhere it looks like a name. */
static bool trap_misplaced_when(const Fault *f) {
  bool when = f->first->kind == TOK_NAME && strcmp(f->first->text, "when") == 0;
  if (!when || f->prev != f->first || f->opener || f->in_body) return false;
  if (!token_is_word(f->tok)) return false;
  diag_add(f->p->diags, E0128, parser_where(f->p, f->first->span), "`when` stands %s",
           place_text(BODIES));
  return true;
}

static bool trap_line_begins(const Fault *f) {
  int kind = f->tok->kind;
  bool goes_on = kind == TOK_ASSIGN || kind == TOK_TILDE || kind == TOK_ARROW ||
                 kind == TOK_COLON || kind == TOK_COMMA || kind == TOK_IN || kind == TOK_FOR;
  if (!goes_on || f->tok != f->first) return false;
  return SAY(E0101,
             "a statement cannot begin with `%s`; to go on, leave it at the end of the line above",
             f->found);
}

static bool trap_reserved_name(const Fault *f) {
  const Word *w = reserved(f->tok);
  if (!w || !expects(f, "a name") || expects(f, "a number")) return false;
  return SAY(E0120, "`%s` is a reserved word and cannot be a name here", w->text);
}

static bool trap_behind_number(const Fault *f) {
  const Token *number = f->prev;
  bool name = number->kind == TOK_NUMBER && f->tok->kind == TOK_NAME;
  if (!name || !on_one_line(f, number, f->tok)) return false;
  const char *word = f->tok->text;
  if (number->unit && unit_is_name(word, strlen(word))) {
    return SAY(E0107, "a compound unit stands in brackets: `%s [%s %s]`", number->text,
               number->unit, word);
  }
  const char *const *units;
  size_t n = unit_names(&units);
  const char *near = number->unit ? NULL : nearest_name(word, units, n);
  if (near) {
    return SAY(E0110, "`%s` is no unit; did you mean `%s %s`, or a product `%s * %s`?", word,
               number->text, near, number->text, word);
  }
  return SAY(E0113, "an operator is missing before `%s`; a product is `%s%s%s * %s`", word,
             number->text, number->unit ? " " : "", number->unit ? number->unit : "", word);
}

static bool trap_clause(const Fault *f) {
  bool clause = expects(f, "<") && expects(f, "in") && f->n == 2;
  if (!clause) return false;
  return SAY(E0101, "a clause is `i < N`, for i from 0 to N - 1, or `g in values`");
}

/* `when` behind an operand is still a name, for it does not begin a statement there. */
static bool trap_two_statements(const Fault *f) {
  const Word *w = f->tok->text ? word_find(f->tok->text, strlen(f->tok->text)) : NULL;
  bool name = f->tok->kind == TOK_NAME && !(w && f->in_body && w->place == BODIES);
  bool begins = w && !name && w->place != NOWHERE && f->tok->kind != TOK_STRING;
  bool behind = f->tok != f->first && !f->opener && token_ends_operand(f->prev->kind);
  if (!begins || !behind) return false;
  return SAY(E0132, "a `;` or a new line is missing before `%s`", w->text);
}

static bool trap_shape(const Fault *f) {
  bool shape = f->tok->kind == TOK_LBRACKET && f->prev->kind == TOK_NAME && expects(f, ":");
  if (!shape) return false;
  return SAY(E0101, "a shape stands behind a colon: `%s : [...]`", f->prev->text);
}

static bool trap_no_operator(const Fault *f) {
  int kind = f->tok->kind;
  bool operand = kind == TOK_NAME || kind == TOK_NUMBER || kind == TOK_STRING ||
                 kind == TOK_LBRACE || kind == TOK_TRUE || kind == TOK_FALSE;
  if (!operand || !token_ends_operand(f->prev->kind) || !expects(f, "*")) return false;
  const char *or_comma = expects(f, ",") ? ", or a `,`," : "";
  return SAY(E0101, "unexpected %s; an operator%s is missing before it", found_text(f), or_comma);
}

static bool (*const traps[])(const Fault *f) = {
    trap_brace_below,    trap_unfinished,      trap_plus_minus,    trap_derivative,
    trap_slice_step,     trap_empty_parens,    trap_quote,         trap_behind_derivative,
    trap_inner_if,       trap_if_without_else, trap_misplaced,     trap_misplaced_when,
    trap_unclear_assign, trap_misspelt,        trap_line_begins,   trap_assign_in_condition,
    trap_reserved_name,  trap_two_statements,  trap_behind_number, trap_clause,
    trap_shape,          trap_no_operator};

/* ---- the general message --------------------------------------------------------------------- */

static bool is_one_of(const char *symbol, const char *const *list) {
  for (; *list; list++) {
    if (strcmp(*list, symbol) == 0) return true;
  }
  return false;
}

/* Symbols that are no news: what may begin an expression is told as "an expression", and behind an
   operand there may always be an operator. */
static const char *const begins_expression[] = {"a number", "a string", "a name", "true", "false",
                                                "(",        "[",        "{",      "-",    "not",
                                                "if",       "fn",       "sweep",  NULL};
static const char *const follows_operand[] = {
    "or", "and", "==", "!=", "<", "<=", ">", ">=", "..", "+",  "-",
    "*",  "/",   "%",  "@",  "^", "'",  ".", "(",  "[",  "+-", NULL};

static const char *expected_text(const Fault *f) {
  enum { MOST = 4 };
  const char *kept[MOST + 1] = {0};
  size_t n = 0;
  bool expression = expects(f, "a number"), operand = expects(f, "+");
  if (expects(f, "let")) return expression || f->in_body ? "a statement" : "";
  if (expression) kept[n++] = "an expression";
  for (size_t i = 0; i < f->n; i++) {
    const char *s = f->expected[i];
    if (expression && is_one_of(s, begins_expression)) continue;
    if (operand && is_one_of(s, follows_operand)) continue;
    if (strcmp(s, "the end of the file") == 0 && expects(f, "the end of the line")) continue;
    if (n == MOST) return "";
    kept[n++] = strcmp(s, "an expression") == 0 ? s : quoted(f->p->arena, s);
  }
  const char *text = n ? kept[0] : "";
  for (size_t i = 1; i < n; i++) {
    text = arena_printf(f->p->arena, "%s%s%s", text, i + 1 < n ? ", " : " or ", kept[i]);
  }
  return text;
}

static void report_generally(const Fault *f) {
  const char *expected = expected_text(f);
  diag_add(f->p->diags, E0101, at(f), "unexpected %s%s%s", found_text(f),
           *expected ? "; expected " : "", expected);
}

void mend_report(Parser *p, const char *found, const char *const *expected, size_t n) {
  Fault f = fault_at(p, found, expected, n);
  bool told = f.tok->bad || f.prev->bad || (f.opener && f.opener->bad) ||
              (p->look == p->sync && p->sync > 0);
  for (size_t i = 0; !told && i < sizeof traps / sizeof traps[0]; i++) told = traps[i](&f);
  if (!told) report_generally(&f);
  mend_skip(p);
}

void mend_report_depth(Parser *p, Span at_) {
  diag_add(p->diags, E0135, parser_where(p, at_),
           "operators inside each other are nested too deeply");
}
