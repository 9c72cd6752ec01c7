/* train_validate.c: validate = task, every = n: the loss and the scores of the network on trials of
   another task after every n updates. They are always the same trials, those that `evaluate` with
   this seed begins with, and never those of the training. */
#include <math.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "verb/train.h"

bool validation_read(Train *m) {
  Call *c = m->s.c;
  Ev *ev = m->s.ev;
  if (!arg_size(ev, c, TRAIN_EVERY, 100, 1, &m->validate_every)) return false;
  if (!arg_given(c, TRAIN_VALIDATE)) return true;
  Where at = c->arg_at[TRAIN_VALIDATE];
  if (m->force) {
    setup_report(&m->s, E0645, at, "`validate` is for training by gradients, not for `force`");
    return false;
  }
  Train *v = ARENA_NEW(ev->arena, Train);
  *v = *m;
  v->out = (Quantities){0};
  v->regularize = v->project = NULL;
  v->carry = false;
  Task *task = task_of(ev, c->arg[TRAIN_VALIDATE], at);
  if (!task) return ev->rehearse && c->arg[TRAIN_VALIDATE]->kind == V_UNKNOWN;
  v->task = task;
  v->trials = task_trials(ev, task, m->s.task_dt, m->s.task_time, at);
  if (!v->trials) return ev->rehearse;
  m->validation = v;
  return train_match(v);
}

int validation_width(const Train *m) {
  return 1 + m->validation->scores.n;
}

/* After update log->done. False: reported. */
bool validation_step(Train *m, TrainLog *log, Bptt *validation, const double *parameters) {
  if (!validation || log->done % m->validate_every) return true;
  double *row = log->validation + (log->done / m->validate_every - 1) * validation_width(m);
  Status st = bptt_loss(validation, parameters, row);
  if (st.code == STATUS_OK) return bptt_scores(validation, row + 1);
  ev_fail(m->s.ev, m->s.c->arg_at[TRAIN_VALIDATE], st,
          "the validation after update %lld failed%s%s", (long long)log->done, st.what ? ": " : "",
          st.what ? st.what : "");
  return false;
}

/* Column k of the rows so far. NULL: in rehearsal. */
static Value *column(const Train *m, const TrainLog *log, int k, Dim d) {
  Ev *ev = m->s.ev;
  int width = validation_width(m);
  int64_t done = log ? log->done : m->stop || m->updates < 0 ? -1 : m->updates;
  int64_t n = done < 0 ? EXTENT_UNKNOWN : done / m->validate_every;
  if (!log) return value_abstract(ev, shape_vec(n), d);
  Tensor *t = tensor_new(ev->arena, shape_vec(n));
  for (int64_t i = 0; i < n; i++)
    t->data[i] = k < 0 ? (double)((i + 1) * m->validate_every) : log->validation[i * width + k];
  return value_tensor(ev, t, d);
}

Value *validation_course(const Train *m, const TrainLog *log) {
  const Train *v = m->validation;
  Value *r = value_record(m->s.ev, "train", 2 + v->scores.n);
  value_set(r, 0, "step", column(m, log, -1, DIM_ONE));
  value_set(r, 1, "loss", column(m, log, 0, DIM_ONE));
  for (int i = 0; i < v->scores.n; i++)
    value_set(r, 2 + i, v->trials->scores.at[i].name, column(m, log, 1 + i, v->scores.dim[i]));
  return r;
}

Value *validation_last(const Train *m, const TrainLog *log) {
  Ev *ev = m->s.ev;
  const Train *v = m->validation;
  int64_t n = log ? log->done / m->validate_every : 0;
  const double *row = n ? log->validation + (n - 1) * validation_width(m) : NULL;
  Value *r = value_record(ev, NULL, 1 + v->scores.n);
  for (int i = 0; i <= v->scores.n; i++) {
    const char *name = i ? v->trials->scores.at[i - 1].name : "loss";
    Dim d = i ? v->scores.dim[i - 1] : DIM_ONE;
    value_set(
        r, i, name,
        log ? value_quantity(ev, row ? row[i] : NAN, d) : value_abstract(ev, SHAPE_SCALAR, d));
  }
  return r;
}
