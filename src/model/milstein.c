/* milstein.c: which noise has a meaning, what Milstein's method adds to a step of Euler and
   Maruyama, and which networks it can integrate (Kloeden & Platen, Numerical Solution of Stochastic
   Differential Equations (1992), section 10.3: equation 3.12 for diagonal noise). A noise may stand
   with any constant factor, for which nothing is added. A factor that depends on states must depend
   on the very element that it drives, and no other noise may drive that element: then no double
   integrals of two noises occur.
 */
#include "model/place.h"
#include "pass/pass.h"

/* How a node depends on another. */
enum { APART, BY_ELEMENT, MIXED };

static bool keeps_elements(const Node *x) {
  bool moves = x->op == OP_stack || x->op == OP_unstack || x->op == OP_broadcast ||
               x->op == OP_reshape || (op_table[x->op].flags & OP_ELEMENTWISE);
  return moves && (x->loops & (x->loops - 1)) == 0; /* two loops may change places */
}

static int dependence(Arena *a, const Graph *g, NodeId on, NodeId of) {
  if (of < on) return APART;
  uint8_t *how = arena_alloc(a, (size_t)of + 1);
  how[on] = BY_ELEMENT;
  for (NodeId i = on + 1; i <= of; i++) {
    const Node *x = graph_node(g, i);
    for (int k = 0; k < x->nin; k++)
      if (how[x->in[k]] > how[i]) how[i] = how[x->in[k]];
    if (how[i] != APART && !keeps_elements(x)) how[i] = MIXED;
  }
  return how[of];
}

static NodeId ones_like(Graph *g, NodeId x) {
  return graph_broadcast(g, graph_num(g, 1), graph_node(g, x)->shape);
}

/* A System's field as a function, and the noise that reaches one of its derivatives. */
typedef struct Field {
  Arena *a;
  const System *s;
  GraphFn *f;
  const NodeId *x, *noise;
} Field;

/* Why the factor `slope` of noise j in the derivative of state i does not suit; NULL: it does. */
static const char *factor_fault(const Field *v, Arena *text, int i, int j, NodeId slope) {
  const System *s = v->s;
  const char *name = s->states.at[i].q.name, *noise = s->noises.at[j].q.name;
  Graph *g = v->f->g;
  if (dependence(v->a, g, v->noise[j], v->f->out[i]) == MIXED)
    return arena_printf(text, "a sum or product mixes the elements of `%s` on the way to `%s`",
                        noise, name);
  for (int k = 0; k < (int)s->states.n; k++)
    if (k != i && graph_depends(g, v->x[k], &slope, 1))
      return arena_printf(text, "the factor of `%s` in the equation of `%s` depends on `%s`", noise,
                          name, s->states.at[k].q.name);
  if (dependence(v->a, g, v->x[i], slope) == MIXED)
    return arena_printf(text,
                        "the factor of `%s` in the equation of one element of `%s` depends on "
                        "others",
                        noise, name);
  return NULL;
}

/* The factor of noise j in the derivative of state i; NODE_NONE: there is none. */
static NodeId factor_of(const Field *v, int i, int j) {
  NodeId one = ones_like(v->f->g, v->noise[j]), slope;
  graph_jvp(v->f->g, &v->noise[j], &one, 1, &v->f->out[i], &slope, 1);
  return slope;
}

/* White noise can be integrated, but has no values: its square or sign means nothing. */
static const char *meaning_fault(const Field *v, Arena *text, int i) {
  const System *s = v->s;
  Graph *g = v->f->g;
  for (int j = 0; j < (int)s->noises.n; j++) {
    NodeId slope = factor_of(v, i, j);
    bool fault = slope == NODE_NONE && graph_depends(g, v->noise[j], &v->f->out[i], 1);
    for (size_t k = 0; slope != NODE_NONE && k < s->noises.n; k++)
      fault |= graph_depends(g, v->noise[k], &slope, 1);
    if (fault)
      return arena_printf(text, "`%s` is not a term of the equation of `%s`, or a factor of one",
                          s->noises.at[j].q.name, s->states.at[i].q.name);
  }
  return NULL;
}

static const char *diagonal_fault(const Field *v, Arena *text, int i) {
  const System *s = v->s;
  Graph *g = v->f->g;
  int first = -1;
  bool varies = false;
  const char *fault = meaning_fault(v, text, i);
  if (fault) return fault;
  for (int j = 0; j < (int)s->noises.n; j++) {
    NodeId slope = factor_of(v, i, j);
    if (slope == NODE_NONE) continue;
    for (size_t k = 0; k < s->states.n; k++) varies |= graph_depends(g, v->x[k], &slope, 1);
    if (first >= 0 && varies)
      return arena_printf(text, "both `%s` and `%s` drive `%s`", s->noises.at[first].q.name,
                          s->noises.at[j].q.name, s->states.at[i].q.name);
    first = j;
    if (varies) fault = factor_fault(v, text, i, j, slope);
  }
  return fault;
}

const char *system_noise_fault(Arena *text, const System *s, bool diagonal, int *state) {
  Arena *a = arena_new();
  Field v = {.a = a, .s = s, .f = system_fn(a, s, &(SystemFnOptions){0})};
  const char *fault = NULL;
  v.x = v.f->in + PLACE_STATES;
  v.noise = v.x + s->states.n + s->inputs.n;
  for (*state = 0; *state < (int)s->states.n; ++*state)
    if ((fault = (diagonal ? diagonal_fault : meaning_fault)(&v, text, *state))) break;
  arena_free(a);
  return fault;
}

/* With the noise z / sqrt(dt), the term b b' (dW^2 - dt) / 2 is b' b (noise^2 dt - 1) dt / 2: the
   derivative of f along noise^2 dt - 1 has the factor b already. */
NodeId milstein_term(Place *p, NodeId x, NodeId f, double dt) {
  Graph *g = p->g;
  int n = (int)p->s->noises.n;
  const NodeId *noise = p->to + place_noises(p);
  NodeId *one = ARENA_ARRAY(p->a, NodeId, n + 1), *along = ARENA_ARRAY(p->a, NodeId, n + 1);
  NodeId b, term;
  for (int j = 0; j < n; j++) {
    NodeId square = graph_op2(g, OP_mul, noise[j], noise[j]);
    one[j] = ones_like(g, noise[j]);
    along[j] = graph_op2(g, OP_sub, graph_op2(g, OP_mul, square, graph_num(g, dt)), one[j]);
  }
  graph_jvp(g, noise, one, n, &f, &b, 1);
  graph_jvp(g, noise, along, n, &f, &term, 1);
  NodeId slope = b == NODE_NONE ? b : system_diagonal(p->a, g, x, b);
  if (slope == NODE_NONE) return slope;
  term = graph_op2(g, OP_mul, slope, term);
  return graph_op2(g, OP_mul, term, graph_num(g, dt / 2));
}
