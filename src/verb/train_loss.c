/* train_loss.c: losses and regularisers as functions of a whole batch. The masks have been
   normalised, so that a loss is a weighted sum: the mean over what counts in a trial, then over
   trials. The losses of several targets are added. */
#include "lang/arg.h"
#include "lang/core.h"
#include "lang/method.h"
#include "pass/pass.h"
#include "pass/rules.h"
#include "verb/train.h"

#include <string.h>

typedef struct Loss {
  Train *m;
  Graph *g;
  int trial; /* the loop of what is written for one trial; -1: not yet there */
  NodeId *out, *target, *mask, *weight;
} Loss;

static NodeId sum_all(Graph *g, NodeId x) {
  int64_t n = shape_count(graph_node(g, x)->shape);
  return rule_axis(g, OP_sum, rule_reshape(g, x, shape_vec(n)), 0);
}

/* ---- by name --------------------------------------------------------------------------------- */

static NodeId loss_mse(Graph *g, NodeId z, NodeId y, NodeId w) {
  NodeId error = rule_op2(g, OP_sub, z, y);
  return sum_all(g, rule_op2(g, OP_mul, w, rule_op2(g, OP_mul, error, error)));
}

/* A maximum margin for targets of -1 and 1. */
static NodeId loss_hinge(Graph *g, NodeId z, NodeId y, NodeId w) {
  NodeId margin = rule_op2(g, OP_sub, graph_num(g, 1), rule_op2(g, OP_mul, z, y));
  return sum_all(g, rule_op2(g, OP_mul, w, rule_op1(g, OP_relu, margin)));
}

/* Along the last axis: sum of y (log sum exp z - z). */
static NodeId loss_cross_entropy(Graph *g, NodeId z, NodeId y, NodeId w) {
  Shape s = graph_node(g, z)->shape, one = s;
  int last = s.rank - 1;
  one.n[last] = 1;
  NodeId top = rule_reshape(g, rule_axis(g, OP_max_of, z, last), one);
  NodeId sum = rule_axis(g, OP_sum, rule_op1(g, OP_exp, rule_op2(g, OP_sub, z, top)), last);
  NodeId log_sum = rule_op2(g, OP_add, rule_reshape(g, rule_op1(g, OP_log, sum), one), top);
  NodeId each = rule_op2(g, OP_mul, y, rule_op2(g, OP_sub, log_sum, z));
  return sum_all(
      g, rule_op2(g, OP_mul, rule_axis(g, OP_sum, w, last), rule_axis(g, OP_sum, each, last)));
}

static const struct {
  const char *name;
  NodeId (*loss)(Graph *g, NodeId z, NodeId y, NodeId w);
  bool classes; /* the last axis is that of classes */
} losses[] = {{"mse", loss_mse, false},
              {"hinge", loss_hinge, false},
              {"cross_entropy", loss_cross_entropy, true}};

enum { LOSSES = sizeof losses / sizeof *losses };

static NodeId named_loss(Loss *l, int which) {
  Train *m = l->m;
  NodeId sum = NODE_NONE;
  for (size_t i = 0; i < m->trials->targets.n; i++) {
    const Quantity *q = &m->out.at[i];
    if (losses[which].classes && (q->shape.rank == 0 || q->shape.n[q->shape.rank - 1] < 2)) {
      setup_report(&m->s, E0643, q->at,
                   "cross-entropy needs an output for each class, but `%s` has the shape %s",
                   q->name, shape_text(m->s.ev->arena, q->shape));
      return NODE_NONE;
    }
    NodeId loss = losses[which].loss(l->g, l->out[i], l->target[i], l->mask[i]);
    sum = sum == NODE_NONE ? loss : rule_op2(l->g, OP_add, sum, loss);
  }
  return sum;
}

/* ---- functions of one trial ------------------------------------------------------------------ */

/* [steps, batch, ...] as [steps, ...] of each trial. */
static NodeId of_trial(Loss *l, NodeId x) {
  int rank = graph_node(l->g, x)->shape.rank, perm[SHAPE_MAX_AXES] = {1, 0};
  for (int i = 2; i < rank; i++) perm[i] = i;
  if (l->trial < 0) l->trial = graph_add_loop(l->g, "trial", l->m->batch);
  return rule_unstack(l->g, rule_transpose(l->g, x, perm), l->trial);
}

