/* verb.h: the verbs: functions that run networks. One row of verb.def for each gives its signature
   and its documentation; the function behind row NAME is verb_NAME. */
#ifndef DYN_VERB_VERB_H
#define DYN_VERB_VERB_H

#include "lang/builtin.h"

#define VERB(name, signature, doc) BuiltinFn verb_##name;
#include "verb/verb.def"
#undef VERB

/* jacobian(net, at, input): what the builtin `jacobian` calls (Ev.network_jacobian). */
Value *verb_network_jacobian(Ev *ev, Call *c);

/* Makes the verbs known; to be called before any evaluator is made. */
void verbs_register(void);

#endif
