/* simplify.c: the pass around rules.c, and the table of passes. */
#include "pass/pass.h"
#include "pass/rebuild.h"

GraphFn *pass_simplify(Arena *a, const GraphFn *f, bool fast) {
  return rebuild_simplified(a, f, fast);
}

static GraphFn *simplify_exactly(Arena *a, const GraphFn *f) {
  return pass_simplify(a, f, false);
}

static GraphFn *simplify_fast(Arena *a, const GraphFn *f) {
  return pass_simplify(a, f, true);
}

const PassRow pass_table[] = {
    {"simplify", simplify_exactly, "algebra that keeps values"},
    {"simplify_fast", simplify_fast, "algebra, and reciprocals of constants"},
    {"lower", pass_lower, "loops become leading axes, products gemm"},
    {"fuse", pass_fuse, "multiply-add and other fused kernels"},
    {NULL, NULL, NULL},
};
