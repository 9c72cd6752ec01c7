/* train.c: train(net, task, ...): reads the arguments, makes one update after the other, and gives
   the trained network with a record of how it went. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/method.h"
#include "lang/network.h"
#include "lang/task.h"
#include "verb/train.h"
#include "verb/verb.h"

enum {
  A_NET,
  A_TASK,
  A_LOSS,
  A_OPTIMIZER,
  A_BATCH,
  A_STEPS,
  A_DT,
  A_METHOD,
  A_ONLY,
  A_FREEZE,
  A_CLIP,
  A_CLIP_VALUE,
  A_REGULARIZE,
  A_STOP,
  A_SCHEDULE,
  A_CARRY,
  A_TRUNCATE,
  A_PRECISION,
  A_SEED
};

static const SetupArgs places = {A_NET, A_METHOD, A_DT, A_SEED};

enum { BATCH = 32, UPDATES = 1000 };

/* ---- arguments ------------------------------------------------------------------------------- */

static const char *name_of(const Value *v) {
  if (v->kind == V_METHOD) return v->type;
  return v->kind == V_FUNCTION && v->builtin ? v->builtin->name : "";
}

static bool read_optimizer(Train *m) {
  Call *c = m->s.c;
  Ev *ev = m->s.ev;
  Value *v = c->arg[A_OPTIMIZER];
  m->optimizer = optimizer_find(arg_given(c, A_OPTIMIZER) ? name_of(v) : "adam");
  if (!m->optimizer) {
    setup_report(&m->s, E0645, c->arg_at[A_OPTIMIZER],
                 "`optimizer` is sgd, momentum, rmsprop, adam or adamw, not %s",
                 value_kind_name(ev, v));
    return false;
  }
  OptimizerOptions *r = &m->rates;
  const OptimizerOptions *d = &m->optimizer->dflt;
  *r = *d;
  if (!arg_given(c, A_OPTIMIZER) || v->kind != V_METHOD) return true;
  return method_option(ev, v, "lr", DIM_ONE, d->rate, &r->rate) &&
         method_option(ev, v, "beta", DIM_ONE, d->beta, &r->beta) &&
         method_option(ev, v, "decay", DIM_ONE, d->decay, &r->decay) &&
         method_option(ev, v, "eps", DIM_ONE, d->eps, &r->eps) &&
         method_option(ev, v, "beta1", DIM_ONE, d->beta1, &r->beta1) &&
         method_option(ev, v, "beta2", DIM_ONE, d->beta2, &r->beta2);
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
  const char *name = arg_given(c, A_PRECISION) ? name_of(c->arg[A_PRECISION]) : "double";
  m->single = strcmp(name, "single") == 0;
  if (m->single || strcmp(name, "double") == 0) return true;
  setup_report(&m->s, E0645, c->arg_at[A_PRECISION], "`precision` is `single` or `double`");
  return false;
}

static bool read_options(Train *m) {
  Call *c = m->s.c;
  Ev *ev = m->s.ev;
  return arg_size(ev, c, A_BATCH, BATCH, 1, &m->batch) &&
         arg_size(ev, c, A_STEPS, UPDATES, 0, &m->updates) &&
         arg_size(ev, c, A_TRUNCATE, 0, 1, &m->truncate) && read_positive(m, A_CLIP, &m->clip) &&
         read_positive(m, A_CLIP_VALUE, &m->clip_value) &&
         read_function(m, A_REGULARIZE, &m->regularize) && read_function(m, A_STOP, &m->stop) &&
         read_function(m, A_SCHEDULE, &m->schedule) && arg_flag(ev, c, A_CARRY, false, &m->carry) &&
         read_precision(m) && read_optimizer(m);
}

