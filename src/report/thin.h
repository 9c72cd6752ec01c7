/* thin.h: data as a drawing needs them: fractions of the axes, in single precision, with no more
   points than can be told apart at the size of the plot. */
#ifndef DYN_REPORT_THIN_H
#define DYN_REPORT_THIN_H

#include "report/view.h"

typedef struct Points {
  float *at; /* rows of `columns` numbers; NaN where a line is interrupted */
  int64_t n;
  int columns;
} Points;

/* wide, high: of the plot, in px. */
Points thin_mark(Arena *a, const Mark *m, const View *vx, const View *vy, double wide, double high);

/* Cells as colours, three bytes each, the lowest row first. */
typedef struct Pixels {
  uint8_t *at;
  int64_t rows, cols;
  double x0, x1, y0, y1; /* fractions of the axes */
} Pixels;

struct ColorMap;
Pixels thin_image(Arena *a, const Image *im, const View *vx, const View *vy, const View *vz,
                  const struct ColorMap *map, double wide, double high);

#endif
