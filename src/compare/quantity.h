/* quantity.h: what results.h5 and the files beside it hold, one data set or file at a time. */
#ifndef DYN_COMPARE_QUANTITY_H
#define DYN_COMPARE_QUANTITY_H

#include "report/h5.h"
#include "report/report.h"

typedef enum QuantityKind { QUANTITY_REAL, QUANTITY_LOGICAL, QUANTITY_TEXT } QuantityKind;

typedef struct Quantity {
  const char *name, *unit; /* "run/x"; "V", or "" */
  QuantityKind kind;
  const char *shape; /* "[201, 5]" */
  int64_t count;
  char sha256[SHA256_HEX];
} Quantity;

typedef struct Quantities {
  Arena *arena;
  VEC(Quantity) of;
} Quantities;

/* Those of an open file, but for groups whose names begin with a point. False: it is damaged. */
bool quantities_list(hid_t file, Quantities *out);
const Quantity *quantities_find(const Quantities *all, const char *name);
/* The numbers of a data set, or of a .csv or .npz file; *n of them. NULL: they cannot be read. */
double *quantity_numbers(Arena *a, hid_t file, const char *name, int64_t *n);
double *file_numbers(Arena *a, const char *path, int64_t *n);
/* Do two archives have the same arrays? Where they came from may be told otherwise. */
bool npz_same(Arena *a, char *const bytes[2], const size_t size[2]);
/* The strings of a data set, *n of them. */
const char **quantity_texts(Arena *a, hid_t file, const char *name, size_t *n);

#endif
