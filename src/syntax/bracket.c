/* bracket.c: see bracket.h. An open bracket is noticed at a closing one of another kind, at the end
   of the file, or where a line begins with a word that can only begin a statement: `let` in the
   middle of parentheses, `network` at the left margin inside braces. */
#include "syntax/bracket.h"

#include <string.h>

#include "dyn.tab.h"

typedef struct Matcher {
  Parser *p;
  Token *open[BRACKET_MAX_DEPTH];
  size_t depth;
} Matcher;

static int closer_of(int opener) {
  return opener == TOK_LPAREN ? TOK_RPAREN : opener == TOK_LBRACKET ? TOK_RBRACKET : TOK_RBRACE;
}

static const char *bracket_text(int kind) {
  switch (kind) {
    case TOK_LPAREN: return "(";
    case TOK_RPAREN: return ")";
    case TOK_LBRACKET: return "[";
    case TOK_RBRACKET: return "]";
    case TOK_LBRACE: return "{";
    default: return "}";
  }
}

static void emit(Matcher *m, Token *t) {
  *vec_push(m->p->arena, &m->p->tokens) = t;
}

static void emit_made(Matcher *m, int kind, uint32_t at) {
  Token *t = ARENA_NEW(m->p->arena, Token);
  *t = (Token){.kind = kind, .span = {at, at}, .bad = true};
  emit(m, t);
}

/* Says that the innermost bracket is open, unless it is known why. */
static void report_open(Matcher *m, Token *opener, const Token *before) {
  if (opener->bad) return;
  opener->bad = true;
  const char *text = bracket_text(opener->kind);
  Diag *d = diag_add(m->p->diags, E0118, parser_where(m->p, opener->span),
                     "this `%s` is never closed", text);
  if (before->kind != TOK_DYNEOF) {
    diag_note(m->p->diags, d, parser_where(m->p, before->span), "expected `%s` before this",
              bracket_text(closer_of(opener->kind)));
  }
}

/* Reports the innermost open bracket and closes brackets until `depth` are left. */
static void close_down_to(Matcher *m, size_t depth, const Token *before) {
  report_open(m, m->open[m->depth - 1], before);
  emit_made(m, TOK_DYN_error, before->span.start);
  while (m->depth > depth) {
    emit_made(m, closer_of(m->open[--m->depth]->kind), before->span.start);
  }
}

static bool open_bracket(Matcher *m, Token *t) {
  if (m->depth == BRACKET_MAX_DEPTH) {
    diag_add(m->p->diags, E0135, parser_where(m->p, t->span),
             "more than %d brackets inside each other", BRACKET_MAX_DEPTH);
    return false;
  }
  m->open[m->depth++] = t;
  emit(m, t);
  return true;
}

/* A closing bracket without a partner: of the wrong kind for what is open, or one too many. */
static void refuse_closer(Matcher *m, const Token *t) {
  const Token *opener = m->depth ? m->open[m->depth - 1] : NULL;
  bool wrong_kind = opener && opener->kind != TOK_LBRACE;
  Diag *d = diag_add(m->p->diags, E0119, parser_where(m->p, t->span), "this `%s` closes nothing",
                     bracket_text(t->kind));
  emit_made(m, TOK_DYN_error, t->span.start);
  if (!wrong_kind) return;
  int closer = closer_of(opener->kind);
  diag_note(m->p->diags, d, parser_where(m->p, opener->span), "`%s` is closed by `%s`",
            bracket_text(opener->kind), bracket_text(closer));
  emit_made(m, closer, t->span.start);
  m->depth--;
}

static void close_bracket(Matcher *m, Token *t) {
  size_t depth = m->depth;
  while (depth > 0 && closer_of(m->open[depth - 1]->kind) != t->kind) depth--;
  if (depth == 0) {
    refuse_closer(m, t);
    return;
  }
  if (depth < m->depth) close_down_to(m, depth, t);
  m->depth--;
  emit(m, t);
}

static bool is_assign(const Token *t) {
  return t->kind == TOK_ASSIGN || t->kind == TOK_ADD_ASSIGN;
}

/* Does a statement begin here for sure, though brackets are open? Token i begins a line. */
static bool begins_statement(const Matcher *m, size_t i) {
  const Token *t = &m->p->raw.at[i], *next = t + 1;
  bool in_braces = m->open[m->depth - 1]->kind == TOK_LBRACE;
  bool at_margin = i == 0 || t[-1].span.end == t->span.start;
  const Word *w = t->text ? word_find(t->text, strlen(t->text)) : NULL;
  if (!w || t->kind == TOK_STRING || is_assign(next)) return false;
  if (in_braces) return at_margin && w->place == TOP;
  if (w->kind == BODY) return w->place != NOWHERE && next->kind == TOK_NAME;
  return w->place != NOWHERE && w->token != TOK_FN;
}

static void close_before_statement(Matcher *m, const Token *t) {
  size_t depth = m->depth;
  if (m->open[depth - 1]->kind == TOK_LBRACE) {
    depth = 0;
  } else {
    while (depth > 0 && m->open[depth - 1]->kind != TOK_LBRACE) depth--;
  }
  close_down_to(m, depth, t);
  emit_made(m, TOK_SEP, t->span.start);
}

/* A string without an end has swallowed what would close the brackets around it. */
static void excuse_brackets(Matcher *m, const Token *string) {
  Token *opener = m->depth ? m->open[m->depth - 1] : NULL;
  if (opener && string->bad && opener->kind != TOK_LBRACE) opener->bad = true;
}

bool bracket_match(Parser *p) {
  Matcher m = {.p = p};
  bool line_begins = true;
  for (size_t i = 0; i < p->raw.n; i++) {
    Token *t = &p->raw.at[i];
    if (m.depth && (t->kind == TOK_DYNEOF)) close_down_to(&m, 0, t);
    if (m.depth && line_begins && begins_statement(&m, i)) close_before_statement(&m, t);
    line_begins = parser_is_newline(p, t);
    if (t->kind == TOK_STRING) excuse_brackets(&m, t);
    switch (t->kind) {
      case TOK_LPAREN:
      case TOK_LBRACKET:
      case TOK_LBRACE:
        if (!open_bracket(&m, t)) return false;
        break;
      case TOK_RPAREN:
      case TOK_RBRACKET:
      case TOK_RBRACE: close_bracket(&m, t); break;
      default: emit(&m, t);
    }
  }
  return true;
}
