/* network_body.h: a network while it is traced; what its files share. A Body is one network, neuron
   or part of a network whose statements are being read; an Entry is a name that it declares. Bodies
   nest: a population's body lies in that of its network, and everything in it is computed for each
   index of the body's loops.

   An entry has two lazy values: `inner` is what its own body sees (one unit), `outer` what the body
   around sees (all units of the population, stacked). Statements are read in three rounds: names
   are declared in the order of the text (network_body.c), populations opened (population.c), and
   what refers to names is attached: equations, connections, events. Then every entry is forced and
   written into the System (network_finish.c). */
#ifndef DYN_LANG_NETWORK_BODY_H
#define DYN_LANG_NETWORK_BODY_H

#include "lang/bind.h"
#include "lang/lazy.h"
#include "lang/network.h"

typedef struct Body Body;
typedef struct Entry Entry;

/* The sizes of a connection, which its connectivities take. */
typedef struct ConnectSizes {
  int64_t post, pre; /* -1: not known yet */
} ConnectSizes;

typedef struct Tracer {
  const struct Tracer *up; /* the network whose body runs this one, or NULL */
  Ev *ev;
  Network *net;
  System *sys;
  Graph *g;
  Value *t;
  bool failed;         /* something was reported: the system is of no use */
  Body *body;          /* whose text is being evaluated */
  bool mixed;          /* there are equations of the other kind, which were reported */
  Where time_at;       /* what settled of which kind the time is */
  ConnectSizes *sizes; /* while the weights of a connection are evaluated, else NULL */
} Tracer;

typedef enum EntryKind {
  ENTRY_STATE,
  ENTRY_INPUT,
  ENTRY_OUTPUT,
  ENTRY_WEIGHT,
  ENTRY_NOISE,
  ENTRY_DRAW,
  ENTRY_LET,
  ENTRY_PART,     /* let (a, b) = …: one of the names */
  ENTRY_ARGUMENT, /* of a population */
  ENTRY_POPULATION,
  ENTRY_LINK, /* the weights of a connection */
  ENTRY_KINDS
} EntryKind;

/* A statement, the body in which it stands and what its text sees. */
typedef struct Line {
  const Ast *stmt;
  Body *body;
  Scope *scope;
  Entry *link; /* of a connection: its weights */
} Line;

struct Entry {
  EntryKind kind;
  const char *name; /* "r" */
  const char *full; /* "E.r" */
  Where at;
  Body *body;
  const Ast *item; /* AST_ITEM; AST_POPULATION; AST_NAME of a part */
  Scope *scope;    /* what its text sees */
  Value *inner, *outer;
  /* what forcing finds out: */
  NodeId node;        /* states, inputs, weights, noises: the graph input */
  Shape shape, whole; /* of one unit; with the loops in front */
  Dim dim;
  NodeId init;                  /* state */
  const Tensor *tensor;         /* weight: its value; input: its default */
  const SparsePattern *pattern; /* weight: of a sparse matrix */
  bool trainable;
  /* what other statements attach: */
  Line equation; /* state: stmt NULL if there is none */
  NodeId next;
  bool by_event;    /* state: some event sets it */
  int index;        /* state: among those of the system */
  VEC(Line) feeds;  /* input: what is connected and added */
  Value *record;    /* part: the lazy record that it is a field of */
  Body *part;       /* population */
  Entry *from, *to; /* link: what it reads and feeds */
};

enum { BODY_MAX_LOOPS = 4 }; /* populations of networks of populations ... */

struct Body {
  Tracer *tr;
  Body *up;           /* NULL: the network itself */
  const Ast *decl;    /* AST_NETWORK or AST_NEURON */
  const char *prefix; /* "", "E." */
  const char *path;   /* of draws: "ei.E" */
  const Map *set;     /* values that replace declared ones, by the names of this body; NULL: none */
  Scope *scope;       /* arguments, and every name but those of `let` */
  Scope *now;         /* while it is read: what the next statement sees */
  Map names;          /* to Entry * */
  Map refused;        /* names that could not be declared: nothing more is said about them */
  VEC(Line) lines;    /* statements that attach something to names */
  /* population: */
  Entry *population; /* the entry of `up` that this is the body of */
  Value *unit;       /* the neuron with its arguments, or the network; NULL until ready */
  Bound bound;       /* arguments as given */
  int loops[BODY_MAX_LOOPS], nloops; /* outermost first; those of `up` come first */
  bool has_loop;                     /* the last loop is its own */
  int64_t extent;                    /* of its own loop, else 1 */
  enum { BODY_CLOSED, BODY_OPENING, BODY_READY, BODY_BROKEN } state;
};

