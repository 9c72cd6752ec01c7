/* launcher.c: see launcher.h. */
#include "cli/launcher.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a launcher tells each process: how many there are, and its own number. NULL: it says
   nothing of the kind. Where several apply, the first counts. */
static const struct {
  const char *size, *rank;
} launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"}, /* Open MPI's mpirun */
    {"PMI_SIZE", "PMI_RANK"},                         /* MPICH's and Intel's; srun --mpi=pmi2 */
    {"SLURM_STEP_NUM_TASKS", "PMIX_RANK"},            /* srun --mpi=pmix */
};

static int number_of(const char *variable) {
  const char *text = getenv(variable);
  return text ? atoi(text) : -1;
}

/* The row of the launcher that started this process as one of several; -1: none. */
static int find_launcher(void) {
  for (int i = 0; i < (int)(sizeof launchers / sizeof *launchers); i++)
    if (number_of(launchers[i].rank) >= 0 && number_of(launchers[i].size) > 1) return i;
  return -1;
}

bool launcher_present(void) {
  return find_launcher() >= 0;
}

int launcher_rank(void) {
  int i = find_launcher();
  return i >= 0 ? number_of(launchers[i].rank) : 0;
}

/* The module stands beside the program, or where `make install` puts it. */
static bool find_module(char path[static PATH_MAX]) {
  static const char *const places[] = {"libdyn-mpi.so", "../lib/dyn/libdyn-mpi.so"};
  char program[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n < 0) return false;
  program[n] = '\0';
  char *slash = strrchr(program, '/');
  if (!slash) return false;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    int length = snprintf(path, PATH_MAX, "%.*s/%s", (int)(slash - program), program, places[i]);
    if (length < PATH_MAX && access(path, R_OK) == 0) return true;
  }
  return false;
}

int launcher_join(Dyn *d) {
  char module[PATH_MAX];
  const char *why = "libdyn-mpi.so is not beside dynrun; it is built where `mpicc` is found";
  if (find_module(module) && dyn_join(d, module, &why)) return DYN_OK;
  if (launcher_rank() == 0)
    fprintf(stderr, "dynrun: an MPI launcher has started it, but it cannot take part: %s\n", why);
  return DYN_IO;
}
