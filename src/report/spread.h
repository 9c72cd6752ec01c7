/* spread.h: how the values of an array are spread, in numbers. */
#ifndef DYN_REPORT_SPREAD_H
#define DYN_REPORT_SPREAD_H

#include "lang/value.h"

/* Of a sparse matrix the entries alone count. */
typedef struct Spread {
  const double *x;
  int64_t n, whole; /* values looked at; elements of the array */
  int64_t finite, zeros;
  double mean, sd, lo, hi;
} Spread;

/* False: its numbers are not known. */
bool spread_of(const Value *v, Spread *out);
/* How many of the elements are not zero: "all", "10 %". */
const char *spread_share(Arena *a, const Spread *s);
/* The unit that suits the values, as people write it; "" for plain numbers. */
const char *spread_unit(Arena *a, const Value *v, const Spread *s, double *factor);

#endif
