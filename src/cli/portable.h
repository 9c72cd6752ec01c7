/* portable.h: a process whose numbers are the same on every x86-64-v3 machine. */
#ifndef DYN_CLI_PORTABLE_H
#define DYN_CLI_PORTABLE_H

#include "cli/options.h"

/* Makes this process one, or starts it anew, from the beginning of its command line. False: it
   cannot be one, which was said. */
bool portable_enter(const Options *o);

#endif
