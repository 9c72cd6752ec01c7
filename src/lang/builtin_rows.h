/* builtin_rows.h: the functions behind the rows of builtin.def: bi_<name>. A row without its
   function is a link error. */
#ifndef DYN_LANG_BUILTIN_ROWS_H
#define DYN_LANG_BUILTIN_ROWS_H

#include "lang/builtin.h"

#define BUILTIN(name, signature, flags, doc) BuiltinFn bi_##name;
#include "lang/builtin.def"
#undef BUILTIN

BuiltinFn builtin_elementwise; /* every row of elementwise.def that is documented */
BuiltinFn dist_make;           /* every row of dist.def */
BuiltinFn method_make;         /* every row of method.def */

#endif
