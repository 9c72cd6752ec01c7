/* network_finish.c: from a body that has been read to a System. Every entry is forced, the
   equations are evaluated and checked, and all is written down in the order of the text. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"
#include "run/random.h"

/* ---- equations ------------------------------------------------------------------------------- */

/* A noise that the body declares, or NULL. */
static const char *a_noise(const Body *b) {
  for (size_t i = 0; i < b->names.n; i++) {
    const Entry *e = b->names.items[i].value;
    if (e->kind == ENTRY_NOISE) return b->names.items[i].key;
  }
  return NULL;
}

static void report_balance(Entry *e, Dim left, Dim right) {
  Tracer *tr = e->body->tr;
  Arena *a = tr->ev->arena;
  const Ast *s = e->equation.stmt;
  const char *what = s->kind == AST_NEXT ? "next " : "";
  left = dim_resolve(left, tr->sys->time);
  right = dim_resolve(right, tr->sys->time);
  Diag *d =
      body_report(e->body, E0507, ast_where(s),
                  "the equation of `%s%s` does not balance: its left side is %s, its right side %s",
                  what, e->full, dim_name(a, left), dim_name(a, right));
  if (!d) return;
  diag_note(tr->ev->diag, d, e->at, "`%s` is %s", e->full, dim_name(a, e->dim));
  if (s->kind != AST_NEXT && tr->time_at.src && tr->sys->time != TIME_UNKNOWN)
    diag_note(tr->ev->diag, d, tr->time_at, "the time of this network is %s because of this",
              tr->sys->time == TIME_SECONDS ? "in seconds" : "a plain number");
  const char *noise = a_noise(e->body);
  if (s->kind != AST_NEXT && noise)
    diag_note(tr->ev->diag, d, ast_where(s),
              "white noise such as `%s` is of the dimension time^(-1/2): `tau * dx/dt = -x + "
              "sqrt(2 * tau) * %s`",
              noise, noise);
}

void network_time_known(Ev *ev, Where at) {
  if (ev->tracer) ev->tracer->time_at = at;
}

static bool balances(Entry *e, const Value *coef, const Value *rhs) {
  Tracer *tr = e->body->tr;
  Dim left = e->dim;
  TimeKind before = tr->sys->time;
  if (e->equation.stmt->kind == AST_EQUATION) left = dim_div(left, dim_time());
  if (coef) left = dim_mul(coef->dim, left);
  if (!dim_agree(left, rhs->dim, &tr->sys->time, NULL)) {
    report_balance(e, left, rhs->dim);
    return false;
  }
  if (before == TIME_UNKNOWN && tr->sys->time != TIME_UNKNOWN)
    tr->time_at = ast_where(e->equation.stmt);
  return true;
}

static bool is_number(Entry *e, const Value *v, const Ast *x) {
  if (v->kind == V_ARRAY) return true;
  if (v->kind != V_ERROR && v->kind != V_UNKNOWN)
    body_report(e->body, E0210, ast_where(x), "an equation is between numbers; this is %s",
                value_kind_name(e->body->tr->ev, v));
  return false;
}

static bool has_shape(Entry *e, const Value *v) {
  Arena *a = e->body->tr->ev->arena;
  Shape have = value_shape(v), joint;
  if (shape_broadcast(have, e->shape, &joint) && joint.rank == e->shape.rank &&
      shape_fits(joint, e->shape))
    return true;
  const Ast *s = e->equation.stmt;
  Diag *d = body_report(e->body, E0508, ast_where(s),
                        "the state `%s` has the shape %s, but its equation has the shape %s",
                        e->full, shape_text(a, e->shape), shape_text(a, have));
  if (d) diag_note(e->body->tr->ev->diag, d, e->at, "`%s` is declared here", e->full);
  return false;
}

