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
  Value **rest;                 /* what a variadic `...name` took */
  const char *const *rest_name; /* NULL for each positional one */
  const Where *rest_at;
  int nrest;
  Where at;
  Value
      *self; /* the function that was called, where it holds values of its own (grad(f)); or NULL */
} Call;

typedef Value *BuiltinFn(Ev *ev, Call *c);

enum {
  BUILTIN_VERB = 1, /* long work: rehearsed; its result goes to the results file */
  BUILTIN_FIGURE = 2,
  BUILTIN_TRACED = 4, /* works on traced values too */
  BUILTIN_METHOD =
      8, /* usable without a call: rk4 or rk4() or rkf45(rtol = 1e-6) gives a V_METHOD */
  BUILTIN_DIST = 16,
  BUILTIN_EFFECT = 32 /* does something besides giving a value: print, save */
};

struct Builtin {
  const char *name;
  /* "linspace(from, to, n = 50)"; "concat(...arrays, axis = 0)": any number, by position;
     "with(net, ...changes = values)": any number, also under names that the signature does not
     have. The defaults are documentation: the function sees NULL. */
  const char *signature;
  const char *doc; /* what it does, shapes, units, errors, source */
  unsigned flags;
  BuiltinFn *fn;
};

/* A parameter of a signature. */
typedef struct BuiltinParam {
  const char *name; /* not terminated */
  int len;
  bool optional;
  bool rest;  /* takes all remaining positional arguments */
  bool named; /* ... and arguments of any name */
} BuiltinParam;

/* Reads the next parameter at *cursor, which starts as the signature and moves on. False at the
 * end. */
bool builtin_next_param(const char **cursor, BuiltinParam *p);
/* The name of parameter i, for messages. */
const char *builtin_param_name(Ev *ev, const Builtin *b, int i);

const Builtin *builtin_find(const char *name);
const Builtin *builtin_at(int i); /* all of them, NULL past the last */
void builtins_install(Ev *ev, Scope *s);
/* Verbs live above: the verb folder registers its table here before any evaluator is made. */
void builtins_register(const Builtin *table, int n);

/* Matches arguments with a signature; reports unknown, doubled and missing ones with the signature.
   False also, in silence, when an argument is an error already. */
bool builtin_match(Ev *ev, const Builtin *b, Value *const *args, const char *const *names,
                   const Where *at, int n, Where call_at, Call *out);

#endif
