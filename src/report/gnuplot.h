/* gnuplot.h: draws figures. gnuplot is started once for all of them; layout, ticks, colours and
   thinning are ours, so that it only has to draw. */
#ifndef DYN_REPORT_GNUPLOT_H
#define DYN_REPORT_GNUPLOT_H

#include "report/figure.h"

typedef struct Drawing {
  const Figure *figure;
  const char *file; /* its name in the folder: ends in .svg, .pdf or .png */
} Drawing;

/* Can a figure be drawn to a file of this name? */
bool gnuplot_can_draw(const char *file);

/* False: *why says why not; some of the files may be missing. */
bool gnuplot_draw(Arena *a, const char *folder, const Drawing *drawings, size_t n,
                  const char **why);

#endif
