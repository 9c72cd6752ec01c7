/* names.c: names in bodies that the rehearsal did not enter, such as a function that nothing calls.
   What a body declares is taken as visible in all of it; the rehearsal of what is used is exact. */
#include <string.h>

#include "lang/core.h"

/* Names bound around a place in the text. */
typedef struct Bound {
  const struct Bound *up;
  VEC(const char *) names;
  bool function; /* of a body in which no claim may stand */
} Bound;

static bool is_bound(const Bound *b, const char *name) {
  for (; b; b = b->up)
    for (size_t i = 0; i < b->names.n; i++)
      if (strcmp(b->names.at[i], name) == 0) return true;
  return false;
}

static void add(Ev *ev, Bound *b, const char *name) {
  if (name) *vec_push(ev->arena, &b->names) = name;
}

/* The names that the statements of a body declare. */
static void add_declared(Ev *ev, Bound *b, const Ast *body) {
  static const char *const given[] = {"t", "fired", "out", "post", "pre", "seed"};
  for (size_t i = 0; i < sizeof given / sizeof *given; i++) add(ev, b, given[i]);
  for (uint32_t i = 0; i < body->nkids; i++) {
    const Ast *s = body->kids[i];
    if (s->kind != AST_EXPR) add(ev, b, s->name);
    for (uint32_t k = 0; k < s->nkids; k++) {
      const Ast *item = s->kids[k];
      if (item && item->kind == AST_ITEM) add(ev, b, item->name);
      for (uint32_t j = 1; item && item->kind == AST_UNPACK && j < item->nkids; j++)
        add(ev, b, item->kids[j]->name);
    }
  }
}

/* A claim stands in the file, in an analysis and in the block of a sweep. */
static void check_claim(Ev *ev, const Bound *b, const Ast *x) {
  if (b && b->function) claim_misplaced(ev, x);
}

static bool reported(const Ev *ev, const Ast *x) {
  for (const Diag *d = ev->diag->first; d; d = d->next)
    if (d->at.src == x->src && d->at.span.start == x->span.start) return true;
  return false;
}

static void walk(Ev *ev, const Bound *up, const Ast *x);

static void walk_kids(Ev *ev, const Bound *up, const Ast *x) {
  for (uint32_t i = 0; i < x->nkids; i++)
    if (x->kids[i]) walk(ev, up, x->kids[i]);
}

/* A function, neuron, network ...: each default sees the parameters to its left. */
static void walk_function(Ev *ev, const Bound *up, const Ast *x) {
  Bound b = {.up = up, .function = x->kind != AST_ANALYSIS};
  if (x->kind == AST_CONNECTIVITY) add(ev, &b, "post"), add(ev, &b, "pre");
  for (uint32_t i = 0; i < x->nkids; i++) {
    walk(ev, &b, x->kids[i]);
    if (x->kids[i]->kind == AST_PARAMETER) add(ev, &b, x->kids[i]->name);
  }
}

static void walk_loop(Ev *ev, const Bound *up, const Ast *x) {
  Bound b = {.up = up, .function = up && up->function && x->kind != AST_SWEEP};
  for (uint32_t i = 1; i < x->nkids; i++) {
    walk(ev, &b, x->kids[i]->kids[0]);
    add(ev, &b, x->kids[i]->name);
  }
  walk(ev, &b, x->kids[0]);
}

static void walk(Ev *ev, const Bound *up, const Ast *x) {
  Bound b = {.up = up, .function = up && up->function};
  switch ((AstKind)x->kind) {
    case AST_NAME:
      if (!is_bound(up, x->name) && !reported(ev, x)) scope_lookup(ev, ev->top, x);
      return;
    case AST_FN:
    case AST_LAMBDA:
    case AST_ANALYSIS:
    case AST_CONNECTIVITY:
    case AST_NEURON:
    case AST_NETWORK:
    case AST_TASK: walk_function(ev, up, x); return;
    case AST_BLOCK:
      add_declared(ev, &b, x);
      walk_kids(ev, &b, x);
      return;
    case AST_COMPREHENSION:
    case AST_SWEEP: walk_loop(ev, up, x); return;
    case AST_EXPECT:
      check_claim(ev, up, x);
      walk_kids(ev, up, x);
      return;
    case AST_UNPACK: walk(ev, up, x->kids[0]); return;
    default: walk_kids(ev, up, x);
  }
}

void check_names(Ev *ev, const Ast *file) {
  for (uint32_t i = 0; i < file->nkids; i++) {
    const Ast *s = file->kids[i];
    if (s->kind != AST_IMPORT && s->kind != AST_FROM) walk(ev, NULL, s);
  }
}
