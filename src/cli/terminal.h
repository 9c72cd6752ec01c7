/* terminal.h: what dynrun shows while it runs: the model's own prints on standard output, errors
   and a line of progress on standard error. */
#ifndef DYN_CLI_TERMINAL_H
#define DYN_CLI_TERMINAL_H

#include "cli/options.h"

/* Callbacks that write to the terminal, interrupted by Ctrl-C and SIGTERM. */
DynCallbacks terminal_callbacks(const Options *o);
/* Has Ctrl-C or SIGTERM come since? */
bool terminal_interrupted(void);
/* Takes the line of progress away. */
void terminal_end(void);

/* The claims and where the results are; with `quiet` only claims that failed, on standard error. */
void terminal_summary(const Dyn *d, const Options *o, const char *folder);
/* The parameters as a table, or their names alone. */
void terminal_params(const Dyn *d, bool names_only);

#endif
