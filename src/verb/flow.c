/* flow.c: see flow.h. */
#include "verb/flow.h"

#include <string.h>

#include "lang/arg.h"
#include "lang/core.h"
#include "lang/network.h"
#include "pass/pass.h"
#include "verb/record.h"

/* ---- arguments ------------------------------------------------------------------------------- */

static bool refuse(const Flow *f, Where at, const char *what, const char *mend) {
  Diag *d = setup_report(&f->s, E0620, at, "`%s` %s: `%s` needs a network that does not change",
                         f->s.sys->name, what, f->s.verb);
  if (d) diag_note(f->s.ev->diag, d, at, "%s", mend);
  return false;
}

static bool is_autonomous(const Flow *f) {
  const System *s = f->s.sys;
  Where at = f->s.c->at;
  if (s->has_noise)
    return refuse(f, s->noises.n ? s->noises.at[0].q.at : at, "has noise",
                  "leave the noise out, or give its mean as a constant input; `lyapunov` and "
                  "`sensitivity` go along a run, its noise frozen");
  if (s->delays.n) return refuse(f, s->delays.at[0].q.at, "has delays", "its state is a function");
  if (s->events.n) return refuse(f, s->events.at[0].at, "has events", "its state jumps");
  if (s->uses_t)
    return refuse(f, at, "depends on the time `t`", "hold the time-dependent part as an input");
  return true;
}

/* Whether the network can be analysed must be known before a method is chosen for it. */
static bool network_suits(Ev *ev, Call *c, const FlowArgs *at, Flow *f) {
  Value *net = network_of(ev, c->arg[at->setup.net], c->arg_at[at->setup.net]);
  f->s = (Setup){.ev = ev, .c = c, .verb = c->fn->name, .net = net};
  f->s.sys = net ? network_system(ev, net, c->arg_at[at->setup.net]) : NULL;
  return f->s.sys && is_autonomous(f);
}

bool flow_setup(Ev *ev, Call *c, const FlowArgs *at, bool autonomous, Flow *f) {
  if (autonomous && !network_suits(ev, c, at, f)) return false;
  if (!setup_run(ev, c, &at->setup, &f->s)) return false;
  f->s.holds_input = autonomous;
  if (!input_read(&f->s, c->arg[at->input], c->arg_at[at->input], false, &f->in)) return false;
  f->dim = f->s.sys->dim;
  return true;
}

/* ---- functions of the flat state ------------------------------------------------------------- */

static Shape state_shape(const System *s, size_t i) {
  return s->states.at[i].q.shape;
}

static NodeId part_of(Graph *g, const System *s, size_t i, NodeId flat) {
  OpAttr at = {.n = 1, .i = {s->states.at[i].offset}, .j = {shape_count(state_shape(s, i))}};
  return graph_reshape(g, graph_add(g, OP_slice, &flat, 1, &at), state_shape(s, i));
}

static NodeId join(Graph *g, const System *s, const NodeId *parts, Arena *a) {
  NodeId *flat = ARENA_ARRAY(a, NodeId, s->states.n);
  for (size_t i = 0; i < s->states.n; i++)
    flat[i] = graph_reshape(g, parts[i], shape_vec(shape_count(state_shape(s, i))));
  if (s->states.n == 1) return flat[0];
  return graph_add(g, OP_concat, flat, (int)s->states.n, &(OpAttr){.axis = 0});
}

/* A graph with the inputs of the result; loops of tangents, if any, are outermost. */
typedef struct FlatFn {
  GraphFn *fn;
  NodeId x, f;             /* the state, and F */
  const NodeId *parameter; /* of a parametric flow: so many */
  NodeId *states, *outs;   /* their parts */
  int loop;                /* of tangents, or -1 */
  int *loops;              /* of a Jacobian, or NULL */
} FlatFn;

/* What the function has besides F: nothing, derivatives along rows of an input Q, the Jacobian,
   higher derivatives along rows of Q. */
