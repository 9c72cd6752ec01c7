/* usage.h: what there is to know about the command line, from the tables of commands and options.
 */
#ifndef DYN_CLI_USAGE_H
#define DYN_CLI_USAGE_H

#include <stdio.h>

#include "cli/options.h"

/* What --help shows. */
void usage_show(FILE *out);
/* One command in full, as `dynrun help watch` shows it. */
void usage_show_command(FILE *out, const Command *c);
/* The manual page, for man. */
void usage_show_man(FILE *out);
/* What an exit status means: "a claim failed". */
const char *usage_status(DynStatus status);
/* A script that completes command lines in "bash", "zsh" or "fish". False: no such shell. */
bool usage_show_completion(FILE *out, const char *shell);

#endif
