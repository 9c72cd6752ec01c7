/* scan.h: what the scanner's rules do. Each function takes the text that a rule matched, adds the
   token that it stands for and moves on behind it; those that return a size may use less than was
   matched. Errors are reported where they are found, and a token is added that lets the parser go
   on as if the mend had been made. */
#ifndef DYN_SYNTAX_SCAN_H
#define DYN_SYNTAX_SCAN_H

#include "syntax/token.h"

/* Cuts the parser's source into p->raw, closed by an end token. */
void scan_source(Parser *p);

/* The actions of dyn.l. */
void scan_skip(Parser *p, size_t n);
void scan_add(Parser *p, int kind, size_t n);
void scan_word(Parser *p, const char *text, size_t n);
void scan_number(Parser *p, const char *text, size_t n);
size_t scan_quantity(Parser *p, const char *text, size_t n);       /* 10 ms */
void scan_compound(Parser *p, const char *text, size_t n);         /* 36 [mS/cm^2] */
void scan_glued(Parser *p, const char *text, size_t n);            /* 10ms, 2x */
void scan_lone_point(Parser *p, const char *text, size_t n);       /* 1. and .5 */
void scan_derivative(Parser *p, const char *text, size_t n);       /* dx/dt */
size_t scan_name_before_slash(Parser *p, const char *text);        /* dx/dtau is a division */
size_t scan_foreign(Parser *p, const char *text, size_t n);        /* what is not ASCII */
void scan_foreign_operator(Parser *p, const char *text, size_t n); /* ** && || ! */
void scan_string(Parser *p, const char *text, size_t n);
void scan_open_string(Parser *p, size_t n);
void scan_stray(Parser *p, unsigned char c);

#endif
