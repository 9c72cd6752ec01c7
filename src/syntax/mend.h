/* mend.h: what to say when the grammar cannot go on, and where it goes on then. */
#ifndef DYN_SYNTAX_MEND_H
#define DYN_SYNTAX_MEND_H

#include "syntax/token.h"

/* Reports that the token in hand does not fit; `found` is its symbol's name and `expected` are
   those of the n symbols that would fit. Then skips as below. */
void mend_report(Parser *p, const char *found, const char *const *expected, size_t n);
void mend_report_depth(Parser *p, Span at);

/* Moves on from the token in hand to the end of its statement or of the brackets around it. */
void mend_skip(Parser *p);

#endif
