/* html_diagram.c: the plan of a network: populations as circles on a ring, connections as arrows
   between them, inputs as words outside. Connections that are named by their declaration alone:
   whether they excite is told by their weights where a network was made. */
#include <math.h>
#include <string.h>

#include "lang/network.h"
#include "report/html.h"
#include "report/svg.h"

enum { NODES_MOST = 12, NODE_RADIUS = 24 };

typedef struct Spot {
  const char *name;
  bool input;
  int64_t units; /* -1: not known */
  double x, y;
} Spot;

typedef struct Plan {
  Page *p;
  const Ast *network, *body;
  Value *net; /* one that was made; NULL: none */
  Spot node[NODES_MOST];
  int n;
  double width, height, cx, cy; /* the middle of the ring */
} Plan;

static int node_index(const Plan *d, const char *name) {
  for (int i = 0; i < d->n; i++)
    if (strcmp(d->node[i].name, name) == 0) return i;
  return -1;
}

/* The units of a population are the leading axis of whatever it holds. */
static int64_t count_units(const Plan *d, const char *name) {
  const System *s = d->net ? d->net->network->system : NULL;
  size_t n = strlen(name);
  for (size_t i = 0; s && i < s->states.n; i++) {
    const Quantity *q = &s->states.at[i].q;
    if (strncmp(q->name, name, n) == 0 && q->name[n] == '.')
      return q->shape.rank ? q->shape.n[0] : 1;
  }
  return -1;
}

static bool add_nodes(Plan *d) {
  for (uint32_t i = 0; i < d->body->nkids; i++) {
    const Ast *s = d->body->kids[i];
    if (s->kind != AST_POPULATION) continue;
    if (d->n == NODES_MOST) return false;
    d->node[d->n++] = (Spot){.name = s->name, .units = count_units(d, s->name)};
  }
  return d->n > 0;
}

/* Inputs of the network that connections read. */
static void add_inputs(Plan *d) {
  for (uint32_t i = 0; i < d->body->nkids; i++) {
    const Ast *s = d->body->kids[i];
    if (s->kind != AST_CONNECT || d->n == NODES_MOST || node_index(d, s->kids[0]->name) >= 0)
      continue;
    d->node[d->n++] = (Spot){.name = s->kids[0]->name, .input = true, .units = -1};
  }
}

/* On a ring, which then is moved to the upper left; loops reach outwards. */
static void place_nodes(Plan *d) {
  enum { ROOM = 62 };
  double radius = d->n == 1 ? 0 : d->n == 2 ? 90 : 50 + 18.0 * d->n;
  double left = 0, right = 0, top = 0, bottom = 0;
  for (int i = 0; i < d->n; i++) {
    double angle = d->n == 2 ? M_PI * (1 - i) : -M_PI / 2 + 2 * M_PI * i / d->n;
    double x = d->node[i].x = radius * cos(angle), y = d->node[i].y = radius * sin(angle);
    left = fmin(left, x);
    right = fmax(right, x);
    top = fmin(top, y);
    bottom = fmax(bottom, y);
  }
  d->cx = ROOM - left;
  d->cy = ROOM - top;
  for (int i = 0; i < d->n; i++) {
    d->node[i].x += d->cx;
    d->node[i].y += d->cy;
  }
  d->width = right - left + 2 * ROOM;
  d->height = bottom - top + 2 * ROOM;
}

/* Positive: it excites; negative: it inhibits; 0: both, or unknown. */
static int sign_of(const Plan *d, const Ast *s) {
  if (!d->net) return 0;
  const char *name =
      s->name ? s->name : arena_printf(d->p->arena, "%s_%s", s->kids[0]->name, s->kids[1]->name);
  const Map *constants = &d->net->network->constants;
  if (!map_has(constants, name)) return 0;
  const Value *v = network_field(d->p->ev, d->net, name, d->net->at);
  const Value *entries = v->kind == V_SPARSE ? v->entries : v;
  if (entries->kind != V_ARRAY || !value_is_known(entries)) return 0;
  bool plus = false, minus = false;
  int64_t n = shape_count(value_shape(entries));
  for (int64_t i = 0; i < n; i++) {
    plus = plus || entries->tensor->data[i] > 0;
    minus = minus || entries->tensor->data[i] < 0;
  }
  return plus && !minus ? 1 : minus && !plus ? -1 : 0;
}

static const char *const colors[] = {"#d55e00", "currentColor", "#0072b2"};
static const char *const heads[] = {"inhibits", "acts", "excites"};