/* Evaluates the equation of a state: its derivative or next value, for all units. */
static bool finish_equation(Entry *e) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  const Ast *s = e->equation.stmt;
  const Ast *left = s->kind == AST_EQUATION ? s->kids[0] : NULL;
  const Ast *right = s->kids[s->kind == AST_EQUATION ? 1 : 0];
  Value *coef = left ? ev_dense(ev, ev_expr(ev, e->equation.scope, left), ast_where(left)) : NULL;
  Value *rhs = ev_dense(ev, ev_expr(ev, e->equation.scope, right), ast_where(right));
  if (!is_number(e, rhs, right) || (coef && !is_number(e, coef, left))) return false;
  if (!balances(e, coef, rhs)) return false;
  Value *v = coef ? ev_op2(ev, OP_div, rhs, coef, ast_where(s)) : rhs;
  if (v->kind != V_ARRAY || !has_shape(e, v)) return false;
  Graph *g = b->tr->g;
  g->at = ast_where(s);
  NodeId n = ev_node(ev, g, v);
  if (shape_known(e->shape)) n = graph_broadcast(g, n, e->shape);
  e->next = body_whole(b, n);
  return true;
}

static bool state_has_equation(Entry *e) {
  if (e->equation.stmt || e->by_event) return true;
  if (e->body->tr->mixed) return false; /* its equation is of the other kind, and was refused */
  const char *form = e->body->tr->sys->kind == SYSTEM_MAP ? "say how it changes: `next %s = ...`"
                                                          : "say how it changes: `d%s/dt = ...`";
  Diag *d = body_report(e->body, E0501, e->at, "the state `%s` has no equation", e->full);
  if (d) diag_note(e->body->tr->ev->diag, d, e->at, form, e->name);
  return false;
}

/* ---- quantities ------------------------------------------------------------------------------ */

static Quantity quantity(const Entry *e, NodeId node, Dim d) {
  const Tracer *tr = e->body->tr;
  return (Quantity){e->full, node, graph_node(tr->g, node)->shape, dim_resolve(d, tr->sys->time),
                    e->at};
}

static void add_state(Entry *e) {
  Tracer *tr = e->body->tr;
  System *s = tr->sys;
  SysState *out = vec_push(tr->ev->arena, &s->states);
  *out = (SysState){.q = quantity(e, e->node, e->dim), .next = e->next, .init = e->init};
  out->offset = s->dim;
  out->eq_at = e->equation.stmt ? ast_where(e->equation.stmt) : e->at;
  if (s->dim >= 0) {
    int64_t n = shape_count(e->whole);
    s->dim = n < 0 ? -1 : s->dim + n;
  }
  e->index = (int)s->states.n - 1;
}

static void add_input(Entry *e) {
  System *s = e->body->tr->sys;
  *vec_push(e->body->tr->ev->arena, &s->inputs) =
      (SysInput){quantity(e, e->node, e->dim), e->tensor, NODE_NONE};
}

static void add_weight(Entry *e) {
  System *s = e->body->tr->sys;
  *vec_push(e->body->tr->ev->arena, &s->weights) =
      (SysWeight){quantity(e, e->node, e->dim), e->tensor, e->pattern, e->trainable};
}

static void add_noise(Entry *e) {
  Tracer *tr = e->body->tr;
  const char *path = arena_printf(tr->ev->arena, "%s.%s", e->body->path, e->name);
  *vec_push(tr->ev->arena, &tr->sys->noises) =
      (SysNoise){quantity(e, e->node, e->dim), random_key(tr->ev->seed, path)};
  tr->sys->has_noise = true;
}

/* The value of an entry for all units as a quantity; false if it is no array or a constant. */
static bool entry_quantity(Entry *e, bool constants, Quantity *q) {
  Body *b = e->body;
  Ev *ev = b->tr->ev;
  Value *v = value_force(ev, e->inner, e->at);
  if (v->kind != V_ARRAY || (!v->graph && !constants)) return false;
  b->tr->g->at = e->at;
  *q = quantity(e, body_whole(b, ev_node(ev, b->tr->g, v)), v->dim);
  return true;
}

