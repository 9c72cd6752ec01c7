/* task_trace.c: a task as a graph of one trial. Its steps are a loop of the graph, `t` is the
   loop's index times dt, and phases are conditions on it. Names are lazy values, so that statements
   may stand in any order. A state is a placeholder at first; task_unroll.c puts its values there.
 */
#include <math.h>
#include <string.h>

#include "lang/core.h"
#include "lang/dist.h"
#include "lang/lazy.h"
#include "lang/task_body.h"
#include "pass/rules.h"
#include "run/random.h"

/* ---- names ----------------------------------------------------------------------------------- */

static const char *full_path(const TaskBody *b, const char *name) {
  return arena_printf(b->ev->arena, "%s.%s", b->task->path, name);
}

static bool item_shape(TaskName *n, Shape *s) {
  *s = SHAPE_SCALAR;
  return !(n->item->flags & AST_SHAPED) || ev_item_shape(n->body->ev, n->body->scope, n->item, s);
}

static Value *array_of(TaskName *n, Value *v, const Ast *x) {
  Ev *ev = n->body->ev;
  v = ev_dense(ev, v, ast_where(x));
  if (v->kind == V_ARRAY || v->kind == V_ERROR || v->kind == V_UNKNOWN) return v;
  return ev_error(ev, E0521, ast_where(x), "`%s` is a number or an array, not %s", n->name,
                  value_kind_name(ev, v));
}

static Value *drawn(TaskName *n, NodeId step) {
  TaskBody *b = n->body;
  Shape s;
  const Ast *x = n->item->kids[0];
  Value *dist = ev_expr(b->ev, b->scope, x);
  if (dist->kind == V_ERROR || dist->kind == V_UNKNOWN) return dist;
  if (!item_shape(n, &s)) return &VALUE_ERROR;
  uint64_t key = random_key(b->ev->seed, full_path(b, n->name));
  return array_of(n, dist_trace(b->ev, b->g, dist, s, key, step, b->trial, b->update, ast_where(x)),
                  x);
}

static Value *plain_value(TaskName *n) {
  TaskBody *b = n->body;
  Shape s;
  Value *v = ev_expr(b->ev, b->scope, n->item->kids[0]);
  if (v->kind == V_ERROR || !(n->item->flags & AST_SHAPED)) return v;
  return item_shape(n, &s) ? ev_shaped(b->ev, v, s, ast_where(n->item->kids[0])) : &VALUE_ERROR;
}

static Value *draw_value(TaskName *n) {
  TaskBody *b = n->body;
  Value *set = map_get(&b->task->set, n->name);
  Shape s;
  if (n->item->flags & AST_EVERY) return drawn(n, b->step);
  if (!set) return drawn(n, graph_num(b->g, 0));
  return item_shape(n, &s) ? ev_shaped(b->ev, set, s, n->at) : &VALUE_ERROR;
}

static Value *let_value(TaskName *n) {
  return n->item->flags & AST_DRAWN ? drawn(n, graph_num(n->body->g, 0)) : plain_value(n);
}

/* White noise over a step, of the size 1 / sqrt(dt). */
static Value *noise_value(TaskName *n) {
  TaskBody *b = n->body;
  Shape s;
  Dim d = DIM_ONE;
  if (!item_shape(n, &s)) return &VALUE_ERROR;
  OpAttr attr = {.axis = RANDOM_NORMAL, .n = s.rank};
  attr.key = random_key(b->ev->seed, full_path(b, n->name));
  memcpy(attr.i, s.n, sizeof s.n[0] * (size_t)s.rank);
  const NodeId in[] = {b->step, b->trial, b->update};
  NodeId x = graph_add(b->g, OP_random, in, 3, &attr);
  if (task_is_continuous(b->task)) dim_pow(dim_time(), -0.5, &d);
  return value_node(b->ev, b->g, rule_op2(b->g, OP_mul, x, graph_num(b->g, 1 / sqrt(b->dt))), d);
}

static Value *state_value(TaskName *n) {
  TaskBody *b = n->body;
  if (!n->item->kids[0])
    return ev_error(b->ev, E0523, n->at, "the state `%s` has no start", n->name);
  Value *v = n->item->flags & AST_DRAWN ? drawn(n, graph_num(b->g, 0)) : plain_value(n);
  v = array_of(n, v, n->item->kids[0]);
  if (v->kind != V_ARRAY) return v;
  n->start = ev_node(b->ev, b->g, v);
  if (graph_depends(b->g, b->step, &n->start, 1))
    return ev_error(b->ev, E0512, n->at, "the start of `%s` depends on the time", n->name);
  n->dim = v->dim.any ? DIM_ONE : v->dim;
  n->node = graph_input(b->g, n->name, value_shape(v), 0);
  return value_node(b->ev, b->g, n->node, n->dim);
}

