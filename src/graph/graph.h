/* graph.h: the graph. Nodes are hash-consed ops over nodes; ids ascend from arguments to users.

   Every node has an element shape and a set of loops. A loop is a named axis with an extent, over
   which the node is computed "for each": the index of a comprehension, the units of a population,
   the trials of a batch, the tangents of a Jacobian. Ops are written for one element and never see
   loops; a node's loops are the union of its arguments' (minus the one that OP_stack removes). So
   `batch` needs no rules: an input that gains a loop spreads it to whatever depends on it.
     iota(L)         the index in loop L, a scalar
     unstack(x, L)   takes the leading element axis of x apart: one element for each index of L
     stack(x, L)     the reverse: loop L becomes the leading element axis (x is repeated where it
                     does not depend on L)
   pass_lower turns loops into leading axes; what is planned and run has none.

   The memory order of loops is their index: loop 0 is the outermost.
   Text form:   loop 0 trials 64
                %0 = input "x" [200] {0}
                %1 = const 1
                %2 = tanh %0 : [200] {0}
                return %2                                                                        */
#ifndef DYN_GRAPH_GRAPH_H
#define DYN_GRAPH_GRAPH_H

#include "base/diag.h"
#include "base/vec.h"
#include "graph/tensor.h"
#include "op/op.h"

typedef uint32_t NodeId;
typedef uint64_t LoopSet; /* bit k: loop k */
enum { NODE_NONE = UINT32_MAX, GRAPH_MAX_LOOPS = 64 };

typedef struct Loop {
  int64_t extent;
  const char *name;
} Loop;

typedef struct Node {
  uint16_t op;
  uint16_t nin;
  const NodeId *in;
  Shape shape; /* of one element */
  LoopSet loops;
  const OpAttr *attr; /* NULL where the op has none */
  const char *name;   /* of an input */
  Where at;           /* where in the model it came from */
  uint64_t hash;
} Node;

typedef struct Graph {
  Arena *arena;
  VEC(Node) nodes;
  Loop loops[GRAPH_MAX_LOOPS];
  int nloops;
  Where at;        /* given to new nodes: set it before building */
  uint32_t *slots; /* of the hash table */
  size_t nslots;
} Graph;

/* A function: a graph with its inputs and outputs in order. What passes take and give. */
typedef struct GraphFn {
  Graph *g;
  NodeId *in;
  int nin;
  NodeId *out;
  int nout;
} GraphFn;

Graph *graph_new(Arena *a);
const Node *graph_node(const Graph *g, NodeId id);
int graph_add_loop(Graph *g, const char *name, int64_t extent); /* -1: too many */

/* Adds (or finds) a node. The shape rule must hold: the caller has asked op_shape. Elementwise ops
   of constant scalars are folded where every machine agrees on the value (arithmetic). */
NodeId graph_add(Graph *g, OpId op, const NodeId *in, int nin, const OpAttr *attr);
NodeId graph_input(Graph *g, const char *name, Shape s, LoopSet loops); /* always a new node */
NodeId graph_const(Graph *g, const Tensor *t);
NodeId graph_num(Graph *g, double x);
bool graph_is_num(const Graph *g, NodeId id, double *x); /* a constant scalar (with numbers)? */

/* Builders for what C code writes often. */
NodeId graph_op1(Graph *g, OpId op, NodeId a);
NodeId graph_op2(Graph *g, OpId op, NodeId a, NodeId b);
NodeId graph_op3(Graph *g, OpId op, NodeId a, NodeId b, NodeId c);
NodeId graph_iota(Graph *g, int loop);
NodeId graph_unstack(Graph *g, NodeId x, int loop);
NodeId graph_stack(Graph *g, NodeId x, int loop);
NodeId graph_broadcast(Graph *g, NodeId x, Shape s);
NodeId graph_reshape(Graph *g, NodeId x, Shape s);
NodeId graph_spread(Graph *g, NodeId x, LoopSet loops); /* repeats x over the loops that it lacks */
GraphFn *graph_fn_new(Arena *a, Graph *g, int nin, int nout); /* in and out still to be filled */

/* Copies what `outs` need from `from` into `to`, replacing each node from map_in[i] by map_to[i];
   loops of `from` become loop_map[k] of `to` (NULL: the same). Results in outs_to. */
void graph_copy(Graph *to, const Graph *from, const NodeId *map_in, const NodeId *map_to, int nmap,
                const int *loop_map, const NodeId *outs, NodeId *outs_to, int nouts);

/* The same nodes under the same ids, to which more can be added. It is not to be compacted. */
Graph *graph_fork(Arena *a, const Graph *g);
void graph_reserve(Graph *g, size_t nodes); /* makes room beforehand */
/* Removes the nodes that f does not need from its graph, in place: ids change. */
void graph_compact(GraphFn *f);

/* One node of another graph, its arguments replaced by map[argument]; inputs become new inputs. */
NodeId graph_copy_node(Graph *to, const Node *n, const NodeId *map, const int *loop_map);
LoopSet graph_map_loops(LoopSet loops, const int *loop_map);

/* Do any of `outs` depend on the node `on`? */
bool graph_depends(const Graph *g, NodeId on, const NodeId *outs, int nouts);
/* For each node, 1 if any of `outs` needs it. Freed with mem_free. */
uint8_t *graph_live(const Graph *g, const NodeId *outs, int nouts);

/* NULL if the graph is sound, else what is wrong with it (ids, shapes, loops, arity). */
const char *graph_verify(Arena *a, const GraphFn *f);

/* Text, both ways. Large constants print as `const [200, 200] #hash` and do not read back. */
const char *graph_print(Arena *a, const GraphFn *f);
uint64_t graph_hash(const GraphFn *f); /* of the text and of all constants */
GraphFn *graph_read(Arena *a, const Source *src, DiagList *d);

#endif
