/* module.c: libdyn-mpi.so, which dynrun loads when an MPI launcher has started it: base/ranks.h by
   MPI. The counter is a window of rank 0 that the others reach by one-sided communication (MPI 3.1,
   section 11.3.4), so that nobody waits for a rank that computes. */
#include <limits.h>
#include <mpi.h>
#include <stdbool.h>

#include "base/ranks.h"

static MPI_Win window; /* of one int64_t, on rank 0 */

static bool agree(uint64_t x) {
  uint64_t both[2] = {x, ~x}, least[2];
  MPI_Allreduce(both, least, 2, MPI_UINT64_T, MPI_MIN, MPI_COMM_WORLD);
  return least[0] == ~least[1]; /* the smallest is the largest */
}

static int64_t exchange(int64_t n, MPI_Op op) {
  int64_t before = 0;
  MPI_Fetch_and_op(&n, &before, MPI_INT64_T, 0, 0, op, window);
  MPI_Win_flush(0, window);
  return before;
}

static int64_t take(int64_t n) {
  return exchange(n, MPI_SUM);
}

static void restart(void) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) exchange(0, MPI_REPLACE);
  MPI_Barrier(MPI_COMM_WORLD);
}

static void progress(void) {
  int any;
  MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &any, MPI_STATUS_IGNORE);
}

typedef void Pass(void *at, int n, int from);

static void pass_to_all(void *at, int n, int from) {
  MPI_Bcast(at, n, MPI_BYTE, from, MPI_COMM_WORLD);
}

static void pass_to_first(void *at, int n, int from) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == from) MPI_Send(at, n, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
  if (rank == 0) MPI_Recv(at, n, MPI_BYTE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/* MPI counts in an int. */
static void pass_parts(Pass *pass, int from, char *at, size_t n) {
  const size_t most = INT_MAX / 2;
  while (n > 0) {
    int part = (int)(n < most ? n : most);
    pass(at, part, from);
    at += part;
    n -= (size_t)part;
  }
}

static void share(int from, void *data, size_t n) {
  pass_parts(pass_to_all, from, data, n);
}

static void give(int from, void *data, size_t n) {
  pass_parts(pass_to_first, from, data, n);
}

static void leave(void) {
  MPI_Win_unlock_all(window);
  MPI_Win_free(&window);
  MPI_Finalize();
}

static void end(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
}

__attribute__((visibility("default"))) RanksEntry dyn_mpi_join;

const Ranks *dyn_mpi_join(void) {
  static Ranks ranks = {.version = RANKS_VERSION,
                        .agree = agree,
                        .restart = restart,
                        .take = take,
                        .progress = progress,
                        .share = share,
                        .give = give,
                        .leave = leave,
                        .end = end};
  int64_t *counter;
  if (MPI_Init(NULL, NULL) != MPI_SUCCESS) return NULL;
  MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks.size);
  MPI_Aint bytes = ranks.rank == 0 ? (MPI_Aint)sizeof *counter : 0;
  MPI_Win_allocate(bytes, sizeof *counter, MPI_INFO_NULL, MPI_COMM_WORLD, &counter, &window);
  MPI_Win_lock_all(MPI_MODE_NOCHECK, window);
  return &ranks;
}
