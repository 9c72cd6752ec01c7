/* trace.h: a function value of the language as a graph: called once with a placeholder, whatever it
   does to that becomes nodes. What derivatives, roots and integrals start from. */
#ifndef DYN_LANG_TRACE_H
#define DYN_LANG_TRACE_H

#include "lang/eval.h"

typedef struct Trace {
  Graph *g;  /* the one under construction, or a new one */
  bool own;  /* it is new: nothing but the argument is traced */
  bool here; /* it is evaluated at x, and nowhere else */
  Value *x;  /* the argument as given */
  NodeId in; /* the placeholder that stands for it */
  NodeId out;
  Shape shape; /* of the result */
  Dim dim;     /* of the result */
  bool logical;
  bool opaque; /* not traceable, as it needs the numbers of its argument: `why` says for what */
  const char *why;
} Trace;

/* Traces y = f(x). False: reported, or to be computed element by element (see ev_needs_value). A
   function that cannot be traced gives true with `opaque` set; nothing is reported then. */
bool trace_function(Ev *ev, Arena *a, Value *f, Value *x, Where at, Trace *out);

/* A node of the trace as a value, its placeholder being the argument: computed where that has
   numbers, else traced or abstract. */
Value *trace_value(Ev *ev, const Trace *t, NodeId node, Dim d, Where at);

/* Nodes of the trace, with x in place of the placeholder. */
void trace_substitute(Ev *ev, const Trace *t, NodeId x, const NodeId *of, NodeId *result, int nof);

/* As trace_function, for those who can do nothing with an opaque function: reports it. */
bool trace_derivable(Ev *ev, Arena *a, Value *f, Value *x, Where at, Trace *out);

/* Derivatives at the placeholder, as nodes. */
NodeId trace_gradient(Trace *t, NodeId cotangent); /* of sum(cotangent * y): the shape of x */
NodeId trace_tangent(Trace *t, NodeId direction);  /* the shape of y */
NodeId trace_jacobian(Ev *ev,
                      Trace *t); /* [elements of y, elements of x]; NODE_NONE: too many loops */

#endif
