/* scope.c: scopes, and messages about names that are not found in them. */
#include <string.h>

#include "lang/core.h"
#include "lang/stdlib.h"
#include "syntax/parse.h"

Scope *scope_new(Ev *ev, Scope *up) {
  Scope *s = ARENA_NEW(ev->arena, Scope);
  map_init(&s->names, ev->arena);
  map_init(&s->places, ev->arena);
  s->up = up;
  return s;
}

void scope_set(Scope *s, const char *name, Value *v) {
  map_set(&s->names, name, v);
}

Value *scope_find(const Scope *s, const char *name) {
  for (; s; s = s->up) {
    Value *v = map_get(&s->names, name);
    if (v) return v;
  }
  return NULL;
}

/* The declaration of a `let` or `param` in this scope, if the use of its name stands before it. */
static const Ast *declared_later(const Scope *s, const Ast *use) {
  const Ast *decl = s->places.n ? map_get(&s->places, use->name) : NULL;
  if (!decl || decl->src != use->src || ast_declares_function(decl)) return NULL;
  return use->span.start < decl->span.start ? decl : NULL;
}

static const char *near_name(Ev *ev, const Scope *s, const char *name) {
  VEC(const char *) all = {0};
  for (; s; s = s->up)
    for (size_t i = 0; i < s->names.n; i++) *vec_push(ev->arena, &all) = s->names.items[i].key;
  return nearest_name(name, all.at, all.n);
}

static Value *name_unknown(Ev *ev, const Scope *sc, const Ast *x, const Ast *later) {
  Where at = ast_where(x);
  if (later) {
    Diag *d = ev_report(ev, E0202, at, "`%s` is used before its line", x->name);
    diag_note(ev->diag, d, ast_name_where(later), "`%s` is declared here", x->name);
    return &VALUE_ERROR;
  }
  Diag *d = ev_report(ev, E0201, at, "unknown name `%s`", x->name);
  const char *near = near_name(ev, sc, x->name), *module = stdlib_module_of(x->name);
  const char *foreign = foreign_hint(x->name);
  if (module)
    diag_note(ev->diag, d, at, "the standard library has it: `from std.%s import %s`", module,
              x->name);
  else if (unit_is_name(x->name, strlen(x->name)))
    diag_note(ev->diag, d, at, "a unit stands directly behind a number: `1 %s`", x->name);
  else if (foreign)
    diag_note(ev->diag, d, at, "%s", foreign);
  else if (near)
    diag_note(ev->diag, d, at, "did you mean `%s`?", near);
  return &VALUE_ERROR;
}

Value *scope_lookup(Ev *ev, const Scope *sc, const Ast *x) {
  const Ast *later = NULL;
  for (const Scope *s = sc; s; s = s->up) {
    const Ast *decl = declared_later(s, x);
    if (decl) {
      later = decl;
      continue;
    }
    Value *v = map_get(&s->names, x->name);
    if (v) return v;
  }
  return name_unknown(ev, sc, x, later);
}