static Value *trial_value(Loss *l, NodeId x, Dim d) {
  return value_node(l->m->s.ev, l->g, of_trial(l, x), d);
}

/* The mean over trials of what a function gives; NODE_NONE: reported. */
static NodeId call(Loss *l, Value *fn, Value *const *args, const char *what) {
  Train *m = l->m;
  Ev *ev = m->s.ev;
  Value *y = setup_traced(&m->s, l->g, fn, args, 2, m->s.c->at, what, E0643);
  if (!y) return NODE_NONE;
  y = ev_dense(ev, y, m->s.c->at);
  if (!value_is_array(y) || value_shape(y).rank != 0) {
    if (y->kind != V_ERROR && y->kind != V_UNKNOWN)
      setup_report(&m->s, E0643, m->s.c->at, "%s must give a number for each trial, not %s", what,
                   value_kind_name(ev, y));
    return NODE_NONE;
  }
  NodeId x = ev_node(ev, l->g, y);
  if (l->trial < 0 || !(graph_node(l->g, x)->loops >> l->trial & 1)) return x;
  NodeId sum = rule_axis(l->g, OP_sum, rule_stack(l->g, x, l->trial), 0);
  return rule_op2(l->g, OP_div, sum, graph_num(l->g, (double)m->batch));
}

/* Where a target does not count, the output is taken to be right. */
static NodeId user_loss(Loss *l) {
  Train *m = l->m;
  Ev *ev = m->s.ev;
  size_t n = m->trials->targets.n;
  Field *out = ARENA_ARRAY(ev->arena, Field, n + 1), *target = ARENA_ARRAY(ev->arena, Field, n + 1);
  for (size_t i = 0; i < n; i++) {
    const Quantity *q = &m->out.at[i];
    NodeId counts = rule_op1(l->g, OP_not, rule_op2(l->g, OP_eq, l->mask[i], graph_num(l->g, 0)));
    NodeId z = rule_op3(l->g, OP_select, counts, l->out[i], l->target[i]);
    out[i] = (Field){q->name, trial_value(l, z, q->dim)};
    target[i] = (Field){q->name, trial_value(l, l->target[i], q->dim)};
  }
  Value *args[] = {out[0].value, target[0].value};
  if (n > 1) {
    args[0] = record_nested(ev, NULL, out, (int)n);
    args[1] = record_nested(ev, NULL, target, (int)n);
  }
  return call(l, m->loss, args, "the loss");
}

static NodeId data_loss(Loss *l) {
  Value *v = l->m->loss;
  const char *name = v->kind == V_METHOD ? v->type : v->builtin ? v->builtin->name : NULL;
  if (v->kind == V_FUNCTION && !v->builtin) return user_loss(l);
  for (int i = 0; name && i < LOSSES; i++)
    if (strcmp(losses[i].name, name) == 0) return named_loss(l, i);
  setup_report(&l->m->s, E0643, l->m->s.c->at,
               "`loss` is mse, cross_entropy, hinge or a function of output and target, not %s",
               value_kind_name(l->m->s.ev, v));
  return NODE_NONE;
}

Value *train_weights_record(Train *m, Graph *g, const NodeId *weight) {
  Ev *ev = m->s.ev;
  const System *s = m->s.sys;
  Field *net = ARENA_ARRAY(ev->arena, Field, s->weights.n + 1);
  for (size_t i = 0; i < s->weights.n; i++) {
    const SysWeight *w = &s->weights.at[i];
    Value *entries = value_node(ev, g, weight[i], w->q.dim), *v = entries;
    if (w->pattern) {
      v = ARENA_NEW(ev->arena, Value);
      *v = (Value){.kind = V_SPARSE, .pattern = w->pattern, .entries = entries, .node = NODE_NONE};
    }
    net[i] = (Field){w->q.name, v};
  }
  return record_nested(ev, NULL, net, (int)s->weights.n);
}

