/* sheet.h: a figure laid out: panels with their places and margins, in px of 1/96 inch from the top
   left corner. */
#ifndef DYN_REPORT_SHEET_H
#define DYN_REPORT_SHEET_H

#include "report/view.h"

enum { LEGEND_MOST = 12, FONT_PX = 11 };

typedef struct Panel {
  const Axes *axes;
  const Figure *figure;
  double x, y, w, h;               /* of the whole cell */
  double left, right, top, bottom; /* margins around the plot proper */
  double heading;                  /* of these, the room for title and note */
  View vx, vy, vz;
  bool shades; /* colours stand for numbers: there is a colour bar */
  bool
      x_named; /* the x axis has its numbers and its name: not in the upper ones of a shared grid */
  const Mark *legend[LEGEND_MOST];
  int nlegend;
} Panel;

typedef struct Heading {
  double x, y;
  const char *text;
} Heading;

typedef struct Sheet {
  double width, height;
  VEC(Panel) panels;
  VEC(Heading) headings; /* titles of grids */
} Sheet;

void sheet_lay_out(Arena *a, const Figure *f, Sheet *out);
double text_width(size_t characters);
/* The text, or as much of it as fits into so many px. */
const char *text_fitted(Arena *a, const char *text, double px);

/* How the parts of a panel are told apart. */
enum { BAR_GAP = 10, BAR_WIDTH = 10, LEGEND_GAP = 14, LEGEND_SAMPLE = 38, LINE_HEIGHT = 15 };

#endif
