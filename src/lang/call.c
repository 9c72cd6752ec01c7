/* call.c: calls of closures, builtin functions, methods and declarations. */
#include <stddef.h>
#include <string.h>

#include "lang/bind.h"
#include "lang/core.h"
#include "lang/kept.h"
#include "lang/network.h"
#include "lang/task.h"
#include "lang/unit.h"

/* The arguments of one call. */
typedef struct Given {
  Value **value;
  const char **name; /* NULL: by place */
  Where *at;
  int n;
  Where call;
} Given;

/* ---- closures ---- */

static Value *too_deep(Ev *ev, const Value *fn, Where at) {
  Diag *d = ev_report(ev, E0214, at, "calls nested too deeply");
  diag_note(ev->diag, d, fn->at, "is the condition that ends the recursion ever reached?");
  return &VALUE_ERROR;
}

/* A recursion behind a condition that is not known: what becomes of the call, or NULL to go on. */
static Value *undecided_recursion(Ev *ev, const Value *fn, Where at) {
  int entered = 0;
  for (const Frame *f = ev->frames; f; f = f->up) {
    if (f->fn != fn->fn) continue;
    if (f->elementwise < ev->elementwise) {
      if (ev->attempts) return ev_needs_value(ev, at, "the condition of a recursion");
      return ev_error(
          ev, E0212, at,
          "a recursion needs a condition that is a single value, known when it is called");
    }
    entered += f->undecided < ev->undecided;
  }
  return entered > 1 ? &VALUE_UNKNOWN : NULL;
}

static bool stack_is_full(const Ev *ev) {
  char here;
  ptrdiff_t used = ev->stack ? ev->stack - &here : 0;
  return ev->depth >= CALLS_MAX || used > STACK_MAX || used < -STACK_MAX;
}

static Value *call_closure(Ev *ev, const Value *fn, const Given *g) {
  if (stack_is_full(ev)) return too_deep(ev, fn, g->call);
  if (ev_stopped(ev)) return &VALUE_ERROR;
  Value *early = undecided_recursion(ev, fn, g->call);
  if (early) return early;
  Args args = {g->value, g->name, g->n, g->call, g->at};
  Bound bound;
  if (!bind_match(ev, fn->fn, NULL, NULL, 0, &args, &bound)) return &VALUE_ERROR;
  Arena *outer = interim_begin(ev);
  Scope *sc = scope_new(ev, fn->scope);
  bool analysis = fn->fn->kind == AST_ANALYSIS;
  Frame frame = {ev->frames, fn->fn, g->call, ev->undecided, ev->elementwise};
  const char *path = ev->path;
  int claiming = ev->claiming;
  ev->frames = &frame;
  ev->depth++;
  ev->path = fn->path;
  ev->claiming = analysis;
  ev->verbs += analysis;
  Value *v = bind_fill(ev, &bound, sc, g->call) ? ev_expr(ev, sc, fn->fn->kids[fn->fn->nkids - 1])
                                                : &VALUE_ERROR;
  ev->claiming = claiming;
  ev->path = path;
  ev->depth--;
  ev->frames = frame.up;
  return interim_end(ev, outer, v);
}

bool ev_in_module(const Ev *ev) {
  const Frame *f = ev->frames;
  while (f && f->fn->src == f->call.src) f = f->up;
  return f != NULL;
}

/* What is said of a module's work is told with the place where the model called for it. `before`:
   the last that was said already. */
static void tell_call(Ev *ev, const Value *fn, Where call, const Diag *before) {
  Where outer = call;
  for (const Frame *f = ev->frames; f; f = f->up) outer = f->call;
  if (fn->at.src == call.src || call.src != outer.src) return;
  for (Diag *d = before ? before->next : ev->diag->first; d; d = d->next)
    if (d->at.src != call.src || d->at.span.start < call.span.start ||
        d->at.span.start > call.span.end)
      diag_note(ev->diag, d, call, "`%s` is called here", fn->fn->name);
}

/* ---- builtins ---- */

static bool any_of_kind(const Given *g, ValueKind kind) {
  for (int i = 0; i < g->n; i++)
    if (g->value[i]->kind == kind) return true;
  return false;
}

static bool any_traced(const Given *g) {
  for (int i = 0; i < g->n; i++)
    if (value_is_traced(g->value[i])) return true;
  return false;
}

/* Verbs, figures and output belong to one element at a time; so does what needs numbers. */
static Value *one_by_one(Ev *ev, const Builtin *b, const Given *g) {
  bool effect = b->flags & (BUILTIN_VERB | BUILTIN_FIGURE | BUILTIN_EFFECT);
  if (effect && ev->attempts) return ev_needs_value(ev, g->call, "a verb");
  if ((b->flags & BUILTIN_TRACED) || !any_traced(g)) return NULL;
  return ev_needs_value(ev, g->call, arena_printf(ev->arena, "an argument of `%s`", b->name));
}

