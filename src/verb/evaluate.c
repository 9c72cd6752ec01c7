/* evaluate.c: evaluate(net, task, ...): runs a network through trials of a task, all of them as one
   batch, and compares its outputs with the targets. Arrays are [steps, trials, ...] while it runs
   and [trials, steps, ...] in the result. */
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/task.h"
#include "model/place.h"
#include "pass/pass.h"
#include "verb/score.h"
#include "verb/train.h"
#include "verb/verb.h"

enum { A_NET, A_TASK, A_TRIALS, A_DT, A_METHOD, A_SEED, A_LOSS };

static const SetupArgs places = {A_NET, A_METHOD, A_DT, A_SEED, false};

enum { TRIALS = 100 };

typedef struct Evaluation {
  Train m; /* what matches the task with the network; m.batch: trials */
  int64_t steps;
  double update, zero, *numbers, *trial;
  double **given;    /* what the task gives, in the order of its function, [trials, steps, ...] */
  double **x, **out; /* states; m.out, [steps, trials, ...] */
  GraphFn *loss_of;  /* of m.out, targets and masks */
  double loss;
  Scores scores;
  double *score, *mean; /* of each score: of the trials, [scores, trials], and over them */
} Evaluation;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool goes_in_steps(const Setup *s) {
  if (s->fixed) return true;
  Diag *d = setup_report(s, E0606, s->c->at,
                         "`%s` chooses its steps itself: the trials of a task go in fixed steps",
                         s->method->name);
  if (d) diag_note(s->ev->diag, d, s->c->at, "use `method = euler` or `rk4` with `dt`");
  return false;
}

static double size_of(const TrialChannel *c, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)shape_count(c[i].shape);
  return sum;
}

/* What the task gives, by step, in the result; what the network gives, here and in the result. */
static bool fits(Evaluation *e) {
  const Train *m = &e->m;
  const Trials *t = m->trials;
  if (e->steps < 0) return true;
  double row = 3 * size_of(t->inputs.at, t->inputs.n) + 7 * size_of(t->targets.at, t->targets.n);
  double bytes = 2 * record_bytes(&m->out, e->steps, m->batch) +
                 row * (double)e->steps * (double)m->batch * sizeof(double);
  if (mem_has_room(bytes)) return true;
  Diag *d = setup_report(&m->s, E0610, m->s.c->at, "%lld trials of %lld steps would take %s",
                         (long long)m->batch, (long long)e->steps, mem_text(m->s.ev->arena, bytes));
  if (d) diag_note(m->s.ev->diag, d, m->s.c->at, "use fewer `trials`");
  return false;
}

static bool read_call(Evaluation *e, Ev *ev, Call *c) {
  Train *m = &e->m;
  setup_prefer_steps(ev, c, &places);
  if (!setup_run(ev, c, &places, &m->s) || !goes_in_steps(&m->s)) return false;
  if (!arg_size(ev, c, A_TRIALS, TRIALS, 1, &m->batch)) return false;
  Task *task = task_of(ev, c->arg[A_TASK], c->arg_at[A_TASK]);
  if (!task || !m->s.dt_known) return false;
  m->trials = task_trials(ev, task, m->s.task_dt, m->s.task_time, c->arg_at[A_TASK]);
  if (!m->trials || !train_match(m)) return false;
  if (!scores_open(&e->scores, &m->s, task, m->trials, m->out.at, m->arena)) return false;
  train_read_loss(m, A_LOSS);
  e->loss_of = train_loss_value(m);
  if (!e->loss_of) return false;
  record_all(&m->s, &m->out);
  e->steps = m->trials->steps;
  return fits(e);
}

/* ---- buffers --------------------------------------------------------------------------------- */

static double *numbers(Evaluation *e, int64_t n) {
  double *x = mem_alloc((size_t)n * sizeof *x + 1);
  arena_defer(e->m.arena, mem_free, x);
  return x;
}

static double *counted(Evaluation *e, int64_t n) {
  double *x = numbers(e, n);
  for (int64_t i = 0; i < n; i++) x[i] = (double)i;
  return x;
}

/* [rows, columns, n] as [columns, rows, n] */
static void swap_axes(double *to, const double *from, int64_t rows, int64_t columns, int64_t n) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t k = 0; k < columns; k++)
      memcpy(to + (k * rows + i) * n, from + (i * columns + k) * n, (size_t)n * sizeof *to);
}

