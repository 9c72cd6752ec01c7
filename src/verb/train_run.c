/* train_run.c: one update of `train` after the other: clipping, schedules, when to stop. */
#include <math.h>
#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
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

/* The factor of the rate at an update, from 0. False: reported. */
static bool schedule_at(Train *m, int64_t update, double *factor) {
  Ev *ev = m->s.ev;
  Where at = m->s.c->arg_at[TRAIN_SCHEDULE];
  Arena *outer = scratch_begin(ev);
  Value *step = value_num(ev, (double)update), *v = ev_call(ev, m->schedule, &step, NULL, 1, at);
  bool ok = ev_to_number(ev, v, DIM_ONE, factor, NULL, at, "what `schedule` gives");
  scratch_end(ev, outer, &VALUE_NONE);
  return ok;
}

/* The factors of all updates, or NULL. */
static bool read_schedule(Train *m, double **factor) {
  *factor = NULL;
  if (!m->schedule) return true;
  *factor = ARENA_ARRAY(m->arena, double, m->updates + 1);
  for (int64_t k = 0; k < m->updates; k++)
    if (!schedule_at(m, k, *factor + k)) return false;
  return true;
}

/* NULL: in rehearsal. */
static Value *number(Ev *ev, const double *x, Dim d) {
  return x ? value_quantity(ev, *x, d) : value_abstract(ev, SHAPE_SCALAR, d);
}

/* What `stop` sees of the update log->done; in rehearsal there is no log. */
static Value *log_record(Train *m, const TrainLog *log) {
  Ev *ev = m->s.ev;
  int n = m->scores.n, more = m->validation != NULL;
  double done = log ? (double)log->done : 0;
  int64_t last = log ? log->done - 1 : 0;
  Value *r = value_record(ev, "log", 2 + n + more);
  value_set(r, 0, "step", number(ev, log ? &done : NULL, DIM_ONE));
  value_set(r, 1, "loss", number(ev, log ? log->loss + last : NULL, DIM_ONE));
  for (int i = 0; i < n; i++)
    value_set(r, 2 + i, m->trials->scores.at[i].name,
              number(ev, log ? log->scores + last * n + i : NULL, m->scores.dim[i]));
  if (more) value_set(r, 2 + n, "validation", validation_last(m, log));
  return r;
}

static bool should_stop(Train *m, const TrainLog *log, bool *stop) {
  *stop = false;
  if (!m->stop) return true;
  Ev *ev = m->s.ev;
  Where at = m->s.c->arg_at[TRAIN_STOP];
  Value *r = log_record(m, log);
  return ev_to_bool(ev, ev_call(ev, m->stop, &r, NULL, 1, at), stop, NULL, at, "what `stop` gives");
}

bool train_rehearse(Train *m) {
  double factor;
  bool stop;
  return (!m->schedule || schedule_at(m, 0, &factor)) && should_stop(m, NULL, &stop);
}

/* ---- between two updates --------------------------------------------------------------------- */

/* How long the rest takes, going by what this run has done. */
static const char *time_left(Arena *a, const Train *m, double done) {
  double made = done - (double)m->resumed;
  double s = (account_clock() - m->begun) / made * ((double)m->updates - done);
  if (s < 100) return arena_printf(a, "%.0f s left", ceil(s));
  return s < 100 * 60 ? arena_printf(a, "%.0f min left", s / 60)
                      : arena_printf(a, "%.1f h left", s / 3600);
}

bool train_tick(Train *m, double done, double loss) {
  const Hooks *h = &m->s.ev->hooks;
  if (h->progress) {
    Arena *a = arena_new();
    const char *left = time_left(a, m, done);
    h->progress(h->ctx, m->s.verb, done / (double)m->updates,
                isnan(loss) ? left : arena_printf(a, "loss %.4g, %s", loss, left));
    arena_free(a);
  }
  return !ev_stopped(m->s.ev);
}

