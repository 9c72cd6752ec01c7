/* continuation.h: what the files of the verb `continuation` share. */
#ifndef DYN_VERB_CONTINUATION_H
#define DYN_VERB_CONTINUATION_H

#include "verb/branch_cycle.h"

/* The arguments of the verb. */
enum {
  CONTINUATION_NET,
  CONTINUATION_FROM,
  CONTINUATION_TO,
  CONTINUATION_START,
  CONTINUATION_STEP,
  CONTINUATION_INPUT,
  CONTINUATION_POINTS,
  CONTINUATION_SEED
};

typedef struct Continuation {
  Walker w;
  Dim dim; /* of the parameter */
  double longest;
  bool cycles;        /* else fixed points */
  Walk main, *others; /* others: those that cross it */
  int nothers;
} Continuation;

/* ---- continuation_cycle.c ---- */

/* Does the branch begin at a limit cycle, or at a Hopf point? */
bool continuation_of_cycles(const Call *c);
/* Can its start be one? False: reported. */
bool continuation_read_cycle(Continuation *k);
/* The first point. False: reported. */
bool continuation_start_cycle(Continuation *k, BranchPoint *first);

/* ---- continuation_result.c ---- */

/* A branch as a record; b NULL: in rehearsal; others NULL: without that field. */
Value *continuation_value(Continuation *k, const Walk *b, Value *others);
/* Says where the branch ended early, and what was not found on it. */
void continuation_warn(const Continuation *k, const Walk *b);

#endif
