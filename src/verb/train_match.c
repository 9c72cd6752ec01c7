/* train_match.c: what of the task goes where in the network, and which weights are trained. */
#include <string.h>

#include "lang/arg.h"
#include "verb/train.h"

static int find_channel(const TrialChannel *c, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(c[i].name, name) == 0) return (int)i;
  return -1;
}

static const Quantity *find_output(const System *s, const char *name) {
  for (size_t i = 0; i < s->outputs.n; i++)
    if (strcmp(s->outputs.at[i].name, name) == 0) return &s->outputs.at[i];
  return NULL;
}

/* A channel and a quantity of the same name are of one kind? */
static bool alike(Train *m, const TrialChannel *c, const Quantity *q, const char *what) {
  const Setup *s = &m->s;
  Arena *a = s->ev->arena;
  TimeKind none = TIME_PLAIN;
  Diag *d = NULL;
  if (!shape_fits(c->shape, q->shape))
    d = setup_report(s, E0640, s->c->at, "the %s `%s` of `%s` has the shape %s, in `%s` it has %s",
                     what, c->name, m->trials->name, shape_text(a, c->shape), s->sys->name,
                     shape_text(a, q->shape));
  else if (!dim_agree(c->dim, q->dim, &none, NULL))
    d = setup_report(s, E0640, s->c->at, "the %s `%s` of `%s` is %s, in `%s` it is %s", what,
                     c->name, m->trials->name, dim_name(a, c->dim), s->sys->name,
                     dim_name(a, q->dim));
  else
    return true;
  if (d) {
    diag_note(s->ev->diag, d, c->at, "in the task");
    diag_note(s->ev->diag, d, q->at, "in the network");
  }
  return false;
}

static bool missing(Train *m, const TrialChannel *c, const char *what, const char *wanted) {
  Diag *d = setup_report(&m->s, E0640, m->s.c->at,
                         "the task `%s` has the %s `%s`, but `%s` has no %s of this name",
                         m->trials->name, what, c->name, m->s.sys->name, wanted);
  if (d) diag_note(m->s.ev->diag, d, c->at, "in the task");
  return false;
}

static bool match_inputs(Train *m) {
  const System *s = m->s.sys;
  const Trials *t = m->trials;
  m->channel = ARENA_ARRAY(m->s.ev->arena, int, s->inputs.n + 1);
  for (size_t i = 0; i < s->inputs.n; i++) {
    m->channel[i] = find_channel(t->inputs.at, t->inputs.n, s->inputs.at[i].q.name);
    if (m->channel[i] >= 0 && !alike(m, &t->inputs.at[m->channel[i]], &s->inputs.at[i].q, "input"))
      return false;
  }
  for (size_t k = 0; k < t->inputs.n; k++) {
    bool found = false;
    for (size_t i = 0; i < s->inputs.n; i++) found = found || m->channel[i] == (int)k;
    if (!found) return missing(m, &t->inputs.at[k], "input", "input");
  }
  return true;
}

static bool match_targets(Train *m) {
  const Trials *t = m->trials;
  if (t->targets.n == 0) {
    setup_report(&m->s, E0640, m->s.c->at, "the task `%s` has no target", t->name);
    return false;
  }
  for (size_t k = 0; k < t->targets.n; k++) {
    const Quantity *q = find_output(m->s.sys, t->targets.at[k].name);
    if (!q) return missing(m, &t->targets.at[k], "target", "output");
    if (!alike(m, &t->targets.at[k], q, "target")) return false;
    *vec_push(m->s.ev->arena, &m->out) = *q;
  }
  return true;
}

bool train_match(Train *m) {
  if (!match_inputs(m) || !match_targets(m)) return false;
  if (m->regularize) record_all(&m->s, &m->out);
  return true;
}

/* ---- weights --------------------------------------------------------------------------------- */

/* Sets the marks of the weights that argument i names, a text or a list of texts. */
static bool mark_named(Train *m, int i, bool mark) {
  const System *s = m->s.sys;
  Value *v = m->s.c->arg[i], one = {.nfields = 1, .fields = &(Field){NULL, v}};
  Where at = m->s.c->arg_at[i];
  const Value *list = v->kind == V_LIST ? v : &one;
  for (int k = 0; k < list->nfields; k++) {
    const char *name = ev_to_string(m->s.ev, list->fields[k].value, at, "the name of a weight");
    if (!name) return false;
    bool found = false;
    for (size_t w = 0; w < s->weights.n; w++)
      if (strcmp(s->weights.at[w].q.name, name) == 0) m->trained[w] = mark, found = true;
    if (found) continue;
    setup_report(&m->s, E0641, at, "`%s` has no weight `%s`", s->name, name);
    return false;
  }
  return true;
}

bool train_choose_weights(Train *m, int only, int freeze) {
  const System *s = m->s.sys;
  bool all = !arg_given(m->s.c, only), any = false;
  m->trained = ARENA_ARRAY(m->s.ev->arena, bool, s->weights.n + 1);
  for (size_t w = 0; w < s->weights.n; w++) m->trained[w] = all && s->weights.at[w].trainable;
  if (!all && !mark_named(m, only, true)) return false;
  if (arg_given(m->s.c, freeze) && !mark_named(m, freeze, false)) return false;
  for (size_t w = 0; w < s->weights.n; w++) any = any || m->trained[w];
  if (any) return true;
  Diag *d = setup_report(&m->s, E0641, m->s.c->at, "`%s` has nothing to train", s->name);
  if (d)
    diag_note(m->s.ev->diag, d, m->s.c->at,
              "declare `weight W : [...] ~ ...` or `connect trainable ...`");
  return false;
}
