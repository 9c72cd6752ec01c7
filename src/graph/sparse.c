/* sparse.c: patterns of sparse matrices in compressed rows. */
#include <string.h>

#include "graph/tensor.h"

static void *buffer(Arena *a, int64_t count, size_t size) {
  void *p = mem_alloc((size_t)count * size);
  arena_defer(a, mem_free, p);
  return p;
}

SparsePattern *sparse_pattern_new(Arena *a, int64_t rows, int64_t cols, int64_t nnz) {
  SparsePattern *p = ARENA_NEW(a, SparsePattern);
  p->rows = rows;
  p->cols = cols;
  p->nnz = nnz;
  p->start = buffer(a, rows + 1, sizeof *p->start);
  p->col = buffer(a, nnz, sizeof *p->col);
  p->arena = a;
  return p;
}

/* A counting sort by column; it keeps the rows in order within each column. */
static void fill_transposed(const SparsePattern *p, int64_t *start, int32_t *col, int64_t *order) {
  for (int64_t e = 0; e < p->nnz; e++) start[p->col[e] + 1]++;
  for (int64_t c = 0; c < p->cols; c++) start[c + 1] += start[c];
  int64_t *next = mem_alloc((size_t)(p->cols + 1) * sizeof *next);
  memcpy(next, start, (size_t)(p->cols + 1) * sizeof *next);
  for (int64_t r = 0; r < p->rows; r++) {
    for (int64_t e = p->start[r]; e < p->start[r + 1]; e++) {
      int64_t to = next[p->col[e]]++;
      col[to] = (int32_t)r;
      order[to] = e;
    }
  }
  mem_free(next);
}

const SparsePattern *sparse_transpose(const SparsePattern *p) {
  if (p->transposed) return p->transposed;
  SparsePattern *t = ARENA_NEW(p->arena, SparsePattern);
  int64_t *start = buffer(p->arena, p->cols + 1, sizeof *start);
  int32_t *col = buffer(p->arena, p->nnz, sizeof *col);
  int64_t *order = buffer(p->arena, p->nnz, sizeof *order);
  fill_transposed(p, start, col, order);
  *t = (SparsePattern){.rows = p->cols,
                       .cols = p->rows,
                       .nnz = p->nnz,
                       .start = start,
                       .col = col,
                       .order = order,
                       .arena = p->arena};
  /* A pattern does not change for anybody by remembering its transpose. */
  ((SparsePattern *)p)->transposed = t;
  return t;
}

const Tensor *sparse_order(const SparsePattern *transposed) {
  if (transposed->order_tensor) return transposed->order_tensor;
  Tensor *order = tensor_new(transposed->arena, shape_vec(transposed->nnz));
  for (int64_t k = 0; k < transposed->nnz; k++) order->data[k] = (double)transposed->order[k];
  ((SparsePattern *)transposed)->order_tensor = order;
  return order;
}
