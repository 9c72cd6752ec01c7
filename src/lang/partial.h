/* partial.h: a run that does a part of its work only. What is not computed is unknown; the rest of
   its statement is rehearsed, and statements that depend on it are left out. */
#ifndef DYN_LANG_PARTIAL_H
#define DYN_LANG_PARTIAL_H

#include "lang/eval.h"

/* From now on, the statement being performed is rehearsed. */
void partial_leave(Ev *ev);
/* Before a statement of the file: false: it depends on something unknown, and so do its names from
   now on. */
bool partial_knows(Ev *ev, const Ast *s);

#endif
