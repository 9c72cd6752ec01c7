/* sim_blame.c: which operation made the first number that is not finite. All nodes of the vector
   field are computed at the last good state; from the derivative that is not finite the way leads
   back through arguments that are not, to an operation whose arguments all are, or to a constant:
   then it is asked which name of the network or the file has such a value. */
#include <math.h>
#include <string.h>

#include "lang/network.h"
#include "verb/sim.h"

typedef struct Blame {
  Sim *m;
  GraphFn *f;
  double **value; /* of each node that is needed, in its layout; else NULL */
} Blame;

/* A node is laid out with its loops as leading axes, the first outermost. */
static Shape layout(const Graph *g, const Node *x) {
  Shape s = {.rank = 0};
  for (int k = 0; k < g->nloops; k++)
    if (x->loops >> k & 1) s.n[s.rank++] = g->loops[k].extent;
  return shape_concat(s, x->shape);
}

static int loops_of(const Node *x) {
  return __builtin_popcountll(x->loops);
}

static int64_t count_of(const Graph *g, const Node *x) {
  return shape_count(layout(g, x));
}

/* All loops of a node as axes. */
static NodeId stacked(Graph *g, NodeId n) {
  for (int k = g->nloops - 1; k >= 0; k--)
    if (graph_node(g, n)->loops >> k & 1) n = graph_stack(g, n, k);
  return n;
}

/* False: the layouts have too many axes, or all values together too many numbers. */
static bool fits(const Blame *b, const uint8_t *live, NodeId n) {
  double count = 0;
  for (NodeId i = 0; i < n; i++) {
    const Node *x = graph_node(b->f->g, i);
    if (!live[i]) continue;
    if (loops_of(x) + x->shape.rank > SHAPE_MAX_AXES) return false;
    count += (double)count_of(b->f->g, x);
  }
  return mem_fits(2 * count, sizeof(double));
}

static bool compute(Blame *b, double t, int64_t lane, double *const *x) {
  Graph *g = b->f->g;
  Arena *a = b->m->arena;
  NodeId n = (NodeId)g->nodes.n;
  uint8_t *live = graph_live(g, b->f->out, b->f->nout);
  GraphFn all = {.g = g, .in = b->f->in, .nin = b->f->nin, .out = ARENA_ARRAY(a, NodeId, n)};
  double **out = ARENA_ARRAY(a, double *, n);
  bool ok = fits(b, live, n);
  b->value = ARENA_ARRAY(a, double *, n);
  for (NodeId i = 0; i < n && ok; i++) {
    if (!live[i]) continue;
    b->value[i] = out[all.nout] = ARENA_ARRAY(a, double, count_of(g, graph_node(g, i)) + 1);
    all.out[all.nout++] = stacked(g, i);
  }
  mem_free(live);
  if (!ok) return false;
  SimProgram *p = sim_plan(b->m, &all, 1);
  sim_at_lane(b->m, p, t, lane, x);
  return program_run(p->p, p->in, (void *const *)out).code == STATUS_OK;
}

/* The place in argument `in` that element `at` of an elementwise node x reads. */
static int64_t read_place(const Graph *g, const Node *x, const Node *in, int64_t at) {
  Shape s = layout(g, x), from = layout(g, in);
  int64_t index[SHAPE_MAX_AXES] = {0}, place = 0;
  for (int k = s.rank - 1; k >= 0; k--) {
    index[k] = at % s.n[k];
    at /= s.n[k];
  }
  int own = 0, axis = 0; /* the loops of x, and those that the argument has too */
  for (int k = 0; k < g->nloops; k++) {
    bool has = x->loops >> k & 1, reads = in->loops >> k & 1;
    if (reads) place = place * from.n[axis++] + index[own];
    own += has;
  }
  for (; axis < from.rank; axis++) {
    int64_t i = index[s.rank - from.rank + axis];
    place = place * from.n[axis] + (from.n[axis] == 1 ? 0 : i);
  }
  return place;
}

/* Element of argument k that element `at` of node x reads and that is not finite; -1: there is
   none. Of an operation that is not elementwise any element counts. */
static int64_t bad_argument(const Blame *b, const Node *x, int k, int64_t at) {
  const Graph *g = b->f->g;
  const Node *in = graph_node(g, x->in[k]);
  const double *value = b->value[x->in[k]];
  if (op_table[x->op].flags & OP_ELEMENTWISE) {
    int64_t place = read_place(g, x, in, at);
    return isfinite(value[place]) ? -1 : place;
  }
  for (int64_t i = 0; i < count_of(g, in); i++)
    if (!isfinite(value[i])) return i;
  return -1;
}

static const char *symbol(OpId op) {
  static const struct {
    OpId op;
    const char *text;
  } symbols[] = {{OP_add, "+"}, {OP_sub, "-"}, {OP_mul, "*"}, {OP_div, "/"}, {OP_pow, "^"}};
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
    if (symbols[i].op == op) return symbols[i].text;
  return NULL;
}

static const char *number_text(Arena *a, double x) {
  return isnan(x) ? "not a number" : isinf(x) ? "infinite" : arena_printf(a, "%.6g", x);
}