/* ---- the run --------------------------------------------------------------------------------- */

static Status draw_trials(Evaluation *e) {
  Train *m = &e->m;
  const bool batched[] = {false, true};
  const GraphFn *f = pass_batch(m->arena, m->trials->f, "trial", m->batch, batched, true);
  Program *p = program_plan(m->arena, f, &(PlanOptions){0});
  e->given = ARENA_ARRAY(m->arena, double *, f->nout + 1);
  for (int i = 0; i < f->nout; i++) e->given[i] = numbers(e, shape_count(program_out_shape(p, i)));
  const void *in[] = {&e->update, e->trial};
  return program_run(p, in, (void **)e->given);
}

static GraphFn *batched(Evaluation *e, GraphFn *f) {
  Train *m = &e->m;
  const System *s = m->s.sys;
  bool *lead = ARENA_ARRAY(m->arena, bool, f->nin + 1);
  lead[PLACE_TRIAL] = true;
  for (size_t i = 0; i < s->states.n; i++) lead[PLACE_STATES + i] = true;
  for (size_t i = 0; i < s->inputs.n; i++)
    lead[PLACE_STATES + s->states.n + i] = m->channel[i] >= 0;
  return pass_batch(m->arena, f, "trial", m->batch, lead, true);
}

static Status start_states(Evaluation *e) {
  Train *m = &e->m;
  const System *s = m->s.sys;
  size_t n = s->states.n;
  NodeId *outs = ARENA_ARRAY(m->arena, NodeId, n + 1);
  e->x = ARENA_ARRAY(m->arena, double *, n + 1);
  for (size_t i = 0; i < n; i++) {
    outs[i] = s->states.at[i].init;
    e->x[i] = numbers(e, m->batch * shape_count(s->states.at[i].q.shape));
  }
  SystemFnOptions o = {.outs = outs, .nouts = (int)n};
  const GraphFn *f = batched(e, system_fn(m->arena, s, &o));
  const void **in = ARENA_ARRAY(m->arena, const void *, f->nin + 1);
  in[PLACE_TIME] = in[PLACE_STEP] = &e->zero; /* states and inputs are not read by starts */
  in[PLACE_TRIAL] = e->trial;
  in[PLACE_UPDATE] = &e->update;
  return program_run(program_plan(m->arena, f, &(PlanOptions){0}), in, (void **)e->x);
}

static Port input_port(Evaluation *e, size_t i) {
  Train *m = &e->m;
  const SysInput *u = &m->s.sys->inputs.at[i];
  Port p = {.index = PLACE_STATES + (int)(m->s.sys->states.n + i), .every = 1};
  p.kind = m->channel[i] >= 0 ? PORT_SLICE : PORT_FIXED;
  int64_t n = shape_count(u->q.shape);
  p.data = numbers(e, p.kind == PORT_SLICE ? n * m->batch * e->steps : n);
  if (p.kind == PORT_SLICE)
    swap_axes(p.data, e->given[trials_input(m->trials, m->channel[i])], m->batch, e->steps, n);
  else
    memcpy(p.data, u->dflt->data, (size_t)n * sizeof(double));
  return p;
}

static Status run_steps(Evaluation *e) {
  Train *m = &e->m;
  const System *s = m->s.sys;
  int nstates = (int)s->states.n, nout = (int)m->out.n, n = 0;
  NodeId *outs = ARENA_ARRAY(m->arena, NodeId, nout + 1);
  Port *p = ARENA_ARRAY(m->arena, Port, 4 + nstates + nout + (int)s->inputs.n);
  e->out = ARENA_ARRAY(m->arena, double *, nout + 1);
  p[n++] = (Port){PORT_FIXED, PLACE_TIME, 0, &e->zero, 1};
  p[n++] = (Port){PORT_SLICE, PLACE_STEP, 0, e->numbers, 1};
  p[n++] = (Port){PORT_FIXED, PLACE_TRIAL, 0, e->trial, 1};
  p[n++] = (Port){PORT_FIXED, PLACE_UPDATE, 0, &e->update, 1};
  for (int i = 0; i < nstates; i++) p[n++] = (Port){PORT_CARRY, PLACE_STATES + i, i, e->x[i], 1};
  for (size_t i = 0; i < s->inputs.n; i++) p[n++] = input_port(e, i);
  for (int i = 0; i < nout; i++) {
    outs[i] = m->out.at[i].node;
    e->out[i] = numbers(e, e->steps * m->batch * shape_count(m->out.at[i].shape));
    p[n++] = (Port){PORT_STACK, nstates + i, 0, e->out[i], 1};
  }
  SystemStep o = {.method = m->s.method, .dt = m->s.dt, .outs = outs, .nouts = nout};
  GraphFn *f = system_step(m->arena, s, &o);
  f->nout = nstates + nout; /* not what fired */
  ScanSpec spec = {.ports = p, .nports = n, .steps = e->steps, .check = 100};
  return program_scan(program_plan(m->arena, batched(e, f), &(PlanOptions){0}), &spec);
}

