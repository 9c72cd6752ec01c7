/* unit.h: declarations that wait for more than their arguments. A neuron waits for its population,
   a connectivity for the sizes `post` and `pre`. Calling one gives a function value with the
   arguments given so far in its fields; calling that again replaces some. */
#ifndef DYN_LANG_UNIT_H
#define DYN_LANG_UNIT_H

#include "lang/eval.h"

/* The call of a neuron, or of one that has arguments already. */
Value *neuron_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                   Where at);

/* The call of a connectivity. In the weights of a connection, and where `post` and `pre` are given
   by name, it is what the declaration says for these sizes: there a distribution, here a matrix. */
Value *connectivity_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                         Where at);
/* The body of a connectivity for these sizes (-1: not known yet): a matrix or a distribution. */
Value *connectivity_value(Ev *ev, Value *decl, int64_t post, int64_t pre, Where at);

/* What is right of `~` in the declaration of a matrix of this shape; other values as they are. */
Value *connectivity_sized(Ev *ev, Value *v, Shape s, Where at);

/* A size as a value. */
Value *size_value(Ev *ev, int64_t n);

#endif
