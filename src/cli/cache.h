/* cache.h: `dynrun cache`. */
#ifndef DYN_CLI_CACHE_H
#define DYN_CLI_CACHE_H

#include "cli/options.h"

int cache_command(const Options *o, Dyn *d);

#endif
