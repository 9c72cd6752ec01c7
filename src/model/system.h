/* system.h: what a network traces to. A System is one graph, from (time, states, inputs, noises,
   weights) to (derivatives or next states, outputs), with names, shapes, dimensions and start
   values. It is the one thing that verbs see. All arrays here are whole: the units of a population
   are the leading axis of its states, and the graph takes them apart itself. */
#ifndef DYN_MODEL_SYSTEM_H
#define DYN_MODEL_SYSTEM_H

#include "base/map.h"
#include "graph/graph.h"

typedef enum SystemKind { SYSTEM_CONTINUOUS, SYSTEM_MAP } SystemKind;

/* A quantity of the system: everything that can be read, recorded or reported. */
typedef struct Quantity {
  const char *name; /* "x", "E.r" */
  NodeId node;      /* in System.g; for a state: the input node */
  Shape shape;
  Dim dim;
  Where at;
} Quantity;

/* A time at which something jumps: pulse(t, ...), a comparison with t. */
typedef struct SysEdge {
  NodeId at;     /* depends on weights at most */
  double period; /* of `t % 1 s < 0.1 s` it comes back; 0: it does not */
} SysEdge;

typedef struct SysState {
  Quantity q;  /* q.node: the graph input that holds its value */
  NodeId next; /* derivative (continuous) or next value (map); NODE_NONE: only events change it */
  NodeId init; /* its start: depends on weights, `seed trial` inputs and constants only */
  int64_t offset; /* where it begins in the flat state vector */
  Where eq_at;    /* of its equation */
} SysState;

typedef struct SysInput {
  Quantity q;
  const Tensor *dflt; /* its default value, of full shape */
  NodeId of_time;     /* where a verb has bound it to a function of t: its node; else NODE_NONE */
} SysInput;

typedef struct SysWeight {
  Quantity q;
  const Tensor *value; /* as drawn, trained or set */
  const SparsePattern
      *pattern; /* not NULL: value and node are the entries [nnz] of a sparse matrix */
  bool trainable;
} SysWeight;

typedef struct SysNoise {
  Quantity
      q; /* the graph input that the integrator fills: unit normals / sqrt(dt), or unit normals */
  uint64_t
      key; /* of its stream: run, network and path mixed; the verb's seed comes with `update` */
} SysNoise;

typedef struct SysDelay {
  NodeId value;   /* the expression that is delayed: of the rank of q, extents 1 are stretched */
  NodeId delay;   /* how long, of the shape of q; may depend on the state */
  NodeId input;   /* the graph input that holds the delayed value */
  NodeId history; /* before the start, as a function of `t`, of the value's shape; NODE_NONE: the
                     value at the start */
  const SparsePattern
      *pattern; /* not NULL: value is [cols], q [nnz]: entry k reads value[col[k]] */
  Quantity q;
} SysDelay;

typedef struct SysEvent {
  const char *name; /* NULL: not recorded; "E.spike" */
  NodeId cond;      /* of shape [] or [units] */
  int64_t units;
  int nassign;
  int *state;    /* which states it sets */
  NodeId *value; /* their new values, whole arrays; may read fired */
  NodeId fired;  /* graph input: the condition as zeros and ones, [units] or [] */
  bool stop;     /* ends the run */
  Where at;
} SysEvent;

typedef struct System {
  const char *name;
  SystemKind kind;
  TimeKind time; /* what balances the equations; maps: TIME_PLAIN */
  Graph *g;
  NodeId t;                   /* graph input: time (a map: the step number) */
  NodeId step, trial, update; /* graph inputs: places of random streams */
  uint64_t key;               /* the run's seed, the network's and its path */
  VEC(SysState) states;
  VEC(SysInput) inputs;
  VEC(SysWeight) weights;
  VEC(SysNoise) noises;
  VEC(Quantity) outputs;  /* what `output` declares: recorded, matched with targets */
  VEC(Quantity) readable; /* everything else that has a name: lets, rates, "E.I" */
  VEC(SysDelay) delays;
  VEC(SysEvent) events;
  VEC(SysEdge) edges;
  int64_t dim; /* length of the flat state vector */
  bool uses_t, has_noise;
} System;

/* The state, input, output or readable quantity of this name, or NULL. */
const Quantity *system_find(const System *s, const char *name);

/* Does the node depend on no input of its graph? */
bool system_is_fixed(const Graph *g, NodeId n);
/* Does it depend on weights at most? */
bool system_is_parameter(const System *s, NodeId n);
/* May it be the start of a state: does it depend on weights, `trial` and `update` at most? */
bool system_is_start(const System *s, NodeId n);
/* Finds out what follows from the rest: edges, uses_t. To be called once all is written down. */
void system_complete(Arena *a, System *s);

