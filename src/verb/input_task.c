/* input_task.c: a task as the input of a run: its trials are drawn as those of `evaluate` are, all
   at once, and their rows handed to the run. */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "lang/task.h"
#include "pass/pass.h"
#include "run/run.h"
#include "verb/input.h"
#include "verb/match.h"

bool input_task(Setup *s, Value *v, Where at, RunInputs *out) {
  Task *task = task_of(s->ev, v, at);
  if (!task) return false;
  if (s->dt == 0) return input_lacks_step(s, at, "the trials of a task need");
  if (!s->dt_known) return false;
  const Trials *t = task_trials(s->ev, task, s->task_dt, s->task_time, at);
  int *channel = t ? match_inputs(s, t) : NULL;
  if (!channel) return false;
  out->trials = t;
  out->channel = channel;
  for (size_t i = 0; i < s->sys->inputs.n; i++)
    if (channel[i] >= 0) out->at[i] = (RunInput){.kind = INPUT_ROWS, .rows = t->steps};
  out->length = t->steps > 0 ? (double)t->steps * s->dt : -1;
  out->length_at = at;
  return true;
}

/* [trials, steps, n] as [steps, trials, n] */
static double *by_step(Arena *a, const double *x, int64_t trials, int64_t steps, int64_t n) {
  double *to = mem_alloc((size_t)(trials * steps * n) * sizeof *to + 1);
  arena_defer(a, mem_free, to);
  for (int64_t k = 0; k < trials; k++)
    for (int64_t i = 0; i < steps; i++)
      memcpy(to + (i * trials + k) * n, x + (k * steps + i) * n, (size_t)n * sizeof *to);
  return to;
}

static Status draw(const Setup *s, const RunInputs *in, int64_t lanes, Arena *a, double **given) {
  const bool batched[] = {false, true};
  const GraphFn *f = pass_batch(a, in->trials->f, "trial", lanes, batched, true);
  Program *p = program_plan(a, f, &(PlanOptions){0});
  double update = system_stream(s->seed, 0), *trial = ARENA_ARRAY(a, double, lanes);
  for (int64_t k = 0; k < lanes; k++) trial[k] = (double)k;
  for (int i = 0; i < f->nout; i++) {
    given[i] = mem_alloc((size_t)shape_count(program_out_shape(p, i)) * sizeof(double) + 1);
    arena_defer(a, mem_free, given[i]);
  }
  return program_run(p, (const void *[]){&update, trial}, (void **)given);
}

bool input_draw(const Setup *s, RunInputs *in, int64_t lanes, Arena *a) {
  const Trials *t = in->trials;
  if (!t) return true;
  double **given = ARENA_ARRAY(a, double *, t->f->nout + 1);
  Status st = draw(s, in, lanes, a, given);
  if (st.code != STATUS_OK) {
    ev_fail(s->ev, in->length_at, st, "the trials of `%s` failed%s%s", t->name, st.what ? ": " : "",
            st.what ? st.what : "");
    return false;
  }
  for (size_t i = 0; i < s->sys->inputs.n; i++) {
    int c = in->channel[i];
    if (c < 0) continue;
    int64_t n = shape_count(s->sys->inputs.at[i].q.shape);
    in->at[i].data = by_step(a, given[trials_input(t, c)], lanes, t->steps, n);
    in->at[i].lanes = lanes;
  }
  in->target = given + trials_target(t, 0);
  return true;
}

/* Output and target belong together at the end of a step: in row k of a run stands the target of
   the step that ends there. */
static int64_t step_ending_at(const Setup *s, const Trials *t, double time) {
  int64_t step = (int64_t)ceil(time / s->dt * (1 - 1e-12) - 1e-9) - 1;
  return step < 0 ? 0 : step < t->steps ? step : t->steps - 1;
}

/* One target in all rows, [trials, rows, ...], or without trials [rows, ...]. */
static Value *target(const Setup *s, const RunInputs *in, size_t i, Shape shape, double every) {
  const Trials *t = in->trials;
  const TrialChannel *c = &t->targets.at[i];
  if (!in->target) return value_abstract(s->ev, shape, c->dim);
  Tensor *x = tensor_new(s->ev->arena, shape);
  int lead = shape.rank - c->shape.rank;
  int64_t n = shape_count(c->shape), rows = shape.n[lead - 1];
  for (int64_t k = 0; k < (lead > 1 ? shape.n[0] : 1); k++)
    for (int64_t r = 0; r < rows; r++) {
      int64_t step = step_ending_at(s, t, (double)r * every);
      memcpy(x->data + (k * rows + r) * n, in->target[i] + (k * t->steps + step) * n,
             (size_t)n * sizeof *x->data);
    }
  return value_tensor(s->ev, x, c->dim);
}

Value *input_targets(const Setup *s, const RunInputs *in, Shape lead, double every) {
  const Trials *t = in->trials;
  Value *r = value_record(s->ev, NULL, (int)t->targets.n);
  for (size_t i = 0; i < t->targets.n; i++)
    value_set(r, (int)i, t->targets.at[i].name,
              target(s, in, i, shape_concat(lead, t->targets.at[i].shape), every));
  return r;
}
