/* flatten.h: a model and what it imports as one file with the same results: names of imported files
   become plain names that say where they come from, and what is not used is left out. */
#ifndef DYN_LANG_FLATTEN_H
#define DYN_LANG_FLATTEN_H

#include "lang/eval.h"

/* Of an evaluator that has rehearsed its file. NULL: reported. Comments are kept; the layout is
   left to fmt_source. */
const char *flatten(Ev *ev);

#endif
