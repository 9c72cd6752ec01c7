/* event.c: `when condition { … }`. An event happens to each unit by itself: `x = v` sets x where
   the condition turned true, by a select on `fired`. What is added (`+=`) goes to the same units,
   but for terms that read `fired`: they say themselves whom they reach (`g += J @ fired`). With
   `stop` it ends the run. */
#include <string.h>

#include "lang/core.h"
#include "lang/network_body.h"

typedef struct Event {
  Body *b;
  const Line *line;
  Scope *sc;      /* with `fired` */
  Shape shape;    /* of the condition in one unit of the body */
  NodeId fired;   /* the graph input */
  Value *happens; /* `fired` as the body sees it */
} Event;

static Entry *assigned_state(Body *b, const Ast *s) {
  const Ast *path = s->kids[0];
  Entry *e = body_find(b, path->name);
  if (e && e->kind == ENTRY_STATE && !path->text) return e;
  Diag *d =
      body_report(b, E0518, ast_where(path), "an event sets states of `%s`, not `%s%s%s`",
                  b->decl->name, path->name, path->text ? "." : "", path->text ? path->text : "");
  const char *near = body_near(b, path->name, ENTRY_STATE);
  if (d && e)
    diag_note(b->tr->ev->diag, d, e->at, "`%s` is declared here", e->name);
  else if (d && near)
    diag_note(b->tr->ev->diag, d, ast_where(path), "did you mean `%s`?", near);
  return NULL;
}

/* The name must be that of nothing else, nor of an earlier event. */
static void check_name(Body *b, const Line *line) {
  const Ast *s = line->stmt;
  if (!s->name || !body_name_is_free(b, s->name, ast_name_where(s))) return;
  for (const Line *l = b->lines.at; l < line; l++) {
    if (l->stmt->kind != AST_WHEN || !l->stmt->name || strcmp(l->stmt->name, s->name) != 0)
      continue;
    Diag *d = body_report(b, E0203, ast_name_where(s), "`%s` is declared twice", s->name);
    if (d) diag_note(b->tr->ev->diag, d, ast_name_where(l->stmt), "it is declared here first");
    return;
  }
}

void event_attach(Body *b, const Line *line) {
  const Ast *block = line->stmt->kids[1];
  check_name(b, line);
  for (uint32_t i = 0; i < block->nkids; i++) {
    if (block->kids[i]->kind == AST_STOP) continue;
    Entry *e = assigned_state(b, block->kids[i]);
    if (!e) continue;
    e->by_event = true;
    for (uint32_t j = 0; j < i; j++)
      if (block->kids[j]->kind != AST_STOP && strcmp(block->kids[j]->kids[0]->name, e->name) == 0)
        body_report(b, E0518, ast_where(block->kids[i]), "`%s` is set twice in one event", e->name);
  }
}

/* ---- writing it into the system -------------------------------------------------------------- */

static bool fits_state(Event *v, const Entry *e, Value *x, const Ast *s) {
  Body *b = v->b;
  Ev *ev = b->tr->ev;
  Where at = ast_where(s->kids[1]);
  Shape joint;
  if (x->kind != V_ARRAY) {
    if (x->kind != V_ERROR && x->kind != V_UNKNOWN)
      body_report(b, E0521, at, "`%s` is set to a number, not to %s", e->full,
                  value_kind_name(ev, x));
    return false;
  }
  if (!dim_agree(x->dim, e->dim, ev->time, NULL))
    body_report(b, E0301, at, "`%s` is %s, but this is %s", e->full, dim_name(ev->arena, e->dim),
                dim_name(ev->arena, x->dim));
  else if (!shape_broadcast(value_shape(x), e->shape, &joint) || !shape_equal(joint, e->shape))
    body_report(b, E0521, at, "`%s` has the shape %s, but this has the shape %s", e->full,
                shape_text(ev->arena, e->shape), shape_text(ev->arena, value_shape(x)));
  else if (v->shape.rank && !shape_equal(v->shape, e->shape) && s->kind == AST_ASSIGN)
    body_report(
        b, E0518, ast_where(s),
        "the event has the shape %s, so that it cannot set `%s` of the shape %s for each unit",
        shape_text(ev->arena, v->shape), e->full, shape_text(ev->arena, e->shape));
  else
    return true;
  return false;
}

