/* course.h: where a state of a flow that does not change goes, forward or back in time, until it
   comes to rest at one of given points. A map goes forward only. */
#ifndef DYN_VERB_COURSE_H
#define DYN_VERB_COURSE_H

#include "verb/point_set.h"

typedef struct Course {
  Flow *f;
  FlowProgram *p;
  const PointSet *points; /* linearised */
  double *near;           /* [count]: how close to each the course ends */
  int64_t reached;        /* the point, or -1 */
  double *x;              /* [D]: where the course is */
  VEC(double) path;       /* all of it, [D] each, if `kept` */
  bool back, kept;
  double reach; /* from where it began; farther out it ends */
  const double *start;
} Course;

/* `size` is one of states: a lone point is near within a thousandth of it. NULL: a point of the
   argument `arg` is not at rest, which is reported. */
Course *course_new(Flow *f, int arg, const PointSet *points, double size);
/* From x for at most `length`. A state that runs away, or rests nowhere, has reached -1. Fails if
   it is cancelled or cannot be computed. */
Status course_run(Course *c, const double *x, double length, bool back);

/* The arguments that these analyses share: the network and how it runs. False: reported. */
bool course_setup(Ev *ev, Call *c, const FlowArgs *at, Flow *f);
/* The longest time. False: reported. */
bool course_length(Flow *f, int arg, double *length);
/* Points as an argument gives them, states or a result of fixed_points, linearised with all
   eigenvectors. NULL: reported. */
PointSet *course_points(Flow *f, int arg);
/* Whether the argument can be such points. False: reported. */
bool course_points_fit(Flow *f, int arg);

#endif
