/* course.c: see course.h. */
#include "verb/course.h"

#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/network.h"

/* Of the way to the next other point: within it a course that ends at a point has only the linear
   motion left. */
static const double NEAR = 1e-3;
/* Points so close to each other, as a part of their size, are one. */
static const double SAME = 1e-6;
/* A field below this part of the one that is next to a point is none but for rounding. */
static const double ROUNDING = 1e-6;

/* ---- arguments ------------------------------------------------------------------------------- */

/* Courses are followed until they rest, whatever method the network was trained with. */
static bool settle_method(Ev *ev, Call *c, int i) {
  if (!arg_given(c, i)) {
    c->arg[i] = value_record(ev, "dopri5", 0);
    c->arg[i]->kind = V_METHOD;
    c->arg_at[i] = c->at;
    return true;
  }
  const Value *v = c->arg[i];
  const char *name = v->kind == V_METHOD                   ? v->type
                     : v->kind == V_FUNCTION && v->builtin ? v->builtin->name
                                                           : NULL;
  const Stepper *method = name ? stepper_find(name) : NULL;
  if (!method || !(method->flags & STEPPER_FIXED)) return true;
  ev_error(ev, E0606, c->arg_at[i],
           "`%s` follows courses until they rest: it needs an adaptive method, not `%s`",
           c->fn->name, name);
  return false;
}

bool course_setup(Ev *ev, Call *c, const FlowArgs *at, Flow *f) {
  Value *net = network_of(ev, c->arg[at->setup.net], c->arg_at[at->setup.net]);
  const System *s = net ? network_system(ev, net, c->arg_at[at->setup.net]) : NULL;
  if (!s || (s->kind != SYSTEM_MAP && !settle_method(ev, c, at->setup.method))) return false;
  return flow_setup(ev, c, at, true, f);
}

bool course_length(Flow *f, int arg, double *length) {
  bool known = true;
  if (!setup_time(&f->s, arg, length, &known)) return false;
  if (!known || (*length > 0 && isfinite(*length))) return true;
  setup_report(&f->s, E0611, f->s.c->arg_at[arg], "`for` must be above zero");
  return false;
}

bool course_points_fit(Flow *f, int arg) {
  Call *c = f->s.c;
  int64_t n;
  return flow_read_starts(f, c->arg[arg], c->arg_at[arg], &n, NULL);
}

