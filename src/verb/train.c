/* train.c: train(net, task, ...): reads the arguments, and gives the trained network with a record
   of how it went. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/method.h"
#include "lang/network.h"
#include "lang/task.h"
#include "verb/train_force.h"
#include "verb/verb.h"

static const SetupArgs places = {TRAIN_NET, TRAIN_METHOD, TRAIN_DT, TRAIN_SEED, false};

enum { BATCH = 32, UPDATES = 1000 };

/* ---- arguments ------------------------------------------------------------------------------- */

static const char *name_of(const Value *v) {
  if (v->kind == V_METHOD) return v->type;
  return v->kind == V_FUNCTION && v->builtin ? v->builtin->name : "";
}

typedef struct Rate {
  const char *name;
  size_t at; /* in OptimizerOptions */
  double most;
} Rate;

/* Shares of what was are below 1. */
static const Rate rates[] = {
    {"lr", offsetof(OptimizerOptions, rate), INFINITY},
    {"beta", offsetof(OptimizerOptions, beta), 1},
    {"decay", offsetof(OptimizerOptions, decay), 1},
    {"eps", offsetof(OptimizerOptions, eps), INFINITY},
    {"beta1", offsetof(OptimizerOptions, beta1), 1},
    {"beta2", offsetof(OptimizerOptions, beta2), 1},
};

static bool read_rate(Train *m, const Rate *r) {
  const Call *c = m->s.c;
  const Value *v = c->arg[TRAIN_OPTIMIZER];
  double *x = (double *)((char *)&m->rates + r->at);
  if (!method_option(m->s.ev, v, r->name, DIM_ONE, *x, x)) return false;
  if (*x >= 0 && *x < r->most) return true;
  setup_report(&m->s, E0645, c->arg_at[TRAIN_OPTIMIZER], "`%s` of `%s` must %s, found %g", r->name,
               v->type, r->most == 1 ? "lie in 0 to 1, 1 left out" : "not be below zero", *x);
  return false;
}

static bool read_optimizer(Train *m) {
  Call *c = m->s.c;
  Ev *ev = m->s.ev;
  Value *v = c->arg[TRAIN_OPTIMIZER];
  m->optimizer = optimizer_find(arg_given(c, TRAIN_OPTIMIZER) ? name_of(v) : "adam");
  if (!m->optimizer) {
    setup_report(&m->s, E0645, c->arg_at[TRAIN_OPTIMIZER],
                 "`optimizer` is sgd, momentum, rmsprop, adam or adamw, not %s",
                 value_kind_name(ev, v));
    return false;
  }
  m->rates = m->optimizer->dflt;
  if (!arg_given(c, TRAIN_OPTIMIZER) || v->kind != V_METHOD) return true;
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
    if (!read_rate(m, &rates[i])) return false;
  return true;
}

/* A number above zero, or 0 if it was not given. */
static bool read_positive(Train *m, int i, double *x) {
  Call *c = m->s.c;
  *x = 0;
  if (!arg_given(c, i)) return true;
  if (!arg_number(m->s.ev, c, i, DIM_ONE, 0, x)) return false;
  if (*x > 0) return true;
  setup_report(&m->s, E0645, c->arg_at[i], "%s must be above zero", arg_name(m->s.ev, c, i));
  return false;
}

static bool read_function(Train *m, int i, Value **out) {
  Call *c = m->s.c;
  *out = NULL;
  if (!arg_given(c, i)) return true;
  *out = arg_function(m->s.ev, c, i);
  return (*out)->kind == V_FUNCTION;
}

static bool read_precision(Train *m) {
  Call *c = m->s.c;
  const char *name = arg_given(c, TRAIN_PRECISION) ? name_of(c->arg[TRAIN_PRECISION]) : "double";
  m->single = strcmp(name, "single") == 0;
  if (m->single || strcmp(name, "double") == 0) return true;
  setup_report(&m->s, E0645, c->arg_at[TRAIN_PRECISION], "`precision` is `single` or `double`");
  return false;
}

static bool read_options(Train *m) {
  Call *c = m->s.c;
  Ev *ev = m->s.ev;
  return arg_size(ev, c, TRAIN_BATCH, BATCH, 1, &m->batch) &&
         arg_size(ev, c, TRAIN_STEPS, UPDATES, 0, &m->updates) &&
         arg_size(ev, c, TRAIN_CHECKPOINT, 0, 1, &m->checkpoint) &&
         arg_size(ev, c, TRAIN_TRUNCATE, 0, 1, &m->truncate) &&
         read_positive(m, TRAIN_CLIP, &m->clip) &&
         read_positive(m, TRAIN_CLIP_VALUE, &m->clip_value) &&
         read_function(m, TRAIN_REGULARIZE, &m->regularize) &&
         read_function(m, TRAIN_STOP, &m->stop) && read_function(m, TRAIN_SCHEDULE, &m->schedule) &&
         read_function(m, TRAIN_PROJECT, &m->project) &&
         arg_flag(ev, c, TRAIN_CARRY, false, &m->carry) && read_precision(m) && read_optimizer(m);
}