static Value *phase_value(TaskName *n) {
  TaskBody *b = n->body;
  if (!task_phases(b, n->phase + 1)) return &VALUE_ERROR;
  const TaskPhase *p = &b->phases.at[n->phase];
  Value *r = value_record(b->ev, "phase", 2);
  NodeId dt = graph_num(b->g, b->dt);
  value_set(r, 0, "start", value_node(b->ev, b->g, rule_op2(b->g, OP_mul, p->start, dt), b->tdim));
  value_set(r, 1, "end", value_node(b->ev, b->g, rule_op2(b->g, OP_mul, p->end, dt), b->tdim));
  return r;
}

static Value *compute(Ev *ev, void *ctx) {
  TaskName *n = ctx;
  const char *path = ev->path;
  ev->path = full_path(n->body, n->name);
  Value *v = n->value_of(n);
  ev->path = path;
  return v;
}

static TaskName *add_name(TaskBody *b, const Ast *item, Value *(*value_of)(TaskName *)) {
  const char *name = item->name;
  TaskName *n = ARENA_NEW(b->ev->arena, TaskName), *first = map_get(&b->names, name);
  if (first || strcmp(name, "t") == 0) {
    ev_error(b->ev, E0203, ast_name_where(item), "`%s` is declared twice", name);
    b->failed = true;
    return NULL;
  }
  *n = (TaskName){.body = b, .name = name, .item = item, .at = ast_name_where(item)};
  n->value_of = value_of;
  n->node = n->start = n->next = NODE_NONE;
  map_set(&b->names, name, n);
  n->value = value_lazy(b->ev, name, n->at, compute, n);
  scope_set(b->scope, name, n->value);
  return n;
}

/* ---- statements ------------------------------------------------------------------------------ */

static bool refuse(TaskBody *b, const Ast *s) {
  ev_error(b->ev, E0515, ast_where(s), "%s %s cannot stand here in a task",
           ast_kind_article((AstKind)s->kind), ast_kind_name((AstKind)s->kind));
  b->failed = true;
  return false;
}

static void add_phase(TaskBody *b, const Ast *s) {
  TaskName *n = add_name(b, s, phase_value);
  if (!n) return;
  n->kind = AST_PHASE;
  n->phase = (int)b->phases.n;
  *vec_push(b->ev->arena, &b->phases) = (TaskPhase){.stmt = s};
}

static Value *channel_value(TaskName *n);

static Value *(*const of_items[AST_KINDS])(TaskName *) = {
    [AST_LET] = let_value,     [AST_DRAW] = draw_value,     [AST_STATE] = state_value,
    [AST_NOISE] = noise_value, [AST_INPUT] = channel_value, [AST_TARGET] = channel_value,
};

static void declare(TaskBody *b, const Ast *s) {
  switch ((AstKind)s->kind) {
    case AST_FN:
    case AST_EQUATION:
    case AST_NEXT:
    case AST_ASSIGN:
    case AST_MASK:
    case AST_SCORE: return; /* they declare nothing */
    case AST_PHASE: add_phase(b, s); return;
    case AST_LET:
    case AST_DRAW:
    case AST_STATE:
    case AST_NOISE:
    case AST_INPUT:
    case AST_TARGET: break;
    default: refuse(b, s); return;
  }
  for (uint32_t i = 0; i < s->nkids; i++) {
    if (s->kids[i]->kind != AST_ITEM && !refuse(b, s->kids[i])) continue;
    TaskName *n = add_name(b, s->kids[i], of_items[s->kind]);
    if (n) n->kind = (AstKind)s->kind;
  }
}

static TaskName *find(TaskBody *b, const Ast *s, const char *name, const char *what) {
  TaskName *n = map_get(&b->names, name);
  if (n && (n->kind == AST_STATE) == (s->kind == AST_NEXT || s->kind == AST_EQUATION) &&
      (n->kind == AST_STATE || n->kind == AST_TARGET ||
       (n->kind == AST_INPUT && s->kind != AST_MASK)))
    return n;
  ev_error(b->ev, E0504, ast_where(s), "`%s` is no %s of the task `%s`", name, what, b->task->name);
  b->failed = true;
  return NULL;
}

static void add_equation(TaskBody *b, const Ast *s) {
  TaskName *n = find(b, s, s->name, "state");
  if (!n) return;
  if (n->equation) {
    ev_error(b->ev, E0503, ast_where(s), "`%s` has two equations", n->name);
    b->failed = true;
  }
  n->equation = s;
}

