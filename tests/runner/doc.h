/* doc.h: the code blocks of a page of documentation. What a block is, its first line says:
     ```dyn             a whole file if it begins with `dyn 1`, which is checked; else it is parsed
     ```dyn NAME        written to the file NAME, for the commands below
     ```dyn >> NAME     written behind what that file holds; the same for other languages
     ```console [NEED...] [~TOL]   commands, `$ ...`, each with what it prints. NEED is a program,
   or python3:MODULE; without it the block is skipped. With a tolerance numbers may differ by so
   much. A file that no command mentions is an error. Blocks without a word, or ```sh, are not run.
 */
#ifndef DYN_TESTS_DOC_H
#define DYN_TESTS_DOC_H

#include "jobs.h"

void doc_run(Arena *a, const char *path, const char *dynrun, Counts *counts);

#endif
