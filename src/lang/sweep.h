/* sweep.h: what the files of `sweep` share. Every point is a function of the evaluator's state
   before the sweep and of its place in the grid, and of nothing else, so points may be computed in
   any order and anywhere. What they leave behind is taken in in their order. */
#ifndef DYN_LANG_SWEEP_H
#define DYN_LANG_SWEEP_H

#include "base/sha256.h"
#include "base/stash.h"
#include "lang/told.h"

typedef struct Axis {
  const char *name;
  Value *values; /* what the field of this name holds */
  int64_t n;     /* EXTENT_UNKNOWN in rehearsal */
  Where at;
} Axis;

/* What came of a point. A point that failed may have a value, of what could be computed. */
typedef struct Point {
  Value *value;        /* V_ERROR: none; NULL: it is in the table */
  const char *message; /* why it failed; NULL: it did not */
} Point;

/* A point as bytes, computed elsewhere or ahead of its turn. */
typedef struct Told {
  Stashed bytes; /* none: it is to be computed here */
  bool lost;     /* the process died */
  bool kept;     /* an earlier run computed it */
  bool failed;
} Told;

/* Of the error that tells of points that failed. */
typedef struct Note {
  Where at;
  const char *text;
} Note;

typedef struct Sweep {
  Arena *arena; /* it lives here */
  bool inner;   /* in an element or a point of another */
  const Ast *x;
  Scope *scope;
  Axis *axis;
  int naxes;
  int64_t points, done;
  double began;
  Told *told;   /* of each point, or NULL: all are computed here */
  Stash *stash; /* where they wait */
  const ToldAbout *about;
  bool apart;               /* what is told goes to processes that were not forked from this one */
  int64_t known, computed;  /* points that earlier runs have told and are not heard yet; so far */
  struct SweepAhead *ahead; /* what other processes were asked; NULL: nothing */
  struct SweepWatch *watch; /* of the point that is being computed here, or NULL */
  const char *odd;          /* why nothing can be kept */
  bool keeps;               /* what is computed is kept for later runs */
  struct SweepKept *kept;   /* sweep_kept.c; NULL: nothing is kept */
  struct SweepOrder *order; /* sweep_order.c; NULL: points start in their order */
  Point *point;
  Value *first; /* the first record without errors in it, which the others must be like */
  struct SweepTable *table; /* sweep_table.c: the records of the points so far */
  int64_t entered;          /* so many; the others wait until there is a first */
  bool stopped;             /* at a point that failed */
  bool left;                /* to another rank */
  int64_t failures;
  VEC(Note) notes; /* errors of the first few points that failed */
  double shown;    /* when progress was last told */
} Sweep;

/* Fields of every sweep: which points failed, and why. Tables leave them out. */
#define SWEEP_TYPE "sweep"
#define SWEEP_FAILED "failed"
#define SWEEP_MESSAGE "message"
bool sweep_is_aside(const Value *record, const char *field);
/* sweep_rows.c. A sweep of several axes as columns with a row for each point, the last axis
   fastest; any other record as it is. */
Value *sweep_rows(Ev *ev, Value *record, Where at);

/* sweep_point.c. The messages of a point are kept apart from those of the run until its turn. */
typedef struct PointLog {
  DiagList own, *outer;
  bool failed; /* whether something had failed before */
} PointLog;

void point_open(Ev *ev, PointLog *log);
/* Evaluates the block at point i, which has the list of messages for itself. */
Point point_evaluate(Ev *ev, const Sweep *sw, int64_t i);
/* Takes in the messages of point i. */
void point_close(Ev *ev, Sweep *sw, int64_t i, PointLog *log, const char *message);
/* The values of the axes. */
Value **point_place(Ev *ev, const Sweep *sw, int64_t i);
/* "g = 0.5, s = 2" */
const char *point_text(Ev *ev, const Sweep *sw, int64_t i);
/* Reports the points that failed. `then`: what came of it. */
void point_report(Ev *ev, const Sweep *sw, const char *then);
/* Point i, computed here. */
Point point_compute(Ev *ev, Sweep *sw, int64_t i);
/* Point i, whose process died twice. */
Point point_lost(Ev *ev, Sweep *sw, int64_t i);
/* A point that stands for all, without numbers. */
Value *point_rehearse(Ev *ev, const Sweep *sw);
Where sweep_where(const Sweep *sw); /* its axes */

