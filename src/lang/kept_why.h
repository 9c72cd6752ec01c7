/* kept_why.h: why a result was taken from the cache, or was not. */
#ifndef DYN_LANG_KEPT_WHY_H
#define DYN_LANG_KEPT_WHY_H

#include "lang/kept.h"

/* The value of a call about which is asked: v if it was kept; else it is computed if that is quick,
   or left unknown. The answer goes to Kept.answers. `known`: k is a key. */
Value *kept_why(Ev *ev, Call *c, const KeptKey *k, bool known, Value *v);

#endif
