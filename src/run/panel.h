/* panel.h: products a c with a matrix c whose value stays: it is copied once into panels of columns
   that the loops read straight through. A panel holds up to `width` vectors of columns, row after
   row of c. Each element of the result is summed in the order k = 0, 1, 2 ... with fused
   multiply-adds, so its bits depend neither on the vector width nor on the number of rows. Behind
   the panels stands one more number, 0 if all of c is finite: then zeros of a are skipped where
   there are many, with the same bits. */
#ifndef DYN_RUN_PANEL_H
#define DYN_RUN_PANEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct PanelCall {
  const void *a;      /* [m, k] */
  const void *packed; /* from panel_pack */
  void *out;          /* [m, n] */
  int64_t m, k, n;
  int width; /* as given to panel_pack */
  bool single;
} PanelCall;

/* The best width for products with m rows: wide panels hide latency when there is but one row. */
int panel_width(int64_t m);

/* c is [k, n], or [n, k] if transposed. */
size_t panel_bytes(int64_t k, int64_t n, bool single);
void panel_pack(const void *c, bool transposed, int64_t k, int64_t n, int width, bool single,
                void *packed);
int panel_lanes(bool single); /* columns in a vector */
void panel_product(const PanelCall *c);

/* The vectors of panel number `index` among those of nv vectors: panels are balanced (200 columns
   are 7 + 6 + 6 + 6 vectors of 8, not 8 + 8 + 8 + 1). */
static inline int64_t panel_count(int64_t nv, int width) {
  return (nv + width - 1) / width;
}
static inline int64_t panel_first(int64_t nv, int64_t panels, int64_t index) {
  int64_t longer = nv % panels;
  return nv / panels * index + (index < longer ? index : longer);
}

#endif