/* What varies is readable from a run; what depends on no input is a constant of the network. */
static void add_readable(Entry *e) {
  Quantity q;
  Tracer *tr = e->body->tr;
  bool driven = e->kind == ENTRY_INPUT;
  if (!entry_quantity(e, driven, &q)) return;
  if (!driven && system_is_fixed(tr->g, q.node))
    body_constant(e->body, e->full, value_node(tr->ev, tr->g, q.node, q.dim));
  else
    *vec_push(tr->ev->arena, &tr->sys->readable) = q;
}

static void add_argument(Entry *e) {
  Body *b = e->body;
  if (b->up) body_constant(b, e->full, value_force(b->tr->ev, e->outer, e->at));
}

/* What a row of this table adds to the system for one entry. */
static void (*const add[ENTRY_KINDS])(Entry *) = {
    [ENTRY_STATE] = add_state,       [ENTRY_NOISE] = add_noise,   [ENTRY_LET] = add_readable,
    [ENTRY_PART] = add_readable,     [ENTRY_DRAW] = add_readable, [ENTRY_INPUT] = add_readable,
    [ENTRY_ARGUMENT] = add_argument,
};

static void add_outputs(Body *b) {
  for (size_t i = 0; i < b->lines.n; i++) {
    const Ast *s = b->lines.at[i].stmt;
    for (uint32_t k = 0; s->kind == AST_OUTPUT && k < s->nkids; k++) {
      Quantity q;
      Entry *e = body_find(b, s->kids[k]->name);
      if (e && entry_quantity(e, true, &q)) *vec_push(b->tr->ev->arena, &b->tr->sys->outputs) = q;
    }
  }
}

/* ---- the walk -------------------------------------------------------------------------------- */

static void force_all(Body *b) {
  Ev *ev = b->tr->ev;
  if (!body_ready(b)) return;
  for (size_t i = 0; i < b->names.n; i++) {
    Entry *e = b->names.items[i].value;
    if (e->part)
      force_all(e->part);
    else
      value_force(ev, e->inner, e->at);
  }
}

static void finish_equations(Body *b) {
  Inside saved = body_enter(b);
  for (size_t i = 0; i < b->names.n; i++) {
    Entry *e = b->names.items[i].value;
    if (e->part) finish_equations(e->part);
    if (e->kind != ENTRY_STATE || !state_has_equation(e)) continue;
    if (e->node == NODE_NONE || (e->equation.stmt && !finish_equation(e))) b->tr->failed = true;
  }
  body_leave(b, saved);
}

static void add_all(Body *b) {
  for (size_t i = 0; i < b->names.n; i++) {
    Entry *e = b->names.items[i].value;
    if (e->part)
      add_all(e->part);
    else if (e->kind == ENTRY_INPUT && !b->up)
      add_input(e);
    else if (e->kind == ENTRY_LINK || e->kind == ENTRY_WEIGHT) {
      if (e->node != NODE_NONE) add_weight(e);
    } else if (add[e->kind]) {
      add[e->kind](e);
    }
  }
  add_outputs(b);
}

static void finish_events(Body *b) {
  Inside saved = body_enter(b);
  for (size_t i = 0; i < b->lines.n; i++)
    if (b->lines.at[i].stmt->kind == AST_WHEN) event_finish(b, &b->lines.at[i]);
  for (size_t i = 0; i < b->names.n; i++) {
    const Entry *e = b->names.items[i].value;
    if (e->part) finish_events(e->part);
  }
  body_leave(b, saved);
}

/* A start may depend on weights and on the trial, on nothing that moves. */
static void check_starts(Tracer *tr) {
  System *s = tr->sys;
  for (size_t i = 0; i < s->states.n; i++) {
    const SysState *x = &s->states.at[i];
    if (!system_is_start(s, x->init))
      ev_error(tr->ev, E0512, x->q.at, "the start of `%s` depends on a state, an input or the time",
               x->q.name);
    else
      continue;
    tr->failed = true;
  }
}

/* ---- the system ------------------------------------------------------------------------------ */

