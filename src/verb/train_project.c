/* train_project.c: project = fn(net) = (W = relu(net.W)): brings weights back to where they may be,
   at the start and after each update: projected gradient descent (Goldstein, "Convex programming in
   Hilbert space", Bull. Amer. Math. Soc. 70, 1964). The sign of Dale's law is the usual one. */
#include <string.h>

#include "lang/core.h"
#include "pass/rules.h"
#include "verb/train.h"

typedef struct Projection {
  Train *m;
  GraphFn *f;
  int *place; /* of each weight among the outputs; -1: it is not trained */
} Projection;

static bool refuse(Projection *p, const char *text) {
  Where at = p->m->s.c->arg_at[TRAIN_PROJECT];
  setup_report(&p->m->s, E0655, at, "%s", text);
  return false;
}

/* A matrix for a sparse weight keeps what lies on its pattern. */
static bool take(Projection *p, size_t i, Value *v, NodeId *out) {
  Ev *ev = p->m->s.ev;
  const SysWeight *w = &p->m->s.sys->weights.at[i];
  Arena *a = ev->arena;
  bool matrix = w->pattern && v->kind == V_ARRAY;
  Value *x = v->kind == V_SPARSE ? v->entries : v;
  if (value_is_error(x)) return false;
  Shape want = matrix ? shape_mat(w->pattern->rows, w->pattern->cols) : w->value->shape;
  if (x->kind != V_ARRAY || !shape_equal(value_shape(x), want) ||
      (v->kind == V_SPARSE && v->pattern != w->pattern))
    return refuse(p, arena_printf(a, "`project` must give `%s` as it is, %s, not %s", w->q.name,
                                  shape_text(a, want), value_kind_name(ev, v)));
  TimeKind time = p->m->s.sys->time;
  if (!dim_agree(x->dim, w->q.dim, &time, NULL))
    return refuse(p, arena_printf(a, "`project` gives `%s` as %s, but it is %s", w->q.name,
                                  dim_name(a, x->dim), dim_name(a, w->q.dim)));
  *out = ev_node(ev, p->f->g, x);
  if (matrix) {
    OpAttr attr = {.p = w->pattern};
    *out = rule_add(p->f->g, OP_sparse_take, out, 1, &attr, false);
  }
  return true;
}

/* All arrays of the record, which may be nested: "E.w" is w of E. */
static bool take_all(Projection *p, const char *prefix, const Value *record) {
  Train *m = p->m;
  Arena *a = m->s.ev->arena;
  for (int k = 0; k < record->nfields; k++) {
    const Field *f = &record->fields[k];
    const char *name = arena_printf(a, "%s%s", prefix, f->name);
    if (f->value->kind == V_RECORD) {
      if (!take_all(p, arena_printf(a, "%s.", name), f->value)) return false;
      continue;
    }
    size_t i = 0, n = m->s.sys->weights.n;
    while (i < n && (p->place[i] < 0 || strcmp(m->s.sys->weights.at[i].q.name, name) != 0)) i++;
    if (i == n)
      return refuse(
          p, arena_printf(a, "`project` gives `%s`, which is no weight that is trained", name));
    if (!take(p, i, f->value, &p->f->out[p->place[i]])) return false;
  }
  return true;
}

GraphFn *train_project(Train *m) {
  int n = (int)m->s.sys->weights.n;
  Projection p = {.m = m, .f = graph_fn_new(m->arena, graph_new(m->arena), n, n)};
  p.place = ARENA_ARRAY(m->arena, int, n + 1);
  p.f->nout = 0;
  for (int i = 0; i < n; i++) {
    const SysWeight *w = &m->s.sys->weights.at[i];
    p.f->in[i] = graph_input(p.f->g, w->q.name, w->value->shape, 0);
    p.place[i] = m->trained[i] ? p.f->nout : -1;
    if (m->trained[i]) p.f->out[p.f->nout++] = p.f->in[i];
  }
  Value *net = train_weights_record(m, p.f->g, p.f->in);
  Value *r = setup_traced(&m->s, p.f->g, m->project, &net, 1, m->s.c->at, "`project`", E0655);
  if (!r || value_is_error(r)) return NULL;
  if (r->kind == V_RECORD) return take_all(&p, "", r) ? p.f : NULL;
  if (r->kind != V_UNKNOWN)
    refuse(&p, arena_printf(m->s.ev->arena, "`project` gives a record of weights, not %s",
                            value_kind_name(m->s.ev, r)));
  return NULL;
}
