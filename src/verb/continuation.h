/* continuation.h: what the files of the verb `continuation` share. */
#ifndef DYN_VERB_CONTINUATION_H
#define DYN_VERB_CONTINUATION_H

#include "verb/branch_curve.h"
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

/* What a branch is of: special points are on a curve in two parameters. */
typedef enum BranchOf { OF_POINTS, OF_CYCLES, OF_SPECIALS } BranchOf;

typedef struct Continuation {
  Walker w;
  BranchOf of;
  SpecialKind kind;   /* of special points */
  Dim dim, second;    /* of the parameters p and q */
  double low, high;   /* of p, on a curve in two */
  double longest;     /* of the steps, in the last parameter */
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

/* ---- continuation_curve.c ---- */

/* Are there two parameters, `from` being a record of p and q? */
bool continuation_of_specials(const Call *c);
/* The network of two parameters. NULL: reported. */
Value *continuation_two_parameters(Continuation *k, Ev *ev, Call *c);
/* The range of p and q, and whether the start can be one. False: reported. */
bool continuation_read_bounds(Continuation *k, Ev *ev, Call *c);
bool continuation_read_special(Continuation *k);
/* The first point. False: reported. */
bool continuation_start_curve(Continuation *k, BranchPoint *first);

/* ---- continuation_result.c ---- */

/* A branch as a record; b NULL: in rehearsal; others NULL: without that field. */
Value *continuation_value(Continuation *k, const Walk *b, Value *others);
/* Says where the branch ended early, and what was not found on it. */
void continuation_warn(const Continuation *k, const Walk *b);

#endif