static NodeId regularizer(Loss *l) {
  Train *m = l->m;
  Ev *ev = m->s.ev;
  Field *run = ARENA_ARRAY(ev->arena, Field, m->out.n + 1);
  int n = 0;
  for (size_t i = 0; i < m->out.n; i++) {
    bool seen = false;
    for (int k = 0; k < n; k++) seen = seen || strcmp(run[k].name, m->out.at[i].name) == 0;
    if (!seen) run[n++] = (Field){m->out.at[i].name, trial_value(l, l->out[i], m->out.at[i].dim)};
  }
  Value *args[] = {train_weights_record(m, l->g, l->weight), record_nested(ev, NULL, run, n)};
  return call(l, m->regularize, args, "`regularize`");
}

/* ---- the function ---------------------------------------------------------------------------- */

static NodeId add_rows(Loss *l, GraphFn *f, const Quantity *q) {
  Shape s = shape_concat(shape_mat(l->m->trials->steps, l->m->batch), q->shape);
  return f->in[f->nin++] = graph_input(l->g, q->name, s, 0);
}

static void open_inputs(Loss *l, GraphFn *f) {
  Train *m = l->m;
  const System *s = m->s.sys;
  size_t n = m->trials->targets.n;
  l->out = ARENA_ARRAY(m->arena, NodeId, m->out.n + 1);
  l->target = ARENA_ARRAY(m->arena, NodeId, n + 1);
  l->mask = ARENA_ARRAY(m->arena, NodeId, n + 1);
  l->weight = ARENA_ARRAY(m->arena, NodeId, s->weights.n + 1);
  for (size_t i = 0; i < m->out.n; i++) l->out[i] = add_rows(l, f, &m->out.at[i]);
  for (size_t i = 0; i < n; i++) l->target[i] = add_rows(l, f, &m->out.at[i]);
  for (size_t i = 0; i < n; i++) l->mask[i] = add_rows(l, f, &m->out.at[i]);
  for (size_t i = 0; m->regularize && i < s->weights.n; i++) {
    const SysWeight *w = &s->weights.at[i];
    l->weight[i] = f->in[f->nin++] = graph_input(l->g, w->q.name, w->value->shape, 0);
  }
}

/* Cotangents of the loss, or of the sum of loss and regulariser. */
static void derive(Loss *l, GraphFn *f, NodeId total) {
  Train *m = l->m;
  size_t nweights = m->regularize ? m->s.sys->weights.n : 0, n = m->out.n + nweights;
  NodeId *wrt = ARENA_ARRAY(m->arena, NodeId, n + 1), one = graph_num(l->g, 1);
  NodeId *cots = f->out + f->nout;
  memcpy(wrt, l->out, m->out.n * sizeof *wrt);
  memcpy(wrt + m->out.n, l->weight, nweights * sizeof *wrt);
  graph_vjp(l->g, &total, &one, 1, wrt, cots, (int)n);
  for (size_t i = 0; i < n; i++)
    if (cots[i] == NODE_NONE) cots[i] = rule_zeros(l->g, graph_node(l->g, wrt[i])->shape);
  f->nout += (int)n;
}

void train_read_loss(Train *m, int i) {
  m->loss = m->s.c->arg[i];
  if (arg_given(m->s.c, i)) return;
  m->loss = value_record(m->s.ev, "mse", 0);
  m->loss->kind = V_METHOD;
}

/* The loss and what `regularize` adds. NULL: reported. */
static GraphFn *loss_function(Loss *l) {
  Train *m = l->m;
  size_t room = 2 + 3 * m->out.n + m->s.sys->weights.n;
  GraphFn *f = graph_fn_new(m->arena, l->g, (int)room, (int)room);
  f->nin = f->nout = 0;
  open_inputs(l, f);
  if ((f->out[f->nout++] = data_loss(l)) == NODE_NONE) return NULL;
  if (m->regularize && (f->out[f->nout++] = regularizer(l)) == NODE_NONE) return NULL;
  return f;
}

static Loss new_loss(Train *m) {
  return (Loss){.m = m, .g = graph_new(m->arena), .trial = -1};
}

GraphFn *train_loss_value(Train *m) {
  Loss l = new_loss(m);
  return loss_function(&l);
}

GraphFn *train_loss(Train *m) {
  Loss l = new_loss(m);
  GraphFn *f = loss_function(&l);
  if (f) derive(&l, f, f->nout > 1 ? rule_op2(l.g, OP_add, f->out[0], f->out[1]) : f->out[0]);
  return f;
}
