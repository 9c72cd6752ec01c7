/* train_run.c: one update of `train` after the other: clipping, schedules, when to stop. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "verb/train.h"

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
  Where at = m->s.c->arg_at[TRAIN_SCHEDULE];
  Value *step = value_num(ev, (double)update);
  Value *v = ev_call(ev, m->schedule, &step, NULL, 1, at);
  return ev_to_number(ev, v, DIM_ONE, factor, NULL, at, "what `schedule` gives");
}

static bool should_stop(Train *m, const TrainLog *log, bool *stop) {
  *stop = false;
  if (!m->stop) return true;
  Ev *ev = m->s.ev;
  Where at = m->s.c->arg_at[TRAIN_STOP];
  int n = m->scores.n;
  const double *scores = log->scores + (log->done - 1) * n;
  Value *r = value_record(ev, "log", 2 + n);
  value_set(r, 0, "step", value_num(ev, (double)log->done));
  value_set(r, 1, "loss", value_num(ev, log->loss[log->done - 1]));
  for (int i = 0; i < n; i++)
    value_set(r, 2 + i, m->trials->scores.at[i].name,
              value_quantity(ev, scores[i], m->scores.dim[i]));
  return ev_to_bool(ev, ev_call(ev, m->stop, &r, NULL, 1, at), stop, NULL, at, "what `stop` gives");
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

bool train_tick(Train *m, double done, double loss) {
  Ev *ev = m->s.ev;
  double part = m->updates ? done / (double)m->updates : 1;
  if (ev->hooks.progress) {
    char text[64] = "";
    if (!isnan(loss)) snprintf(text, sizeof text, "loss %.4g", loss);
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

TrainLog train_log(Train *m) {
  return (TrainLog){.loss = ARENA_ARRAY(m->arena, double, m->updates + 1),
                    .scores = ARENA_ARRAY(m->arena, double, m->updates * m->scores.n + 1)};
}

bool train_goes_on(Train *m, const TrainLog *log, bool *stop) {
  return train_tick(m, (double)log->done, log->loss[log->done - 1]) && should_stop(m, log, stop);
}

bool train_run(Train *m, TrainLog *log) {
  Bptt *b = bptt_new(m);
  if (!b) return false;
  Memory mem = {.n = bptt_count(b)};
  mem.m = ARENA_ARRAY(m->arena, double, mem.n + 1);
  mem.v = ARENA_ARRAY(m->arena, double, mem.n + 1);
  mem.gradient = ARENA_ARRAY(m->arena, double, mem.n + 1);
  *log = train_log(m);
  for (bool stop = false; log->done < m->updates && !stop;) {
    int64_t k = log->done++;
    if (!update_once(m, b, &mem, k, &log->loss[k]) ||
        !bptt_scores(b, log->scores + k * m->scores.n) || !train_goes_on(m, log, &stop))
      return false;
  }
  log->weights = bptt_weights(b, m->s.ev->arena);
  return true;
}
