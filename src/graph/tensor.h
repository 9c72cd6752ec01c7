/* tensor.h: a dense array of doubles, row-major, immutable once made. Its data may be NULL: such a
   tensor has a shape but no numbers (a rehearsed value). Large ones lie in buffers, which are
   counted: tensors of several arenas share one, and the last arena to go frees it. */
#ifndef DYN_GRAPH_TENSOR_H
#define DYN_GRAPH_TENSOR_H

#include "op/shape.h"

typedef struct Buffer Buffer;

typedef struct Tensor {
  Shape shape;
  double *data;   /* shape_count(shape) values, 64-byte aligned; NULL: no numbers */
  Buffer *buffer; /* where they lie; NULL: in an arena itself */
} Tensor;

/* Zeroed. NULL when the size is beyond what memory can hold (the caller reports it). */
Tensor *tensor_new(Arena *a, Shape s);
/* Likewise, but its numbers are not set, and its memory is taken as they are. */
Tensor *tensor_reserve(Arena *a, Shape s);
Tensor *tensor_abstract(Arena *a, Shape s);
Tensor *tensor_scalar(Arena *a, double x);
/* Numbers that outlive every arena, as those of a mapped file. */
Tensor *tensor_lasting(Arena *a, Shape s, double *data);
/* A view on (part of) another tensor's memory, which must outlive it. */
Tensor *tensor_view(Arena *a, const Tensor *t, Shape s, int64_t offset);
/* The same numbers for as long as `to` lives: shared, unless they are few or only a part of what
   would be held for them. */
const Tensor *tensor_hold(Arena *to, const Tensor *t);
/* Gives up the memory of a tensor that nobody will read again, if it is in no other's use. */
void tensor_release(const Tensor *t);

/* The places of a sparse matrix's entries, in rows (CSR). Immutable and shared; the values are an
   ordinary vector [nnz] in the same order. Columns ascend within a row. */
typedef struct SparsePattern SparsePattern;
struct SparsePattern {
  int64_t rows, cols, nnz;
  const int64_t *start;            /* [rows + 1] */
  const int32_t *col;              /* [nnz] */
  const int64_t *order;            /* of a transpose: entry k is entry order[k] of the original */
  const SparsePattern *transposed; /* made on demand by sparse_transpose; NULL until then */
  const Tensor *order_tensor;      /* `order` as an index for gather, made likewise */
  Arena *arena;
};
SparsePattern *sparse_pattern_new(Arena *a, int64_t rows, int64_t cols, int64_t nnz);
/* Both are made once and live as long as p. The entries of a transpose are gather(entries, order).
 */
const SparsePattern *sparse_transpose(const SparsePattern *p);
const Tensor *sparse_order(const SparsePattern *transposed);

#endif
