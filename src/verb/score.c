/* score.c: see score.h. A score becomes a program for each length that its window has, which is run
   for one trial after the other. */
#include "verb/score.h"

#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "run/run.h"

/* ---- as functions ---------------------------------------------------------------------------- */

typedef struct Inputs {
  Scores *x;
  GraphFn *f;
  int64_t steps; /* of the window */
} Inputs;

static Value *add_input(Inputs *in, const char *name, Shape s, Dim d, bool by_step) {
  GraphFn *f = in->f;
  if (by_step) s = shape_concat(shape_vec(in->steps), s);
  f->in[f->nin++] = graph_input(f->g, name, s, 0);
  return value_node(in->x->s->ev, f->g, f->in[f->nin - 1], d);
}

/* The value of a score whose inputs are targets, outputs, reads. */
static Value *traced_value(Inputs *in, int i) {
  Scores *x = in->x;
  const Trials *t = x->trials;
  Ev *ev = x->s->ev;
  size_t n = t->targets.n;
  Value **target = ARENA_ARRAY(ev->arena, Value *, n + 1);
  Value **out = ARENA_ARRAY(ev->arena, Value *, n + 1);
  Value **read = ARENA_ARRAY(ev->arena, Value *, t->reads.n + 1);
  for (size_t k = 0; k < n; k++) {
    const TrialChannel *c = &t->targets.at[k];
    target[k] = add_input(in, c->name, c->shape, c->dim, true);
  }
  for (size_t k = 0; k < n; k++)
    out[k] = add_input(in, x->out[k].name, x->out[k].shape, x->out[k].dim, true);
  for (size_t k = 0; k < t->reads.n; k++) {
    const TrialChannel *c = &t->reads.at[k];
    read[k] = add_input(in, c->name, c->shape, c->dim, c->by_step);
  }
  return task_score(ev, x->task, t, i, target, out, read);
}

static bool is_number(Scores *x, int i, const Value *v) {
  const TrialScore *score = &x->trials->scores.at[i];
  if (value_is_array(v) && value_shape(v).rank == 0) return true;
  if (v->kind != V_ERROR && v->kind != V_UNKNOWN)
    setup_report(x->s, E0524, score->at, "the score `%s` is one number for each trial, not %s",
                 score->name, value_kind_name(x->s->ev, v));
  return false;
}

