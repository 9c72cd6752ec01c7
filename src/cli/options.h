/* options.h: the command line, read, and the two tables that it is read with: commands (command.c)
   and options (options.c). Usage, manual page and completion are made from the same rows. */
#ifndef DYN_CLI_OPTIONS_H
#define DYN_CLI_OPTIONS_H

#include "dyn.h"

enum { OPTIONS_MAX_PARAMS = 256, OPTIONS_MAX_OPERANDS = 4096 };

typedef struct Command Command;

typedef struct Options {
  char *const *words; /* of the command line */
  int nwords;
  const Command *command;
  const char *operand[OPTIONS_MAX_OPERANDS]; /* NULL past the last */
  int noperands;
  const char *params[OPTIONS_MAX_PARAMS]; /* NAME=VALUE */
  int nparams;
  uint64_t given; /* a bit for each row of `options` */
  uint64_t seed;
  const char *output; /* NULL: beside the model */
  int workers;
  int part_number, part_of; /* of = 0: all of it */
  double memory;            /* bytes; 0: by the machine */
  const char *template;     /* NULL: the default one */
  DynFormat format;
  bool fail_fast; /* a sweep ends at its first point that fails */
  bool quiet, write, list, json, converge, fresh, portable;
  bool json_output; /* of a comparison */
  enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
} Options;

enum {
  COMMAND_MODEL = 1, /* its first operand is the name of a model's file */
  COMMAND_LOADS = 2  /* that model is loaded before */
};

/* A subcommand; the first row of the table is the run itself, which has no name. */
struct Command {
  const char *name, *operands, *doc;
  const char *more; /* what else there is to know, for help and the manual page */
  int (*run)(const Options *o, Dyn *d);
  int min, max; /* how many operands it takes */
  unsigned flags;
};
extern const Command commands[]; /* ends with a row without `run` */

/* An option: how it is written, what it takes (NULL: nothing), what it does. */
typedef struct Option {
  char letter; /* 0: only the long form */
  const char *name, *takes, *doc;
  const char *only; /* the commands that take it, with blanks between; NULL: all */
  bool (*set)(Options *o, const char *value); /* false: it cannot do with the value */
} Option;
extern const Option options[]; /* ends with a row without a name */

/* Reads "500 MB" or "2GB". */
bool options_bytes(const char *text, double *bytes);

/* Does the command take the option? */
bool options_fit(const Option *option, const Command *command);
/* The command with this name, or NULL. */
const Command *options_find_command(const char *name);

/* Reads the command line. -1: go on; else the status to end with, after saying why. */
int options_read(Options *o, int argc, char **argv);

#endif
