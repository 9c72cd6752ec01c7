/* names.c: names in bodies that the rehearsal did not enter, such as a function that nothing calls.
   The rehearsal of what is used is exact. */
#include "lang/bound.h"
#include "lang/core.h"

static bool reported(const Ev *ev, const Ast *x) {
  for (const Diag *d = ev->diag->first; d; d = d->next)
    if (d->at.src == x->src && d->at.span.start == x->span.start) return true;
  return false;
}

/* A claim stands in the file, in an analysis and in the block of a sweep. */
static bool may_claim(const Bound *b) {
  for (; b; b = b->up) switch ((AstKind)b->by->kind) {
      case AST_BLOCK:
      case AST_CONNECT:
      case AST_COMPREHENSION: break;
      case AST_ANALYSIS:
      case AST_SWEEP: return true;
      default: return false;
    }
  return true;
}

static bool check(void *ctx, const Bound *b, const Ast *x) {
  Ev *ev = ctx;
  if (x->kind == AST_NAME && !bound_has(b, x->name) && !reported(ev, x))
    scope_lookup(ev, ev->top, x);
  if (x->kind == AST_EXPECT && !may_claim(b)) claim_misplaced(ev, x);
  return false;
}

void check_names(Ev *ev, const Ast *file) {
  BoundWalk w = {ev->arena, check, ev};
  for (uint32_t i = 0; i < file->nkids; i++) bound_walk(&w, NULL, file->kids[i]);
}
