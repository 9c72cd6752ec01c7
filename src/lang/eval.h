/* eval.h: the one evaluator. It walks trees over values; `ev_op` is where an op meets its arguments
   and either runs at once, becomes a node, or yields a value without numbers (rehearsal).

   Errors: report with ev_error (which returns &VALUE_ERROR) and go on; any function that gets an
   error value returns an error value without another report. */
#ifndef DYN_LANG_EVAL_H
#define DYN_LANG_EVAL_H

#include "base/diag.h"
#include "base/status.h"
#include "lang/store.h"
#include "lang/value.h"

/* One claim checked by `expect`. */
typedef struct Claim {
  Where at;
  const char *text; /* the condition as written */
  const char *why;  /* NULL if none was given */
  bool held;
  const char *expected, *found; /* as text; which elements fail, for arrays */
} Claim;

/* A named result: a `let` that a verb or analysis made. */
typedef struct Result {
  const char *name;
  Value *value;
  Where at;
} Result;

/* What `print` and `table` have shown. */
typedef struct Shown {
  const char *text; /* of a table: NULL */
  int64_t rows;     /* of a table, its head not counted */
  int columns;
  const char *const *cell; /* columns of the head, then those of each row */
} Shown;

/* How often a verb was called at one place, and how long that took in all. */
typedef struct Timing {
  const char *name;
  Where at;
  int64_t calls;
  double seconds;
  const char *solver; /* how the last call went: "dopri5, 341 steps"; or NULL */
  int64_t kept;       /* how many of the calls took what an earlier run has kept */
} Timing;

/* How a verb solves a network, and why so. */
typedef struct Solve {
  const char *verb, *network, *method, *why;
  Where at;
} Solve;

/* A task that a verb has used, in steps of dt; `ran`: not only in rehearsal. */
typedef struct TaskUse {
  Task *task;
  double dt;
  TimeKind time;
  Where at;
  bool ran;
} TaskUse;

/* How much one recorded quantity changed when its run was repeated more finely. */
typedef struct Converged {
  Where at; /* of the call of the verb */
  const char *network, *method, *change, *name, *difference;
  double relative;
  bool chaotic; /* a start that is changed very little makes as much of a difference */
} Converged;

typedef struct Param {
  const char *name;
  const char *doc;
  Value *value, *dflt, *lo, *hi; /* lo, hi NULL: no range */
  const char *set_from;          /* text of -p, or NULL */
  Where at;
} Param;

/* A file that `load` has read, or tried to. */
typedef struct LoadedFile {
  const char *path, *name; /* where it is; as the model names it */
} LoadedFile;

typedef struct Hooks {
  void (*print)(void *ctx, const char *text); /* what `print` and `table` show */
  void (*progress)(void *ctx, const char *what, double done, const char *detail); /* 0..1 */
  bool (*cancelled)(void *ctx);
  void *ctx;
} Hooks;

struct Call;
struct Scope {
  Map names; /* to Value * */
  Scope *up;
  Map places; /* of its `let` and `param` names: to const Ast *, as they hold from their line on */
  bool file;  /* of a whole file: parameters, analyses and claims may stand here */
};

/* A closure that is being called. */
typedef struct Frame {
  const struct Frame *up;
  const Ast *fn;
  Where call;
  int undecided, elementwise; /* those of Ev when it was entered */
} Frame;

struct Ev {
  Arena *arena; /* of what is being evaluated: an element, a call, a statement has one of its own */
  Arena *keep;  /* of what outlives that: claims, figures, what is saved (value_keep) */
  int passing;  /* elements and points that are being evaluated: they come and go */
  bool held;    /* what is being evaluated now must live as long as `keep` */
  DiagList *diag;
  Hooks hooks;
  bool rehearse;
  bool partial;              /* something was left unknown (lang/partial.h) */
  uint64_t seed;             /* --seed */
  int workers;               /* -j */
  const struct Ranks *ranks; /* that share sweeps (base/ranks.h); NULL: none */
  double nudge;              /* starts and draws are changed by it, relatively (ev_nudged) */
  uint64_t nudge_key;        /* which way each of them */
  Store *store;              /* for records that are larger than `memory`; NULL: none */
  double memory;             /* bytes that one record may take in it; 0: half of what is free */
  const char *checkpoints;   /* the folder for those of long work; NULL: none */
  struct Kept *kept;         /* what earlier runs have kept (lang/kept.h); NULL: nothing is */
  const Source *main_source;
  const Ast *main_file;
  Map sets;      /* -p NAME=text: to const char * */
  Map modules;   /* imported files by path: to Value * (V_MODULE), for cycles and once-only */
  Map trees;     /* their texts, parsed: to const Ast * */
  Map elsewhere; /* files that are read from another place: name beside the model, to its path */
  VEC(LoadedFile) loaded;
  Scope *builtins, *top;
  TimeKind *time;          /* of the network being traced, else NULL */
  Graph *trace;            /* the graph under construction, else NULL */
  const char *abort_trace; /* set when something needs a value that is traced: why */
  int unmet;               /* requirements that failed in the block that is evaluated */
  const char *path;        /* of declarations, for the keys of draws: "net.E" */
  const char *module;      /* before names of the imported file being evaluated: "lab"; else NULL */
  int depth;               /* of calls, against endless recursion */
  int attempts;            /* comprehensions being traced, which can fall back on single elements */
  int undecided;   /* branches entered whose condition may be false: a bad value in them is NaN */
  int elementwise; /* those of them whose condition is an array or traced */
  int verbs;       /* how many verbs and analyses were called so far */
  int claiming;    /* blocks open in which `expect` may stand: analyses and sweeps */
  const Frame *frames;
  Lazy *lazy;                /* the lazy value being computed (lang/lazy.h) */
  const struct Trace *point; /* the graph under construction is that of a derivative at one place */
  struct Tracer *tracer;     /* the network being traced, else NULL (lang/network_body.h) */
  const Ast *site;   /* the operation or call being applied: tells messages where operands stand */
  const char *stack; /* an address near the bottom of the C stack */
  /* The verb behind jacobian(net, at), which lies above this floor. */
  Value *(*network_jacobian)(Ev *ev, struct Call *c);
  bool converge;  /* repeat each run more finely and compare */
  bool fail_fast; /* a sweep stops at its first point that fails */
  bool failed;    /* a statement failed numerically (exit status 4) */
  bool cancelled;
  VEC(Claim) claims;
  VEC(Result) results;
  VEC(Param) params;
  VEC(Value *) figures;
  VEC(Result) saved; /* save(name, value) */
  VEC(Shown) shown;
  VEC(Timing) timings;
  VEC(Converged) converged;
  VEC(Solve) solves;  /* of each place once, in rehearsal too */
  VEC(TaskUse) tasks; /* of each declaration once, likewise */
};

