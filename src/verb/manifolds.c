/* manifolds.c: manifolds(net, points, ...): what leaves the saddles among given points, and what
   enters them: one course to each side of each growing direction, and back in time of each decaying
   one. In the plane these are the unstable manifolds and the separatrices; which points they join
   is the graph of transitions (Strogatz, Nonlinear Dynamics and Chaos, 2015, sections 6.1, 6.4). */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "verb/course.h"
#include "verb/verb.h"

enum { A_NET, A_POINTS, A_FOR, A_INPUT, A_METHOD, A_SEED, A_ABSENT = BUILTIN_MAX_ARGS - 1 };
enum { ROWS = 201 }; /* of a course, at even distances along it */

/* Where a course begins, and where it ends at the latest, as parts of the way between points. */
static const double BEGIN = 1e-4, REACH = 3;

typedef struct Manifolds {
  Flow f;
  double length, size;
  const PointSet *points;          /* NULL: in rehearsal */
  int64_t count;                   /* of courses */
  double *from, *to, *forward, *x; /* [count], and [count, ROWS, D] */
} Manifolds;

static Value *result(Manifolds *m) {
  Ev *ev = m->f.s.ev;
  bool known = m->points != NULL;
  Shape each = shape_vec(known ? m->count : EXTENT_UNKNOWN),
        rows = shape_concat(each, shape_vec(ROWS));
  Value *forward = flow_array(&m->f, each, m->forward, DIM_ONE);
  Value *r = value_record(ev, "manifolds", 5);
  value_set(r, 0, "from", flow_array(&m->f, each, m->from, DIM_ONE));
  value_set(r, 1, "to", flow_array(&m->f, each, m->to, DIM_ONE));
  value_set(r, 2, "unstable", value_as_logical(ev, forward));
  value_set(r, 3, "x",
            flow_array(&m->f, shape_concat(rows, shape_vec(m->f.dim)), m->x, flow_dim(&m->f)));
  value_set(r, 4, "state", flow_states(&m->f, rows, m->x));
  return r;
}

static bool read_call(Manifolds *m, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_ABSENT, A_SEED, false}, A_INPUT};
  return course_setup(ev, c, &at, &m->f) && course_length(&m->f, A_FOR, &m->length) &&
         course_points_fit(&m->f, A_POINTS);
}

static bool is_saddle(const Manifolds *m, int64_t k) {
  const PointSet *s = m->points;
  return s->growing[k] > 0 && s->growing[k] + s->undecided[k] < m->f.dim;
}

/* A direction of motion: a real eigenvector, or the real part of a complex one, once for a pair. */
static bool is_followed(const Manifolds *m, int64_t k, int64_t i) {
  const PointSet *s = m->points;
  if (s->im[k * m->f.dim + i] < 0) return false;
  if (i < s->growing[k]) return true;
  return i >= s->growing[k] + s->undecided[k] && m->f.s.sys->kind != SYSTEM_MAP;
}

/* The path of a course as ROWS points at even distances. */
static void resample(const Course *c, int64_t n, double *out) {
  int64_t steps = (int64_t)c->path.n / n, at = 0;
  double *along = ARENA_ARRAY(c->f->arena, double, steps);
  for (int64_t i = 1; i < steps; i++)
    along[i] = along[i - 1] + point_distance(c->path.at + i * n, c->path.at + (i - 1) * n, n);
  for (int64_t r = 0; r < ROWS; r++) {
    double want = along[steps - 1] * (double)r / (ROWS - 1);
    while (at + 2 < steps && along[at + 1] < want) at++;
    double step = steps > 1 ? along[at + 1] - along[at] : 0;
    double w = step > 0 ? fmin(1, (want - along[at]) / step) : 0;
    const double *a = c->path.at + at * n, *b = steps > 1 ? a + n : a;
    for (int64_t d = 0; d < n; d++) out[r * n + d] = a[d] + w * (b[d] - a[d]);
  }
}

static Status follow(Manifolds *m, Course *course, int64_t k, int64_t i, double side) {
  const PointSet *s = m->points;
  int64_t n = m->f.dim, at = m->count++;
  const double *v = s->vre + (k * n + i) * n;
  double *x = ARENA_ARRAY(m->f.arena, double, n);
  for (int64_t d = 0; d < n; d++)
    x[d] = s->x[k * n + d] + side * BEGIN * m->size * v[d] / point_size(v, n);
  m->forward[at] = i < s->growing[k];
  m->from[at] = (double)k;
  Status st = course_run(course, x, m->length, i >= s->growing[k]);
  m->to[at] = (double)course->reached;
  resample(course, n, m->x + at * ROWS * n);
  return st;
}

static int64_t directions(const Manifolds *m) {
  int64_t count = 0;
  for (int64_t k = 0; k < m->points->count; k++)
    for (int64_t i = 0; i < m->f.dim; i++) count += is_saddle(m, k) && is_followed(m, k, i);
  return count;
}

static Status follow_all(Manifolds *m, Course *course) {
  Arena *a = m->f.arena;
  int64_t n = m->f.dim, room = 2 * directions(m);
  course->kept = true;
  course->reach = REACH * m->size;
  m->from = ARENA_ARRAY(a, double, room + 1);
  m->to = ARENA_ARRAY(a, double, room + 1);
  m->forward = ARENA_ARRAY(a, double, room + 1);
  m->x = ARENA_ARRAY(a, double, room *ROWS *n + 1);
  Status st = STATUS_FINE;
  for (int64_t k = 0; k < m->points->count; k++)
    for (int64_t i = 0; i < n && is_saddle(m, k); i++)
      for (int side = -1; side <= 1 && is_followed(m, k, i) && st.code == STATUS_OK; side += 2)
        st = follow(m, course, k, i, side);
  return st;
}

/* The largest distance between points, or the size of the only one. */
static double extent(const Manifolds *m) {
  const PointSet *s = m->points;
  int64_t n = m->f.dim;
  double most = 0;
  for (int64_t i = 0; i < s->count; i++)
    for (int64_t j = 0; j < i; j++)
      most = fmax(most, point_distance(s->x + i * n, s->x + j * n, n));
  double size = s->count ? point_size(s->x, s->count * n) : 0;
  return most > 0 ? most : size > 0 ? size : 1;
}

static Value *run(Manifolds *m) {
  m->points = course_points(&m->f, A_POINTS);
  if (!m->points) return &VALUE_ERROR;
  m->size = extent(m);
  Course *course = course_new(&m->f, A_POINTS, m->points, m->size);
  if (!course) return &VALUE_ERROR;
  Status st = follow_all(m, course);
  if (st.code == STATUS_OK) return result(m);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(m->f.s.ev, m->f.s.c->at, st, "the courses of `%s` cannot be followed",
                 m->f.s.sys->name);
}

Value *verb_manifolds(Ev *ev, Call *c) {
  Manifolds m = {.count = 0};
  if (!read_call(&m, ev, c)) return &VALUE_ERROR;
  m.f.arena = arena_new();
  Value *v = ev->rehearse ? result(&m) : run(&m);
  arena_free(m.f.arena);
  return v;
}