/* The state after the event, of all units; NODE_NONE: reported. */
static NodeId assigned_value(Event *v, Entry *e, const Ast *s) {
  Body *b = v->b;
  Ev *ev = b->tr->ev;
  Graph *g = b->tr->g;
  Where at = ast_where(s);
  Value *x = ev_dense(ev, ev_expr(ev, v->sc, s->kids[1]), at);
  if (!fits_state(v, e, x, s)) return NODE_NONE;
  Value *old = value_force(ev, e->inner, at);
  bool own =
      s->kind == AST_ADD && v->shape.rank && x->graph && graph_depends(g, v->fired, &x->node, 1);
  if (s->kind == AST_ADD) x = ev_op2(ev, OP_add, old, x, at);
  if (!own) x = ev_select(ev, v->happens, x, old, at);
  if (x->kind != V_ARRAY) return NODE_NONE;
  return body_whole(b, graph_broadcast(g, ev_node(ev, g, x), e->shape));
}

static bool open_event(Event *v) {
  Body *b = v->b;
  Ev *ev = b->tr->ev;
  Graph *g = b->tr->g;
  const Ast *s = v->line->stmt;
  Value *cond = ev_dense(ev, ev_expr(ev, v->line->scope, s->kids[0]), ast_where(s->kids[0]));
  if (cond->kind != V_ARRAY || !cond->logical) {
    if (cond->kind != V_ERROR && cond->kind != V_UNKNOWN)
      body_report(b, E0210, ast_where(s->kids[0]),
                  "the condition of an event is a comparison, not %s", value_kind_name(ev, cond));
    return false;
  }
  v->shape = value_shape(cond);
  if (v->shape.rank > 1) {
    body_report(b, E0518, ast_where(s->kids[0]),
                "the condition of an event is one, or one for each unit, not %s",
                shape_text(ev->arena, v->shape));
    return false;
  }
  g->at = ast_where(s);
  v->fired =
      graph_input(g, arena_printf(ev->arena, "%sfired", b->prefix), body_shape(b, v->shape), 0);
  v->happens = body_unit(b, value_node(ev, g, v->fired, DIM_ONE));
  v->happens->logical = true;
  v->sc = scope_new(ev, v->line->scope);
  scope_set(v->sc, "fired", v->happens);
  SysEvent *out = vec_push(ev->arena, &b->tr->sys->events);
  *out = (SysEvent){.fired = v->fired, .at = ast_where(s)};
  out->cond = body_whole(b, ev_node(ev, g, cond));
  out->units = shape_count(body_shape(b, v->shape));
  if (s->name) out->name = arena_printf(ev->arena, "%s%s", b->prefix, s->name);
  return true;
}

void event_finish(Body *b, const Line *line) {
  Event v = {.b = b, .line = line};
  if (!body_ready(b) || !open_event(&v)) {
    b->tr->failed = true;
    return;
  }
  const Ast *block = line->stmt->kids[1];
  SysEvent *out = &b->tr->sys->events.at[b->tr->sys->events.n - 1];
  out->state = ARENA_ARRAY(b->tr->ev->arena, int, block->nkids + 1);
  out->value = ARENA_ARRAY(b->tr->ev->arena, NodeId, block->nkids + 1);
  for (uint32_t i = 0; i < block->nkids; i++) {
    if (block->kids[i]->kind == AST_STOP) {
      out->stop = true;
      continue;
    }
    Entry *e = body_find(b, block->kids[i]->kids[0]->name);
    NodeId x = assigned_value(&v, e, block->kids[i]);
    if (x == NODE_NONE) b->tr->failed = true;
    out->state[out->nassign] = e->index;
    out->value[out->nassign++] = x;
  }
}
