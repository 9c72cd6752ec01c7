/* value.c: making values, and questions about them. All live in the arena of the evaluator. */
#include "lang/value.h"

#include <string.h>

#include "lang/eval.h"

Value VALUE_ERROR = {.kind = V_ERROR};
Value VALUE_NONE = {.kind = V_NONE};
Value VALUE_UNKNOWN = {.kind = V_UNKNOWN};

static Value *value_new(Ev *ev, ValueKind kind) {
  Value *v = ARENA_NEW(ev->arena, Value);
  v->kind = kind;
  v->node = NODE_NONE;
  return v;
}

Value *value_tensor(Ev *ev, const Tensor *t, Dim d) {
  Value *v = value_new(ev, V_ARRAY);
  v->tensor = t;
  v->dim = d;
  return v;
}

Value *value_quantity(Ev *ev, double x, Dim d) {
  return value_tensor(ev, tensor_scalar(ev->arena, x), d);
}

Value *value_num(Ev *ev, double x) {
  return value_quantity(ev, x, DIM_ONE);
}

Value *value_bool(Ev *ev, bool x) {
  Value *v = value_num(ev, x);
  v->logical = true;
  return v;
}

Value *value_abstract(Ev *ev, Shape s, Dim d) {
  return value_tensor(ev, tensor_abstract(ev->arena, s), d);
}

Value *value_node(Ev *ev, Graph *g, NodeId n, Dim d) {
  Value *v = value_new(ev, V_ARRAY);
  v->graph = g;
  v->node = n;
  v->dim = d;
  return v;
}

Value *value_string(Ev *ev, const char *s) {
  Value *v = value_new(ev, V_STRING);
  v->text = s;
  v->len = strlen(s);
  return v;
}

static Value *value_fields(Ev *ev, ValueKind kind, int n) {
  Value *v = value_new(ev, kind);
  v->nfields = n;
  v->fields = n ? ARENA_ARRAY(ev->arena, Field, n) : NULL;
  return v;
}

Value *value_record(Ev *ev, const char *type, int n) {
  Value *v = value_fields(ev, V_RECORD, n);
  v->type = type;
  return v;
}

Value *value_list(Ev *ev, int n) {
  return value_fields(ev, V_LIST, n);
}

void value_set(Value *record, int i, const char *name, Value *v) {
  record->fields[i] = (Field){name, v};
}

/* ---- questions ---- */

bool value_is_array(const Value *v) {
  return v->kind == V_ARRAY;
}

bool value_is_traced(const Value *v) {
  return v->kind == V_SPARSE ? v->entries->graph != NULL : v->kind == V_ARRAY && v->graph;
}

bool value_is_known(const Value *v) {
  return v->kind == V_ARRAY && !v->graph && v->tensor->data;
}

bool value_is_error(const Value *v) {
  return v->kind == V_ERROR;
}

Shape value_shape(const Value *v) {
  if (v->kind == V_SPARSE) return shape_mat(v->pattern->rows, v->pattern->cols);
  if (v->kind != V_ARRAY) return SHAPE_SCALAR;
  return v->graph ? graph_node(v->graph, v->node)->shape : v->tensor->shape;
}

const Value *value_field(const Value *v, const char *name) {
  if (v->kind == V_MODULE) return map_get(&v->scope->names, name);
  for (int i = 0; i < v->nfields; i++)
    if (v->fields[i].name && strcmp(v->fields[i].name, name) == 0) return v->fields[i].value;
  return NULL;
}

static const char *const kind_names[V_KINDS] = {
    [V_ERROR] = "a value in error",
    [V_UNKNOWN] = "a value not known before the run",
    [V_NONE] = "none",
    [V_ARRAY] = "an array",
    [V_SPARSE] = "a sparse matrix",
    [V_STRING] = "a string",
    [V_FUNCTION] = "a function",
    [V_RECORD] = "a record",
    [V_LIST] = "a list",
    [V_DIST] = "a distribution",
    [V_NETWORK] = "a network",
    [V_TASK] = "a task",
    [V_MODULE] = "a module",
    [V_METHOD] = "a method",
    [V_FIGURE] = "a figure",
    [V_LAZY] = "a value",
};

static const char *array_name(Ev *ev, const Value *v) {
  Shape s = value_shape(v);
  const char *unit = dim_is_one(v->dim) ? "" : dim_name(ev->arena, v->dim);
  const char *of = *unit ? " of " : "";
  if (s.rank == 0) {
    if (*unit) return arena_printf(ev->arena, "a quantity in %s", unit);
    return v->logical ? "a logical value" : "a number";
  }
  const char *what = v->logical ? "a logical array" : "an array";
  return arena_printf(ev->arena, "%s %s%s%s", what, shape_text(ev->arena, s), of, unit);
}

static const char *declaration_name(const Value *v) {
  if (v->builtin) return "a builtin function";
  switch (v->fn->kind) {
    case AST_NEURON: return "a neuron";
    case AST_CONNECTIVITY: return "a connectivity";
    case AST_NETWORK: return "a network declaration";
    case AST_TASK: return "a task declaration";
    case AST_ANALYSIS: return "an analysis";
    default: return "a function";
  }
}

const char *value_kind_name(Ev *ev, const Value *v) {
  if (v->kind == V_ARRAY) return array_name(ev, v);
  if (v->kind == V_FUNCTION) return declaration_name(v);
  if (v->kind == V_SPARSE)
    return arena_printf(ev->arena, "a sparse matrix %s", shape_text(ev->arena, value_shape(v)));
  return kind_names[v->kind];
}

/* ---- equality ---- */

static bool tensors_equal(const Tensor *a, const Tensor *b) {
  if (!shape_equal(a->shape, b->shape) || !a->data || !b->data) return false;
  return memcmp(a->data, b->data, (size_t)shape_count(a->shape) * sizeof(double)) == 0;
}

static bool arrays_equal(const Value *a, const Value *b) {
  TimeKind none = TIME_PLAIN;
  if (!dim_agree(a->dim, b->dim, &none, NULL)) return false;
  if (a->graph || b->graph) return a->graph == b->graph && a->node == b->node;
  return a->tensor == b->tensor || tensors_equal(a->tensor, b->tensor);
}

static bool fields_equal(const Value *a, const Value *b) {
  if (a->nfields != b->nfields) return false;
  for (int i = 0; i < a->nfields; i++) {
    const Field *f = &a->fields[i];
    const Value *other = f->name ? value_field(b, f->name) : b->fields[i].value;
    if (!other || !value_equal(f->value, other)) return false;
  }
  return true;
}

bool value_equal(const Value *a, const Value *b) {
  if (a == b) return true;
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case V_NONE: return true;
    case V_ARRAY: return arrays_equal(a, b);
    case V_SPARSE: return a->pattern == b->pattern && arrays_equal(a->entries, b->entries);
    case V_STRING: return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
    case V_FUNCTION: return a->builtin == b->builtin && a->fn == b->fn && a->scope == b->scope;
    case V_METHOD: return strcmp(a->type, b->type) == 0 && fields_equal(a, b);
    case V_RECORD:
    case V_LIST: return fields_equal(a, b);
    case V_NETWORK: return a->network == b->network;
    case V_TASK: return a->task == b->task;
    case V_MODULE: return a->scope == b->scope;
    case V_DIST:
    case V_FIGURE:
    case V_ERROR:
    case V_UNKNOWN:
    case V_LAZY:
    case V_KINDS: break;
  }
  return false;
}
