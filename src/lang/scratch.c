/* scratch.c: memory of what passes. Elements, points of sweeps, calls and whole statements are each
   evaluated in an arena of their own; the value is copied out and the arena freed, so that a
   thousand simulations need the memory of one. A value that holds on to what it was made in (a
   function with its scope, a network) keeps the arena instead. Within an expression, large arrays
   go as soon as they have been used. */
#include <string.h>

#include "lang/core.h"

bool value_is_plain(const Value *v) {
  switch (v->kind) {
    case V_ERROR:
    case V_UNKNOWN:
    case V_NONE:
    case V_STRING: return true;
    case V_ARRAY: return !v->graph;
    case V_RECORD:
    case V_LIST:
      for (int i = 0; i < v->nfields; i++)
        if (!value_is_plain(v->fields[i].value)) return false;
      return true;
    default: return false;
  }
}

static Value *copy_plain(Arena *to, const Value *v) {
  if (v->kind == V_ERROR) return &VALUE_ERROR;
  if (v->kind == V_UNKNOWN) return &VALUE_UNKNOWN;
  if (v->kind == V_NONE) return &VALUE_NONE;
  Value *copy = ARENA_NEW(to, Value);
  *copy = *v;
  if (v->tensor) copy->tensor = tensor_hold(to, v->tensor);
  if (v->text) copy->text = arena_strndup(to, v->text, v->len);
  if (v->type) copy->type = arena_strdup(to, v->type);
  if (v->nfields) copy->fields = ARENA_ARRAY(to, Field, v->nfields);
  for (int i = 0; i < v->nfields; i++) {
    const Field *f = &v->fields[i];
    copy->fields[i].name = f->name ? arena_strdup(to, f->name) : NULL;
    copy->fields[i].value = copy_plain(to, f->value);
  }
  return copy;
}

/* Was v made for the operation that reads it, and for nothing else? What a name stands for, and
   what a function gives, others may know too. */
static bool is_interim(const Ast *x, const Value *v) {
  if (!value_is_known(v)) return false;
  if (x->kind == AST_BINARY) return true;
  if (x->kind != AST_UNARY) return false;
  bool itself = x->op == AOP_TRANSPOSE && value_shape(v).rank < 2;
  return !itself || is_interim(x->kids[0], v);
}

static void free_arena(void *arena) {
  arena_free(arena);
}

/* Nodes of a graph may refer to what is made while it is built: then there is no scratch. */
static Arena *enter(Ev *ev) {
  if (ev->trace) return NULL;
  Arena *outer = ev->arena;
  ev->arena = arena_new();
  return outer;
}

static Value *leave(Ev *ev, Arena *outer, Value *v) {
  Arena *own = ev->arena;
  ev->arena = outer;
  if (ev->held || !value_is_plain(v)) {
    arena_defer(outer, free_arena, own);
    if (outer == ev->keep) ev->held = false;
    return v;
  }
  v = copy_plain(outer, v);
  arena_free(own);
  return v;
}

Arena *scratch_begin(Ev *ev) {
  Arena *outer = enter(ev);
  ev->passing += outer != NULL;
  return outer;
}

Value *scratch_end(Ev *ev, Arena *outer, Value *v) {
  if (!outer) return v;
  ev->passing--;
  return leave(ev, outer, v);
}

Arena *interim_begin(Ev *ev) {
  return ev->rehearse || ev->attempts ? NULL : enter(ev);
}

Value *interim_end(Ev *ev, Arena *outer, Value *v) {
  return outer ? leave(ev, outer, v) : v;
}

void value_used(Ev *ev, const Ast *x, const Value *v, const Value *result) {
  bool idle = !ev->trace && !ev->rehearse && !ev->attempts;
  if (!idle || !is_interim(x, v) || !value_is_known(result)) return;
  if (result->tensor->buffer != v->tensor->buffer) tensor_release(v->tensor);
}

Value *value_copy(Arena *to, Value *v) {
  return value_is_plain(v) ? copy_plain(to, v) : v;
}

Value *value_keep(Ev *ev, Value *v) {
  if (ev->arena == ev->keep) return v;
  if (value_is_plain(v)) return copy_plain(ev->keep, v);
  ev->held = true;
  return v;
}