/* An empty evaluator: no parameters set, seed 0, silent hooks. */
void ev_init(Ev *ev, Arena *arena, DiagList *diag);

Where ast_where(const Ast *x);
Where ast_name_where(const Ast *x); /* of its name */

/* Evaluate a tree in a scope. Never NULL. */
Value *ev_expr(Ev *ev, Scope *sc, const Ast *x);
/* In a scope of its own; the value of its last line. */
Value *ev_block(Ev *ev, Scope *sc, const Ast *block);

/* The whole file: rehearses it, and if that finds no error and `run` is set, performs it. False if
   there were errors in the text. */
bool ev_file(Ev *ev, const Ast *file, bool run);

/* Scopes. */
Scope *scope_new(Ev *ev, Scope *up);
void scope_set(Scope *s, const char *name, Value *v);
Value *scope_find(const Scope *s, const char *name); /* NULL if unknown */

/* One op: checks shapes and dimensions, then computes, traces or rehearses. `at` is the text of the
   operation; args_at (may be NULL) those of the arguments, for messages. */
Value *ev_op(Ev *ev, OpId op, const OpAttr *attr, Value *const *args, int n, Where at);
Value *ev_op1(Ev *ev, OpId op, Value *a, Where at);
Value *ev_op2(Ev *ev, OpId op, Value *a, Value *b, Where at);
/* a op b as the language has it: also sparse matrices, distributions, strings, records (==). */
Value *ev_binary(Ev *ev, AstOp op, Value *a, Value *b, Where at);
/* items: two for each of the index: its value and NULL, or the ends of a slice. */
Value *ev_index(Ev *ev, Value *base, Value *const *items, const Ast *index);
Value *ev_select(Ev *ev, Value *cond, Value *a, Value *b, Where at);

/* Is a function of another file at work? When it is done, messages are told where it was called. */
bool ev_in_module(const Ev *ev);

/* Calls a function value with evaluated arguments (names[i] NULL: positional). */
Value *ev_call(Ev *ev, Value *fn, Value *const *args, const char *const *names, int n, Where at);

/* x, changed by at most ev->nudge of itself: by how much depends on its place. Runs that are
   nudged show how far results answer to rounding. */
double ev_nudged(const Ev *ev, int64_t place, double x);

/* Errors. */
Value *ev_error(Ev *ev, DiagCode code, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void ev_warn(Ev *ev, DiagCode code, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* A numerical failure of a running statement: reported, and the exit status will be 4. */
Value *ev_fail(Ev *ev, Where at, Status s, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Something needs the numbers of a traced value (a verb, a size, recursion). Sets abort_trace,
   which makes a comprehension fall back to computing its elements one by one; elsewhere an error is
   reported ("the number of rows depends on the state"). Returns &VALUE_ERROR. */
Value *ev_needs_value(Ev *ev, Where at, const char *what);

/* Conversions with checks: on failure they report and return false. In rehearsal an unknown number
   gives true with *known = false (known may be NULL: then a stand-in such as 1 is given). */
bool ev_to_number(Ev *ev, Value *v, Dim want, double *x, bool *known, Where at, const char *what);
bool ev_to_whole(Ev *ev, Value *v, int64_t *n, bool *known, Where at, const char *what);
bool ev_to_shape(Ev *ev, Value *v, Shape *s, Where at,
                 const char *what); /* n, [m, n] or []: unknowns are -1 */
bool ev_to_bool(Ev *ev, Value *v, bool *x, bool *known, Where at, const char *what);
const char *ev_to_string(Ev *ev, Value *v, Where at, const char *what);
Value *ev_dense(Ev *ev, Value *v, Where at); /* sparse becomes dense; others unchanged */
/* An array as an array of this graph: concrete values become constants. */
NodeId ev_node(Ev *ev, Graph *g, Value *v);

#endif
