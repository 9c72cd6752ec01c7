/* sim_locate.c: steps of adaptive methods, one by one: their events, and the past of delays. After
   each step the conditions are evaluated at its end; where one has turned true, the interpolant of
   the step is bisected for the earliest time at which any does. There the event is applied, and the
   method starts anew. A condition that turns true and false again within one step is not seen. */
#include <math.h>
#include <string.h>

#include "verb/sim_past.h"

/* How often an event has happened to a unit since a time. */
typedef struct Streak {
  int64_t count;
  double since;
} Streak;

typedef struct Locator {
  SimProgram *conds;               /* all conditions */
  SimProgram **apply;              /* for each event: the states after it */
  double **before, **now, **fired; /* of each event [units] */
  double *y, *after;               /* flat states */
  void **parts;                    /* the states as parts of `after` */
  int64_t next;                    /* row of the segment */
  Streak **streak;                 /* of each event [units] */
  const SysEvent *endless;         /* one that happens without end; NULL: none */
  int64_t endless_unit;
  Status status;
} Locator;

enum {
  BISECTIONS = 60,
  ENDLESS_COUNT = 1000 /* happenings to one unit within ENDLESS_TIME are without end */
};

static const double ENDLESS_TIME = 1e-7; /* of the run's length */

static double **flags(Sim *m) {
  const System *s = m->s.sys;
  double **f = ARENA_ARRAY(m->arena, double *, s->events.n + 1);
  for (size_t e = 0; e < s->events.n; e++)
    f[e] = ARENA_ARRAY(m->arena, double, s->events.at[e].units + 1);
  return f;
}

Locator *locator_make(AdaptiveRun *r) {
  Sim *m = r->m;
  const System *s = m->s.sys;
  if (s->events.n == 0 && !r->past) return NULL;
  Locator *l = ARENA_NEW(m->arena, Locator);
  NodeId *conds = ARENA_ARRAY(m->arena, NodeId, s->events.n + 1);
  l->apply = ARENA_ARRAY(m->arena, SimProgram *, s->events.n + 1);
  for (size_t e = 0; e < s->events.n; e++) {
    conds[e] = s->events.at[e].cond;
    l->apply[e] = sim_plan(m, system_event(m->arena, s, (int)e), 1);
    if (r->past) sim_bind_delays(m, l->apply[e], 0);
  }
  l->conds = sim_program(m, conds, (int)s->events.n, false, false);
  if (r->past) sim_bind_delays(m, l->conds, 0);
  l->before = flags(m);
  l->now = flags(m);
  l->fired = flags(m);
  l->streak = ARENA_ARRAY(m->arena, Streak *, s->events.n + 1);
  for (size_t e = 0; e < s->events.n; e++)
    l->streak[e] = ARENA_ARRAY(m->arena, Streak, s->events.at[e].units + 1);
  l->y = ARENA_ARRAY(m->arena, double, s->dim + 1);
  l->after = ARENA_ARRAY(m->arena, double, s->dim + 1);
  l->parts = ARENA_ARRAY(m->arena, void *, s->states.n + 1);
  for (size_t i = 0; i < s->states.n; i++) l->parts[i] = l->after + s->states.at[i].offset;
  return l;
}

void locator_inputs(AdaptiveRun *r, double t) {
  Locator *l = r->locator;
  sim_bind_inputs(r->m, l->conds, -1, t);
  for (size_t e = 0; e < r->m->s.sys->events.n; e++) sim_bind_inputs(r->m, l->apply[e], -1, t);
}

static void bind(AdaptiveRun *r, SimProgram *p, double t, const double *y) {
  const System *s = r->m->s.sys;
  bool known;
  if (r->past) r->locator->status = past_look(r, t, y, &known);
  for (size_t i = 0; i < s->states.n; i++) r->x[i] = (double *)y + s->states.at[i].offset;
  p->t = adaptive_inside(r, t);
  p->trial[0] = (double)r->lane;
  sim_bind_states(r->m, p, r->x);
}

