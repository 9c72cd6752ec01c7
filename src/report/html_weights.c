/* html_weights.c: an array in numbers: its shape, its moments, how its values are spread. */
#include <math.h>

#include "report/html.h"
#include "report/label.h"
#include "report/svg.h"

enum { SPREAD_BINS = 24, SPREAD_HEIGHT = 18 };

/* Of a sparse matrix the entries alone count. */
typedef struct Spread {
  const double *x;
  int64_t n, whole; /* values looked at; elements of the array */
  int64_t finite, zeros;
  double mean, sd, lo, hi;
} Spread;

static Spread spread_of(const Value *v) {
  const Value *entries = v->kind == V_SPARSE ? v->entries : v;
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
  return s;
}

/* A histogram of the values that are not zero, as small as a word. */
static void put_spark(Page *p, const Spread *s) {
  int64_t count[SPREAD_BINS] = {0}, most = 1;
  if (!(s->hi > s->lo)) return;
  for (int64_t i = 0; i < s->n; i++) {
    if (!isfinite(s->x[i]) || (s->x[i] == 0 && s->zeros * 2 > s->n)) continue;
    int k = (int)((s->x[i] - s->lo) / (s->hi - s->lo) * SPREAD_BINS);
    k = k < SPREAD_BINS ? k : SPREAD_BINS - 1;
    if (++count[k] > most) most = count[k];
  }
  page_printf(
      p,
      "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"distribution\" fill=\"#0072b2\">",
      3 * SPREAD_BINS, SPREAD_HEIGHT);
  for (int k = 0; k < SPREAD_BINS; k++) {
    double high = SPREAD_HEIGHT * (double)count[k] / (double)most;
    if (count[k])
      page_printf(p, "<rect x=\"%d\" y=\"%.1f\" width=\"3\" height=\"%.1f\"/>", 3 * k,
                  SPREAD_HEIGHT - high, high);
  }
  page_add(p, "</svg>");
}

void html_weights_head(Page *p) {
  page_add(p,
           "<div class=\"scroll\"><table><tr><th>Name</th><th></th><th>Shape</th><th "
           "class=\"n\">Not zero</th><th class=\"n\">Mean</th><th class=\"n\">SD</th><th "
           "class=\"n\">Range</th><th>Values</th></tr>\n");
}

static const char *percent(Arena *a, double share) {
  return share > 0.9995 ? "all" : arena_printf(a, "%.3g %%", 100 * share);
}

static void put_numbers(Page *p, const Value *v, const Spread *s) {
  Arena *a = p->arena;
  double factor = 1;
  const char *unit =
      dim_is_one(v->dim)
          ? ""
          : label_unit(a, unit_suited(a, v->dim, fmax(fabs(s->lo), fabs(s->hi)), &factor));
  const char *gap = *unit ? " " : "";
  page_printf(p, "<td class=\"n\">%s</td>",
              percent(a, (double)(s->n - s->zeros) / (double)s->whole));
  page_printf(p, "<td class=\"n\">%s%s%s</td><td class=\"n\">%s%s%s</td>",
              label_number(a, s->mean / factor, 3), gap, unit, label_number(a, s->sd / factor, 3),
              gap, unit);
  const char *lo = label_number(a, s->lo / factor, 3), *hi = label_number(a, s->hi / factor, 3);
  if (s->lo < s->hi)
    page_printf(p, "<td class=\"n\">%s to %s%s%s</td><td>", lo, hi, gap, unit);
  else
    page_add(p, "<td class=\"n\">one value</td><td>");
  put_spark(p, s);
  page_add(p, "</td>");
}

void html_weights_row(Page *p, const char *name, const char *role, const Value *v) {
  const Value *entries = v->kind == V_SPARSE ? v->entries : v;
  if (!value_is_known(entries)) return;
  Spread s = spread_of(v);
  page_printf(p, "<tr><td><code>%s</code></td><td class=\"soft\">%s</td><td>%s%s</td>",
              markup_escape(p->arena, name), role, shape_text(p->arena, value_shape(v)),
              v->kind == V_SPARSE ? " sparse" : "");
  if (s.finite)
    put_numbers(p, v, &s);
  else
    page_add(p, "<td colspan=\"5\" class=\"soft\">no finite values</td>");
  page_add(p, "</tr>\n");
}
