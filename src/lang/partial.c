/* partial.c: see partial.h. */
#include "lang/partial.h"

#include "lang/core.h"
#include "lang/digest.h"

void partial_leave(Ev *ev) {
  ev->rehearse = true;
  ev->partial = true;
}

static void forget_names(Ev *ev, const Ast *s) {
  for (uint32_t i = 0; s->kind == AST_LET && i < s->nkids; i++) {
    const Ast *item = s->kids[i];
    if (item->kind == AST_ITEM) scope_set(ev->top, item->name, &VALUE_UNKNOWN);
    for (uint32_t k = 1; item->kind == AST_UNPACK && k < item->nkids; k++)
      scope_set(ev->top, item->kids[k]->name, &VALUE_UNKNOWN);
  }
}

bool partial_knows(Ev *ev, const Ast *s) {
  if (!ev->partial) return true;
  Digest d;
  char key[SHA256_HEX];
  Arena *a = arena_new();
  digest_begin(&d, ev, a);
  digest_tree(&d, "", s, ev->top);
  bool known = digest_end(&d, key) || !d.unknown;
  arena_free(a);
  if (!known) forget_names(ev, s);
  return known;
}
