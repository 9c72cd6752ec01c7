/* parse.h: from text to tree. Errors go to the diagnostics and parsing goes on, so that one run
   finds many; the tree is NULL only when nothing could be made of the text. */
#ifndef DYN_SYNTAX_PARSE_H
#define DYN_SYNTAX_PARSE_H

#include "base/diag.h"
#include "syntax/ast.h"

Ast *parse_source(Arena *a, const Source *src, DiagList *d);

/* One expression, as given by `-p NAME=EXPR` on the command line. */
Ast *parse_expression(Arena *a, const Source *src, DiagList *d);

/* The text of `src` in the standard layout, comments kept; NULL if it has errors. Formatting what
   was formatted changes nothing. */
const char *fmt_source(Arena *a, const Source *src, DiagList *d);

/* An expression or statement as one line of source text (for messages, show, and tests). */
const char *ast_print(Arena *a, const Ast *x);
/* The tree as indented s-expressions, for tests. */
const char *ast_dump(Arena *a, const Ast *x);

/* Reserved words, for messages: a NULL-terminated list. */
extern const char *const reserved_words[];

#endif
