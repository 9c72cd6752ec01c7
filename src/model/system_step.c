/* system_step.c: one step of a fixed-step method, traced into a graph. The stages of a Runge-Kutta
   method, the noise, the update and the events become nodes, so that one program is one step. */
#include <string.h>

#include "model/ring.h"
#include "num/ode.h"

typedef struct Step {
  Place place;
  Arena *a;
  const System *s;
  const SystemStep *o;
  Graph *g;
  NodeId t0, step;
  NodeId *x;       /* states */
  NodeId *old;     /* states before the step */
  NodeId **stages; /* of a Runge-Kutta method */
  Rings rings;     /* of the delays */
  NodeId stopped;  /* the steps after which the run was over, 0: it is not; NODE_NONE: no event
                      ends it */
} Step;

/* t0 + (step + c) dt */
static NodeId time_at(Step *p, double c) {
  NodeId k = c == 0 ? p->step : graph_op2(p->g, OP_add, p->step, graph_num(p->g, c));
  NodeId t = p->o->dt == 1 ? k : graph_op2(p->g, OP_mul, k, graph_num(p->g, p->o->dt));
  return graph_op2(p->g, OP_add, p->t0, t);
}

/* Nodes of the system at a time, with states x. */
static void evaluate(Step *p, double c, const NodeId *x, const NodeId *what, NodeId *out, int n) {
  NodeId t = time_at(p, c);
  if (p->s->delays.n) rings_read(&p->rings, c, t, x);
  place_copy(&p->place, t, x, what, out, n);
}

/* The derivatives (or next values) at a time; NODE_NONE where a state has no equation. */
static NodeId *field(Step *p, double c, const NodeId *x) {
  int n = (int)p->s->states.n, m = 0;
  NodeId *what = ARENA_ARRAY(p->a, NodeId, n + 1), *got = ARENA_ARRAY(p->a, NodeId, n + 1);
  NodeId *dx = ARENA_ARRAY(p->a, NodeId, n + 1);
  for (int i = 0; i < n; i++)
    if (p->s->states.at[i].next != NODE_NONE) what[m++] = p->s->states.at[i].next;
  evaluate(p, c, x, what, got, m);
  m = 0;
  for (int i = 0; i < n; i++) dx[i] = p->s->states.at[i].next != NODE_NONE ? got[m++] : NODE_NONE;
  return dx;
}

static GraphFn *begin(Step *p) {
  GraphFn *f = place_open(&p->place, p->a, p->s, p->o->weights);
  p->g = p->place.g;
  p->t0 = f->in[PLACE_TIME];
  p->step = f->in[PLACE_STEP];
  place_draw_noise(&p->place, p->o->dt, p->o->halvings);
  p->x = ARENA_ARRAY(p->a, NodeId, p->s->states.n + 1);
  memcpy(p->x, p->place.to + PLACE_STATES, p->s->states.n * sizeof *p->x);
  p->old = p->x;
  p->stopped = system_stops(p->s) ? graph_input(p->g, "stopped", SHAPE_SCALAR, 0) : NODE_NONE;
  if (p->s->delays.n) rings_open(&p->rings, &p->place, p->o, f);
  return f;
}

/* ---- methods --------------------------------------------------------------------------------- */

/* x + sum of w[j] k[j], for each state. */
static NodeId *advance(Step *p, NodeId *const *k, const double *w, int n) {
  NodeId *y = ARENA_ARRAY(p->a, NodeId, p->s->states.n + 1);
  for (size_t i = 0; i < p->s->states.n; i++) {
    y[i] = p->x[i];
    for (int j = 0; j < n; j++) {
      if (w[j] == 0 || k[j][i] == NODE_NONE) continue;
      p->g->at = p->s->states.at[i].eq_at;
      NodeId term = graph_op2(p->g, OP_mul, k[j][i], graph_num(p->g, w[j]));
      y[i] = graph_op2(p->g, OP_add, y[i], term);
    }
  }
  return y;
}

static double *scaled(Step *p, const double *w, int n) {
  double *out = ARENA_ARRAY(p->a, double, n + 1);
  for (int i = 0; i < n; i++) out[i] = w[i] * p->o->dt;
  return out;
}

