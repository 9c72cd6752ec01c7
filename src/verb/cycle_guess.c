/* cycle_guess.c: see cycle_guess.h. Returns are looked for where the course crosses the mean of its
   most lively state upwards: the period is the time of the smallest number of crossings after which
   the course is back where it was, several times in a row. */
#include "verb/cycle_guess.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"

enum {
  SAMPLES = 4000,
  STRETCHES = 8,
  RETURNS = 4,
  CROSSINGS_MOST = 2000,
  STEPS_FIRST = 1000,
  PERIOD_MOST = 1024
};

static const double BACK = 1e-3; /* a return, as a part of the course's size */
static const double MAP_BACK = 1e-5;
static const double STILL = 1e-8; /* a course that moves by less is at rest, as a part of it */

static Status not_found(const char *why) {
  return (Status){STATUS_NO_CONVERGENCE, 0, -1, why};
}

typedef struct Course {
  Cycle *c;
  double *x; /* samples [SAMPLES, D], in units of scale */
  double dt;
  int64_t lively; /* the state that changes most */
  double mean, size;
} Course;

/* ---- scales ---------------------------------------------------------------------------------- */

/* The size of each state on a course, [rows, D] in units of the scale so far. */
static void take_scale(Cycle *c, const double *x, int64_t rows) {
  for (int64_t i = 0; i < c->n; i++) {
    double most = 0;
    for (int64_t k = 0; k < rows; k++) most = fmax(most, fabs(x[k * c->n + i]));
    if (most > 0) c->scale[i] *= most;
  }
}

static void to_units(const Cycle *c, double *x) {
  for (int64_t i = 0; i < c->n; i++) x[i] /= c->scale[i];
}

/* ---- flows ----------------------------------------------------------------------------------- */

/* A time in which much happens: from the size of the field's derivative at the start. */
static Status first_length(Cycle *c, const double *x, double *length) {
  double sum = 0, *f = ARENA_ARRAY(c->arena, double, c->n);
  c->jacobian->in[FLOW_X] = x;
  Status st = program_run(c->jacobian->p, c->jacobian->in, (void *[]){f, c->jac});
  for (int64_t i = 0; i < c->n; i++) sum += fabs(c->jac[i * c->n + i]);
  *length = sum > 0 && isfinite(sum) ? 200 * (double)c->n / sum : 200;
  return st;
}

static Status sample(Course *u, double *z) {
  Cycle *c = u->c;
  for (int64_t k = 0; k < SAMPLES; k++) {
    memcpy(u->x + k * c->n, z, (size_t)c->n * sizeof *z);
    Status st = cycle_advance(c, u->dt, z);
    if (st.code != STATUS_OK) return not_found("the course from `near` is not finite");
    if (k % 256 == 0 && ev_stopped(c->f.s.ev)) return (Status){STATUS_CANCELLED, 0, -1, NULL};
  }
  return STATUS_FINE;
}

/* Which state changes most, about which mean, and how large the course is. */
static void measure(Course *u) {
  int64_t n = u->c->n;
  u->size = 0;
  for (int64_t i = 0; i < n; i++) {
    double low = INFINITY, high = -INFINITY;
    for (int64_t k = SAMPLES / 2; k < SAMPLES; k++) {
      low = fmin(low, u->x[k * n + i]);
      high = fmax(high, u->x[k * n + i]);
    }
    if (high - low <= u->size) continue;
    u->size = high - low;
    u->lively = i;
    u->mean = (low + high) / 2;
  }
}

/* Crossings in the second half of the course: their times, and the states there. */
static int64_t crossings(const Course *u, double *times, double *states) {
  int64_t n = u->c->n, count = 0;
  for (int64_t k = SAMPLES / 2; k + 1 < SAMPLES && count < CROSSINGS_MOST; k++) {
    const double *a = u->x + k * n, *b = a + n;
    if (!(a[u->lively] < u->mean && b[u->lively] >= u->mean)) continue;
    double part = (u->mean - a[u->lively]) / (b[u->lively] - a[u->lively]);
    times[count] = ((double)k + part) * u->dt;
    for (int64_t i = 0; i < n; i++) states[count * n + i] = a[i] + part * (b[i] - a[i]);
    count++;
  }
  return count;
}

