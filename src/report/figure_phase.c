/* figure_phase.c: phase_plane: two states against each other. Runs give lines; a network gives the
   directions of its vector field and its nullclines, where one of the two derivatives is zero;
   analyses give fixed points and separatrices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/network.h"
#include "report/figure_points.h"
#include "run/run.h"

enum { NULLCLINE_GRID = 96, POINTS_MOST = 60 };

/* One number of the state. */
typedef struct Coord {
  const char *name; /* as written: "E.x[3]" */
  const char *path; /* "E.x" */
  int64_t element;
} Coord;

typedef struct Plane {
  Ev *ev;
  Call *c;
  Figure *f;
  Coord coord[2];
  bool chosen;
  const System *sys; /* NULL: no network is given */
  Where sys_at;
  int64_t points;
} Plane;

/* ---- which states ---------------------------------------------------------------------------- */

static bool read_coord(Plane *p, Value *v, Coord *out) {
  Where at = p->c->arg_at[0];
  const char *text = ev_to_string(p->ev, v, at, "a state");
  if (!text) return false;
  size_t n = strcspn(text, "[");
  *out = (Coord){.name = text, .path = arena_strndup(p->ev->arena, text, n)};
  if (!text[n]) return true;
  char *end;
  out->element = strtoll(text + n + 1, &end, 10);
  if (strcmp(end, "]") == 0 && out->element >= 0) return true;
  arg_bad(p->ev, p->c, 0, "are names such as \"v\" or \"x[3]\", not \"%s\"", text);
  return false;
}

static bool read_states(Plane *p) {
  if (!arg_given(p->c, 0)) return true;
  Value *v = p->c->arg[0];
  if (v->kind != V_LIST || v->nfields != 2)
    return arg_bad(p->ev, p->c, 0, "are two names, [\"v\", \"w\"]"), false;
  p->chosen = true;
  return read_coord(p, v->fields[0].value, &p->coord[0]) &&
         read_coord(p, v->fields[1].value, &p->coord[1]);
}

/* The first two numbers of a list of quantities; `count` elements each. */
static void choose(Plane *p, const char *name, int64_t count, int *have) {
  Arena *a = p->ev->arena;
  for (int64_t i = 0; i < (count < 0 ? 2 : count) && *have < 2; i++) {
    const char *text = count == 1 ? name : arena_printf(a, "%s[%lld]", name, (long long)i);
    p->coord[(*have)++] = (Coord){text, name, i};
  }
}

static void choose_of_system(Plane *p) {
  int have = 0;
  for (size_t i = 0; i < p->sys->states.n; i++)
    choose(p, p->sys->states.at[i].q.name, shape_count(p->sys->states.at[i].q.shape), &have);
  p->chosen = have == 2;
}

/* Fields of a run that are no course. */
static bool is_aside(const char *name) {
  static const char *const asides[] = {"t", "final", "stopped"};
  for (size_t i = 0; i < sizeof asides / sizeof *asides; i++)
    if (strcmp(name, asides[i]) == 0) return true;
  return false;
}

static void choose_of_record(Plane *p, const char *prefix, const Value *r, int64_t rows,
                             int *have) {
  for (int i = 0; i < r->nfields; i++) {
    const Field *f = &r->fields[i];
    const char *name = arena_printf(p->ev->arena, "%s%s", prefix, f->name);
    if (is_aside(name)) continue;
    if (f->value->kind == V_RECORD)
      choose_of_record(p, arena_printf(p->ev->arena, "%s.", name), f->value, rows, have);
    if (f->value->kind != V_ARRAY) continue;
    Shape s = value_shape(f->value);
    bool trial = s.rank > 1 && rows >= 0 && s.n[0] != rows && s.n[1] == rows;
    choose(p, name, shape_count(shape_tail(s, trial ? 2 : 1)), have);
  }
}

/* ---- courses --------------------------------------------------------------------------------- */

static const Value *at_path(const Value *r, const char *path, Arena *a) {
  while (r && r->kind == V_RECORD) {
    size_t n = strcspn(path, ".");
    r = value_field(r, arena_strndup(a, path, n));
    if (!path[n]) return r;
    path += n + 1;
  }
  return NULL;
}

/* The values of one number along a run: `trials` courses of `rows` points. */
typedef struct Course {
  const Value *v;
  Column column;
  int64_t rows, trials, next;
} Course;