/* "log(-0.12) is not a number" */
static const char *operation(const Blame *b, NodeId n, int64_t at) {
  const Graph *g = b->f->g;
  const Node *x = graph_node(g, n);
  Arena *a = b->m->s.ev->arena;
  const char *result = number_text(a, b->value[n][at]), *name = op_table[x->op].name;
  if (x->op == OP_input) return arena_printf(a, "`%s` is %s", x->name, result);
  if (x->nin == 0 || !(op_table[x->op].flags & OP_ELEMENTWISE))
    return arena_printf(a, "the result here is %s", result);
  const char *args = "";
  for (int k = 0; k < x->nin; k++) {
    double v = b->value[x->in[k]][read_place(g, x, graph_node(g, x->in[k]), at)];
    const char *sep = k == 0 ? "" : symbol(x->op) ? arena_printf(a, " %s ", symbol(x->op)) : ", ";
    const char *arg = arena_printf(a, v < 0 && k > 0 && symbol(x->op) ? "(%g)" : "%g", v);
    args = arena_printf(a, "%s%s%s", args, sep, arg);
  }
  if (symbol(x->op)) return arena_printf(a, "%s is %s", args, result);
  return arena_printf(a, "%s(%s) is %s", name, args, result);
}

/* ---- constants ------------------------------------------------------------------------------- */

/* Is there a number in it that is not finite: one like `bad`? */
static bool tensor_has(const Tensor *x, double bad) {
  if (!x || !x->data) return false;
  for (int64_t i = 0; i < shape_count(x->shape); i++)
    if (isnan(bad) ? isnan(x->data[i]) : isinf(x->data[i])) return true;
  return false;
}

static bool value_has(const Value *v, double bad) {
  if (v && v->kind == V_SPARSE) v = v->entries;
  return v && v->kind == V_ARRAY && tensor_has(v->tensor, bad);
}

/* The first of a network's arguments, constants and weights, then of the names of its file. */
static SimBlame find_constant(const Sim *m, double bad) {
  const Network *net = m->s.net->network;
  Arena *a = m->s.ev->arena;
  const char *what = number_text(a, bad), *of = m->s.sys->name;
  for (int i = 0; i < net->nargs; i++)
    if (value_has(net->args[i].value, bad))
      return (SimBlame){net->args[i].value->at, true,
                        arena_printf(a, "`%s` of `%s` is %s", net->args[i].name, of, what)};
  for (size_t i = 0; i < net->constants.n; i++) {
    const MapItem *c = &net->constants.items[i];
    if (value_has(c->value, bad))
      return (SimBlame){((const Value *)c->value)->at, true,
                        arena_printf(a, "`%s` of `%s` is %s", c->key, of, what)};
  }
  for (size_t i = 0; i < m->s.sys->weights.n; i++) {
    const SysWeight *w = &m->s.sys->weights.at[i];
    if (tensor_has(w->value, bad))
      return (SimBlame){w->q.at, true,
                        arena_printf(a, "the weights `%s` hold what is %s", w->q.name, what)};
  }
  for (const Scope *sc = net->scope; sc && sc != m->s.ev->builtins; sc = sc->up)
    for (size_t i = 0; i < sc->names.n; i++)
      if (value_has(sc->names.items[i].value, bad))
        return (SimBlame){((const Value *)sc->names.items[i].value)->at, true,
                          arena_printf(a, "`%s` is %s", sc->names.items[i].key, what)};
  return (SimBlame){.text = NULL};
}

/* ---- the way back ---------------------------------------------------------------------------- */

/* The node, and its element, at the end of the way back from an output. */
static NodeId walk_back(const Blame *b, NodeId n, int64_t *at) {
  for (bool deeper = true; deeper;) {
    const Node *node = graph_node(b->f->g, n);
    deeper = false;
    for (int k = 0; k < node->nin && !deeper; k++) {
      int64_t place = bad_argument(b, node, k, *at);
      if (place < 0) continue;
      deeper = true;
      n = node->in[k];
      *at = place;
    }
  }
  return n;
}

SimBlame sim_blame(Sim *m, double t, int64_t lane, double *const *x, int state, int64_t unit) {
  SystemFnOptions o = {.draw = m->s.fixed, .dt = m->s.dt, .halvings = m->halvings};
  Blame b = {.m = m, .f = system_fn(m->arena, m->s.sys, &o)};
  SimBlame none = {.text = NULL};
  int64_t at = unit;
  if (!compute(&b, t, lane, x)) return none;
  if (isfinite(b.value[b.f->out[state]][at])) return none;
  NodeId n = walk_back(&b, b.f->out[state], &at);
  const Node *node = graph_node(b.f->g, n);
  if (node->nin == 0 && node->op != OP_input) {
    SimBlame constant = find_constant(m, b.value[n][at]);
    if (constant.text) return constant;
  }
  bool si = m->s.sys->time == TIME_SECONDS;
  const char *text = operation(&b, n, at);
  if (si) text = arena_printf(m->s.ev->arena, "%s (in SI units)", text);
  return (SimBlame){node->at.src ? node->at : m->s.sys->states.at[state].eq_at, false, text};
}
