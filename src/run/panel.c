/* panel.c: packing, and the choice of the kernel for this machine. */
#include "run/panel.h"

#include "run/isa.h"
#include "run/isa_kernels.h"

enum { WIDTH_ONE_ROW = 8, WIDTH_FEW_ROWS = 4, WIDTH_MANY_ROWS = 3, FEW_ROWS = 3 };

int panel_width(int64_t m) {
  return m <= 1 ? WIDTH_ONE_ROW : m <= FEW_ROWS ? WIDTH_FEW_ROWS : WIDTH_MANY_ROWS;
}

size_t panel_bytes(int64_t k, int64_t n, bool single) {
  int64_t lanes = panel_lanes(single);
  return (size_t)((n + lanes - 1) / lanes * lanes * k + 1) * real_size(single);
}

#define PACK(type)                                                                         \
  static void pack_##type(const type *c, bool transposed, int64_t k, int64_t n, int width, \
                          int lanes, type *to) {                                           \
    int64_t nv = (n + lanes - 1) / lanes, panels = panel_count(nv, width);                 \
    type finite = 0;                                                                       \
    for (int64_t p = 0; p < panels; p++) {                                                 \
      int64_t from = panel_first(nv, panels, p) * lanes;                                   \
      int64_t end = panel_first(nv, panels, p + 1) * lanes;                                \
      for (int64_t j = 0; j < k; j++)                                                      \
        for (int64_t i = from; i < end; i++, to++) {                                       \
          *to = i >= n ? 0 : transposed ? c[i * k + j] : c[j * n + i];                     \
          finite += 0 * *to;                                                               \
        }                                                                                  \
    }                                                                                      \
    *to = finite;                                                                          \
  }
PACK(double)
PACK(float)

void panel_pack(const void *c, bool transposed, int64_t k, int64_t n, int width, bool single,
                void *packed) {
  if (single)
    pack_float(c, transposed, k, n, width, panel_lanes(single), packed);
  else
    pack_double(c, transposed, k, n, width, panel_lanes(single), packed);
}
