/* launcher.h: has an MPI launcher started this process, together with others? */
#ifndef DYN_CLI_LAUNCHER_H
#define DYN_CLI_LAUNCHER_H

#include "cli/options.h"

/* By what launchers put into the environment; nothing is loaded to find out. */
bool launcher_present(void);
/* Joins the others: DYN_OK, or the status to end with after saying why. */
int launcher_join(Dyn *d);
int launcher_rank(void); /* by the environment; 0 where that does not tell */

#endif
