/* figure_points.h: results of `fixed_points` and `manifolds` as marks and figures. */
#ifndef DYN_REPORT_FIGURE_POINTS_H
#define DYN_REPORT_FIGURE_POINTS_H

#include "report/figure.h"

/* One number of the state: its name, and which element. */
typedef struct PointCoord {
  const char *path;
  int64_t element;
} PointCoord;

/* Is it such a result? */
bool is_points(const Value *v);
bool is_manifolds(const Value *v);

/* Points in a plane of two numbers of the state: filled where they are stable. Courses of
   manifolds: solid where they leave saddles, dashed where they enter. False: reported. */
bool points_add(Ev *ev, Axes *axes, const Value *points, const PointCoord at[2], Where where);
bool manifolds_add(Ev *ev, Axes *axes, const Value *manifolds, const PointCoord at[2], Where where);

/* plot(points): their places in the plane of most spread, with the directions that grow, and their
   spectra with the line of stability. */
Figure *figure_of_points(Ev *ev, Call *c, const Value *points, Where at);

#endif
