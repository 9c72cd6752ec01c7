/* case.h: files of test cases. A case begins with a line `=== title`, then the program, then
   sections that begin with a line `--- NAME argument`:
     --- ast          the program's tree
     --- fmt          the program in the standard layout (which must be a fixed point)
     --- graph        what `dynrun graph` shows; in a case without a program the first one is a
   graph given as text, and the last one what the passes make of it
     --- pass NAME    a pass to be applied to that graph
     --- out [~TOL]   what the program prints; with a tolerance numbers may differ by so much
     --- error        its diagnostics, the file shown as <test>
     --- exit N       the exit status; else 3 if `error` holds an error, else 0
     --- flags ...    the command line; else -q. The file's name is added
     --- file NAME    a file that lies beside the program
   Blank lines at the end of a section do not count. Text before the first case is a comment. */
#ifndef DYN_TESTS_CASE_H
#define DYN_TESTS_CASE_H

#include "base/vec.h"

typedef struct Section {
  const char *name, *arg; /* arg: "" if there is none */
  const char *text;       /* its lines */
  const char *found;      /* what was found instead; NULL: it agrees */
  int line;
} Section;

typedef struct Case {
  const char *title, *program;
  VEC(Section) sections;
  int line;
} Case;

typedef struct CaseFile {
  const char *path, *comment; /* what stands before the first case */
  VEC(Case) cases;
} CaseFile;

CaseFile *case_file_read(Arena *a, const char *path); /* NULL: said on standard output */
/* Writes it back with what was found instead of what was expected. */
void case_file_bless(Arena *a, const CaseFile *f);

Section *case_find(Case *c, const char *name); /* NULL if it has none */

/* Runs all cases of a file. */
void case_file_run(Arena *a, const char *path, const char *dynrun, bool bless, int *passed,
                   int *failed);

#endif
