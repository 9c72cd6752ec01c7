/* run.h: the one executor. A GraphFn is planned once into a Program: a flat list of kernels on
   preassigned buffers, which allocates nothing while it runs. run_op computes a single op on
   tensors with the very same kernels. Elementwise results do not depend on the vector width of the
   machine (given fused multiply-add) nor on which of the two executors (tiles, scalars) ran them.
 */
#ifndef DYN_RUN_RUN_H
#define DYN_RUN_RUN_H

#include "base/status.h"
#include "graph/graph.h"

/* Chooses the kernels for this machine (AVX-512, AVX2 with FMA, or plain C) and holds OpenBLAS to
   one thread. Safe to call more than once; DYN_ISA=avx512|avx2|plain forces one. */
void run_init(void);
const char *run_isa(void);
/* Fixes all that numbers depend on besides the model, so that any x86-64-v3 machine gives the same
   bits: to be asked before anything is planned. False: *why says why this process cannot. */
bool run_make_portable(const char **why);
bool run_is_portable(void);
/* Uses the kernels of this name, "avx2", if the machine has them, for what is planned from now on.
 */
void run_limit_kernels(const char *name);

/* One op on tensors, all with numbers. Shapes must be sound (op_shape). Eager ops too. */
Status run_op(Arena *a, OpId op, const OpAttr *attr, const Tensor *const *in, int nin,
              Tensor **out);

/* The values of a graph's outputs when its inputs are these tensors (for comprehensions and tests).
 */
Status run_graph(Arena *a, const GraphFn *f, const Tensor *const *in, Tensor **out);

typedef struct Program Program;

typedef struct PlanOptions {
  bool single;      /* compute in single precision: all buffers hold floats */
  bool exact;       /* values of expressions: no reciprocals (see pass_simplify) */
  const bool *held; /* of each input: is it PORT_FIXED in scans? NULL: none. Matrices among them are
                       packed for their products once a scan, or a run */
} PlanOptions;

/* Plans f (simplify, lower, fuse, plan): the program lives in `a`. Parts that depend on no input
   are computed here, once; large constants are read where they are, so they must live as long. */
Program *program_plan(Arena *a, const GraphFn *f, const PlanOptions *o);

/* in[i] and out[i] point at arrays of double (or float) of the lowered shapes: loops first, then
   the element's axes. Outputs may not overlap inputs. */
Status program_run(Program *p, const void *const *in, void *const *out);
Shape program_in_shape(const Program *p, int i); /* loops included */
Shape program_out_shape(const Program *p, int i);
size_t program_bytes(const Program *p);
const char *program_print(Arena *a, const Program *p); /* the kernels in order, for `graph` */

/* Runs a program n times in a row: one step of a map or of a traced integrator each. */
typedef enum PortKind {
  PORT_FIXED, /* input: the same array at every step */
  PORT_CARRY, /* input `index` takes at the next step what output `from` gave; data: start, and end.
                 If `every` is negative it may hold any number: it is not checked */
  PORT_SLICE, /* input: row k of data at step k; row -k if `every` is negative */
  PORT_STEP,  /* input: the number of the step, from `first` on, as a scalar */
  PORT_STACK, /* output: written to row (k+1)/every - 1 of data when every divides k+1 */
  PORT_SUM,   /* output: added to data */
  PORT_RING /* output: as [lanes, ...], each lane written to row (first + k) mod `every` of its own
               `every` + 1 rows of data, which a PORT_FIXED may read */
} PortKind;

typedef struct Port {
  PortKind kind;
  int index;
  int from; /* of a carry: its output; of a ring: how many lanes */
  void *data;
  int64_t every;
} Port;

typedef struct ScanSpec {
  const Port *ports;
  int nports;
  int64_t first, steps;
  int64_t check; /* look for non-finite carries every so many steps (0: never) */
  bool (*tick)(void *ctx, int64_t step); /* called at the checks; false cancels */
  void *ctx;
} ScanSpec;

/* On STATUS_NONFINITE, t is the first step after which a carry was found not finite and the
   carries hold the last state that was. */
Status program_scan(Program *p, const ScanSpec *s);

#endif
