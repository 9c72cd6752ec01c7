/* task_unroll.c: from the graph of a step of a task to that of a trial: states are computed step
   after step, everything else for all steps at once. */
#include <math.h>

#include "lang/lazy.h"
#include "lang/task_body.h"
#include "pass/rebuild.h"
#include "pass/rules.h"
#include "run/random.h"

/* ---- bounds of what is drawn ----------------------------------------------------------------- */

typedef struct Range {
  double lo, hi;
} Range;

static const Range UNBOUNDED = {NAN, NAN};

static Range of_numbers(const Tensor *t) {
  if (!t->data) return UNBOUNDED;
  Range r = {INFINITY, -INFINITY};
  for (int64_t i = 0; i < shape_count(t->shape); i++) {
    r.lo = fmin(r.lo, t->data[i]);
    r.hi = fmax(r.hi, t->data[i]);
  }
  return r;
}

static Range of_products(Range a, Range b) {
  double p[] = {a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi};
  return (Range){fmin(fmin(p[0], p[1]), fmin(p[2], p[3])),
                 fmax(fmax(p[0], p[1]), fmax(p[2], p[3]))};
}

static Range of_draw(const Graph *g, const Node *n) {
  if (n->attr->axis == RANDOM_UNIFORM || n->attr->axis == RANDOM_BETA) return (Range){0, 1};
  if (n->attr->axis != RANDOM_CHOICE) return UNBOUNDED;
  return (Range){0, (double)shape_count(graph_node(g, n->in[3])->shape) - 1};
}

/* The least and the largest value of a node, by interval arithmetic (Moore 1966). */
static Range range_of(const Graph *g, NodeId id) {
  const Node *n = graph_node(g, id);
  Range a = n->nin && n->op != OP_random ? range_of(g, n->in[0]) : UNBOUNDED;
  Range b = n->nin > 1 && n->op != OP_random ? range_of(g, n->in[1]) : UNBOUNDED;
  switch (n->op) {
    case OP_const: return of_numbers(n->attr->p);
    case OP_random: return of_draw(g, n);
    case OP_broadcast:
    case OP_reshape:
    case OP_gather: return a;
    case OP_round: return (Range){nearbyint(a.lo), nearbyint(a.hi)};
    case OP_floor: return (Range){floor(a.lo), floor(a.hi)};
    case OP_ceil: return (Range){ceil(a.lo), ceil(a.hi)};
    case OP_neg: return (Range){-a.hi, -a.lo};
    case OP_add: return (Range){a.lo + b.lo, a.hi + b.hi};
    case OP_sub: return (Range){a.lo - b.hi, a.hi - b.lo};
    case OP_mul: return isnan(a.lo + b.lo) ? UNBOUNDED : of_products(a, b);
    case OP_div:
      if (isnan(a.lo) || !(b.lo > 0 || b.hi < 0)) return UNBOUNDED;
      return of_products(a, (Range){1 / b.hi, 1 / b.lo});
    case OP_lt:
    case OP_le:
    case OP_eq: return (Range){0, 1};
    /* fmin and fmax take the bound that there is: the other may be anything. */
    case OP_minimum:
      return (Range){isnan(a.lo + b.lo) ? -INFINITY : fmin(a.lo, b.lo), fmin(a.hi, b.hi)};
    case OP_maximum: return (Range){fmax(a.lo, b.lo), isnan(a.hi + b.hi) ? NAN : fmax(a.hi, b.hi)};
    case OP_select:
      a = range_of(g, n->in[2]);
      return isnan(a.lo + b.lo) ? UNBOUNDED : (Range){fmin(a.lo, b.lo), fmax(a.hi, b.hi)};
    default: return UNBOUNDED;
  }
}

double task_most(const Graph *g, NodeId n) {
  return range_of(g, n).hi;
}

bool task_is_fixed(const Graph *g, NodeId n, double *x) {
  Range r = range_of(g, n);
  *x = r.lo;
  return r.lo == r.hi;
}

