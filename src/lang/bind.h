/* bind.h: the arguments of declarations (networks, neurons, connectivities, tasks). Matching takes
   them to their parameters; filling evaluates the defaults of what was not given, from left to
   right, in the scope of the body. */
#ifndef DYN_LANG_BIND_H
#define DYN_LANG_BIND_H

#include "lang/eval.h"

/* Arguments as a call gives them: names[i] NULL is a positional one. */
typedef struct Args {
  Value *const *value;
  const char *const *name; /* NULL: all positional */
  int n;
  Where at;           /* of the call */
  const Where *place; /* of each argument; NULL: not known */
} Args;

/* The declaration's parameters with their values; NULL: not given. */
typedef struct Bound {
  const Ast *decl;
  int n;
  Field *arg;
  const Ast **dflt; /* NULL: has none */
} Bound;

/* Takes `prior` (may be NULL), then the arguments, to the parameters of `decl`. `extra` is a
   parameter that every declaration of this kind has, last (NULL: none). False: reported. */
bool bind_match(Ev *ev, const Ast *decl, const char *extra, const Field *prior, int nprior,
                const Args *args, Bound *out);

/* Sets all parameters in `sc`, evaluating defaults there. False: reported. */
bool bind_fill(Ev *ev, Bound *b, Scope *sc, Where at);

/* "lif(tau = 10 ms, V_th)" */
const char *bind_signature(Ev *ev, const Ast *decl);

/* The parameters' names, with their number. */
int bind_count(const Ast *decl);

#endif
