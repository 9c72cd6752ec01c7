/* bound.c: see bound.h. */
#include "lang/bound.h"

#include <string.h>

#include "lang/core.h"

bool bound_has(const Bound *b, const char *name) {
  for (; b; b = b->up)
    for (size_t i = 0; i < b->names.n; i++)
      if (strcmp(b->names.at[i], name) == 0) return true;
  return false;
}

static void bind(const BoundWalk *w, Bound *b, const char *name) {
  if (name) *vec_push(w->arena, &b->names) = name;
}

static void walk_kids(const BoundWalk *w, const Bound *up, const Ast *x) {
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i]) bound_walk(w, up, x->kids[i]);
}

static void bind_item(const BoundWalk *w, Bound *b, const Ast *item) {
  if (item && item->kind == AST_ITEM) bind(w, b, item->name);
  for (uint32_t j = 1; item && item->kind == AST_UNPACK && j < item->nkids; j++)
    bind(w, b, item->kids[j]->name);
}

/* Some names are given. What a phase or an event assigns is declared outside of it. */
static void walk_body(const BoundWalk *w, const Bound *up, const Ast *body) {
  static const char *const given[] = {"t", "fired", "out", "seed"};
  Bound b = {.up = up, .by = body};
  for (size_t i = 0; i < sizeof given / sizeof *given; i++) bind(w, &b, given[i]);
  for (uint32_t i = 0; i < body->nkids; i++) {
    const Ast *s = body->kids[i];
    if (s->kind != AST_EXPR) bind(w, &b, s->name);
    for (uint32_t k = 0; k < s->nkids; k++) bind_item(w, &b, s->kids[k]);
  }
  for (uint32_t i = 0; i < body->nkids; i++) {
    const Ast *s = body->kids[i];
    bool parts = s->kind == AST_PHASE || s->kind == AST_WHEN;
    bound_walk(w, &b, parts ? s->kids[0] : s);
    if (parts) walk_kids(w, &b, s->kids[1]);
  }
}

static void walk_block(const BoundWalk *w, const Bound *up, const Ast *block) {
  Bound b = {.up = up, .by = block};
  for (uint32_t i = 0; i < block->nkids; i++)
    if (ast_declares_function(block->kids[i])) bind(w, &b, block->kids[i]->name);
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    for (uint32_t k = 0; s->kind == AST_LET && k < s->nkids; k++) {
      bound_walk(w, &b, s->kids[k]);
      bind_item(w, &b, s->kids[k]);
    }
    if (s->kind != AST_LET) bound_walk(w, &b, s);
    if (s->kind == AST_PARAM) bind(w, &b, s->name);
  }
}

static void walk_function(const BoundWalk *w, const Bound *up, const Ast *x) {
  Bound b = {.up = up, .by = x};
  bool body = x->kind == AST_NETWORK || x->kind == AST_NEURON || x->kind == AST_TASK;
  if (x->kind == AST_CONNECTIVITY) bind(w, &b, "post"), bind(w, &b, "pre");
  for (uint32_t i = 0; i + 1 < x->nkids; i++) {
    bound_walk(w, &b, x->kids[i]);
    bind(w, &b, x->kids[i]->name);
  }
  (body ? walk_body : bound_walk)(w, &b, x->kids[x->nkids - 1]);
}

/* The rule of a connection is given the sizes of what it joins. */
static void walk_connect(const BoundWalk *w, const Bound *up, const Ast *x) {
  Bound b = {.up = up, .by = x};
  bind(w, &b, "post"), bind(w, &b, "pre");
  walk_kids(w, &b, x);
}

static void walk_loop(const BoundWalk *w, const Bound *up, const Ast *x) {
  Bound b = {.up = up, .by = x};
  for (uint32_t i = 1; i < x->nkids; i++) {
    bound_walk(w, &b, x->kids[i]->kids[0]);
    bind(w, &b, x->kids[i]->name);
  }
  bound_walk(w, &b, x->kids[0]);
}

void bound_walk(const BoundWalk *w, const Bound *up, const Ast *x) {
  switch ((AstKind)x->kind) {
    case AST_NAME:
    case AST_FIELD:
    case AST_EXPECT:
      if (!w->visit(w->ctx, up, x)) walk_kids(w, up, x);
      return;
    case AST_FN:
    case AST_LAMBDA:
    case AST_ANALYSIS:
    case AST_CONNECTIVITY:
    case AST_NEURON:
    case AST_NETWORK:
    case AST_TASK: walk_function(w, up, x); return;
    case AST_BLOCK: walk_block(w, up, x); return;
    case AST_CONNECT: walk_connect(w, up, x); return;
    case AST_COMPREHENSION:
    case AST_SWEEP: walk_loop(w, up, x); return;
    case AST_UNPACK: bound_walk(w, up, x->kids[0]); return;
    case AST_IMPORT:
    case AST_FROM: return;
    default: walk_kids(w, up, x);
  }
}
