/* show_network.c: the quantities of a network that was made: shapes, units, and how weights are
   spread. Weights are drawn for that, as a run would, unless there are very many. */
#include <string.h>

#include "lang/network.h"
#include "report/label.h"
#include "report/report.h"
#include "report/show.h"
#include "report/spread.h"
#include "report/uses.h"

enum { COLUMNS = 5, DRAWN_MOST = 1 << 22 };

typedef struct Rows {
  Ev *ev;
  Outline *o;
  VEC(const char *) cells;
} Rows;

static void add_cell(Rows *r, const char *ready) {
  *vec_push(r->ev->arena, &r->cells) = ready;
}

/* The name as it is typed, what it is, its shape and unit, how its values are spread. */
static void add_row(Rows *r, const char *name, const char *role, Shape shape, Dim d,
                    const char *spread) {
  Arena *a = r->ev->arena;
  add_cell(r, outline_named(r->o, name));
  add_cell(r, outline_plain(r->o, role));
  add_cell(r, outline_plain(r->o, shape.rank ? shape_text(a, shape) : "one number"));
  const char *unit = formula_unit(a, outline_notation(r->o), unit_label(a, d));
  bool set = r->o->as != OUTLINE_TEXT && !dim_is_one(d);
  add_cell(r, set             ? outline_formula(r->o, arena_printf(a, "\\mathrm{%s}", unit))
              : dim_is_one(d) ? outline_plain(r->o, "plain")
                              : unit);
  add_cell(r, outline_plain(r->o, spread));
}

static void add_quantity(Rows *r, const Quantity *q, const char *role) {
  add_row(r, q->name, role, q->shape, q->dim, "");
}

/* ---- weights --------------------------------------------------------------------------------- */

static const char *spread_text(Ev *ev, const Value *v) {
  Arena *a = ev->arena;
  Spread s;
  double factor;
  if (!spread_of(v, &s) || !s.finite) return "";
  const char *unit = spread_unit(a, v, &s, &factor), *gap = *unit ? " " : "";
  const char *mean = label_number(a, s.mean / factor, 3), *share = spread_share(a, &s);
  const char *density =
      strcmp(share, "all") == 0 || s.zeros == s.n ? "" : arena_printf(a, ", %s not zero", share);
  if (!(s.lo < s.hi)) return arena_printf(a, "%s%s%s%s", mean, gap, unit, density);
  return arena_printf(a, "mean %s, SD %s, %s to %s%s%s%s", mean, label_number(a, s.sd / factor, 3),
                      label_number(a, s.lo / factor, 3), label_number(a, s.hi / factor, 3), gap,
                      unit, density);
}

/* Arrays among the constants: weights, connections, fixed draws. Single numbers are in the
   equations. */
static bool is_shown(const Network *net, size_t i) {
  const Value *c = net->constants.items[i].value;
  bool numbers = c && (c->kind == V_SPARSE || c->kind == V_ARRAY);
  return numbers && !uses_is_argument(net, net->constants.items[i].key) && value_shape(c).rank > 0;
}

static bool args_known(const Network *net) {
  for (int i = 0; i < net->nargs; i++) {
    const Value *v = net->args[i].value;
    if (!v || v->kind == V_UNKNOWN || (v->kind == V_ARRAY && !value_is_known(v))) return false;
  }
  return net->set.n == 0;
}

/* The network with its numbers, as a run would have it; NULL: too much work, or not known. */
static Value *drawn(Ev *ev, Value *v) {
  const Network *net = v->network;
  int64_t count = 0;
  for (size_t i = 0; i < net->constants.n; i++) {
    int64_t n = is_shown(net, i) ? shape_count(value_shape(net->constants.items[i].value)) : 0;
    count = n < 0 ? DRAWN_MOST + 1 : count + n;
    if (count > DRAWN_MOST) return NULL;
  }
  if (!args_known(net) || !uses_of(ev, net->decl, net->scope).known) return NULL;
  Value *copy = network_with(ev, v, NULL, NULL, 0, v->at);
  return copy->kind == V_NETWORK && network_system(ev, copy, v->at) ? copy : NULL;
}

static void add_weights(Rows *r, Value *v) {
  enum { ROWS_MOST = 60 };
  const Network *net = v->network;
  Value *real = drawn(r->ev, v);
  int rows = 0;
  for (size_t i = 0; i < net->constants.n && rows < ROWS_MOST; i++) {
    if (!is_shown(net, i)) continue;
    rows++;
    const char *name = net->constants.items[i].key;
    const Value *c = net->constants.items[i].value;
    const Value *known = real ? network_field(r->ev, real, name, v->at) : c;
    bool numbers = known->kind == V_ARRAY || known->kind == V_SPARSE;
    Dim d = c->kind == V_SPARSE ? c->entries->dim : c->dim;
    add_row(r, name, uses_role(net, name), value_shape(c), d,
            numbers ? spread_text(r->ev, known) : "");
  }
}

/* ---- the instance ---------------------------------------------------------------------------- */

static bool is_state(const System *s, const char *name) {
  for (size_t i = 0; i < s->states.n; i++)
    if (strcmp(s->states.at[i].q.name, name) == 0) return true;
  return false;
}

static void add_quantities(Rows *r, const System *s) {
  static const char *const head[COLUMNS] = {"Quantity", "Kind", "Shape", "Unit", "Values"};
  for (int i = 0; i < COLUMNS; i++) add_cell(r, head[i]);
  for (size_t i = 0; i < s->states.n; i++) add_quantity(r, &s->states.at[i].q, "state");
  for (size_t i = 0; i < s->inputs.n; i++) add_quantity(r, &s->inputs.at[i].q, "input");
  for (size_t i = 0; i < s->noises.n; i++) add_quantity(r, &s->noises.at[i].q, "white noise");
  for (size_t i = 0; i < s->outputs.n; i++) /* `output x` shows a state, which is there already */
    if (!is_state(s, s->outputs.at[i].name)) add_quantity(r, &s->outputs.at[i], "output");
  for (size_t i = 0; i < s->events.n; i++) {
    const SysEvent *e = &s->events.at[i];
    Shape units = e->units > 1 ? shape_vec(e->units) : SHAPE_SCALAR;
    if (e->name) add_row(r, e->name, "event", units, DIM_ONE, "");
  }
}

static const char *time_text(const System *s) {
  if (s->kind == SYSTEM_MAP) return "a map";
  return s->time == TIME_SECONDS ? "its time in seconds" : "its time a plain number";
}

void show_instance(Ev *ev, Outline *o, const char *name, Value *v) {
  const Network *net = v->network;
  const System *s = network_system(ev, v, v->at);
  if (!s) return;
  const char *given = uses_arguments(ev, net);
  const char *size = s->dim < 0 ? "a number of state variables that the run decides"
                                : arena_printf(ev->arena, "%lld state variable%s",
                                               (long long)s->dim, s->dim == 1 ? "" : "s");
  text_printf(&o->text, "\n%s: %s%s%s, %s.\n", outline_named(o, name), outline_plain(o, given),
              *given ? "; " : "", size, time_text(s));
  Rows r = {.ev = ev, .o = o};
  add_quantities(&r, s);
  add_weights(&r, v);
  outline_table(o, r.cells.at, r.cells.n / COLUMNS - 1, COLUMNS);
}
