/* core.h: what the files of the evaluator share among themselves. */
#ifndef DYN_LANG_CORE_H
#define DYN_LANG_CORE_H

#include "lang/builtin.h"
#include "lang/eval.h"

enum {
  REHEARSED_MAX = 4096,        /* in rehearsal, larger arrays are never computed */
  CALLS_MAX = 5000,            /* nested calls */
  STACK_MAX = 6 * 1024 * 1024, /* bytes of C stack: below the usual limit of 8 MiB */
};

/* error.c. As ev_error, for notes to be added. */
Diag *ev_report(Ev *ev, DiagCode code, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

bool ev_stopped(Ev *ev); /* asks whether the user has had enough: for long loops */

/* A place in the list of diagnostics, to which it can be taken back. */
typedef struct DiagMark {
  Diag *last;
  int errors, warnings;
} DiagMark;
DiagMark diag_mark(const DiagList *d);
void diag_rewind(DiagList *d, DiagMark m);

/* scope.c. The value of a name; unknown ones are reported. */
Value *scope_lookup(Ev *ev, const Scope *sc, const Ast *x);
Where call_name_where(const Ev *ev, const char *name, Where at); /* in a call's text */
const char *foreign_hint(const char *name); /* foreign.c: what is here instead; NULL: unknown */

/* apply.c. Copies of an array value with another mark. */
Value *value_as_logical(Ev *ev, Value *v);
Value *value_with_dim(Ev *ev, const Value *v, Dim d);
Value *value_with_tensor(Ev *ev, const Value *v, const Tensor *t);
Value *value_abstract_like(Ev *ev, const Value *v, Shape s); /* without numbers; v is not traced */
/* The body of a network or task is traced into a graph of its own; `saved` is a copy of *ev from
   before. */
void ev_trace_begin(Ev *ev, Graph *g, TimeKind *time);
void ev_trace_end(Ev *ev, const Ev *saved);
bool value_is_scalar(const Value *v); /* an array of rank 0 */
/* False and a report when an array of this shape would not fit into memory. */
bool shape_affordable(Ev *ev, Shape s, Where at);

/* sparse_ops.c. Operators on sparse matrices; NULL: fill the sparse operands and go on. */
Value *sparse_binary(Ev *ev, AstOp op, Value *a, Value *b, Where at);
Value *sparse_unary(Ev *ev, AstOp op, Value *a, Where at);
/* The entries of a dense array at the places of a pattern. */
Value *sparse_taken(Ev *ev, const SparsePattern *p, Value *x, Where at);

/* binary.c */
Value *ev_unary(Ev *ev, AstOp op, Value *a, Where at);

/* statement.c. A statement that is visible in its whole block; one item of a `let`; the shape that
 * an item declares, and a value spread to it. */
bool ast_declares_function(const Ast *s);
void ev_let_item(Ev *ev, Scope *sc, const Ast *item); /* AST_ITEM or AST_UNPACK of a `let` */
bool ev_item_shape(Ev *ev, Scope *sc, const Ast *item, Shape *s);
Value *ev_shaped(Ev *ev, Value *v, Shape s, Where at);
/* Statements of a block or a file, in a scope that is there already. */
void hoist(Ev *ev, Scope *sc, const Ast *block);
Value *ev_statement(Ev *ev, Scope *sc, const Ast *s); /* NULL: it has no value */
const char *path_in(Ev *ev, const char *name);        /* of a declaration, below ev->path */
Value *closure_make(Ev *ev, Scope *sc, const Ast *fn);

/* param.c. Values given by `-p` that no parameter took are reported by params_unused. */
void ev_param(Ev *ev, Scope *sc, const Ast *s);
void params_unused(Ev *ev);

/* expect.c, import.c, comprehension.c, sweep.c */
void ev_expect(Ev *ev, Scope *sc, const Ast *s);
void claim_misplaced(Ev *ev, const Ast *s);
void ev_import(Ev *ev, Scope *sc, const Ast *s);
const char *import_name(Ev *ev, const Ast *s); /* what AST_IMPORT is called here */
/* Of a statement that was evaluated: the module, whose path is the name before its names; its text.
 */
const Value *import_module(Ev *ev, const Ast *s);
const Ast *import_tree(Ev *ev, const Ast *s);
Value *ev_comprehension(Ev *ev, Scope *sc, const Ast *x);
Value *ev_sweep(Ev *ev, Scope *sc, const Ast *x);

/* account.c: what a run leaves for its report besides values. Tables of more rows than
   ACCOUNT_ROWS_MOST are not kept. */
enum { ACCOUNT_ROWS_MOST = 500 };
void account_text(Ev *ev, const char *text);
void account_table(Ev *ev, const char *const *cell, int64_t rows, int columns);
double account_clock(void);                       /* seconds */
const Timing *account_at(const Ev *ev, Where at); /* of the calls at a place; NULL: none */
void account_solve(Ev *ev, Solve s);
void account_task(Ev *ev, TaskUse use);
void account_time(Ev *ev, const char *verb, Where at, double seconds);
/* Of many calls, some of which took what an earlier run has kept. */
void account_times(Ev *ev, const char *verb, Where at, int64_t calls, double seconds, int64_t kept);
void account_converged(Ev *ev, const Converged *c); /* copies it */
void account_solver(Ev *ev, const char *verb, Where at, const char *how);

/* eval.c. The operation x on values that are there already (tol NULL: not an approximation). */
Value *ev_operation(Ev *ev, const Ast *x, Value *a, Value *b, Value *tol);

/* value_text.c. Six digits, whole numbers in full; and the largest absolute value of an array. */
const char *number_text(Arena *a, double x);
double tensor_magnitude(const Tensor *t);

/* scratch.c. What is made between begin and end is freed, but for the value that is given to the
   end and which it returns. Elements and points of sweeps are evaluated so. */
Arena *scratch_begin(Ev *ev);
Value *scratch_end(Ev *ev, Arena *outer, Value *v);
/* Likewise of a call or a statement. These do not come and go many times over, as elements do, so
   what they record may be streamed (ev->passing). */
Arena *interim_begin(Ev *ev);
Value *interim_end(Ev *ev, Arena *outer, Value *v);
/* The operand v, as written in x, has been used for `result`: if nothing else can refer to it, its
   memory is free again. */
void value_used(Ev *ev, const Ast *x, const Value *v, const Value *result);

/* Is it made of numbers and texts alone? */
bool value_is_plain(const Value *v);
/* v itself, if it holds on to what it was made in. */
Value *value_copy(Arena *to, Value *v);

/* names.c. Reports names in bodies that were never run and are declared nowhere. */
void check_names(Ev *ev, const Ast *file);

/* call.c */
Value *ev_call_ast(Ev *ev, Scope *sc, const Ast *x);

/* index.c */
Value *ev_index_ast(Ev *ev, Scope *sc, const Ast *x);
Value *ev_element(Ev *ev, Value *v, int64_t i, Where at); /* along the leading axis, or of a list */

/* stack.c. Elements as one value: numbers of one shape become an array, records a record of stacked
   fields, anything else a list. */
Value *stack_values(Ev *ev, Value *const *v, int n, Where at);
/* In rehearsal: a row that stands for all, and n copies of what was made of it. */
Value *any_row(Ev *ev, Value *v, Where at);
Value *repeat_rows(Ev *ev, Value *v, int64_t n, Where at);
/* The length of what `for` goes over: -1 if it is not known yet, -2 (reported) if it cannot. */
int64_t rows_of(Ev *ev, const Value *v, Where at);

/* select.c. What an `if` of unknown condition may give. */
Value *ev_join(Ev *ev, Value *a, Value *b, Where at);

#endif
