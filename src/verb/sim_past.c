/* sim_past.c: see sim_past.h. The method of steps with an interpolant and tracked discontinuities:
   Shampine & Thompson, "Solving DDEs in Matlab", Appl. Numer. Math. 37 (2001) 441; Bellen &
   Zennaro, Numerical Methods for Delay Differential Equations (2003), sections 2.2 and 4.1. */
#include "verb/sim_past.h"

#include <math.h>
#include <string.h>

#include "num/history.h"
#include "verb/sim_delay.h"

typedef struct Jump {
  double t;
  int level; /* how often it was smoothed */
} Jump;

/* One delayed value. */
typedef struct Late {
  History *past;
  int64_t n, count;       /* values, delayed values */
  int64_t *place;         /* [count]: which value is read */
  double *start;          /* [n]: at the start of the run */
  double *line;           /* [n]: all values at one time */
  double *step;           /* [nodes, n]: values of the step that is being recorded */
  double *length;         /* [count]: the delays, as they were evaluated last */
  double *before, *after; /* [count]: those at the ends of a step */
  SimProgram *measure;    /* of a delay that changes, else NULL */
  SimProgram *history;    /* before the start; NULL: as at the start */
} Late;

struct Past {
  int n;
  Late *late;
  SimProgram *value; /* what is delayed */
  double **out, *y;
  double begun, until; /* evaluations count as after, and as before, these times */
  double least, most;  /* delays that stay the same */
  VEC(double) stops;   /* in ascending order */
  VEC(Jump) jumps;     /* all that are tracked, in the order in which they were found */
  VEC(double) lengths; /* the different delays that stay the same */
  bool looked_ahead;   /* a delayed value lies in the step itself, */
  int guesses;         /* which is known from the last of so many attempts, */
  double guessed_to;   /* up to there */
  int levels;          /* jumps are followed so often */
  bool varies;
  int faulty;      /* the delay that was negative or NaN last; -1: none was; `after` keeps it */
  double fault_at; /* when */
};

enum { JUMPS_MOST = 1000, BISECTIONS = 60, GUESSES_MOST = 12 };
static const double FIRST_STEP = 1e-6; /* of the run, at most, where a delay may be zero */

/* ---- making ---------------------------------------------------------------------------------- */

static void bind_late(AdaptiveRun *r, SimProgram *p) {
  if (p) sim_bind_delays(r->m, p, 0);
}

static int64_t *places(Sim *m, int i) {
  const SysDelay *d = &m->s.sys->delays.at[i];
  int64_t n = shape_count(d->q.shape), *place = ARENA_ARRAY(m->arena, int64_t, n + 1);
  for (int64_t e = 0; e < n; e++) place[e] = system_delay_place(m->s.sys, d, e);
  return place;
}

static void add_length(Past *p, Arena *a, double length) {
  p->least = fmin(p->least, length);
  p->most = fmax(p->most, length);
  for (size_t k = 0; k < p->lengths.n; k++)
    if (fabs(p->lengths.at[k] - length) <= 1e-12 * length) return;
  if (p->lengths.n <= JUMPS_MOST) *vec_push(a, &p->lengths) = length;
}

static void make_late(AdaptiveRun *r, Past *p, int i) {
  Sim *m = r->m;
  const SysDelay *d = &m->s.sys->delays.at[i];
  const Tensor *fixed = m->delays->length[i];
  Late *l = &p->late[i];
  l->n = sim_delay_values(m, i);
  l->count = shape_count(d->q.shape);
  l->place = places(m, i);
  l->past = history_new(m->arena, l->n, m->s.method->order);
  l->start = ARENA_ARRAY(m->arena, double, l->n + 1);
  p->out[i] = ARENA_ARRAY(m->arena, double, l->n + 1);
  l->step = ARENA_ARRAY(m->arena, double, l->n *history_nodes(l->past) + 1);
  l->before = ARENA_ARRAY(m->arena, double, l->count + 1);
  l->after = ARENA_ARRAY(m->arena, double, l->count + 1);
  l->line = ARENA_ARRAY(m->arena, double, l->n + 1);
  l->length = ARENA_ARRAY(m->arena, double, l->count + 1);
  if (fixed) memcpy(l->length, fixed->data, (size_t)l->count * sizeof *l->length);
  for (int64_t k = 0; fixed && k < l->count; k++) add_length(p, m->arena, fixed->data[k]);
  if (!fixed) l->measure = sim_program(m, &d->delay, 1, false, false);
  if (d->history != NODE_NONE) l->history = sim_program(m, &d->history, 1, false, false);
  p->varies |= !fixed;
}

