/* spread.c: see spread.h. */
#include "report/spread.h"

#include <math.h>

#include "report/label.h"

bool spread_of(const Value *v, Spread *out) {
  const Value *entries = v->kind == V_SPARSE ? v->entries : v;
  if (!value_is_known(entries)) return false;
  Spread s = {.x = entries->tensor->data, .n = shape_count(value_shape(entries))};
  s.whole = shape_count(value_shape(v));
  s.lo = INFINITY;
  s.hi = -INFINITY;
  double squares = 0;
  for (int64_t i = 0; i < s.n; i++) {
    double x = s.x[i];
    if (!isfinite(x)) continue;
    s.finite++;
    s.zeros += x == 0;
    double off = x - s.mean;
    s.mean += off / (double)s.finite; /* Welford, Technometrics 4, 419 (1962) */
    squares += off * (x - s.mean);
    s.lo = fmin(s.lo, x);
    s.hi = fmax(s.hi, x);
  }
  s.sd = s.finite ? sqrt(squares / (double)s.finite) : 0;
  *out = s;
  return true;
}

const char *spread_share(Arena *a, const Spread *s) {
  double share = (double)(s->n - s->zeros) / (double)s->whole;
  return share > 0.9995 ? "all" : arena_printf(a, "%.3g %%", 100 * share);
}

const char *spread_unit(Arena *a, const Value *v, const Spread *s, double *factor) {
  Dim d = v->kind == V_SPARSE ? v->entries->dim : v->dim;
  *factor = 1;
  return dim_is_one(d) ? ""
                       : label_unit(a, unit_suited(a, d, fmax(fabs(s->lo), fabs(s->hi)), factor));
}
