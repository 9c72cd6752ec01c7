/* op.h: what each op is. One row of elementwise.def or op.def gives the enumerator, the name, the
   arity, the flags, the rules of shape and dimension, the derivative and the documentation; kernels
   (src/run), derivatives of non-elementwise ops (src/pass) and the tests loop over the same rows.
 */
#ifndef DYN_OP_OP_H
#define DYN_OP_OP_H

#include "base/dim.h"
#include "op/shape.h"

typedef enum OpId {
  OP_NONE,
#define UNARY(name, value, da, dims, lo, hi, doc) OP_##name,
#define BINARY(name, value, da, db, dims, lo, hi, doc) OP_##name,
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) OP_##name,
#include "op/elementwise.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#define OP(name, arity, flags, dims, doc) OP_##name,
#include "op/op.def"
#undef OP
  OP_COUNT
} OpId;

enum {
  OP_ELEMENTWISE = 1,
  OP_LINEAR = 2,   /* linear in all arguments together: the jvp is the op on the tangents */
  OP_BILINEAR = 4, /* linear in each of its two arguments */
  OP_NOGRAD = 8,   /* piecewise constant or discrete: the derivative is zero */
  OP_LOGICAL = 16, /* gives zeros and ones */
  OP_FUSED = 32,   /* made by a pass, never by the language */
  OP_EAGER = 64,   /* shape of the result depends on values: cannot be traced */
  OP_COMMUTES = 128
};

/* Flags of gemm, in its attribute `axis`; spmm and sddmm have the first two. */
enum { GEMM_A_BATCHED = 1, GEMM_C_BATCHED = 2, GEMM_A_TRANSPOSED = 4, GEMM_C_TRANSPOSED = 8 };

/* What convolve keeps of the full convolution, in its attribute i[0]. */
enum { CONVOLVE_FULL, CONVOLVE_SAME, CONVOLVE_VALID, CONVOLVE_MODES };

/* How the dimension of the result follows from the arguments'. */
typedef enum DimRule {
  DIM_RULE_SAME,    /* all alike, and so is the result: a + b, max(a, b), sum, concat */
  DIM_RULE_COMPARE, /* all alike, the result is a plain number */
  DIM_RULE_MUL,     /* product: a * b, a @ b, outer, convolve */
  DIM_RULE_DIV,
  DIM_RULE_FIRST, /* the first argument's: gather, cumsum, reshape */
  DIM_RULE_PLAIN, /* arguments must be plain numbers, the result is one: exp */
  DIM_RULE_NONE,  /* any arguments, plain result: sign, shape, argmax, is_finite */
  DIM_RULE_SQRT,
  DIM_RULE_SQUARE, /* var */
  DIM_RULE_POW,    /* by a constant exponent, given as attr->x; attr NULL: it is no constant */
  DIM_RULE_SELECT, /* condition plain, the two others alike */
  DIM_RULE_ATAN2,  /* two alike, plain result */
  DIM_RULE_MULADD, /* a * b + c */
  DIM_RULE_SPECIAL /* the builtin says it */
} DimRule;

/* Everything besides its arguments that an op needs; which fields count is said in op.def. */
typedef struct OpAttr {
  int32_t axis, axis2;
  int32_t n;                 /* how many entries of i are used */
  int64_t i[SHAPE_MAX_AXES]; /* permutation, starts, target shape ... */
  int64_t j[SHAPE_MAX_AXES]; /* a second list: lengths ... */
  double x;
  uint64_t key;  /* of random streams */
  const void *p; /* a Tensor (const), a SparsePattern ...: compared by address */
} OpAttr;

typedef struct OpInfo {
  const char *name;
  int arity; /* -1: any number */
  unsigned flags;
  DimRule dims;
  double lo, hi; /* elementwise: a range of arguments on which to test */
  const char *doc;
} OpInfo;

extern const OpInfo op_table[OP_COUNT];
OpId op_find(const char *name); /* OP_NONE if there is none */

/* The shape of the result for one element (loops not counted). False: *why says what is wrong, as
   the end of a sentence ("[2] and [3] do not fit each other"). Unknown extents pass. */
bool op_shape(OpId op, const OpAttr *attr, const Shape *in, int nin, Shape *out, Arena *a,
              const char **why);

/* The dimension of the result; on failure *why is the end of a sentence ("cannot add V and s"). */
bool op_dim(OpId op, const OpAttr *attr, const Dim *in, int nin, TimeKind *time, Dim *out, Arena *a,
            const char **why);

#endif
