/* builtin.h: functions written in C. A row of builtin.def (functions) or verb.def (verbs) gives the
   signature, from which arguments are matched, checked and documented; elementwise ops are builtins
   by their row in elementwise.def alone. */
#ifndef DYN_LANG_BUILTIN_H
#define DYN_LANG_BUILTIN_H

#include "lang/eval.h"

enum { BUILTIN_MAX_ARGS = 24 };

/* A call with its arguments in the order of the signature: arg[i] is NULL when it was not given. */
typedef struct Call {
  const Builtin *fn;
  Value *arg[BUILTIN_MAX_ARGS];
  Where arg_at[BUILTIN_MAX_ARGS];
  Value **rest; /* what a variadic `...name` took */
  int nrest;
  Where at;
} Call;

typedef Value *BuiltinFn(Ev *ev, Call *c);

enum {
  BUILTIN_VERB = 1,   /* long work: rehearsed; its result goes to the results file */
  BUILTIN_FIGURE = 2,
  BUILTIN_SCALAR_TRACE = 4, /* works on traced values too */
  BUILTIN_METHOD = 8, /* usable without a call: rk4 or rk4() or rkf45(rtol = 1e-6) gives a V_METHOD */
  BUILTIN_DIST = 16
};

struct Builtin {
  const char *name;
  const char *signature; /* "linspace(from, to, n = 50)"; "concat(...arrays, axis = 0)"; the defaults are
                            documentation: the function sees NULL */
  const char *doc;       /* what it does, shapes, units, errors, source */
  unsigned flags;
  BuiltinFn *fn;
};

const Builtin *builtin_find(const char *name);
const Builtin *builtin_at(int i); /* all of them, NULL past the last */
void builtins_install(Ev *ev, Scope *s);
/* Verbs live above: the verb folder registers its table here before any evaluator is made. */
void builtins_register(const Builtin *table, int n);

/* Matches arguments with a signature; reports unknown, doubled and missing ones with the signature. */
bool builtin_match(Ev *ev, const Builtin *b, Value *const *args, const char *const *names,
                   const Where *at, int n, Where call_at, Call *out);

#endif