/* Everything in the masks of a target counts as one trial; trials count alike (train_trials.c). */
static void normalise(double *mask, int64_t trials, int64_t n) {
  for (int64_t k = 0; k < trials; k++) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += mask[k * n + i];
    for (int64_t i = 0; i < n && sum != 0; i++) mask[k * n + i] /= sum * (double)trials;
  }
}

static Status compute_loss(Evaluation *e) {
  Train *m = &e->m;
  int n = (int)m->trials->targets.n;
  const void **in = ARENA_ARRAY(m->arena, const void *, 3 * n + 1);
  for (int i = 0; i < n; i++) {
    int64_t size = shape_count(m->trials->targets.at[i].shape), all = m->batch * e->steps * size;
    double *target = numbers(e, all), *mask = numbers(e, all), *own = numbers(e, all);
    memcpy(own, e->given[trials_mask(m->trials, i)], (size_t)all * sizeof *own);
    normalise(own, m->batch, e->steps * size);
    swap_axes(target, e->given[trials_target(m->trials, i)], m->batch, e->steps, size);
    swap_axes(mask, own, m->batch, e->steps, size);
    in[i] = e->out[i];
    in[n + i] = target;
    in[2 * n + i] = mask;
  }
  Program *p = program_plan(m->arena, e->loss_of, &(PlanOptions){0});
  return program_run(p, in, (void *[]){&e->loss});
}

static bool compute_scores(Evaluation *e) {
  Scores *x = &e->scores;
  e->score = numbers(e, x->n * e->m.batch);
  e->mean = numbers(e, x->n);
  void **given = ARENA_ARRAY(e->m.arena, void *, x->nwant + 1);
  for (int i = 0; i < x->nwant; i++) given[i] = e->given[x->want[i]];
  ScoreBatch b = {.trials = e->m.batch, .given = given, .out = (const void *const *)e->out};
  return scores_compute(x, &b, e->score, e->mean);
}

static bool run(Evaluation *e) {
  const Setup *s = &e->m.s;
  e->update = system_stream(s->seed, 0); /* those of `train` begin at 1 */
  e->numbers = counted(e, e->steps);
  e->trial = counted(e, e->m.batch);
  Status st = draw_trials(e);
  if (st.code == STATUS_OK) st = start_states(e);
  if (st.code == STATUS_OK) st = run_steps(e);
  if (st.code == STATUS_OK) st = compute_loss(e);
  if (st.code == STATUS_OK) return compute_scores(e);
  if (st.code == STATUS_NONFINITE)
    ev_fail(s->ev, s->c->at, st, "`%s` has a state that is not finite at %s", s->sys->name,
            setup_when(s, st.t * s->dt));
  else
    ev_fail(s->ev, s->c->at, st, "the evaluation failed%s%s", st.what ? ": " : "",
            st.what ? st.what : "");
  return false;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* An array of the trials; data is [steps, trials, ...] if `swap` is set. NULL: not known yet. */
static Value *array(Evaluation *e, Shape s, bool steps, Dim d, const double *data, bool swap) {
  Ev *ev = e->m.s.ev;
  int64_t n = shape_count(s);
  Shape all = record_shape(s, e->m.batch, steps ? e->steps : RECORD_NO_AXIS);
  if (!data) return value_abstract(ev, all, d);
  Tensor *t = tensor_new(ev->arena, all);
  if (swap)
    swap_axes(t->data, data, e->steps, e->m.batch, n);
  else
    memcpy(t->data, data, (size_t)shape_count(all) * sizeof *data);
  return value_tensor(ev, t, d);
}

static const double *given(const Evaluation *e, int i) {
  return e->given ? e->given[i] : NULL;
}

static Value *channels(Evaluation *e, const TrialChannel *c, size_t n, int first, bool steps,
                       bool mask) {
  Ev *ev = e->m.s.ev;
  Value *r = value_record(ev, NULL, (int)n);
  for (size_t i = 0; i < n; i++)
    value_set(
        r, (int)i, c[i].name,
        array(e, c[i].shape, steps, mask ? DIM_ONE : c[i].dim, given(e, first + (int)i), false));
  return r;
}

static bool is_state(const System *s, const char *name) {
  for (size_t i = 0; i < s->states.n; i++)
    if (strcmp(s->states.at[i].q.name, name) == 0) return true;
  return false;
}

static Value *quantities(Evaluation *e, bool states) {
  const Quantities *q = &e->m.out;
  Field *f = ARENA_ARRAY(e->m.s.ev->arena, Field, q->n + 1);
  int n = 0;
  for (size_t i = 0; i < q->n; i++)
    if (is_state(e->m.s.sys, q->at[i].name) == states)
      f[n++] = (Field){q->at[i].name, array(e, q->at[i].shape, true, q->at[i].dim,
                                            e->out ? e->out[i] : NULL, true)};
  return record_nested(e->m.s.ev, NULL, f, n);
}

static Value *loss(const Evaluation *e) {
  Ev *ev = e->m.s.ev;
  return e->out ? value_num(ev, e->loss) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE);
}

