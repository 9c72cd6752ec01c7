/* trace.c: a function value of the language as a graph, and its derivatives. */
#include "lang/trace.h"

#include "lang/core.h"
#include "pass/pass.h"
#include "run/run.h"

/* ---- tracing
 * ----------------------------------------------------------------------------------------- */

static LoopSet loops_of(const Value *v) {
  return v->graph ? graph_node(v->graph, v->node)->loops : 0;
}

/* Calls f with a placeholder in these loops. */
static Value *call_traced(Ev *ev, Trace *t, Value *f, LoopSet loops, Where at) {
  Graph *outer = ev->trace;
  t->g->at = at;
  t->in = graph_input(t->g, "x", value_shape(t->x), loops);
  Value *p = value_node(ev, t->g, t->in, t->x->dim);
  p->logical = t->x->logical;
  p->at = t->x->at;
  const Trace *point = ev->point;
  ev->trace = t->g;
  ev->point = t->here ? t : NULL;
  Value *y = ev_call(ev, f, &p, NULL, 1, at);
  ev->trace = outer;
  ev->point = point;
  return ev_dense(ev, y, at);
}

static bool take_result(Ev *ev, Trace *t, Value *y, Where at) {
  if (value_is_error(y)) return false;
  if (!value_is_array(y)) {
    if (y->kind != V_UNKNOWN)
      ev_error(ev, E0210, at, "the function must give an array, not %s", value_kind_name(ev, y));
    return false;
  }
  if (y->graph && y->graph != t->g) {
    ev_needs_value(ev, at, "a value from outside of the function");
    return false;
  }
  t->out = ev_node(ev, t->g, y);
  t->shape = value_shape(y);
  t->dim = y->dim;
  t->logical = y->logical;
  return true;
}

/* The result may vary over loops of the surroundings over which the argument does not. The
   placeholder then varies over them as well, lest derivatives be summed over them. */
static bool trace_call(Ev *ev, Trace *t, Value *f, Where at) {
  LoopSet loops = loops_of(t->x);
  if (!take_result(ev, t, call_traced(ev, t, f, loops, at), at)) return false;
  LoopSet wider = loops | graph_node(t->g, t->out)->loops;
  return wider == loops || take_result(ev, t, call_traced(ev, t, f, wider, at), at);
}

static bool trace(Ev *ev, Arena *a, Value *f, Value *x, Where at, bool here, Trace *out) {
  DiagMark mark = diag_mark(ev->diag);
  bool failed = ev->failed;
  *out = (Trace){.g = ev->trace ? ev->trace : graph_new(a), .own = !ev->trace, .x = x};
  out->here = here && out->own;
  if (x->graph && x->graph != out->g) {
    ev_needs_value(ev, at, "a value from outside of the function");
    return false;
  }
  ev->attempts++;
  bool ok = trace_call(ev, out, f, at);
  ev->attempts--;
  if (!ev->abort_trace) return ok;
  if (ev->attempts) return false;
  out->opaque = true;
  out->why = ev->abort_trace;
  ev->abort_trace = NULL;
  diag_rewind(ev->diag, mark);
  ev->failed = failed;
  return true;
}

bool trace_function(Ev *ev, Arena *a, Value *f, Value *x, Where at, Trace *out) {
  return trace(ev, a, f, x, at, false, out);
}

bool trace_derivable(Ev *ev, Arena *a, Value *f, Value *x, Where at, Trace *out) {
  if (!trace(ev, a, f, x, at, true, out)) return false;
  if (out->opaque)
    ev_error(ev, E0212, at,
             "the function has no derivative, as it needs the value of its argument for %s",
             out->why);
  return !out->opaque;
}

/* ---- back to values
 * ------------------------------------------------------------------------------------ */

/* The graph's other inputs stay what they are. */
void trace_substitute(Ev *ev, const Trace *t, NodeId x, const NodeId *of, NodeId *result, int nof) {
  size_t n = t->g->nodes.n;
  NodeId *from = ARENA_ARRAY(ev->arena, NodeId, n), *to = ARENA_ARRAY(ev->arena, NodeId, n);
  int count = 0;
  for (NodeId id = 0; id < n; id++)
    if (graph_node(t->g, id)->op == OP_input) from[count] = to[count] = id, count++;
  for (int i = 0; i < count; i++)
    if (from[i] == t->in) to[i] = x;
  graph_copy(t->g, t->g, from, to, count, NULL, of, result, nof);
}

Value *trace_value(Ev *ev, const Trace *t, NodeId node, Dim d, Where at) {
  if (!t->own) {
    NodeId result;
    trace_substitute(ev, t, ev_node(ev, t->g, t->x), &node, &result, 1);
    return value_node(ev, t->g, result, d);
  }
  Shape s = graph_node(t->g, node)->shape;
  if (ev->rehearse || !value_is_known(t->x)) return value_abstract(ev, s, d);
  NodeId in = t->in;
  GraphFn f = {.g = t->g, .in = &in, .nin = 1, .out = &node, .nout = 1};
  Tensor *out;
  Status status = run_graph(ev->arena, &f, &t->x->tensor, &out);
  if (status.code == STATUS_OK) return value_tensor(ev, out, d);
  return ev_fail(ev, at, status, "the function failed: %s", status.what ? status.what : "no value");
}

/* ---- derivatives
 * --------------------------------------------------------------------------------------- */

static NodeId zeros(Graph *g, Shape s) {
  return graph_broadcast(g, graph_num(g, 0), s);
}

NodeId trace_gradient(Trace *t, NodeId cotangent) {
  NodeId gradient;
  graph_vjp(t->g, &t->out, &cotangent, 1, &t->in, &gradient, 1);
  return gradient == NODE_NONE ? zeros(t->g, value_shape(t->x)) : gradient;
}

NodeId trace_tangent(Trace *t, NodeId direction) {
  NodeId tangent;
  graph_jvp(t->g, &t->in, &direction, 1, &t->out, &tangent, 1);
  return tangent == NODE_NONE ? zeros(t->g, t->shape) : tangent;
}

/* Index k of a loop has as its direction a one at element k of x. */
static NodeId directions(Graph *g, Shape x, int64_t n, int loop) {
  Tensor *places = tensor_new(g->arena, shape_vec(n));
  for (int64_t k = 0; k < n; k++) places->data[k] = (double)k;
  NodeId hot = graph_op2(g, OP_eq, graph_const(g, places), graph_iota(g, loop));
  return graph_reshape(g, hot, x);
}

NodeId trace_jacobian(Ev *ev, Trace *t) {
  Shape x = value_shape(t->x);
  int64_t n = shape_count(x), m = shape_count(t->shape);
  if (n < 0 || m < 0 || ev->rehearse) {
    Tensor *none = tensor_abstract(ev->arena, shape_mat(m, n));
    return graph_const(t->g, none);
  }
  int loop = graph_add_loop(t->g, "direction", n);
  if (loop < 0) return NODE_NONE;
  NodeId columns = graph_stack(t->g, trace_tangent(t, directions(t->g, x, n, loop)), loop);
  columns = graph_reshape(t->g, columns, shape_mat(n, m));
  OpAttr swap = {.n = 2, .i = {1, 0}};
  return graph_add(t->g, OP_transpose, &columns, 1, &swap);
}
