/* basins.c: basins(net, points, ...): at which of the points the courses from many starts come to
   rest, and what part of the starts each point draws: its basin stability (Menck, Heitzig, Marwan &
   Kurths, Nature Phys. 9, 2013). */
#include <math.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "verb/course.h"
#include "verb/verb.h"

enum {
  A_NET,
  A_POINTS,
  A_FOR,
  A_STARTS,
  A_N,
  A_INPUT,
  A_METHOD,
  A_SEED,
  A_ABSENT = BUILTIN_MAX_ARGS - 1
};

typedef struct Basins {
  Flow f;
  Shape shape;     /* of the starts, before the axes of the state */
  int64_t nstarts; /* or EXTENT_UNKNOWN */
  double length;
  const PointSet *points; /* NULL: in rehearsal */
  double *x;              /* the starts */
  double *to, *fraction, *error, other;
} Basins;

static Value *result(Basins *b) {
  Ev *ev = b->f.s.ev;
  bool known = b->points != NULL;
  Shape each = shape_vec(known ? b->points->count : EXTENT_UNKNOWN);
  Shape starts = shape_concat(b->shape, shape_vec(b->f.dim));
  Value *r = value_record(ev, "basins", 6);
  value_set(r, 0, "to", flow_array(&b->f, b->shape, b->to, DIM_ONE));
  value_set(r, 1, "fraction", flow_array(&b->f, each, b->fraction, DIM_ONE));
  value_set(r, 2, "error", flow_array(&b->f, each, b->error, DIM_ONE));
  value_set(r, 3, "other",
            known ? value_num(ev, b->other) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  value_set(r, 4, "x", flow_array(&b->f, starts, b->x, flow_dim(&b->f)));
  value_set(r, 5, "state", flow_states(&b->f, b->shape, b->x));
  return r;
}

/* The axes of the starts before those of a state. */
static bool read_shape(Basins *b) {
  Call *c = b->f.s.c;
  Value *v = c->arg[A_STARTS];
  if (!arg_given(c, A_STARTS)) {
    b->shape = shape_vec(b->nstarts);
    return true;
  }
  if (!flow_count_starts(&b->f, A_STARTS, &b->nstarts)) return false;
  b->shape = shape_vec(b->nstarts);
  if (v->kind != V_ARRAY) return true;
  const System *s = b->f.s.sys;
  b->shape = value_shape(v);
  b->shape.rank -= s->states.n == 1 ? s->states.at[0].q.shape.rank : 1;
  return true;
}

static bool read_call(Basins *b, Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_METHOD, A_ABSENT, A_SEED, false}, A_INPUT};
  return course_setup(ev, c, &at, &b->f) && arg_size(ev, c, A_N, 1000, 1, &b->nstarts) &&
         course_length(&b->f, A_FOR, &b->length) && course_points_fit(&b->f, A_POINTS) &&
         read_shape(b);
}

static bool get_starts(Basins *b, double *x) {
  Call *c = b->f.s.c;
  if (!arg_given(c, A_STARTS)) return flow_draw_starts(&b->f, b->nstarts, x);
  return flow_read_starts(&b->f, c->arg[A_STARTS], c->arg_at[A_STARTS], &b->nstarts, x);
}

/* Shares of independent starts have the errors of a binomial count. */
static void count_shares(Basins *b) {
  double n = (double)b->nstarts;
  b->fraction = ARENA_ARRAY(b->f.arena, double, b->points->count + 1);
  b->error = ARENA_ARRAY(b->f.arena, double, b->points->count + 1);
  for (int64_t i = 0; i < b->nstarts; i++)
    *(b->to[i] < 0 ? &b->other : &b->fraction[(int64_t)b->to[i]]) += 1;
  b->other /= n;
  for (int64_t k = 0; k < b->points->count; k++) {
    b->fraction[k] /= n;
    b->error[k] = sqrt(fmax(0, b->fraction[k] * (1 - b->fraction[k])) / n);
  }
}

static Status follow_all(Basins *b, Course *course, const double *x) {
  Ev *ev = b->f.s.ev;
  b->to = ARENA_ARRAY(b->f.arena, double, b->nstarts + 1);
  for (int64_t i = 0; i < b->nstarts; i++) {
    Status st = course_run(course, x + i * b->f.dim, b->length, false);
    if (st.code != STATUS_OK) return st;
    b->to[i] = (double)course->reached;
    double done = (double)i / (double)b->nstarts;
    if (ev->hooks.progress) ev->hooks.progress(ev->hooks.ctx, "basins", done, b->f.s.sys->name);
  }
  count_shares(b);
  return STATUS_FINE;
}

static Value *run(Basins *b) {
  Call *c = b->f.s.c;
  double *x = ARENA_ARRAY(b->f.arena, double, b->nstarts * b->f.dim + 1);
  b->points = course_points(&b->f, A_POINTS);
  if (!b->points || !get_starts(b, x)) return &VALUE_ERROR;
  b->x = x;
  double size = point_size(x, b->nstarts * b->f.dim);
  Course *course = course_new(&b->f, A_POINTS, b->points, size);
  if (!course) return &VALUE_ERROR;
  Status st = follow_all(b, course, x);
  if (st.code == STATUS_OK) return result(b);
  if (st.code == STATUS_CANCELLED) return &VALUE_ERROR;
  return ev_fail(b->f.s.ev, c->at, st, "the courses of `%s` cannot be followed", b->f.s.sys->name);
}

Value *verb_basins(Ev *ev, Call *c) {
  Basins b = {.nstarts = 0};
  if (!read_call(&b, ev, c)) return &VALUE_ERROR;
  b.f.arena = arena_new();
  Value *v = ev->rehearse ? result(&b) : run(&b);
  arena_free(b.f.arena);
  return v;
}
