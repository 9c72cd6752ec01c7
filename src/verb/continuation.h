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

/* Reports what is wrong with the start. */
bool continuation_bad_start(const Continuation *k, const char *why);

/* ---- continuation_cycle.c ---- */

/* Does the branch begin at a limit cycle, or at a Hopf point? */
bool continuation_of_cycles(const Call *c);
/* Can its start be one? False: reported. */
bool continuation_read_cycle(Continuation *k);
/* The first point. False: reported. */
bool continuation_start_cycle(Continuation *k, BranchPoint *first);

/* ---- continuation_orbit.c ---- */

/* Does the branch begin at a periodic orbit of a map, or at a period doubling? */
bool continuation_of_orbits(const Continuation *k);
bool continuation_at_flip(const Continuation *k);
/* Can its start be one? Of so many steps? False: reported. */
bool continuation_read_orbit(Continuation *k);
bool continuation_read_rounds(Continuation *k, int64_t rounds);
/* A state of the orbit at the start, [D]. */
void continuation_orbit_state(const Continuation *k, double *x);
bool continuation_orbit_is_shorter(const Continuation *k, const BranchPoint *p);
/* The first point, once the walker stands. False: reported. */
bool continuation_start_flip(Continuation *k, BranchPoint *first);

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
