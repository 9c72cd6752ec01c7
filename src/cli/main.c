/* main.c: dynrun, a client of dyn.h: reads the command line and runs the command. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "cli/launcher.h"
#include "cli/portable.h"
#include "cli/session.h"

static int perform(const Options *o, Dyn *d) {
  session_begin(o, d);
  bool loads = o->command->flags & COMMAND_LOADS;
  int status = loads ? (int)dyn_load_file(d, o->operand[0]) : DYN_OK;
  return status == DYN_OK ? o->command->run(o, d) : status;
}

/* Of the processes of an MPI launcher all run a model; anything else is for the first one. */
static int run_command(const Options *o) {
  bool runs = o->command == commands, first = launcher_rank() == 0;
  if (!runs && !first) return DYN_OK;
  Dyn *d = dyn_new();
  int status = runs && launcher_present() ? launcher_join(d) : DYN_OK;
  if (status == DYN_OK) status = perform(o, d);
  dyn_free(d);
  if (status == DYN_INTERRUPTED && first)
    fputs("dynrun: interrupted; earlier results are as they were\n", stderr);
  return first ? status : DYN_OK;
}

/* What is wrong with the command line, and what a run shows, is said once. */
static bool mute(void) {
  return freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr);
}

/* Simulations and large arrays take and give back memory all the time: to hand it to the system,
   and to have it cleared when it is fetched again, took a quarter of the time of some models. */
static void keep_memory(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

int main(int argc, char **argv) {
  Options o;
  keep_memory();
  signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error of writing, not the end */
  if (launcher_rank() > 0 && !mute()) return DYN_IO;
  int status = options_read(&o, argc, argv);
  if (status < 0 && o.portable && !portable_enter(&o)) status = DYN_USAGE;
  if (status < 0) status = run_command(&o);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "dynrun: cannot write to standard output: %s\n", strerror(errno));
    if (status == DYN_OK) status = DYN_IO;
  }
  return status;
}
