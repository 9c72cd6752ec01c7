/* lazy.h: values that are computed when they are first read. The names of a network's body are such
   values, for its statements may stand in any order: E.I is the sum of all that the body connects
   and adds to it. A value that needs itself is an algebraic loop, which is reported with its path.
 */
#ifndef DYN_LANG_LAZY_H
#define DYN_LANG_LAZY_H

#include "lang/eval.h"

typedef Value *LazyFn(Ev *ev, void *ctx);

/* `name` is what messages call it ("E.r"); `at` its declaration. */
Value *value_lazy(Ev *ev, const char *name, Where at, LazyFn *fn, void *ctx);

/* What a lazy value stands for, computed now if need be; any other value is returned as it is. To
   be applied to whatever comes out of a scope or a record. `at`: where it is read. */
Value *value_force(Ev *ev, Value *v, Where at);

#endif
