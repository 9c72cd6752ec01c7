/* filter.c: see filter.h. Three rules of the language, one function each: `ends_nothing` for line
   ends, `is_keyword` for the words of bodies, `is_plain` for reserved words. */
#include "syntax/filter.h"

#include <string.h>

#include "dyn.tab.h"
#include "syntax/bracket.h"

/* An open bracket, or the file itself. */
typedef struct Level {
  int opener; /* TOK_LPAREN, TOK_LBRACKET, TOK_LBRACE, 0 for the file */
  int first;  /* the kind of the first token of its statement at hand, 0 before that */
  bool body;  /* braces of a neuron, network, task, phase or event */
} Level;

typedef struct Filter {
  Parser *p;
  size_t i, n; /* of p->tokens: the next to read; how many are kept */
  int last;    /* kind of the last one kept, TOK_SEP at the start */
  Level levels[BRACKET_MAX_DEPTH + 1];
  size_t depth;
} Filter;

static Level *level(Filter *f) {
  return &f->levels[f->depth];
}

static bool in_parens(Filter *f) {
  return level(f)->opener == TOK_LPAREN || level(f)->opener == TOK_LBRACKET;
}

/* The first token from index j that is no comment and no line end. */
static size_t next_in_line(const Filter *f, size_t j) {
  while (f->p->tokens.at[j]->kind == TOK_COMMENT || parser_is_newline(f->p, f->p->tokens.at[j]))
    j++;
  return j;
}

static bool is_operator(int kind) {
  switch (kind) {
    case TOK_OR:
    case TOK_AND:
    case TOK_EQ:
    case TOK_NE:
    case TOK_LT:
    case TOK_LE:
    case TOK_GT:
    case TOK_GE:
    case TOK_RANGE:
    case TOK_PLUS:
    case TOK_MINUS:
    case TOK_STAR:
    case TOK_SLASH:
    case TOK_PERCENT:
    case TOK_AT:
    case TOK_CARET:
    case TOK_PLUSMINUS:
    case TOK_THEN:
    case TOK_ELSE: return true;
    default: return false;
  }
}

/* A line cannot be over behind one of these. */
static bool needs_more(int kind) {
  switch (kind) {
    case TOK_COMMA:
    case TOK_ASSIGN:
    case TOK_ADD_ASSIGN:
    case TOK_TILDE:
    case TOK_COLON:
    case TOK_ARROW:
    case TOK_DOT:
    case TOK_NOT:
    case TOK_IF:
    case TOK_IN:
    case TOK_FOR:
    case TOK_LBRACE:
    case TOK_SEP: return true;
    default: return is_operator(kind);
  }
}

/* Does a line end (or a semicolon) not end a statement? `next` is what comes behind it. */
static bool ends_nothing(Filter *f, const Token *t, const Token *next) {
  bool closes = next->kind == TOK_RBRACE || next->kind == TOK_DYNEOF;
  if (closes || f->last == TOK_SEP || f->last == TOK_LBRACE) return true;
  if (!parser_is_newline(f->p, t)) return false;
  return in_parens(f) || needs_more(f->last) || is_operator(next->kind);
}

static bool ends_statement(const Token *next) {
  return next->kind == TOK_SEP || next->kind == TOK_COMMENT || next->kind == TOK_RBRACE;
}

/* Is this word of bodies a keyword here? */
static bool is_keyword(Filter *f, const Word *w, const Token *next) {
  if (w->token != TOK_WHEN && w->token != TOK_STOP) return next->kind == TOK_NAME;
  bool begins = (f->last == TOK_SEP || f->last == TOK_LBRACE) && level(f)->body;
  bool event = f->depth > 0 && f->levels[f->depth - 1].first == TOK_WHEN;
  if (w->token == TOK_STOP) return begins && event && ends_statement(next);
  bool used = next->kind == TOK_ASSIGN || next->kind == TOK_ADD_ASSIGN || next->kind == TOK_DOT;
  return begins && !used;
}

/* Is this reserved word a name here? */
static bool is_plain(Filter *f) {
  if (f->last == TOK_DOT) return true;
  const Token *next = f->p->tokens.at[next_in_line(f, f->i)];
  return level(f)->opener == TOK_LPAREN && next->kind == TOK_ASSIGN;
}

/* Decides the kind of a name or word; f->i is the index behind it. */
static void settle_word(Filter *f, Token *t) {
  const Word *w = word_find(t->text, strlen(t->text));
  const Token *next = f->p->tokens.at[f->i];
  if (!w) {
    bool version = f->n == 0 && next->kind == TOK_NUMBER && strcmp(t->text, "dyn") == 0;
    if (version) t->kind = TOK_DYN;
  } else if (w->kind == RESERVED) {
    if (is_plain(f)) t->kind = TOK_NAME;
  } else if (f->last != TOK_DOT && is_keyword(f, w, next)) {
    t->kind = w->token;
  }
}

static void keep(Filter *f, Token *t) {
  if (!level(f)->first) level(f)->first = t->kind;
  if (t->kind == TOK_SEP) level(f)->first = 0;
  f->p->tokens.at[f->n++] = t;
  f->last = t->kind;
}

static bool opens_body(Filter *f) {
  switch (level(f)->first) {
    case TOK_NEURON:
    case TOK_NETWORK:
    case TOK_TASK:
    case TOK_PHASE:
    case TOK_WHEN: return !in_parens(f);
    default: return false;
  }
}

/* A header whose brace stands on the next line: reported, and read as if it stood where it belongs.
 */
static bool mends_brace_below(Filter *f, const Token *t, const Token *next) {
  bool header = opens_body(f) || (level(f)->first == TOK_ANALYSIS && !in_parens(f));
  if (!header || next->kind != TOK_LBRACE || !parser_is_newline(f->p, t)) return false;
  diag_add(f->p->diags, E0117, parser_where(f->p, next->span),
           "`{` stands on the line of its header: the end of that line ended the statement");
  return true;
}

static void filter_separator(Filter *f, Token *t) {
  if (!parser_is_newline(f->p, t) && in_parens(f) && !t->bad) {
    diag_add(f->p->diags, E0101, parser_where(f->p, t->span),
             "unexpected `;` inside brackets; here commas separate");
    t->kind = TOK_DYN_error;
    keep(f, t);
    return;
  }
  size_t j = next_in_line(f, f->i);
  if (parser_is_newline(f->p, t)) f->i = j;
  const Token *next = f->p->tokens.at[j];
  if (!ends_nothing(f, t, next) && !mends_brace_below(f, t, next)) keep(f, t);
}

static void filter_one(Filter *f, Token *t) {
  switch (t->kind) {
    case TOK_COMMENT: return;
    case TOK_SEP: filter_separator(f, t); return;
    case TOK_LPAREN:
    case TOK_LBRACKET:
    case TOK_LBRACE: {
      bool body = t->kind == TOK_LBRACE && opens_body(f);
      keep(f, t);
      f->levels[++f->depth] = (Level){t->kind, 0, body};
      return;
    }
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE:
      f->depth--;
      keep(f, t);
      return;
    default:
      if (token_is_word(t) && t->text) settle_word(f, t);
      keep(f, t);
  }
}

void filter_tokens(Parser *p) {
  Filter f = {.p = p, .last = TOK_SEP};
  size_t n = p->tokens.n;
  while (f.i < n) {
    Token *t = p->tokens.at[f.i++];
    filter_one(&f, t);
  }
  p->tokens.n = f.n;
}
