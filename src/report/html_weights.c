/* html_weights.c: an array in numbers: its shape, its moments, how its values are spread. */
#include <math.h>

#include "report/html.h"
#include "report/label.h"
#include "report/spread.h"
#include "report/svg.h"

enum { SPREAD_BINS = 24, SPREAD_HEIGHT = 18 };

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

static void put_numbers(Page *p, const Value *v, const Spread *s) {
  Arena *a = p->arena;
  double factor;
  const char *unit = spread_unit(a, v, s, &factor);
  const char *gap = *unit ? " " : "";
  page_printf(p, "<td class=\"n\">%s</td>", spread_share(a, s));
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
  Spread s;
  if (!spread_of(v, &s)) return;
  page_printf(p, "<tr><td><code>%s</code></td><td class=\"soft\">%s</td><td>%s%s</td>",
              markup_escape(p->arena, name), role, shape_text(p->arena, value_shape(v)),
              v->kind == V_SPARSE ? " sparse" : "");
  if (s.finite)
    put_numbers(p, v, &s);
  else
    page_add(p, "<td colspan=\"5\" class=\"soft\">no finite values</td>");
  page_add(p, "</tr>\n");
}