/* Is there an event that ends the run? */
bool system_stops(const System *s);
/* Is the node the value of a state? */
bool system_is_state(const System *s, NodeId n);

/* The value of the graph input `update` for a verb's seed and the number of an update: both select
   other numbers from every random stream. (0, 0) gives 0. Exact as a double. */
double system_stream(uint64_t seed, uint64_t update);

/* The vector field as a function: inputs (t, step, trial, update, states..., inputs..., noises...,
   delays...), outputs: those asked for. Weights are bound to their values as constants unless
   `weights` is set, in which case they are inputs too, last. Inputs that are bound to functions of
   time stay in the list, unused. With `draw`, noises are drawn for `step`, as in a step of dt. */
typedef struct SystemFnOptions {
  bool weights;
  const NodeId *outs; /* NULL: the derivatives or next states */
  int nouts;
  bool draw;
  double dt;
  int halvings; /* of the steps of the noise's path: see place_draw_noise */
} SystemFnOptions;
GraphFn *system_fn(Arena *a, const System *s, const SystemFnOptions *o);

/* An event as a function: inputs are those of system_fn, then `fired`; outputs are all states after
   it. */
GraphFn *system_event(Arena *a, const System *s, int event);

/* One step of a fixed-step method as a function with the inputs of system_fn, of which `t` is the
   time of step 0 (it goes on by dt each step) and noises are drawn, not read. Outputs are the
   states after the step, then `outs` as seen at its end, under the inputs of the step, then what
   `fired` of each event was. Events are applied at the end of the step. */
struct Stepper;

/* How a step keeps the past of a delayed expression: see ring.h. */
typedef struct SysRing {
  const Tensor *steps; /* the delay in steps, of the delay's shape; NULL: it varies in the run */
  int64_t rows;        /* steps that are kept: enough for the longest delay */
} SysRing;

typedef struct SystemStep {
  const struct Stepper *method; /* of those that are traced; NULL for a map */
  double dt;                    /* of a map: 1 */
  int halvings;                 /* of the steps of the noise's path: see place_draw_noise */
  const NodeId *outs;
  int nouts;
  bool weights;         /* are they inputs too, last? Else they are bound to their values */
  const SysRing *rings; /* of the delays, if there are any */
} SystemStep;
GraphFn *system_step(Arena *a, const System *s, const SystemStep *o);

/* A network with an event that ends the run stands still after it. In a step, further inputs are,
   after all others, the number of steps after which it happened, 0 while it has not, and what those
   `outs` were that are no states; a further output, after all others, is that number. */

/* Which of the values that are delayed element e of the delayed value reads. */
int64_t system_delay_place(const System *s, const SysDelay *d, int64_t e);

/* Networks with delays. In a step, the inputs of delays are rings [rows + 1, nodes, n]; further
   outputs, after `fired`, are a row [nodes, n] for each, to be written to row `step mod rows`. With
   delays that vary there is one more input and output, last: a number that turns infinite at the
   first step at whose start one of them was shorter than a step, or NaN. */
const double *system_ring_nodes(const SystemStep *o, int *n); /* places within a step */
/* With the inputs of a step, the delayed values at its start. */
GraphFn *system_delayed(Arena *a, const System *s, const SystemStep *o);

/* Why the noise of a continuous system cannot be integrated, and in the equation of which state;
   NULL: it can. `diagonal`: by Milstein's method. */
const char *system_noise_fault(Arena *text, const System *s, bool diagonal, int *state);

/* The Jacobian [D, D] of f, of all states' shapes, by the states x, nodes of g: row r, column c is
   the derivative of element r of the flat f by element c of the flat state. Its loops are to be
   added to the graph beforehand, so that they are outermost. */
int *system_jacobian_loops(Arena *a, Graph *g, const System *s);
NodeId system_jacobian(Arena *a, Graph *g, const System *s, const int *loops, const NodeId *x,
                       const NodeId *f);
/* The same transposed, which saves a copy: row c is the derivative of all of f by element c. */
NodeId system_derivatives(Arena *a, Graph *g, const System *s, const int *loops, const NodeId *x,
                          const NodeId *f);

/* The derivative of each element of f by the same element of x along elementwise operations, as a
   node of g; NODE_NONE: there is none. */
NodeId system_diagonal(Arena *a, Graph *g, NodeId x, NodeId f);

#endif
