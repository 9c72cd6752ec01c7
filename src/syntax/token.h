/* token.h: tokens, and what the stages of the parser share. The scanner makes all tokens of a text
   at once, comments and line ends too; `bracket` sees to it that brackets match; `filter` decides
   which line ends and which words count; the grammar sees what is left. */
#ifndef DYN_SYNTAX_TOKEN_H
#define DYN_SYNTAX_TOKEN_H

#include "base/diag.h"
#include "base/vec.h"
#include "syntax/ast.h"

typedef struct Token {
  int kind; /* TOK_... of the grammar */
  Span span;
  bool bad;         /* an error was reported about it: no second one */
  const char *text; /* NAME, words: itself; NUMBER: its digits; STRING: escapes resolved */
  const char *unit; /* NUMBER: its unit, without brackets, or NULL */
  double num;       /* NUMBER: its value in SI */
  size_t len;       /* STRING: bytes of text */
} Token;

typedef VEC(Token) Tokens;
typedef VEC(Token *) TokenList;

typedef struct Parser {
  Arena *arena;
  const Source *src;
  DiagList *diags;
  Tokens raw;       /* everything in the text; does not move after scanning */
  TokenList tokens; /* for the grammar: of raw, and tokens made to close what was left open */
  int start;        /* the token that says what is parsed; 0 once the grammar has it */
  size_t pos;       /* the next of tokens */
  size_t look;      /* the one that the grammar has in hand */
  size_t sync;      /* where it went on after the last error */
  int faults;       /* how many errors of the grammar there were */
  uint32_t at;      /* the scanner's place in the text */
  bool too_high;    /* the height of a tree was complained about */
  Ast *result;
} Parser;

typedef enum WordKind { RESERVED, BODY } WordKind;
typedef enum WordPlace { NOWHERE, TOP, BLOCK, BODIES, EVERYWHERE } WordPlace;

typedef struct Word {
  int token;
  const char *text;
  WordKind kind;
  WordPlace place;
} Word;

/* The row of word.def for a text or a token; NULL if there is none. */
const Word *word_find(const char *text, size_t n);
const Word *word_of_token(int kind);
/* Of the words that may begin a statement there, the one nearest to `text`; or NULL. */
const char *word_nearest(const char *text, bool in_body);

bool token_ends_operand(int kind);  /* may an operand end with it? then a minus behind is binary */
bool token_is_word(const Token *t); /* a name, or a word of word.def */
bool token_opens(int kind);         /* ( [ { */
bool token_closes(int kind);        /* ) ] } */

Where parser_where(const Parser *p, Span at);
bool parser_is_newline(const Parser *p, const Token *t); /* an end of a line, not a semicolon */
/* All stages before the grammar; NULL when nothing can be made of the text. `start` is the token
   that says what is parsed. Then the grammar, which may be run once. */
Parser *parser_make(Arena *a, const Source *src, DiagList *d, int start);
Ast *parser_run(Parser *p);

#endif