/* ---- states ---------------------------------------------------------------------------------- */

typedef VEC(TaskName *) Names;

static Names names_of(TaskBody *b, AstKind kind) {
  Names out = {0};
  for (size_t i = 0; i < b->names.n; i++) {
    TaskName *n = b->names.items[i].value;
    if (n->kind == kind) *vec_push(b->ev->arena, &out) = n;
  }
  return out;
}

static NodeId joined_rows(TaskBody *b, Graph *to, NodeId *rows) {
  OpAttr attr = {.axis = 0};
  Shape s = shape_concat(shape_vec(1), graph_node(to, rows[0])->shape);
  for (int64_t k = 0; k < b->steps; k++) rows[k] = rule_reshape(to, rows[k], s);
  return b->steps == 1 ? rows[0] : graph_add(to, OP_concat, rows, (int)b->steps, &attr);
}

/* What stands in the graph `to` for the inputs of a step: these nodes, then the states. */
enum { MAP_UPDATE, MAP_TRIAL, MAP_STEP, MAP_STATES };

/* The values of all states in each step, as elements of the loop over steps. */
static void unroll(TaskBody *b, Graph *to, const Names *states, const NodeId *from, NodeId *map) {
  Arena *a = b->ev->arena;
  int n = (int)states->n;
  NodeId **rows = ARENA_ARRAY(a, NodeId *, n + 1);
  NodeId *next = ARENA_ARRAY(a, NodeId, n + 1), *x = ARENA_ARRAY(a, NodeId, n + 1);
  for (int i = 0; i < n; i++) {
    rows[i] = ARENA_ARRAY(a, NodeId, b->steps + 1);
    x[i] = states->at[i]->start;
    next[i] = states->at[i]->next;
  }
  graph_copy(to, b->g, from, map, MAP_STEP, NULL, x, x, n);
  for (int64_t k = 0; k < b->steps; k++) {
    map[MAP_STEP] = graph_num(to, (double)k);
    for (int i = 0; i < n; i++) map[MAP_STATES + i] = rows[i][k] = x[i];
    graph_copy(to, b->g, from, map, MAP_STATES + n, NULL, next, x, n);
  }
  map[MAP_STEP] = graph_iota(to, b->loop);
  for (int i = 0; i < n; i++)
    map[MAP_STATES + i] = rule_unstack(to, joined_rows(b, to, rows[i]), b->loop);
}

/* In rehearsal, whose graph is never run: something of a state's shape. */
static NodeId stand_in(Graph *to, const TaskName *state) {
  return graph_input(to, state->name, graph_node(state->body->g, state->node)->shape, 0);
}

/* ---- the function ---------------------------------------------------------------------------- */

static TrialChannel channel(const TaskBody *b, const TaskName *n, Shape s, Dim d) {
  return (TrialChannel){.name = n->name, .shape = s, .dim = dim_resolve(d, b->time), .at = n->at};
}

/* 0 in the pad. */
static NodeId padded(TaskBody *b, NodeId x) {
  if (!b->varies) return x;
  Graph *g = b->g;
  Shape s = graph_node(g, x)->shape;
  NodeId counts = rule_op2(g, OP_lt, b->step, b->length);
  return rule_op3(g, OP_select, rule_broadcast(g, counts, s), x, rule_zeros(g, s));
}

static void add_channels(TaskBody *b, Trials *t, NodeId *out) {
  Arena *a = b->ev->arena;
  Names inputs = names_of(b, AST_INPUT), targets = names_of(b, AST_TARGET);
  int n = 0;
  for (size_t i = 0; i < inputs.n; i++) {
    *vec_push(a, &t->inputs) = channel(b, inputs.at[i], inputs.at[i]->shape, inputs.at[i]->dim);
    out[n++] = padded(b, inputs.at[i]->node);
  }
  for (size_t i = 0; i < targets.n; i++) {
    *vec_push(a, &t->targets) = channel(b, targets.at[i], targets.at[i]->shape, targets.at[i]->dim);
    out[n++] = padded(b, targets.at[i]->node);
  }
  for (size_t i = 0; i < targets.n; i++)
    out[n++] = padded(b, rule_op2(b->g, OP_mul, targets.at[i]->given, targets.at[i]->weight));
  out[n] = b->length;
}