typedef enum FlatKind {
  FLAT_ALONE,
  FLAT_TANGENTS,
  FLAT_JACOBIAN,
  FLAT_BORDERED,
  FLAT_CURVATURE
} FlatKind;

enum { OUTPUTS_MOST = 2 + FLOW_PARAMETERS + 2 * (1 + FLOW_PARAMETERS) };

static int *loops_behind(Graph *g, const Graph *from, Arena *a) {
  int *map = ARENA_ARRAY(a, int, from->nloops + 1);
  for (int k = 0; k < from->nloops; k++)
    map[k] = graph_add_loop(g, from->loops[k].name, from->loops[k].extent);
  return map;
}

/* The inputs of the network's function behind its states: the same, but weights become their
   values, except for the parameters. */
static void copy_inputs(Flow *f, const GraphFn *of, FlatFn *r, NodeId *map, int n) {
  const System *s = f->s.sys;
  int weights = of->nin - (f->parameters ? (int)s->weights.n : 0);
  for (int i = FLOW_X + (int)s->states.n; i < of->nin; i++) {
    const Node *in = graph_node(of->g, of->in[i]);
    if (i >= weights + f->parameters)
      map[i] = graph_const(r->fn->g, s->weights.at[i - weights].value);
    else
      r->fn->in[n++] = map[i] = graph_input(r->fn->g, in->name, in->shape, 0);
  }
  r->fn->nin = n;
  r->parameter = r->fn->in + n - f->parameters;
}

/* Of a map, what further steps make of the states: these are put behind the first one. */
static void add_rounds(const Flow *f, const GraphFn *of, FlatFn *r, NodeId *map, const int *loops) {
  size_t nstates = f->s.sys->states.n;
  NodeId *next = ARENA_ARRAY(f->arena, NodeId, of->nin);
  memcpy(next, map, (size_t)of->nin * sizeof *map);
  for (int64_t k = 1; k < f->rounds; k++) {
    memcpy(next + FLOW_X, r->outs, nstates * sizeof *next);
    graph_copy(r->fn->g, of->g, of->in, next, of->nin, loops, of->out, r->outs, (int)nstates);
  }
}

static FlatFn flat_function(Flow *f, const GraphFn *of, FlatKind kind, int64_t tangents) {
  const System *s = f->s.sys;
  int nstates = (int)s->states.n, n = 0;
  Graph *g = graph_new(f->arena);
  FlatFn r = {.loop = kind == FLAT_TANGENTS ? graph_add_loop(g, "tangent", tangents) : -1};
  if (kind == FLAT_JACOBIAN || kind == FLAT_BORDERED)
    r.loops = system_jacobian_loops(f->arena, g, s);
  int *loops = loops_behind(g, of->g, f->arena);
  NodeId *map = ARENA_ARRAY(f->arena, NodeId, of->nin);
  r.fn = graph_fn_new(f->arena, g, of->nin - nstates + 2, OUTPUTS_MOST);
  for (int i = 0; i < FLOW_X; i++)
    r.fn->in[n++] = map[i] = graph_input(g, graph_node(of->g, of->in[i])->name, SHAPE_SCALAR, 0);
  r.x = r.fn->in[n++] = graph_input(g, "X", shape_vec(f->dim), 0);
  if (tangents > 0)
    r.fn->in[n++] = graph_input(
        g, "Q", shape_mat(tangents, f->dim + (kind == FLAT_CURVATURE ? f->parameters : 0)), 0);
  for (int i = 0; i < nstates; i++) map[FLOW_X + i] = part_of(g, s, (size_t)i, r.x);
  copy_inputs(f, of, &r, map, n);
  r.states = map + FLOW_X;
  r.outs = ARENA_ARRAY(f->arena, NodeId, nstates + 1);
  graph_copy(g, of->g, of->in, map, of->nin, loops, of->out, r.outs, nstates);
  add_rounds(f, of, &r, map, loops);
  r.f = r.fn->out[0] = join(g, s, r.outs, f->arena);
  r.fn->nout = 1;
  return r;
}