static bool suits_training(Train *m) {
  if (!m->s.method || m->s.method->flags & STEPPER_FIXED) return true;
  Diag *d = setup_report(&m->s, E0606, m->s.c->arg_at[A_METHOD],
                         "`%s` chooses its steps itself: training goes in fixed steps",
                         m->s.method->name);
  if (d) diag_note(m->s.ev->diag, d, m->s.c->arg_at[A_METHOD], "use `euler` or `rk4` with `dt`");
  return false;
}

static bool read_call(Train *m, Ev *ev, Call *c) {
  setup_prefer_steps(ev, c, &places);
  if (!setup_run(ev, c, &places, &m->s) || !suits_training(m) || !read_options(m)) return false;
  Task *task = task_of(ev, c->arg[A_TASK], c->arg_at[A_TASK]);
  if (!task) return false;
  if (!m->s.dt_known) return true;
  m->trials = task_trials(ev, task, m->s.dt, m->s.sys->time, c->arg_at[A_TASK]);
  m->loss = c->arg[A_LOSS];
  if (!arg_given(c, A_LOSS)) {
    m->loss = value_record(ev, "mse", 0);
    m->loss->kind = V_METHOD;
  }
  if (!m->trials) return ev->rehearse; /* reported, or not known well enough yet */
  return train_choose_weights(m, A_ONLY, A_FREEZE) && train_match(m);
}

/* ---- the result ------------------------------------------------------------------------------ */

static Value *losses_value(Train *m, const double *loss, int64_t done) {
  Ev *ev = m->s.ev;
  if (!loss) return value_abstract(ev, shape_vec(done), DIM_ONE);
  Tensor *t = tensor_new(ev->arena, shape_vec(done));
  memcpy(t->data, loss, (size_t)done * sizeof *loss);
  return value_tensor(ev, t, DIM_ONE);
}

static Value *trained_network(Train *m, const Tensor *const *w) {
  Value *net = w ? network_with_weights(m->s.ev, m->s.net, w) : m->s.net;
  if (!w || !m->s.method) return net;
  net->network->method = m->s.method->name;
  net->network->dt = m->s.dt;
  return net;
}

static Value *result(Train *m, const Tensor *const *w, const double *loss, int64_t done) {
  Ev *ev = m->s.ev;
  Value *r = value_record(ev, "train", 3);
  value_set(r, 0, "net", trained_network(m, w));
  value_set(r, 1, "loss", losses_value(m, loss, done));
  value_set(r, 2, "steps",
            loss ? value_num(ev, (double)done) : value_abstract(ev, SHAPE_SCALAR, DIM_ONE));
  return r;
}

/* In rehearsal the functions of the user are called once, for their errors. */
static Value *rehearsed(Train *m) {
  if (m->trials) {
    m->arena = arena_new();
    bool ok = train_loss(m) != NULL;
    arena_free(m->arena);
    if (!ok) return &VALUE_ERROR;
  }
  return result(m, NULL, NULL, m->stop ? EXTENT_UNKNOWN : m->updates);
}

/* ---- the run --------------------------------------------------------------------------------- */

/* Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
   algorithm 1; the clip of each value comes first. */
static void clip(const Train *m, double *g, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n && m->clip_value > 0; i++)
    g[i] = fmin(fmax(g[i], -m->clip_value), m->clip_value);
  for (int64_t i = 0; i < n; i++) sum += g[i] * g[i];
  double norm = sqrt(sum);
  if (m->clip <= 0 || norm <= m->clip) return;
  for (int64_t i = 0; i < n; i++) g[i] *= m->clip / norm;
}

/* The factor of the rate at this update, 1 without a schedule. False: reported. */
static bool scheduled(Train *m, int64_t update, double *factor) {
  *factor = 1;
  if (!m->schedule) return true;
  Ev *ev = m->s.ev;
  Where at = m->s.c->arg_at[A_SCHEDULE];
  Value *step = value_num(ev, (double)update);
  Value *v = ev_call(ev, m->schedule, &step, NULL, 1, at);
  return ev_to_number(ev, v, DIM_ONE, factor, NULL, at, "what `schedule` gives");
}

