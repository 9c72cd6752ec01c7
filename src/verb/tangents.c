/* tangents.c: see tangents.h. */
#include "verb/tangents.h"

#include <math.h>

#include "lang/arg.h"
#include "num/linalg.h"
#include "run/random.h"

/* A tangent may grow or shrink by about exp(STRETCH) between two decompositions. */
static const double STRETCH = 5;

/* ---- arguments ------------------------------------------------------------------------------- */

bool tangents_setup(Ev *ev, Call *c, const FlowArgs *at, Tangents *g) {
  if (!flow_setup(ev, c, at, false, &g->f)) return false;
  const Setup *s = &g->f.s;
  if (s->sys->events.n || s->sys->delays.n) {
    setup_report(s, E0612, c->at, "`%s` cannot run a network with events or delays", s->verb);
    return false;
  }
  if (s->method && s->method->flags & STEPPER_NEEDS_JAC) {
    setup_report(s, E0612, c->at,
                 "`%s` cannot take `%s`, which needs the Jacobian of states and "
                 "tangents together; `auto` and `dopri5` do not",
                 s->verb, s->method->name);
    return false;
  }
  for (size_t i = 0; i < s->sys->inputs.n && !s->fixed; i++)
    if (g->f.in.at[i].kind == INPUT_ROWS) {
      setup_report(s, E0607, c->arg_at[at->input],
                   "rows of an input need a method with a fixed step: `%s` by `%s` takes an input "
                   "that is constant or a function of time",
                   s->verb, s->method->name);
      return false;
    }
  return true;
}

bool tangents_read_length(Tangents *g, int i, double *length, bool *known) {
  const Setup *s = &g->f.s;
  if (arg_given(s->c, i)) return setup_time(s, i, length, known);
  *length = g->f.in.length;
  *known = *length > 0;
  if (*length != 0) return true;
  setup_report(s, E0611, s->c->at, "how long? Say `for = %s`",
               s->sys->time == TIME_SECONDS ? "10 s" : "1000");
  return false;
}

bool tangents_read_start(Tangents *g, int i, double *x) {
  Flow *f = &g->f;
  Call *c = f->s.c;
  int64_t n;
  if (!arg_given(c, i)) return !x || flow_draw_starts(f, 1, x);
  if (!flow_read_starts(f, c->arg[i], c->arg_at[i], &n, NULL)) return false;
  if (n == 1 || n == EXTENT_UNKNOWN)
    return !x || flow_read_starts(f, c->arg[i], c->arg_at[i], &n, x);
  setup_report(&f->s, E0621, c->arg_at[i], "`init` is one state, not %lld", (long long)n);
  return false;
}

/* ---- memory and programs --------------------------------------------------------------------- */

/* Not along the states' own axes: where one is an eigenvector, as in a chain of units, a tangent
   would never leave it, though others grow faster. */
static void scatter(const Tangents *g) {
  RandomPlace at = {random_key(0, "tangents"), 0, 0};
  random_fill(RANDOM_ORTHOGONAL, at, shape_mat(g->k, g->f.dim), NULL, NULL, g->y + g->f.dim);
}

bool tangents_allocate(Tangents *g) {
  Arena *a = g->f.arena;
  int64_t n = g->f.dim, k = g->k;
  g->y = ARENA_ARRAY(a, double, n *(k + 1));
  g->a = ARENA_ARRAY(a, double, n *k);
  g->q = ARENA_ARRAY(a, double, n *k);
  g->r = ARENA_ARRAY(a, double, k *k);
  g->rows = ARENA_ARRAY(a, const double *, g->f.s.sys->inputs.n + 1);
  scatter(g);
  return input_draw(&g->f.s, &g->f.in, 1, a);
}

bool tangents_cover(Tangents *g, int64_t steps) {
  Flow *f = &g->f;
  if (!input_covers(&f->s, &f->in, steps)) return false;
  for (size_t i = 0; i < f->s.sys->inputs.n; i++)
    if (f->in.at[i].kind == INPUT_ROWS) g->rows[i] = input_steps(&f->s, &f->in, i, steps, f->arena);
  return true;
}

