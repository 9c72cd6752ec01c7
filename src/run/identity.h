/* identity.h: what the bits of a result depend on besides the model: this build of the program, its
   kernels, and the libraries beneath. */
#ifndef DYN_RUN_IDENTITY_H
#define DYN_RUN_IDENTITY_H

#include "base/arena.h"

/* The digest of this build that the linker has put into it, or "" if it has put none. */
const char *identity_build(Arena *a);
/* Kernels and libraries: "avx2, OpenBLAS 0.3.21 Haswell, glibc 2.36". */
const char *identity_machine(Arena *a);

#endif
