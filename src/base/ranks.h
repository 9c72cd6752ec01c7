/* ranks.h: processes that a launcher such as mpirun started together, all with the same program and
   arguments. What they need to share work is little, and stands in this table; a module that is
   loaded on demand fills it in, so that a program without a launcher never loads an MPI library.
   "All" marks what every rank must call, in the same order. */
#ifndef DYN_BASE_RANKS_H
#define DYN_BASE_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RANKS_VERSION = 2 }; /* of this table */

typedef struct Ranks {
  int version;
  int rank, size;
  bool (*agree)(uint64_t x);  /* all: did every one of them give the same x? */
  void (*restart)(void);      /* all: the counter that they share is 0 again */
  int64_t (*take)(int64_t n); /* adds n to the counter: what it was before */
  void (*progress)(void);     /* lets others reach the counter, where rank 0 computes */
  void (*share)(int from, void *data, size_t n); /* all: those bytes of one rank, in each */
  void (*give)(int from, void *data, size_t n);  /* that rank and rank 0: likewise, in rank 0 */
  void (*leave)(void);                           /* all */
  void (*end)(int status);                       /* ends all processes at once */
} Ranks;

/* Loads the module and joins the others. NULL: *why says why not. */
const Ranks *ranks_join(const char *module, const char **why);
/* Waits until the others come to their end, too. */
void ranks_leave(const Ranks *r);

/* What the module exports; NULL if the processes could not be joined. */
#define RANKS_ENTRY "dyn_mpi_join"
typedef const Ranks *RanksEntry(void);

#endif
