/* flow.h: a network at held inputs as functions of its flat state vector [D]: what analyses of the
   vector field work on. States stand in the order of the text. */
#ifndef DYN_VERB_FLOW_H
#define DYN_VERB_FLOW_H

#include "run/run.h"
#include "verb/input.h"

enum { FLOW_PARAMETERS = 2 }; /* at most */

typedef struct Flow {
  Setup s;
  RunInputs in;
  int64_t dim;
  int parameters; /* the network is one of so many numbers (network_of_parameters), which vary */
  int64_t rounds; /* of a map: F is what becomes of a state in so many steps (0: in one) */
  Arena *arena;   /* of the analysis: graphs, programs and buffers */
} Flow;

/* Where the arguments stand in the signature; input: its place. */
typedef struct FlowArgs {
  SetupArgs setup;
  int input;
} FlowArgs;

/* Reads the common arguments. `autonomous` refuses networks with noise, events, delays or time.
   False: reported. The caller sets f->arena before anything is planned. */
bool flow_setup(Ev *ev, Call *c, const FlowArgs *at, bool autonomous, Flow *f);

/* The inputs of a flow's programs, in order. */
enum { FLOW_TIME, FLOW_STEP, FLOW_TRIAL, FLOW_UPDATE, FLOW_X, FLOW_TANGENTS };

/* A function of the flat state: derivatives (a map: next states), or with `step` the state after a
   step of the fixed-step method. Inputs: time, step, trial, update, X [D], with tangents > 0 also
   Q [tangents, D], then inputs and noises of the network. Outputs: F [D], and with tangents the
   derivative of F along each row of Q, [tangents, D]. */
GraphFn *flow_function(Flow *f, bool step, int64_t tangents);
/* F with the Jacobian dF/dX [D, D], or its transpose, as second output, and no Q. */
GraphFn *flow_jacobian(Flow *f, bool transposed);
/* Of a parametric flow, the parameters p being the last inputs: F, dF/dX, and dF/dp [D] of each. */
GraphFn *flow_parametric(Flow *f);
/* The same, and then for each row v of an input Q [rows, D] the derivatives of dF/dX v by X [D, D]
   and by each p [D]. */
GraphFn *flow_bordered(Flow *f, int rows);
/* The second derivative of F by (X, p) along the first two rows of an input Q [3, D + parameters],
   and the third along all three: [D] each. */
GraphFn *flow_curvature(Flow *f);

typedef struct FlowProgram {
  Program *p;
  const void **in;
  int nin;
  double t, step, trial, update;
  double parameter[FLOW_PARAMETERS]; /* of a parametric flow */
} FlowProgram;
/* Plans a function; batch > 0: for so many states at once, X and all outputs with a leading axis.
 */
FlowProgram *flow_plan(Flow *f, GraphFn *fn, int64_t batch);
/* The place of the network's first input among a program's. */
int flow_first_input(const Flow *f, const FlowProgram *p);
/* Held inputs at time t (a map: those of a step). */
void flow_bind_inputs(Flow *f, FlowProgram *p, int64_t step, double t);

/* Draws n starts of the flat state, as `state ~` says: [n, D]. False: reported. */
bool flow_draw_starts(Flow *f, int64_t n, double *x);
/* Starts as an argument gives them (an array [..., D], a record of states with any leading axes,
   or a result of fixed_points): how many there are (-1: not known yet) and, unless x is NULL, their
   numbers [n, D]. */
bool flow_read_starts(Flow *f, Value *v, Where at, int64_t *n, double *x);
/* How many states an argument of the verb holds; none is an error. False: reported. */
bool flow_count_starts(Flow *f, int arg, int64_t *n);

/* The dimension that all states share, or a plain number. */
Dim flow_dim(const Flow *f);
/* Numbers of this shape as a value of the run (NULL: without numbers, in rehearsal). */
Value *flow_array(const Flow *f, Shape s, const double *x, Dim d);
/* States by name, each [leading..., its shape], from rows of flat states (NULL: without numbers).
 */
Value *flow_states(Flow *f, Shape leading, const double *x);

#endif
