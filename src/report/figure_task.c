/* figure_task.c: each task that a verb used has a figure of one trial: what comes in, its targets
   where they count, their masks, and its phases behind them. */
#include <string.h>

#include "lang/core.h"
#include "lang/task.h"
#include "report/figure.h"
#include "report/task_trial.h"

/* Half a step earlier than its first step begins, as values stand in the middle of theirs. */
static Stretches phases_of(Ev *ev, const TaskTrial *x) {
  Stretches stretches = {0};
  for (int i = 0; i < (int)x->t->phases.n; i++) {
    double first, end;
    task_trial_phase(x, i, &first, &end);
    *vec_push(ev->arena, &stretches) =
        (Stretch){(first - 0.5) * x->use->dt, (end - 0.5) * x->use->dt, x->t->phases.at[i].name};
  }
  return stretches;
}

static bool is_drawn(const Ev *ev, const char *name) {
  for (size_t i = 0; i < ev->figures.n; i++) {
    const Figure *f = figure_of(ev->figures.at[i]);
    if (f->name && strcmp(f->name, name) == 0) return true;
  }
  return false;
}

void figure_tasks(Ev *ev) {
  for (size_t i = 0; i < ev->tasks.n; i++) {
    const TaskUse *use = &ev->tasks.at[i];
    TaskTrial x;
    const char *name = arena_printf(ev->arena, "task-%s", use->task->name);
    if (is_drawn(ev, name) || !task_trial(ev, use, &x)) continue;
    Where at = ast_name_where(use->task->decl);
    Figure *f =
        figure_of_task(ev, &(Call){.at = at}, task_trial_record(ev, &x), phases_of(ev, &x), at);
    f->title = arena_printf(ev->arena, "one trial of the task %s", use->task->name);
    f->name = name;
    figure_value(ev, f);
  }
}
