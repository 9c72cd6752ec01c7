/* attr.h: which attributes an op reads: for comparing, hashing, printing and reading nodes. */
#ifndef DYN_GRAPH_ATTR_H
#define DYN_GRAPH_ATTR_H

#include "op/op.h"

typedef enum AttrField {
  ATTR_END,
  ATTR_AXIS,
  ATTR_AXIS2,
  ATTR_LOOP,
  ATTR_LIST,
  ATTR_LIST2,
  ATTR_FIRST,
  ATTR_SECOND,
  ATTR_KEY,
  ATTR_PATTERN,
  ATTR_TENSOR
} AttrField;

typedef struct AttrRow {
  OpId op;
  AttrField field;
  const char *name;
} AttrRow;

/* The rows of an op, ended by one of another op; NULL if it reads none. */
const AttrRow *attr_rows(OpId op);
bool attr_reads_loop(OpId op);

/* A copy that holds nothing but what the op reads. */
OpAttr attr_clean(OpId op, const OpAttr *attr);
uint64_t attr_hash(OpId op, const OpAttr *attr, uint64_t seed); /* both of clean attributes */
bool attr_equal(OpId op, const OpAttr *a, const OpAttr *b);

#endif
