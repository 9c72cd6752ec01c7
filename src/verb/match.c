/* match.c: see match.h. */
#include "verb/match.h"

#include <string.h>

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
static bool alike(const Setup *s, const Trials *t, const TrialChannel *c, const Quantity *q,
                  const char *what) {
  Arena *a = s->ev->arena;
  TimeKind none = TIME_PLAIN;
  Diag *d = NULL;
  if (!shape_fits(c->shape, q->shape))
    d = setup_report(s, E0640, s->c->at, "the %s `%s` of `%s` has the shape %s, in `%s` it has %s",
                     what, c->name, t->name, shape_text(a, c->shape), s->sys->name,
                     shape_text(a, q->shape));
  else if (!dim_agree(c->dim, q->dim, &none, NULL))
    d = setup_report(s, E0640, s->c->at, "the %s `%s` of `%s` is %s, in `%s` it is %s", what,
                     c->name, t->name, dim_name(a, c->dim), s->sys->name, dim_name(a, q->dim));
  else
    return true;
  if (d) {
    diag_note(s->ev->diag, d, c->at, "in the task");
    diag_note(s->ev->diag, d, q->at, "in the network");
  }
  return false;
}

static void missing(const Setup *s, const Trials *t, const TrialChannel *c, const char *what,
                    const char *wanted) {
  Diag *d = setup_report(s, E0640, s->c->at,
                         "the task `%s` has the %s `%s`, but `%s` has no %s of this name", t->name,
                         what, c->name, s->sys->name, wanted);
  if (d) diag_note(s->ev->diag, d, c->at, "in the task");
}

int *match_inputs(const Setup *s, const Trials *t) {
  const System *sys = s->sys;
  int *channel = ARENA_ARRAY(s->ev->arena, int, sys->inputs.n + 1);
  for (size_t i = 0; i < sys->inputs.n; i++) {
    const Quantity *q = &sys->inputs.at[i].q;
    channel[i] = find_channel(t->inputs.at, t->inputs.n, q->name);
    if (channel[i] >= 0 && !alike(s, t, &t->inputs.at[channel[i]], q, "input")) return NULL;
  }
  for (size_t k = 0; k < t->inputs.n; k++) {
    bool found = false;
    for (size_t i = 0; i < sys->inputs.n; i++) found = found || channel[i] == (int)k;
    if (found) continue;
    missing(s, t, &t->inputs.at[k], "input", "input");
    return NULL;
  }
  return channel;
}

const Quantity *match_target(const Setup *s, const Trials *t, size_t k) {
  const TrialChannel *c = &t->targets.at[k];
  const Quantity *q = find_output(s->sys, c->name);
  if (!q) missing(s, t, c, "target", "output");
  return q && alike(s, t, c, q, "target") ? q : NULL;
}