static const GraphFn *network_function(Flow *f, bool step) {
  SystemFnOptions o = {.weights = f->parameters > 0, .draw = true, .dt = 1};
  if (!step) return system_fn(f->arena, f->s.sys, &o);
  return system_step(f->arena, f->s.sys, &(SystemStep){.method = f->s.method, .dt = f->s.dt});
}

/* Adds the derivative of F along the rows of Q as second output. */
static void add_derivative(FlatFn *r, int64_t tangents, int64_t dim) {
  Graph *g = r->fn->g;
  NodeId d = NODE_NONE, q = graph_unstack(g, r->fn->in[FLOW_TANGENTS], r->loop);
  graph_jvp(g, &r->x, &q, 1, &r->f, &d, 1);
  r->fn->out[1] = d == NODE_NONE ? graph_broadcast(g, graph_num(g, 0), shape_mat(tangents, dim))
                                 : graph_stack(g, d, r->loop);
  r->fn->nout = 2;
}

GraphFn *flow_function(Flow *f, bool step, int64_t tangents) {
  FlatFn r = flat_function(f, network_function(f, step), tangents > 0 ? FLAT_TANGENTS : FLAT_ALONE,
                           tangents);
  if (tangents > 0) add_derivative(&r, tangents, f->dim);
  return r.fn;
}

GraphFn *flow_jacobian(Flow *f, bool transposed) {
  FlatFn r = flat_function(f, network_function(f, false), FLAT_JACOBIAN, 0);
  r.fn->out[1] = (transposed ? system_derivatives : system_jacobian)(f->arena, r.fn->g, f->s.sys,
                                                                     r.loops, r.states, r.outs);
  r.fn->nout = 2;
  return r.fn;
}

/* Adds the derivatives of a flat quantity by X, of which these are the parts, and by the
 * parameters.
 */
static void add_jacobians(Flow *f, FlatFn *r, NodeId flat, const NodeId *parts) {
  Graph *g = r->fn->g;
  NodeId one = graph_num(g, 1), d;
  r->fn->out[r->fn->nout++] = system_jacobian(f->arena, g, f->s.sys, r->loops, r->states, parts);
  for (int i = 0; i < f->parameters; i++) {
    graph_jvp(g, &r->parameter[i], &one, 1, &flat, &d, 1);
    r->fn->out[r->fn->nout++] =
        d == NODE_NONE ? graph_broadcast(g, graph_num(g, 0), shape_vec(f->dim)) : d;
  }
}

GraphFn *flow_parametric(Flow *f) {
  FlatFn r = flat_function(f, network_function(f, false), FLAT_JACOBIAN, 0);
  add_jacobians(f, &r, r.f, r.outs);
  return r.fn;
}

/* The parts of the derivative along row k of Q. */
static NodeId *parts_along(Flow *f, const FlatFn *r, int k) {
  Graph *g = r->fn->g;
  const System *s = f->s.sys;
  NodeId *parts = ARENA_ARRAY(f->arena, NodeId, s->states.n), q = r->fn->in[FLOW_TANGENTS];
  OpAttr at = {.n = 2, .i = {k, 0}, .j = {1, f->dim}};
  NodeId v = graph_reshape(g, graph_add(g, OP_slice, &q, 1, &at), shape_vec(f->dim));
  graph_jvp(g, &r->x, &v, 1, r->outs, parts, (int)s->states.n);
  for (size_t i = 0; i < s->states.n; i++)
    if (parts[i] == NODE_NONE) parts[i] = graph_broadcast(g, graph_num(g, 0), state_shape(s, i));
  return parts;
}

