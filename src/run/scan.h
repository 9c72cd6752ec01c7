/* scan.h: what the two forms of program_scan share. */
#ifndef DYN_RUN_SCAN_H
#define DYN_RUN_SCAN_H

#include "run/plan.h"

/* Checks come after every `check` steps and at the end. */
static inline int64_t scan_next_check(const ScanSpec *s, int64_t done) {
  if (s->check <= 0 || s->steps - done < s->check) return s->steps;
  return done + s->check - done % s->check;
}

Status scan_arrays(Program *p, const ScanSpec *s);  /* scan.c */
Status scan_scalars(Program *p, const ScanSpec *s); /* scan_scalar.c: programs of one scalar unit */

#endif
