/* options.h: the command line, read. */
#ifndef DYN_CLI_OPTIONS_H
#define DYN_CLI_OPTIONS_H

#include "dyn.h"

enum { OPTIONS_MAX_PARAMS = 256 };

typedef struct Command Command;

typedef struct Options {
  const Command *command;
  const char *operand;                    /* the file, code or name; NULL if none was given */
  const char *params[OPTIONS_MAX_PARAMS]; /* NAME=VALUE */
  int nparams;
  uint64_t seed;
  const char *output; /* NULL: beside the model */
  int workers;
  bool quiet, write, json;
  enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
} Options;

enum {
  COMMAND_LOADS = 1,   /* its operand is a model, loaded before */
  COMMAND_OPTIONAL = 2 /* its operand may be missing */
};

/* A subcommand; the first row of the table is the run itself, which has no name. */
struct Command {
  const char *name, *operand, *doc;
  int (*run)(const Options *o, Dyn *d);
  unsigned flags;
};
extern const Command commands[]; /* ends with a row without `run` */

/* Reads argv into *o. Returns -1, or the exit status when there is nothing left to do. */
int options_read(Options *o, int argc, char **argv);

#endif
