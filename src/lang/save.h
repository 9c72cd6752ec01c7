/* save.h: what `save` puts into files of its own. */
#ifndef DYN_LANG_SAVE_H
#define DYN_LANG_SAVE_H

#include "lang/eval.h"

/* The members of an .npz archive: an array (called arr_0, as np.savez does), the arrays of a record
   ("a.b" is b of a), or the weights of a network. */
typedef VEC(Field) SaveMembers;

bool save_is_npz(const char *name);
bool save_members(Ev *ev, Value *v, SaveMembers *m); /* false: something is no array */

#endif
