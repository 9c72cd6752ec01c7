/* vector_field.c: vector_field(net, at, input = ...): where a network goes from given states. */
#include <math.h>

#include "lang/arg.h"
#include "verb/flow.h"
#include "verb/verb.h"

enum { A_NET, A_AT, A_INPUT, A_N, A_SEED, A_ABSENT = BUILTIN_MAX_ARGS - 1 };

/* Of n states: how fast each coordinate changes, and the whole. */
static Status compute(Flow *f, int64_t n, const double *x, double *rate, double *speed) {
  if (n == 0) return STATUS_FINE;
  FlowProgram *p = flow_plan(f, flow_function(f, false, 0), n);
  flow_bind_inputs(f, p, -1, 0);
  p->in[FLOW_X] = x;
  Status st = program_run(p->p, p->in, (void *[]){rate});
  for (int64_t i = 0; i < n * f->dim; i++) {
    if (f->s.sys->kind == SYSTEM_MAP) rate[i] -= x[i];
    speed[i / f->dim] = hypot(speed[i / f->dim], rate[i]);
  }
  return st;
}

static Value *result(Flow *f, int64_t n, const double *x, const double *rate, const double *speed) {
  Dim d = flow_dim(f), per_time = d;
  if (f->s.sys->kind != SYSTEM_MAP) per_time = dim_div(d, setup_time_dim(&f->s));
  Shape rows = shape_mat(n, f->dim);
  Value *r = value_record(f->s.ev, "vector_field", 5);
  value_set(r, 0, "x", flow_array(f, rows, x, d));
  value_set(r, 1, "state", flow_states(f, shape_vec(n), x));
  value_set(r, 2, "rate", flow_array(f, rows, rate, per_time));
  value_set(r, 3, "speed", flow_array(f, shape_vec(n), speed, per_time));
  value_set(r, 4, "map", value_num(f->s.ev, f->s.sys->kind == SYSTEM_MAP));
  return r;
}

/* The states as they are given, or so many drawn as the network begins. */
static bool read_states(Flow *f, int64_t *n, double *x) {
  Call *c = f->s.c;
  if (arg_given(c, A_AT)) return flow_read_starts(f, c->arg[A_AT], c->arg_at[A_AT], n, x);
  if (!x) return arg_size(f->s.ev, c, A_N, 1, 1, n);
  return flow_draw_starts(f, *n, x);
}

static Value *run(Flow *f, int64_t n) {
  Call *c = f->s.c;
  double *x = ARENA_ARRAY(f->arena, double, n * f->dim + 1);
  double *rate = ARENA_ARRAY(f->arena, double, n * f->dim + 1);
  double *speed = ARENA_ARRAY(f->arena, double, n + 1);
  if (!read_states(f, &n, x)) return &VALUE_ERROR;
  Status st = compute(f, n, x, rate, speed);
  if (st.code == STATUS_OK) return result(f, n, x, rate, speed);
  return ev_fail(f->s.ev, c->at, st, "the vector field of `%s` cannot be computed", f->s.sys->name);
}

Value *verb_vector_field(Ev *ev, Call *c) {
  static const FlowArgs at = {{A_NET, A_ABSENT, A_ABSENT, A_SEED, false}, A_INPUT};
  Flow f = {.dim = 0};
  int64_t n;
  if (!flow_setup(ev, c, &at, true, &f) || !read_states(&f, &n, NULL)) return &VALUE_ERROR;
  if (ev->rehearse) return result(&f, n, NULL, NULL, NULL);
  f.arena = arena_new();
  Value *v = run(&f, n);
  arena_free(f.arena);
  return v;
}