/* sweep.c. Takes in the points that are told, up to the first that is not. */
void sweep_settle(Ev *ev, Sweep *sw);

/* sweep_record.c. How the record v of a point differs from that of the first one; NULL: not at all.
 */
const char *sweep_difference(Ev *ev, const Sweep *sw, const Value *v);
bool sweep_has_error(const Value *v);
/* v with stand-ins for what could not be computed. */
Value *sweep_record(Ev *ev, const Sweep *sw, Value *v);

/* sweep_table.c. Records go in in the order of the points; the records of all points. */
typedef struct SweepTable SweepTable;
void sweep_table_put(Ev *ev, Sweep *sw, int64_t i, Value *record);
Value *sweep_table_value(Ev *ev, const Sweep *sw);
Value *sweep_failed(Ev *ev, const Sweep *sw); /* which points failed, and why */
Value *sweep_messages(Ev *ev, const Sweep *sw);

/* sweep_told.c. Computes point i and appends all that it leaves behind, messages, claims, what it
   printed and times, as bytes. Nothing is appended if only this process can keep that. */
void sweep_tell(Ev *ev, Sweep *sw, int64_t i, Bytes *out);
/* What sweep_tell gives for a point that was told of. */
void sweep_put(Bytes *out, const Point *p, const Telling *t);
/* Are they for processes of this program only? */
bool sweep_told_raw(const char *data, size_t n);
/* Do they tell of a failure? */
bool sweep_told_failure(const char *data, size_t n);
/* From now on, points may be told. */
void sweep_listen(Sweep *sw);
/* Point i is told by these bytes. */
void sweep_take(Sweep *sw, int64_t i, const char *data, size_t n);
/* Point i from such bytes, and what it left behind. */
Point sweep_hear(Ev *ev, Sweep *sw, int64_t i, const Told *t);

/* sweep_kept.c. Finds the points that earlier runs have kept, and keeps those that are told. */
typedef struct SweepKept SweepKept;
void sweep_recall(Ev *ev, Sweep *sw);
void sweep_keep(Ev *ev, Sweep *sw, int64_t i, const char *data, size_t n);
void sweep_keep_end(Ev *ev, Sweep *sw);
/* A digest of the values of the axes at point i. False: there is none. */
bool sweep_tag(Ev *ev, const Sweep *sw, int64_t i, char hex[SHA256_HEX]);

/* sweep_order.c. Reads how long points took in earlier runs, and keeps it for later ones. */
typedef struct SweepOrder SweepOrder;
void sweep_order_begin(Ev *ev, Sweep *sw);
void sweep_order(const Sweep *sw, int64_t *point, int64_t n); /* the longest first */
void sweep_took(Sweep *sw, int64_t i, double seconds);
double sweep_took_before(const Sweep *sw); /* a point, on the average; 0: not known */
void sweep_order_end(Ev *ev, Sweep *sw);

/* sweep_ranks.c. Computes all points over the ranks of ev->ranks. *left: this rank does not have
   them, for it does not need them. False: an error is reported. */
bool sweep_over_ranks(Ev *ev, Sweep *sw, bool *left);

/* sweep_ahead.c. A point that is computed here is watched: if it takes its time, others begin with
   the points after it. */
typedef struct SweepAhead SweepAhead;
typedef struct SweepWatch {
  Ev *ev;
  Sweep *sw;
  Ev before; /* the point */
} SweepWatch;
void sweep_watch(Ev *ev, Sweep *sw, SweepWatch *t);
void sweep_watch_end(Ev *ev, Sweep *sw);
void sweep_ahead_end(Sweep *sw); /* what is not told by now never will be */
/* Computes and keeps, of all points, part `number` of so many. */
void sweep_share(Ev *ev, Sweep *sw, int number, int of);
/* Computes the points from sw->done on in other processes, if that is worth it. */
void sweep_ahead(Ev *ev, Sweep *sw);
void sweep_forget(Sweep *sw); /* what was told and not asked for */

#endif