/* Is the course back after `by` crossings, each of the last times? */
static bool returns(const Course *u, const double *states, int64_t count, int64_t by) {
  int64_t n = u->c->n;
  for (int64_t r = 1; r <= RETURNS; r++) {
    const double *a = states + (count - r) * n, *b = a - by * n;
    for (int64_t i = 0; i < n; i++)
      if (fabs(a[i] - b[i]) > BACK * u->size) return false;
  }
  return true;
}

/* The period of a course that repeats itself, or 0. */
static double period_of(Course *u) {
  double *times = ARENA_ARRAY(u->c->arena, double, CROSSINGS_MOST);
  double *states = ARENA_ARRAY(u->c->arena, double, CROSSINGS_MOST * u->c->n);
  int64_t count = crossings(u, times, states);
  for (int64_t by = 1; by + RETURNS <= count; by++)
    if (returns(u, states, count, by)) return times[count - 1] - times[count - 1 - by];
  return 0;
}

static Status settle_flow(Cycle *c, double *x) {
  double length;
  Course u = {.c = c, .x = ARENA_ARRAY(c->arena, double, SAMPLES * c->n)};
  Status st = first_length(c, x, &length);
  for (int i = 0; i < STRETCHES && st.code == STATUS_OK; i++) {
    u.dt = length / SAMPLES;
    to_units(c, x);
    st = sample(&u, x);
    if (st.code != STATUS_OK) return st;
    measure(&u);
    c->period = period_of(&u);
    for (int64_t k = 0; k < c->n; k++) x[k] *= c->scale[k];
    take_scale(c, u.x + SAMPLES / 2 * c->n, SAMPLES / 2);
    if (u.size < STILL) return not_found("the course comes to rest at a fixed point");
    if (c->period > 0) {
      to_units(c, x);
      return STATUS_FINE;
    }
    length *= i % 2 ? 3 : 1;
  }
  return st.code != STATUS_OK ? st : not_found("the course from `near` does not repeat itself");
}

/* ---- maps ------------------------------------------------------------------------------------ */

/* From z, by so much time or so many steps, through states that are to stay finite. */
static Status go_on(Cycle *c, double steps, double *z) {
  Status st = cycle_advance(c, steps, z);
  bool finite = st.code == STATUS_OK;
  for (int64_t k = 0; k < c->n; k++) finite = finite && isfinite(z[k]);
  return finite ? st : not_found("the course from `near` is not finite");
}

static Status settle_map(Cycle *c, double *z) {
  double *first = ARENA_ARRAY(c->arena, double, c->n);
  for (int i = 0; i < STRETCHES; i++) {
    Status st = go_on(c, ldexp(STEPS_FIRST, i), z);
    if (st.code != STATUS_OK) return st;
    memcpy(first, z, (size_t)c->n * sizeof *z);
    for (int64_t by = 1; by <= PERIOD_MOST; by++) {
      double most = 0;
      st = go_on(c, 1, z);
      if (st.code != STATUS_OK) return st;
      for (int64_t k = 0; k < c->n; k++)
        most = fmax(most, fabs(z[k] - first[k]) / fmax(fabs(first[k]), 1e-3));
      c->period = (double)by;
      if (most < MAP_BACK) return STATUS_FINE;
    }
  }
  return not_found("the course from `near` does not repeat itself");
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Scales from the course of one period. */
static Status scale_by_course(Cycle *c, double *x) {
  int64_t n = c->n, rows = c->map ? (int64_t)c->period : 100;
  double *course = ARENA_ARRAY(c->arena, double, (rows + 1) * n);
  memcpy(course, x, (size_t)n * sizeof *x);
  for (int64_t k = 0; k < rows; k++) {
    double *next = course + (k + 1) * n;
    memcpy(next, next - n, (size_t)n * sizeof *x);
    Status st = go_on(c, c->period / (double)rows, next);
    if (st.code != STATUS_OK) return st;
  }
  take_scale(c, course, rows + 1);
  to_units(c, x);
  return STATUS_FINE;
}

Status cycle_guess(Cycle *c, double *x) {
  if (c->map && c->period == 0) {
    Status st = settle_map(c, x);
    if (st.code != STATUS_OK) return st;
  }
  if (c->period > 0) return scale_by_course(c, x);
  return settle_flow(c, x);
}
