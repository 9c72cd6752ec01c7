/* population.c: parts of a network that are neurons or networks themselves. Opening a population
   only finds out what it consists of, so that names and connections can be attached; its arguments
   and its size are evaluated when something in it is needed first. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"

const char *draw_path(Ev *ev, const char *path, uint64_t seed) {
  return seed ? arena_printf(ev->arena, "%s@%llu", path, (unsigned long long)seed) : path;
}

/* ---- opening --------------------------------------------------------------------------------- */

static bool is_unit(const Value *v) {
  if (v->kind == V_NETWORK) return true;
  return v->kind == V_FUNCTION && v->fn &&
         (v->fn->kind == AST_NEURON || v->fn->kind == AST_NETWORK);
}

/* The declaration behind the text of a unit; of a call, that of what is called if that says it. */
static Value *unit_declared(Entry *e) {
  Ev *ev = e->body->tr->ev;
  const Ast *unit = e->item->kids[0];
  if (unit->kind == AST_CALL) {
    Value *callee = ev_expr(ev, e->scope, unit->kids[0]);
    if (is_unit(callee) || callee->kind == V_ERROR) return callee;
  }
  Value *v = ev_expr(ev, e->scope, unit);
  if (is_unit(v) || v->kind == V_ERROR) return v;
  body_report(e->body, E0514, ast_where(unit),
              "a population consists of neurons or networks, not %s", value_kind_name(ev, v));
  return &VALUE_ERROR;
}

static bool contains_itself(Entry *e, const Ast *decl) {
  for (const Body *b = e->body; b; b = b->up) {
    if (b->decl != decl) continue;
    body_report(e->body, E0522, ast_where(e->item), "`%s` is a part of itself", decl->name);
    return true;
  }
  return false;
}

static void declare_arguments(Body *b) {
  for (int i = 0; i < bind_count(b->decl); i++) {
    const Ast *p = b->decl->kids[i];
    entry_add(b, ENTRY_ARGUMENT, p->name, ast_name_where(p), p);
  }
}

void population_open(Entry *e) {
  Body *up = e->body;
  Ev *ev = up->tr->ev;
  Value *v = unit_declared(e);
  if (v->kind == V_ERROR) {
    up->tr->failed = true;
    return;
  }
  const Ast *decl = v->kind == V_NETWORK ? v->network->decl : v->fn;
  Scope *closure = v->kind == V_NETWORK ? v->network->scope : v->scope;
  if (contains_itself(e, decl)) return;
  const char *prefix = arena_printf(ev->arena, "%s.", e->full);
  const char *path = arena_printf(ev->arena, "%s.%s", up->path, e->name);
  e->part = body_make(up->tr, up, decl, closure, prefix, path);
  e->part->population = e;
  declare_arguments(e->part);
  body_declare(e->part);
}

/* ---- arguments and size ---------------------------------------------------------------------- */

static bool set_loop(Body *b, const Ast *size) {
  Ev *ev = b->tr->ev;
  for (int i = 0; i < b->up->nloops; i++) b->loops[i] = b->up->loops[i];
  b->nloops = b->up->nloops;
  if (!size) return true;
  bool known;
  int64_t n;
  Value *v = ev_expr(ev, b->population->scope, size);
  if (!ev_to_whole(ev, v, &n, &known, ast_where(size), "the size of a population")) return false;
  if (!known) n = EXTENT_UNKNOWN;
  if (known && n < 1) {
    body_report(b, E0213, ast_where(size), "a population has at least one unit, not %lld",
                (long long)n);
    return false;
  }
  int loop = graph_add_loop(b->tr->g, b->population->full, n);
  if (loop < 0 || b->nloops == BODY_MAX_LOOPS) {
    body_report(b, E0225, ast_where(size), "too many populations in one network");
    return false;
  }
  b->loops[b->nloops++] = loop;
  b->has_loop = true;
  b->extent = n;
  return true;
}

/* An argument of a neuron as one unit sees it. */
static Value *argument_unit(Body *b, const char *name, Value *v) {
  if (!b->has_loop || v->kind != V_ARRAY || value_shape(v).rank == 0) return v;
  Shape s = value_shape(v);
  if (s.n[0] == b->extent || s.n[0] == EXTENT_UNKNOWN || b->extent == EXTENT_UNKNOWN)
    return body_given(b, v);
  Ev *ev = b->tr->ev;
  Diag *d = body_report(b, E0513, ast_where(b->population->item->kids[0]),
                        "`%s` is one number, or one for each of the %lld units: [%lld], not %s",
                        name, (long long)b->extent, (long long)b->extent, shape_text(ev->arena, s));
  if (d) diag_note(ev->diag, d, b->population->at, "the population is declared here");
  return &VALUE_ERROR;
}

static bool ready_neuron(Body *b) {
  Ev *ev = b->tr->ev;
  Where at = ast_where(b->population->item->kids[0]);
  Bound *given = &b->bound, inside;
  Args none = {.at = at};
  if (!bind_match(ev, b->decl, NULL, b->unit->fields, b->unit->nfields, &none, given)) return false;
  inside = *given;
  inside.arg = ARENA_ARRAY(ev->arena, Field, given->n + 1);
  for (int i = 0; i < given->n; i++) {
    inside.arg[i] = given->arg[i];
    if (given->arg[i].value)
      inside.arg[i].value = argument_unit(b, given->arg[i].name, given->arg[i].value);
  }
  bool ok = bind_fill(ev, &inside, b->scope, at);
  for (int i = 0; i < given->n; i++)
    if (!given->arg[i].value) given->arg[i].value = body_stacked(b, inside.arg[i].value);
  return ok;
}

static bool ready_network(Body *b) {
  Ev *ev = b->tr->ev;
  Value *v = network_of(ev, b->unit, ast_where(b->population->item->kids[0]));
  if (!v) return false;
  Network *net = v->network;
  b->bound = (Bound){.decl = b->decl, .n = net->nargs, .arg = net->args};
  for (int i = 0; i < net->nargs; i++) scope_set(b->scope, net->args[i].name, net->args[i].value);
  b->set = &net->set;
  b->path = draw_path(ev, b->path, net->seed);
  return true;
}

static bool make_ready(Body *b) {
  const Ast *item = b->population->item;
  if (!body_ready(b->up) || !set_loop(b, item->nkids > 1 ? item->kids[1] : NULL)) return false;
  b->unit = ev_expr(b->tr->ev, b->population->scope, item->kids[0]);
  if (b->unit->kind == V_ERROR) return false;
  return b->decl->kind == AST_NEURON ? ready_neuron(b) : ready_network(b);
}

bool body_ready(Body *b) {
  if (b->state == BODY_READY || !b->up) return true;
  if (b->state == BODY_BROKEN) return false;
  if (b->state == BODY_OPENING) {
    body_report(b, E0502, b->population->at, "the arguments or the size of `%s` depend on itself",
                b->population->full);
    return false;
  }
  Inside saved = body_enter(b->up);
  b->state = BODY_OPENING;
  bool ok = make_ready(b);
  b->state = ok ? BODY_READY : BODY_BROKEN;
  if (!ok) b->tr->failed = true;
  body_leave(b->up, saved);
  return ok;
}

Value *population_value(Entry *e) {
  Body *b = e->part;
  if (!b) return &VALUE_ERROR;
  Value *r = value_record(b->tr->ev, "population", (int)b->names.n);
  for (size_t i = 0; i < b->names.n; i++) {
    Entry *inside = b->names.items[i].value;
    value_set(r, (int)i, inside->name, inside->outer);
  }
  r->at = e->at;
  return r;
}
