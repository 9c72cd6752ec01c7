/* slurm.h: `dynrun slurm MODEL.dyn`. */
#ifndef DYN_CLI_SLURM_H
#define DYN_CLI_SLURM_H

#include "cli/options.h"

int slurm_script(const Options *o, Dyn *d);

#endif
