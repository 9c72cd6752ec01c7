/* setup.h: what every verb that runs a network does first: it traces the network, chooses the
   method and reads times in the network's kind of time. */
#ifndef DYN_VERB_SETUP_H
#define DYN_VERB_SETUP_H

#include "lang/builtin.h"
#include "model/system.h"
#include "num/ode.h"

typedef struct Setup {
  Ev *ev;
  Call *c;
  const char *verb;
  Value *net;
  System *sys;           /* a copy of the network's, to which inputs are bound */
  const Stepper *method; /* NULL: a map */
  bool fixed;            /* goes in steps of dt: a map too */
  double dt;             /* of a map: 1; 0: not given */
  bool dt_known;         /* false in rehearsal, when it comes out of a verb */
  double task_dt;        /* of a step, in the time of tasks: of a map what `dt` says, or 1 */
  TimeKind task_time;
  double rtol, atol;
  uint64_t seed;
  bool holds_input; /* the verb takes constants only */
} Setup;

/* Where the arguments stand in the verb's signature. */
typedef struct SetupArgs {
  int net, method, dt, seed;
  bool all; /* the verb runs networks with delays, and events that end the run */
} SetupArgs;

/* False: reported, or in rehearsal not known well enough. */
bool setup_run(Ev *ev, Call *c, const SetupArgs *at, Setup *out);

/* Before setup_run, for verbs that go in steps: where no method is given, it is that of a trained
   network, else `euler` (`euler_maruyama`). */
void setup_prefer_steps(Ev *ev, Call *c, const SetupArgs *at);

/* Argument i as a time of the network (a map: steps). False: reported. */
bool setup_time(const Setup *s, int i, double *x, bool *known);
bool setup_time_value(const Setup *s, Value *v, Where at, const char *what, double *x, bool *known);
Dim setup_time_dim(const Setup *s);
Dim setup_task_dim(const Setup *s);                    /* of the time of tasks */
const char *setup_time_text(const Setup *s, double t); /* "0.12 s", "40 steps" */
const char *setup_when(const Setup *s, double t);      /* "t = 0.12 s", "step 40" */

/* `length` in steps of dt; -1: reported. `what` is what messages call it. */
int64_t setup_steps(const Setup *s, double length, Where at, const char *what);

/* What a function of the user makes of its arguments, nodes of g. NULL: reported with `code`, as it
   has no derivative. */
Value *setup_traced(const Setup *s, Graph *g, Value *fn, Value *const *args, int n, Where at,
                    const char *what, DiagCode code);

/* E06xx at a place; the run of the verb is noted. */
Diag *setup_report(const Setup *s, DiagCode code, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
