/* train_force.c: see train_force.h. A step runs the network with the weights as they are, then
   takes in the update of the step before: so the network sees outputs from before an update, as in
   the authors' programs, and there is only one copy of each weight. */
#include "verb/train_force.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/method.h"
#include "model/place.h"
#include "num/rls.h"
#include "pass/pass.h"

enum { TICK_EVERY = 256 }; /* steps between two looks at the user */

/* One output that is trained. */
typedef struct Trainee {
  Readout of;
  Rls *rls;
  double *w;            /* [rows, n] */
  double *r, *rest;     /* regressor and rest at the end of the step; rest: NULL if there is none */
  double *error, *gain; /* of the last update */
  bool pending;         /* that update is not in w yet */
  double *out;          /* [steps, rows] of the trial */
  double *target, *mask; /* likewise */
} Trainee;

typedef struct Force {
  Train *m;
  const System *s;
  int64_t steps;
  int nin, nouts;
  Program *trials, *start, *step;
  double update, zero, number;
  void **drawn;     /* outputs of `trials`: all that the task gives */
  const void **in;  /* of the step */
  void **next;      /* outputs of the step: states, regressors and rests */
  double **x, **y;  /* states before and after the step */
  double **weight;  /* of each weight of the system */
  Trainee *trainee; /* of each target */
  int n;            /* targets */
  void **wanted;    /* by the scores */
  const void **answers;
  double *score;
} Force;

/* ---- arguments ------------------------------------------------------------------------------- */

static bool is_force(const Value *v) {
  if (v->kind == V_METHOD) return strcmp(v->type, "force") == 0;
  return v->kind == V_FUNCTION && v->builtin && strcmp(v->builtin->name, "force") == 0;
}

/* Options of backpropagation. */
static const int others[] = {TRAIN_LOSS,     TRAIN_OPTIMIZER,  TRAIN_BATCH,
                             TRAIN_CLIP,     TRAIN_CLIP_VALUE, TRAIN_REGULARIZE,
                             TRAIN_SCHEDULE, TRAIN_TRUNCATE,   TRAIN_PRECISION};

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
  m->every = (int64_t)every;
  if (!(m->alpha > 0) || !(every >= 1) || every != floor(every)) {
    ev_error(ev, E0645, at, "of `force`, alpha is above zero, and every a number of steps");
    return false;
  }
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

static void *block(Force *f, int64_t n) {
  double *p = mem_alloc((size_t)n * sizeof *p + 1);
  arena_defer(f->m->arena, mem_free, p);
  memset(p, 0, (size_t)n * sizeof *p);
  return p;
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
  f->start = program_plan(f->m->arena, system_fn(f->m->arena, f->s, &o), &(PlanOptions){0});
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
  }
}

static void make_trainees(Force *f) {
  const Trials *t = f->m->trials;
  void **out = f->next + f->s->states.n;
  for (int i = 0; i < f->n; i++) {
    Trainee *e = &f->trainee[i];
    e->rls = rls_new(f->m->arena, e->of.n, f->m->alpha);
    e->w = f->weight[e->of.weight];
    *out++ = e->r = block(f, e->of.n);
    if (e->of.rest != NODE_NONE) *out++ = e->rest = block(f, e->of.rows);
    e->error = block(f, e->of.rows);
    e->gain = block(f, e->of.n);
    e->out = block(f, f->steps * e->of.rows);
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
  for (size_t i = 0; i < s->inputs.n; i++) f->in[PLACE_STATES + n + i] = s->inputs.at[i].dflt->data;
  for (size_t i = 0; i < s->weights.n; i++) f->in[f->nin - (int)(s->weights.n - i)] = f->weight[i];
}

static void make_scores(Force *f) {
  const Scores *x = &f->m->scores;
  f->wanted = ARENA_ARRAY(f->m->arena, void *, x->nwant + 1);
  for (int i = 0; i < x->nwant; i++) f->wanted[i] = f->drawn[x->want[i]];
  f->answers = ARENA_ARRAY(f->m->arena, const void *, f->n + 1);
  f->score = block(f, x->n);
}

static bool open_run(Force *f) {
  if (!find_readouts(f)) return false;
  plan_trials(f);
  plan_start(f);
  plan_step(f);
  make_weights(f);
  make_inputs(f);
  make_scores(f);
  make_trainees(f);
  return true;
}

/* ---- a step ---------------------------------------------------------------------------------- */

static void apply_pending(Trainee *e) {
  int rows = (int)e->of.rows, n = (int)e->of.n;
  if (e->pending) cblas_dger(CblasRowMajor, rows, n, -1, e->error, 1, e->gain, 1, e->w, n);
  e->pending = false;
}

/* How much a target counts in a step. False: its elements differ, which one P cannot serve. */
static bool weight_of(const Trainee *e, int64_t step, double *q) {
  const double *mask = e->mask + step * e->of.rows;
  *q = mask[0];
  for (int64_t i = 1; i < e->of.rows; i++)
    if (mask[i] != *q) return false;
  return true;
}

static bool learn(Force *f, Trainee *e, int64_t step) {
  int rows = (int)e->of.rows, n = (int)e->of.n;
  double *z = e->out + step * rows, q;
  apply_pending(e);
  if (e->rest) memcpy(z, e->rest, (size_t)rows * sizeof *z);
  cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, n, 1, e->w, n, e->r, 1, e->rest != NULL, z, 1);
  if (!weight_of(e, step, &q)) {
    setup_report(&f->m->s, E0646, f->m->s.c->at,
                 "the elements of `%s` do not count alike in step "
                 "%lld: FORCE needs them in outputs of their own",
                 e->of.out->name, (long long)step);
    return false;
  }
  if (!(q > 0) || (step + 1) % f->m->every) return true;
  for (int i = 0; i < rows; i++) e->error[i] = z[i] - e->target[step * rows + i];
  rls_update(e->rls, e->r, q, e->gain);
  e->pending = true;
  return true;
}