/* Sums of `levels` of k delays number (k + levels)! / (k! levels!): only so many are followed. */
static int levels_for(double k, int order) {
  double sums = 1;
  int levels = 0;
  while (levels < order && sums * (k + levels + 1) / (levels + 1) <= JUMPS_MOST) {
    levels++;
    sums *= (k + levels) / levels;
  }
  return levels;
}

Past *past_make(AdaptiveRun *r) {
  Sim *m = r->m;
  if (!m->delays) return NULL;
  Past *p = ARENA_NEW(m->arena, Past);
  p->n = m->delays->n;
  p->late = ARENA_ARRAY(m->arena, Late, p->n);
  p->out = ARENA_ARRAY(m->arena, double *, p->n);
  p->y = ARENA_ARRAY(m->arena, double, m->s.sys->dim + 1);
  p->least = INFINITY;
  for (int i = 0; i < p->n; i++) make_late(r, p, i);
  p->value = sim_program(m, sim_delay_nodes(m), p->n, false, false);
  p->levels = levels_for((double)p->lengths.n, m->s.method->order);
  bind_late(r, p->value);
  for (int i = 0; i < p->n; i++) bind_late(r, p->late[i].measure);
  return p;
}

void past_inputs(AdaptiveRun *r, double t) {
  sim_bind_inputs(r->m, r->past->value, -1, t);
  for (int i = 0; i < r->past->n; i++)
    if (r->past->late[i].measure) sim_bind_inputs(r->m, r->past->late[i].measure, -1, t);
}

bool past_varies(const Past *p) {
  return p->varies;
}

/* ---- jumps ----------------------------------------------------------------------------------- */

static bool is_tracked(const Past *p, double t, double tiny) {
  for (size_t k = 0; k < p->jumps.n; k++)
    if (fabs(p->jumps.at[k].t - t) <= tiny) return true;
  return false;
}

static void add_stop(AdaptiveRun *r, double t) {
  Past *p = r->past;
  if (t <= 0 || t >= r->m->length) return;
  vec_push(r->m->arena, &p->stops);
  size_t k = p->stops.n - 1;
  for (; k > 0 && p->stops.at[k - 1] > t; k--) p->stops.at[k] = p->stops.at[k - 1];
  p->stops.at[k] = t;
  r->options.stops = p->stops.at;
  r->options.nstops = (int64_t)p->stops.n;
}

static double tiny_time(const AdaptiveRun *r) {
  return 1e-10 * r->m->length;
}

/* A jump, and where delays that stay the same take it. */
static void add_jump(AdaptiveRun *r, double t, int level) {
  Past *p = r->past;
  if (t >= r->m->length || is_tracked(p, t, tiny_time(r))) return;
  if (p->jumps.n >= JUMPS_MOST && level > 0) return;
  *vec_push(r->m->arena, &p->jumps) = (Jump){t, level};
  add_stop(r, t);
  for (size_t k = 0; k < p->lengths.n && level < p->levels; k++)
    add_jump(r, t + p->lengths.at[k], level + 1);
}

void past_jump(AdaptiveRun *r, double t) {
  add_jump(r, t, 0);
}

/* ---- looking back ---------------------------------------------------------------------------- */

static void bind_state(AdaptiveRun *r, SimProgram *p, double t, const double *y) {
  const System *s = r->m->s.sys;
  for (size_t i = 0; i < s->states.n; i++) r->x[i] = (double *)y + s->states.at[i].offset;
  p->t = adaptive_inside(r, t);
  p->trial[0] = (double)r->lane;
  sim_bind_states(r->m, p, r->x);
}

/* Values first .. first + count - 1 at time t. */
static Status values_at(Late *l, double t, int64_t first, int64_t count, double *out) {
  if (t < 0 && l->history) {
    l->history->t = t;
    Status st = program_run(l->history->p, l->history->in, (void *[]){l->line});
    memmove(out, l->line + first, (size_t)count * sizeof *out);
    return st;
  }
  if (t < 0 || history_steps(l->past) == 0)
    memmove(out, l->start + first, (size_t)count * sizeof *out);
  else
    history_read(l->past, t, first, count, out);
  return STATUS_FINE;
}

static bool is_uniform(const Late *l) {
  for (int64_t k = 1; k < l->count; k++)
    if (l->length[k] != l->length[0]) return false;
  return true;
}

