/* parse.c: the stages in a row: text, tokens, matched brackets, filtered tokens, tree. */
#include "syntax/parse.h"

#include <string.h>

#include "dyn.tab.h"
#include "syntax/bracket.h"
#include "syntax/doc.h"
#include "syntax/filter.h"
#include "syntax/scan.h"

/* Refuses what is no text of a reasonable size. */
static bool is_text(const Source *src, DiagList *d) {
  if (src->len > SOURCE_MAX) {
    diag_add(d, E0138, (Where){0}, "`%s` is larger than %d MiB, the limit for a model's text",
             src->name, SOURCE_MAX >> 20);
    return false;
  }
  const char *nul = memchr(src->text, '\0', src->len);
  if (!nul) return true;
  uint32_t at = (uint32_t)(nul - src->text);
  diag_add(d, E0137, (Where){src, {at, at + 1}}, "a NUL byte: this is no text file");
  return false;
}

Parser *parser_make(Arena *a, const Source *src, DiagList *d, int start) {
  if (!is_text(src, d)) return NULL;
  Parser *p = ARENA_NEW(a, Parser);
  *p = (Parser){.arena = a, .src = src, .diags = d, .start = start};
  scan_source(p);
  if (!bracket_match(p)) return NULL;
  filter_tokens(p);
  return p;
}

Ast *parser_run(Parser *p) {
  dyn_parse(p);
  return p->result;
}

Ast *parse_source(Arena *a, const Source *src, DiagList *d) {
  Parser *p = parser_make(a, src, d, TOK_START_FILE);
  Ast *x = p ? parser_run(p) : NULL;
  if (x) doc_attach(p, x);
  return x;
}

Ast *parse_expression(Arena *a, const Source *src, DiagList *d) {
  int before = d->errors;
  Parser *p = parser_make(a, src, d, TOK_START_EXPRESSION);
  Ast *x = p ? parser_run(p) : NULL;
  return d->errors == before ? x : NULL;
}
