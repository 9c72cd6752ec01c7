/* watch.h: a model that runs again on each save. */
#ifndef DYN_CLI_WATCH_H
#define DYN_CLI_WATCH_H

#include "cli/options.h"

int watch_model(const Options *o, Dyn *d);

#endif
