/* compare.h: what a test expects against what it found. */
#ifndef DYN_TESTS_COMPARE_H
#define DYN_TESTS_COMPARE_H

#include "base/arena.h"

/* Are the texts equal, but for blank lines at their ends? With tol > 0, numbers may differ by tol,
   relative to the larger of 1 and the expected number. */
bool texts_agree(const char *expected, const char *found, double tol);
/* Shows where they differ: lines of the one with -, of the other with +. */
void show_difference(const char *expected, const char *found);
/* `text` with each occurrence of `from` replaced. */
const char *replace_all(Arena *a, const char *text, const char *from, const char *to);
/* Without blank lines and blanks at its end. */
const char *trim_end(Arena *a, const char *text);

#endif