static bool find_course(Plane *p, const Value *run, const Coord *coord, Where at, Course *out) {
  const Value *t = value_field(run, "t"), *v = at_path(run, coord->path, p->ev->arena);
  if (!v || v->kind != V_ARRAY || value_shape(v).rank < 1) {
    ev_error(p->ev, E0903, at, "the run has not recorded `%s`", coord->path);
    return false;
  }
  Shape s = value_shape(v);
  int64_t rows = t && t->kind == V_ARRAY && value_shape(t).rank == 1 ? value_shape(t).n[0] : s.n[0];
  bool trial = s.rank > 1 && rows >= 0 && s.n[0] != rows && s.n[1] == rows;
  int64_t count = shape_count(shape_tail(s, trial ? 2 : 1));
  if (count >= 0 && coord->element >= count) {
    ev_error(p->ev, E0402, at, "`%s` has %lld element%s", coord->path, (long long)count,
             count == 1 ? "" : "s");
    return false;
  }
  *out = (Course){.v = v, .rows = rows, .trials = trial ? s.n[0] : 1, .next = rows * count};
  if (value_is_known(v)) out->column = column_of(v->tensor->data + coord->element, count);
  return true;
}

static bool add_run(Plane *p, const Value *run, Where at) {
  Axes *axes = p->f->axes;
  Course x, y;
  if (!find_course(p, run, &p->coord[0], at, &x) || !find_course(p, run, &p->coord[1], at, &y))
    return false;
  if (!axis_take(p->ev, &axes->x, "x", x.v->dim, at) ||
      !axis_take(p->ev, &axes->y, "y", y.v->dim, at))
    return false;
  if (!value_is_known(x.v) || !value_is_known(y.v)) return true;
  bool map = p->sys && p->sys->kind == SYSTEM_MAP; /* between its points there is nothing */
  for (int64_t k = 0; k < x.trials; k++) {
    Column cx = x.column, cy = y.column;
    cx.at += k * x.next;
    cy.at += k * y.next;
    Mark *m = mark_add(p->ev, axes, map ? MARK_points : MARK_line, x.rows, cx, cy);
    m->label = k == 0 ? figure_name_of(p->ev, at) : NULL;
    if (x.trials > 1) m->color = "blue";
    m->faint = x.trials > 1;
  }
  return true;
}

/* A run, or what an analysis found. */
static bool add_record(Plane *p, const Value *r, Where at) {
  PointCoord plane[2];
  for (int k = 0; k < 2; k++) plane[k] = (PointCoord){p->coord[k].path, p->coord[k].element};
  if (is_points(r)) return points_add(p->ev, p->f->axes, r, plane, at);
  if (is_manifolds(r)) return manifolds_add(p->ev, p->f->axes, r, plane, at);
  return add_run(p, r, at);
}

/* ---- the vector field ------------------------------------------------------------------------ */

typedef struct Field2 {
  Plane *p;
  Program *program;
  const void **in;
  void **out;
  double *slot[2];  /* where the two numbers stand in the state */
  double *slope[2]; /* and in the derivatives */
} Field2;

static bool find_slot(Plane *p, const Coord *coord, size_t *state) {
  for (*state = 0; *state < p->sys->states.n; ++*state) {
    const Quantity *q = &p->sys->states.at[*state].q;
    if (strcmp(q->name, coord->path) != 0) continue;
    int64_t count = shape_count(q->shape);
    if (count < 0 || coord->element < count) return true;
    ev_error(p->ev, E0402, p->sys_at, "`%s` has %lld element%s", coord->path, (long long)count,
             count == 1 ? "" : "s");
    return false;
  }
  ev_error(p->ev, E0903, p->sys_at, "`%s` is no state of the network `%s`", coord->path,
           p->sys->name);
  return false;
}

static void **make_buffers(Arena *a, const Program *program, int n,
                           Shape (*shape)(const Program *, int)) {
  void **all = ARENA_ARRAY(a, void *, n + 1);
  for (int i = 0; i < n; i++) all[i] = ARENA_ARRAY(a, double, shape_count(shape(program, i)) + 1);
  return all;
}