/* Score i for windows of so many steps. NULL: reported, or in rehearsal not known. */
static GraphFn *score_function(Scores *x, int i, int64_t steps) {
  Ev *ev = x->s->ev, saved = *ev;
  TimeKind time = x->s->task_time;
  int room = 2 * (int)x->trials->targets.n + (int)x->trials->reads.n;
  GraphFn *f = graph_fn_new(x->arena, graph_new(x->arena), room, 1);
  f->nin = 0;
  ev_trace_begin(ev, f->g, &time);
  Value *v = traced_value(&(Inputs){x, f, steps}, i);
  ev_trace_end(ev, &saved);
  if (!is_number(x, i, v)) return NULL;
  x->dim[i] = dim_resolve(v->dim, time);
  f->out[0] = ev_node(ev, f->g, v);
  return f;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void list_wanted(Scores *x) {
  const Trials *t = x->trials;
  x->want = ARENA_ARRAY(x->arena, int, (int)(t->targets.n + t->reads.n) + 2 * x->n + 1);
  for (int i = 0; i < (int)t->targets.n; i++) x->want[x->nwant++] = trials_target(t, i);
  for (int i = 0; i < (int)t->reads.n; i++) x->want[x->nwant++] = trials_read(t, i);
  for (int i = 0; i < 2 * x->n; i++) x->want[x->nwant++] = trials_window(t, 0) + i;
}

static void make_buffers(Scores *x) {
  const Trials *t = x->trials;
  size_t n = t->targets.n;
  x->programs = ARENA_ARRAY(x->arena, struct Program *, x->n * (t->steps + 1));
  x->in = ARENA_ARRAY(x->arena, const void *, 2 * n + t->reads.n + 1);
  x->rows = ARENA_ARRAY(x->arena, double *, n + 1);
  for (size_t k = 0; k < n; k++)
    x->rows[k] = ARENA_ARRAY(x->arena, double, t->steps *shape_count(x->out[k].shape) + 1);
}

bool scores_open(Scores *x, const Setup *s, const Task *task, const Trials *t, const Quantity *out,
                 Arena *a) {
  *x = (Scores){.s = s, .task = task, .trials = t, .out = out, .arena = a, .n = (int)t->scores.n};
  if (x->n == 0) return true;
  x->dim = ARENA_ARRAY(a, Dim, x->n);
  for (int i = 0; i < x->n; i++) {
    int64_t steps = t->scores.at[i].steps;
    if (steps == EXTENT_UNKNOWN && !s->ev->rehearse) steps = t->steps;
    if (!score_function(x, i, steps)) return false;
  }
  if (s->ev->rehearse) return true;
  list_wanted(x);
  make_buffers(x);
  return true;
}

/* ---- computing ------------------------------------------------------------------------------- */

static Program *program_for(Scores *x, int i, int64_t steps) {
  Program **p = &x->programs[i * (x->trials->steps + 1) + steps];
  if (*p) return *p;
  GraphFn *f = score_function(x, i, steps);
  if (f) *p = program_plan(x->arena, f, &(PlanOptions){.exact = true});
  return *p;
}

/* Copies what the network gave in the steps of a window of one trial. */
static void take_rows(Scores *x, const ScoreBatch *b, size_t k, int64_t trial, int64_t first,
                      int64_t steps) {
  int64_t n = shape_count(x->out[k].shape);
  for (int64_t r = 0; r < steps; r++) {
    int64_t from = ((first + r) * b->trials + trial) * n;
    double *to = x->rows[k] + r * n;
    if (!b->single) memcpy(to, (const double *)b->out[k] + from, (size_t)n * sizeof *to);
    for (int64_t j = 0; j < n && b->single; j++) to[j] = ((const float *)b->out[k])[from + j];
  }
}

/* Where the rows of a trial begin in what was given. */
static const double *given_rows(const Scores *x, const ScoreBatch *b, int k, const TrialChannel *c,
                                bool by_step, int64_t trial, int64_t first) {
  int64_t n = shape_count(c->shape);
  return (const double *)b->given[k] +
         (by_step ? (trial * x->trials->steps + first) * n : trial * n);
}

static void point_at_trial(Scores *x, const ScoreBatch *b, int64_t trial, int64_t first,
                           int64_t steps) {
  const Trials *t = x->trials;
  int n = 0, ntargets = (int)t->targets.n;
  for (int k = 0; k < ntargets; k++)
    x->in[n++] = given_rows(x, b, k, &t->targets.at[k], true, trial, first);
  for (int k = 0; k < ntargets; k++) {
    take_rows(x, b, (size_t)k, trial, first, steps);
    x->in[n++] = x->rows[k];
  }
  for (int k = 0; k < (int)t->reads.n; k++) {
    const TrialChannel *c = &t->reads.at[k];
    x->in[n++] = given_rows(x, b, ntargets + k, c, c->by_step, trial, first);
  }
}

static bool score_trial(Scores *x, const ScoreBatch *b, int i, int64_t trial, double *value,
                        bool *any) {
  const double *const *window = (const double *const *)(b->given + x->nwant - 2 * x->n);
  int64_t first = (int64_t)window[2 * i][trial], steps = (int64_t)window[2 * i + 1][trial] - first;
  *any = steps > 0;
  *value = NAN;
  if (!*any) return true;
  Program *p = program_for(x, i, steps);
  if (!p) return false;
  point_at_trial(x, b, trial, first, steps);
  Status st = program_run(p, x->in, (void *[]){value});
  if (st.code == STATUS_OK) return true;
  ev_fail(x->s->ev, x->trials->scores.at[i].at, st, "the score `%s` failed%s%s",
          x->trials->scores.at[i].name, st.what ? ": " : "", st.what ? st.what : "");
  return false;
}

bool scores_compute(Scores *x, const ScoreBatch *b, double *value, double *mean) {
  for (int i = 0; i < x->n; i++) {
    double sum = 0, count = 0;
    for (int64_t k = 0; k < b->trials; k++) {
      bool any;
      double *v = &value[i * b->trials + k];
      if (!score_trial(x, b, i, k, v, &any)) return false;
      if (any) sum += *v, count++;
    }
    mean[i] = count > 0 ? sum / count : NAN;
  }
  return true;
}