static bool conditions(AdaptiveRun *r, double t, const double *y, double **out) {
  Locator *l = r->locator;
  bind(r, l->conds, t, y);
  if (!l->status.code) l->status = program_run(l->conds->p, l->conds->in, (void *const *)out);
  return l->status.code == STATUS_OK;
}

/* Has any condition turned true since the step began, or one of those that end the run? */
static bool any_turned(const AdaptiveRun *r, bool stop) {
  const Locator *l = r->locator;
  const System *s = r->m->s.sys;
  for (size_t e = 0; e < s->events.n; e++)
    for (int64_t k = 0; k < s->events.at[e].units; k++)
      if (l->now[e][k] != 0 && l->before[e][k] == 0 && (s->events.at[e].stop || !stop)) return true;
  return false;
}

/* The earliest time at which one has, given that one has at t1; `now` and `y` are of that time. */
static double locate(AdaptiveRun *r, const OdeStep *s) {
  Locator *l = r->locator;
  double low = s->t0, high = s->t1;
  for (int i = 0; i < BISECTIONS; i++) {
    double middle = low + 0.5 * (high - low);
    if (middle <= low || middle >= high) break;
    s->dense(s, middle, l->y);
    if (!conditions(r, middle, l->y, l->now)) return high;
    if (any_turned(r, false))
      high = middle;
    else
      low = middle;
  }
  s->dense(s, high, l->y);
  conditions(r, high, l->y, l->now);
  return high;
}

static bool give_rows(AdaptiveRun *r, const OdeStep *s, double until) {
  Locator *l = r->locator;
  for (; l->next < r->ntimes && r->times[l->next] <= until; l->next++) {
    s->dense(s, r->times[l->next], l->y);
    if (!adaptive_row(r, l->next, r->times[l->next], l->y)) return false;
  }
  return true;
}

/* Does an event that happens at t happen to a unit without end? */
static bool is_endless(AdaptiveRun *r, int event, double t) {
  Locator *l = r->locator;
  const SysEvent *e = &r->m->s.sys->events.at[event];
  for (int64_t k = 0; k < e->units; k++) {
    Streak *s = &l->streak[event][k];
    if (l->fired[event][k] == 0 || ++s->count < ENDLESS_COUNT) continue;
    if (t - s->since < ENDLESS_TIME * r->m->length) {
      l->endless = e;
      l->endless_unit = k;
      l->status = (Status){STATUS_INVALID, t, -1, NULL};
      return true;
    }
    *s = (Streak){0, t};
  }
  return false;
}

bool locator_failed(AdaptiveRun *r) {
  Sim *m = r->m;
  const Locator *l = r->locator;
  const SysEvent *e = l->endless;
  if (!e) return false;
  Arena *a = m->s.ev->arena;
  const char *what = e->name ? arena_printf(a, "`%s`", e->name) : "this event";
  if (e->units > 1) what = arena_printf(a, "%s of unit %lld", what, (long long)l->endless_unit);
  if (m->trials != RECORD_NO_AXIS)
    what = arena_printf(a, "%s in trial %lld", what, (long long)r->lane);
  Diag *d = setup_report(&m->s, E0617, e->at, "%s happens without end at %s", what,
                         setup_when(&m->s, l->status.t));
  if (!d) return true;
  diag_note(m->s.ev->diag, d, e->at,
            "after it the condition turns true again at once: set the state further away from the "
            "threshold, or stop its motion there");
  diag_note(m->s.ev->diag, d, m->s.c->at,
            "in this run of `%s`; a method with a fixed step applies an event once in a step",
            m->s.sys->name);
  return true;
}

