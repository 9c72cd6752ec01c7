/* main.c: dynrun, a client of dyn.h: reads the command line and runs the command. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/session.h"

static int run_command(const Options *o) {
  Dyn *d = dyn_new();
  session_begin(o, d);
  bool loads = o->command->flags & COMMAND_LOADS;
  int status = loads ? (int)dyn_load_file(d, o->operand[0]) : DYN_OK;
  if (status == DYN_OK) status = o->command->run(o, d);
  dyn_free(d);
  if (status == DYN_INTERRUPTED)
    fputs("dynrun: interrupted; earlier results are as they were\n", stderr);
  return status;
}

int main(int argc, char **argv) {
  Options o;
  signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of writing, not the end */
  int status = options_read(&o, argc, argv);
  if (status < 0) status = run_command(&o);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "dynrun: cannot write to standard output: %s\n", strerror(errno));
    if (status == DYN_OK) status = DYN_IO;
  }
  return status;
}
