/* library.h: the examples, and the templates of new models. */
#ifndef DYN_CLI_LIBRARY_H
#define DYN_CLI_LIBRARY_H

#include "cli/options.h"

/* `dynrun new MODEL.dyn [--template NAME]`; without a file, the list of templates. */
int library_new(const Options *o, Dyn *d);
/* `dynrun examples`, `... NAME`, `... run NAME`, `... copy NAME [DIR]`. */
int library_examples(const Options *o, Dyn *d);

#endif
