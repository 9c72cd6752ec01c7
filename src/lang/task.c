/* task.c: see task.h. */
#include "lang/task.h"

#include <string.h>

#include "lang/bind.h"
#include "lang/core.h"

static Value *task_value(Ev *ev, Task *task, Where at) {
  Value *v = ARENA_NEW(ev->arena, Value);
  *v = (Value){.kind = V_TASK, .task = task, .at = at, .node = NODE_NONE};
  return v;
}

static bool bind_task(Ev *ev, Task *task, const Field *prior, int nprior, const Args *args) {
  Bound b;
  if (!bind_match(ev, task->decl, NULL, prior, nprior, args, &b)) return false;
  task->given = ARENA_ARRAY(ev->arena, Field, b.n + 1);
  task->ngiven = 0;
  for (int i = 0; i < b.n; i++)
    if (b.arg[i].value) task->given[task->ngiven++] = b.arg[i];
  const char *path = ev->path;
  ev->path = task->path;
  bool ok = bind_fill(ev, &b, scope_new(ev, task->scope), args->at);
  ev->path = path;
  task->args = b.arg;
  task->nargs = b.n;
  return ok;
}

Value *task_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                 Where at) {
  Task *task = ARENA_NEW(ev->arena, Task);
  *task = (Task){.decl = decl->fn, .scope = decl->scope, .name = decl->fn->name, .at = at};
  task->path = decl->path ? decl->path : task->name;
  map_init(&task->set, ev->arena);
  Args given = {args, names, n, at, NULL};
  return bind_task(ev, task, NULL, 0, &given) ? task_value(ev, task, at) : &VALUE_ERROR;
}

bool value_is_task(const Value *v) {
  return v->kind == V_TASK || (v->kind == V_FUNCTION && v->fn && v->fn->kind == AST_TASK);
}

Task *task_of(Ev *ev, Value *v, Where at) {
  if (v->kind == V_TASK) return v->task;
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return NULL;
  if (!value_is_task(v)) {
    ev_error(ev, E0517, at, "a task is needed here, not %s", value_kind_name(ev, v));
    return NULL;
  }
  Value *made = task_make(ev, v, NULL, NULL, 0, at);
  return made->kind == V_TASK ? made->task : NULL;
}

static Value *argument(const Task *task, const char *name) {
  for (int i = 0; i < task->nargs; i++)
    if (strcmp(task->args[i].name, name) == 0) return task->args[i].value;
  return NULL;
}

/* Names of the draws that a task makes once a trial. */
static bool has_draw(const Task *task, const char *name) {
  const Ast *block = task->decl->kids[task->decl->nkids - 1];
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    for (uint32_t k = 0; s->kind == AST_DRAW && k < s->nkids; k++)
      if (strcmp(s->kids[k]->name, name) == 0) return true;
  }
  return false;
}

Value *task_field(Ev *ev, Value *v, const char *name, Where at) {
  const Task *task = v->task;
  Value *found = argument(task, name);
  if (!found) found = map_get(&task->set, name);
  if (found) return found;
  return ev_error(ev, E0211, at, "the task `%s` has no argument `%s`", task->name, name);
}

Value *task_with(Ev *ev, Value *v, Value *const *args, const char *const *names, int n, Where at) {
  const Task *task = v->task;
  Task *copy = ARENA_NEW(ev->arena, Task);
  *copy = *task;
  map_init(&copy->set, ev->arena);
  for (size_t i = 0; i < task->set.n; i++)
    map_set(&copy->set, task->set.items[i].key, task->set.items[i].value);
  Value **given = ARENA_ARRAY(ev->arena, Value *, n + 1);
  const char **given_names = ARENA_ARRAY(ev->arena, const char *, n + 1);
  int ngiven = 0;
  for (int i = 0; i < n; i++) {
    if (args[i]->kind == V_ERROR) return args[i];
    if (argument(task, names[i])) {
      given[ngiven] = args[i];
      given_names[ngiven++] = names[i];
    } else if (has_draw(task, names[i])) {
      map_set(&copy->set, names[i], args[i]);
    } else {
      return ev_error(ev, E0516, at, "the task `%s` has no argument or draw `%s`", task->name,
                      names[i]);
    }
  }
  Args changed = {given, given_names, ngiven, at, NULL};
  return bind_task(ev, copy, task->given, task->ngiven, &changed) ? task_value(ev, copy, at)
                                                                  : &VALUE_ERROR;
}
