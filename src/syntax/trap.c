/* trap.c: one function for each kind of mistake that people make in the grammar, which recognises
   it and tells its mend. To add one: a function, its place in the table at the end (the first one
   that recognises a fault tells it), and a case in tests/unit/test_syntax.c. */
#include "syntax/trap.h"

#include <string.h>

#include "base/dim.h"
#include "dyn.tab.h"

static bool on_one_line(const Fault *f, const Token *a, const Token *b) {
  const char *text = f->p->src->text;
  return b->span.start >= a->span.end &&
         !memchr(text + a->span.end, '\n', b->span.start - a->span.end);
}

static const Word *reserved(const Token *t) {
  const Word *w = word_of_token(t->kind);
  return w && w->kind == RESERVED ? w : NULL;
}

#define SAY(code, ...) (diag_add(f->p->diags, code, fault_where(f), __VA_ARGS__), true)

static bool trap_brace_below(const Fault *f) {
  bool header = f->tok->kind == TOK_SEP && f->next->kind == TOK_LBRACE && fault_expects(f, "{");
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
    if (token_ends_operand(f->prev->kind) && fault_expects(f, "*")) {
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
  if (!begins || !below || !fault_expects(f, "a number") || fault_expects(f, "let")) return false;
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
  bool second = f->tok->kind == TOK_COLON && f->opener && f->opener->kind == TOK_LBRACKET &&
                !fault_expects(f, ":");
  if (!second) return false;
  return SAY(E0123, "a slice has no step; index with `x[arange(from, to, step)]`");
}

static bool trap_empty_parens(const Fault *f) {
  if (f->tok->kind != TOK_RPAREN || f->prev->kind != TOK_LPAREN) return false;
  return SAY(E0134, "`()` is no value: a value, or fields such as `(a = 1)`, stand inside");
}

static bool trap_quote(const Fault *f) {
  if (f->tok->kind != TOK_QUOTE || !fault_expects(f, "a number")) return false;
  return SAY(E0140, "a string has double quotes: `\"text\"`; `'` transposes what is before it");
}

/* `if` that does something, as other languages have it. */
static bool trap_if_statement(const Fault *f) {
  bool begins = f->tok == f->first && f->in_body;
  bool braced = f->tok->kind == TOK_LBRACE && !f->opener && fault_expects(f, "then");
  if (f->first->kind != TOK_IF || (!begins && !braced)) return false;
  diag_add(f->p->diags, E0147, parser_where(f->p, f->first->span), "%s",
           f->in_body ? "an `if` is a value, as in `dx/dt = if c then a else b`; what happens on a "
                        "condition is an event: `when c { x = 0 }`"
                      : "an `if` is a value: `let x = if c then a else b`");
  return true;
}

/* `if`, `fn` and `sweep` as operands. */
static bool trap_inner_if(const Fault *f) {
  int kind = f->tok->kind;
  bool whole =
      kind == TOK_IF || kind == TOK_SWEEP || (kind == TOK_FN && f->next->kind == TOK_LPAREN);
  if (!whole || !fault_expects(f, "a number") || fault_expects(f, "if")) return false;
  const char *word = word_of_token(kind)->text;
  return SAY(E0129, "inside an expression `%s` stands in parentheses: `(%s ...)`", word, word);
}

static bool trap_if_without_else(const Fault *f) {
  int kind = f->tok->kind;
  bool over = kind == TOK_SEP || kind == TOK_DYNEOF || kind == TOK_COMMA || token_closes(kind);
  if (!over || !fault_expects(f, "else")) return false;
  return SAY(E0130, "an `if` is a value and needs its `else`: `if c then a else b`");
}

static bool trap_assign_in_condition(const Fault *f) {
  bool condition =
      f->first->kind == TOK_EXPECT || f->first->kind == TOK_WHEN || fault_expects(f, "then");
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
  if (f->in_block) {
    return SAY(E0125, "a value gets its name by `let %s = ...`; a record is `(%s = ...)`", name,
               name);
  }
  return SAY(E0125, "a value gets its name by `let %s = ...`%s", name,
             kind == TOK_ASSIGN ? ", and keeps it" : "; it never changes");
}

/* Statements of other languages. */
static bool trap_foreign_statement(const Fault *f) {
  static const char *const rows[][2] = {
      {"for", "there are no loops; `[f(i) for i < N]` gives a value for each i"},
      {"while", "there are no loops; a function may call itself where the condition is known"},
      {"return", "there is no `return`; the last line of a block is its value"},
      {"elif", "there is no `elif`; write `else if ... then ... else ...`"}};
  const char *word = f->first->text;
  bool second = f->tok == f->first || f->prev == f->first;
  if (!word || !second || f->opener || f->first->kind == TOK_STRING) return false;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strcmp(rows[i][0], word) != 0) continue;
    diag_add(f->p->diags, E0147, parser_where(f->p, f->first->span), "%s", rows[i][1]);
    return true;
  }
  return false;
}

