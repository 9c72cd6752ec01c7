/* dist.h: distributions, the values right of `~`. A draw depends on a key, on the element's place
   and on nothing else; each distribution in an expression such as `20 ms * lognormal(0, 0.2)` has a
   key of its own, mixed from the key of the whole and its number in the expression. */
#ifndef DYN_LANG_DIST_H
#define DYN_LANG_DIST_H

#include "lang/eval.h"

typedef struct Draw Draw; /* dist_draw.c */

typedef struct DistInfo {
  const char *name;
  Value *(*draw)(Draw *d, const Dist *dist);
} DistInfo;

enum {
#define DIST(name, signature, doc) DIST_##name,
#include "lang/dist.def"
#undef DIST
  DIST_COUNT
};
extern const DistInfo dist_table[DIST_COUNT]; /* dist_draw.c */

/* An elementwise op: with a distribution among its arguments it gives a distribution. */
Value *dist_apply(Ev *ev, OpId op, Value *const *args, int n, Where at);

/* v as what stands right of `~`: a distribution, also a name such as `permutation` whose parameters
   all have defaults; an array or sparse matrix is returned as it is. Others are reported. */
Value *dist_of(Ev *ev, Value *v, Where at);

/* An array of this shape (of rank 2 from sparse(...): a sparse matrix), without numbers in
   rehearsal. The key comes from the run's seed and `path`. What draws nothing, a number or an
   array, is spread to the shape. */
Value *dist_draw(Ev *ev, Value *dist, Shape shape, const char *path, Where at);
Value *dist_draw_key(Ev *ev, Value *dist, Shape shape, uint64_t key, Where at);

/* The same as nodes of a graph, a new draw for each step, trial and update (scalar nodes); dense.
   For step = trial = update = 0 the numbers are those of dist_draw_key. Parameters may be traced.
 */
Value *dist_trace(Ev *ev, Graph *g, Value *dist, Shape shape, uint64_t key, NodeId step,
                  NodeId trial, NodeId update, Where at);

#endif
