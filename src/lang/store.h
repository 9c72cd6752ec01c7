/* store.h: where arrays go that are too large for memory: into a file, while they are being made.
   The report makes a store of the results (report/store.h); verbs write into it, and what they made
   is then an array like any other, whose numbers are read from the file where they are needed. */
#ifndef DYN_LANG_STORE_H
#define DYN_LANG_STORE_H

#include "base/dim.h"
#include "graph/tensor.h"

/* The part of an array that was written before its run ended early: of the first `full` trials all
   rows, of the next `some` trials the first `rows`; of an array without trials, its first `rows`.
 */
typedef struct StorePart {
  const char *name; /* "run.E.r" */
  int array;
  Dim dim;
  bool trials;
  int64_t full, some, rows;
} StorePart;

typedef struct Store Store;
struct Store {
  double (*room)(Store *s); /* how many bytes there is room for */
  /* A new array, to be written from its first number to its last or in any order. -1: *why. */
  int (*open)(Store *s, Shape shape, const char **why);
  /* n numbers, from number `at` on. False: *why. */
  bool (*write)(Store *s, int array, int64_t at, const double *data, int64_t n, const char **why);
  /* All of it was written: the array as a tensor, which lives as long as the store. NULL: *why. */
  const Tensor *(*read)(Store *s, int array, const char **why);
  /* It will never be: the results keep what there is. */
  void (*part)(Store *s, const StorePart *part);
};

#endif
