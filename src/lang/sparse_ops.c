/* sparse_ops.c: operators on sparse matrices. They stay sparse under products, transposition and
   scaling; for anything else they are filled. In rehearsal a pattern has its size but no places. */
#include "lang/core.h"

static bool places_known(const SparsePattern *p) {
  return p->start != NULL;
}

static Value *sparse_like(Ev *ev, const SparsePattern *p, Value *entries) {
  if (entries->kind != V_ARRAY) return entries;
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = V_SPARSE;
  v->pattern = p;
  v->entries = entries;
  v->dim = entries->dim;
  v->at = entries->at;
  return v;
}

static Value *abstract_product(Ev *ev, OpId op, Value *a, Value *b, Where at) {
  Value *x = a->kind == V_SPARSE ? value_abstract(ev, value_shape(a), a->entries->dim) : a;
  Value *y = b->kind == V_SPARSE ? value_abstract(ev, value_shape(b), b->entries->dim) : b;
  return ev_op2(ev, op, x, y, at);
}

Value *ev_dense(Ev *ev, Value *v, Where at) {
  if (v->kind != V_SPARSE) return v;
  if (!places_known(v->pattern)) return value_abstract(ev, value_shape(v), v->entries->dim);
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->p = v->pattern;
  return ev_op(ev, OP_sparse_fill, attr, &v->entries, 1, at);
}

static Value *transpose(Ev *ev, Value *v, Where at) {
  const SparsePattern *p = v->pattern;
  if (!places_known(p)) {
    SparsePattern *q = ARENA_NEW(ev->arena, SparsePattern);
    *q = (SparsePattern){.rows = p->cols, .cols = p->rows, .nnz = p->nnz};
    return sparse_like(ev, q, v->entries);
  }
  const SparsePattern *q = sparse_transpose(p);
  Tensor *order = tensor_new(ev->arena, shape_vec(q->nnz));
  for (int64_t k = 0; k < q->nnz; k++) order->data[k] = (double)q->order[k];
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  Value *args[] = {v->entries, value_tensor(ev, order, DIM_ONE)};
  return sparse_like(ev, q, ev_op(ev, OP_gather, attr, args, 2, at));
}

/* The last two axes of a dense array exchanged; a vector is its own transpose. */
static Value *dense_transpose(Ev *ev, Value *x, Where at) {
  return ev_unary(ev, AOP_TRANSPOSE, x, at);
}

static Value *product(Ev *ev, Value *s, Value *x, Where at) {
  if (x->kind == V_SPARSE) x = ev_dense(ev, x, at);
  if (!places_known(s->pattern) || value_shape(x).rank > 2)
    return abstract_product(ev, OP_matmul, ev_dense(ev, s, at), x, at);
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->p = s->pattern;
  return ev_op(ev, OP_spmm, attr, (Value *[]){s->entries, x}, 2, at);
}

/* x @ s = (s' @ x')' */
static Value *product_from_left(Ev *ev, Value *x, Value *s, Where at) {
  if (!places_known(s->pattern) || value_shape(x).rank > 2)
    return abstract_product(ev, OP_matmul, x, ev_dense(ev, s, at), at);
  Value *st = transpose(ev, s, at);
  if (st->kind != V_SPARSE) return st;
  return dense_transpose(ev, product(ev, st, dense_transpose(ev, x, at), at), at);
}

Value *sparse_taken(Ev *ev, const SparsePattern *p, Value *x, Where at) {
  if (!places_known(p)) return value_abstract(ev, shape_vec(EXTENT_UNKNOWN), x->dim);
  OpAttr *whole = ARENA_NEW(ev->arena, OpAttr);
  *whole = (OpAttr){.n = 2, .i = {p->rows, p->cols}};
  Value *full = ev_op(ev, OP_broadcast, whole, &x, 1, at);
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->p = p;
  return ev_op(ev, OP_sparse_take, attr, &full, 1, at);
}

/* s * x and s / x for a sparse s. NULL: the result would have another shape. */
static Value *scaled(Ev *ev, OpId op, Value *s, Value *x, Where at) {
  const SparsePattern *p = s->pattern;
  if (x->kind == V_SPARSE && x->pattern == p)
    return op == OP_mul ? sparse_like(ev, p, ev_op2(ev, op, s->entries, x->entries, at)) : NULL;
  x = ev_dense(ev, x, at);
  if (x->kind != V_ARRAY) return NULL;
  Shape joint;
  if (!shape_broadcast(value_shape(s), value_shape(x), &joint) || joint.rank != 2) return NULL;
  if (!shape_fits(joint, value_shape(s))) return NULL;
  if (value_shape(x).rank == 0) return sparse_like(ev, p, ev_op2(ev, op, s->entries, x, at));
  if (op != OP_mul) return NULL;
  return sparse_like(ev, p, ev_op2(ev, op, s->entries, sparse_taken(ev, p, x, at), at));
}

Value *sparse_binary(Ev *ev, AstOp op, Value *a, Value *b, Where at) {
  bool left = a->kind == V_SPARSE;
  Value *other = left ? b : a;
  if (other->kind != V_ARRAY && other->kind != V_SPARSE) return NULL;
  if (op == AOP_MATMUL) return left ? product(ev, a, b, at) : product_from_left(ev, a, b, at);
  if (op == AOP_MUL) return left ? scaled(ev, OP_mul, a, b, at) : scaled(ev, OP_mul, b, a, at);
  if (op == AOP_DIV && left) return scaled(ev, OP_div, a, b, at);
  return NULL;
}

Value *sparse_unary(Ev *ev, AstOp op, Value *a, Where at) {
  if (op == AOP_NEG) return sparse_like(ev, a->pattern, ev_op1(ev, OP_neg, a->entries, at));
  if (op == AOP_TRANSPOSE) return transpose(ev, a, at);
  return NULL;
}
