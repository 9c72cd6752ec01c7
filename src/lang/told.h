/* told.h: a computation as bytes: its value and all that it leaves behind in the evaluator, which
   are messages, claims, what it printed, and where its time went. For other processes and other
   runs:

     Telling t;
     telling_begin(&t, ev, about, false);
     Value *v = compute();
     if (telling_end(&t, v)) keep(t.out.at, t.out.n);
     telling_free(&t);

   and elsewhere `told` gives v and does to the evaluator what compute did. */
#ifndef DYN_LANG_TOLD_H
#define DYN_LANG_TOLD_H

#include "base/bytes.h"
#include "lang/eval.h"

/* What both sides have, though not at the same address. A place in the text is told as a node of
   one of the trees, so that it is found again when the text around has changed; a network as one of
   those given, with other weights. Without trees, both sides are one program's processes: places
   are told as they are in memory; with the same texts on both sides, by their bytes. */
typedef struct ToldAbout {
  bool same_texts;
  const Ast **tree;
  size_t ntrees;
  Value *const *given;
  int ngiven;
} ToldAbout;

/* How much there was of everything before. */
typedef struct Before {
  int verbs;
  size_t claims, shown, timings, loaded;
  size_t figures, saved, results, converged; /* what only this process can keep */
  Timing *timing;
} Before;

typedef struct Telling {
  Ev *ev;
  const ToldAbout *about; /* NULL: no trees, no values */
  bool apart;
  Bytes out;
  bool mute;   /* something cannot be told */
  bool raw;    /* places are told as they are in memory: some are in none of the trees */
  bool failed; /* something failed */
  Before was;
  bool had_failed;
  Hooks hooks;
  DiagList own, *outer;
  const Diag *given; /* the last of `own` that `outer` has */
  Bytes printed;
  int64_t prints;
} Telling;

/* `apart`: it leaves nothing behind here, and shows nothing but its progress. */
void telling_begin(Telling *t, Ev *ev, const ToldAbout *about, bool apart);
/* `out` holds the bytes; if they are raw, for processes of this program only. False: they are of no
   use, for there is more to it than they can hold. */
bool telling_end(Telling *t, const Value *v);
void telling_free(Telling *t);

/* The error d of a list; but where a call before that at `by` led to it, so that it may have been
   shown, one of its own that refers to it. The last note of an error is where the call stands. */
Diag *told_again(DiagList *to, Diag *d, Where by);

bool told_is_raw(const char *data, size_t n);
/* `kept`: the bytes are from an earlier run. */
Value *told(Ev *ev, const ToldAbout *about, const char *data, size_t n, bool kept);

#endif