/* The user has ended the run. */
static void keep_for_later(Train *m, const TrainLog *log) {
  checkpoint_write(log->saved, log->done);
  if (checkpoint_path(log->saved))
    diag_add(m->s.ev->diag, W0658, m->s.c->at,
             "interrupted after update %lld of %lld: the same command goes on from there",
             (long long)log->done, (long long)m->updates);
}

bool train_goes_on(Train *m, const TrainLog *log, bool *stop) {
  if (!train_tick(m, (double)log->done, log->loss[log->done - 1])) {
    keep_for_later(m, log);
    return false;
  }
  checkpoint_step(log->saved, log->done);
  return should_stop(m, log, stop);
}

/* ---- an update ------------------------------------------------------------------------------- */

/* Of the optimizer. */
typedef struct Memory {
  int64_t n;
  double *m, *v, *gradient;
  double *factor; /* of the rate at each update; NULL: 1 */
} Memory;

/* Which weight has a gradient that is not finite? NULL: none. */
static const char *bad_gradient(const Train *m, const double *g) {
  for (size_t i = 0; i < m->s.sys->weights.n; i++) {
    if (!m->trained[i]) continue;
    int64_t n = shape_count(m->s.sys->weights.at[i].value->shape);
    for (int64_t k = 0; k < n; k++)
      if (!isfinite(g[k])) return m->s.sys->weights.at[i].q.name;
    g += n;
  }
  return NULL;
}

/* The weights are still those before the update, and are kept. */
static bool not_finite(Train *m, const Bptt *b, TrainLog *log, const char *what) {
  DiagList *list = m->s.ev->diag;
  Where at = m->s.c->at;
  int64_t step, done = log->done - 1;
  const Quantity *q = bptt_first_bad(b, &step);
  Diag *d = setup_report(&m->s, E0644, at, "%s at update %lld", what, (long long)log->done);
  if (done > 0 && !m->carry) checkpoint_write(log->saved, done); /* carried states are spoilt */
  const char *path = checkpoint_path(log->saved);
  if (d && q)
    diag_note(list, d, q->at, "`%s` was not finite after step %lld of a trial", q->name,
              (long long)step);
  if (d && path) diag_note(list, d, at, "the last good weights are in `%s`: `load` reads it", path);
  if (d) diag_note(list, d, at, "a smaller rate, or `clip = 1`, may help");
  return false;
}

static bool projected(Train *m, Bptt *b) {
  Status st = bptt_project(b);
  if (st.code != STATUS_OK)
    ev_fail(m->s.ev, m->s.c->arg_at[TRAIN_PROJECT], st, "`project` failed%s%s", st.what ? ": " : "",
            st.what ? st.what : "");
  return st.code == STATUS_OK;
}

static bool update_once(Train *m, Bptt *b, Memory *mem, TrainLog *log) {
  int64_t update = log->done++;
  double *loss = &log->loss[update];
  Status st = bptt_update(b, log->done, loss);
  if (st.code != STATUS_OK) {
    ev_fail(m->s.ev, m->s.c->at, st, "update %lld failed%s%s", (long long)log->done,
            st.what ? ": " : "", st.what ? st.what : "");
    return false;
  }
  if (!isfinite(*loss))
    return not_finite(m, b, log, isnan(*loss) ? "the loss is NaN" : "the loss is infinite");
  const char *bad = bad_gradient(m, bptt_gradient(b));
  if (bad)
    return not_finite(
        m, b, log, arena_printf(m->arena, "the derivative of the loss by `%s` is not finite", bad));
  OptimizerOptions rates = m->rates;
  if (mem->factor) rates.rate *= mem->factor[update];
  memcpy(mem->gradient, bptt_gradient(b), (size_t)mem->n * sizeof(double));
  clip(m, mem->gradient, mem->n);
  m->optimizer->step(&rates, update + 1, mem->n, mem->gradient, bptt_parameters(b), mem->m, mem->v);
  return projected(m, b);
}

/* ---- all updates ----------------------------------------------------------------------------- */