/* An explicit Runge-Kutta method: Hairer, Norsett & Wanner, Solving Ordinary Differential
   Equations I (1993), definition II.1.1. */
static NodeId *runge_kutta(Step *p, const Tableau *m) {
  NodeId **k = p->stages = ARENA_ARRAY(p->a, NodeId *, m->stages);
  for (int i = 0; i < m->stages; i++) {
    const NodeId *x = i ? advance(p, k, scaled(p, m->a + i * m->stages, i), i) : p->x;
    k[i] = field(p, m->c[i], x);
  }
  return advance(p, k, scaled(p, m->b, m->stages), m->stages);
}

static NodeId *map_step(Step *p) {
  NodeId *y = field(p, 0, p->x);
  for (size_t i = 0; i < p->s->states.n; i++)
    if (y[i] == NODE_NONE) y[i] = p->x[i];
  return y;
}

/* Euler-Maruyama: Kloeden & Platen, Numerical Solution of Stochastic Differential Equations (1992),
   section 9.1, with white noise as a normal over sqrt(dt). */
static NodeId *euler_maruyama(Step *p) {
  NodeId *k = field(p, 0, p->x);
  return advance(p, &k, &p->o->dt, 1);
}

static NodeId *milstein(Step *p) {
  NodeId *k = field(p, 0, p->x), *y = advance(p, &k, &p->o->dt, 1);
  for (size_t i = 0; i < p->s->states.n; i++) {
    if (k[i] == NODE_NONE) continue;
    p->g->at = p->s->states.at[i].eq_at;
    NodeId term = milstein_term(&p->place, p->x[i], k[i], p->o->dt);
    if (term != NODE_NONE) y[i] = graph_op2(p->g, OP_add, y[i], term);
  }
  return y;
}

/* The trapezium rule with the same noise at both ends converges to the Stratonovich solution:
   Ruemelin, "Numerical treatment of stochastic differential equations", SIAM J. Numer. Anal. 19
   (1982) 604. */
static NodeId *stochastic_heun(Step *p) {
  double half[] = {p->o->dt / 2, p->o->dt / 2};
  NodeId *k[2];
  k[0] = field(p, 0, p->x);
  k[1] = field(p, 1, advance(p, k, &p->o->dt, 1));
  return advance(p, k, half, 2);
}

/* (exp(z) - 1) / z without cancellation or overflow: tanh(z / 2) (exp(z) + 1) / z. */
static NodeId phi1(Graph *g, NodeId z) {
  NodeId one = graph_num(g, 1);
  NodeId zero = graph_op2(g, OP_eq, z, graph_num(g, 0));
  NodeId safe = graph_op3(g, OP_select, zero, one, z);
  NodeId half = graph_op1(g, OP_tanh, graph_op2(g, OP_mul, safe, graph_num(g, 0.5)));
  NodeId sum = graph_op2(g, OP_add, graph_op1(g, OP_exp, safe), one);
  NodeId phi = graph_op2(g, OP_div, graph_op2(g, OP_mul, half, sum), safe);
  return graph_op3(g, OP_select, zero, one, phi);
}

/* Exponential Euler, x + h phi1(h b) f(x), with b the derivative of each element of f by the same
   element of its state along elementwise operations: the leak of a membrane, not what comes back
   through a product. Hochbruck & Ostermann, "Exponential integrators", Acta Numerica 19 (2010),
   section 2, with a diagonal linear part. */
static NodeId *exponential_euler(Step *p) {
  NodeId *f = field(p, 0, p->x), *y = ARENA_ARRAY(p->a, NodeId, p->s->states.n + 1);
  NodeId h = graph_num(p->g, p->o->dt);
  for (size_t i = 0; i < p->s->states.n; i++) {
    y[i] = p->x[i];
    if (f[i] == NODE_NONE) continue;
    NodeId b = system_diagonal(p->a, p->g, p->x[i], f[i]);
    p->g->at = p->s->states.at[i].eq_at;
    NodeId gain =
        b == NODE_NONE ? h : graph_op2(p->g, OP_mul, h, phi1(p->g, graph_op2(p->g, OP_mul, h, b)));
    y[i] = graph_op2(p->g, OP_add, p->x[i], graph_op2(p->g, OP_mul, gain, f[i]));
  }
  return y;
}