GraphFn *flow_bordered(Flow *f, int rows) {
  FlatFn r = flat_function(f, network_function(f, false), FLAT_BORDERED, rows);
  add_jacobians(f, &r, r.f, r.outs);
  for (int k = 0; k < rows; k++) {
    NodeId *parts = parts_along(f, &r, k);
    add_jacobians(f, &r, join(r.fn->g, f->s.sys, parts, f->arena), parts);
  }
  return r.fn;
}

/* The derivative of a node by (X, p) along row k of Q. */
static NodeId along_row(const FlatFn *r, NodeId of, int k, int64_t dim, int parameters) {
  Graph *g = r->fn->g;
  OpAttr x = {.n = 2, .i = {k, 0}, .j = {1, dim}};
  NodeId q = r->fn->in[FLOW_TANGENTS], d, nodes[1 + FLOW_PARAMETERS] = {r->x};
  NodeId tangents[1 + FLOW_PARAMETERS] = {
      graph_reshape(g, graph_add(g, OP_slice, &q, 1, &x), shape_vec(dim))};
  for (int i = 0; i < parameters; i++) {
    OpAttr p = {.n = 2, .i = {k, dim + i}, .j = {1, 1}};
    nodes[1 + i] = r->parameter[i];
    tangents[1 + i] = graph_reshape(g, graph_add(g, OP_slice, &q, 1, &p), SHAPE_SCALAR);
  }
  graph_jvp(g, nodes, tangents, 1 + parameters, &of, &d, 1);
  return d == NODE_NONE ? graph_broadcast(g, graph_num(g, 0), shape_vec(dim)) : d;
}

GraphFn *flow_curvature(Flow *f) {
  FlatFn r = flat_function(f, network_function(f, false), FLAT_CURVATURE, 3);
  int n = f->parameters;
  r.fn->out[0] = along_row(&r, along_row(&r, r.f, 0, f->dim, n), 1, f->dim, n);
  r.fn->out[1] = along_row(&r, r.fn->out[0], 2, f->dim, n);
  r.fn->nout = 2;
  return r.fn;
}

/* ---- programs -------------------------------------------------------------------------------- */

FlowProgram *flow_plan(Flow *f, GraphFn *fn, int64_t batch) {
  FlowProgram *p = ARENA_NEW(f->arena, FlowProgram);
  if (batch > 0) {
    bool *batched = ARENA_ARRAY(f->arena, bool, fn->nin);
    batched[FLOW_X] = true;
    fn = pass_batch(f->arena, fn, "start", batch, batched, true);
  }
  p->p = program_plan(f->arena, fn, &(PlanOptions){0});
  p->nin = fn->nin;
  p->in = ARENA_ARRAY(f->arena, const void *, fn->nin);
  p->update = system_stream(f->s.seed, 0);
  const void *places[] = {&p->t, &p->step, &p->trial, &p->update};
  memcpy(p->in, places, sizeof places);
  for (int i = FLOW_X; i < p->nin; i++)
    p->in[i] = ARENA_ARRAY(f->arena, double, shape_count(program_in_shape(p->p, i)) + 1);
  for (int i = 0; i < f->parameters; i++) p->in[p->nin - f->parameters + i] = &p->parameter[i];
  return p;
}

int flow_first_input(const Flow *f, const FlowProgram *p) {
  const System *s = f->s.sys;
  return p->nin - (int)(s->inputs.n + s->noises.n + s->delays.n) - f->parameters;
}

void flow_bind_inputs(Flow *f, FlowProgram *p, int64_t step, double t) {
  const System *s = f->s.sys;
  size_t first = (size_t)flow_first_input(f, p);
  for (size_t i = 0; i < s->inputs.n; i++) {
    if (f->in.at[i].kind == INPUT_BOUND) continue;
    p->in[first + i] =
        step >= 0 ? input_row(&f->s, &f->in, i, step) : input_held(&f->s, &f->in, i, t);
  }
}

/* ---- starts ---------------------------------------------------------------------------------- */

