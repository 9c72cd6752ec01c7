/* network.c: networks as values: made from a declaration and arguments, traced on demand, read, and
   copied with changes. */
#include "lang/network.h"

#include <math.h>
#include <string.h>

#include "lang/bind.h"
#include "lang/core.h"
#include "lang/network_body.h"
#include "run/run.h"

/* ---- making ---------------------------------------------------------------------------------- */

static bool set_seed(Ev *ev, Network *net, Where at) {
  Value *v = net->args[net->nargs - 1].value;
  int64_t seed;
  bool known;
  if (!ev_to_whole(ev, v, &seed, &known, at, "the seed of a network")) return false;
  net->seed = known ? (uint64_t)seed : 0;
  return true;
}

static Field *given_fields(Ev *ev, const Bound *b, int *n) {
  Field *given = ARENA_ARRAY(ev->arena, Field, b->n + 1);
  *n = 0;
  for (int i = 0; i < b->n; i++)
    if (b->arg[i].value) given[(*n)++] = b->arg[i];
  return given;
}

static bool bind_network(Ev *ev, Network *net, const Field *prior, int nprior, const Args *args) {
  Bound b;
  if (!bind_match(ev, net->decl, "seed", prior, nprior, args, &b)) return false;
  net->given = given_fields(ev, &b, &net->ngiven);
  if (!b.arg[b.n - 1].value) b.arg[b.n - 1].value = value_num(ev, 0);
  const char *path = ev->path;
  ev->path = net->path;
  bool ok = bind_fill(ev, &b, scope_new(ev, net->scope), args->at);
  ev->path = path;
  net->args = b.arg;
  net->nargs = b.n;
  return ok && set_seed(ev, net, args->at);
}

static Value *network_value(Ev *ev, Network *net, Where at) {
  Value *v = ARENA_NEW(ev->arena, Value);
  *v = (Value){.kind = V_NETWORK, .network = net, .at = at, .node = NODE_NONE};
  return v;
}

static Value *make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                   Where at) {
  Network *net = ARENA_NEW(ev->arena, Network);
  *net = (Network){.decl = decl->fn, .scope = decl->scope, .name = decl->fn->name, .at = at};
  net->arena = ev->arena;
  net->path = decl->path ? decl->path : net->name;
  map_init(&net->set, ev->arena);
  map_init(&net->constants, ev->arena);
  Args given = {args, names, n, at, NULL};
  if (!bind_network(ev, net, NULL, 0, &given)) return &VALUE_ERROR;
  if (n == 0) decl->network = net;
  return network_value(ev, net, at);
}

/* Used without arguments, a declaration is one network, which is traced once and lives as long. */
Value *network_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                    Where at) {
  if (n > 0) return make(ev, decl, args, names, n, at);
  if (decl->network) return network_value(ev, decl->network, at);
  Arena *arena = ev->arena;
  if (decl->arena) ev->arena = decl->arena;
  Value *v = make(ev, decl, args, names, n, at);
  ev->arena = arena;
  return v;
}

Value *network_of(Ev *ev, Value *v, Where at) {
  if (v->kind == V_NETWORK) return v;
  if (v->kind == V_ERROR || v->kind == V_UNKNOWN) return NULL;
  if (v->kind != V_FUNCTION || !v->fn || v->fn->kind != AST_NETWORK) {
    ev_error(ev, E0517, at, "a network is needed here, not %s", value_kind_name(ev, v));
    return NULL;
  }
  Value *net = network_make(ev, v, NULL, NULL, 0, at);
  return net->kind == V_NETWORK ? net : NULL;
}

