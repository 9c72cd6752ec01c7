/* builtin_elementwise.c: the one function behind every elementwise builtin: the op of its name. */
#include "lang/builtin_rows.h"
#include "lang/dist.h"

Value *builtin_elementwise(Ev *ev, Call *c) {
  OpId op = op_find(c->fn->name);
  return dist_apply(ev, op, c->arg, op_table[op].arity, c->at);
}