static Status look_one(AdaptiveRun *r, int i, double t, double *now, bool *known) {
  Past *p = r->past;
  Late *l = &p->late[i];
  double latest = p->begun + 1e-12 * r->m->length;
  for (int64_t k = 0; k < l->count; k++) {
    if (!(l->length[k] >= 0)) {
      *known = false;
      p->faulty = i;
      p->fault_at = t;
      memcpy(l->after, l->length, (size_t)l->count * sizeof *l->length);
    }
    if (t - l->length[k] > latest) p->looked_ahead = true;
  }
  Status st = STATUS_FINE;
  if (is_uniform(l)) {
    st = values_at(l, t - l->length[0], 0, l->n, l->line);
    for (int64_t k = 0; k < l->count; k++) now[k] = l->line[l->place[k]];
    return st;
  }
  for (int64_t k = 0; k < l->count && !st.code; k++)
    st = values_at(l, t - l->length[k], l->place[k], 1, now + k);
  return st;
}

Status past_look(AdaptiveRun *r, double t, const double *y, bool *known) {
  Past *p = r->past;
  double side = fmin(fmax(t, nextafter(p->begun, INFINITY)), p->until);
  *known = true;
  for (int i = 0; i < p->n; i++) {
    Late *l = &p->late[i];
    Status st = STATUS_FINE;
    if (l->measure) {
      bind_state(r, l->measure, t, y);
      st = program_run(l->measure->p, l->measure->in, (void *[]){l->length});
    }
    if (!st.code) st = look_one(r, i, side, r->m->delays->now[i], known);
    if (st.code) return st;
  }
  return STATUS_FINE;
}

/* ---- steps ----------------------------------------------------------------------------------- */

/* What is delayed, at t; what it may need of other delayed values is looked up first. */
static Status evaluate(AdaptiveRun *r, double t, const double *y) {
  bool known;
  Status st = past_look(r, t, y, &known);
  if (st.code) return st;
  bind_state(r, r->past->value, t, y);
  return program_run(r->past->value->p, r->past->value->in, (void *const *)r->past->out);
}

static int node_count(const AdaptiveRun *r) {
  return history_nodes(r->past->late[0].past);
}

/* The values of a step at its nodes go to `step`. */
static Status record(AdaptiveRun *r, const OdeStep *s, double until) {
  Past *p = r->past;
  Status st = STATUS_FINE;
  p->until = nextafter(until, -INFINITY);
  for (int k = 0; k < node_count(r) && !st.code; k++) {
    double t = history_node(p->late[0].past, k, s->t0, until);
    s->dense(s, t, p->y);
    st = evaluate(r, t, p->y);
    for (int i = 0; i < p->n && !st.code; i++)
      memcpy(p->late[i].step + k * p->late[i].n, p->out[i], (size_t)p->late[i].n * sizeof *p->y);
  }
  p->until = INFINITY;
  return st;
}

static void drop_guess(Past *p) {
  for (int i = 0; i < p->n && p->guesses > 0; i++) history_pop(p->late[i].past);
  p->guesses = 0;
}

static void push(AdaptiveRun *r, double t0, double t1) {
  for (int i = 0; i < r->past->n; i++) {
    Late *l = &r->past->late[i];
    double *to = history_push(l->past, t0, t1);
    memcpy(to, l->step, (size_t)(l->n * node_count(r)) * sizeof *to);
  }
}

Status past_take(AdaptiveRun *r, const OdeStep *s, double until) {
  Past *p = r->past;
  Status st = record(r, s, until);
  drop_guess(p);
  if (st.code) return st;
  push(r, s->t0, until);
  for (int i = 0; i < p->n && !p->varies; i++)
    history_forget(p->late[i].past, until - p->most * (1 + 1e-9));
  return st;
}

/* No step longer than the shortest delay, unless that changes: then a step may be twice as long as
   the last one, and reads itself. */
Status past_begin(AdaptiveRun *r, double t, const double *y) {
  Past *p = r->past;
  bool known;
  double least = INFINITY, last = t - p->begun;
  Status st = p->varies ? past_look(r, t, y, &known) : STATUS_FINE;
  for (int i = 0; i < p->n; i++)
    for (int64_t k = 0; p->late[i].measure && k < p->late[i].count; k++)
      least = fmin(least, p->late[i].length[k]);
  p->begun = t;
  p->looked_ahead = false;
  if (t == 0) last = FIRST_STEP * r->m->length;
  r->options.hmax = fmin(p->least, fmax(least, 2 * last));
  return st;
}

bool past_failed(AdaptiveRun *r, double t) {
  const Past *p = r->past;
  if (p->faulty < 0 || fabs(p->fault_at - t) > 1e-6 * r->m->length) return false;
  return sim_delays_wrong(r->m, p->faulty, p->late[p->faulty].after, r->lane, p->fault_at);
}

