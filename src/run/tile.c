/* tile.c: the tile kernel of an op for this machine. */
#include "run/isa.h"
#include "run/isa_elementwise.h"

TileFn *tile_kernel(OpId op, unsigned scalars, bool single) {
  switch (run_isa_level()) {
#ifdef __x86_64__
    case ISA_AVX512: return tile_find_avx512(op, scalars, single);
    case ISA_AVX2: return tile_find_avx2(op, scalars, single);
#endif
    default: return tile_find_plain(op, scalars, single);
  }
}
