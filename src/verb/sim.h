/* sim.h: one run of a network, as simulate makes it: what its files share. Fixed-step methods and
   maps run all trials as one batch (sim_fixed.c); adaptive ones run them one after the other, so
   that no trial's steps depend on another's (sim_adaptive.c). */
#ifndef DYN_VERB_SIM_H
#define DYN_VERB_SIM_H

#include "run/run.h"
#include "verb/input.h"
#include "verb/record.h"

/* One time that an event happened. */
typedef struct SimEntry {
  double t;
  int64_t trial, unit;
} SimEntry;

/* What is recorded of one event. */
typedef struct SimEvent {
  const char *name;
  int index; /* among those of the system */
  int64_t units;
  double *fired; /* of the steps of one scan: [steps, lanes, units] */
  VEC(SimEntry) entries;
} SimEvent;

typedef struct Sim {
  Setup s;
  RunInputs in;
  double length;             /* of the run, in the network's time */
  bool length_known;         /* false in rehearsal, when it comes out of a verb */
  int64_t steps;             /* fixed-step methods and maps */
  int halvings;              /* from the steps of the noise's path to those of the run */
  int64_t stride;            /* steps from one recorded row to the next */
  double every;              /* time from one recorded row to the next */
  int64_t rows;              /* recorded, the start included; -1: not known yet */
  bool spare;                /* the last of them is for where an event may end the run */
  int64_t trials;            /* RECORD_NO_AXIS: no trials */
  Quantities recorded, last; /* last: what `.final` holds */
  VEC(SimEvent) events;      /* those that are recorded */
  double **x;                /* a state's values, of all trials in turn: the start, then the end */
  struct SimRows *rec;       /* what is recorded: sim_rows.h */
  double **final;            /* the quantities of `last`, [trials, ...] */
  double *stopped; /* of each trial: when an event ended it, NaN: none did; NULL: none can */
  int64_t lane;    /* adaptive methods: the trial being run */
  double nudge;    /* the start is changed by it, relatively */
  struct SimDelays *delays; /* of networks with delays: sim_delay.h */
  OdeStats stats;           /* of adaptive methods, of all trials */
  Arena *arena;             /* of this run: graphs, programs and buffers */
  Arena *home;              /* of what it records in memory */
} Sim;

int64_t sim_lanes(const Sim *m); /* trials, or 1 */
/* May an event end the record? Where there are trials their rows go on. */
bool sim_may_be_short(const Sim *m);

/* sim_start.c: the start of every state. False: reported. */
bool sim_start_shapes(Sim *m, Value *init, Where at); /* checks `init`; may set m->trials */
bool sim_start(Sim *m, Value *init, Where at);

/* sim_event.c: recorded events. */
void sim_choose_events(Sim *m, const Value *names);
void sim_open_events(Sim *m, int64_t steps); /* in one piece */
void sim_take_events(Sim *m, int64_t first, int64_t steps);
/* Adds entries for the ones in `fired` [units] of an event of the system, if it is recorded. */
void sim_add_events(Sim *m, int event, double t, const double *fired);
Value *sim_event_value(Sim *m, const SimEvent *e, bool known);

enum { SIM_CHECK_EVERY = 256 }; /* steps between two looks for numbers that are not finite */

/* False: reported. */
bool sim_fixed(Sim *m);
bool sim_adaptive(Sim *m);

/* sim_program.c: programs over the inputs of system_fn. */
typedef struct SimProgram {
  Program *p;
  const void **in; /* in the order of system_fn, at the values of the run so far */
  int nin;
  double t, step, *trial, update;
} SimProgram;

/* Plans quantities as a function of the state, for all lanes at once (batch) or for one. */
SimProgram *sim_program(Sim *m, const NodeId *outs, int nouts, bool batch, bool draw);
/* A program of a function whose first inputs are those of system_fn. */
SimProgram *sim_plan(Sim *m, const GraphFn *f, int64_t lanes);
/* The same of a program that is planned already, with places for its first nin inputs. */
SimProgram *sim_around(Sim *m, Program *program, int nin, int64_t lanes);
void sim_bind_states(const Sim *m, SimProgram *p, double *const *x);
void sim_bind_inputs(const Sim *m, SimProgram *p, int64_t step, double t);
/* sim_delay.c. The delayed values that stand now, from a lane on. */
void sim_bind_delays(const Sim *m, SimProgram *p, int64_t lane);
int sim_first_delay(const Sim *m);                             /* among the inputs of system_fn */
void sim_bind_lane(const Sim *m, SimProgram *p, int64_t lane); /* those of a trial further on */
/* Marks the inputs of system_fn that differ between trials. */
bool *sim_batched(const Sim *m, int nin);
GraphFn *sim_batch(Sim *m, GraphFn *f);
NodeId *sim_nodes(Sim *m, const Quantities *q);

/* sim_jacobian.c: the derivative of the vector field by the flat state vector [n, n] and by time
   [n], from the graph. */
typedef struct SimJacobian SimJacobian;
SimJacobian *sim_jacobian(Sim *m);
Status sim_jacobian_at(Sim *m, SimJacobian *j, double t, double *const *x, double *dfdy,
                       double *dfdt);
void sim_jacobian_inputs(const Sim *m, SimJacobian *j, double t);

/* sim_fail.c: tells why a run ended, at the equation of the quantity that went wrong. */
/* Binds a program of one trial to its values at t, of those in x. */
void sim_at_lane(Sim *m, SimProgram *p, double t, int64_t lane, double *const *x);
/* sim_blame.c: what made the derivative of an element not finite: an operation, or a constant of
   the network that is not finite itself. */
typedef struct SimBlame {
  Where at;
  bool constant;
  const char *text; /* NULL: not known */
} SimBlame;
SimBlame sim_blame(Sim *m, double t, int64_t lane, double *const *x, int state, int64_t unit);
void sim_failed(Sim *m, Status st, double t, int64_t lane, double *const *x);

/* sim_jump.c: does the vector field jump at the state of a trial, and which derivative most? */
typedef struct SimJump {
  int state;
  int64_t unit;
  double before, after; /* on the two sides */
} SimJump;
bool sim_jumps(Sim *m, double t, int64_t lane, double *const *x, SimJump *jump);

/* sim_pace.c: the rate of the fastest motion at the start (0: not known), and the state that takes
   part in it most; a warning of fixed steps that are long against it. */
typedef struct SimPace {
  double rate;
  int state;
} SimPace;
SimPace sim_pace(Sim *m);
void sim_check_pace(Sim *m, SimPace pace);
void sim_note_run(const Sim *m, Diag *d); /* sim_fail.c: which run it is; d may be NULL */
/* sim_sound.c: warns of recorded outputs that are not finite. */
void sim_check_outputs(Sim *m);

/* simulate.c: the arguments, and the run (in m->arena). False: reported. */
bool sim_read(Sim *m, Ev *ev, Call *c);
bool sim_run(Sim *m);

/* sim_converge.c: repeats a run more finely and compares what was recorded (Ev.converged). */
void sim_converge(Sim *m);

/* Progress and cancelling: false: the user interrupted. */
bool sim_tick(Sim *m, double done);

#endif
