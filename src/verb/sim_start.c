/* sim_start.c: where a run begins: the states' own starts, drawn for each trial, or `init`. */
#include <string.h>

#include "lang/core.h"
#include "verb/sim.h"

/* ---- init ------------------------------------------------------------------------------------ */

static int state_index(const System *s, const char *name) {
  for (size_t i = 0; i < s->states.n; i++)
    if (strcmp(s->states.at[i].q.name, name) == 0) return (int)i;
  return -1;
}

static bool unknown_state(Sim *m, const char *name, Where at) {
  VEC(const char *) names = {0};
  const System *s = m->s.sys;
  for (size_t i = 0; i < s->states.n; i++)
    *vec_push(m->s.ev->arena, &names) = s->states.at[i].q.name;
  const char *near = nearest_name(name, names.at, names.n);
  Diag *d = setup_report(&m->s, E0608, at, "`%s` has no state `%s`", s->name, name);
  if (d && near) diag_note(m->s.ev->diag, d, at, "did you mean `%s`?", near);
  return false;
}

/* One state's start in `init`: of the state's shape, or with trials in front. */
static bool check_state(Sim *m, int i, Value *v, Where at, bool *trials) {
  const Quantity *q = &m->s.sys->states.at[i].q;
  Arena *a = m->s.ev->arena;
  TimeKind none = TIME_PLAIN;
  Shape have = value_shape(v), joint;
  *trials = false;
  if (v->kind != V_ARRAY || !dim_agree(v->dim, q->dim, &none, NULL)) {
    setup_report(&m->s, E0608, at, "the state `%s` is %s, not %s", q->name, dim_name(a, q->dim),
                 value_kind_name(m->s.ev, v));
    return false;
  }
  if (shape_broadcast(have, q->shape, &joint) && joint.rank == q->shape.rank &&
      shape_fits(joint, q->shape))
    return true;
  *trials = have.rank == q->shape.rank + 1 && shape_fits(shape_tail(have, 1), q->shape);
  if (!*trials) {
    setup_report(&m->s, E0608, at,
                 "the state `%s` has the shape %s, but its start has the shape %s", q->name,
                 shape_text(a, q->shape), shape_text(a, have));
    return false;
  }
  if (m->trials == RECORD_NO_AXIS) m->trials = have.n[0];
  if (m->trials == have.n[0] || m->trials < 0 || have.n[0] < 0) return true;
  setup_report(&m->s, E0614, at, "the start of `%s` has %lld trials, but there are %lld", q->name,
               (long long)have.n[0], (long long)m->trials);
  return false;
}

typedef bool StartFn(Sim *m, int i, Value *v, Where at);

/* Calls fn for each state that a record names; outputs, as a `.final` has them, are passed over. */
static bool each_start(Sim *m, Value *r, const char *prefix, Where at, StartFn *fn) {
  for (int k = 0; k < r->nfields; k++) {
    const char *name = arena_printf(m->s.ev->arena, "%s%s", prefix, r->fields[k].name);
    Value *v = ev_dense(m->s.ev, r->fields[k].value, at);
    if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return false;
    int i = state_index(m->s.sys, name);
    bool ok = true;
    if (v->kind == V_RECORD)
      ok = each_start(m, v, arena_printf(m->s.ev->arena, "%s.", name), at, fn);
    else if (i >= 0)
      ok = fn(m, i, v, at);
    else if (!system_find(m->s.sys, name))
      ok = unknown_state(m, name, at);
    if (!ok) return false;
  }
  return true;
}

static bool check_start(Sim *m, int i, Value *v, Where at) {
  bool trials;
  return check_state(m, i, v, at, &trials);
}

bool sim_start_shapes(Sim *m, Value *init, Where at) {
  if (!init || init->kind == V_NONE) return true;
  if (init->kind == V_RECORD) return each_start(m, init, "", at, check_start);
  if (init->kind != V_ERROR && init->kind != V_UNKNOWN)
    setup_report(&m->s, E0608, at, "`init` is a record of states by name, `(%s = ...)`, not %s",
                 m->s.sys->states.n ? m->s.sys->states.at[0].q.name : "x",
                 value_kind_name(m->s.ev, init));
  return false;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static bool set_start(Sim *m, int i, Value *v, Where at) {
  const Quantity *q = &m->s.sys->states.at[i].q;
  bool trials;
  if (!check_state(m, i, v, at, &trials)) return false;
  size_t n = (size_t)shape_count(q->shape);
  size_t lanes = (size_t)sim_lanes(m);
  Value *full = trials ? v : ev_shaped(m->s.ev, v, q->shape, at);
  if (!value_is_known(full)) return false;
  for (size_t k = 0; k < lanes; k++)
    memcpy(m->x[i] + k * n, full->tensor->data + (trials ? k * n : 0), n * sizeof(double));
  return true;
}

bool sim_start(Sim *m, Value *init, Where at) {
  const System *s = m->s.sys;
  NodeId *starts = ARENA_ARRAY(m->arena, NodeId, s->states.n + 1);
  m->x = ARENA_ARRAY(m->arena, double *, s->states.n + 1);
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = shape_count(s->states.at[i].q.shape);
    starts[i] = s->states.at[i].init;
    m->x[i] = ARENA_ARRAY(m->arena, double, n *sim_lanes(m) + 1);
  }
  SimProgram *p = sim_program(m, starts, (int)s->states.n, true, false);
  Status st = program_run(p->p, p->in, (void *const *)m->x);
  if (st.code != STATUS_OK) {
    ev_fail(m->s.ev, m->s.c->at, st, "the start of `%s` cannot be computed%s%s", s->name,
            st.what ? ": " : "", st.what ? st.what : "");
    return false;
  }
  return !init || init->kind == V_NONE || each_start(m, init, "", at, set_start);
}