TrainLog train_log(Train *m) {
  TrainLog log = {.loss = ARENA_ARRAY(m->arena, double, m->updates + 1),
                  .scores = ARENA_ARRAY(m->arena, double, m->updates * m->scores.n + 1),
                  .saved = checkpoint_new(&m->s, m->arena, m->checkpoint)};
  checkpoint_curve(log.saved, "checkpoint:loss", log.loss, 1, 1);
  if (m->scores.n) checkpoint_curve(log.saved, "checkpoint:scores", log.scores, m->scores.n, 1);
  if (m->validation) {
    int width = validation_width(m);
    log.validation = ARENA_ARRAY(m->arena, double, m->updates / m->validate_every * width + 1);
    checkpoint_curve(log.saved, "checkpoint:validation", log.validation, width, m->validate_every);
    checkpoint_part(log.saved, "the validation",
                    hash_mix(graph_hash(m->validation->trials->f), (uint64_t)m->validate_every));
  }
  uint64_t seeds[] = {m->s.seed, m->s.ev->seed};
  checkpoint_part(log.saved, "the seed", hash_bytes(seeds, sizeof seeds, 0));
  m->begun = account_clock();
  return log;
}

bool train_resume(Train *m, TrainLog *log, bool *stop) {
  *stop = false;
  log->done = m->resumed = checkpoint_resume(log->saved, m->updates);
  return log->done == 0 || should_stop(m, log, stop);
}

static uint64_t hash_of_options(const Train *m, const Memory *mem) {
  const OptimizerOptions *r = &m->rates;
  double x[] = {r->rate, r->beta,       r->decay, r->eps,    r->beta1,         r->beta2,
                m->clip, m->clip_value, m->carry, m->single, (double)m->batch, (double)m->truncate,
                m->s.dt};
  uint64_t h = hash_bytes(x, sizeof x, 0);
  if (mem->factor) h = hash_bytes(mem->factor, (size_t)m->updates * sizeof(double), h);
  h = hash_bytes(m->optimizer->name, strlen(m->optimizer->name), h);
  h = hash_mix(h, curriculum_hash(m));
  return hash_bytes(m->trained, m->s.sys->weights.n * sizeof *m->trained, h);
}

/* What a checkpoint holds, and what it must agree with. */
static void keep(Train *m, Bptt *b, const Memory *mem, Checkpoint *c) {
  checkpoint_part(c, "the options", hash_of_options(m, mem));
  checkpoint_array(c, "checkpoint:optimizer:m", shape_vec(mem->n), mem->m);
  checkpoint_array(c, "checkpoint:optimizer:v", shape_vec(mem->n), mem->v);
  bptt_keep(b, c);
}

bool train_run(Train *m, TrainLog *log) {
  Bptt *b = bptt_new(m, NULL);
  Bptt *validation = b && m->validation ? bptt_new(m->validation, NULL) : NULL;
  if (!b || (m->validation && !validation)) return false;
  Memory mem = {.n = bptt_count(b)};
  mem.m = ARENA_ARRAY(m->arena, double, mem.n + 1);
  mem.v = ARENA_ARRAY(m->arena, double, mem.n + 1);
  mem.gradient = ARENA_ARRAY(m->arena, double, mem.n + 1);
  if (!read_schedule(m, &mem.factor)) return false;
  *log = train_log(m);
  keep(m, b, &mem, log->saved);
  bool stop;
  if (!train_resume(m, log, &stop)) return false;
  if (log->done)
    bptt_resumed(b);
  else if (!projected(m, b))
    return false;
  while (log->done < m->updates && !stop) {
    double *scores = log->scores + log->done * m->scores.n;
    Bptt *now = curriculum_lesson(m, b, log->done);
    if (!now || !update_once(m, now, &mem, log) || !bptt_scores(now, scores) ||
        !validation_step(m, log, validation, bptt_parameters(b)) || !train_goes_on(m, log, &stop))
      return false;
  }
  checkpoint_end(log->saved, log->done);
  log->weights = bptt_weights(b, m->s.ev->arena);
  if (m->carry) log->ends = bptt_ends(b, m->s.ev->arena);
  return true;
}
