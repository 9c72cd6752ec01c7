/* builtin_misc.c: drawing anywhere, copies of networks and tasks, results under a name. */
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

Value *bi_with(Ev *ev, Call *c) {
  Value *v = c->arg[0];
  if (is_declaration(v, AST_NETWORK) || is_declaration(v, AST_TASK))
    v = ev_call(ev, v, NULL, NULL, 0, c->arg_at[0]);
  if (value_is_error(v)) return v;
  if (v->kind == V_NETWORK) return network_with(ev, v, c->rest, c->rest_name, c->nrest, c->at);
  if (v->kind == V_TASK) return task_with(ev, v, c->rest, c->rest_name, c->nrest, c->at);
  return ev_error(ev, E0210, c->arg_at[0], "`with` makes copies of networks and tasks, not of %s",
                  value_kind_name(ev, v));
}

static bool is_figure_file(const char *name) {
  const char *dot = strrchr(name, '.');
  return dot && (strcmp(dot, ".svg") == 0 || strcmp(dot, ".pdf") == 0 || strcmp(dot, ".png") == 0);
}

Value *bi_save(Ev *ev, Call *c) {
  const char *name = arg_string(ev, c, 0, NULL);
  if (!name) return &VALUE_ERROR;
  if (!name[0] || name[0] == '.' || strchr(name, '/'))
    return arg_bad(ev, c, 0, "must be a name without `/`, not \"%s\"", name);
  if (c->arg[1]->kind == V_FIGURE && !is_figure_file(name))
    return ev_error(ev, E0908, c->arg_at[0],
                    "a figure is saved as .svg, .pdf or .png: `%s` is none of these", name);
  for (size_t i = 0; i < ev->saved.n; i++)
    if (strcmp(ev->saved.at[i].name, name) == 0)
      return arg_bad(ev, c, 0, "names what is saved already: \"%s\"", name);
  if (!ev->rehearse)
    *vec_push(ev->keep, &ev->saved) = (Result){
        .name = arena_strdup(ev->keep, name), .value = value_keep(ev, c->arg[1]), .at = c->at};
  return &VALUE_NONE;
}