/* ---- network_body.c: reading statements ---- */

/* Text of a body is evaluated between these two: its draws have the body's path. */
typedef struct Inside {
  const char *path;
  Body *body;
} Inside;
Inside body_enter(Body *b);
void body_leave(Body *b, Inside saved);

Body *body_make(Tracer *tr, Body *up, const Ast *decl, Scope *closure, const char *prefix,
                const char *path);
void body_declare(Body *b); /* the names of its statements; opens its populations */
/* May a name be declared? False: reported. */
bool body_name_is_free(Body *b, const char *name, Where at);
void body_attach(Body *b); /* equations, connections and events, populations included */
Entry *body_find(const Body *b, const char *name);
/* "did you mean" among the names of one kind (ENTRY_KINDS: any). */
const char *body_near(const Body *b, const char *name, EntryKind kind);
Diag *body_report(Body *b, DiagCode code, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
Entry *entry_add(Body *b, EntryKind kind, const char *name, Where at, const Ast *item);

/* ---- network_loops.c: between one unit and all ---- */

Value *body_unit(const Body *b, Value *whole); /* takes all loops apart */
Value *body_stacked(const Body *b, Value *v);  /* stacks the body's own loop */
NodeId body_whole(const Body *b, NodeId unit); /* stacks all loops */
Value *body_given(const Body *b, Value *v);    /* one element of the body's own loop */
Shape body_shape(const Body *b, Shape unit);   /* with all loops in front */
/* A distribution drawn for all units at once: constant, or at the places of random streams. */
Value *body_draw(Body *b, Value *dist, Shape unit, const char *name, Where at);
Value *body_draw_at(Body *b, Value *dist, Shape unit, const char *name, NodeId step, NodeId trial,
                    NodeId update, Where at);
/* The numbers of a value that may be traced but depends on no input; NULL: reported. */
const Tensor *body_fixed(Body *b, Value *v, Where at, const char *what);

/* ---- network_value.c: the value of each kind of entry ---- */

Value *entry_compute_inner(Ev *ev, void *entry);
Value *entry_compute_outer(Ev *ev, void *entry);
/* What replaces the declared value of `name`, or NULL. */
Value *body_set_value(const Body *b, const char *name);
/* Makes an entry's fixed value for all units an input of the graph; its value in one unit. */
Value *weight_input(Entry *e, Value *v);
void body_constant(Body *b, const char *full, Value *v); /* to be read as net.name */

/* ---- population.c ---- */

void population_open(Entry *e);    /* finds its declaration, declares the names in it */
bool body_ready(Body *b);          /* arguments and loop; false: reported */
Value *population_value(Entry *e); /* a record of the outer values */
const char *draw_path(Ev *ev, const char *path, uint64_t seed);

/* ---- connect.c ---- */

void connect_attach(Body *b, const Line *line); /* AST_CONNECT, AST_ADD */
Value *connect_sum(Entry *input);               /* all that feeds it, [units, ...] */
Value *link_value(Entry *e);                    /* the weights as the body sees them */
Entry *body_first_output(const Body *b);        /* NULL: it has none */

/* ---- event.c, delay.c ---- */

void event_attach(Body *b, const Line *line); /* marks the states that it sets */
void event_finish(Body *b, const Line *line); /* writes it into the system */
Value *delay_make(Body *b, Value *x, Value *d, Value *history, Where at);
/* x[col[k]] a time d[k] ago, for the entries k of a sparse matrix. */
Value *delay_entries(Body *b, Value *x, const SparsePattern *p, Value *d, Where at);

/* ---- network_parameter.c ---- */

/* Puts the parameter's input in the place of the placeholder, in all arguments and set values. */
void parameter_adopt(Tracer *tr);
bool parameter_sets(const Tracer *tr, const Value *v); /* does v depend on it, and on no more? */

/* ---- network_finish.c ---- */

bool network_trace(Ev *ev, Network *net); /* sets net->system; false: reported */

#endif
