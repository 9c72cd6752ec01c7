/* figures.h: the figures of a run. */
#ifndef DYN_REPORT_FIGURES_H
#define DYN_REPORT_FIGURES_H

#include "report/figure.h"

typedef struct Figures {
  Figure **at;
  size_t n, cap;
} Figures;

/* Those that are part of no other, in the order in which they were made, with names for their
   files: that of their `let`, or figure-N. */
void figures_collect(Ev *ev, Figures *out);
/* Draws them to NAME.svg in the folder, and what `save` asked for. Where that fails, a warning says
   why. */
void figures_draw(Ev *ev, const Figures *all, const char *folder);
/* Says in each of these files where it came from (report/stamp.h). */
void figures_stamp(Ev *ev, const Figures *all, const char *folder, const char *text);
/* One of them as the text of an SVG file; NULL, after a warning, where that fails. */
const char *figures_svg(Ev *ev, const Figure *f);
const char *figure_title(const Figure *f); /* NULL: it has none */
/* Why there is nothing to show on the axes of a figure; NULL: there is something. */
const char *figure_lacks(Arena *a, const Figure *f);

#endif
