/* exec_tiles.c: runs tile programs. */
#include <string.h>

#include "run/plan.h"

#define COPY_RUN(type)                                                                 \
  static void copy_run_##type(type *to, const type *from, int64_t stride, int64_t n) { \
    for (int64_t i = 0; i < n; i++) to[i] = from[i * stride];                          \
  }
COPY_RUN(double)
COPY_RUN(float)

/* Elements first, first + 1 ... of the group, taken from an array of any strides. */
static void load_tile(const TileUnit *u, const TileExternal *e, const char *from, int64_t first,
                      int64_t n, bool single, char *to) {
  int64_t at[SHAPE_MAX_AXES], k = 0, rest = first, real = (int64_t)real_size(single);
  int last = u->rank - 1;
  for (int axis = last; axis >= 0; axis--) {
    at[axis] = rest % u->n[axis];
    rest /= u->n[axis];
    k += at[axis] * e->stride[axis];
  }
  for (int64_t i = 0, m; i < n; i += m) {
    m = u->n[last] - at[last] < n - i ? u->n[last] - at[last] : n - i;
    if (single)
      copy_run_float((float *)(void *)(to + i * real),
                     (const float *)(const void *)(from + k * real), e->stride[last], m);
    else
      copy_run_double((double *)(void *)(to + i * real),
                      (const double *)(const void *)(from + k * real), e->stride[last], m);
    k += e->stride[last] * m;
    at[last] += m;
    for (int axis = last; axis >= 0 && at[axis] == u->n[axis]; axis--) {
      k -= e->stride[axis] * u->n[axis];
      at[axis] = 0;
      if (axis == 0) break;
      k += e->stride[axis - 1];
      at[axis - 1]++;
    }
  }
}

static void load_tiles(const Program *p, const TileUnit *u, int64_t first, int64_t n) {
  for (int k = 0; k < u->nexternals; k++) {
    const TileExternal *e = &u->externals[k];
    if (e->load >= 0)
      load_tile(u, e, program_address(p, e->at), first, n, p->single, u->pointer[e->load]);
  }
}

static void run_ops(const TileUnit *u, int64_t n) {
  void *const *at = u->pointer;
  for (const TileOp *op = u->ops, *end = op + u->nops; op < end; op++)
    op->fn(at[op->out], at[op->a], at[op->b], at[op->c], n);
}

/* One line of n elements, the first of which is number `first` of the group. */
static void run_line(const Program *p, const TileUnit *u, int64_t first, int64_t n) {
  size_t step = (size_t)u->width * real_size(p->single);
  char **external = (char **)u->pointer + u->nslots;
  for (int64_t i = 0; i < n; i += u->width) {
    int64_t m = n - i < u->width ? n - i : u->width;
    if (u->loads) load_tiles(p, u, first + i, m);
    run_ops(u, m);
    for (int k = 0; k < u->nexternals; k++) external[k] += u->externals[k].moves ? step : 0;
  }
}

void exec_tiles(const Program *p, const TileUnit *u) {
  int64_t at[SHAPE_MAX_AXES] = {0}, line = u->by_line ? u->n[u->rank - 1] : u->count;
  for (int64_t first = 0; first < u->count; first += line) {
    for (int k = 0; k < u->nexternals; k++) {
      const TileExternal *e = &u->externals[k];
      Place from = e->at;
      for (int axis = 0; u->by_line && axis < u->rank - 1; axis++)
        from.offset += at[axis] * e->stride[axis];
      u->pointer[u->nslots + k] = program_address(p, from);
    }
    run_line(p, u, first, line);
    for (int axis = u->rank - 2; axis >= 0 && ++at[axis] == u->n[axis]; axis--) at[axis] = 0;
  }
}