void tangents_plan(Tangents *g) {
  g->p = flow_plan(&g->f, flow_function(&g->f, g->f.s.fixed, g->k), 0);
  flow_bind_inputs(&g->f, g->p, -1, 0);
}

/* From the size of the vector field's derivative, in the mean of its directions. */
double tangents_stretch(Tangents *g) {
  Flow *fl = &g->f;
  int64_t n = fl->dim;
  double sum = 0, *f = ARENA_ARRAY(fl->arena, double, n);
  double *jac = ARENA_ARRAY(fl->arena, double, n *n);
  FlowProgram *p = flow_plan(fl, flow_jacobian(fl, false), 0);
  flow_bind_inputs(fl, p, -1, 0);
  p->in[FLOW_X] = g->y;
  program_run(p->p, p->in, (void *[]){f, jac});
  for (int64_t i = 0; i < n * n; i++) sum += jac[i] * jac[i];
  return STRETCH / (isfinite(sum) && sum > 0 ? 2 * sqrt(sum / (double)n) : 1);
}

/* ---- a stretch of time ----------------------------------------------------------------------- */

static Status rhs(void *ctx, double t, const double *y, double *dydt) {
  Tangents *g = ctx;
  g->p->t = t;
  g->p->in[FLOW_X] = y;
  g->p->in[FLOW_TANGENTS] = y + g->f.dim;
  return program_run(g->p->p, g->p->in, (void *[]){dydt, dydt + g->f.dim});
}

Status tangents_advance(Tangents *g, double t, double tau) {
  const Setup *s = &g->f.s;
  OdeProblem p = {g->f.dim * (g->k + 1), rhs, NULL, g};
  OdeOptions o = {.rtol = s->rtol, .atol = s->atol};
  return s->method->solve(s->method, &p, &o, &t, t + tau, g->y, NULL, NULL);
}

/* Inputs that have a row for each step. */
static void slice_rows(const Tangents *g, Port *ports, int64_t first) {
  const System *s = g->f.s.sys;
  int place = flow_first_input(&g->f, g->p);
  for (size_t i = 0; i < s->inputs.n; i++, place++) {
    if (!g->rows[i]) continue;
    const double *row = g->rows[i] + first * shape_count(s->inputs.at[i].q.shape);
    ports[place] = (Port){.kind = PORT_SLICE, .index = place, .data = (void *)row, .every = 1};
  }
}

Status tangents_advance_steps(Tangents *g, int64_t first, int64_t steps) {
  Port *ports = ARENA_ARRAY(g->f.arena, Port, g->p->nin);
  for (int i = 0; i < g->p->nin; i++)
    ports[i] = (Port){.kind = PORT_FIXED, .index = i, .data = (void *)g->p->in[i]};
  ports[FLOW_STEP].kind = PORT_STEP;
  ports[FLOW_X] = (Port){PORT_CARRY, FLOW_X, 0, g->y, 1};
  ports[FLOW_TANGENTS] = (Port){PORT_CARRY, FLOW_TANGENTS, 1, g->y + g->f.dim, 1};
  slice_rows(g, ports, first);
  ScanSpec spec = {
      .ports = ports, .nports = g->p->nin, .first = first, .steps = steps, .check = steps};
  return program_scan(g->p->p, &spec);
}

Status tangents_decompose(Tangents *g) {
  int64_t n = g->f.dim, k = g->k;
  double *tangent = g->y + n;
  for (int64_t i = 0; i < k; i++)
    for (int64_t j = 0; j < n; j++) g->a[j * k + i] = tangent[i * n + j];
  Status st = la_qr(n, k, g->a, g->q, g->r);
  for (int64_t i = 0; i < k; i++)
    for (int64_t j = 0; j < n; j++) tangent[i * n + j] = g->q[j * k + i];
  return st;
}
