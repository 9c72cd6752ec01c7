/* mathml.h: trees as MathML Core, so that a browser sets equations as a paper would. */
#ifndef DYN_REPORT_MATHML_H
#define DYN_REPORT_MATHML_H

#include "base/text.h"
#include "syntax/ast.h"

/* Parts of a formula, without the <math> around. */
void mathml_expr(Text *out, const Ast *x);
void mathml_name(Text *out, const char *name); /* "tau_m", "E.x": Greek letters and subscripts */
/* The equation, definition or assignment that a statement of a body stands for. False: it is none
   that is set as a formula. */
bool mathml_statement(Text *out, const Ast *s);

#endif