/* Applies what has turned true at t to the state l->y. */
static bool apply(AdaptiveRun *r, double t) {
  Locator *l = r->locator;
  const System *s = r->m->s.sys;
  for (size_t e = 0; e < s->events.n; e++)
    for (int64_t k = 0; k < s->events.at[e].units; k++)
      l->fired[e][k] = l->now[e][k] != 0 && l->before[e][k] == 0;
  for (size_t e = 0; e < s->events.n; e++) {
    SimProgram *p = l->apply[e];
    bind(r, p, t, l->y);
    p->in[p->nin - 1] = l->fired[e];
    if (!l->status.code) l->status = program_run(p->p, p->in, l->parts);
    if (l->status.code != STATUS_OK) return false;
    memcpy(l->y, l->after, (size_t)s->dim * sizeof *l->y);
    sim_add_events(r->m, (int)e, t, l->fired[e]);
    if (is_endless(r, (int)e, t)) return false;
  }
  return conditions(r, t, l->y, l->before);
}

static void keep_conditions(AdaptiveRun *r) {
  Locator *l = r->locator;
  double **before = l->before;
  l->before = l->now;
  l->now = before;
}

/* The step up to a time becomes part of the past, and its rows are given: that of the end of the
   run only once its event has happened. */
static bool take(AdaptiveRun *r, const OdeStep *s, double until, bool stop) {
  if (r->past) r->locator->status = past_take(r, s, until);
  return !r->locator->status.code && give_rows(r, s, stop ? until - adaptive_moment(r) : until);
}

static bool begin(AdaptiveRun *r, double t, const double *y) {
  if (r->past) r->locator->status = past_begin(r, t, y);
  return !r->locator->status.code;
}

/* What turns true first in the step happens, and the step ends there. */
static OdeAction happen(AdaptiveRun *r, const OdeStep *s, double *t, double *y) {
  Locator *l = r->locator;
  double at = locate(r, s);
  bool stop = any_turned(r, true);
  if (l->status.code || !take(r, s, at, stop)) return ODE_STOP;
  s->dense(s, at, l->y);
  if (!apply(r, at) || !begin(r, at, l->y)) return ODE_STOP;
  if (r->past) past_jump(r, at);
  *t = at;
  memcpy(y, l->y, (size_t)s->n * sizeof *y);
  if (!stop) return ODE_RESTART;
  r->over = adaptive_last_rows(r, l->next, at, y);
  r->end = r->m->stopped[r->lane] = at;
  return ODE_STOP;
}

static OdeAction observe(void *ctx, const OdeStep *s, double *t, double *y) {
  AdaptiveRun *r = ctx;
  Locator *l = r->locator;
  if (r->past && (past_jumps_within(r, s) || past_again(r, s))) {
    *t = s->t0;
    memcpy(y, s->y0, (size_t)s->n * sizeof *y);
    return ODE_RESTART;
  }
  if (!conditions(r, s->t1, s->y1, l->now)) return ODE_STOP;
  if (!any_turned(r, false)) {
    if (!take(r, s, s->t1, false) || !begin(r, s->t1, s->y1)) return ODE_STOP;
    keep_conditions(r);
    return ODE_GO;
  }
  return happen(r, s, t, y);
}

bool locator_start(AdaptiveRun *r) {
  for (size_t e = 0; e < r->m->s.sys->events.n; e++)
    memset(r->locator->streak[e], 0, (size_t)r->m->s.sys->events.at[e].units * sizeof(Streak));
  return conditions(r, 0, r->flat, r->locator->before);
}

Status locator_solve(AdaptiveRun *r, const OdeProblem *p, const OdeOptions *o, double *t) {
  Locator *l = r->locator;
  const Stepper *method = r->m->s.method;
  OdeObserver observer = {observe, r};
  l->next = 0;
  for (; l->next < r->ntimes && r->times[l->next] <= *t; l->next++)
    if (!adaptive_row(r, l->next, *t, r->flat)) return (Status){STATUS_INVALID, *t, -1, NULL};
  Status st = method->solve(method, p, o, t, r->to, r->flat, &observer, &r->m->stats);
  return l->status.code ? l->status : st;
}
