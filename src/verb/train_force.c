/* train_force.c: see train_force.h. A step runs the network with the weights as they are, then
   takes in the update of the step before: so the network sees outputs from before an update, as in
   the authors' programs, and there is only one copy of each weight. */
#include "verb/train_force.h"

#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/method.h"
#include "model/place.h"
#include "pass/pass.h"

enum { TICK_EVERY = 256 }; /* steps between two looks at the user */

typedef struct Force {
  Train *m;
  const System *s;
  int nin, nouts;
  Program *trials, *start, *step;
  double update, zero, number;
  void **drawn;     /* outputs of `trials`: all that the task gives */
  const void **in;  /* of the step */
  void **next;      /* outputs of the step: states, regressors and rests */
  double **end;     /* with `carry`: states where the last trial ended */
  double **x, **y;  /* states before and after the step */
  double **weight;  /* of each weight of the system */
  Trainee *trainee; /* of each target */
  int n;            /* targets */
  void **wanted;    /* by the scores */
  const void **answers;
  double *score;
  uint64_t network, start_weights; /* hashes of what determines the training */
} Force;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool is_force(const Value *v) {
  if (v->kind == V_METHOD) return strcmp(v->type, "force") == 0;
  return v->kind == V_FUNCTION && v->builtin && strcmp(v->builtin->name, "force") == 0;
}

/* Options of backpropagation. */
static const int others[] = {TRAIN_LOSS,       TRAIN_OPTIMIZER,  TRAIN_BATCH,    TRAIN_CLIP,
                             TRAIN_CLIP_VALUE, TRAIN_REGULARIZE, TRAIN_SCHEDULE, TRAIN_TRUNCATE,
                             TRAIN_PRECISION,  TRAIN_PROJECT,    TRAIN_VALIDATE, TRAIN_EVERY};

static bool only_its_options(Ev *ev, Call *c) {
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (!arg_given(c, others[i])) continue;
    ev_error(ev, E0645, c->arg_at[others[i]],
             "FORCE has no `%s`: it minimises the squared error, trial by trial",
             builtin_param_name(ev, c->fn, others[i]));
    return false;
  }
  return true;
}

