/* unit.c: see unit.h. */
#include "lang/unit.h"

#include <string.h>

#include "lang/core.h"
#include "lang/dist.h"
#include "lang/network_body.h"

/* A copy of the declaration with the arguments given so far; NULL: reported. */
static Value *with_arguments(Ev *ev, Value *decl, const Args *args) {
  Bound b;
  if (!bind_match(ev, decl->fn, NULL, decl->fields, decl->nfields, args, &b)) return NULL;
  Value *v = ARENA_NEW(ev->arena, Value);
  *v = *decl;
  v->at = args->at;
  v->fields = ARENA_ARRAY(ev->arena, Field, b.n + 1);
  v->nfields = 0;
  for (int i = 0; i < b.n; i++)
    if (b.arg[i].value) v->fields[v->nfields++] = b.arg[i];
  return v;
}

Value *neuron_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                   Where at) {
  Value *v = with_arguments(ev, decl, &(Args){args, names, n, at, NULL});
  return v ? v : &VALUE_ERROR;
}

Value *size_value(Ev *ev, int64_t n) {
  return n < 0 ? value_abstract(ev, SHAPE_SCALAR, DIM_ONE) : value_num(ev, (double)n);
}

Value *connectivity_value(Ev *ev, Value *decl, int64_t post, int64_t pre, Where at) {
  Bound b;
  Args none = {.at = at};
  if (!bind_match(ev, decl->fn, NULL, decl->fields, decl->nfields, &none, &b)) return &VALUE_ERROR;
  Scope *sc = scope_new(ev, decl->scope);
  scope_set(sc, "post", size_value(ev, post));
  scope_set(sc, "pre", size_value(ev, pre));
  if (!bind_fill(ev, &b, sc, at)) return &VALUE_ERROR;
  return ev_expr(ev, sc, decl->fn->kids[decl->fn->nkids - 1]);
}

Value *connectivity_sized(Ev *ev, Value *v, Shape s, Where at) {
  if (v->kind != V_FUNCTION || !v->fn || v->fn->kind != AST_CONNECTIVITY) return v;
  if (s.rank == 2) return connectivity_value(ev, v, s.n[0], s.n[1], at);
  return ev_error(ev, E0224, at, "a connectivity is a matrix; the declared shape is %s",
                  shape_text(ev->arena, s));
}

/* Takes `post` and `pre` out of the named arguments. */
typedef struct Sized {
  Value **value;
  const char **name;
  int n;
  Value *post, *pre;
} Sized;

static Sized take_sizes(Ev *ev, Value *const *args, const char *const *names, int n) {
  Sized s = {ARENA_ARRAY(ev->arena, Value *, n + 1), ARENA_ARRAY(ev->arena, const char *, n + 1), 0,
             NULL, NULL};
  for (int i = 0; i < n; i++) {
    const char *name = names ? names[i] : NULL;
    if (name && strcmp(name, "post") == 0) {
      s.post = args[i];
    } else if (name && strcmp(name, "pre") == 0) {
      s.pre = args[i];
    } else {
      s.value[s.n] = args[i];
      s.name[s.n++] = name;
    }
  }
  return s;
}

static bool whole_size(Ev *ev, Value *v, int64_t *n, Where at) {
  bool known;
  if (!ev_to_whole(ev, v, n, &known, at, "the size of a connection")) return false;
  if (!known) *n = EXTENT_UNKNOWN;
  return true;
}

static Value *sized_matrix(Ev *ev, Value *conn, const Sized *s, Where at) {
  int64_t post, pre;
  if (!s->post || !s->pre)
    return ev_error(ev, E0208, at, "a connectivity takes both sizes, `post` and `pre`, or none");
  if (!whole_size(ev, s->post, &post, at) || !whole_size(ev, s->pre, &pre, at)) return &VALUE_ERROR;
  Value *v = connectivity_value(ev, conn, post, pre, at);
  return v->kind == V_DIST ? dist_draw(ev, v, shape_mat(post, pre), path_in(ev, conn->path), at)
                           : v;
}

Value *connectivity_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                         Where at) {
  Sized s = take_sizes(ev, args, names, n);
  Value *v = with_arguments(ev, decl, &(Args){s.value, s.name, s.n, at, NULL});
  if (!v) return &VALUE_ERROR;
  if (s.post || s.pre) return sized_matrix(ev, v, &s, at);
  const ConnectSizes *sizes = ev->tracer ? ev->tracer->sizes : NULL;
  return sizes ? connectivity_value(ev, v, sizes->post, sizes->pre, at) : v;
}