/* What the first equation of a body or of its parts says; -1: there is none. */
static int kind_of(const Body *b) {
  for (size_t i = 0; i < b->lines.n; i++) {
    if (b->lines.at[i].stmt->kind == AST_NEXT) return SYSTEM_MAP;
    if (b->lines.at[i].stmt->kind == AST_EQUATION) return SYSTEM_CONTINUOUS;
  }
  int events = -1;
  for (size_t i = 0; i < b->names.n; i++) {
    const Entry *e = b->names.items[i].value;
    int k = e->part ? kind_of(e->part) : -1;
    if (k >= 0) return k;
  }
  for (size_t i = 0; i < b->lines.n; i++)
    if (b->lines.at[i].stmt->kind == AST_WHEN) events = SYSTEM_CONTINUOUS;
  return events;
}

static bool set_kind(Tracer *tr, Body *b) {
  int kind = kind_of(b);
  if (kind < 0) {
    if (!tr->failed)
      body_report(b, E0506, ast_name_where(b->decl),
                  "`%s` has no equation: neither `dx/dt` nor `next x`", tr->sys->name);
    return false;
  }
  tr->sys->kind = (SystemKind)kind;
  if (kind == SYSTEM_MAP) {
    tr->sys->time = TIME_PLAIN;
    tr->t->dim = DIM_ONE;
  }
  return true;
}

static System *system_new(Ev *ev, const char *name) {
  System *s = ARENA_NEW(ev->arena, System);
  s->name = name;
  s->g = graph_new(ev->arena);
  s->t = graph_input(s->g, "t", SHAPE_SCALAR, 0);
  s->step = graph_input(s->g, "step", SHAPE_SCALAR, 0);
  s->trial = graph_input(s->g, "trial", SHAPE_SCALAR, 0);
  s->update = graph_input(s->g, "update", SHAPE_SCALAR, 0);
  return s;
}

static Body *network_body(Tracer *tr) {
  Network *net = tr->net;
  const char *path = draw_path(tr->ev, net->path, net->seed);
  Body *b = body_make(tr, NULL, net->decl, net->scope, "", path);
  b->set = &net->set;
  b->bound = (Bound){.decl = net->decl, .n = net->nargs, .arg = net->args};
  tr->sys->key = random_key(tr->ev->seed, path);
  parameter_adopt(tr);
  for (int i = 0; i < net->nargs; i++) scope_set(b->scope, net->args[i].name, net->args[i].value);
  for (int i = 0; i < bind_count(net->decl); i++) {
    const Ast *p = net->decl->kids[i];
    entry_add(b, ENTRY_ARGUMENT, p->name, ast_name_where(p), p);
  }
  return b;
}

static bool trace_body(Tracer *tr) {
  Body *b = network_body(tr);
  body_declare(b);
  if (!set_kind(tr, b)) return false;
  body_attach(b);
  force_all(b);
  finish_equations(b);
  if (tr->failed) return false;
  if (tr->sys->time == TIME_UNKNOWN) tr->sys->time = TIME_PLAIN;
  add_all(b);
  finish_events(b);
  if (!tr->failed) check_starts(tr);
  return !tr->failed;
}

/* A body that runs its own network, in a simulation say, would go on for ever. */
static bool runs_itself(Ev *ev, const Network *net) {
  for (const Tracer *t = ev->tracer; t; t = t->up) {
    if (t->net->decl != net->decl) continue;
    ev_error(ev, E0522, ast_name_where(net->decl), "`%s` is needed for its own body", net->name);
    return true;
  }
  return false;
}

bool network_trace(Ev *ev, Network *net) {
  if (runs_itself(ev, net)) return false;
  System *s = system_new(ev, net->name);
  Tracer tr = {.up = ev->tracer, .ev = ev, .net = net, .sys = s, .g = s->g};
  tr.t = value_node(ev, s->g, s->t, dim_time());
  Ev saved = *ev;
  ev_trace_begin(ev, s->g, &s->time);
  ev->tracer = &tr;
  bool ok = trace_body(&tr);
  ev_trace_end(ev, &saved);
  if (!ok) return false;
  system_complete(ev->arena, s);
  net->system = s;
  return true;
}
