/* eager.c: single ops on tensors, with the kernels of the executor. Elementwise ops whose arguments
   are whole arrays or single numbers are one kernel call; other broadcasts run line by line. */
#include <cblas.h>
#include <string.h>

#include "run/isa.h"
#include "run/kernel.h"
#include "run/run.h"
#include "run/strided.h"

enum { SHORT_LINE = 32, MAX_ARITY = 3, STACK_WORK = 4096 };

/* Ends the threads that OpenBLAS started when it was loaded. Else they wait for work in a busy
   loop, at the cost of a core for the first tens of milliseconds. Not in its headers. */
extern int blas_thread_shutdown_(void) __attribute__((weak));

void run_init(void) {
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}

const char *run_isa(void) {
  return isa_level_name(run_isa_level());
}

static Status too_large(void) {
  return (Status){STATUS_INVALID, 0, -1, "too large for memory"};
}

/* ---- Elementwise ---- */

typedef struct Lines {
  OpId op;
  int nin;
  int rank; /* of the loop nest, after collapsing */
  int64_t n[SHAPE_MAX_AXES], stride[MAX_ARITY][SHAPE_MAX_AXES];
  const double *in[MAX_ARITY];
  double *out;
} Lines;

/* Axes of one element go; axes join where every argument allows it. */
static void collapse(Lines *l) {
  int r = 0;
  for (int k = 0; k < l->rank; k++) {
    if (l->n[k] == 1) continue;
    bool joins = r > 0;
    for (int a = 0; a < l->nin && joins; a++)
      joins = l->stride[a][r - 1] == l->stride[a][k] * l->n[k];
    int to = joins ? r - 1 : r++;
    l->n[to] = joins ? l->n[to] * l->n[k] : l->n[k];
    for (int a = 0; a < l->nin; a++) l->stride[a][to] = l->stride[a][k];
  }
  l->rank = r;
}

/* Writes out an argument in full, so that the nest becomes one line. */
static double *spread(const Lines *l, int arg, int64_t count) {
  Shape s = {.rank = l->rank};
  Strided c = {.rank = l->rank};
  double *full = mem_reserve((size_t)count * sizeof *full);
  memcpy(s.n, l->n, sizeof s.n);
  memcpy(c.n, l->n, sizeof c.n);
  memcpy(c.from, l->stride[arg], sizeof c.from);
  strides_dense(s, c.to);
  strided_copy(&c, false, full, l->in[arg]);
  return full;
}

static void run_lines(const Lines *l, int64_t count) {
  int64_t n = l->rank ? l->n[l->rank - 1] : 1, at[SHAPE_MAX_AXES] = {0};
  unsigned scalars = 0;
  for (int a = 0; a < l->nin && l->rank; a++) scalars |= (l->stride[a][l->rank - 1] == 0) << a;
  TileFn *kernel = tile_kernel(l->op, scalars, false);
  const double *in[MAX_ARITY] = {l->in[0], l->in[1], l->in[2]};
  for (int64_t done = 0; done < count; done += n) {
    kernel(l->out + done, in[0], in[1], in[2], n);
    for (int k = l->rank - 2; k >= 0; k--) {
      bool carry = ++at[k] == l->n[k];
      for (int a = 0; a < l->nin; a++) in[a] += l->stride[a][k] * (carry ? 1 - l->n[k] : 1);
      if (!carry) break;
      at[k] = 0;
    }
  }
}

static void run_short_lines(Lines *l, int64_t count) {
  double *full[MAX_ARITY] = {NULL};
  for (int a = 0; a < l->nin; a++) l->in[a] = full[a] = spread(l, a, count);
  l->rank = 1;
  l->n[0] = count;
  for (int a = 0; a < l->nin; a++) l->stride[a][0] = 1;
  run_lines(l, count);
  for (int a = 0; a < l->nin; a++) mem_free(full[a]);
}

static Status run_elementwise(Arena *a, OpId op, const Tensor *const *in, int nin, Tensor **out) {
  Shape s = in[0]->shape;
  for (int k = 1; k < nin; k++)
    if (!shape_broadcast(s, in[k]->shape, &s))
      return (Status){STATUS_INVALID, 0, -1, "the shapes do not fit each other"};
  Tensor *t = tensor_reserve(a, s);
  if (!t) return too_large();
  Lines l = {.op = op, .nin = nin, .rank = s.rank, .out = t->data};
  memcpy(l.n, s.n, sizeof l.n);
  for (int k = 0; k < nin; k++) {
    int64_t dense[SHAPE_MAX_AXES];
    l.in[k] = in[k]->data;
    strides_dense(in[k]->shape, dense);
    strides_broadcast(in[k]->shape, dense, s, l.stride[k]);
  }
  int64_t count = shape_count(s);
  collapse(&l);
  if (l.rank > 1 && l.n[l.rank - 1] < SHORT_LINE)
    run_short_lines(&l, count);
  else if (count > 0)
    run_lines(&l, count);
  *out = t;
  return STATUS_FINE;
}

/* ---- Other ops ---- */

static Status run_kernel(Arena *a, OpId op, const OpAttr *attr, const Tensor *const *in, int nin,
                         Tensor *out, const Shape *shapes) {
  const void **data = arena_array(a, (size_t)nin + 1, sizeof *data);
  for (int k = 0; k < nin; k++) data[k] = in[k]->data;
  KernCall c = {.attr = attr,
                .nin = nin,
                .in = data,
                .shape = shapes,
                .out_shape = out->shape,
                .out = out->data};
  _Alignas(64) char small[STACK_WORK];
  size_t work = kern_work_bytes(op, &c);
  c.work = work > STACK_WORK ? mem_reserve(work) : small;
  Status st = kern_table[op](&c);
  if (work > STACK_WORK) mem_free(c.work);
  return st;
}

Status run_op(Arena *a, OpId op, const OpAttr *attr, const Tensor *const *in, int nin,
              Tensor **out) {
  static const OpAttr none;
  const char *why;
  Shape s;
  if (op_table[op].flags & OP_ELEMENTWISE) return run_elementwise(a, op, in, nin, out);
  if (kern_eager(op)) return kern_eager(op)(a, in, out);
  Shape *shapes = arena_array(a, (size_t)nin + 1, sizeof *shapes);
  for (int k = 0; k < nin; k++) shapes[k] = in[k]->shape;
  if (!attr) attr = &none;
  if (!op_shape(op, attr, shapes, nin, &s, a, &why)) return (Status){STATUS_INVALID, 0, -1, why};
  *out = tensor_reserve(a, s);
  return *out ? run_kernel(a, op, attr, in, nin, *out, shapes) : too_large();
}
