/* binary.c: the operators of the language on every kind of value. Arrays go to ev_op; sparse
   matrices and distributions keep their kind where they can; strings, records and lists can be
   compared. */
#include <math.h>

#include "lang/core.h"
#include "lang/dist.h"

static const struct {
  OpId op;
  bool swapped; /* a > b is b < a */
} binary_ops[] = {
    [AOP_ADD] = {OP_add, false},       [AOP_SUB] = {OP_sub, false}, [AOP_MUL] = {OP_mul, false},
    [AOP_DIV] = {OP_div, false},       [AOP_MOD] = {OP_mod, false}, [AOP_POW] = {OP_pow, false},
    [AOP_MATMUL] = {OP_matmul, false}, [AOP_AND] = {OP_and, false}, [AOP_OR] = {OP_or, false},
    [AOP_EQ] = {OP_eq, false},         [AOP_NE] = {OP_ne, false},   [AOP_LT] = {OP_lt, false},
    [AOP_LE] = {OP_le, false},         [AOP_GT] = {OP_lt, true},    [AOP_GE] = {OP_le, true},
};

static bool is_number(const Value *v) {
  return v->kind == V_ARRAY || v->kind == V_SPARSE;
}

static Value *refuse(Ev *ev, AstOp op, Value *a, Value *b, Where at) {
  const Value *odd = is_number(a) ? b : a;
  Diag *d = ev_report(ev, E0210, at, "cannot apply `%s` to %s and %s", ast_op_text(op),
                      value_kind_name(ev, a), value_kind_name(ev, b));
  if (odd->kind == V_FUNCTION)
    diag_note(ev->diag, d, at, "a function is used by calling it: `f(x)`");
  if ((a->kind == V_STRING || b->kind == V_STRING) && op == AOP_ADD)
    diag_note(ev->diag, d, at, "strings are not joined: `print(a, b)` shows them side by side");
  if (odd->kind == V_LIST)
    diag_note(ev->diag, d, at, "a list holds what cannot be stacked: take its elements with `for`");
  return &VALUE_ERROR;
}

/* ---- distributions --------------------------------------------------------------------------- */

static Value *dist_binary(Ev *ev, AstOp op, Value *a, Value *b, Where at) {
  const Value *other = a->kind == V_DIST ? b : a;
  if (op == AOP_RANGE || !(is_number(other) || other->kind == V_DIST))
    return refuse(ev, op, a, b, at);
  Value *args[] = {a, b};
  if (binary_ops[op].swapped) args[0] = b, args[1] = a;
  return dist_apply(ev, binary_ops[op].op, args, 2, at);
}

/* ---- what is no number ----------------------------------------------------------------------- */

static Value *compare_others(Ev *ev, AstOp op, Value *a, Value *b, Where at) {
  if (op != AOP_EQ && op != AOP_NE) return refuse(ev, op, a, b, at);
  if (a->kind != b->kind && a->kind != V_NONE && b->kind != V_NONE) return refuse(ev, op, a, b, at);
  Value *v = value_bool(ev, value_equal(a, b) == (op == AOP_EQ));
  v->at = at;
  return v;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static Value *range(Ev *ev, Value *a, Value *b, Where at) {
  int64_t from, to;
  bool known_from, known_to;
  if (!ev_to_whole(ev, a, &from, &known_from, at, "the start of a range")) return &VALUE_ERROR;
  if (!ev_to_whole(ev, b, &to, &known_to, at, "the end of a range")) return &VALUE_ERROR;
  if (!known_from || !known_to) return value_abstract(ev, shape_vec(EXTENT_UNKNOWN), DIM_ONE);
  Shape s = shape_vec(to >= from ? to - from + 1 : 0);
  if (!shape_affordable(ev, s, at)) return &VALUE_ERROR;
  if (ev->rehearse && s.n[0] > REHEARSED_MAX) return value_abstract(ev, s, DIM_ONE);
  Tensor *t = tensor_new(ev->arena, s);
  for (int64_t i = 0; i < s.n[0]; i++) t->data[i] = (double)(from + i);
  Value *v = value_tensor(ev, t, DIM_ONE);
  v->at = at;
  return v;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

/* The dimension of a power follows from the value of its exponent. */
static Value *power(Ev *ev, Value *a, Value *b, Where at) {
  OpAttr *attr = NULL;
  bool plain = dim_is_one(a->dim) && !a->dim.any;
  double x = 0;
  if (!plain && !a->dim.any && value_is_scalar(b) &&
      (b->graph ? graph_is_num(b->graph, b->node, &x) : b->tensor->data != NULL)) {
    attr = ARENA_NEW(ev->arena, OpAttr);
    attr->x = b->graph ? x : b->tensor->data[0];
  }
  return ev_op(ev, OP_pow, attr, (Value *[]){a, b}, 2, at);
}

static Value *array_binary(Ev *ev, AstOp op, Value *a, Value *b, Where at) {
  if (op == AOP_POW) return power(ev, a, b, at);
  Value *args[] = {a, b};
  if (binary_ops[op].swapped) args[0] = b, args[1] = a;
  return ev_op(ev, binary_ops[op].op, NULL, args, 2, at);
}

Value *ev_binary(Ev *ev, AstOp op, Value *a, Value *b, Where at) {
  if (a->kind == V_ERROR || b->kind == V_ERROR) return &VALUE_ERROR;
  if (a->kind == V_UNKNOWN || b->kind == V_UNKNOWN) return &VALUE_UNKNOWN;
  if (op == AOP_RANGE && is_number(a) && is_number(b)) return range(ev, a, b, at);
  if (a->kind == V_DIST || b->kind == V_DIST) return dist_binary(ev, op, a, b, at);
  if (a->kind == V_SPARSE || b->kind == V_SPARSE) {
    Value *v = sparse_binary(ev, op, a, b, at);
    if (v) return v;
    a = ev_dense(ev, a, at);
    b = ev_dense(ev, b, at);
    if (a->kind == V_ERROR || b->kind == V_ERROR) return &VALUE_ERROR;
  }
  if (a->kind != V_ARRAY || b->kind != V_ARRAY) return compare_others(ev, op, a, b, at);
  return array_binary(ev, op, a, b, at);
}

/* ---- one operand ----------------------------------------------------------------------------- */

static Value *transpose(Ev *ev, Value *a, Where at) {
  int rank = value_shape(a).rank;
  if (rank < 2) return a;
  OpAttr *attr = ARENA_NEW(ev->arena, OpAttr);
  attr->n = rank;
  for (int i = 0; i < rank; i++) attr->i[i] = i;
  attr->i[rank - 2] = rank - 1;
  attr->i[rank - 1] = rank - 2;
  return ev_op(ev, OP_transpose, attr, &a, 1, at);
}

Value *ev_unary(Ev *ev, AstOp op, Value *a, Where at) {
  if (a->kind == V_ERROR || a->kind == V_UNKNOWN) return a;
  if (a->kind == V_DIST && op == AOP_NEG) return dist_apply(ev, OP_neg, &a, 1, at);
  if (a->kind == V_SPARSE) {
    Value *v = sparse_unary(ev, op, a, at);
    if (v) return v;
    a = ev_dense(ev, a, at);
  }
  if (a->kind == V_ERROR) return a;
  if (a->kind != V_ARRAY)
    return ev_error(ev, E0210, at, "cannot apply `%s` to %s", ast_op_text(op),
                    value_kind_name(ev, a));
  if (op == AOP_TRANSPOSE) return transpose(ev, a, at);
  return ev_op1(ev, op == AOP_NEG ? OP_neg : OP_not, a, at);
}
