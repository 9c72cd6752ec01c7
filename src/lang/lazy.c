/* lazy.c: values that are computed when they are first read, and the loops that they may form. */
#include "lang/lazy.h"

#include <string.h>

typedef enum LazyState { LAZY_NEW, LAZY_RUNNING, LAZY_DONE } LazyState;

struct Lazy {
  const char *name;
  Where at;     /* its declaration */
  Arena *arena; /* where it lives, its value too */
  LazyFn *fn;
  void *ctx;
  Value *value;
  LazyState state;
  Lazy *waits; /* the one that asked for this one while it is running */
};

Value *value_lazy(Ev *ev, const char *name, Where at, LazyFn *fn, void *ctx) {
  Lazy *l = ARENA_NEW(ev->arena, Lazy);
  *l = (Lazy){.name = name, .at = at, .arena = ev->arena, .fn = fn, .ctx = ctx};
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = V_LAZY;
  v->at = at;
  v->lazy = l;
  return v;
}

/* The names of the values that wait for each other, the one that closes the loop first and last.
   One unit's value and that of all units have the same name, which counts once. */
static const Lazy **loop_members(Ev *ev, const Lazy *closing, int *n) {
  int room = 2;
  for (const Lazy *l = ev->lazy; l != closing; l = l->waits) room++;
  const Lazy **members = ARENA_ARRAY(ev->arena, const Lazy *, room);
  *n = 0;
  for (const Lazy *l = ev->lazy;; l = l->waits) {
    if (*n == 0 || strcmp(members[*n - 1]->name, l->name) != 0) members[(*n)++] = l;
    if (l == closing) break;
  }
  if (*n > 1 && strcmp(members[0]->name, members[*n - 1]->name) == 0) (*n)--;
  return members;
}

static Value *report_loop(Ev *ev, const Lazy *closing, Where at) {
  int n;
  const Lazy **members = loop_members(ev, closing, &n);
  const char *path = closing->name;
  for (int i = 0; i < n; i++)
    if (strcmp(members[i]->name, closing->name) != 0)
      path = arena_printf(ev->arena, "%s -> %s", members[i]->name, path);
  path = arena_printf(ev->arena, "%s -> %s", closing->name, path);
  Diag *d = diag_add(ev->diag, E0502, at, "algebraic loop: %s", path);
  for (int i = n - 1; d && i >= 0; i--)
    diag_note(ev->diag, d, members[i]->at, "`%s` is needed for its own value", members[i]->name);
  return &VALUE_ERROR;
}

Value *value_force(Ev *ev, Value *v, Where at) {
  if (v->kind != V_LAZY) return v;
  Lazy *l = v->lazy;
  if (l->state == LAZY_DONE) return l->value;
  if (l->state == LAZY_RUNNING) return report_loop(ev, l, at);
  l->state = LAZY_RUNNING;
  l->waits = ev->lazy;
  ev->lazy = l;
  /* It is a value of its own place: whether its reader stands in a branch does not matter. */
  int undecided = ev->undecided;
  const Ast *site = ev->site;
  Arena *arena = ev->arena;
  ev->arena = l->arena;
  ev->undecided = 0;
  Value *value = value_force(ev, l->fn(ev, l->ctx), at);
  ev->undecided = undecided;
  ev->site = site;
  ev->arena = arena;
  ev->lazy = l->waits;
  /* A comprehension that is only being tried drops its reports, so a failure is met again. */
  bool again = value->kind == V_ERROR && ev->attempts > 0;
  l->state = again ? LAZY_NEW : LAZY_DONE;
  l->value = value;
  return value;
}
