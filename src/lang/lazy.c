/* lazy.c: values that are computed when they are first read, and the loops that they may form. */
#include "lang/lazy.h"

typedef enum LazyState { LAZY_NEW, LAZY_RUNNING, LAZY_DONE } LazyState;

struct Lazy {
  const char *name;
  Where at; /* its declaration */
  LazyFn *fn;
  void *ctx;
  Value *value;
  LazyState state;
  Lazy *waits; /* the one that asked for this one while it is running */
};

Value *value_lazy(Ev *ev, const char *name, Where at, LazyFn *fn, void *ctx) {
  Lazy *l = ARENA_NEW(ev->arena, Lazy);
  *l = (Lazy){.name = name, .at = at, .fn = fn, .ctx = ctx};
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = V_LAZY;
  v->at = at;
  v->lazy = l;
  return v;
}

/* "E.r -> E.I -> E.r", from the value that closes the loop on. */
static const char *loop_path(Ev *ev, const Lazy *closing) {
  const char *path = closing->name;
  for (const Lazy *l = ev->lazy; l; l = l->waits) {
    path = arena_printf(ev->arena, "%s -> %s", l->name, path);
    if (l == closing) break;
  }
  return path;
}

static Value *report_loop(Ev *ev, const Lazy *closing, Where at) {
  Diag *d = diag_add(ev->diag, E0502, at, "algebraic loop: %s", loop_path(ev, closing));
  if (d) {
    for (const Lazy *l = ev->lazy; l; l = l->waits) {
      diag_note(ev->diag, d, l->at, "`%s` is needed for its own value", l->name);
      if (l == closing) break;
    }
  }
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
  ev->undecided = 0;
  Value *value = value_force(ev, l->fn(ev, l->ctx), at);
  ev->undecided = undecided;
  ev->site = site;
  ev->lazy = l->waits;
  /* A comprehension that is only being tried drops its reports, so a failure is met again. */
  bool again = value->kind == V_ERROR && ev->attempts > 0;
  l->state = again ? LAZY_NEW : LAZY_DONE;
  l->value = value;
  return value;
}
