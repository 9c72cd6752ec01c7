/* token.c: the table of words, and questions about tokens. */
#include "syntax/token.h"

#include <string.h>

#include "dyn.tab.h"

static const Word words[] = {
#define WORD(token, text, kind, place) {TOK_##token, text, kind, place},
#include "syntax/word.def"
#undef WORD
};

enum { WORDS = sizeof words / sizeof words[0] };

/* RESERVED rows stand first in the table, so that the list is closed by the row of NULLs. */
#define LIST_RESERVED(text) text,
#define LIST_BODY(text)
#define WORD(token, text, kind, place) LIST_##kind(text)
const char *const reserved_words[] = {
#include "syntax/word.def"
    NULL};
#undef WORD

const Word *word_find(const char *text, size_t n) {
  for (size_t i = 0; i < WORDS; i++) {
    const char *w = words[i].text;
    if (w[0] == text[0] && strncmp(w, text, n) == 0 && w[n] == '\0') return &words[i];
  }
  return NULL;
}

const Word *word_of_token(int kind) {
  for (size_t i = 0; i < WORDS; i++) {
    if (words[i].token == kind) return &words[i];
  }
  return NULL;
}

/* What people write who come from elsewhere. */
static const char *const foreign_words[][2] = {
    {"def", "fn"},         {"function", "fn"},   {"func", "fn"},         {"var", "let"},
    {"const", "let"},      {"set", "let"},       {"parameter", "param"}, {"model", "network"},
    {"system", "network"}, {"assert", "expect"}, {"include", "import"},  {"on", "when"}};

const char *word_nearest(const char *text, bool in_body) {
  const char *names[WORDS];
  size_t n = 0;
  for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
    if (strcmp(foreign_words[i][0], text) == 0) return foreign_words[i][1];
  }
  for (size_t i = 0; i < WORDS; i++) {
    WordPlace place = words[i].place;
    bool fits = in_body ? place == BODIES : place == TOP || place == BLOCK;
    if (fits || place == EVERYWHERE) names[n++] = words[i].text;
  }
  return nearest_name(text, names, n);
}

bool token_ends_operand(int kind) {
  switch (kind) {
    case TOK_NAME:
    case TOK_NUMBER:
    case TOK_STRING:
    case TOK_TRUE:
    case TOK_FALSE:
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE:
    case TOK_QUOTE: return true;
    default: return false;
  }
}

bool token_is_word(const Token *t) {
  return t->kind == TOK_NAME || word_of_token(t->kind);
}

bool token_opens(int kind) {
  return kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE;
}

bool token_closes(int kind) {
  return kind == TOK_RPAREN || kind == TOK_RBRACKET || kind == TOK_RBRACE;
}

Where parser_where(const Parser *p, Span at) {
  return (Where){p->src, at};
}

/* What stands for a missing separator has no length. */
bool parser_is_newline(const Parser *p, const Token *t) {
  bool written = t->kind == TOK_SEP && t->span.end > t->span.start;
  return written && p->src->text[t->span.start] == '\n';
}
