/* provenance.h: where results came from, and all that it takes to compute them again. results.h5
   holds it in the group `.provenance`, a name that no result can have. It says nothing of how this
   run went, so that runs which give the same leave the same file: attributes  layout (of this
   group), dynrun, model, seed, command, kernels, blas, portable, processor, libraries source the
   model: with what it imports as one file where it can be flattened, else the text of the model
   alone set         the parameters given on the command line, as NAME=TEXT files       0, 1, ...:
   the bytes of each file that the model loads, and imports if it is not flattened; attributes name
   (as the model names it), path, bytes, sha256. A large one has its attributes only. */
#ifndef DYN_REPORT_PROVENANCE_H
#define DYN_REPORT_PROVENANCE_H

#include "lang/eval.h"
#include "report/h5.h"
#include "report/report.h"

enum { PROVENANCE_LAYOUT = 1 };

typedef struct KeptFile {
  const char *name, *path; /* as the model names it; where it was */
  const char *data;        /* NULL: too large to be kept */
  int64_t bytes;
  const char *sha256;
} KeptFile;

typedef struct Provenance {
  int64_t layout;
  const char *dynrun, *model, *command, *kernels, *blas, *processor, *libraries;
  const char *source;
  uint64_t seed;
  bool portable;
  const char **set;
  size_t nset;
  VEC(KeptFile) files;
} Provenance;

/* That of a run that is over. */
void provenance_collect(Ev *ev, const RunInfo *info, Provenance *out);
void provenance_write(H5 *h, hid_t root, const Provenance *p);
/* That of a results.h5, or of any other file that a run has left. False: *why says why not. */
bool provenance_read(Arena *a, const char *path, Provenance *out, const char **why);
/* provenance_text.c. As one line of text, and from bytes in which this stands; a zero follows them.
 */
const char *provenance_text(Arena *a, const Provenance *p);
bool provenance_from_text(Arena *a, const char *bytes, size_t n, Provenance *out, const char **why);
/* The command that computes the same again from the model in this file. */
const char *provenance_command(Arena *a, const Provenance *p, const char *model);

#endif
