/* jit.h: register code as machine code. The translation takes microseconds; operations and their
   order stay those of the interpreter, so the bits do too. */
#ifndef DYN_RUN_JIT_H
#define DYN_RUN_JIT_H

#include "run/scalar.h"

/* A function that runs the code as scalar_run does; NULL where there is no translator for this
   processor, where the system refuses memory for code, or where DYN_JIT=0 turns it off. The code's
   cursors stay where they are; the memory is freed with the arena. */
ScalarNative *jit_translate(Arena *a, const ScalarCode *c);

#endif
