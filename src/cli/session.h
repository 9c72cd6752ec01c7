/* session.h: a Dyn that does what the command line says. */
#ifndef DYN_CLI_SESSION_H
#define DYN_CLI_SESSION_H

#include "cli/options.h"

/* Gives the callbacks, the parameters and the options to d. */
void session_begin(const Options *o, Dyn *d);
/* Runs the model that is loaded and says how it went. Results go to the folder of -o, or to
   model.run beside `file`, model.dyn. */
DynStatus session_run(const Options *o, Dyn *d, const char *file);

#endif