static bool balances(TaskName *n, Dim left, const Value *v, const Ast *s) {
  if (dim_agree(left, v->dim, &n->body->time, NULL)) return true;
  Arena *a = n->body->ev->arena;
  ev_error(n->body->ev, E0507, ast_where(s),
           "the equation of `%s` does not balance: its left side is %s, its right side %s", n->name,
           dim_name(a, left), dim_name(a, v->dim));
  return false;
}

/* The next value of a state: of `dx/dt` by a step of Euler's method. */
static bool finish_state(TaskName *n) {
  TaskBody *b = n->body;
  Ev *ev = b->ev;
  const Ast *s = n->equation;
  if (!s) {
    ev_error(ev, E0501, n->at, "the state `%s` has no equation", n->name);
    return false;
  }
  bool flows = s->kind == AST_EQUATION;
  const Ast *right = s->kids[flows ? 1 : 0];
  Value *now = value_force(ev, n->value, n->at);
  Value *v = array_of(n, ev_expr(ev, b->scope, right), right), *c = NULL;
  if (now->kind != V_ARRAY || v->kind != V_ARRAY) return false;
  Dim left = flows ? dim_div(n->dim, b->tdim) : n->dim;
  if (flows && s->kids[0]) {
    c = array_of(n, ev_expr(ev, b->scope, s->kids[0]), s->kids[0]);
    if (c->kind != V_ARRAY) return false;
    left = dim_mul(c->dim, left);
  }
  if (!balances(n, left, v, s)) return false;
  if (c) v = ev_op2(ev, OP_div, v, c, ast_where(s));
  Value *shaped = v->kind == V_ARRAY ? ev_shaped(ev, v, value_shape(now), ast_where(s)) : v;
  if (shaped->kind != V_ARRAY) return false;
  n->next = ev_node(ev, b->g, shaped);
  if (flows)
    n->next =
        rule_op2(b->g, OP_add, n->node, rule_op2(b->g, OP_mul, n->next, graph_num(b->g, b->dt)));
  return true;
}

/* ---- channels -------------------------------------------------------------------------------- */

static NodeId spread(TaskBody *b, NodeId x, Shape s) {
  return rule_broadcast(b->g, x, s);
}

/* x where the condition holds, else y; NODE_NONE: it holds always. */
static NodeId choose(TaskBody *b, NodeId when, NodeId x, NodeId y, Shape s) {
  return when == NODE_NONE ? x : rule_op3(b->g, OP_select, spread(b, when, s), x, y);
}

static bool open_channel(TaskName *n) {
  TaskBody *b = n->body;
  if (!item_shape(n, &n->shape)) return false;
  if (!shape_known(n->shape)) {
    b->unknown = true;
    return false;
  }
  n->dim = DIM_ANY;
  n->given = n->node = rule_zeros(b->g, n->shape);
  n->weight = spread(b, graph_num(b->g, 1), n->shape);
  if (!n->item->kids[0]) return true;
  ev_error(b->ev, E0515, n->at, "the %s of a task is assigned: `%s = …`",
           n->kind == AST_INPUT ? "input" : "target", n->name);
  return false;
}

static bool value_for(TaskName *n, const Ast *x, bool weight, NodeId *out) {
  TaskBody *b = n->body;
  Ev *ev = b->ev;
  Value *v = array_of(n, ev_expr(ev, b->scope, x), x);
  if (v->kind == V_UNKNOWN) b->unknown = true;
  if (v->kind != V_ARRAY) return false;
  Dim want = weight ? DIM_ONE : n->dim;
  if (!dim_agree(want, v->dim, &b->time, weight ? NULL : &n->dim)) {
    ev_error(ev, E0521, ast_where(x), "`%s` is %s, but this is %s", n->name,
             dim_name(ev->arena, want), value_kind_name(ev, v));
    return false;
  }
  v = ev_shaped(ev, v, n->shape, ast_where(x));
  if (v->kind != V_ARRAY) return false;
  *out = ev_node(ev, b->g, v);
  return true;
}

static const char *assigned_name(const Ast *s) {
  return s->kind == AST_MASK ? s->name : s->kids[0]->name;
}

static bool assign(TaskName *n, const Ast *s, NodeId when) {
  TaskBody *b = n->body;
  bool weight = s->kind == AST_MASK;
  NodeId v;
  if (!value_for(n, s->kids[weight ? 0 : 1], weight, &v)) return false;
  if (weight) {
    n->weight = choose(b, when, v, n->weight, n->shape);
    return true;
  }
  NodeId one = spread(b, graph_num(b->g, 1), n->shape);
  n->node = choose(b, when, v, n->node, n->shape);
  n->given = choose(b, when, one, n->given, n->shape);
  return true;
}

