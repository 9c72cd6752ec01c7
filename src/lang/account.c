/* account.c: what a run leaves for its report besides values: what it has shown, and where its time
   went. */
#include <string.h>
#include <time.h>

#include "lang/core.h"
#include "lang/task.h"

enum { SHOWN_MOST = 1000 }; /* texts and tables; later ones are seen on the terminal only */

void account_text(Ev *ev, const char *text) {
  if (ev->rehearse || ev->shown.n >= SHOWN_MOST) return;
  *vec_push(ev->keep, &ev->shown) = (Shown){.text = arena_strdup(ev->keep, text)};
}

void account_table(Ev *ev, const char *const *cell, int64_t rows, int columns) {
  if (ev->rehearse || ev->shown.n >= SHOWN_MOST) return;
  int64_t n = (rows + 1) * columns;
  const char **copy = ARENA_ARRAY(ev->keep, const char *, n);
  for (int64_t i = 0; i < n; i++) copy[i] = arena_strdup(ev->keep, cell[i]);
  *vec_push(ev->keep, &ev->shown) = (Shown){.rows = rows, .columns = columns, .cell = copy};
}

double account_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

const Timing *account_at(const Ev *ev, Where at) {
  for (size_t i = 0; i < ev->timings.n; i++) {
    const Timing *t = &ev->timings.at[i];
    if (t->at.src == at.src && t->at.span.start == at.span.start) return t;
  }
  return NULL;
}

static Timing *timing_at(Ev *ev, const char *verb, Where at) {
  const Timing *known = account_at(ev, at);
  if (known) return &ev->timings.at[known - ev->timings.at];
  Timing *t = vec_push(ev->keep, &ev->timings);
  *t = (Timing){.name = arena_strdup(ev->keep, verb), .at = at};
  return t;
}

void account_times(Ev *ev, const char *verb, Where at, int64_t calls, double seconds,
                   int64_t kept) {
  if (ev->rehearse) return;
  Timing *t = timing_at(ev, verb, at);
  t->calls += calls;
  t->seconds += seconds;
  t->kept += kept;
}

void account_time(Ev *ev, const char *verb, Where at, double seconds) {
  account_times(ev, verb, at, 1, seconds, 0);
}

void account_solver(Ev *ev, const char *verb, Where at, const char *how) {
  if (ev->rehearse) return;
  Timing *t = timing_at(ev, verb, at);
  if (!t->solver || strcmp(t->solver, how) != 0) t->solver = arena_strdup(ev->keep, how);
}

void account_solve(Ev *ev, Solve s) {
  for (size_t i = 0; i < ev->solves.n; i++) {
    const Solve *known = &ev->solves.at[i];
    if (known->at.src == s.at.src && known->at.span.start == s.at.span.start) return;
  }
  Arena *a = ev->keep;
  *vec_push(a, &ev->solves) = (Solve){arena_strdup(a, s.verb), arena_strdup(a, s.network),
                                      arena_strdup(a, s.method), arena_strdup(a, s.why), s.at};
}

/* The first use of a task in the run counts, or else in the rehearsal. The memory of a point of a
   sweep is held only for the one that is rehearsed. */
void account_task(Ev *ev, TaskUse use) {
  if (ev->passing && use.ran) return;
  TaskUse *known = NULL;
  for (size_t i = 0; i < ev->tasks.n && !known; i++)
    if (ev->tasks.at[i].task->decl == use.task->decl) known = &ev->tasks.at[i];
  if (known && (known->ran || !use.ran)) return;
  *(known ? known : vec_push(ev->keep, &ev->tasks)) = use;
  ev->held = ev->held || ev->arena != ev->keep;
}

void account_converged(Ev *ev, const Converged *c) {
  Converged *copy = vec_push(ev->keep, &ev->converged);
  *copy = *c;
  copy->change = arena_strdup(ev->keep, c->change);
  copy->difference = arena_strdup(ev->keep, c->difference);
  copy->name = arena_strdup(ev->keep, c->name);
  copy->network = arena_strdup(ev->keep, c->network);
}
