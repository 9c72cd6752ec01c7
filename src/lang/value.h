/* value.h: the values of the language. All are immutable. An array is concrete (a tensor with
   numbers), rehearsed (a tensor without numbers) or traced (a node of a graph under construction).
 */
#ifndef DYN_LANG_VALUE_H
#define DYN_LANG_VALUE_H

#include "base/map.h"
#include "graph/graph.h"
#include "syntax/ast.h"

typedef struct Value Value;
typedef struct Scope Scope;
typedef struct Ev Ev;
typedef struct Network Network; /* lang/network.h */
typedef struct Task Task;
typedef struct Lazy Lazy;       /* lang/lazy.h */
typedef struct Builtin Builtin; /* lang/builtin.h */

typedef enum ValueKind {
  V_ERROR,   /* already reported: whatever is made of it is an error too, in silence */
  V_UNKNOWN, /* rehearsed and of unknown kind: anything may be done with it */
  V_NONE,
  V_ARRAY,
  V_SPARSE,
  V_STRING,
  V_FUNCTION, /* closure, builtin, or declaration that makes something when called */
  V_RECORD,
  V_LIST,
  V_DIST,
  V_NETWORK,
  V_TASK,
  V_MODULE,
  V_METHOD, /* an integrator, optimiser, loss... with its options: rkf45(rtol = 1e-6) */
  V_FIGURE,
  V_LAZY, /* a name of a network's body, computed when first read: see value_force in lang/lazy.h */
  V_KINDS
} ValueKind;

typedef struct Field {
  const char *name;
  Value *value;
} Field;

/* Right of `~`: a leaf is a distribution with parameters, an inner node an op on distributions. */
typedef struct Dist {
  const struct DistInfo *info; /* lang/dist.h; NULL: an op */
  OpId op;
  int n;
  Value *arg[4]; /* parameters, or operands (V_DIST or V_ARRAY) */
} Dist;

struct Value {
  ValueKind kind;
  Where at; /* where it was made: for "declared here" */
  /* V_ARRAY */
  const Tensor *tensor; /* concrete or rehearsed; NULL when traced */
  Graph *graph;         /* traced: its graph, else NULL */
  NodeId node;
  Dim dim;
  bool logical; /* what comparisons give: a mask when used as an index */
  /* V_SPARSE: a matrix [pattern->rows, pattern->cols]; its entries are the array `entries` */
  const SparsePattern *pattern;
  Value *entries;
  /* V_STRING */
  const char *text;
  size_t len;
  /* V_RECORD, V_LIST (names NULL), V_METHOD (options), V_MODULE */
  Field *fields;
  int nfields;
  const char *type; /* V_RECORD: what made it ("simulate"), or NULL; V_METHOD: its name */
  /* V_FUNCTION */
  const Ast *fn;    /* AST_FN, AST_LAMBDA or a declaration; a neuron or connectivity may hold
                       arguments that were given already, in fields (lang/unit.h) */
  Scope *scope;     /* what it closes over; V_MODULE: its names */
  Arena *arena;     /* where it lives: what is kept with it must live there too */
  const char *path; /* of its declaration, for the keys of draws in its body: "lab_f"; V_MODULE:
                       what paths in it begin with: "lab" */
  const Builtin *builtin;
  /* others */
  Dist *dist;
  Network *network;
  Task *task;
  void *figure;
  Lazy *lazy;
};

/* Constructors (arena of the evaluator). */
Value *value_num(Ev *ev, double x);
Value *value_bool(Ev *ev, bool x);
Value *value_quantity(Ev *ev, double x, Dim d);
Value *value_tensor(Ev *ev, const Tensor *t, Dim d);
Value *value_abstract(Ev *ev, Shape s, Dim d); /* rehearsed */
Value *value_node(Ev *ev, Graph *g, NodeId n, Dim d);
Value *value_string(Ev *ev, const char *s);
Value *value_record(Ev *ev, const char *type, int n); /* fields to be filled in before use */
Value *value_list(Ev *ev, int n);
void value_set(Value *record, int i, const char *name, Value *v); /* while it is being made */
extern Value VALUE_ERROR, VALUE_NONE, VALUE_UNKNOWN;

/* Questions. */
bool value_is_array(const Value *v);
bool value_is_known(const Value *v); /* an array with numbers */
bool value_is_traced(const Value *v);
bool value_is_error(const Value *v);
Shape value_shape(const Value *v);                          /* arrays and sparse matrices */
const Value *value_field(const Value *v, const char *name); /* record, module; NULL if absent */
/* "an array [3, 2] of V", "a record", "a network" */
const char *value_kind_name(Ev *ev, const Value *v);
bool value_equal(const Value *a, const Value *b); /* structure, dimensions and bits */

/* v as a value that lives as long as the evaluator: for what a verb leaves behind in a list of Ev.
 */
Value *value_keep(Ev *ev, Value *v);

/* As print shows it: at most `width` columns and a handful of rows. */
const char *value_text(Ev *ev, const Value *v);

#endif