static bool is_assignment(const Ast *s) {
  return s->kind == AST_ASSIGN || s->kind == AST_MASK;
}

static bool assign_block(TaskName *n, const Ast *block, NodeId when) {
  bool ok = true;
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    if (is_assignment(s) && strcmp(assigned_name(s), n->name) == 0) ok = assign(n, s, when) && ok;
  }
  return ok;
}

/* What stands in phases goes over what stands outside of them. */
static Value *channel_value(TaskName *n) {
  TaskBody *b = n->body;
  bool ok =
      open_channel(n) && assign_block(n, b->block, NODE_NONE) && task_phases(b, (int)b->phases.n);
  for (size_t i = 0; ok && i < b->phases.n; i++)
    ok = assign_block(n, b->phases.at[i].stmt->kids[1], b->phases.at[i].inside);
  if (ok) return value_node(b->ev, b->g, n->node, n->dim.any ? DIM_ONE : n->dim);
  return b->unknown ? &VALUE_UNKNOWN : &VALUE_ERROR;
}

static bool is_length(const TaskBody *b, const Ast *s) {
  return s->kind == AST_ASSIGN && strcmp(s->kids[0]->name, "length") == 0 &&
         !map_has(&b->names, "length");
}

/* What is assigned is an input or a target. */
static bool check_block(TaskBody *b, const Ast *block, bool phase) {
  bool ok = true;
  for (uint32_t i = 0; i < block->nkids; i++) {
    const Ast *s = block->kids[i];
    bool length = !phase && is_length(b, s);
    if (is_assignment(s) && !length)
      ok = find(b, s, assigned_name(s), s->kind == AST_MASK ? "target" : "input or target") && ok;
    else if (phase)
      ok = refuse(b, s);
  }
  return ok;
}

static bool check_assignments(TaskBody *b) {
  bool ok = check_block(b, b->block, false);
  for (size_t i = 0; i < b->phases.n; i++)
    ok = check_block(b, b->phases.at[i].stmt->kids[1], true) && ok;
  return ok;
}

/* ---- lengths --------------------------------------------------------------------------------- */

static bool whole_steps(TaskBody *b, const Ast *x, NodeId *steps) {
  Ev *ev = b->ev;
  Value *v = ev_expr(ev, b->scope, x);
  if (v->kind == V_UNKNOWN || (v->kind == V_ARRAY && !shape_known(value_shape(v)))) {
    b->unknown = true;
    return false;
  }
  if (v->kind == V_ERROR) return false;
  if (!value_is_scalar(v) || !dim_agree(v->dim, b->tdim, &b->time, NULL)) {
    bool steps_only = b->time == TIME_PLAIN;
    Diag *d = ev_report(ev, E0521, ast_where(x), "the length of a phase or a trial is %s, not %s",
                        steps_only ? "a number of steps" : "a time", value_kind_name(ev, v));
    if (steps_only)
      diag_note(ev->diag, d, ast_where(x),
                "with `dt = 1 ms` in the verb, lengths are times for a map, too");
    return false;
  }
  if (value_is_known(v) && v->tensor->data[0] < 0) {
    ev_error(ev, E0220, ast_where(x), "the length of a phase or a trial must not be negative: %s",
             value_text(ev, v));
    return false;
  }
  NodeId n = rule_op2(b->g, OP_div, ev_node(ev, b->g, v), graph_num(b->g, b->dt));
  *steps = rule_op2(b->g, OP_maximum, rule_op1(b->g, OP_round, n), graph_num(b->g, 0));
  return true;
}

bool task_phases(TaskBody *b, int n) {
  Graph *g = b->g;
  if (b->failed) return false;
  for (int i = b->nopen; i < n; i++) {
    TaskPhase *p = &b->phases.at[i];
    NodeId steps;
    if (!whole_steps(b, p->stmt->kids[0], &steps)) {
      b->failed = !b->unknown;
      return false;
    }
    p->start = i ? b->phases.at[i - 1].end : graph_num(g, 0);
    p->end = rule_op2(g, OP_add, p->start, steps);
    p->inside = rule_op2(g, OP_and, rule_op2(g, OP_le, p->start, b->step),
                         rule_op2(g, OP_lt, b->step, p->end));
    b->nopen = i + 1;
  }
  return true;
}

static const Ast *length_of(const TaskBody *b) {
  for (uint32_t i = 0; i < b->block->nkids; i++)
    if (is_length(b, b->block->kids[i])) return b->block->kids[i]->kids[1];
  return NULL;
}

