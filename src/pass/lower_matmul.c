/* lower_matmul.c: matrix products become gemm. Loops and batch axes are labels of the axes of both
   operands. Labels of both operands are the batch of the gemm; labels of one only are further rows
   or columns, so that `A @ x` with x over trials is one product [trials, k] times A'. Operands are
   moved in memory only where an order that gemm understands cannot be had otherwise. */
#include <string.h>

#include "pass/lower.h"
#include "pass/rules.h"

enum {
  LABEL_BATCH = 1000, /* axes of a stack of matrices come behind all loops */
  LABEL_ROWS = 2000,
  LABEL_COLS
};

/* The axes of an operand or a result. */
typedef struct Axes {
  int n;
  int label[SHAPE_MAX_AXES];
  int64_t extent[SHAPE_MAX_AXES];
} Axes;

typedef struct Operand {
  NodeId node; /* [labels, ascending; its one or two axes of the product] */
  Axes axes;   /* labels only */
  bool is_matrix;
  int64_t outer; /* m of a, n of b; 1 of vectors */
} Operand;

static void push(Axes *a, int label, int64_t extent) {
  a->label[a->n] = label;
  a->extent[a->n++] = extent;
}

static bool has(const Axes *a, int label) {
  for (int k = 0; k < a->n; k++)
    if (a->label[k] == label) return true;
  return false;
}

/* Those of x that are (or are not) in y. */
static Axes pick(const Axes *x, const Axes *y, bool shared) {
  Axes picked = {0};
  for (int k = 0; k < x->n; k++)
    if (has(y, x->label[k]) == shared) push(&picked, x->label[k], x->extent[k]);
  return picked;
}

static void append(Axes *to, const Axes *more) {
  for (int k = 0; k < more->n; k++) push(to, more->label[k], more->extent[k]);
}

static int64_t count(const Axes *a) {
  int64_t n = 1;
  for (int k = 0; k < a->n; k++) n *= a->extent[k];
  return n;
}

static Shape axes_shape(const Axes *a) {
  Shape s = {a->n, {0}};
  memcpy(s.n, a->extent, (size_t)a->n * sizeof s.n[0]);
  return s;
}

/* Argument k with labels for its loops and for those of its batch axes that are not of size 1. */
static Operand operand(const Lower *l, int k) {
  const Node *n = lower_arg(l, k);
  Operand o = {.is_matrix = n->shape.rank > 1, .outer = 1};
  int lead = o.is_matrix ? n->shape.rank - 2 : 0;
  int out_lead =
      l->n->shape.rank - (lower_arg(l, 0)->shape.rank > 1) - (lower_arg(l, 1)->shape.rank > 1);
  for (int j = 0; j < l->from->nloops; j++)
    if (n->loops >> j & 1) push(&o.axes, j, l->from->loops[j].extent);
  for (int j = 0; j < lead; j++)
    if (n->shape.n[j] != 1) push(&o.axes, LABEL_BATCH + out_lead - lead + j, n->shape.n[j]);
  if (o.is_matrix) o.outer = n->shape.n[lead + (k == 0 ? 0 : 1)];
  o.node =
      rule_reshape(l->to, l->in[k], shape_concat(axes_shape(&o.axes), shape_tail(n->shape, lead)));
  return o;
}

/* The operand with its labels in the order batch, own; and behind them its one or two axes of the
   product, those swapped if `swap`. */
static NodeId ordered(const Lower *l, const Operand *o, const Axes *batch, bool swap) {
  int perm[SHAPE_MAX_AXES], n = 0, core = o->axes.n, rank = core + (o->is_matrix ? 2 : 1);
  for (int k = 0; k < core; k++)
    if (has(batch, o->axes.label[k])) perm[n++] = k;
  if (swap) perm[n++] = core;
  for (int k = 0; k < core; k++)
    if (!has(batch, o->axes.label[k])) perm[n++] = k;
  for (int k = core + (swap ? 1 : 0); k < rank; k++) perm[n++] = k;
  return rule_transpose(l->to, o->node, perm);
}

/* [batch, rows, cols] of an operand, without the batch axis where there is none. */
static NodeId as_matrix(const Lower *l, NodeId x, const Axes *batch, int64_t rows, int64_t cols) {
  Shape s = shape_mat(rows, cols);
  if (batch->n) s = shape_concat(shape_vec(count(batch)), s);
  return rule_reshape(l->to, x, s);
}

/* The result has these axes in this order; those of the old node are ascending. */
static NodeId in_order(const Lower *l, NodeId x, const Axes *axes) {
  x = rule_reshape(l->to, x, axes_shape(axes));
  x = lower_sort_axes(l->to, x, axes->label, axes->n);
  Shape s = shape_concat(lower_loop_shape(l->from, l->n->loops), l->n->shape);
  return rule_reshape(l->to, x, s);
}