static bool suits_training(Train *m) {
  if (!m->s.method || m->s.method->flags & STEPPER_FIXED) return true;
  Diag *d = setup_report(&m->s, E0606, m->s.c->arg_at[TRAIN_METHOD],
                         "`%s` chooses its steps itself: training goes in fixed steps",
                         m->s.method->name);
  if (d)
    diag_note(m->s.ev->diag, d, m->s.c->arg_at[TRAIN_METHOD], "use `euler` or `rk4` with `dt`");
  return false;
}

static bool read_call(Train *m, Ev *ev, Call *c) {
  if (!force_read(m, ev, c)) return false;
  setup_prefer_steps(ev, c, &places);
  if (!setup_run(ev, c, &places, &m->s) || !suits_training(m) || !read_options(m)) return false;
  Task *task = curriculum_read(m, c->arg[TRAIN_TASK], c->arg_at[TRAIN_TASK]);
  if (!task) return false;
  if (!m->s.dt_known) return true;
  m->task = task;
  m->trials = task_trials(ev, task, m->s.task_dt, m->s.task_time, c->arg_at[TRAIN_TASK]);
  train_read_loss(m, TRAIN_LOSS);
  if (!m->trials) return ev->rehearse; /* reported, or not known well enough yet */
  return train_choose_weights(m, TRAIN_ONLY, TRAIN_FREEZE) && train_match(m) && validation_read(m);
}

/* ---- the result ------------------------------------------------------------------------------ */

/* What stands at x[0], x[stride], ... of each update. */
static Value *course(Train *m, const TrainLog *log, const double *x, int64_t stride, Dim d) {
  Ev *ev = m->s.ev;
  if (!log) return value_abstract(ev, shape_vec(m->stop ? EXTENT_UNKNOWN : m->updates), d);
  Tensor *t = tensor_new(ev->arena, shape_vec(log->done));
  for (int64_t k = 0; k < log->done; k++) t->data[k] = x[k * stride];
  return value_tensor(ev, t, d);
}

static Value *trained_network(Train *m, const TrainLog *log) {
  Ev *ev = m->s.ev;
  Value *net = log ? network_with_weights(ev, m->s.net, log->weights)
                   : network_with(ev, m->s.net, NULL, NULL, 0, m->s.c->at);
  if (!m->s.method || net->kind != V_NETWORK) return net;
  net->network->method = m->s.method->name;
  net->network->dt = m->s.dt;
  return net;
}

/* The states by name, fit for `init`. */
static Value *final_value(Train *m, const TrainLog *log) {
  Ev *ev = m->s.ev;
  const System *s = m->s.sys;
  Field *f = ARENA_ARRAY(ev->arena, Field, s->states.n + 1);
  for (size_t i = 0; i < s->states.n; i++) {
    const Quantity *q = &s->states.at[i].q;
    Shape all = m->force ? q->shape : shape_concat(shape_vec(m->batch), q->shape);
    f[i] = (Field){q->name,
                   log ? value_tensor(ev, log->ends[i], q->dim) : value_abstract(ev, all, q->dim)};
  }
  return record_nested(ev, NULL, f, (int)s->states.n);
}

/* In rehearsal there is no log. */
static Value *result(Train *m, const TrainLog *log) {
  Ev *ev = m->s.ev;
  int n = m->scores.n, k = 0, more = m->validation != NULL;
  Value *r = value_record(ev, "train", 3 + n + more + m->carry);
  value_set(r, k++, "net", trained_network(m, log));
  value_set(r, k++, "loss", course(m, log, log ? log->loss : NULL, 1, DIM_ONE));
  for (int i = 0; i < n; i++)
    value_set(r, k++, m->trials->scores.at[i].name,
              course(m, log, log ? log->scores + i : NULL, n, m->scores.dim[i]));
  if (more) value_set(r, k++, "validation", validation_course(m, log));
  if (m->carry) value_set(r, k++, "final", final_value(m, log));
  value_set(r, k++, "steps",
            log ? value_num(ev, (double)log->done) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  return r;
}

static bool open_scores(Train *m) {
  return scores_open(&m->scores, &m->s, m->task, m->trials, m->out.at, m->arena);
}

bool train_scores(Train *m) {
  if (m->validation) m->validation->arena = m->arena;
  return open_scores(m) && (!m->validation || open_scores(m->validation));
}

/* In rehearsal the functions of the user are called once, for their errors. Without the trials the
   fields of the result are not known. */
static Value *rehearsed(Train *m) {
  if (!m->trials || (arg_given(m->s.c, TRAIN_VALIDATE) && !m->validation)) return &VALUE_UNKNOWN;
  bool ok = (m->force ? force_check(m) : train_loss(m) != NULL) && train_scores(m) &&
            (!m->project || train_project(m)) && train_rehearse(m);
  return ok ? result(m, NULL) : &VALUE_ERROR;
}

Value *verb_train(Ev *ev, Call *c) {
  Train m = {0};
  TrainLog log;
  if (!read_call(&m, ev, c)) return &VALUE_ERROR;
  m.arena = arena_new();
  Value *v = &VALUE_ERROR;
  if (ev->rehearse)
    v = rehearsed(&m);
  else if (train_scores(&m) && (m.force ? force_run : train_run)(&m, &log))
    v = result(&m, &log);
  curriculum_close(&m);
  arena_free(m.arena);
  return v;
}
