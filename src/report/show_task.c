/* show_task.c: one trial of a task in words: its steps, its phases, and where its targets count. */
#include "lang/core.h"
#include "lang/task.h"
#include "report/report.h"
#include "report/show.h"
#include "report/task_trial.h"

enum { COLUMNS = 4 };

static const char *time_text(Ev *ev, const TaskTrial *x, double steps) {
  return value_line(ev, value_quantity(ev, steps * x->use->dt, x->time));
}

static bool counts(const TaskTrial *x, int target, int64_t first, int64_t end) {
  int64_t n = shape_count(x->t->targets.at[target].shape);
  const double *mask = x->given[trials_mask(x->t, target)];
  for (int64_t k = first * n; k < end * n; k++)
    if (mask[k] != 0) return true;
  return false;
}

/* "z counts", "y, z count" */
static const char *counted(Arena *a, const TaskTrial *x, int64_t first, int64_t end) {
  const char *names = "";
  int n = 0;
  for (int i = 0; i < (int)x->t->targets.n; i++)
    if (counts(x, i, first, end))
      names = arena_printf(a, "%s%s%s", names, n++ ? ", " : "", x->t->targets.at[i].name);
  return n ? arena_printf(a, "%s count%s", names, n == 1 ? "s" : "") : "";
}

static void put_phases(Ev *ev, Outline *o, const TaskTrial *x) {
  static const char *const head[COLUMNS] = {"Phase", "Steps", "Time", "Targets"};
  Arena *a = ev->arena;
  int n = (int)x->t->phases.n;
  if (!n) return;
  const char **cells = ARENA_ARRAY(a, const char *, COLUMNS *(n + 1)), **c = cells;
  for (int i = 0; i < COLUMNS; i++) *c++ = head[i];
  for (int i = 0; i < n; i++) {
    double first, end;
    task_trial_phase(x, i, &first, &end);
    *c++ = outline_named(o, x->t->phases.at[i].name);
    *c++ = arena_printf(a, "%.0f step%s", end - first, end - first == 1 ? "" : "s");
    *c++ = outline_plain(
        o, arena_printf(a, "%s to %s", time_text(ev, x, first), time_text(ev, x, end)));
    *c++ = outline_plain(o, counted(a, x, (int64_t)first, (int64_t)end));
  }
  outline_table(o, cells, (size_t)n, COLUMNS);
}

/* " with delay = 200 ms"; "" where all are the defaults. */
static const char *arguments(Ev *ev, const Task *task) {
  const char *text = "";
  for (int i = 0; i < task->ngiven; i++)
    text = arena_printf(ev->arena, "%s%s%s = %s", text, i ? ", " : " with ", task->given[i].name,
                        value_line(ev, task->given[i].value));
  return text;
}

/* "75 steps of 20 ms, 1.5 s" */
static const char *length_text(Ev *ev, const TaskTrial *x) {
  const char *steps =
      arena_printf(ev->arena, "%lld step%s", (long long)x->steps, x->steps == 1 ? "" : "s");
  if (x->use->time == TIME_PLAIN && x->use->dt == 1) return steps;
  return arena_printf(ev->arena, "%s of %s, %s", steps, time_text(ev, x, 1),
                      time_text(ev, x, (double)x->steps));
}

void show_trial(Ev *ev, Outline *o, const Ast *decl) {
  for (size_t i = 0; i < ev->tasks.n; i++) {
    const TaskUse *use = &ev->tasks.at[i];
    TaskTrial x;
    if (use->task->decl != decl || !task_trial(ev, use, &x)) continue;
    const char *steps =
        arena_printf(ev->arena, "Trial 0%s: %s%s.", arguments(ev, use->task), length_text(ev, &x),
                     x.t->varies ? "; others differ in length" : "");
    text_printf(&o->text, "\n%s\n", outline_plain(o, steps));
    put_phases(ev, o, &x);
    return;
  }
}
