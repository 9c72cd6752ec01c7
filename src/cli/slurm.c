/* slurm.c: a job script for Slurm, https://slurm.schedmd.com/sbatch.html, that runs a model as
   `dynrun` would with the same options, over the ranks of MPI. */
#include "cli/slurm.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TASKS = 64 }; /* without -j */

/* A word of the shell. */
static void put_word(const char *text) {
  putchar('\'');
  for (; *text; text++) {
    if (*text == '\'')
      fputs("'\\''", stdout);
    else
      putchar(*text);
  }
  putchar('\'');
}

/* The name of the file without folder and ending; what Slurm may misread becomes "_". */
static void put_name(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  size_t n = strcspn(name, ".");
  for (size_t i = 0; i < n; i++) putchar(strchr(" \t\n'\"\\%$`#", name[i]) ? '_' : name[i]);
}

static void put_header(const char *model, int tasks) {
  fputs("#!/bin/bash\n#SBATCH --job-name=", stdout);
  put_name(model);
  printf(
      "\n#SBATCH --ntasks=%d\n"
      "#SBATCH --cpus-per-task=1\n"
      "#SBATCH --mem-per-cpu=2G\n"
      "#SBATCH --time=24:00:00\n"
      "#SBATCH --output=",
      tasks);
  put_name(model);
  fputs("-%j.log\n", stdout);
}

static void put_run(const Options *o) {
  char program[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = '\0';
  fputs("mpirun -n \"$SLURM_NTASKS\" ", stdout);
  put_word(n > 0 ? program : "dynrun");
  putchar(' ');
  put_word(o->operand[0]);
  for (int i = 0; i < o->nparams; i++) {
    fputs(" -p ", stdout);
    put_word(o->params[i]);
  }
  if (o->seed) printf(" --seed %llu", (unsigned long long)o->seed);
  if (o->memory > 0) printf(" --memory %.0fkB", o->memory / 1000);
  if (o->output) {
    fputs(" -o ", stdout);
    put_word(o->output);
  }
  puts(o->fail_fast ? " --fail-fast" : "");
}

int slurm_script(const Options *o, Dyn *d) {
  DynStatus status = dyn_check(d);
  if (status != DYN_OK) return status;
  put_header(o->operand[0], o->workers ? o->workers : TASKS);
  fputs(
      "\n# Memory and time are guesses: set what the job needs. Submit it with `sbatch` from this "
      "folder.\n"
      "# Where MPI programs are started by srun, the last line begins with `srun --mpi=pmix`.\n"
      "# What takes long is kept: a job that ran out of time goes on where it was.\n\n"
      "set -e\n"
      "export OPENBLAS_NUM_THREADS=1\n",
      stdout);
  put_run(o);
  return DYN_OK;
}
