/* jacobian.c: jacobian(net, at, input = ...): the derivative of a network's vector field (of a map:
   of its next state) by its state, exactly, from the graph. */
#include <string.h>

#include "lang/arg.h"
#include "verb/flow.h"
#include "verb/verb.h"

enum { A_NET, A_AT, A_INPUT, A_ABSENT = BUILTIN_MAX_ARGS - 1 };

static bool read_state(Flow *f, double *x) {
  Call *c = f->s.c;
  int64_t n;
  if (!flow_read_starts(f, c->arg[A_AT], c->arg_at[A_AT], &n, NULL)) return false;
  if (n != 1 && n != EXTENT_UNKNOWN) {
    setup_report(&f->s, E0621, c->arg_at[A_AT], "`at` is one state, not %lld", (long long)n);
    return false;
  }
  return !x || flow_read_starts(f, c->arg[A_AT], c->arg_at[A_AT], &n, x);
}

static Status compute(Flow *f, const double *x, double *jac) {
  FlowProgram *p = flow_plan(f, flow_jacobian(f, false), 0);
  double *field = ARENA_ARRAY(f->arena, double, f->dim);
  flow_bind_inputs(f, p, -1, 0);
  p->in[FLOW_X] = x;
  return program_run(p->p, p->in, (void *[]){field, jac});
}

static Value *run(Flow *f, Dim d) {
  Tensor *t = tensor_new(f->s.ev->arena, shape_mat(f->dim, f->dim));
  double *x = ARENA_ARRAY(f->arena, double, f->dim);
  if (!read_state(f, x)) return &VALUE_ERROR;
  Status st = compute(f, x, t->data);
  if (st.code == STATUS_OK) return value_tensor(f->s.ev, t, d);
  return ev_fail(f->s.ev, f->s.c->at, st, "the Jacobian of `%s` cannot be computed",
                 f->s.sys->name);
}

Value *verb_network_jacobian(Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_ABSENT, A_ABSENT, A_ABSENT, false}, A_INPUT};
  Flow f = {.dim = 0};
  if (!flow_setup(ev, c, &at, true, &f)) return &VALUE_ERROR;
  Dim d = f.s.sys->kind == SYSTEM_MAP ? DIM_ONE : dim_div(DIM_ONE, setup_time_dim(&f.s));
  if (ev->rehearse)
    return read_state(&f, NULL) ? value_abstract(ev, shape_mat(f.dim, f.dim), d) : &VALUE_ERROR;
  f.arena = arena_new();
  Value *v = run(&f, d);
  arena_free(f.arena);
  return v;
}