/* The starts of the states and the defaults of the inputs. */
static bool fill_rest(Field2 *v, const GraphFn *fn) {
  Arena *a = v->p->ev->arena;
  const System *s = v->p->sys;
  enum { BEFORE_STATES = 4 }; /* t, step, trial, update */
  NodeId *starts = ARENA_ARRAY(a, NodeId, s->states.n + 1);
  for (size_t i = 0; i < s->states.n; i++) starts[i] = s->states.at[i].init;
  SystemFnOptions o = {.outs = starts, .nouts = (int)s->states.n};
  Program *init = program_plan(a, system_fn(a, s, &o), &(PlanOptions){0});
  void **in = make_buffers(a, v->program, fn->nin, program_in_shape);
  for (size_t i = 0; i < s->inputs.n; i++) {
    const Tensor *d = s->inputs.at[i].dflt;
    size_t at = BEFORE_STATES + s->states.n + i;
    if (d) memcpy(in[at], d->data, (size_t)shape_count(d->shape) * sizeof(double));
  }
  void **start = make_buffers(a, init, (int)s->states.n, program_out_shape);
  Status st = program_run(init, (const void *const *)in, start);
  for (size_t i = 0; i < s->states.n; i++) in[BEFORE_STATES + i] = start[i];
  v->in = (const void **)in;
  for (int k = 0; k < 2; k++) {
    size_t state = 0;
    if (!find_slot(v->p, &v->p->coord[k], &state)) return false;
    v->slot[k] = (double *)in[BEFORE_STATES + state] + v->p->coord[k].element;
    v->slope[k] = (double *)v->out[state] + v->p->coord[k].element;
  }
  return st.code == STATUS_OK;
}

static bool open_field(Plane *p, Field2 *v) {
  Arena *a = p->ev->arena;
  *v = (Field2){.p = p};
  const GraphFn *fn = system_fn(a, p->sys, &(SystemFnOptions){0});
  v->program = program_plan(a, fn, &(PlanOptions){0});
  v->out = make_buffers(a, v->program, fn->nout, program_out_shape);
  return fill_rest(v, fn);
}

/* Where the state at (x, y) goes: of a map, the step that it makes. */
static void slope_at(Field2 *v, double x, double y, double d[2]) {
  *v->slot[0] = x;
  *v->slot[1] = y;
  bool map = v->p->sys->kind == SYSTEM_MAP;
  bool ok = program_run(v->program, v->in, v->out).code == STATUS_OK;
  for (int k = 0; k < 2; k++) d[k] = ok ? *v->slope[k] - (map ? *v->slot[k] : 0) : NAN;
}

/* Arrows of one length, centred on the points of the grid. */
static void add_arrows(Field2 *v) {
  Plane *p = v->p;
  const Axis *ax = &p->f->axes->x, *ay = &p->f->axes->y;
  int64_t n = p->points, count = n * n;
  double *data = ARENA_ARRAY(p->ev->arena, double, 4 * count);
  double wide = (ax->hi - ax->lo) / (double)n, high = (ay->hi - ay->lo) / (double)n;
  for (int64_t i = 0; i < count; i++) {
    double x = ax->lo + wide * ((double)(i % n) + 0.5), y = ay->lo + high * ((double)(i / n) + 0.5);
    double d[2];
    slope_at(v, x, y, d);
    double length = hypot(d[0] / wide, d[1] / high);
    double dx = length > 0 ? 0.6 * d[0] / length : NAN, dy = length > 0 ? 0.6 * d[1] / length : NAN;
    data[4 * i] = x - dx / 2;
    data[4 * i + 1] = y - dy / 2;
    data[4 * i + 2] = dx;
    data[4 * i + 3] = dy;
  }
  Mark *m =
      mark_add(p->ev, p->f->axes, MARK_arrows, count, column_of(data, 4), column_of(data + 1, 4));
  m->dx = column_of(data + 2, 4);
  m->dy = column_of(data + 3, 4);
  m->color = "#909090";
  m->size = 0.6;
}

/* ---- nullclines ------------------------------------------------------------------------------ */

typedef VEC(double) Numbers;