bool force_read(Train *m, Ev *ev, Call *c) {
  Value *v = c->arg[TRAIN_METHOD];
  if (!arg_given(c, TRAIN_METHOD) || !is_force(v)) return true;
  Where at = c->arg_at[TRAIN_METHOD];
  double every = 1;
  m->force = true;
  m->alpha = 1;
  c->arg[TRAIN_METHOD] = &VALUE_NONE;
  if (v->kind == V_METHOD && (!method_option(ev, v, "alpha", DIM_ONE, 1, &m->alpha) ||
                              !method_option(ev, v, "every", DIM_ONE, 1, &every)))
    return false;
  if (!(m->alpha > 0) || !(every >= 1 && every < 1e15) || every != floor(every)) {
    ev_error(ev, E0645, at, "of `force`, alpha is above zero, and every a number of steps");
    return false;
  }
  m->every = (int64_t)every;
  return only_its_options(ev, c);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static bool taken_already(Force *f, int n, const Readout *r) {
  for (int i = 0; i < n; i++)
    if (f->trainee[i].of.weight == r->weight) return true;
  return false;
}

static bool find_readouts(Force *f) {
  Train *m = f->m;
  f->n = (int)m->trials->targets.n;
  f->trainee = ARENA_ARRAY(m->arena, Trainee, f->n + 1);
  for (int i = 0; i < f->n; i++) {
    const Quantity *q = &m->out.at[i];
    Readout *r = &f->trainee[i].of;
    const char *problem = NULL;
    if (!readout_find(m, q, r))
      problem = "is not linear in a weight that is trained";
    else if (taken_already(f, i, r))
      problem = "has its weight from another output";
    if (!problem) continue;
    Diag *d =
        setup_report(&m->s, E0646, q->at, "FORCE cannot train this: `%s` %s", q->name, problem);
    if (d)
      diag_note(m->s.ev->diag, d, m->s.c->at, "a readout is, for instance, `%s = w @ r`", q->name);
    return false;
  }
  return true;
}

bool force_check(Train *m) {
  return find_readouts(&(Force){.m = m});
}

/* ---- programs -------------------------------------------------------------------------------- */

static double *block(Force *f, int64_t n) {
  return force_numbers(f->m->arena, n);
}

static void plan_trials(Force *f) {
  const GraphFn *t = f->m->trials->f;
  f->trials = program_plan(f->m->arena, t, &(PlanOptions){0});
  f->drawn = ARENA_ARRAY(f->m->arena, void *, t->nout + 1);
  for (int i = 0; i < t->nout; i++)
    f->drawn[i] = block(f, shape_count(program_out_shape(f->trials, i)));
}

static void plan_start(Force *f) {
  size_t n = f->s->states.n;
  NodeId *outs = ARENA_ARRAY(f->m->arena, NodeId, n + 1);
  for (size_t i = 0; i < n; i++) outs[i] = f->s->states.at[i].init;
  SystemFnOptions o = {.weights = true, .outs = outs, .nouts = (int)n};
  GraphFn *g = system_fn(f->m->arena, f->s, &o);
  f->network = hash_mix(f->network, graph_hash(g));
  f->start = program_plan(f->m->arena, g, &(PlanOptions){0});
}

/* A step, and at its end the regressors and rests. */
static void plan_step(Force *f) {
  Train *m = f->m;
  NodeId *outs = ARENA_ARRAY(m->arena, NodeId, 2 * f->n + 1);
  SystemStep o = {.method = m->s.method, .dt = m->s.dt, .outs = outs, .weights = true};
  for (int i = 0; i < f->n; i++) {
    outs[o.nouts++] = f->trainee[i].of.regressor;
    if (f->trainee[i].of.rest != NODE_NONE) outs[o.nouts++] = f->trainee[i].of.rest;
  }
  GraphFn *g = system_step(m->arena, f->s, &o);
  f->nin = g->nin;
  f->nouts = g->nout = (int)f->s->states.n + o.nouts; /* not what fired */
  f->network = hash_mix(f->network, graph_hash(g));
  f->step = program_plan(m->arena, g, &(PlanOptions){0});
}

/* ---- buffers --------------------------------------------------------------------------------- */

static void make_weights(Force *f) {
  const System *s = f->s;
  f->weight = ARENA_ARRAY(f->m->arena, double *, s->weights.n + 1);
  for (size_t i = 0; i < s->weights.n; i++) {
    const Tensor *w = s->weights.at[i].value;
    f->weight[i] = block(f, shape_count(w->shape));
    memcpy(f->weight[i], w->data, (size_t)shape_count(w->shape) * sizeof(double));
    f->start_weights =
        hash_bytes(w->data, (size_t)shape_count(w->shape) * sizeof(double), f->start_weights);
  }
}

static void make_trainees(Force *f) {
  const Trials *t = f->m->trials;
  void **out = f->next + f->s->states.n;
  f->answers = ARENA_ARRAY(f->m->arena, const void *, f->n + 1);
  for (int i = 0; i < f->n; i++) {
    Trainee *e = &f->trainee[i];
    trainee_open(f->m, e, f->weight[e->of.weight]);
    *out++ = e->r;
    if (e->rest) *out++ = e->rest;
    e->target = f->drawn[trials_target(t, i)];
    e->mask = f->drawn[trials_mask(t, i)];
    f->answers[i] = e->out;
  }
}

static void make_inputs(Force *f) {
  const System *s = f->s;
  Arena *a = f->m->arena;
  size_t n = s->states.n;
  f->in = ARENA_ARRAY(a, const void *, f->nin + 1);
  f->next = ARENA_ARRAY(a, void *, f->nouts + 1);
  f->x = ARENA_ARRAY(a, double *, n + 1);
  f->y = ARENA_ARRAY(a, double *, n + 1);
  f->in[PLACE_TIME] = f->in[PLACE_TRIAL] = &f->zero;
  f->in[PLACE_STEP] = &f->number;
  f->in[PLACE_UPDATE] = &f->update;
  for (size_t i = 0; i < n; i++) {
    f->x[i] = block(f, shape_count(s->states.at[i].q.shape));
    f->y[i] = block(f, shape_count(s->states.at[i].q.shape));
  }
  f->end = ARENA_ARRAY(a, double *, n + 1);
  for (size_t i = 0; f->m->carry && i < n; i++)
    f->end[i] = block(f, shape_count(s->states.at[i].q.shape));
  for (size_t i = 0; i < s->inputs.n; i++) f->in[PLACE_STATES + n + i] = s->inputs.at[i].dflt->data;
  for (size_t i = 0; i < s->weights.n; i++) f->in[f->nin - (int)(s->weights.n - i)] = f->weight[i];
}

static void make_scores(Force *f) {
  const Scores *x = &f->m->scores;
  f->wanted = ARENA_ARRAY(f->m->arena, void *, x->nwant + 1);
  for (int i = 0; i < x->nwant; i++) f->wanted[i] = f->drawn[x->want[i]];
  f->score = block(f, x->n);
}

/* The inverse correlations are nearly all that there is to hold. */
static bool fits(const Force *f) {
  const Setup *s = &f->m->s;
  double count = 0;
  for (int i = 0; i < f->n; i++) {
    double n = (double)f->trainee[i].of.n;
    count += n * n;
  }
  if (mem_fits(count, sizeof(double))) return true;
  setup_report(s, E0642, s->c->at, "the inverse correlations of the readouts would take %s",
               mem_text(s->ev->arena, count * sizeof(double)));
  return false;
}

static bool open_run(Force *f) {
  if (!find_readouts(f) || !fits(f)) return false;
  plan_trials(f);
  plan_start(f);
  plan_step(f);
  make_weights(f);
  make_inputs(f);
  make_scores(f);
  make_trainees(f);
  return true;
}

/* ---- a trial --------------------------------------------------------------------------------- */

static Status network_step(Force *f, int64_t step) {
  size_t n = f->s->states.n;
  for (size_t i = 0; i < n; i++) f->in[PLACE_STATES + i] = f->x[i], f->next[i] = f->y[i];
  for (size_t i = 0; i < f->s->inputs.n; i++) {
    int from = f->m->channel[i];
    int64_t size = shape_count(f->s->inputs.at[i].q.shape);
    if (from >= 0)
      f->in[PLACE_STATES + n + i] =
          (double *)f->drawn[trials_input(f->m->trials, from)] + step * size;
  }
  f->number = (double)step;
  Status st = program_run(f->step, f->in, f->next);
  double **x = f->x;
  f->x = f->y;
  f->y = x;
  return st;
}

/* From where the last trial ended, or back. */
static void carry(Force *f, bool back) {
  for (size_t i = 0; i < f->s->states.n; i++) {
    size_t bytes = (size_t)shape_count(f->s->states.at[i].q.shape) * sizeof(double);
    memcpy(back ? f->end[i] : f->x[i], back ? f->x[i] : f->end[i], bytes);
  }
}

static Status begin_trial(Force *f, int64_t trial) {
  const void *in[] = {&f->update, &f->zero};
  f->update = system_stream(f->m->s.seed, (uint64_t)trial + 1);
  Status st = program_run(f->trials, in, f->drawn);
  if (st.code != STATUS_OK) return st;
  if (f->m->carry && trial > 0) {
    carry(f, false);
    return st;
  }
  for (int i = 0; i < f->n; i++) trainee_apply(&f->trainee[i]);
  return program_run(f->start, f->in, (void **)f->x);
}

/* Everything that the next trials build on stands in the arrays of the checkpoint. */
static void end_trial(Force *f) {
  if (f->m->carry) carry(f, true);
  for (int i = 0; i < f->n; i++) {
    rls_inverse(f->trainee[i].rls);
    if (!f->m->carry) trainee_apply(&f->trainee[i]);
  }
}

/* Steps of the pad are left out. */
static bool run_trial(Force *f, int64_t trial) {
  Status st = begin_trial(f, trial);
  int64_t steps = (int64_t) * (double *)f->drawn[trials_length(f->m->trials)];
  for (int64_t k = 0; k < steps && st.code == STATUS_OK; k++) {
    st = network_step(f, k);
    for (int i = 0; i < f->n && st.code == STATUS_OK; i++)
      if (!trainee_learn(f->m, &f->trainee[i], trial, k)) return false;
    double done = (double)trial + (double)k / (double)steps;
    if (k % TICK_EVERY == TICK_EVERY - 1 && !train_tick(f->m, done, NAN)) return false;
  }
  if (st.code == STATUS_OK) return true;
  ev_fail(f->m->s.ev, f->m->s.c->at, st, "trial %lld failed%s%s", (long long)trial,
          st.what ? ": " : "", st.what ? st.what : "");
  return false;
}

static const Tensor *const *trained_weights(Force *f) {
  Arena *a = f->m->s.ev->arena;
  const Tensor **w = ARENA_ARRAY(a, const Tensor *, f->s->weights.n + 1);
  for (int i = 0; i < f->n; i++) trainee_apply(&f->trainee[i]);
  for (size_t i = 0; i < f->s->weights.n; i++) {
    Tensor *t = tensor_new(a, f->s->weights.at[i].value->shape);
    memcpy(t->data, f->weight[i], (size_t)shape_count(t->shape) * sizeof(double));
    w[i] = t;
  }
  return w;
}

static const Tensor *const *ends(const Force *f) {
  Arena *a = f->m->s.ev->arena;
  const Tensor **end = ARENA_ARRAY(a, const Tensor *, f->s->states.n + 1);
  for (size_t i = 0; i < f->s->states.n; i++) {
    Tensor *t = tensor_new(a, f->s->states.at[i].q.shape);
    memcpy(t->data, f->end[i], (size_t)shape_count(t->shape) * sizeof(double));
    end[i] = t;
  }
  return end;
}

/* What a checkpoint holds, and what it must agree with. */
static void keep(Force *f, Checkpoint *c) {
  Train *m = f->m;
  double options[] = {m->alpha, (double)m->every, m->carry, m->s.dt};
  checkpoint_part(c, "the options", hash_bytes(options, sizeof options, 0));
  checkpoint_part(c, "the network", f->network);
  checkpoint_part(c, "its weights at the start", f->start_weights);
  checkpoint_part(c, "the task", graph_hash(m->trials->f));
  for (int i = 0; i < f->n; i++) trainee_keep(m, &f->trainee[i], c);
  for (size_t i = 0; m->carry && i < f->s->states.n; i++) {
    const Quantity *q = &f->s->states.at[i].q;
    checkpoint_array(c, arena_printf(m->arena, "checkpoint:start:%s", q->name), q->shape,
                     f->end[i]);
  }
}

/* A trial, and what it came to. */
static bool learn_trial(Force *f, TrainLog *log) {
  Train *m = f->m;
  int64_t k = log->done;
  ScoreBatch batch = {.trials = 1, .given = f->wanted, .out = f->answers};
  if (!run_trial(f, k)) return false;
  end_trial(f);
  log->loss[k] = 0;
  for (int i = 0; i < f->n; i++) log->loss[k] += trainee_loss(&f->trainee[i], m->trials->steps);
  log->done++;
  return scores_compute(&m->scores, &batch, f->score, log->scores + k * m->scores.n);
}

bool force_run(Train *m, TrainLog *log) {
  Force f = {.m = m, .s = m->s.sys};
  bool stop;
  if (!open_run(&f)) return false;
  *log = train_log(m);
  keep(&f, log->saved);
  if (!train_resume(m, log, &stop)) return false;
  for (int i = 0; i < f.n; i++) f.trainee[i].pending = log->done > 0;
  while (log->done < m->updates && !stop)
    if (!learn_trial(&f, log) || !train_goes_on(m, log, &stop)) return false;
  checkpoint_end(log->saved, log->done);
  log->weights = trained_weights(&f);
  if (m->carry) log->ends = ends(&f);
  return true;
}