typedef struct Method {
  const char *name;
  NodeId *(*step)(Step *p);
} Method;

static const Method methods[] = {
    {"exponential_euler", exponential_euler},
    {"euler_maruyama", euler_maruyama},
    {"milstein", milstein},
    {"stochastic_heun", stochastic_heun},
};

static NodeId *one_step(Step *p) {
  if (!p->o->method) return map_step(p);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i].name, p->o->method->name) == 0) return methods[i].step(p);
  return runge_kutta(p, tableau_find(p->o->method->name));
}

/* ---- events ---------------------------------------------------------------------------------- */

/* An event fires where its condition holds at the end of the step and did not at its beginning. */
static NodeId event_fires(Step *p, const SysEvent *e) {
  NodeId before, after;
  evaluate(p, 0, p->old, &e->cond, &before, 1);
  evaluate(p, 1, p->x, &e->cond, &after, 1);
  NodeId fires = graph_op2(p->g, OP_and, after, graph_op1(p->g, OP_not, before));
  if (p->stopped == NODE_NONE) return fires;
  return graph_op2(p->g, OP_and, fires, graph_op1(p->g, OP_not, p->stopped));
}

static void apply_event(Step *p, const SysEvent *e, NodeId fired) {
  NodeId *set = ARENA_ARRAY(p->a, NodeId, e->nassign + 1);
  p->place.from[p->place.n] = e->fired;
  p->place.to[p->place.n++] = fired;
  evaluate(p, 1, p->x, e->value, set, e->nassign);
  p->place.n--;
  NodeId *y = ARENA_ARRAY(p->a, NodeId, p->s->states.n + 1);
  memcpy(y, p->x, p->s->states.n * sizeof *y);
  for (int i = 0; i < e->nassign; i++) y[e->state[i]] = set[i];
  p->x = y;
}

/* All conditions are those of the state that the step gave; the events then follow in their order.
 */
static NodeId *apply_events(Step *p) {
  int n = (int)p->s->events.n;
  NodeId *fired = ARENA_ARRAY(p->a, NodeId, n + 1);
  for (int i = 0; i < n; i++) fired[i] = event_fires(p, &p->s->events.at[i]);
  for (int i = 0; i < n; i++) apply_event(p, &p->s->events.at[i], fired[i]);
  return fired;
}

/* What was, once the run is over. */
static NodeId held(Step *p, NodeId was, NodeId is) {
  return p->stopped == NODE_NONE ? is : graph_op3(p->g, OP_select, p->stopped, was, is);
}

/* The number of steps after which the run was over, after this one. */
static NodeId stopped_after(Step *p, const NodeId *fired) {
  Graph *g = p->g;
  NodeId any = graph_num(g, 0);
  for (size_t i = 0; i < p->s->events.n; i++) {
    const SysEvent *e = &p->s->events.at[i];
    if (!e->stop) continue;
    OpAttr over = {.axis = 0};
    bool units = graph_node(g, fired[i])->shape.rank > 0;
    any = graph_op2(g, OP_or, any, units ? graph_add(g, OP_max_of, &fired[i], 1, &over) : fired[i]);
  }
  NodeId number = graph_op2(g, OP_add, p->step, graph_num(g, 1));
  return held(p, p->stopped, graph_op2(g, OP_mul, any, number));
}

/* ---- delays ---------------------------------------------------------------------------------- */

/* The states within the step, at theta of it: the natural continuous extension of degree 3 of the
   classical method (Zennaro, "Natural continuous extensions of Runge-Kutta methods", Math. Comp. 46
   (1986) 119). */
static NodeId *inside(Step *p, double theta) {
  double sq = theta * theta, cube = theta * sq;
  double b[] = {theta - 1.5 * sq + 2 * cube / 3, sq - 2 * cube / 3, sq - 2 * cube / 3,
                2 * cube / 3 - sq / 2};
  NodeId *now = p->x;
  p->x = p->old;
  NodeId *x = advance(p, p->stages, scaled(p, b, 4), 4);
  p->x = now;
  return x;
}

