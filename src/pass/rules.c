/* rules.c: one function for each op that has something to simplify. A rule sees arguments that are
   simplified already and gives a node, or NODE_NONE where it does not apply. */
#include "pass/rules.h"

#include <assert.h>
#include <math.h>
#include <string.h>

typedef struct Rule {
  Graph *g;
  OpId op;
  const NodeId *in;
  int nin;
  const OpAttr *attr;
  bool fast;
} Rule;

static Shape shape_of(const Rule *r, NodeId id) {
  return graph_node(r->g, id)->shape;
}

static bool is_num(const Rule *r, int k, double x) {
  double value;
  return graph_is_num(r->g, r->in[k], &value) && value == x;
}

/* Is argument k made by `op`? Then its own first argument goes to *arg. */
static bool is_op(const Rule *r, int k, OpId op, NodeId *arg) {
  const Node *n = graph_node(r->g, r->in[k]);
  if (n->op != op) return false;
  *arg = n->in[0];
  return true;
}

static NodeId op2(const Rule *r, OpId op, NodeId a, NodeId b) {
  return rule_add(r->g, op, (NodeId[]){a, b}, 2, NULL, r->fast);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

static NodeId simpler_add(const Rule *r) {
  NodeId x;
  if (is_num(r, 1, 0)) return r->in[0];
  if (is_num(r, 0, 0)) return r->in[1];
  if (is_op(r, 1, OP_neg, &x)) return op2(r, OP_sub, r->in[0], x);
  if (is_op(r, 0, OP_neg, &x)) return op2(r, OP_sub, r->in[1], x);
  return NODE_NONE;
}

static NodeId simpler_sub(const Rule *r) {
  NodeId x;
  if (is_num(r, 1, 0)) return r->in[0];
  if (is_num(r, 0, 0)) return rule_op1(r->g, OP_neg, r->in[1]);
  if (is_op(r, 1, OP_neg, &x)) return op2(r, OP_add, r->in[0], x);
  return NODE_NONE;
}

/* With `fast`: c1 * c of two constants, if nothing is lost by it. */
static bool joins(const Rule *r, NodeId c1, double c, NodeId *product) {
  double x;
  if (!r->fast || !graph_is_num(r->g, c1, &x) || !isnormal(x * c)) return false;
  *product = graph_num(r->g, x * c);
  return true;
}

/* x times a constant: signs, and with `fast` further constant factors, go into the constant. */
static NodeId times_constant(const Rule *r, NodeId x, double c) {
  const Node *n = graph_node(r->g, x);
  NodeId joined;
  if (n->op == OP_neg) return op2(r, OP_mul, n->in[0], graph_num(r->g, -c));
  for (int k = 0; k < 2 && n->op == OP_mul; k++)
    if (joins(r, n->in[k], c, &joined)) return op2(r, OP_mul, n->in[1 - k], joined);
  if (n->op != OP_div) return NODE_NONE;
  if (joins(r, n->in[0], c, &joined)) return op2(r, OP_div, joined, n->in[1]);
  const Node *top = graph_node(r->g, n->in[0]);
  for (int k = 0; k < 2 && top->op == OP_mul; k++)
    if (joins(r, top->in[k], c, &joined))
      return op2(r, OP_div, op2(r, OP_mul, top->in[1 - k], joined), n->in[1]);
  return NODE_NONE;
}

static NodeId simpler_mul(const Rule *r) {
  NodeId x, y;
  double c;
  for (int k = 0; k < 2; k++) {
    if (is_num(r, k, 1)) return r->in[1 - k];
    if (is_num(r, k, -1)) return rule_op1(r->g, OP_neg, r->in[1 - k]);
    if (graph_is_num(r->g, r->in[k], &c)) return times_constant(r, r->in[1 - k], c);
  }
  if (is_op(r, 0, OP_neg, &x) && is_op(r, 1, OP_neg, &y)) return op2(r, OP_mul, x, y);
  if (r->in[0] == r->in[1]) return rule_op1(r->g, OP_square, r->in[0]);
  return NODE_NONE;
}

static bool is_power_of_two(double x) {
  int exponent;
  return isnormal(x) && isnormal(1 / x) && fabs(frexp(x, &exponent)) == 0.5;
}

/* Is x a constant, or part of one, whose elements all have a reciprocal? */
static bool has_reciprocal(const Graph *g, NodeId id) {
  const Node *n = graph_node(g, id);
  while (n->op == OP_unstack || n->op == OP_reshape || n->op == OP_broadcast || n->op == OP_slice ||
         n->op == OP_transpose)
    n = graph_node(g, n->in[0]);
  const Tensor *t = n->op == OP_const ? n->attr->p : NULL;
  if (!t || !t->data) return false;
  for (int64_t k = 0; k < shape_count(t->shape); k++)
    if (!isnormal(t->data[k]) || !isnormal(1 / t->data[k])) return false;
  return true;
}

static NodeId simpler_div(const Rule *r) {
  NodeId x, y;
  double c, numerator;
  if (is_num(r, 1, 1)) return r->in[0];
  if (is_num(r, 1, -1)) return rule_op1(r->g, OP_neg, r->in[0]);
  if (is_op(r, 0, OP_neg, &x) && is_op(r, 1, OP_neg, &y)) return op2(r, OP_div, x, y);
  if (graph_is_num(r->g, r->in[0], &numerator)) return NODE_NONE;
  bool exact = graph_is_num(r->g, r->in[1], &c) && is_power_of_two(c);
  if (!exact && !(r->fast && has_reciprocal(r->g, r->in[1]))) return NODE_NONE;
  return op2(r, OP_mul, r->in[0], graph_op2(r->g, OP_div, graph_num(r->g, 1), r->in[1]));
}

/* x^n by repeated squaring, for small whole n >= 1. */
static NodeId whole_power(Graph *g, NodeId x, int n) {
  NodeId product = NODE_NONE;
  for (; n; n /= 2) {
    if (n % 2) product = product == NODE_NONE ? x : rule_op2(g, OP_mul, product, x);
    if (n > 1) x = rule_op1(g, OP_square, x);
  }
  return product;
}

static NodeId simpler_pow(const Rule *r) {
  enum { LARGEST = 8 };
  double p;
  if (!graph_is_num(r->g, r->in[1], &p)) return NODE_NONE;
  if (p == 0) return rule_broadcast(r->g, graph_num(r->g, 1), shape_of(r, r->in[0]));
  if (p == 0.5) return rule_op1(r->g, OP_sqrt, r->in[0]);
  if (p != floor(p) || fabs(p) > LARGEST) return NODE_NONE;
  NodeId power = whole_power(r->g, r->in[0], (int)fabs(p));
  return p > 0 ? power : op2(r, OP_div, graph_num(r->g, 1), power);
}

static NodeId simpler_neg(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  double c;
  if (n->op == OP_neg) return n->in[0];
  if (n->op == OP_sub) return op2(r, OP_sub, n->in[1], n->in[0]);
  for (int k = 0; k < 2 && n->op == OP_mul; k++)
    if (graph_is_num(r->g, n->in[k], &c)) return op2(r, OP_mul, n->in[1 - k], graph_num(r->g, -c));
  return NODE_NONE;
}

/* Of even functions. */
static NodeId without_sign(const Rule *r) {
  NodeId x;
  if (is_op(r, 0, OP_neg, &x) || is_op(r, 0, OP_abs, &x)) return rule_op1(r->g, r->op, x);
  return NODE_NONE;
}

static NodeId simpler_select(const Rule *r) {
  NodeId x;
  double c;
  Shape s = shape_of(r, r->in[0]);
  bool fits = shape_broadcast(s, shape_of(r, r->in[1]), &s) &&
              shape_broadcast(s, shape_of(r, r->in[2]), &s);
  assert(fits);
  (void)fits;
  if (r->in[1] == r->in[2]) return rule_broadcast(r->g, r->in[1], s);
  if (graph_is_num(r->g, r->in[0], &c)) return rule_broadcast(r->g, r->in[c != 0 ? 1 : 2], s);
  if (is_op(r, 0, OP_not, &x)) return rule_op3(r->g, OP_select, x, r->in[2], r->in[1]);
  return NODE_NONE;
}

/* Arguments are spread after the op rather than before it, or by the op itself. */
static NodeId without_broadcasts(const Rule *r) {
  enum { MOST = 3 };
  NodeId in[MOST];
  Shape whole = SHAPE_SCALAR;
  bool found = false;
  for (int k = 0; k < r->nin; k++) {
    in[k] = r->in[k];
    found |= is_op(r, k, OP_broadcast, &in[k]);
    shape_broadcast(whole, shape_of(r, r->in[k]), &whole);
  }
  if (!found) return NODE_NONE;
  return rule_broadcast(r->g, rule_add(r->g, r->op, in, r->nin, r->attr, r->fast), whole);
}

/* ---- form ------------------------------------------------------------------------------------ */

static NodeId simpler_stack(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  return n->op == OP_unstack && n->attr->axis == r->attr->axis ? n->in[0] : NODE_NONE;
}

static NodeId simpler_unstack(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  return n->op == OP_stack && n->attr->axis == r->attr->axis ? n->in[0] : NODE_NONE;
}

static Shape target(const OpAttr *attr) {
  Shape s = {attr->n, {0}};
  memcpy(s.n, attr->i, (size_t)s.rank * sizeof s.n[0]);
  return s;
}

/* broadcast and reshape: the last one counts, and none where the shape is the same. */
static NodeId last_shape(const Rule *r) {
  NodeId x;
  if (shape_equal(shape_of(r, r->in[0]), target(r->attr))) return r->in[0];
  return is_op(r, 0, r->op, &x) ? rule_add(r->g, r->op, &x, 1, r->attr, r->fast) : NODE_NONE;
}

/* Do the axes of more than one element keep their order? Then nothing moves in memory. */
static bool moves_nothing(Shape s, const OpAttr *attr) {
  int64_t last = -1;
  for (int k = 0; k < attr->n; k++) {
    if (s.n[attr->i[k]] == 1) continue;
    if (attr->i[k] < last) return false;
    last = attr->i[k];
  }
  return true;
}

static NodeId simpler_transpose(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  if (n->op == OP_transpose) {
    OpAttr both = {.n = r->attr->n};
    for (int k = 0; k < both.n; k++) both.i[k] = n->attr->i[r->attr->i[k]];
    return rule_add(r->g, OP_transpose, n->in, 1, &both, r->fast);
  }
  if (!moves_nothing(n->shape, r->attr)) return NODE_NONE;
  Shape s = n->shape;
  for (int k = 0; k < s.rank; k++) s.n[k] = n->shape.n[r->attr->i[k]];
  return rule_reshape(r->g, r->in[0], s);
}

static NodeId simpler_slice(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  bool whole = true;
  for (int k = 0; k < n->shape.rank; k++)
    whole = whole && r->attr->i[k] == 0 && r->attr->j[k] == n->shape.n[k];
  if (whole) return r->in[0];
  if (n->op != OP_slice) return NODE_NONE;
  OpAttr both = *r->attr;
  for (int k = 0; k < both.n; k++) both.i[k] += n->attr->i[k];
  return rule_add(r->g, OP_slice, n->in, 1, &both, r->fast);
}

static NodeId simpler_pad(const Rule *r) {
  for (int k = 0; k < r->attr->n; k++)
    if (r->attr->i[k] || r->attr->j[k]) return NODE_NONE;
  return r->in[0];
}

static NodeId simpler_flip(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  return n->op == OP_flip && n->attr->axis == r->attr->axis ? n->in[0] : NODE_NONE;
}

static NodeId simpler_concat(const Rule *r) {
  return r->nin == 1 ? r->in[0] : NODE_NONE;
}

/* Over the axis before it was moved, rather than after. */
static NodeId reduce_moved(const Rule *r) {
  const Node *n = graph_node(r->g, r->in[0]);
  if (n->op != OP_transpose) return NODE_NONE;
  int perm[SHAPE_MAX_AXES], count = 0, axis = (int)n->attr->i[r->attr->axis];
  for (int k = 0; k < n->attr->n; k++)
    if (n->attr->i[k] != axis) perm[count++] = (int)n->attr->i[k] - (n->attr->i[k] > axis);
  return rule_transpose(r->g, rule_axis(r->g, r->op, n->in[0], axis), perm);
}

/* Over one element only. */
static NodeId simpler_reduction(const Rule *r) {
  Shape s = shape_of(r, r->in[0]), t = {s.rank - 1, {0}};
  if (s.n[r->attr->axis] != 1) return reduce_moved(r);
  for (int k = 0; k < t.rank; k++) t.n[k] = s.n[k < r->attr->axis ? k : k + 1];
  return rule_reshape(r->g, r->in[0], t);
}

/* ---- gather by a loop's index ---------------------------------------------------------------- */

/* Is the index iota(loop) + from, with `from` a constant? */
static bool is_shifted_iota(const Graph *g, NodeId index, int *loop, double *from) {
  const Node *n = graph_node(g, index);
  NodeId iota = index;
  *from = 0;
  if ((n->op == OP_add || n->op == OP_sub) && graph_is_num(g, n->in[1], from)) {
    iota = n->in[0];
    if (n->op == OP_sub) *from = -*from;
  } else if (n->op == OP_add && graph_is_num(g, n->in[0], from)) {
    iota = n->in[1];
  }
  const Node *i = graph_node(g, iota);
  if (i->op == OP_iota) *loop = i->attr->axis;
  return i->op == OP_iota;
}

/* `count` elements of x from `from` on, along an axis that is moved to the front. */
static NodeId front_slice(Graph *g, NodeId x, int axis, int64_t from, int64_t count) {
  int perm[SHAPE_MAX_AXES] = {axis};
  int rank = graph_node(g, x)->shape.rank;
  for (int k = 1; k < rank; k++) perm[k] = k <= axis ? k - 1 : k;
  x = rule_transpose(g, x, perm);
  Shape s = graph_node(g, x)->shape;
  OpAttr slice = {.n = rank};
  for (int k = 0; k < rank; k++) slice.j[k] = s.n[k];
  slice.i[0] = from;
  slice.j[0] = count;
  return rule_add(g, OP_slice, &x, 1, &slice, false);
}

/* x[i + c] for each i of a loop takes (part of) x apart; x[c] is a slice. */
static NodeId simpler_gather(const Rule *r) {
  const Node *x = graph_node(r->g, r->in[0]);
  int64_t n = x->shape.n[r->attr->axis];
  int loop;
  double from;
  if (r->attr->axis2 || n < 0 || shape_of(r, r->in[1]).rank > 0) return NODE_NONE;
  if (graph_is_num(r->g, r->in[1], &from)) {
    if (from < 0) from += (double)n;
    if (!(from >= 0 && from < (double)n && from == floor(from))) return NODE_NONE;
    NodeId one = front_slice(r->g, r->in[0], r->attr->axis, (int64_t)from, 1);
    return rule_reshape(r->g, one, shape_tail(shape_of(r, one), 1));
  }
  if (!is_shifted_iota(r->g, r->in[1], &loop, &from) || x->loops >> loop & 1) return NODE_NONE;
  int64_t extent = r->g->loops[loop].extent;
  if (!(from >= 0 && from + (double)extent <= (double)n && from == floor(from)) || extent < 0)
    return NODE_NONE;
  NodeId part = front_slice(r->g, r->in[0], r->attr->axis, (int64_t)from, extent);
  return rule_unstack(r->g, part, loop);
}

/* ---- products -------------------------------------------------------------------------------- */

static NodeId simpler_matmul(const Rule *r) {
  return rule_unit_product(r->g, r->in[0], r->in[1]);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static NodeId (*const rules[OP_COUNT])(const Rule *) = {
    [OP_add] = simpler_add,          [OP_sub] = simpler_sub,
    [OP_mul] = simpler_mul,          [OP_div] = simpler_div,
    [OP_pow] = simpler_pow,          [OP_neg] = simpler_neg,
    [OP_square] = without_sign,      [OP_abs] = without_sign,
    [OP_cos] = without_sign,         [OP_cosh] = without_sign,
    [OP_select] = simpler_select,    [OP_stack] = simpler_stack,
    [OP_unstack] = simpler_unstack,  [OP_broadcast] = last_shape,
    [OP_reshape] = last_shape,       [OP_transpose] = simpler_transpose,
    [OP_slice] = simpler_slice,      [OP_pad] = simpler_pad,
    [OP_flip] = simpler_flip,        [OP_concat] = simpler_concat,
    [OP_sum] = simpler_reduction,    [OP_prod] = simpler_reduction,
    [OP_min_of] = simpler_reduction, [OP_max_of] = simpler_reduction,
    [OP_gather] = simpler_gather,    [OP_matmul] = simpler_matmul,
};

NodeId rule_add(Graph *g, OpId op, const NodeId *in, int nin, const OpAttr *attr, bool fast) {
  static const OpAttr none;
  if (!attr) attr = &none;
  Rule r = {g, op, in, nin, attr, fast};
  NodeId id = NODE_NONE;
  if (op_table[op].flags & OP_ELEMENTWISE) id = without_broadcasts(&r);
  if (id == NODE_NONE && rules[op]) id = rules[op](&r);
  return id == NODE_NONE ? graph_add(g, op, in, nin, attr) : id;
}

/* ---- builders -------------------------------------------------------------------------------- */

NodeId rule_op1(Graph *g, OpId op, NodeId a) {
  return rule_add(g, op, &a, 1, NULL, false);
}

NodeId rule_op2(Graph *g, OpId op, NodeId a, NodeId b) {
  return rule_add(g, op, (NodeId[]){a, b}, 2, NULL, false);
}

NodeId rule_op3(Graph *g, OpId op, NodeId a, NodeId b, NodeId c) {
  return rule_add(g, op, (NodeId[]){a, b, c}, 3, NULL, false);
}

NodeId rule_axis(Graph *g, OpId op, NodeId a, int axis) {
  return rule_add(g, op, &a, 1, &(OpAttr){.axis = axis}, false);
}

static NodeId with_shape(Graph *g, OpId op, NodeId a, Shape s) {
  OpAttr attr = {.n = s.rank};
  memcpy(attr.i, s.n, (size_t)s.rank * sizeof s.n[0]);
  return rule_add(g, op, &a, 1, &attr, false);
}

NodeId rule_broadcast(Graph *g, NodeId a, Shape s) {
  return with_shape(g, OP_broadcast, a, s);
}

NodeId rule_reshape(Graph *g, NodeId a, Shape s) {
  return with_shape(g, OP_reshape, a, s);
}

NodeId rule_transpose(Graph *g, NodeId a, const int *perm) {
  OpAttr attr = {.n = graph_node(g, a)->shape.rank};
  for (int k = 0; k < attr.n; k++) attr.i[k] = perm[k];
  return rule_add(g, OP_transpose, &a, 1, &attr, false);
}

NodeId rule_stack(Graph *g, NodeId a, int loop) {
  return rule_axis(g, OP_stack, a, loop);
}

NodeId rule_unstack(Graph *g, NodeId a, int loop) {
  return rule_axis(g, OP_unstack, a, loop);
}

NodeId rule_matmul(Graph *g, NodeId a, NodeId b) {
  return rule_op2(g, OP_matmul, a, b);
}

NodeId rule_zeros(Graph *g, Shape s) {
  return rule_broadcast(g, graph_num(g, 0), s);
}

NodeId rule_arange(Graph *g, int64_t n) {
  Tensor *t = tensor_new(g->arena, shape_vec(n));
  assert(t);
  for (int64_t k = 0; k < n; k++) t->data[k] = (double)k;
  return graph_const(g, t);
}

NodeId rule_flip_axes(Graph *g, NodeId a) {
  int perm[SHAPE_MAX_AXES], rank = graph_node(g, a)->shape.rank;
  for (int k = 0; k < rank; k++) perm[k] = k;
  perm[rank - 2] = rank - 1;
  perm[rank - 1] = rank - 2;
  return rule_transpose(g, a, perm);
}
