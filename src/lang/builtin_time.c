/* builtin_time.c: functions of time with edges. They are comparisons with t and tables of t, and
   nothing else, so that whoever looks for the edges of a network finds those of its graph. */
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"

static Value *op2(Ev *ev, const Call *c, OpId op, Value *a, Value *b) {
  return ev_op2(ev, op, a, b, c->at);
}

Value *bi_pulse(Ev *ev, Call *c) {
  Value *on = op2(ev, c, OP_le, c->arg[1], c->arg[0]);
  Value *off = op2(ev, c, OP_lt, c->arg[0], c->arg[2]);
  Value *height = arg_given(c, 3) ? c->arg[3] : value_num(ev, 1);
  Value *zero = value_quantity(ev, 0, DIM_ANY);
  return ev_select(ev, op2(ev, c, OP_and, on, off), height, zero, c->at);
}

Value *bi_step_at(Ev *ev, Call *c) {
  Value *on = op2(ev, c, OP_le, c->arg[1], c->arg[0]);
  return ev_select(ev, on, value_num(ev, 1), value_num(ev, 0), c->at);
}

Value *bi_ramp(Ev *ev, Call *c) {
  Value *t = c->arg[0], *from = c->arg[1], *to = c->arg[2];
  Value *way = op2(ev, c, OP_div, op2(ev, c, OP_sub, t, from), op2(ev, c, OP_sub, to, from));
  Value *late = ev_select(ev, op2(ev, c, OP_lt, t, to), way, value_num(ev, 1), c->at);
  return ev_select(ev, op2(ev, c, OP_le, from, t), late, value_num(ev, 0), c->at);
}

static bool ascending(Ev *ev, Call *c, const Value *times) {
  if (!value_is_known(times)) return true;
  const double *t = times->tensor->data;
  for (int64_t k = 1; k < times->tensor->shape.n[0]; k++)
    if (!(t[k] > t[k - 1])) {
      arg_bad(ev, c, 1, "must ascend, but element %lld does not", (long long)k);
      return false;
    }
  return true;
}

Value *bi_lookup(Ev *ev, Call *c) {
  Value *args[3];
  for (int i = 0; i < 3; i++) {
    args[i] = arg_array(ev, c, i);
    if (!value_is_array(args[i])) return args[i];
  }
  if (!arg_rank(ev, c, 1, args[1], 1, 1) || !ascending(ev, c, args[1]) ||
      !arg_alike(ev, c, 1, args[1], 0, args[0]))
    return &VALUE_ERROR;
  Dim d = args[2]->dim;
  for (int i = 0; i < 3; i++) args[i] = value_with_dim(ev, args[i], DIM_ONE);
  return value_with_dim(ev, ev_op(ev, OP_lookup, NULL, args, 3, c->at), d);
}
