/* view.h: how a quantity is shown along an axis: its unit, its range, its ticks. Data go to the
   drawing as fractions of the axis. */
#ifndef DYN_REPORT_VIEW_H
#define DYN_REPORT_VIEW_H

#include "report/figure.h"
#include "report/ticks.h"

typedef struct View {
  double factor; /* of the unit that is shown */
  bool log;
  double lo, hi;    /* in that unit; of a logarithmic axis the logarithms */
  bool empty;       /* there was nothing finite to be shown */
  const char *text; /* name and unit, or "" */
  Ticks ticks;
} View;

typedef enum WhichAxis { AXIS_X, AXIS_Y, AXIS_Z } WhichAxis;

/* Finds unit and range; ticks follow by view_ticks once it is known how much room there is. */
void view_make(Arena *a, const Axes *axes, WhichAxis which, View *out);
void view_ticks(Arena *a, const Axis *axis, int most, View *v);
double view_fraction(const View *v, double x); /* NAN: not to be shown */

#endif
