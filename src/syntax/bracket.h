/* bracket.h: the stage between scanner and filter that makes brackets match. */
#ifndef DYN_SYNTAX_BRACKET_H
#define DYN_SYNTAX_BRACKET_H

#include "syntax/token.h"

/* No text that a person wrote nests as deep; the parser's stack is sized for it. */
enum { BRACKET_MAX_DEPTH = 400 };

/* Puts p->raw into p->tokens with every bracket closed: what does not match is reported, and an
   error token and the missing brackets stand there instead. False when the nesting is too deep to
   go on. */
bool bracket_match(Parser *p);

#endif