System *network_system(Ev *ev, Value *v, Where at) {
  v = network_of(ev, v, at);
  if (!v) return NULL;
  Network *net = v->network;
  if (net->system || net->broken) return net->system;
  Arena *arena = ev->arena;
  ev->arena = net->arena;
  if (!network_trace(ev, net) && ev->attempts == 0) net->broken = true;
  ev->arena = arena;
  return net->system;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A constant of the network with its numbers. */
static Value *computed(Ev *ev, Value *v) {
  if (v->kind != V_ARRAY || !v->graph) return v;
  Shape s = graph_node(v->graph, v->node)->shape;
  if (ev->rehearse) return value_abstract(ev, s, v->dim);
  NodeId out = v->node;
  GraphFn f = {.g = v->graph, .out = &out, .nout = 1};
  Tensor *t = NULL;
  Status st = run_graph(ev->arena, &f, NULL, &t);
  return st.code == STATUS_OK ? value_tensor(ev, t, v->dim) : &VALUE_ERROR;
}

static Value *argument(const Network *net, const char *name) {
  for (int i = 0; i < net->nargs; i++)
    if (strcmp(net->args[i].name, name) == 0) return net->args[i].value;
  return NULL;
}

/* The constants of a population as a record, or NULL; those of its own populations are records in
 * it. */
static Value *population_fields(Ev *ev, const Network *net, const char *name) {
  size_t n = strlen(name);
  Value *r = value_record(ev, "population", (int)net->constants.n);
  r->nfields = 0;
  for (size_t i = 0; i < net->constants.n; i++) {
    const MapItem *c = &net->constants.items[i];
    if (strncmp(c->key, name, n) != 0 || c->key[n] != '.') continue;
    const char *field = c->key + n + 1, *dot = strchr(field, '.');
    if (dot) field = arena_strndup(ev->arena, field, (size_t)(dot - field));
    if (value_field(r, field)) continue;
    const char *full = arena_printf(ev->arena, "%s.%s", name, field);
    value_set(r, r->nfields++, field,
              dot ? population_fields(ev, net, full) : computed(ev, c->value));
  }
  return r->nfields ? r : NULL;
}

static const char *near_constant(Ev *ev, const Network *net, const char *name) {
  VEC(const char *) names = {0};
  for (int i = 0; i < net->nargs; i++) *vec_push(ev->arena, &names) = net->args[i].name;
  for (size_t i = 0; i < net->constants.n; i++)
    *vec_push(ev->arena, &names) = net->constants.items[i].key;
  return nearest_name(name, names.at, names.n);
}

static Value *report_no_field(Ev *ev, const Network *net, const char *name, Where at) {
  const System *s = net->system;
  if (s && system_find(s, name))
    return ev_error(ev, E0211, at,
                    "`%s` of the network `%s` changes during a run: a result of `simulate` has it",
                    name, net->name);
  Diag *d = ev_report(ev, E0211, at, "the network `%s` has no constant `%s`", net->name, name);
  const char *near = near_constant(ev, net, name);
  if (d && near) diag_note(ev->diag, d, at, "did you mean `%s`?", near);
  return &VALUE_ERROR;
}

Value *network_field(Ev *ev, Value *v, const char *name, Where at) {
  Network *net = v->network;
  Value *arg = argument(net, name);
  if (arg) return arg;
  if (!network_system(ev, v, at)) return ev->rehearse ? &VALUE_UNKNOWN : &VALUE_ERROR;
  Value *c = map_get(&net->constants, name);
  if (c) return computed(ev, c);
  Value *population = population_fields(ev, net, name);
  return population ? population : report_no_field(ev, net, name, at);
}

/* ---- copies with changes --------------------------------------------------------------------- */

static Network *copy_of(Ev *ev, const Network *net) {
  Network *copy = ARENA_NEW(ev->arena, Network);
  *copy = *net;
  copy->arena = ev->arena;
  copy->system = NULL;
  copy->broken = false;
  map_init(&copy->set, ev->arena);
  map_init(&copy->constants, ev->arena);
  for (size_t i = 0; i < net->set.n; i++)
    map_set(&copy->set, net->set.items[i].key, net->set.items[i].value);
  return copy;
}

/* Is the new value of the dimension of the old one? */
static bool fits_constant(Ev *ev, const char *name, const Value *old, const Value *v, Where at) {
  const Value *a = old->kind == V_SPARSE ? old->entries : old;
  const Value *b = v->kind == V_SPARSE ? v->entries : v;
  if (a->kind != V_ARRAY || b->kind != V_ARRAY) return true;
  TimeKind time = TIME_PLAIN;
  if (dim_agree(a->dim, b->dim, &time, NULL)) return true;
  Diag *d = ev_report(ev, E0521, at, "`%s` is %s, but the new value is %s", name,
                      dim_name(ev->arena, a->dim), dim_name(ev->arena, b->dim));
  if (d) diag_note(ev->diag, d, old->at, "this is the declared value");
  return false;
}

static bool has_nan(const Value *v) {
  const Value *x = v->kind == V_SPARSE ? v->entries : v;
  int64_t n = value_is_known(x) ? shape_count(x->tensor->shape) : 0;
  for (int64_t i = 0; i < n; i++)
    if (isnan(x->tensor->data[i])) return true;
  return false;
}

/* A matrix for a sparse one stays sparse where it has nothing besides the entries of the old one.
 */
static Value *in_pattern(Ev *ev, const Value *old, Value *v) {
  const SparsePattern *p = old->kind == V_SPARSE ? old->pattern : NULL;
  if (!p || !p->start || !value_is_known(v) || !shape_equal(v->tensor->shape, value_shape(old)))
    return v;
  Tensor *entries = tensor_new(ev->arena, shape_vec(p->nnz));
  int64_t inside = 0, all = 0, n = p->rows * p->cols;
  for (int64_t r = 0; r < p->rows; r++)
    for (int64_t e = p->start[r]; e < p->start[r + 1]; e++) {
      entries->data[e] = v->tensor->data[r * p->cols + p->col[e]];
      inside += entries->data[e] != 0;
    }
  for (int64_t i = 0; i < n; i++) all += v->tensor->data[i] != 0;
  if (all != inside) return v;
  Value *sparse = ARENA_NEW(ev->arena, Value);
  *sparse = *old;
  sparse->at = v->at;
  sparse->entries = value_tensor(ev, entries, v->dim);
  return sparse;
}

static bool set_constant(Ev *ev, Network *copy, const Network *net, const char *name, Value *v,
                         Where at) {
  Value *old = map_get(&net->constants, name);
  if (!old) {
    if (v->kind != V_RECORD) return false;
    bool all = v->nfields > 0;
    for (int i = 0; i < v->nfields; i++) {
      const char *full = arena_printf(ev->arena, "%s.%s", name, v->fields[i].name);
      all = set_constant(ev, copy, net, full, v->fields[i].value, at) && all;
    }
    return all;
  }
  if (!fits_constant(ev, name, old, v, at)) return true;
  if (has_nan(v))
    ev_error(ev, E0521, v->at.src ? v->at : at, "the new value of `%s` holds NaN", name);
  else
    map_set(&copy->set, name, in_pattern(ev, old, v));
  return true;
}

static void report_unreplaced(Ev *ev, const Network *net, const char *name, Where at) {
  const char *near = near_constant(ev, net, name);
  Diag *d =
      ev_report(ev, E0516, at, "the network `%s` has no argument, weight, draw or connection `%s`",
                net->name, name);
  if (d && near) diag_note(ev->diag, d, at, "did you mean `%s`?", near);
}

Value *network_with(Ev *ev, Value *v, Value *const *args, const char *const *names, int n,
                    Where at) {
  const Network *net = v->network;
  Network *copy = copy_of(ev, net);
  Value **given = ARENA_ARRAY(ev->arena, Value *, n + 1);
  const char **given_names = ARENA_ARRAY(ev->arena, const char *, n + 1);
  int ngiven = 0, errors = ev->diag->errors;
  for (int i = 0; i < n; i++) {
    if (args[i]->kind == V_ERROR) return args[i];
    if (argument(net, names[i])) {
      given[ngiven] = args[i];
      given_names[ngiven++] = names[i];
    } else if (!network_system(ev, v, at)) {
      return ev->rehearse ? &VALUE_UNKNOWN : &VALUE_ERROR;
    } else if (!set_constant(ev, copy, net, names[i], args[i], at)) {
      report_unreplaced(ev, net, names[i], at);
      return &VALUE_ERROR;
    }
  }
  if (ev->diag->errors > errors) return &VALUE_ERROR;
  Args changed = {given, given_names, ngiven, at, NULL};
  if (!bind_network(ev, copy, net->given, net->ngiven, &changed)) return &VALUE_ERROR;
  return network_value(ev, copy, at);
}

static Value *weight_value(Ev *ev, const SysWeight *w, const Tensor *t) {
  Value *entries = value_tensor(ev, t, w->q.dim);
  if (!w->pattern) return entries;
  Value *v = ARENA_NEW(ev->arena, Value);
  *v = (Value){.kind = V_SPARSE, .pattern = w->pattern, .entries = entries, .node = NODE_NONE};
  return v;
}

Value *network_with_weights(Ev *ev, Value *v, const Tensor *const *w) {
  const System *s = v->network->system;
  Network *copy = copy_of(ev, v->network);
  for (size_t i = 0; i < s->weights.n; i++)
    map_set(&copy->set, s->weights.at[i].q.name, weight_value(ev, &s->weights.at[i], w[i]));
  return network_value(ev, copy, v->at);
}
