/* op.c: the table of ops, made from elementwise.def and op.def. */
#include "op/op.h"

#include <string.h>

/* Properties of a few elementwise ops that need no column of their own. */
#define IS_LOGICAL(id)                                                                   \
  ((id) == OP_eq || (id) == OP_ne || (id) == OP_lt || (id) == OP_le || (id) == OP_and || \
   (id) == OP_or || (id) == OP_not || (id) == OP_is_finite)
#define IS_COMMUTATIVE(id)                                                                 \
  ((id) == OP_add || (id) == OP_mul || (id) == OP_eq || (id) == OP_ne || (id) == OP_and || \
   (id) == OP_or)
#define IS_FUSED(id) ((id) >= OP_muladd && (id) <= OP_div_sub_exp)
#define ELEMENTWISE_FLAGS(id)                                                           \
  (OP_ELEMENTWISE | (IS_LOGICAL(id) ? OP_LOGICAL : 0) | (IS_FUSED(id) ? OP_FUSED : 0) | \
   (IS_COMMUTATIVE(id) ? OP_COMMUTES : 0))

#define ROW(name, arity, dims, lo, hi, doc) \
  [OP_##name] = {#name, arity, ELEMENTWISE_FLAGS(OP_##name), DIM_RULE_##dims, lo, hi, doc},
#define UNARY(name, value, da, dims, lo, hi, doc) ROW(name, 1, dims, lo, hi, doc)
#define BINARY(name, value, da, db, dims, lo, hi, doc) ROW(name, 2, dims, lo, hi, doc)
#define TERNARY(name, value, da, db, dc, dims, lo, hi, doc) ROW(name, 3, dims, lo, hi, doc)
#define OP(name, arity, flags, dims, doc) \
  [OP_##name] = {#name, arity, flags, DIM_RULE_##dims, 0, 0, doc},

const OpInfo op_table[OP_COUNT] = {
    [OP_NONE] = {.name = "none", .doc = ""},
#include "op/elementwise.def"
#include "op/op.def"
};

#undef OP
#undef TERNARY
#undef BINARY
#undef UNARY
#undef ROW

OpId op_find(const char *name) {
  for (int id = OP_NONE + 1; id < OP_COUNT; id++)
    if (strcmp(op_table[id].name, name) == 0) return (OpId)id;
  return OP_NONE;
}
