/* network_value.c: what each kind of name in a body stands for. States, inputs, weights and noises
   become inputs of the graph, of the shape of all units at once; the rest is traced from them. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"
#include "lang/unit.h"

/* ---- shapes, dimensions, replaced values ----------------------------------------------------- */

Value *body_set_value(const Body *b, const char *name) {
  const char *full = arena_printf(b->tr->ev->arena, "%s%s", b->prefix, name);
  for (const Body *x = b; x; x = x->up) {
    Value *v = x->set ? map_get(x->set, full + strlen(x->prefix)) : NULL;
    if (v) return v;
  }
  return NULL;
}

void body_constant(Body *b, const char *full, Value *v) {
  map_set(&b->tr->net->constants, full, v);
}

/* The first value fixes the dimension: a literal 0 is a plain number. */
static Dim fixed_dim(const Value *v) {
  return v->dim.any ? DIM_ONE : v->dim;
}

static bool is_number(Entry *e, Value *v, const char *what) {
  if (v->kind == V_ARRAY || v->kind == V_SPARSE) return true;
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return false;
  Diag *d = body_report(e->body, E0521, e->at, "%s `%s` is a number or an array, not %s", what,
                        e->full, value_kind_name(e->body->tr->ev, v));
  bool drawn =
      v->kind == V_DIST || (v->kind == V_FUNCTION && v->fn && v->fn->kind == AST_CONNECTIVITY);
  if (d && drawn)
    diag_note(e->body->tr->ev->diag, d, e->at,
              "distributions and connectivities stand behind `~`, "
              "as in `%s : [...] ~ normal(0, 1)`",
              e->name);
  return false;
}

/* Does the declaration of a state or weight say what it is at first? */
static bool has_start(Entry *e, const char *what) {
  const Ast *item = e->item;
  if (item->kids[0]) return true;
  const char *shape = item->flags & AST_SHAPED ? " : [...]" : "";
  Diag *d = body_report(e->body, E0523, e->at, "the %s `%s` has no start", what, e->full);
  if (d)
    diag_note(e->body->tr->ev->diag, d, e->at, "write `%s %s%s = 0`, or `%s %s%s ~ normal(0, 1)`",
              what, e->name, shape, what, e->name, shape);
  return false;
}

/* The value right of `=` of an item in the declared shape (none: 0). */
static Value *item_value(Entry *e, const char *what) {
  Ev *ev = e->body->tr->ev;
  const Ast *item = e->item;
  Value *v = item->kids[0] ? ev_expr(ev, e->scope, item->kids[0]) : value_num(ev, 0);
  if (v->kind == V_ERROR || !(item->flags & AST_SHAPED))
    return is_number(e, v, what) ? v : &VALUE_ERROR;
  Shape s;
  if (!is_number(e, v, what) || !ev_item_shape(ev, e->scope, item, &s)) return &VALUE_ERROR;
  return ev_shaped(ev, v, s, item->kids[0] ? ast_where(item->kids[0]) : e->at);
}

static bool item_unit_shape(Entry *e, Shape *s) {
  *s = SHAPE_SCALAR;
  return !(e->item->flags & AST_SHAPED) || ev_item_shape(e->body->tr->ev, e->scope, e->item, s);
}

/* A graph input for the whole of an entry; its value in one unit. */
static Value *input_of(Entry *e, Shape unit, Dim d) {
  Body *b = e->body;
  Graph *g = b->tr->g;
  e->shape = unit;
  e->whole = body_shape(b, unit);
  e->dim = d;
  g->at = e->at;
  e->node = graph_input(g, e->full, e->whole, 0);
  return body_unit(b, value_node(b->tr->ev, g, e->node, d));
}

/* ---- states ---------------------------------------------------------------------------------- */

static NodeId spread_node(Body *b, NodeId n, Shape whole) {
  return shape_known(whole) ? graph_broadcast(b->tr->g, n, whole) : n;
}

static Value *drawn_state(Entry *e) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  System *s = b->tr->sys;
  Shape unit;
  Value *dist = ev_expr(ev, e->scope, e->item->kids[0]);
  if (dist->kind == V_ERROR || !item_unit_shape(e, &unit)) return &VALUE_ERROR;
  Value *v = body_draw_at(b, dist, unit, e->name, graph_num(b->tr->g, 0), s->trial, s->update,
                          ast_where(e->item->kids[0]));
  if (!is_number(e, v, "the state")) return &VALUE_ERROR;
  v = ev_dense(ev, v, e->at);
  e->init = spread_node(b, ev_node(ev, b->tr->g, v), body_shape(b, unit));
  return input_of(e, unit, fixed_dim(v));
}