PointSet *course_points(Flow *f, int arg) {
  Call *c = f->s.c;
  Value *v = c->arg[arg];
  PointSet *s = ARENA_NEW(f->arena, PointSet);
  if (!flow_read_starts(f, v, c->arg_at[arg], &s->count, NULL)) return NULL;
  s->x = ARENA_ARRAY(f->arena, double, s->count * f->dim + 1);
  if (!flow_read_starts(f, v, c->arg_at[arg], &s->count, s->x)) return NULL;
  Status st = point_set_linearise(f, s, f->dim);
  if (st.code == STATUS_OK) return s;
  ev_fail(f->s.ev, c->arg_at[arg], st, "the Jacobian of `%s` cannot be computed", f->s.sys->name);
  return NULL;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static double distance_to_others(const PointSet *s, int64_t k, int64_t n, double size) {
  double least = INFINITY, own = fmax(size, point_size(s->x + k * n, n));
  for (int64_t j = 0; j < s->count; j++) {
    double d = point_distance(s->x + j * n, s->x + k * n, n);
    if (d > SAME * own) least = fmin(least, d);
  }
  return isfinite(least) ? least : own;
}

/* Nothing comes to rest at a point that is no fixed point, or not quite where the fixed point is.
 */
static bool is_at_rest(const Course *c, int64_t k) {
  const PointSet *s = c->points;
  double rate = 0;
  for (int64_t i = k * c->f->dim; i < (k + 1) * c->f->dim; i++)
    rate = fmax(rate, hypot(s->re[i], s->im[i]));
  return s->step[k] <= c->near[k] || s->field[k] <= ROUNDING * rate * c->near[k];
}

Course *course_new(Flow *f, int arg, const PointSet *points, double size) {
  Course *c = ARENA_NEW(f->arena, Course);
  *c = (Course){.f = f, .points = points, .reach = INFINITY};
  c->p = flow_plan(f, flow_function(f, false, 0), 0);
  flow_bind_inputs(f, c->p, -1, 0);
  c->x = ARENA_ARRAY(f->arena, double, f->dim);
  c->near = ARENA_ARRAY(f->arena, double, points->count + 1);
  for (int64_t k = 0; k < points->count; k++) {
    c->near[k] = NEAR * distance_to_others(points, k, f->dim, size);
    if (is_at_rest(c, k)) continue;
    arg_bad(
        f->s.ev, f->s.c, arg,
        "must be fixed points: that of index %lld does not rest, and Newton's method would move "
        "it by %.2g; `fixed_points` finds them",
        (long long)k, points->step[k]);
    return NULL;
  }
  return c;
}

/* ---- on the way ------------------------------------------------------------------------------ */

/* A course can end at a point that nothing leaves; back in time, that nothing enters. */
static bool ends_at(const Course *c, int64_t k) {
  return c->points->growing[k] == (c->back ? c->f->dim : 0);
}

/* Notes where the course is. True: it has arrived, or is out of reach. */
static bool arrives(Course *c, const double *x) {
  int64_t n = c->f->dim;
  for (int64_t i = 0; c->kept && i < n; i++) *vec_push(c->f->arena, &c->path) = x[i];
  for (int64_t k = 0; k < c->points->count && c->reached < 0; k++)
    if (ends_at(c, k) && point_distance(x, c->points->x + k * n, n) <= c->near[k]) c->reached = k;
  return c->reached >= 0 || point_distance(x, c->start, n) > c->reach;
}

static OdeAction observe(void *ctx, const OdeStep *s, double *t, double *y) {
  (void)t, (void)y;
  return arrives(ctx, s->y1) ? ODE_STOP : ODE_GO;
}

static Status rhs(void *ctx, double t, const double *y, double *dydt) {
  Course *c = ctx;
  c->p->t = t;
  c->p->in[FLOW_X] = y;
  Status st = program_run(c->p->p, c->p->in, (void *[]){dydt});
  for (int64_t i = 0; i < c->f->dim && c->back; i++) dydt[i] = -dydt[i];
  return st;
}

static Status go_in_time(Course *c, double length) {
  const Setup *s = &c->f->s;
  OdeProblem p = {c->f->dim, rhs, NULL, c};
  OdeOptions o = {.rtol = s->rtol, .atol = s->atol};
  double t = 0;
  Status st =
      s->method->solve(s->method, &p, &o, &t, length, c->x, &(OdeObserver){observe, c}, NULL);
  bool runs_away = st.code == STATUS_DIVERGES || st.code == STATUS_NONFINITE;
  return runs_away ? STATUS_FINE : st; /* it arrives nowhere */
}

static Status go_in_steps(Course *c, double length) {
  double *next = ARENA_ARRAY(c->f->arena, double, c->f->dim);
  for (double step = 0; step < length; step++) {
    Status st = rhs(c, step, c->x, next);
    if (st.code != STATUS_OK) return STATUS_FINE;
    memcpy(c->x, next, (size_t)c->f->dim * sizeof *next);
    if (arrives(c, c->x)) break;
  }
  return STATUS_FINE;
}

Status course_run(Course *c, const double *x, double length, bool back) {
  c->back = back;
  c->reached = -1;
  c->path.n = 0;
  c->start = x;
  memcpy(c->x, x, (size_t)c->f->dim * sizeof *x);
  if (ev_stopped(c->f->s.ev)) return (Status){STATUS_CANCELLED, 0, -1, NULL};
  if (arrives(c, x)) return STATUS_FINE;
  return c->f->s.sys->kind == SYSTEM_MAP ? go_in_steps(c, length) : go_in_time(c, length);
}
