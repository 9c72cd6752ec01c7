/* sim_converge.c: how far a run can be trusted. It is repeated at half the step, or at a tenth of
   the tolerances, with noise from the same path, and all that was recorded is compared. Where that
   differs much, a third run from a start that is changed very little shows whether the network is
   chaotic: then no method can follow its course for long. */
#include <math.h>

#include "lang/core.h"
#include "verb/sim_rows.h"

static const double nudge = 1e-8; /* of the start, relative */
static const double far = 1e-3;  /* relative difference of the repeated run that asks for a third */
static const double chaos = 1e4; /* times the nudge */

/* Rows for each step stay where they are in time. */
static void hold_rows(Sim *m) {
  for (size_t i = 0; i < m->s.sys->inputs.n; i++) {
    RunInput *in = &m->in.at[i];
    if (in->kind != INPUT_ROWS || in->times) continue;
    double *times = ARENA_ARRAY(m->arena, double, in->rows + 1);
    for (int64_t k = 0; k < in->rows; k++) times[k] = (double)k * m->s.dt;
    in->times = times;
  }
}

static void refine(Sim *m) {
  if (!m->s.fixed) {
    m->s.rtol /= 10;
    m->s.atol /= 10;
    return;
  }
  hold_rows(m);
  m->s.dt /= 2;
  m->steps *= 2;
  m->stride *= 2;
  if (m->s.sys->has_noise) m->halvings++;
}

static const char *change_text(const Sim *m) {
  if (!m->s.fixed) return "tolerances / 10";
  return arena_printf(m->s.ev->arena, "dt = %s", setup_time_text(&m->s, m->s.dt / 2));
}

static double largest(const double *a, const double *b, int64_t n) {
  double most = 0;
  for (int64_t i = 0; i < n; i++) most = fmax(most, fabs(a[i] - (b ? b[i] : 0)));
  return most;
}

/* Of the numbers of a quantity, as many as both runs have: an event may have ended one earlier. Its
   last row is then not of the time of the other's. */
static int64_t length_of(const Sim *m, const Sim *other, size_t i) {
  int64_t rows = m->rows == other->rows  ? m->rows
                 : m->rows < other->rows ? m->rows - 1
                                         : other->rows - 1;
  return rows * sim_lanes(m) * shape_count(m->recorded.at[i].shape);
}

static double relative(const Sim *m, const Sim *other, size_t i, double *difference) {
  const double *x = m->rec->column[i].tensor->data, *y = other->rec->column[i].tensor->data;
  int64_t n = length_of(m, other, i);
  double scale = largest(x, NULL, n);
  *difference = largest(x, y, n);
  return *difference > 0 ? *difference / fmax(scale, 1e-300) : 0;
}

/* A run as m, but for how it is integrated. False: reported. */
static bool repeat(const Sim *m, Sim *other, bool refined) {
  *other = (Sim){
      .trials = RECORD_NO_AXIS, .arena = m->arena, .home = m->arena, .nudge = refined ? 0 : nudge};
  if (!sim_read(other, m->s.ev, m->s.c)) return false;
  if (refined) refine(other);
  return sim_run(other);
}

static bool is_far(const Sim *m, const Sim *other) {
  double difference;
  for (size_t i = 0; i < m->recorded.n; i++)
    if (!(relative(m, other, i, &difference) < far)) return true;
  return false;
}

static bool is_chaotic(const Sim *m) {
  Sim near;
  double difference, most = 0;
  if (!repeat(m, &near, false)) return false;
  for (size_t i = 0; i < m->recorded.n; i++) most = fmax(most, relative(m, &near, i, &difference));
  return most > chaos * nudge;
}

static void compare_events(const Sim *m, const Sim *other, Converged row) {
  Arena *a = m->s.ev->arena;
  for (size_t i = 0; i < m->events.n; i++) {
    const SimEvent *e = &m->events.at[i], *f = &other->events.at[i];
    double most = 0, last = 0;
    row.name = e->name;
    for (size_t k = 0; k < e->entries.n && k < f->entries.n; k++) {
      most = fmax(most, fabs(e->entries.at[k].t - f->entries.at[k].t));
      last = fmax(last, e->entries.at[k].t);
    }
    bool same = e->entries.n == f->entries.n;
    row.difference = same ? setup_time_text(&m->s, most)
                          : arena_printf(a, "%zu or %zu events", e->entries.n, f->entries.n);
    row.relative = !same ? INFINITY : most > 0 ? most / last : 0;
    account_converged(m->s.ev, &row);
  }
}

/* The times at which events ended the runs. */
static void compare_stops(const Sim *m, const Sim *other, Converged row) {
  double most = 0, last = 0;
  bool same = true;
  for (int64_t i = 0; m->stopped && i < sim_lanes(m); i++) {
    double a = m->stopped[i], b = other->stopped[i];
    same = same && isnan(a) == isnan(b);
    most = fmax(most, fabs(a - b));
    last = fmax(last, a);
  }
  if (!m->stopped) return;
  row.name = "stopped";
  row.difference = same ? setup_time_text(&m->s, most) : "not in both runs";
  row.relative = !same ? INFINITY : most > 0 ? most / last : 0;
  account_converged(m->s.ev, &row);
}

void sim_converge(Sim *m) {
  Ev *ev = m->s.ev;
  Sim other;
  if (m->s.sys->kind == SYSTEM_MAP) return;
  Converged row = {.at = m->s.c->at,
                   .network = m->s.sys->name,
                   .method = m->s.method->name,
                   .change = change_text(m)};
  if (m->s.fixed && m->in.trials) { /* at half the step it would be another task */
    row.name = "none";
    row.difference = "its input is a task";
    row.relative = INFINITY;
    account_converged(ev, &row);
    return;
  }
  if (!repeat(m, &other, true)) return;
  row.chaotic = is_far(m, &other) && is_chaotic(m);
  for (size_t i = 0; i < m->recorded.n; i++) {
    double difference;
    row.name = m->recorded.at[i].name;
    row.relative = relative(m, &other, i, &difference);
    row.difference = value_text(ev, value_quantity(ev, difference, m->recorded.at[i].dim));
    account_converged(ev, &row);
  }
  compare_events(m, &other, row);
  compare_stops(m, &other, row);
}
