/* ticks.h: where the ticks of an axis stand and what is written at them. */
#ifndef DYN_REPORT_TICKS_H
#define DYN_REPORT_TICKS_H

#include "base/arena.h"

enum { TICKS_MOST = 16, SMALL_MOST = 128 };

typedef struct Ticks {
  int n, nsmall;
  double at[TICKS_MOST];
  const char *text[TICKS_MOST];
  double small[SMALL_MOST]; /* unlabelled ones between */
  int exponent;             /* the numbers are to be multiplied by 10^exponent */
} Ticks;

/* At most `most` labelled ticks in [lo, hi]; whole: at whole numbers only. */
void ticks_linear(Arena *a, double lo, double hi, int most, bool whole, Ticks *out);
/* The same for an axis of logarithms to base 10. */
void ticks_log(Arena *a, double lo, double hi, int most, Ticks *out);
size_t ticks_width(const Ticks *t); /* of the longest text, in characters */

#endif
