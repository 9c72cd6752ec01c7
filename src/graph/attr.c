/* attr.c: see attr.h. Constants of few elements are compared by their numbers, all else that is
   pointed to by address. */
#include "graph/attr.h"

#include <string.h>

#include "base/map.h"
#include "graph/tensor.h"

enum { SMALL_CONST = 16 };

static const AttrRow rows[] = {
#define ATTR(op, field, name) {OP_##op, ATTR_##field, name},
#include "graph/attr.def"
#undef ATTR
    {OP_NONE, ATTR_END, NULL},
};

enum { NROWS = sizeof rows / sizeof rows[0] - 1 };

const AttrRow *attr_rows(OpId op) {
  if (op_table[op].flags & OP_ELEMENTWISE) return NULL;
  for (int k = 0; k < NROWS; k++)
    if (rows[k].op == op) return &rows[k];
  return NULL;
}

bool attr_reads_loop(OpId op) {
  for (const AttrRow *r = attr_rows(op); r && r->op == op; r++)
    if (r->field == ATTR_LOOP) return true;
  return false;
}

static void copy_field(AttrField field, const OpAttr *from, OpAttr *to) {
  size_t bytes = (size_t)from->n * sizeof from->i[0];
  switch (field) {
    case ATTR_END: break;
    case ATTR_AXIS:
    case ATTR_LOOP: to->axis = from->axis; break;
    case ATTR_AXIS2: to->axis2 = from->axis2; break;
    case ATTR_LIST:
      to->n = from->n;
      memcpy(to->i, from->i, bytes);
      break;
    case ATTR_LIST2:
      to->n = from->n;
      memcpy(to->j, from->j, bytes);
      break;
    case ATTR_FIRST: to->i[0] = from->i[0]; break;
    case ATTR_SECOND: to->i[1] = from->i[1]; break;
    case ATTR_KEY: to->key = from->key; break;
    case ATTR_PATTERN:
    case ATTR_TENSOR: to->p = from->p; break;
  }
}

OpAttr attr_clean(OpId op, const OpAttr *attr) {
  OpAttr clean;
  memset(&clean, 0, sizeof clean);
  for (const AttrRow *r = attr_rows(op); r && attr && r->op == op; r++)
    copy_field(r->field, attr, &clean);
  return clean;
}

/* The bytes of a constant that is compared by its numbers; 0: by address. */
static size_t const_bytes(const Tensor *t) {
  int64_t count = shape_count(t->shape);
  return t->data && count > 0 && count <= SMALL_CONST ? (size_t)count * sizeof *t->data : 0;
}

uint64_t attr_hash(OpId op, const OpAttr *attr, uint64_t seed) {
  uint64_t h = hash_mix(seed, (uint64_t)(uint32_t)attr->axis << 32 | (uint32_t)attr->axis2);
  h = hash_mix(h, attr->key);
  const Tensor *t = op == OP_const ? attr->p : NULL;
  if (t && const_bytes(t)) return hash_bytes(t->data, const_bytes(t), h);
  size_t bytes = sizeof attr->i[0] * (size_t)(attr->n > 2 ? attr->n : 2); /* FIRST and SECOND too */
  h = hash_bytes(attr->i, bytes, h);
  h = hash_bytes(attr->j, bytes, h);
  return hash_mix(h, (uint64_t)(uintptr_t)attr->p);
}

bool attr_equal(OpId op, const OpAttr *a, const OpAttr *b) {
  if (op == OP_const) {
    const Tensor *x = a->p, *y = b->p;
    if (x == y) return true;
    return const_bytes(x) && shape_equal(x->shape, y->shape) && const_bytes(y) &&
           memcmp(x->data, y->data, const_bytes(x)) == 0;
  }
  return a->axis == b->axis && a->axis2 == b->axis2 && a->n == b->n && a->key == b->key &&
         a->p == b->p && memcmp(a->i, b->i, sizeof a->i) == 0 &&
         memcmp(a->j, b->j, sizeof a->j) == 0;
}
