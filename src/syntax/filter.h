/* filter.h: the stage between brackets and grammar, which does what one token of lookahead cannot.
 */
#ifndef DYN_SYNTAX_FILTER_H
#define DYN_SYNTAX_FILTER_H

#include "syntax/token.h"

/* In p->tokens: drops comments and the line ends that end nothing, makes the words of bodies
   keywords where they are meant so, and makes reserved words names before `=` in parentheses and
   after a dot. Words are changed in place, so p->raw shows it too. */
void filter_tokens(Parser *p);

#endif