static bool all_finite(Force *f, const Trainee *e, int64_t trial, int64_t step) {
  const double *z = e->out + step * e->of.rows;
  for (int64_t i = 0; i < e->of.rows; i++) {
    if (isfinite(z[i])) continue;
    Diag *d = setup_report(&f->m->s, E0644, f->m->s.c->at,
                           "`%s` is not finite at step %lld of trial %lld", e->of.out->name,
                           (long long)step, (long long)trial);
    if (d) diag_note(f->m->s.ev->diag, d, e->of.out->at, "a larger `alpha` may help");
    return false;
  }
  return true;
}

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

/* ---- a trial --------------------------------------------------------------------------------- */

static Status begin_trial(Force *f, int64_t trial) {
  const void *in[] = {&f->update, &f->zero};
  f->update = system_stream(f->m->s.seed, (uint64_t)trial + 1);
  Status st = program_run(f->trials, in, f->drawn);
  if (st.code != STATUS_OK || (f->m->carry && trial > 0)) return st;
  for (int i = 0; i < f->n; i++) apply_pending(&f->trainee[i]);
  return program_run(f->start, f->in, (void **)f->x);
}

/* Steps of the pad are left out. */
static bool run_trial(Force *f, int64_t trial) {
  Status st = begin_trial(f, trial);
  int64_t steps = (int64_t) * (double *)f->drawn[trials_length(f->m->trials)];
  for (int64_t k = 0; k < steps && st.code == STATUS_OK; k++) {
    st = network_step(f, k);
    for (int i = 0; i < f->n && st.code == STATUS_OK; i++)
      if (!learn(f, &f->trainee[i], k) || !all_finite(f, &f->trainee[i], trial, k)) return false;
    double done = (double)trial + (double)k / (double)steps;
    if (k % TICK_EVERY == TICK_EVERY - 1 && !train_tick(f->m, done, NAN)) return false;
  }
  if (st.code == STATUS_OK) return true;
  ev_fail(f->m->s.ev, f->m->s.c->at, st, "trial %lld failed%s%s", (long long)trial,
          st.what ? ": " : "", st.what ? st.what : "");
  return false;
}

/* The mean squared error by the masks, summed over the targets. */
static double trial_loss(const Force *f) {
  double loss = 0;
  for (int i = 0; i < f->n; i++) {
    const Trainee *e = &f->trainee[i];
    double sum = 0, weight = 0;
    for (int64_t k = 0; k < f->steps * e->of.rows; k++) {
      double error = e->out[k] - e->target[k];
      if (e->mask[k] != 0) sum += e->mask[k] * error * error, weight += e->mask[k];
    }
    if (weight > 0) loss += sum / weight;
  }
  return loss;
}

static const Tensor *const *trained_weights(Force *f) {
  Arena *a = f->m->s.ev->arena;
  const Tensor **w = ARENA_ARRAY(a, const Tensor *, f->s->weights.n + 1);
  for (int i = 0; i < f->n; i++) apply_pending(&f->trainee[i]);
  for (size_t i = 0; i < f->s->weights.n; i++) {
    Tensor *t = tensor_new(a, f->s->weights.at[i].value->shape);
    memcpy(t->data, f->weight[i], (size_t)shape_count(t->shape) * sizeof(double));
    w[i] = t;
  }
  return w;
}

bool force_run(Train *m, TrainLog *log) {
  Force f = {.m = m, .s = m->s.sys, .steps = m->trials->steps};
  if (!open_run(&f)) return false;
  ScoreBatch batch = {.trials = 1, .given = f.wanted, .out = f.answers};
  *log = train_log(m);
  for (bool stop = false; log->done < m->updates && !stop;) {
    int64_t k = log->done++;
    if (!run_trial(&f, k)) return false;
    log->loss[k] = trial_loss(&f);
    if (!scores_compute(&m->scores, &batch, f.score, log->scores + k * m->scores.n) ||
        !train_goes_on(m, log, &stop))
      return false;
  }
  log->weights = trained_weights(&f);
  return true;
}
