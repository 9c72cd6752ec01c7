/* builtin_calculus.c: derivatives of functions of one array. They are functions of the graph that a
   function traces to, so they are exact, and may be nested or stand in a network. */
#include "lang/arg.h"
#include "lang/builtin_rows.h"
#include "lang/core.h"
#include "lang/form.h"
#include "lang/trace.h"

/* Makes a value of a trace. `extra` is what the caller adds. */
typedef Value *UseTrace(Ev *ev, Trace *t, Value *extra, Where at);

/* Traces f at x in memory of its own and makes a value of it. */
static Value *with_trace(Ev *ev, Value *f, Value *x, Value *extra, UseTrace *use, Where at) {
  Arena *scratch = arena_new();
  Trace t;
  bool ok = trace_derivable(ev, scratch, f, x, at, &t);
  Value *v = ok ? use(ev, &t, extra, at) : &VALUE_ERROR;
  arena_free(scratch);
  return v;
}

/* Function and argument of a call; NULL: go on. */
static Value *function_at(Ev *ev, Call *c, Value **f, Value **x) {
  *f = arg_function(ev, c, 0);
  *x = arg_array(ev, c, 1);
  if ((*f)->kind != V_FUNCTION) return *f;
  return value_is_array(*x) ? NULL : *x;
}

/* `v` must have the shape s; a node of the trace. */
static NodeId node_like(Ev *ev, Trace *t, Value *v, Shape s, const char *of, Where at) {
  if (!shape_fits(value_shape(v), s)) {
    ev_error(ev, E0401, at, "the direction has the shape %s, but %s has %s",
             shape_text(ev->arena, value_shape(v)), of, shape_text(ev->arena, s));
    return NODE_NONE;
  }
  if (!v->graph || v->graph == t->g) return ev_node(ev, t->g, v);
  ev_needs_value(ev, at, "a value from outside of the function");
  return NODE_NONE;
}

/* ---- gradients
 * ----------------------------------------------------------------------------------------- */

static Value *gradient_of_trace(Ev *ev, Trace *t, Value *extra, Where at) {
  (void)extra;
  if (t->shape.rank)
    return ev_error(ev, E0411, at, "`grad` takes a function that gives one number, not %s",
                    shape_text(ev->arena, t->shape));
  NodeId node = trace_gradient(t, graph_num(t->g, 1));
  return trace_value(ev, t, node, dim_div(t->dim, t->x->dim), at);
}

static Value *gradient_at(Ev *ev, Call *c) {
  Value *x = arg_array(ev, c, 0);
  if (!value_is_array(x)) return x;
  return with_trace(ev, c->self->fields[0].value, x, NULL, gradient_of_trace, c->at);
}

Value *bi_grad(Ev *ev, Call *c) {
  static const Builtin gradient = {"gradient", "gradient(x)", "The gradient of a function at x.",
                                   BUILTIN_TRACED, gradient_at};
  Value *f = arg_function(ev, c, 0);
  if (f->kind != V_FUNCTION) return f;
  Value *v = value_record(ev, NULL, 1);
  v->kind = V_FUNCTION;
  v->builtin = &gradient;
  v->at = c->at;
  value_set(v, 0, "f", f);
  return v;
}

/* ---- products with the Jacobian
 * -------------------------------------------------------------------------- */

static Value *tangent_of_trace(Ev *ev, Trace *t, Value *v, Where at) {
  NodeId direction = node_like(ev, t, v, value_shape(t->x), "the argument", at);
  if (direction == NODE_NONE) return &VALUE_ERROR;
  Dim d = dim_mul(dim_div(t->dim, t->x->dim), v->dim);
  return trace_value(ev, t, trace_tangent(t, direction), d, at);
}

static Value *cotangent_of_trace(Ev *ev, Trace *t, Value *g, Where at) {
  NodeId cotangent = node_like(ev, t, g, t->shape, "the result", at);
  if (cotangent == NODE_NONE) return &VALUE_ERROR;
  Dim d = dim_mul(dim_div(t->dim, t->x->dim), g->dim);
  return trace_value(ev, t, trace_gradient(t, cotangent), d, at);
}

static Value *product(Ev *ev, Call *c, UseTrace *use) {
  Value *f, *x, *v = arg_array(ev, c, 2), *other = function_at(ev, c, &f, &x);
  if (other) return other;
  return value_is_array(v) ? with_trace(ev, f, x, v, use, c->at) : v;
}

Value *bi_jvp(Ev *ev, Call *c) {
  return product(ev, c, tangent_of_trace);
}
Value *bi_vjp(Ev *ev, Call *c) {
  return product(ev, c, cotangent_of_trace);
}

/* ---- the Jacobian
 * ---------------------------------------------------------------------------------------- */

static Value *jacobian_of_trace(Ev *ev, Trace *t, Value *extra, Where at) {
  (void)extra;
  NodeId node = trace_jacobian(ev, t);
  if (node == NODE_NONE) return ev_error(ev, E0405, at, "the Jacobian is too large");
  return trace_value(ev, t, node, dim_div(t->dim, t->x->dim), at);
}

static bool is_network(const Value *v) {
  return v->kind == V_NETWORK || (v->kind == V_FUNCTION && v->fn && v->fn->kind == AST_NETWORK);
}

/* Of a network it is a verb: elements of a comprehension ask one by one. */
static Value *network_jacobian(Ev *ev, Call *c) {
  bool traced = value_is_traced(c->arg[1]) || (arg_given(c, 2) && value_is_traced(c->arg[2]));
  if (ev->attempts || traced) return ev_needs_value(ev, c->at, "the state of a Jacobian");
  return ev->network_jacobian(ev, c);
}

Value *bi_jacobian(Ev *ev, Call *c) {
  if (is_network(c->arg[0]) && ev->network_jacobian) return network_jacobian(ev, c);
  if (arg_given(c, 2)) return arg_bad(ev, c, 2, "belongs to the Jacobian of a network");
  Value *f, *x, *other = function_at(ev, c, &f, &x);
  return other ? other : with_trace(ev, f, x, NULL, jacobian_of_trace, c->at);
}