static Value *call_builtin(Ev *ev, Value *fn, const Given *g) {
  const Builtin *b = fn->builtin;
  if (b->flags & BUILTIN_VERB) ev->verbs++;
  Value *early = one_by_one(ev, b, g);
  if (early) return early;
  Call c;
  if (!builtin_match(ev, b, g->value, g->name, g->at, g->n, g->call, &c)) return &VALUE_ERROR;
  if (any_of_kind(g, V_UNKNOWN)) return &VALUE_UNKNOWN;
  c.self = fn;
  const char *path = ev->path;
  double begun = b->flags & BUILTIN_VERB ? account_clock() : 0;
  Value *v = b->flags & BUILTIN_VERB ? kept_call(ev, &c) : b->fn(ev, &c);
  if (b->flags & BUILTIN_VERB) account_time(ev, b->name, g->call, account_clock() - begun);
  ev->path = path;
  return v;
}

/* ---- all ---- */

static Value *call_declaration(Ev *ev, Value *fn, const Given *g) {
  const char *const *names = g->name;
  AstKind kind = (AstKind)fn->fn->kind;
  switch (kind) {
    case AST_NEURON: return neuron_make(ev, fn, g->value, names, g->n, g->call);
    case AST_CONNECTIVITY: return connectivity_make(ev, fn, g->value, names, g->n, g->call);
    case AST_NETWORK:
    case AST_TASK: {
      if (any_traced(g) && ev->attempts)
        return ev_needs_value(ev, g->call, "the arguments of a declaration");
      return kind == AST_NETWORK ? network_make(ev, fn, g->value, names, g->n, g->call)
                                 : task_make(ev, fn, g->value, names, g->n, g->call);
    }
    case AST_ANALYSIS:
      if (ev->attempts) return ev_needs_value(ev, g->call, "an analysis");
      return call_closure(ev, fn, g);
    default: return call_closure(ev, fn, g);
  }
}

static Value *not_callable(Ev *ev, const Value *fn, const Given *g) {
  Diag *d = ev_report(ev, E0205, g->call, "%s cannot be called", value_kind_name(ev, fn));
  if (fn->kind == V_ARRAY)
    diag_note(ev->diag, d, g->call,
              "a product needs a `*`: `a * (b + c)`; an index brackets: `a[i]`");
  if (fn->kind == V_NETWORK)
    diag_note(ev->diag, d, g->call,
              "it is made already; `with(net, a = 2)` is a copy with changes");
  return &VALUE_ERROR;
}

static Value *call_value(Ev *ev, Value *fn, const Given *g) {
  if (fn->kind == V_ERROR || fn->kind == V_UNKNOWN) return fn;
  if (fn->builtin) return call_builtin(ev, fn, g);
  if (fn->kind != V_FUNCTION) return not_callable(ev, fn, g);
  const Diag *before = ev->diag->last;
  Value *v = call_declaration(ev, fn, g);
  if (fn->fn->name && ev->diag->last != before) tell_call(ev, fn, g->call, before);
  return v;
}

Value *ev_call(Ev *ev, Value *fn, Value *const *args, const char *const *names, int n, Where at) {
  Given g = {.n = n, .call = at};
  g.value = ARENA_ARRAY(ev->arena, Value *, n + 1);
  g.name = ARENA_ARRAY(ev->arena, const char *, n + 1);
  g.at = ARENA_ARRAY(ev->arena, Where, n + 1);
  for (int i = 0; i < n; i++) {
    g.value[i] = args[i];
    g.name[i] = names ? names[i] : NULL;
    g.at[i] = at;
  }
  return call_value(ev, fn, &g);
}

/* The name of an argument of the call at hand, whose value stands at `at`. */
Where call_name_where(const Ev *ev, const char *name, Where at) {
  const Ast *x = ev->site;
  for (uint32_t i = 1; x && x->kind == AST_CALL && i < x->nkids; i++) {
    const Ast *arg = x->kids[i];
    Where value = ast_where(arg->kids[0]);
    bool here = value.src == at.src && value.span.start == at.span.start;
    if (here && arg->name && strcmp(arg->name, name) == 0) return ast_name_where(arg);
  }
  return at;
}

Value *ev_call_ast(Ev *ev, Scope *sc, const Ast *x) {
  Value *fn = ev_expr(ev, sc, x->kids[0]);
  Given g = {.n = (int)x->nkids - 1, .call = ast_where(x)};
  g.value = ARENA_ARRAY(ev->arena, Value *, g.n + 1);
  g.name = ARENA_ARRAY(ev->arena, const char *, g.n + 1);
  g.at = ARENA_ARRAY(ev->arena, Where, g.n + 1);
  for (int i = 0; i < g.n; i++) {
    const Ast *arg = x->kids[i + 1];
    g.value[i] = ev_expr(ev, sc, arg->kids[0]);
    g.name[i] = arg->name;
    g.at[i] = ast_where(arg->kids[0]);
  }
  if (ev->abort_trace) return &VALUE_ERROR;
  const Ast *site = ev->site;
  ev->site = x;
  Value *v = call_value(ev, fn, &g);
  ev->site = site;
  return v;
}
