/* report.h: what a run leaves behind: a folder with results.h5 (docs of its layout in results.c),
   report.html, figures, run.json, and what `save` wrote. The folder is filled beside its final
   place and renamed into it, so that a run that is interrupted or fails to write never spoils an
   earlier one. */
#ifndef DYN_REPORT_REPORT_H
#define DYN_REPORT_REPORT_H

#include "base/sha256.h"
#include "lang/eval.h"

typedef struct RunInfo {
  const char *version; /* of dynrun */
  const char *command; /* the command line; NULL: there was none */
  bool bare;           /* results.h5, run.json and saved files alone */
  const char *status;  /* "ok", "a claim failed", "a statement failed", "interrupted" */
  double started;      /* seconds since 1970 */
  double seconds;      /* how long the run took */
} RunInfo;

/* The digest of what a data set or a file of the folder holds. */
typedef struct Sum {
  const char *name; /* "run/x", "rates.csv" */
  char sha256[SHA256_HEX];
} Sum;

typedef VEC(Sum) Sums;

/* Could the folder be written? To be asked before a long run. False: *why says why not. */
bool report_probe(Arena *a, const char *folder, const char **why);
/* Where it is filled before it is renamed. */
const char *report_beside(Arena *a, const char *folder);
/* Writes it. False: *why says why not, and nothing has changed. */
bool report_write(Ev *ev, const RunInfo *info, const char *folder, const char **why);

/* The parts. */
struct Provenance;
bool results_fit(Ev *ev, const char *path, const char **why); /* room for results_write? */
bool results_write(Ev *ev, const struct Provenance *origin, const char *path, Sums *sums,
                   const char **why);
typedef struct RunRecord {
  const RunInfo *info;
  const struct Provenance *origin;
  const char *origin_text; /* provenance_text of it */
  Sums results, files;     /* data sets of results.h5; files beside it */
} RunRecord;
bool run_json_write(Ev *ev, const RunRecord *r, const char *path, const char **why);
struct Figures;
/* report.html; the figures have been drawn into the folder. */
bool html_write(Ev *ev, const RunInfo *info, const struct Figures *figures, const char *folder,
                const char **why);
/* A vector or matrix, or a record of these with one length, whose names and units then make a
   header, as comma-separated values. */
bool csv_write(Arena *a, const Result *r, const char *path, const char **why);
/* Does `save` ask for a file of its own? Else the value goes into results.h5. */
bool saved_apart(const Result *r);
bool csv_wanted(const Result *r); /* a .csv, and can the value be one? */

/* A value as text, one line of at most 120 characters. */
const char *value_line(Ev *ev, const Value *v);
/* "from the cache", "3 of 10 from the cache"; "": all calls were computed. */
const char *kept_text(Arena *a, const Timing *t);
/* "V", "S/m^2"; "1" for a plain number. */
const char *unit_label(Arena *a, Dim d);

#endif
