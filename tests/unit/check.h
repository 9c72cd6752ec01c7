/* check.h: the whole of the unit-test framework. A test program calls CHECK and friends and ends
   with `return check_done("name");`, which prints the count and gives the exit status. */
#ifndef DYN_TESTS_CHECK_H
#define DYN_TESTS_CHECK_H

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_passed, check_failed;

#define CHECK(cond, ...)                                        \
  do {                                                          \
    if (cond) {                                                 \
      check_passed++;                                           \
    } else {                                                    \
      check_failed++;                                           \
      printf("%s:%d: failed: %s: ", __FILE__, __LINE__, #cond); \
      printf(__VA_ARGS__);                                      \
      printf("\n");                                             \
    }                                                           \
  } while (0)

/* |got - want| <= tol * max(1, |want|) */
#define CHECK_NEAR(got, want, tol, ...)                                          \
  do {                                                                           \
    double got_ = (got), want_ = (want);                                         \
    double scale_ = fabs(want_) > 1 ? fabs(want_) : 1;                           \
    if (fabs(got_ - want_) <= (tol)*scale_) {                                    \
      check_passed++;                                                            \
    } else {                                                                     \
      check_failed++;                                                            \
      printf("%s:%d: got %.17g, want %.17g: ", __FILE__, __LINE__, got_, want_); \
      printf(__VA_ARGS__);                                                       \
      printf("\n");                                                              \
    }                                                                            \
  } while (0)

static int check_done(const char *name) {
  printf("%s: %d passed, %d failed\n", name, check_passed, check_failed);
  return check_failed != 0;
}

#endif
