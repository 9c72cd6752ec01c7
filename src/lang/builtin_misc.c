/* builtin_misc.c: drawing anywhere, copies of networks and tasks. */
#include <string.h>

#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/dist.h"
#include "lang/network.h"
#include "lang/task.h"
#include "run/random.h"

/* Not keyed by the declaration in which it stands: equal calls give equal draws wherever they are.
 */
Value *bi_sample(Ev *ev, Call *c) {
  Shape s;
  int64_t seed;
  if (!ev_to_shape(ev, c->arg[1], &s, c->arg_at[1], arg_name(ev, c, 1)) ||
      !arg_whole(ev, c, 2, 0, &seed))
    return &VALUE_ERROR;
  uint64_t key = random_key_mix(random_key(ev->seed, "sample"), (uint64_t)seed);
  return dist_draw_key(ev, c->arg[0], s, key, c->at);
}

static bool is_declaration(const Value *v, AstKind kind) {
  return v->kind == V_FUNCTION && v->fn && (AstKind)v->fn->kind == kind;
}

/* What is replaced, by name: a record without a name stands for its fields. */
typedef struct Changes {
  VEC(Value *) values;
  VEC(const char *) names;
} Changes;

/* The value, which errors find at its place in the call, under this name. */
static void add_change(Ev *ev, Changes *to, const char *name, const Value *v, Where at) {
  Value *copy = ARENA_NEW(ev->arena, Value);
  *copy = *v;
  if (!copy->at.src) copy->at = at;
  *vec_push(ev->arena, &to->values) = copy;
  *vec_push(ev->arena, &to->names) = name;
}

static bool collect_changes(Ev *ev, const Call *c, Changes *to) {
  for (int i = 0; i < c->nrest; i++) {
    const Value *v = c->rest[i];
    if (value_is_error(v)) return false;
    if (c->rest_name[i])
      add_change(ev, to, c->rest_name[i], v, c->rest_at[i]);
    else if (v->kind == V_RECORD)
      for (int k = 0; k < v->nfields; k++)
        add_change(ev, to, v->fields[k].name, v->fields[k].value, c->rest_at[i]);
    else if (v->kind != V_UNKNOWN)
      return ev_error(ev, E0210, c->rest_at[i],
                      "a change has a name, `W = ...`, or is a record of several, not %s",
                      value_kind_name(ev, v)) == NULL;
  }
  return true;
}

Value *bi_with(Ev *ev, Call *c) {
  Value *v = c->arg[0];
  if (is_declaration(v, AST_NETWORK) || is_declaration(v, AST_TASK))
    v = ev_call(ev, v, NULL, NULL, 0, c->arg_at[0]);
  if (value_is_error(v)) return v;
  Changes to = {0};
  if (!collect_changes(ev, c, &to)) return &VALUE_ERROR;
  int n = (int)to.values.n;
  if (v->kind == V_NETWORK) return network_with(ev, v, to.values.at, to.names.at, n, c->at);
  if (v->kind == V_TASK) return task_with(ev, v, to.values.at, to.names.at, n, c->at);
  return ev_error(ev, E0210, c->arg_at[0], "`with` makes copies of networks and tasks, not of %s",
                  value_kind_name(ev, v));
}
