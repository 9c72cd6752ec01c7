/* builtin_elementwise.c: the one function behind every elementwise builtin: the op of its name. */
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/dist.h"

/* Of distributions, exp(normal(0, 1)) is a distribution too. */
Value *builtin_elementwise(Ev *ev, Call *c) {
  OpId op = op_find(c->fn->name);
  int n = op_table[op].arity;
  for (int i = 0; i < n; i++)
    if (c->arg[i]->kind == V_DIST) return dist_apply(ev, op, c->arg, n, c->at);
  return ev_op(ev, op, NULL, c->arg, n, c->at);
}