static bool trap_let_function(const Fault *f) {
  bool function = f->first->kind == TOK_LET && f->prev->kind == TOK_NAME && !f->opener &&
                  f->tok->kind == TOK_LPAREN && fault_expects(f, ":");
  if (!function) return false;
  return SAY(E0101, "a function is declared by `fn %s(...) = ...`", f->prev->text);
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
  if (!w || !fault_expects(f, "a name") || fault_expects(f, "a number")) return false;
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
  bool clause = fault_expects(f, "<") && fault_expects(f, "in") && f->n == 2;
  if (!clause) return false;
  return SAY(E0101, "a clause is `i < N`, for i from 0 to N - 1, or `g in values`");
}

/* As in Python: `a if c else b`, and `f(x for x in xs)`. */
static bool trap_behind_operand(const Fault *f) {
  int kind = f->tok->kind;
  bool behind = f->tok != f->first && token_ends_operand(f->prev->kind);
  if (!behind || !on_one_line(f, f->prev, f->tok)) return false;
  if (kind == TOK_IF) return SAY(E0101, "a choice is `if condition then a else b`");
  if (kind != TOK_FOR) return false;
  if (f->opener && f->opener->kind == TOK_LBRACKET)
    return SAY(E0101, "clauses have one `for` and commas: `[f(i, j) for i < N, j < M]`");
  return SAY(E0101, "a comprehension stands in brackets: `[f(x) for x in xs]`");
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
  bool shape = f->tok->kind == TOK_LBRACKET && f->prev->kind == TOK_NAME && fault_expects(f, ":");
  if (!shape) return false;
  return SAY(E0101, "a shape stands behind a colon: `%s : [...]`", f->prev->text);
}

/* The end of the line above did not end the statement, for it ended with a comma. */
static bool trap_comma_above(const Fault *f) {
  if (f->opener || f->prev == f->tok || f->p->look < 2) return false;
  const Token *comma = f->p->tokens.at[f->p->look - 2];
  if (comma->kind != TOK_COMMA || on_one_line(f, comma, f->prev)) return false;
  Diag *d = diag_add(f->p->diags, E0101, fault_where(f), "unexpected %s", fault_found(f));
  diag_note(f->p->diags, d, parser_where(f->p, comma->span),
            "the statement goes on behind this `,`");
  return true;
}

/* `every`, `during` and `as` are keywords only before a name. */
static bool trap_dangling_word(const Fault *f) {
  const Word *w = f->tok->kind == TOK_NAME ? word_find(f->tok->text, strlen(f->tok->text)) : NULL;
  if (!w || w->place != NOWHERE || !token_ends_operand(f->prev->kind)) return false;
  return SAY(E0101, "behind `%s` a name is missing", w->text);
}

static bool trap_no_operator(const Fault *f) {
  int kind = f->tok->kind;
  bool operand = kind == TOK_NAME || kind == TOK_NUMBER || kind == TOK_STRING ||
                 kind == TOK_LBRACE || kind == TOK_TRUE || kind == TOK_FALSE;
  if (!operand || !token_ends_operand(f->prev->kind) || !fault_expects(f, "*")) return false;
  const char *or_comma = fault_expects(f, ",") ? ", or a `,`," : "";
  return SAY(E0101, "unexpected %s; an operator%s is missing before it", fault_found(f), or_comma);
}

static bool (*const traps[])(const Fault *f) = {trap_brace_below,     trap_unfinished,
                                                trap_plus_minus,      trap_derivative,
                                                trap_slice_step,      trap_empty_parens,
                                                trap_quote,           trap_behind_derivative,
                                                trap_if_statement,    trap_inner_if,
                                                trap_if_without_else, trap_foreign_statement,
                                                trap_misplaced,       trap_misplaced_when,
                                                trap_unclear_assign,  trap_misspelt,
                                                trap_line_begins,     trap_let_function,
                                                trap_reserved_name,   trap_behind_operand,
                                                trap_two_statements,  trap_assign_in_condition,
                                                trap_behind_number,   trap_clause,
                                                trap_shape,           trap_comma_above,
                                                trap_dangling_word,   trap_no_operator};

bool trap_tell(const Fault *f) {
  for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++) {
    if (traps[i](f)) return true;
  }
  return false;
}
