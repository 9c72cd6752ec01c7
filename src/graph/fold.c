/* fold.c: see fold.h. The functions have the meaning of the rows of elementwise.def. */
#include "graph/fold.h"

#include <math.h>

#define FOLD(name, value)                      \
  static double fold_##name(const double *x) { \
    return value;                              \
  }
FOLD(add, x[0] + x[1])
FOLD(sub, x[0] - x[1])
FOLD(mul, x[0] * x[1])
FOLD(div, x[0] / x[1])
FOLD(neg, -x[0])
FOLD(square, x[0] * x[0])
FOLD(eq, x[0] == x[1])
FOLD(ne, x[0] != x[1])
FOLD(lt, x[0] < x[1])
FOLD(le, x[0] <= x[1])
FOLD(and, x[0] != 0 && x[1] != 0)
FOLD(or, x[0] != 0 || x[1] != 0)
FOLD(not, x[0] == 0)
FOLD(select, x[0] != 0 ? x[1] : x[2])
FOLD(sqrt, sqrt(x[0]))
FOLD(abs, fabs(x[0]))
FOLD(floor, floor(x[0]))
FOLD(ceil, ceil(x[0]))
FOLD(is_finite, isfinite(x[0]) != 0)
#undef FOLD

static double (*const folds[OP_COUNT])(const double *) = {
#define FOLD(name) [OP_##name] = fold_##name
    FOLD(add),  FOLD(sub), FOLD(mul),   FOLD(div),  FOLD(neg),       FOLD(square), FOLD(eq),
    FOLD(ne),   FOLD(lt),  FOLD(le),    FOLD(and),  FOLD(or),        FOLD(not ),   FOLD(select),
    FOLD(sqrt), FOLD(abs), FOLD(floor), FOLD(ceil), FOLD(is_finite),
#undef FOLD
};

bool fold_op(OpId op, const double *x, double *out) {
  if (!folds[op]) return false;
  *out = folds[op](x);
  return true;
}
