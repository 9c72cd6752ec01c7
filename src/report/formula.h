/* formula.h: trees as formulas: MathML Core for a browser, LaTeX for a paper, Unicode for a
   terminal. There is one walker; what it writes around the parts is a row of notation.def. */
#ifndef DYN_REPORT_FORMULA_H
#define DYN_REPORT_FORMULA_H

#include "base/text.h"
#include "syntax/ast.h"

typedef enum Notation { NOTATION_MATHML, NOTATION_LATEX, NOTATION_TEXT, NOTATIONS } Notation;

/* A formula on its way. `Formula f = {.text = {.arena = a}, .as = NOTATION_TEXT};` */
typedef struct Formula {
  Text text;
  Notation as;
} Formula;

typedef enum Sign {
#define SIGN(name, mathml, latex, text) SIGN_##name,
#include "report/notation.def"
#undef SIGN
} Sign;

/* Parts of a formula, without the <math> or $ around. */
void formula_sign(Formula *f, Sign sign);
void formula_expr(Formula *f, const Ast *x);
void formula_name(Formula *f, const char *name); /* "tau_m", "E.x" */
void formula_word(Formula *f, const char *word); /* a name in one piece */
/* `name` as a part of `of`, or by itself when that is NULL. */
void formula_member(Formula *f, const char *name, const char *of);
bool formula_is_word(const char *name); /* begins with several letters: "rate_of", but not "V_th" */
void formula_path(Formula *f, const Ast *path); /* of AST_PATH */
/* The equation, definition or assignment that a statement of a body stands for. False: it is none
   that is set as a formula. */
bool formula_statement(Formula *f, const Ast *s);

/* Plain text made harmless: for LaTeX's text mode, and for the text of MathML. */
const char *formula_escape(Arena *a, Notation as, const char *text);
/* A number of so many digits, and a unit such as "mS/cm^2", as the notation has them in text;
   LaTeX's stand in math mode. */
const char *formula_number(Arena *a, Notation as, double x, int digits);
const char *formula_unit(Arena *a, Notation as, const char *unit);

#endif