/* ---- steps that read themselves -------------------------------------------------------------- */

/* Does the guess differ from the step by less than the tolerance? */
static bool is_settled(const AdaptiveRun *r, const OdeStep *s) {
  const Past *p = r->past;
  const double share = 0.1, rtol = r->m->s.rtol, atol = r->m->s.atol;
  if (p->guesses == 0 || fabs(p->guessed_to - s->t1) > 1e-12 * r->m->length) return false;
  for (int i = 0; i < p->n; i++) {
    const double *guess = history_last(p->late[i].past), *step = p->late[i].step;
    for (int64_t k = 0; k < p->late[i].n * node_count(r); k++)
      if (fabs(guess[k] - step[k]) > share * (atol + rtol * fabs(step[k]))) return false;
  }
  return true;
}

bool past_again(AdaptiveRun *r, const OdeStep *s) {
  Past *p = r->past;
  if (!p->looked_ahead || record(r, s, s->t1).code || is_settled(r, s)) return false;
  p->looked_ahead = false;
  int guesses = p->guesses + 1;
  drop_guess(p);
  if (guesses > GUESSES_MOST) {
    r->options.hmax = 0.5 * (s->t1 - s->t0);
    return true;
  }
  push(r, s->t0, s->t1);
  p->guesses = guesses;
  p->guessed_to = s->t1;
  r->options.hmax = s->t1 - s->t0;
  return true;
}

Status past_start(AdaptiveRun *r) {
  Past *p = r->past;
  Status st = STATUS_FINE;
  p->jumps.n = p->stops.n = 0;
  r->options.nstops = 0;
  p->begun = 0;
  p->guesses = 0;
  p->faulty = -1;
  p->until = INFINITY;
  for (int i = 0; i < p->n; i++) {
    history_clear(p->late[i].past);
    if (p->late[i].history) p->late[i].history->trial[0] = (double)r->lane;
  }
  for (int round = 0; round <= p->n && !st.code; round++) {
    st = evaluate(r, 0, r->flat);
    for (int i = 0; i < p->n && !st.code; i++)
      memcpy(p->late[i].start, p->out[i], (size_t)p->late[i].n * sizeof *p->y);
  }
  past_jump(r, 0);
  return st.code ? st : past_begin(r, 0, r->flat);
}

/* ---- jumps through delays that change -------------------------------------------------------- */

/* Where t - delay passes the time of a jump, by bisection in the step. */
static double passing(AdaptiveRun *r, const OdeStep *s, const Late *l, int64_t k, double jump) {
  Past *p = r->past;
  double low = s->t0, high = s->t1;
  for (int i = 0; i < BISECTIONS; i++) {
    bool known;
    double middle = low + 0.5 * (high - low);
    s->dense(s, middle, p->y);
    past_look(r, middle, p->y, &known);
    if (middle - l->length[k] > jump)
      high = middle;
    else
      low = middle;
  }
  return high;
}

static bool reached(AdaptiveRun *r, const OdeStep *s, Late *l, int64_t k) {
  Past *p = r->past;
  const double tiny = tiny_time(r);
  size_t n = p->jumps.n;
  for (size_t j = 0; j < n; j++) {
    Jump jump = p->jumps.at[j];
    if (jump.level >= p->levels || s->t0 - l->before[k] - jump.t > -tiny ||
        s->t1 - l->after[k] - jump.t < tiny)
      continue;
    double t = passing(r, s, l, k, jump.t);
    if (t <= s->t0 + tiny || t >= s->t1 - tiny || is_tracked(p, t, tiny)) continue;
    add_jump(r, t, jump.level + 1);
    return true;
  }
  return false;
}

static void measure_into(AdaptiveRun *r, double t, const double *y, bool after) {
  bool known;
  past_look(r, t, y, &known);
  for (int i = 0; i < r->past->n; i++) {
    Late *l = &r->past->late[i];
    memcpy(after ? l->after : l->before, l->length, (size_t)l->count * sizeof *l->length);
  }
}

bool past_jumps_within(AdaptiveRun *r, const OdeStep *s) {
  Past *p = r->past;
  bool found = false;
  if (!p->varies) return false;
  measure_into(r, s->t0, s->y0, false);
  measure_into(r, s->t1, s->y1, true);
  for (int i = 0; i < p->n; i++)
    for (int64_t k = 0; p->late[i].measure && k < p->late[i].count; k++)
      found |= reached(r, s, &p->late[i], k);
  if (found) drop_guess(p);
  return found;
}