bool flow_draw_starts(Flow *f, int64_t n, double *x) {
  const System *s = f->s.sys;
  NodeId *outs = ARENA_ARRAY(f->arena, NodeId, s->states.n);
  for (size_t i = 0; i < s->states.n; i++) outs[i] = s->states.at[i].init;
  GraphFn *fn = system_fn(f->arena, s, &(SystemFnOptions){.outs = outs, .nouts = (int)s->states.n});
  bool *batched = ARENA_ARRAY(f->arena, bool, fn->nin);
  batched[FLOW_TRIAL] = true;
  fn = pass_batch(f->arena, fn, "start", n, batched, true);
  Program *p = program_plan(f->arena, fn, &(PlanOptions){0});
  const void **in = ARENA_ARRAY(f->arena, const void *, fn->nin);
  double **out = ARENA_ARRAY(f->arena, double *, s->states.n);
  for (int i = 0; i < fn->nin; i++)
    in[i] = ARENA_ARRAY(f->arena, double, shape_count(program_in_shape(p, i)) + 1);
  for (int64_t k = 0; k < n; k++) ((double *)in[FLOW_TRIAL])[k] = (double)k;
  *(double *)in[FLOW_UPDATE] = system_stream(f->s.seed, 0);
  for (size_t i = 0; i < s->states.n; i++)
    out[i] = ARENA_ARRAY(f->arena, double, n *shape_count(state_shape(s, i)) + 1);
  Status st = program_run(p, in, (void *const *)out);
  if (st.code != STATUS_OK) {
    ev_fail(f->s.ev, f->s.c->at, st, "the starts of `%s` cannot be computed", s->name);
    return false;
  }
  for (size_t i = 0; i < s->states.n; i++) {
    size_t m = (size_t)shape_count(state_shape(s, i));
    for (int64_t k = 0; k < n; k++)
      memcpy(x + k * f->dim + s->states.at[i].offset, out[i] + (size_t)k * m, m * sizeof *x);
  }
  return true;
}

static bool bad_starts(Flow *f, Where at, const char *why) {
  setup_report(&f->s, E0621, at, "%s", why);
  return false;
}

/* Splits a shape into leading axes and `tail`. False: it does not end in it. */
static bool leading_axes(Shape s, Shape tail, int64_t *n) {
  int lead = s.rank - tail.rank;
  if (lead < 0 || !shape_fits(shape_tail(s, lead), tail)) return false;
  s.rank = lead;
  *n = shape_count(s);
  return true;
}

static bool read_part(Flow *f, const Value *v, Where at, size_t i, int64_t *n, double *x) {
  Arena *a = f->s.ev->arena;
  const SysState *state = &f->s.sys->states.at[i];
  TimeKind none = TIME_PLAIN;
  int64_t here;
  if (v->kind != V_ARRAY || !dim_agree(v->dim, state->q.dim, &none, NULL) ||
      !leading_axes(value_shape(v), state->q.shape, &here))
    return bad_starts(
        f, at,
        arena_printf(a,
                     "a state of `%s` is an array %s of its dimension, with any axes in "
                     "front, not %s",
                     state->q.name, shape_text(a, state->q.shape), value_kind_name(f->s.ev, v)));
  if (i > 0 && *n >= 0 && here >= 0 && here != *n)
    return bad_starts(f, at, "the states are not equally many");
  *n = i == 0 || *n < 0 ? here : *n;
  if (!x) return true;
  size_t m = (size_t)shape_count(state->q.shape);
  for (int64_t k = 0; k < here; k++)
    memcpy(x + k * f->dim + state->offset, v->tensor->data + (size_t)k * m, m * sizeof *x);
  return true;
}

/* The field E.x of a record, along its dots. */
static const Value *field_of(Ev *ev, const Value *r, const char *path) {
  const char *dot = strchr(path, '.');
  if (!dot) return value_field(r, path);
  const Value *inner = value_field(r, arena_strndup(ev->arena, path, (size_t)(dot - path)));
  return inner && inner->kind == V_RECORD ? field_of(ev, inner, dot + 1) : NULL;
}

