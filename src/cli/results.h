/* results.h: commands on the folders that runs leave behind. */
#ifndef DYN_CLI_RESULTS_H
#define DYN_CLI_RESULTS_H

#include "cli/options.h"

/* `dynrun verify FOLDER`, `dynrun diff FIRST SECOND`, `dynrun reproduce results.h5 [-o FOLDER]`. */
int results_verify(const Options *o, Dyn *d);
int results_diff(const Options *o, Dyn *d);
int results_reproduce(const Options *o, Dyn *d);

#endif