static bool find_length(TaskBody *b) {
  Ev *ev = b->ev;
  const Ast *x = length_of(b);
  Where at = ast_name_where(b->task->decl);
  if (x && b->phases.n) {
    ev_error(ev, E0515, ast_where(x), "the phases say how long a trial is");
    return false;
  }
  if (!x && !b->phases.n) {
    ev_error(ev, E0515, at, "the task `%s` says nowhere how long a trial is: write `length = …`",
             b->task->name);
    return false;
  }
  if (x ? !whole_steps(b, x, &b->length) : !task_phases(b, (int)b->phases.n)) return false;
  if (!x) b->length = b->phases.at[b->phases.n - 1].end;
  double most = task_most(b->g, b->length), fixed;
  b->varies = !task_is_fixed(b->g, b->length, &fixed);
  if (b->varies && ev->rehearse && isnan(most)) {
    b->steps = EXTENT_UNKNOWN;
    return true;
  }
  if (most >= 1 && most < 1e9) {
    b->steps = (int64_t)most;
    return true;
  }
  ev_error(ev, E0225, x ? ast_where(x) : at,
           most < 1 ? "a trial of `%s` has no step"
                    : "no bound is known to the length of trials of `%s`: use `minimum(…, most)`",
           b->task->name);
  return false;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static bool finish_names(TaskBody *b) {
  bool ok = true;
  for (size_t i = 0; i < b->names.n; i++) {
    TaskName *n = b->names.items[i].value;
    const Value *v = value_force(b->ev, n->value, n->at);
    if (v->kind == V_ERROR) ok = false;
    if (v->kind == V_UNKNOWN) b->unknown = true;
    if (n->kind == AST_STATE) ok = ok && !b->unknown && finish_state(n);
  }
  return ok;
}

static bool read_body(TaskBody *b) {
  for (uint32_t i = 0; i < b->block->nkids; i++) declare(b, b->block->kids[i]);
  hoist(b->ev, b->scope, b->block);
  for (uint32_t i = 0; i < b->block->nkids; i++) {
    AstKind kind = (AstKind)b->block->kids[i]->kind;
    if (kind == AST_NEXT || kind == AST_EQUATION) add_equation(b, b->block->kids[i]);
  }
  return !b->failed && check_assignments(b) && finish_names(b) && !b->unknown && find_length(b) &&
         task_check_scores(b);
}

static void open_graph(TaskBody *b, int64_t steps) {
  Graph *g = b->g = graph_new(b->ev->arena);
  b->update = graph_input(g, "update", SHAPE_SCALAR, 0);
  b->trial = graph_input(g, "trial", SHAPE_SCALAR, 0);
  b->loop = graph_add_loop(g, "step", steps);
  b->step = graph_iota(g, b->loop);
  NodeId t = rule_op2(g, OP_mul, b->step, graph_num(g, b->dt));
  scope_set(b->scope, "t", value_node(b->ev, g, t, b->tdim));
  for (int i = 0; i < b->task->nargs; i++)
    scope_set(b->scope, b->task->args[i].name, b->task->args[i].value);
}

bool task_is_continuous(const Task *task) {
  const Ast *block = task->decl->kids[task->decl->nkids - 1];
  for (uint32_t i = 0; i < block->nkids; i++)
    if (block->kids[i]->kind == AST_EQUATION) return true;
  return false;
}

/* Reads the whole task, with a loop of so many steps. */
static bool trace(TaskBody *b, int64_t steps, Where at) {
  Ev *ev = b->ev;
  b->scope = scope_new(ev, b->task->scope);
  map_init(&b->names, ev->arena);
  Ev saved = *ev;
  open_graph(b, steps);
  b->g->at = at;
  ev_trace_begin(ev, b->g, &b->time);
  bool ok = read_body(b);
  ev_trace_end(ev, &saved);
  return ok;
}

/* Only the text says how many steps there are: it is read once to find out. */
Trials *task_trials(Ev *ev, Task *task, double dt, TimeKind time, Where at) {
  TaskBody start = {.ev = ev, .task = task, .dt = dt, .time = time}, b;
  start.tdim = dim_resolve(dim_time(), time);
  start.block = task->decl->kids[task->decl->nkids - 1];
  b = start;
  if (!trace(&b, 1, at)) return NULL;
  int64_t steps = b.steps;
  b = start;
  if (!trace(&b, steps, at)) return NULL;
  account_task(ev, (TaskUse){task, dt, time, at, .ran = !ev->rehearse});
  return task_finish(&b);
}
