/* point_set.h: points that were found from many starts, each once, with the linear motion around
   each. */
#ifndef DYN_VERB_POINT_SET_H
#define DYN_VERB_POINT_SET_H

#include "verb/flow.h"

typedef struct PointSet {
  int64_t count, vectors; /* vectors: how many eigenvectors of each */
  double *x, *q, *hits;   /* [count, D]; half the squared field; how many given starts led there */
  double *re, *im;        /* [count, D]: eigenvalues, the fastest growing first */
  double *vre, *vim;      /* [count, vectors, D]: of unit length */
  double *step, *field;   /* [count]: how far Newton's method would still go; the field there */
  int64_t *growing, *undecided; /* [count]: how many directions grow, or neither grow nor decay */
  int *sign;                    /* [count]: that of det(-Jacobian) (a map: det(1 - Jacobian)) */
} PointSet;

/* What was found from each start: count, x [count, D] and q [count]; the first `given` starts are
   the caller's, the others came from a search between points. */
typedef struct Found {
  int64_t count, given;
  double *x, *q;
} Found;

/* The points with q in (least, most], each once, in the order of their coordinates: that of the
   starts does not show. `scale` is a size of states, by which small distances are measured. */
PointSet *point_set_new(Flow *f, const Found *found, double least, double most, double scale);
/* Eigenvalues and so on; `vectors` eigenvectors of each. */
Status point_set_linearise(Flow *f, PointSet *s, int64_t vectors);
/* Takes out points that Newton's method would leave, and joins those around a degenerate zero. */
void point_set_keep_zeros(Flow *f, PointSet *s, double scale);
/* Where the search began: within `reach` of the centre in the mean, `most` at most. */
typedef struct Region {
  double *centre, reach, most;
} Region;
/* Is x more than ten times as far out as that? */
bool region_is_far(const Region *r, const double *x, int64_t n);
/* Takes out points far away about which an eigenvalue decides nothing, and those farther out than
   all starts about which none does: the field has faded there, as where a gate is closed. Returns
   how many. */
int64_t point_set_drop_faded(const Flow *f, PointSet *s, const Region *r);
/* The sum of the signs, or NaN if a point has none. */
double point_set_index(const PointSet *s);

enum { POINT_FIELDS = 13 };
/* Fills in the first fields of a record (s NULL: in rehearsal). */
void point_set_fields(Flow *f, const PointSet *s, int64_t vectors, Value *record);

/* The root mean square of n numbers, and of the differences of two rows. */
double point_size(const double *a, int64_t n);
double point_distance(const double *a, const double *b, int64_t n);

#endif
