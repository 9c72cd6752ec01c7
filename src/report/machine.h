/* machine.h: what a run depends on besides its model: the libraries, the processor. */
#ifndef DYN_REPORT_MACHINE_H
#define DYN_REPORT_MACHINE_H

#include "base/arena.h"

enum { MACHINE_LIBRARIES = 5 };

/* The i-th library, "gsl", and its version, "2.7". */
const char *machine_library(int i);
const char *machine_library_version(Arena *a, int i);
/* All of them in one line: "gsl 2.7, hdf5 1.10.8". */
const char *machine_libraries(Arena *a);
/* The processor as /proc/cpuinfo names it, where there is such a file. */
const char *machine_processor(Arena *a);
/* The kind of processor that OpenBLAS computes for: "Haswell". */
const char *machine_blas_core(void);

#endif