static bool should_stop(Train *m, int64_t done, double loss, bool *stop) {
  *stop = false;
  if (!m->stop) return true;
  Ev *ev = m->s.ev;
  Where at = m->s.c->arg_at[A_STOP];
  Value *log = value_record(ev, "log", 2);
  value_set(log, 0, "step", value_num(ev, (double)done));
  value_set(log, 1, "loss", value_num(ev, loss));
  return ev_to_bool(ev, ev_call(ev, m->stop, &log, NULL, 1, at), stop, NULL, at,
                    "what `stop` gives");
}

static bool not_finite(Train *m, const Bptt *b, int64_t update, double loss) {
  int64_t step;
  Where at = m->s.c->at;
  const Quantity *q = bptt_first_bad(b, &step);
  Diag *d = setup_report(&m->s, E0644, at, "the loss is %s at update %lld",
                         isnan(loss) ? "NaN" : "infinite", (long long)update);
  if (d && q)
    diag_note(m->s.ev->diag, d, q->at, "`%s` was not finite after step %lld of a trial", q->name,
              (long long)step);
  if (d) diag_note(m->s.ev->diag, d, at, "a smaller rate, or `clip = 1`, may help");
  return false;
}

static bool tick(Train *m, int64_t done, double loss) {
  Ev *ev = m->s.ev;
  double part = m->updates ? (double)done / (double)m->updates : 1;
  if (ev->hooks.progress) {
    char text[64];
    snprintf(text, sizeof text, "loss %.4g", loss);
    ev->hooks.progress(ev->hooks.ctx, m->s.verb, part, text);
  }
  if (!ev->hooks.cancelled || !ev->hooks.cancelled(ev->hooks.ctx)) return true;
  ev->cancelled = true;
  return false;
}

typedef struct Memory {
  int64_t n;
  double *m, *v, *gradient;
} Memory;

static bool update_once(Train *m, Bptt *b, Memory *mem, int64_t update, double *loss) {
  Status st = bptt_update(b, update + 1, loss);
  if (st.code != STATUS_OK) {
    ev_fail(m->s.ev, m->s.c->at, st, "update %lld failed%s%s", (long long)update,
            st.what ? ": " : "", st.what ? st.what : "");
    return false;
  }
  if (!isfinite(*loss)) return not_finite(m, b, update, *loss);
  OptimizerOptions rates = m->rates;
  double factor;
  if (!scheduled(m, update, &factor)) return false;
  rates.rate *= factor;
  memcpy(mem->gradient, bptt_gradient(b), (size_t)mem->n * sizeof(double));
  clip(m, mem->gradient, mem->n);
  m->optimizer->step(&rates, update + 1, mem->n, mem->gradient, bptt_parameters(b), mem->m, mem->v);
  return true;
}

static Value *run(Train *m) {
  Bptt *b = bptt_new(m);
  if (!b) return &VALUE_ERROR;
  Memory mem = {.n = bptt_count(b)};
  mem.m = ARENA_ARRAY(m->arena, double, mem.n + 1);
  mem.v = ARENA_ARRAY(m->arena, double, mem.n + 1);
  mem.gradient = ARENA_ARRAY(m->arena, double, mem.n + 1);
  double *loss = ARENA_ARRAY(m->arena, double, m->updates + 1);
  int64_t done = 0;
  for (bool stop = false; done < m->updates && !stop; done++)
    if (!update_once(m, b, &mem, done, &loss[done]) || !tick(m, done + 1, loss[done]) ||
        !should_stop(m, done + 1, loss[done], &stop))
      return &VALUE_ERROR;
  return result(m, bptt_weights(b, m->s.ev->arena), loss, done);
}

Value *verb_train(Ev *ev, Call *c) {
  Train m = {0};
  if (!read_call(&m, ev, c)) return &VALUE_ERROR;
  if (ev->rehearse) return rehearsed(&m);
  m.arena = arena_new();
  Value *v = run(&m);
  arena_free(m.arena);
  return v;
}
