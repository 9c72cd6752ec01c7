/* folder.h: the folder of a run as it is found. */
#ifndef DYN_COMPARE_FOLDER_H
#define DYN_COMPARE_FOLDER_H

#include "base/json_read.h"
#include "compare/comparison.h"
#include "compare/quantity.h"
#include "report/provenance.h"

typedef struct RunFolder {
  const char *path, *results; /* of the folder; of its results.h5 */
  Provenance origin;
  const Json *json; /* run.json */
  Quantities quantities;
} RunFolder;

/* False: *why says what is missing, damaged or of a later version. */
bool run_folder_read(Arena *a, const char *path, RunFolder *out, const char **why);
/* A row for each thing that is not as the run has written it. */
void run_folder_altered(const RunFolder *f, Comparison *c);

#endif