static bool read_record(Flow *f, const Value *v, Where at, int64_t *n, double *x) {
  const System *s = f->s.sys;
  for (size_t i = 0; i < s->states.n; i++) {
    const Value *part = field_of(f->s.ev, v, s->states.at[i].q.name);
    if (!part)
      return bad_starts(
          f, at,
          arena_printf(f->s.ev->arena, "the record lacks the state `%s`", s->states.at[i].q.name));
    if (!read_part(f, part, at, i, n, x)) return false;
  }
  return true;
}

/* The states in a result of fixed_points. */
static const Value *states_in(const Value *v) {
  bool points = v->kind == V_RECORD && v->type && strcmp(v->type, "fixed_points") == 0;
  return points ? value_field(v, "state") : v;
}

bool flow_read_starts(Flow *f, Value *given, Where at, int64_t *n, double *x) {
  const Value *v = states_in(given);
  if (v->kind == V_RECORD) return read_record(f, v, at, n, x);
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return false;
  if (f->s.sys->states.n == 1) return read_part(f, v, at, 0, n, x);
  if (v->kind != V_ARRAY || !leading_axes(value_shape(v), shape_vec(f->dim), n))
    return bad_starts(
        f, at,
        arena_printf(f->s.ev->arena,
                     "states of this network are an array [..., %lld] or a record, not %s",
                     (long long)f->dim, value_kind_name(f->s.ev, v)));
  if (x) memcpy(x, v->tensor->data, (size_t)(*n * f->dim) * sizeof *x);
  return true;
}

bool flow_count_starts(Flow *f, int arg, int64_t *n) {
  Call *c = f->s.c;
  if (!flow_read_starts(f, c->arg[arg], c->arg_at[arg], n, NULL)) return false;
  if (*n != 0) return true;
  setup_report(&f->s, E0621, c->arg_at[arg], "%s holds no state", arg_name(f->s.ev, c, arg));
  return false;
}

/* ---- results --------------------------------------------------------------------------------- */

Value *flow_array(const Flow *f, Shape s, const double *x, Dim d) {
  Ev *ev = f->s.ev;
  if (!x) return value_abstract(ev, s, d);
  Tensor *t = tensor_new(ev->arena, s);
  memcpy(t->data, x, (size_t)shape_count(s) * sizeof *x);
  return value_tensor(ev, t, d);
}

Dim flow_dim(const Flow *f) {
  const System *s = f->s.sys;
  TimeKind none = TIME_PLAIN;
  Dim d = s->states.at[0].q.dim;
  for (size_t i = 1; i < s->states.n; i++)
    if (!dim_agree(d, s->states.at[i].q.dim, &none, NULL)) return DIM_ONE;
  return d;
}

Value *flow_states(Flow *f, Shape leading, const double *x) {
  Ev *ev = f->s.ev;
  const System *s = f->s.sys;
  Field *fields = ARENA_ARRAY(ev->arena, Field, s->states.n);
  int64_t n = shape_count(leading);
  for (size_t i = 0; i < s->states.n; i++) {
    const SysState *state = &s->states.at[i];
    Shape shape = shape_concat(leading, state->q.shape);
    fields[i].name = state->q.name;
    if (!x) {
      fields[i].value = value_abstract(ev, shape, state->q.dim);
      continue;
    }
    Tensor *t = tensor_new(ev->arena, shape);
    size_t m = (size_t)shape_count(state->q.shape);
    for (int64_t k = 0; k < n; k++)
      memcpy(t->data + (size_t)k * m, x + k * f->dim + state->offset, m * sizeof *x);
    fields[i].value = value_tensor(ev, t, state->q.dim);
  }
  return record_nested(ev, "states", fields, (int)s->states.n);
}
