/* train_match.c: what of the task goes where in the network, and which weights are trained. */
#include <string.h>

#include "lang/arg.h"
#include "verb/match.h"
#include "verb/train.h"

static bool match_targets(Train *m) {
  const Trials *t = m->trials;
  if (t->targets.n == 0) {
    setup_report(&m->s, E0640, m->s.c->at, "the task `%s` has no target", t->name);
    return false;
  }
  for (size_t k = 0; k < t->targets.n; k++) {
    const Quantity *q = match_target(&m->s, t, k);
    if (!q) return false;
    *vec_push(m->s.ev->arena, &m->out) = *q;
  }
  return true;
}

bool train_match(Train *m) {
  m->channel = match_inputs(&m->s, m->trials);
  if (!m->channel || !match_targets(m)) return false;
  if (m->regularize) record_all(&m->s, &m->out);
  return true;
}

/* ---- weights --------------------------------------------------------------------------------- */

/* Sets the marks of the weights that argument i names, a text or a list of texts. */
static bool mark_named(Train *m, int i, bool mark) {
  const System *s = m->s.sys;
  Value *v = m->s.c->arg[i], one = {.nfields = 1, .fields = &(Field){NULL, v}};
  Where at = m->s.c->arg_at[i];
  bool none = v->kind == V_ARRAY && shape_count(value_shape(v)) == 0; /* [] */
  if (none) one.nfields = 0;
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
  bool chosen = arg_given(m->s.c, only) || arg_given(m->s.c, freeze);
  Diag *d = setup_report(&m->s, E0641, m->s.c->at, "`%s` has nothing to train", s->name);
  if (d)
    diag_note(m->s.ev->diag, d, m->s.c->at,
              chosen && s->weights.n
                  ? "`only` and `freeze` leave none of its weights"
                  : "declare `weight W : [...] ~ ...` or `connect trainable ...`");
  return false;
}
