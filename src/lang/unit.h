/* unit.h: declarations that wait for more than their arguments. A neuron waits for its population, a
   connectivity for the sizes `post` and `pre`. Calling one gives a function value with the arguments
   given so far in its fields; calling that again replaces some. */
#ifndef DYN_LANG_UNIT_H
#define DYN_LANG_UNIT_H

#include "lang/eval.h"

/* The call of a neuron, or of one that has arguments already. */
Value *neuron_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                   Where at);
/* The call of a connectivity: where `post` and `pre` are given by name, the matrix. */
Value *connectivity_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                         Where at);
/* The matrix [post, pre]; `path` is the key of its draws. */
Value *connectivity_matrix(Ev *ev, Value *decl, int64_t post, int64_t pre, const char *path,
                           Where at);

#endif
