/* task_trial.c: see task_trial.h. */
#include "report/task_trial.h"

#include <math.h>
#include <string.h>

#include "lang/task.h"
#include "report/uses.h"
#include "run/run.h"

/* ---- drawing --------------------------------------------------------------------------------- */

static bool is_known(const Value *v) {
  if (!v || v->kind == V_UNKNOWN || v->kind == V_LAZY) return false;
  for (int i = 0; (v->kind == V_RECORD || v->kind == V_LIST) && i < v->nfields; i++)
    if (!is_known(v->fields[i].value)) return false;
  return v->kind != V_ARRAY || value_is_known(v);
}

/* Of a task that was only rehearsed, numbers that come out of verbs are missing. */
static bool task_is_known(Ev *ev, const Task *task) {
  for (int i = 0; i < task->nargs; i++)
    if (!is_known(task->args[i].value)) return false;
  for (size_t i = 0; i < task->set.n; i++)
    if (!is_known(task->set.items[i].value)) return false;
  return uses_of(ev, task->decl, task->scope).known;
}

/* A trial of very many numbers is no figure. */
static bool is_small(const Trials *t, const Program *p) {
  enum { NUMBERS_MOST = 10000000 };
  double sum = 0;
  for (int i = 0; i < t->f->nout; i++) sum += (double)shape_count(program_out_shape(p, i));
  return sum <= NUMBERS_MOST;
}

bool task_trial(Ev *ev, const TaskUse *use, TaskTrial *out) {
  Arena *a = ev->arena;
  if (!use->ran && !task_is_known(ev, use->task)) return false;
  const Trials *t = task_trials(ev, use->task, use->dt, use->time, use->at);
  if (!t) return false;
  *out = (TaskTrial){.use = use, .t = t, .time = dim_resolve(dim_time(), use->time)};
  Program *p = program_plan(a, t->f, &(PlanOptions){0});
  if (!is_small(t, p)) return false;
  double update = 0, trial = 0;
  out->given = ARENA_ARRAY(a, double *, t->f->nout + 1);
  for (int i = 0; i < t->f->nout; i++)
    out->given[i] = ARENA_ARRAY(a, double, shape_count(program_out_shape(p, i)) + 1);
  Status st = program_run(p, (const void *[]){&update, &trial}, (void **)out->given);
  if (st.code == STATUS_OK) out->steps = (int64_t)out->given[trials_length(t)][0];
  return out->steps > 0;
}

void task_trial_phase(const TaskTrial *x, int i, double *first, double *end) {
  *first = x->given[trials_phase(x->t, i)][0];
  *end = x->given[trials_phase(x->t, i) + 1][0];
}

/* ---- as a record ----------------------------------------------------------------------------- */

static Value *rows(Ev *ev, const TaskTrial *x, Shape shape, Dim d, const double *from) {
  Tensor *t = tensor_new(ev->arena, shape_concat(shape_mat(1, x->steps), shape));
  memcpy(t->data, from, (size_t)shape_count(t->shape) * sizeof *from);
  return value_tensor(ev, t, d);
}

static Value *times(Ev *ev, const TaskTrial *x) {
  Tensor *t = tensor_new(ev->arena, shape_vec(x->steps));
  for (int64_t k = 0; k < x->steps; k++) t->data[k] = (double)k * x->use->dt;
  return value_tensor(ev, t, x->time);
}

static Value *inputs(Ev *ev, const TaskTrial *x) {
  Value *r = value_record(ev, NULL, (int)x->t->inputs.n);
  for (int i = 0; i < (int)x->t->inputs.n; i++) {
    const TrialChannel *c = &x->t->inputs.at[i];
    value_set(r, i, c->name, rows(ev, x, c->shape, c->dim, x->given[trials_input(x->t, i)]));
  }
  return r;
}

static Value *target(Ev *ev, const TaskTrial *x, int i) {
  const TrialChannel *c = &x->t->targets.at[i];
  int64_t n = x->steps * shape_count(c->shape);
  const double *y = x->given[trials_target(x->t, i)], *mask = x->given[trials_mask(x->t, i)];
  double *seen = ARENA_ARRAY(ev->arena, double, n + 1);
  for (int64_t k = 0; k < n; k++) seen[k] = mask[k] != 0 ? y[k] : NAN;
  return rows(ev, x, c->shape, c->dim, seen);
}

static Value *mask(Ev *ev, const TaskTrial *x, int i) {
  Shape shape = x->t->targets.at[i].shape;
  int64_t n = shape_count(shape);
  const double *m = x->given[trials_mask(x->t, i)];
  double *one = ARENA_ARRAY(ev->arena, double, x->steps + 1);
  for (int64_t k = 0; k < x->steps * n; k++) {
    if (m[k] != m[k / n * n]) return rows(ev, x, shape, DIM_ONE, m);
    one[k / n] = m[k];
  }
  return rows(ev, x, SHAPE_SCALAR, DIM_ONE, one);
}

Value *task_trial_record(Ev *ev, const TaskTrial *x) {
  int n = (int)x->t->targets.n;
  Value *r = value_record(ev, NULL, 4), *targets = value_record(ev, NULL, n),
        *masks = value_record(ev, NULL, n);
  for (int i = 0; i < n; i++) {
    value_set(targets, i, x->t->targets.at[i].name, target(ev, x, i));
    value_set(masks, i, x->t->targets.at[i].name, mask(ev, x, i));
  }
  value_set(r, 0, "t", times(ev, x));
  value_set(r, 1, "input", inputs(ev, x));
  value_set(r, 2, "target", targets);
  value_set(r, 3, "mask", masks);
  return r;
}