/* The place of the zero on the edge between corners a and b of a cell, in units of cells. */
static void crossing(const double f[4], int a, int b, double out[2]) {
  static const double corner[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
  double w = f[a] / (f[a] - f[b]);
  for (int k = 0; k < 2; k++) out[k] = corner[a][k] + w * (corner[b][k] - corner[a][k]);
}

/* The pieces of the zero line in one cell, whose corners go round: marching squares, after
   W. Lorensen & H. Cline, "Marching cubes", SIGGRAPH 1987, in the plane. */
static void add_cell(Arena *a, Numbers *out, const double f[4], double i, double j) {
  double cross[4][2];
  int n = 0;
  for (int k = 0; k < 4; k++)
    if ((f[k] < 0) != (f[(k + 1) % 4] < 0)) crossing(f, k, (k + 1) % 4, cross[n++]);
  /* Two pieces: which crossings belong together, the middle says. */
  bool turned = n == 4 && (f[0] + f[1] + f[2] + f[3] < 0) != (f[0] < 0);
  for (int k = 0; k < n; k += 2) {
    const double *from = cross[k], *to = cross[turned ? k + 1 : (k + 3) % 4];
    if (n == 2) to = cross[1];
    *vec_push(a, out) = i + from[0];
    *vec_push(a, out) = j + from[1];
    *vec_push(a, out) = to[0] - from[0];
    *vec_push(a, out) = to[1] - from[1];
  }
}

static void trace_zeros(Arena *a, const double *f, int n, Numbers *out) {
  for (int j = 0; j + 1 < n; j++)
    for (int i = 0; i + 1 < n; i++) {
      const double *c = f + j * n + i;
      double corner[4] = {c[0], c[1], c[n + 1], c[n]};
      if (isfinite(corner[0] + corner[1] + corner[2] + corner[3])) add_cell(a, out, corner, i, j);
    }
}

static void add_nullcline(Plane *p, const double *f, int which) {
  static const char *const colors[] = {"orange", "green"};
  const Axis *ax = &p->f->axes->x, *ay = &p->f->axes->y;
  Arena *a = p->ev->arena;
  Numbers z = {0};
  trace_zeros(a, f, NULLCLINE_GRID, &z);
  double wide = (ax->hi - ax->lo) / (NULLCLINE_GRID - 1),
         high = (ay->hi - ay->lo) / (NULLCLINE_GRID - 1);
  for (size_t i = 0; i + 3 < z.n; i += 4) {
    z.at[i] = ax->lo + wide * z.at[i];
    z.at[i + 1] = ay->lo + high * z.at[i + 1];
    z.at[i + 2] *= wide;
    z.at[i + 3] *= high;
  }
  if (!z.n) return;
  Mark *m = mark_add(p->ev, p->f->axes, MARK_strokes, (int64_t)z.n / 4, column_of(z.at, 4),
                     column_of(z.at + 1, 4));
  m->dx = column_of(z.at + 2, 4);
  m->dy = column_of(z.at + 3, 4);
  m->color = colors[which];
  bool map = p->sys->kind == SYSTEM_MAP;
  m->label = arena_printf(a, map ? "next %s = %s" : "d%s/dt = 0", p->coord[which].name,
                          p->coord[which].name);
}

static void add_nullclines(Field2 *v) {
  Plane *p = v->p;
  const Axis *ax = &p->f->axes->x, *ay = &p->f->axes->y;
  enum { N = NULLCLINE_GRID };
  double *f[2] = {ARENA_ARRAY(p->ev->arena, double, N *N), ARENA_ARRAY(p->ev->arena, double, N *N)};
  for (int i = 0; i < N * N; i++) {
    double d[2];
    slope_at(v, ax->lo + (ax->hi - ax->lo) * (i % N) / (N - 1),
             ay->lo + (ay->hi - ay->lo) * (i / N) / (N - 1), d);
    f[0][i] = d[0];
    f[1][i] = d[1];
  }
  for (int k = 0; k < 2; k++) add_nullcline(p, f[k], k);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

/* What the courses cover and a fifth more on each side. False: there are none. */
static bool cover(Axis *axis, const Marks *marks, bool x) {
  double lo = 0, hi = 0;
  bool any = false;
  for (size_t i = 0; i < marks->n; i++) {
    double a, b;
    const Mark *m = &marks->at[i];
    if (!column_extent(x ? &m->x : &m->y, m->n, false, &a, &b)) continue;
    lo = any ? fmin(lo, a) : a;
    hi = any ? fmax(hi, b) : b;
    any = true;
  }
  double room = hi > lo ? 0.2 * (hi - lo) : fmax(fabs(hi), 1e-12);
  axis->lo = lo - room;
  axis->hi = hi + room;
  axis->ranged = any;
  return any;
}

static bool settle_range(Plane *p, Axis *axis, const char *option, bool x) {
  if (axis->ranged || cover(axis, &p->f->axes->marks, x)) return true;
  ev_error(p->ev, E0208, p->c->at, "without a run, `phase_plane` needs `%s = [lo, hi]`", option);
  return false;
}

static Dim coord_dim(const Plane *p, const Coord *coord) {
  const Quantity *q = system_find(p->sys, coord->path);
  return dim_resolve(q->dim, p->sys->time);
}

/* The field lies below the courses. */
static bool add_field(Plane *p) {
  Axes *axes = p->f->axes;
  bool is_known = arg_given(p->c, 2 + OPTION_X_RANGE) || axes->marks.n || !p->ev->rehearse;
  if (p->ev->rehearse && (is_known || p->c->nrest > 1)) return true;
  if (!settle_range(p, &axes->x, "x_range", true) || !settle_range(p, &axes->y, "y_range", false))
    return false;
  Marks courses = axes->marks;
  axes->marks = (Marks){0};
  Field2 v;
  if (!open_field(p, &v)) return false;
  add_arrows(&v);
  add_nullclines(&v);
  for (size_t i = 0; i < courses.n; i++) *vec_push(p->ev->arena, &axes->marks) = courses.at[i];
  return true;
}

/* ---- all together ---------------------------------------------------------------------------- */

static bool take_network(Plane *p, Value *v, Where at) {
  if (p->sys) return ev_error(p->ev, E0209, at, "`phase_plane` shows one network"), false;
  p->sys = network_system(p->ev, v, at);
  p->sys_at = at;
  if (p->sys && p->sys->delays.n)
    return ev_error(p->ev, E0903, at, "a network with delays has no phase plane"), false;
  return p->sys != NULL;
}

static bool is_network(const Value *v) {
  return v->kind == V_NETWORK || (v->kind == V_FUNCTION && v->fn && v->fn->kind == AST_NETWORK);
}

static bool find_network(Plane *p) {
  for (int i = 0; i < p->c->nrest; i++) {
    Value *v = p->c->rest[i];
    if (is_network(v) && !take_network(p, v, p->c->rest_at[i])) return false;
    if (is_network(v) || v->kind == V_RECORD) continue;
    ev_error(p->ev, E0210, p->c->rest_at[i], "`phase_plane` shows a network and runs, not %s",
             value_kind_name(p->ev, v));
    return false;
  }
  if (p->c->nrest) return true;
  ev_error(p->ev, E0208, p->c->at, "`phase_plane` needs a network or a run");
  return false;
}

static bool settle_states(Plane *p) {
  if (!p->chosen && p->sys) choose_of_system(p);
  int have = 0;
  if (!p->chosen && (is_points(p->c->rest[0]) || is_manifolds(p->c->rest[0]))) {
    ev_error(p->ev, E0903, p->c->at,
             "of a result, `phase_plane` needs the network too, or `states`");
    return false;
  }
  const Value *t = !p->chosen ? value_field(p->c->rest[0], "t") : NULL;
  int64_t rows = t && t->kind == V_ARRAY && value_shape(t).rank == 1 ? value_shape(t).n[0] : -1;
  if (!p->chosen && !p->sys) choose_of_record(p, "", p->c->rest[0], rows, &have);
  p->chosen = p->chosen || have == 2;
  if (!p->chosen) ev_error(p->ev, E0903, p->c->at, "a phase plane needs two states");
  return p->chosen;
}

static bool take_axes(Plane *p) {
  Axes *axes = p->f->axes;
  axes->x.label = p->coord[0].name;
  axes->y.label = p->coord[1].name;
  size_t ignored;
  if (!p->sys) return true;
  return find_slot(p, &p->coord[0], &ignored) && find_slot(p, &p->coord[1], &ignored) &&
         axis_take(p->ev, &axes->x, "x", coord_dim(p, &p->coord[0]), p->sys_at) &&
         axis_take(p->ev, &axes->y, "y", coord_dim(p, &p->coord[1]), p->sys_at);
}

Value *figure_phase_plane(Ev *ev, Call *c) {
  FigureOptions o;
  Plane p = {.ev = ev, .c = c, .f = figure_new(ev, c)};
  if (!figure_options_read(ev, c, 2, &o) || !read_states(&p) ||
      !arg_size(ev, c, 1, 20, 2, &p.points))
    return &VALUE_ERROR;
  if (p.points > POINTS_MOST) return arg_bad(ev, c, 1, "is at most %d", POINTS_MOST);
  if (!find_network(&p) || !settle_states(&p) || !take_axes(&p)) return &VALUE_ERROR;
  for (int i = 0; i < c->nrest; i++)
    if (c->rest[i]->kind == V_RECORD && !add_record(&p, c->rest[i], c->rest_at[i]))
      return &VALUE_ERROR;
  if (!figure_options_apply(ev, &o, p.f) || (p.sys && !add_field(&p))) return &VALUE_ERROR;
  return figure_value(ev, p.f);
}
