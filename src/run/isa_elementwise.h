/* isa_elementwise.h: the tile kernels of each instruction set; see tile_kernel in kernel.h. */
#ifndef DYN_RUN_ISA_ELEMENTWISE_H
#define DYN_RUN_ISA_ELEMENTWISE_H

#include "run/kernel.h"

TileFn *tile_find_plain(OpId op, unsigned scalars, bool single);
TileFn *tile_find_avx2(OpId op, unsigned scalars, bool single);
TileFn *tile_find_avx512(OpId op, unsigned scalars, bool single);

#endif