/* Draws of a trial: what they were. */
static void add_extras(TaskBody *b, Trials *t, NodeId *out) {
  Names draws = names_of(b, AST_DRAW);
  for (size_t i = 0; i < draws.n; i++) {
    const TaskName *n = draws.at[i];
    if (n->item->flags & AST_EVERY) continue;
    Value *v = value_force(b->ev, n->value, n->at);
    *out++ = ev_node(b->ev, b->g, v);
    *vec_push(b->ev->arena, &t->extras) = channel(b, n, value_shape(v), v->dim);
  }
}

/* Where each phase lies. */
static int add_phases(TaskBody *b, Trials *t, NodeId *out, int n) {
  for (size_t i = 0; i < b->phases.n; i++) {
    *vec_push(b->ev->arena, &t->phases) = (TrialPhase){b->phases.at[i].stmt->name};
    out[n++] = b->phases.at[i].start;
    out[n++] = b->phases.at[i].end;
  }
  return n;
}

/* What there is for each step: the loop over steps becomes the leading axis. */
static void stack_rows(TaskBody *b, Trials *t) {
  NodeId *out = t->f->out;
  for (int i = 0; i < trials_length(t); i++) out[i] = rule_stack(t->f->g, out[i], b->loop);
  for (int i = 0; i < (int)t->reads.n; i++)
    if (t->reads.at[i].by_step)
      out[trials_read(t, i)] = rule_stack(t->f->g, out[trials_read(t, i)], b->loop);
}

Trials *task_finish(TaskBody *b) {
  Arena *a = b->ev->arena;
  Trials *t = ARENA_NEW(a, Trials);
  *t = (Trials){.name = b->task->name, .steps = b->steps, .varies = b->varies};
  NodeId *out = ARENA_ARRAY(a, NodeId, 7 * b->names.n + 2 * b->block->nkids + 3);
  add_channels(b, t, out);
  add_extras(b, t, out + trials_length(t) + 1);
  int nout = task_add_scores(b, t, out, trials_extra(t, (int)t->extras.n));
  nout = add_phases(b, t, out, nout);
  Names states = names_of(b, AST_STATE);
  Graph *to = graph_new(a);
  NodeId *from = ARENA_ARRAY(a, NodeId, MAP_STATES + states.n);
  NodeId *map = ARENA_ARRAY(a, NodeId, MAP_STATES + states.n);
  from[MAP_UPDATE] = b->update, from[MAP_TRIAL] = b->trial, from[MAP_STEP] = b->step;
  for (size_t i = 0; i < states.n; i++) from[MAP_STATES + i] = states.at[i]->node;
  rebuild_copy_loops(to, b->g);
  t->f = graph_fn_new(a, to, 2, nout);
  t->f->in[0] = map[MAP_UPDATE] = graph_input(to, "update", SHAPE_SCALAR, 0);
  t->f->in[1] = map[MAP_TRIAL] = graph_input(to, "trial", SHAPE_SCALAR, 0);
  map[MAP_STEP] = graph_iota(to, b->loop);
  if (b->ev->rehearse)
    for (size_t i = 0; i < states.n; i++) map[MAP_STATES + i] = stand_in(to, states.at[i]);
  else if (states.n)
    unroll(b, to, &states, from, map);
  graph_copy(to, b->g, from, map, MAP_STATES + (int)states.n, NULL, out, t->f->out, nout);
  stack_rows(b, t);
  return t;
}
