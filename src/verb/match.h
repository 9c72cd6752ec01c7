/* match.h: the channels of a task and the quantities of a network, by name. */
#ifndef DYN_VERB_MATCH_H
#define DYN_VERB_MATCH_H

#include "model/trials.h"
#include "verb/setup.h"

/* For each input of the network the task's of this name, or -1. NULL: the task has one that the
   network lacks, or that does not fit: reported. */
int *match_inputs(const Setup *s, const Trials *t);
/* The output that target k is for. NULL: reported. */
const Quantity *match_target(const Setup *s, const Trials *t, size_t k);

#endif
