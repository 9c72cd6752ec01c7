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

/* One course of n places; labelled[leaves]: such a one has its place in the legend. */
void course_add(Ev *ev, Axes *axes, int64_t n, Column x, Column y, bool leaves, bool labelled[2]);

/* The two axes of a plane for rows of states x [count, n]: of n <= 2 these themselves, else the two
   directions in which the rows differ most. */
typedef struct PointView {
  int64_t n, count;
  const double *x;
  double *mean, *axis[2];
} PointView;

/* False: there is no such plane. */
bool point_view_open(Ev *ev, const double *x, int64_t count, int64_t n, PointView *v);
/* A figure with axes for it, of states of the dimension of `x`. NULL: reported. */
Figure *point_view_figure(Ev *ev, Call *c, const Value *x, Where at);
/* Rows in the plane: [count, 2]. */
double *point_view_places(Ev *ev, const PointView *v, const double *x, int64_t count);

/* Eigenvalues or multipliers, with the line between growth and decay: the unit circle, or else the
   imaginary axis. NULL: reported. */
Figure *figure_of_spectrum(Ev *ev, Call *c, const Value *re, const Value *im, bool circle,
                           Where at);

/* plot(points): their places in the plane of most spread, with the directions that grow, and their
   spectra with the line of stability. */
Figure *figure_of_points(Ev *ev, Call *c, const Value *points, Where at);

#endif