static Value *state_value(Entry *e) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  if (e->item->flags & AST_DRAWN) return drawn_state(e);
  if (!has_start(e, "state")) return &VALUE_ERROR;
  Value *v = ev_dense(ev, item_value(e, "the state"), e->at);
  if (v->kind != V_ARRAY) return &VALUE_ERROR;
  Shape unit = value_shape(v);
  e->init = body_whole(b, ev_node(ev, b->tr->g, v));
  return input_of(e, unit, fixed_dim(v));
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static Value *outside_input(Entry *e) {
  Body *b = e->body;
  Value *v = ev_dense(b->tr->ev, item_value(e, "the input"), e->at);
  if (v->kind != V_ARRAY) return &VALUE_ERROR;
  e->tensor = body_fixed(b, v, e->at, "the default of an input");
  return e->tensor ? input_of(e, e->tensor->shape, fixed_dim(v)) : &VALUE_ERROR;
}

/* The input of a population, [units, ...]: what is connected and added, or its default. */
static Value *fed_input(Entry *e) {
  Value *v = ev_dense(e->body->tr->ev, item_value(e, "the input"), e->at);
  if (v->kind != V_ARRAY) return &VALUE_ERROR;
  e->shape = value_shape(v);
  e->dim = fixed_dim(v);
  if (e->feeds.n) return connect_sum(e);
  return body_stacked(e->body, value_with_dim(e->body->tr->ev, v, e->dim));
}

static Value *input_value(Entry *e) {
  Body *b = e->body;
  if (!b->up) return outside_input(e);
  Value *all = value_force(b->tr->ev, e->outer, e->at);
  return body_given(b, all);
}

/* ---- weights, draws, noise ------------------------------------------------------------------- */

/* A value that `with` or training put in the place of the declared one. */
static Value *replaced_value(Entry *e, Value *set, const char *what) {
  Shape unit, s;
  if (!is_number(e, set, what)) return &VALUE_ERROR;
  if (!(e->item->flags & AST_SHAPED)) return set;
  if (!ev_item_shape(e->body->tr->ev, e->scope, e->item, &unit)) return &VALUE_ERROR;
  s = body_shape(e->body, unit);
  if (shape_fits(value_shape(set), s)) return set;
  return ev_shaped(e->body->tr->ev, set, s, set->at.src ? set->at : e->at);
}

/* The fixed value of a `weight` or a drawn `let` for all units: right of `~` or `=`. */
static Value *fixed_value(Entry *e, const char *what) {
  Body *b = e->body;
  Value *set = body_set_value(b, e->name);
  if (set) return replaced_value(e, set, what);
  if (!(e->item->flags & AST_DRAWN)) {
    if (!has_start(e, "weight")) return &VALUE_ERROR;
    Value *v = item_value(e, what);
    return v->kind == V_ARRAY && b->nloops
               ? value_node(b->tr->ev, b->tr->g, body_whole(b, ev_node(b->tr->ev, b->tr->g, v)),
                            v->dim)
               : v;
  }
  Shape unit;
  Value *dist = ev_expr(b->tr->ev, e->scope, e->item->kids[0]);
  if (dist->kind == V_ERROR || dist->kind == V_UNKNOWN || !item_unit_shape(e, &unit))
    return dist->kind == V_UNKNOWN ? dist : &VALUE_ERROR;
  dist = connectivity_sized(b->tr->ev, dist, unit, ast_where(e->item->kids[0]));
  return body_draw(b, dist, unit, e->name, ast_where(e->item->kids[0]));
}

static Value *sparse_weight(Entry *e, Value *v) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  if (parameter_sets(b->tr, v->entries)) return v;
  e->pattern = v->pattern;
  e->tensor = body_fixed(b, v->entries, e->at, "a weight");
  if (!e->tensor) return &VALUE_ERROR;
  Value *w = ARENA_NEW(ev->arena, Value);
  *w = *v;
  w->entries = input_of(e, e->tensor->shape, fixed_dim(v->entries));
  return w;
}

Value *weight_input(Entry *e, Value *v) {
  Body *b = e->body;
  if (v->kind == V_SPARSE) return sparse_weight(e, v);
  if (parameter_sets(b->tr, v)) return body_unit(b, v); /* no weight of its own */
  e->tensor = body_fixed(b, v, e->at, "a weight");
  if (!e->tensor) return &VALUE_ERROR;
  return input_of(e, shape_tail(e->tensor->shape, b->nloops), fixed_dim(v));
}

static Value *weight_value(Entry *e) {
  e->trainable = true;
  Value *v = fixed_value(e, "the weight");
  if (v->kind == V_UNKNOWN) return v;
  if (!is_number(e, v, "the weight")) return &VALUE_ERROR;
  body_constant(e->body, e->full, v);
  return weight_input(e, v);
}