static NodeId *delayed_values(Step *p, double theta, const NodeId *x) {
  size_t n = p->s->delays.n;
  NodeId *what = ARENA_ARRAY(p->a, NodeId, n + 1), *out = ARENA_ARRAY(p->a, NodeId, n + 1);
  for (size_t i = 0; i < n; i++) what[i] = p->s->delays.at[i].value;
  evaluate(p, theta, x, what, out, (int)n);
  return out;
}

/* The row of each ring, from the states before and after the step, events not yet applied. */
static NodeId *ring_rows(Step *p) {
  size_t n = p->s->delays.n;
  int nodes;
  const double *at = system_ring_nodes(p->o, &nodes);
  NodeId **value = ARENA_ARRAY(p->a, NodeId *, nodes), *rows = ARENA_ARRAY(p->a, NodeId, n + 1);
  NodeId *of_one = ARENA_ARRAY(p->a, NodeId, nodes);
  for (int k = 0; k < nodes && n; k++)
    value[k] = delayed_values(p, at[k], at[k] == 0 ? p->old : at[k] == 1 ? p->x : inside(p, at[k]));
  for (size_t i = 0; i < n; i++) {
    for (int k = 0; k < nodes; k++) of_one[k] = value[k][i];
    rows[i] = rings_row(&p->rings, (int)i, of_one);
  }
  return rows;
}

/* A number that adds up whether a delay was too short: the last input and output. */
static void add_watch(Step *p, GraphFn *f) {
  NodeId before = graph_input(p->g, "delays", SHAPE_SCALAR, 0);
  f->in[f->nin++] = before;
  NodeId bad = rings_watch(&p->rings, time_at(p, 0), p->old);
  f->out[f->nout++] = held(p, before, graph_op2(p->g, OP_add, before, bad));
}

GraphFn *system_delayed(Arena *a, const System *s, const SystemStep *o) {
  Step p = {.a = a, .s = s, .o = o};
  GraphFn *f = begin(&p);
  rings_read(&p.rings, 0, time_at(&p, 0), p.x);
  f->nout = (int)s->delays.n;
  f->out = p.place.to + place_noises(&p.place) + s->noises.n;
  return f;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* The further inputs and outputs of a network with an event that ends the run. */
static void add_stop(Step *p, GraphFn *f, const NodeId *fired) {
  NodeId *in = ARENA_ARRAY(p->a, NodeId, f->nin + p->o->nouts + 1);
  memcpy(in, f->in, (size_t)f->nin * sizeof *in);
  f->in = in;
  in[f->nin++] = p->stopped;
  for (int i = 0; i < p->o->nouts; i++) {
    NodeId *out = &f->out[p->s->states.n + (size_t)i];
    if (system_is_state(p->s, p->o->outs[i])) continue;
    in[f->nin++] = graph_input(p->g, "before", graph_node(p->g, *out)->shape, 0);
    *out = held(p, in[f->nin - 1], *out);
  }
  f->out[f->nout++] = stopped_after(p, fired);
}

GraphFn *system_step(Arena *a, const System *s, const SystemStep *o) {
  Step p = {.a = a, .s = s, .o = o};
  GraphFn *f = begin(&p);
  if (!o->method && s->delays.n) p.rings.now = delayed_values(&p, 0, p.x);
  p.x = one_step(&p);
  const NodeId *rows = ring_rows(&p), *fired = apply_events(&p);
  int nstates = (int)s->states.n, nevents = (int)s->events.n, ndelays = (int)s->delays.n;
  for (int i = 0; i < nstates; i++) p.x[i] = held(&p, p.old[i], p.x[i]);
  f->nout = nstates + o->nouts + nevents + ndelays;
  f->out = ARENA_ARRAY(a, NodeId, f->nout + 3);
  memcpy(f->out, p.x, (size_t)nstates * sizeof *f->out);
  evaluate(&p, 1, p.x, o->outs, f->out + nstates, o->nouts);
  memcpy(f->out + nstates + o->nouts, fired, (size_t)nevents * sizeof *fired);
  memcpy(f->out + nstates + o->nouts + nevents, rows, (size_t)ndelays * sizeof *rows);
  if (ndelays && rings_vary(o, s)) add_watch(&p, f);
  if (p.stopped != NODE_NONE) add_stop(&p, f, fired);
  return f;
}
