/* adjoint.c: see adjoint.h. */
#include "verb/adjoint.h"

#include <string.h>

#include "lang/core.h"
#include "pass/pass.h"
#include "verb/record.h"

/* The function of states and outputs from which the loss is made. In rehearsal weights have no
   numbers yet. */
static GraphFn *end_function(Flow *f) {
  const System *s = f->s.sys;
  NodeId *outs = ARENA_ARRAY(f->arena, NodeId, s->outputs.n + 1);
  for (size_t i = 0; i < s->outputs.n; i++) outs[i] = s->outputs.at[i].node;
  return system_fn(f->arena, s,
                   &(SystemFnOptions){.weights = f->s.ev->rehearse,
                                      .outs = outs,
                                      .nouts = (int)s->outputs.n,
                                      .draw = true,
                                      .dt = f->s.fixed ? f->s.dt : 1});
}

static Value *end_record(Flow *f, const GraphFn *fn) {
  Ev *ev = f->s.ev;
  const System *s = f->s.sys;
  size_t n = s->states.n;
  Field *end = ARENA_ARRAY(ev->arena, Field, n + s->outputs.n + 1);
  for (size_t i = 0; i < n; i++) {
    const Quantity *q = &s->states.at[i].q;
    end[i] = (Field){q->name, value_node(ev, fn->g, fn->in[(size_t)FLOW_X + i], q->dim)};
  }
  for (size_t i = 0; i < s->outputs.n; i++) {
    const Quantity *q = &s->outputs.at[i];
    end[n + i] = (Field){q->name, value_node(ev, fn->g, fn->out[i], q->dim)};
  }
  end[n + s->outputs.n] =
      (Field){"t", value_node(ev, fn->g, fn->in[FLOW_TIME], setup_time_dim(&f->s))};
  return record_nested(ev, NULL, end, (int)(n + s->outputs.n) + 1);
}

static void derive(Flow *f, GraphFn *fn, NodeId loss) {
  const System *s = f->s.sys;
  int n = (int)s->states.n;
  NodeId one = graph_num(fn->g, 1);
  fn->out = ARENA_ARRAY(f->arena, NodeId, n + 1);
  fn->out[0] = loss;
  graph_vjp(fn->g, &loss, &one, 1, fn->in + FLOW_X, fn->out + 1, n);
  for (int i = 0; i < n; i++)
    if (fn->out[i + 1] == NODE_NONE)
      fn->out[i + 1] = graph_broadcast(fn->g, graph_num(fn->g, 0), s->states.at[i].q.shape);
  fn->nout = n + 1;
}

GraphFn *adjoint_read(Flow *f, int i, const char *name) {
  Ev *ev = f->s.ev;
  Call *c = f->s.c;
  GraphFn *fn = end_function(f);
  Value *end = end_record(f, fn);
  Value *y = setup_traced(&f->s, fn->g, c->arg[i], &end, 1, c->arg_at[i], name, E0643);
  if (!y) return NULL;
  y = ev_dense(ev, y, c->arg_at[i]);
  if (value_is_array(y) && value_shape(y).rank == 0) {
    derive(f, fn, ev_node(ev, fn->g, y));
    return fn;
  }
  if (y->kind != V_ERROR && y->kind != V_UNKNOWN)
    setup_report(&f->s, E0643, c->arg_at[i], "%s must give a number, not %s", name,
                 value_kind_name(ev, y));
  return NULL;
}

Status adjoint_at(Flow *f, FlowProgram *p, int64_t step, double t, const double *x, double *value,
                  double *gradient) {
  const System *s = f->s.sys;
  void **out = ARENA_ARRAY(f->arena, void *, s->states.n + 1);
  out[0] = value;
  for (size_t i = 0; i < s->states.n; i++) {
    p->in[(size_t)FLOW_X + i] = x + s->states.at[i].offset;
    out[i + 1] = gradient + s->states.at[i].offset;
  }
  p->t = t;
  p->step = (double)step;
  flow_bind_inputs(f, p, step, t);
  return program_run(p->p, p->in, out);
}
