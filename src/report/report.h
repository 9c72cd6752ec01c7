/* report.h: what a run leaves behind: a folder with results.h5 (docs of its layout in results.c),
   run.json, and what `save` wrote. The folder is filled beside its final place and renamed into it,
   so that a run that is interrupted or fails to write never spoils an earlier one. */
#ifndef DYN_REPORT_REPORT_H
#define DYN_REPORT_REPORT_H

#include "lang/eval.h"

typedef struct RunInfo {
  const char *version; /* of dynrun */
  const char *status;  /* "ok", "a claim failed", "a statement failed" */
  double started;      /* seconds since 1970 */
  double seconds;      /* how long the run took */
} RunInfo;

/* Could the folder be written? To be asked before a long run. False: *why says why not. */
bool report_probe(Arena *a, const char *folder, const char **why);
/* Writes it. False: *why says why not, and nothing has changed. */
bool report_write(Ev *ev, const RunInfo *info, const char *folder, const char **why);

/* The parts. */
bool results_write(Ev *ev, const RunInfo *info, const char *path, const char **why);
bool run_json_write(Ev *ev, const RunInfo *info, const char *path, const char **why);
/* A vector or matrix, or a record of vectors of one length with their names as header, each with
   its unit, as comma-separated values. */
bool csv_write(Arena *a, Value *v, const char *path, const char **why);
bool csv_wanted(const char *name); /* does a name given to `save` ask for such a file? */

/* "V", "S/m^2"; "1" for a plain number. */
const char *unit_label(Arena *a, Dim d);

#endif