/* Out and back at the outside of the ring. */
static void put_loop(const Plan *d, const Spot *a, int sign) {
  double dx = a->x - d->cx, dy = a->y - d->cy, r = hypot(dx, dy);
  if (r < 1) dx = 0, dy = -1, r = 1;
  double angle = atan2(dy / r, dx / r), spread = 0.55, far = NODE_RADIUS + 46;
  double x1 = a->x + NODE_RADIUS * cos(angle - spread),
         y1 = a->y + NODE_RADIUS * sin(angle - spread);
  double x2 = a->x + (NODE_RADIUS + 5) * cos(angle + spread),
         y2 = a->y + (NODE_RADIUS + 5) * sin(angle + spread);
  page_printf(d->p,
              "<path d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\" stroke=\"%s\" "
              "marker-end=\"url(#%s-%s)\"/>\n",
              x1, y1, a->x + far * cos(angle - 0.7), a->y + far * sin(angle - 0.7),
              a->x + far * cos(angle + 0.7), a->y + far * sin(angle + 0.7), x2, y2,
              colors[sign + 1], d->network->name, heads[sign + 1]);
}

/* A bow to the right of its direction, so that two opposite ones part. */
static void put_bow(const Plan *d, const Spot *a, const Spot *b, int sign) {
  double dx = b->x - a->x, dy = b->y - a->y, r = hypot(dx, dy);
  double mx = (a->x + b->x) / 2 - 0.16 * dy, my = (a->y + b->y) / 2 + 0.16 * dx;
  double from = hypot(mx - a->x, my - a->y), to = hypot(mx - b->x, my - b->y),
         gap = NODE_RADIUS + 5;
  double start = a->input ? 16 : NODE_RADIUS;
  if (r < 1) return;
  page_printf(
      d->p,
      "<path d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\" stroke=\"%s\" marker-end=\"url(#%s-%s)\"/>\n",
      a->x + start * (mx - a->x) / from, a->y + start * (my - a->y) / from, mx, my,
      b->x + gap * (mx - b->x) / to, b->y + gap * (my - b->y) / to, colors[sign + 1],
      d->network->name, heads[sign + 1]);
}

static int put_connections(const Plan *d) {
  int signs = 0;
  page_add(d->p, "<g fill=\"none\" stroke-width=\"1.6\">\n");
  for (uint32_t i = 0; i < d->body->nkids; i++) {
    const Ast *s = d->body->kids[i];
    if (s->kind != AST_CONNECT) continue;
    int from = node_index(d, s->kids[0]->name), to = node_index(d, s->kids[1]->name);
    if (from < 0 || to < 0) continue;
    int sign = sign_of(d, s);
    signs |= 1 << (sign + 1);
    if (from == to)
      put_loop(d, &d->node[from], sign);
    else
      put_bow(d, &d->node[from], &d->node[to], sign);
  }
  page_add(d->p, "</g>\n");
  return signs;
}

static void put_nodes(const Plan *d) {
  page_add(d->p, "<g font-size=\"14\" text-anchor=\"middle\" fill=\"currentColor\">\n");
  for (int i = 0; i < d->n; i++) {
    const Spot *a = &d->node[i];
    if (!a->input)
      page_printf(
          d->p,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"none\" stroke=\"currentColor\"/>\n",
          a->x, a->y, NODE_RADIUS);
    page_printf(d->p, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", a->x,
                a->y + (a->units >= 0 ? 0 : 5), markup_escape(d->p->arena, a->name));
    if (a->units >= 0)
      page_printf(d->p,
                  "<text x=\"%.1f\" y=\"%.1f\" font-size=\"11\" opacity=\"0.7\">%lld</text>\n",
                  a->x, a->y + 14, (long long)a->units);
  }
  page_add(d->p, "</g>\n");
}

static void put_markers(const Plan *d) {
  static const char *const shapes[] = {"<circle cx=\"5\" cy=\"5\" r=\"4\"/>",
                                       "<path d=\"M0 0L10 5L0 10z\"/>",
                                       "<path d=\"M0 0L10 5L0 10z\"/>"};
  page_add(d->p, "<defs>");
  for (int i = 0; i < 3; i++)
    page_printf(
        d->p,
        "<marker id=\"%s-%s\" viewBox=\"0 0 10 10\" refX=\"5\" refY=\"5\" markerWidth=\"6\" "
        "markerHeight=\"6\" orient=\"auto\" fill=\"%s\">%s</marker>",
        d->network->name, heads[i], colors[i], shapes[i]);
  page_add(d->p, "</defs>\n");
}

void html_diagram(Page *p, const Ast *network, Value *made) {
  Plan d = {.p = p, .network = network, .body = network->kids[network->nkids - 1], .net = made};
  if (!add_nodes(&d)) return;
  add_inputs(&d);
  place_nodes(&d);
  page_printf(p,
              "<figure><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"populations and "
              "connections of %s\" style=\"max-width:%.0fpx\">\n",
              d.width, d.height, markup_escape(p->arena, network->name), d.width);
  put_markers(&d);
  int signs = put_connections(&d);
  put_nodes(&d);
  page_printf(p,
              "</svg><figcaption>Populations with their numbers of units, and "
              "connections%s.</figcaption></figure>\n",
              signs & 5 ? ": blue arrows excite, orange dots inhibit" : "");
}