/* If x only swaps the last two axes of another node, that one, to be taken as stored transposed. */
static bool is_swap(const Graph *g, NodeId x, NodeId *of) {
  const Node *n = graph_node(g, x);
  if (n->op != OP_transpose) return false;
  int last = n->shape.rank - 1;
  for (int k = 0; k + 1 < last; k++)
    if (n->attr->i[k] != k) return false;
  *of = n->in[0];
  return n->attr->i[last] == last - 1;
}

static NodeId gemm(const Lower *l, NodeId a, NodeId c, int flags) {
  if (is_swap(l->to, a, &a)) flags ^= GEMM_A_TRANSPOSED;
  if (is_swap(l->to, c, &c)) flags ^= GEMM_C_TRANSPOSED;
  return graph_add(l->to, OP_gemm, (NodeId[]){a, c}, 2, &(OpAttr){.axis = flags});
}

typedef struct Product {
  const Lower *l;
  Operand a, b;
  Axes batch, a_own, b_own;
  int64_t k; /* the contracted extent */
} Product;

/* b is a vector for each of its labels: they are rows, and a is stored transposed as it lies. */
static NodeId vectors_as_rows(const Product *p) {
  int both = p->batch.n ? GEMM_A_BATCHED | GEMM_C_BATCHED : 0;
  int64_t rows = count(&p->b_own), cols = count(&p->a_own) * p->a.outer;
  NodeId b = as_matrix(p->l, ordered(p->l, &p->b, &p->batch, false), &p->batch, rows, p->k);
  NodeId a = as_matrix(p->l, ordered(p->l, &p->a, &p->batch, false), &p->batch, cols, p->k);
  NodeId y = gemm(p->l, b, a, both | GEMM_C_TRANSPOSED);
  Axes axes = p->batch;
  append(&axes, &p->b_own);
  append(&axes, &p->a_own);
  if (p->a.is_matrix) push(&axes, LABEL_ROWS, p->a.outer);
  return in_order(p->l, y, &axes);
}

/* One matrix a times a matrix b for each of its labels. */
static NodeId matrices_as_batch(const Product *p) {
  NodeId b = as_matrix(p->l, p->b.node, &p->b_own, p->k, p->b.outer);
  NodeId a = as_matrix(p->l, p->a.node, &p->batch, p->a.outer, p->k);
  NodeId y = gemm(p->l, a, b, GEMM_C_BATCHED);
  Axes axes = p->b_own;
  if (p->a.is_matrix) push(&axes, LABEL_ROWS, p->a.outer);
  push(&axes, LABEL_COLS, p->b.outer);
  return in_order(p->l, y, &axes);
}

/* Labels of a alone are rows, labels of b alone are columns. */
static NodeId rows_and_columns(const Product *p) {
  int both = p->batch.n ? GEMM_A_BATCHED | GEMM_C_BATCHED : 0;
  int64_t rows = count(&p->a_own) * p->a.outer, cols = count(&p->b_own) * p->b.outer;
  NodeId a = as_matrix(p->l, ordered(p->l, &p->a, &p->batch, false), &p->batch, rows, p->k);
  NodeId b = ordered(p->l, &p->b, &p->batch, p->b.is_matrix);
  bool transposed = !p->b.is_matrix;
  b = transposed ? as_matrix(p->l, b, &p->batch, cols, p->k)
                 : as_matrix(p->l, b, &p->batch, p->k, cols);
  NodeId y = gemm(p->l, a, b, both | (transposed ? GEMM_C_TRANSPOSED : 0));
  Axes axes = p->batch;
  append(&axes, &p->a_own);
  if (p->a.is_matrix) push(&axes, LABEL_ROWS, p->a.outer);
  append(&axes, &p->b_own);
  if (p->b.is_matrix) push(&axes, LABEL_COLS, p->b.outer);
  return in_order(p->l, y, &axes);
}

NodeId lower_matmul(const Lower *l) {
  Shape a = lower_arg(l, 0)->shape;
  Product p = {.l = l, .a = operand(l, 0), .b = operand(l, 1), .k = a.n[a.rank - 1]};
  p.batch = pick(&p.a.axes, &p.b.axes, true);
  p.a_own = pick(&p.a.axes, &p.b.axes, false);
  p.b_own = pick(&p.b.axes, &p.a.axes, false);
  bool b_first = p.b_own.n > 0 && (p.a_own.n == 0 || p.b_own.label[0] < p.a_own.label[0]);
  bool plain = p.a_own.n == 0 && p.b_own.n == 0 && p.a.is_matrix;
  if (!p.b.is_matrix && (b_first || plain)) return vectors_as_rows(&p);
  if (p.b.is_matrix && p.b_own.n > 0 && p.a_own.n == 0 && p.batch.n == 0)
    return matrices_as_batch(&p);
  return rows_and_columns(&p);
}