static Value *noise_value(Entry *e) {
  Tracer *tr = e->body->tr;
  Dim d = DIM_ONE;
  Shape unit;
  if (tr->sys->kind == SYSTEM_CONTINUOUS) dim_pow(dim_time(), -0.5, &d);
  return item_unit_shape(e, &unit) ? input_of(e, unit, d) : &VALUE_ERROR;
}

static Value *draw_value(Entry *e) {
  Body *b = e->body;
  System *s = b->tr->sys;
  if (s->kind == SYSTEM_CONTINUOUS) {
    body_report(
        b, E0515, e->at,
        "`draw … every step` stands in a map or a task; in continuous time there is `noise`");
    return &VALUE_ERROR;
  }
  Shape unit;
  Value *dist = ev_expr(b->tr->ev, e->scope, e->item->kids[0]);
  if (dist->kind == V_ERROR || !item_unit_shape(e, &unit)) return &VALUE_ERROR;
  Value *v = body_draw_at(b, dist, unit, e->name, s->step, s->trial, s->update,
                          ast_where(e->item->kids[0]));
  return body_unit(b, v);
}

/* ---- lets and outputs ------------------------------------------------------------------------ */

static Value *let_value(Entry *e) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  bool drawn = (e->item->flags & AST_DRAWN) != 0;
  if (drawn || body_set_value(b, e->name)) {
    Value *v = fixed_value(e, "the draw");
    if (v->kind != V_ERROR) body_constant(b, e->full, v);
    return body_unit(b, v);
  }
  Value *v = ev_expr(ev, e->scope, e->item->kids[0]);
  Shape s;
  if (v->kind != V_ERROR && (e->item->flags & AST_SHAPED))
    v = ev_item_shape(ev, e->scope, e->item, &s) ? ev_shaped(ev, v, s, ast_where(e->item->kids[0]))
                                                 : &VALUE_ERROR;
  if (v->kind != V_ERROR && !value_is_traced(v)) body_constant(b, e->full, v);
  return v;
}

static Value *output_value(Entry *e) {
  return ev_dense(e->body->tr->ev, item_value(e, "the output"), e->at);
}

static Value *part_value(Entry *e) {
  Ev *ev = e->body->tr->ev;
  Value *r = value_force(ev, e->record, e->at);
  if (r->kind == V_ERROR || r->kind == V_UNKNOWN) return r;
  Value *v = r->kind == V_RECORD ? (Value *)value_field(r, e->name) : NULL;
  if (v) return v;
  if (r->kind == V_RECORD)
    body_report(e->body, E0211, e->at, "the record has no field `%s`", e->name);
  else
    body_report(e->body, E0210, e->at, "`let (a, b) = …` takes the fields of a record, not of %s",
                value_kind_name(ev, r));
  return &VALUE_ERROR;
}

static Value *argument_value(Entry *e) {
  Value *v = map_get(&e->body->scope->names, e->name);
  return v ? v : &VALUE_ERROR;
}

static Value *(*const compute[ENTRY_KINDS])(Entry *) = {
    [ENTRY_STATE] = state_value,       [ENTRY_INPUT] = input_value,
    [ENTRY_OUTPUT] = output_value,     [ENTRY_WEIGHT] = weight_value,
    [ENTRY_NOISE] = noise_value,       [ENTRY_DRAW] = draw_value,
    [ENTRY_LET] = let_value,           [ENTRY_PART] = part_value,
    [ENTRY_ARGUMENT] = argument_value, [ENTRY_POPULATION] = population_value,
    [ENTRY_LINK] = link_value,
};

Value *entry_compute_inner(Ev *ev, void *entry) {
  Entry *e = entry;
  if (!body_ready(e->body)) return &VALUE_ERROR;
  Inside saved = body_enter(e->body);
  ev->path = path_in(ev, e->name); /* for draws in blocks */
  Value *v = compute[e->kind](e);
  body_leave(e->body, saved);
  if (v->kind == V_ERROR && !ev->abort_trace) e->body->tr->failed = true;
  return v;
}

static Value *given_argument(const Body *b, const char *name) {
  for (int i = 0; i < b->bound.n; i++)
    if (strcmp(b->bound.arg[i].name, name) == 0) return b->bound.arg[i].value;
  return &VALUE_ERROR;
}

Value *entry_compute_outer(Ev *ev, void *entry) {
  Entry *e = entry;
  Body *b = e->body;
  if (!body_ready(b)) return &VALUE_ERROR;
  if (e->kind == ENTRY_ARGUMENT) return given_argument(b, e->name);
  if (e->kind == ENTRY_INPUT) {
    Inside saved = body_enter(b);
    Value *v = fed_input(e);
    body_leave(b, saved);
    return v;
  }
  return body_stacked(b, value_force(ev, e->inner, e->at));
}
