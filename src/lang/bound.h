/* bound.h: the rules of scope, written down once for whoever walks over a tree without evaluating
   it: which names are bound around a place in the text. Arguments hold in what stands to their
   right and in the body; what a network, neuron or task declares holds in all of its body; in other
   blocks a value holds from behind its line on, a function everywhere. */
#ifndef DYN_LANG_BOUND_H
#define DYN_LANG_BOUND_H

#include "base/vec.h"
#include "syntax/ast.h"

typedef struct Bound {
  const struct Bound *up;
  const Ast *by; /* what binds them: a declaration, a function, a loop, a block */
  VEC(const char *) names;
} Bound;

bool bound_has(const Bound *b, const char *name);

typedef struct BoundWalk {
  Arena *arena;
  /* Called for every name, field and claim (AST_NAME, AST_FIELD, AST_EXPECT). True: its parts are
     of no interest. */
  bool (*visit)(void *ctx, const Bound *b, const Ast *x);
  void *ctx;
} BoundWalk;

void bound_walk(const BoundWalk *w, const Bound *up, const Ast *x);

#endif