static Value *times(const Evaluation *e) {
  Ev *ev = e->m.s.ev;
  Dim d = setup_task_dim(&e->m.s);
  if (!e->out) return value_abstract(ev, shape_vec(e->steps), d);
  Tensor *t = tensor_new(ev->arena, shape_vec(e->steps));
  for (int64_t k = 0; k < e->steps; k++) t->data[k] = (double)k * e->m.s.task_dt;
  return value_tensor(ev, t, d);
}

/* The scores of the trials and the draws that each made. */
static Value *each(Evaluation *e) {
  const Trials *t = e->m.trials;
  int nscores = e->scores.n;
  Value *draws = channels(e, t->extras.at, t->extras.n, trials_extra(t, 0), false, false);
  Value *r = value_record(e->m.s.ev, NULL, nscores + draws->nfields);
  for (int i = 0; i < nscores; i++)
    value_set(r, i, t->scores.at[i].name,
              array(e, SHAPE_SCALAR, false, e->scores.dim[i],
                    e->score ? e->score + i * e->m.batch : NULL, false));
  for (int i = 0; i < draws->nfields; i++)
    value_set(r, nscores + i, draws->fields[i].name, draws->fields[i].value);
  return r;
}

static Value *score_mean(const Evaluation *e, int i) {
  Ev *ev = e->m.s.ev;
  if (!e->mean) return value_abstract(ev, SHAPE_SCALAR, e->scores.dim[i]);
  return value_quantity(ev, e->mean[i], e->scores.dim[i]);
}

static Value *result(Evaluation *e) {
  const Trials *t = e->m.trials;
  Value *r = value_record(e->m.s.ev, "evaluate", 8 + e->scores.n);
  size_t n = t->targets.n;
  int k = 0;
  value_set(r, k++, "loss", loss(e));
  for (int i = 0; i < e->scores.n; i++) value_set(r, k++, t->scores.at[i].name, score_mean(e, i));
  value_set(r, k++, "each", each(e));
  value_set(r, k++, "t", times(e));
  value_set(r, k++, "input", channels(e, t->inputs.at, t->inputs.n, 0, true, false));
  value_set(r, k++, "target", channels(e, t->targets.at, n, trials_target(t, 0), true, false));
  value_set(r, k++, "mask", channels(e, t->targets.at, n, trials_mask(t, 0), true, true));
  value_set(r, k++, "out", quantities(e, false));
  value_set(r, k++, "state", quantities(e, true));
  return r;
}

Value *verb_evaluate(Ev *ev, Call *c) {
  Evaluation e = {0};
  e.m.arena = arena_new();
  Value *v = ev->rehearse ? &VALUE_UNKNOWN : &VALUE_ERROR;
  if (read_call(&e, ev, c)) v = ev->rehearse || run(&e) ? result(&e) : &VALUE_ERROR;
  arena_free(e.m.arena);
  return v;
}
